"""The figures of a report, drawn by `sim.plots`."""

from collections.abc import Iterator
from functools import partial

from sim.output.formatting import sentence
from sim.output.subjects import quoted
from sim.plots.asked import Asked
from sim.plots.gallery import draw, lacking
from sim.plots.metric import unrecorded
from sim.report.blocks import Figure
from sim.report.question import ReportQuestion


def main_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the figure that stands with the answer: the postures of the member, or the metric asked about."""
    result = question.result
    about = Asked(result, question.metrics[0])
    if about.rung is not None and question.b is not None and not lacking(result, "postures"):
        options = {"state": question.member, "branches": question.branches, "metrics": question.metrics}
        caption = (
            "Shares of runs on each rung of the ladder over time, in the two branches compared, beside the record."
        )
        return (Figure("postures", caption, partial(draw, result, "postures", **options)),)
    if unrecorded(about):
        return ()
    caption = f"{sentence(about.course)} over time, in {'each branch' if question.b else 'the branch'} asked about."
    return (Figure("metric", caption, partial(draw, result, "metric", about.text, branches=question.branches)),)


def further_figures(question: ReportQuestion) -> Iterator[Figure]:
    """Yield all other figures that can be drawn from the result."""
    result, member = question.result, question.member
    for branch in question.branches:
        caption = f"Trust in the guarantor over time in {quoted(result, branch)}; numbers are events."
        yield from _of(question, "trust", f"trust-{branch}", caption, state=member, branch=branch)
    caption = f"What moved trust in one run of {quoted(result, question.a)}: each event's share, and forgetting."
    yield from _of(question, "moved", "moved", caption, state=member, branch=question.a)
    if len(result.branches) > 1:
        caption = "Every branch of the result: what was asked, as chances, medians and ranges."
        yield from _of(question, "branches", "branches", caption, metrics=question.metrics)
    caption = f"Publics beside polls in {quoted(result, question.a)}."
    yield from _of(question, "publics", "publics", caption, state=member, branch=question.a)
    last = question.branches[-1]
    caption = (
        f"Answers of allies to each attack and crisis in {quoted(result, last)}: shares of runs; framed: on record."
    )
    yield from _of(question, "calls", "calls", caption, branch=last)


def _of(question: ReportQuestion, kind: str, name: str, caption: str, **options: object) -> Iterator[Figure]:
    if not lacking(question.result, kind):
        yield Figure(name, caption, partial(draw, question.result, kind, **options))
