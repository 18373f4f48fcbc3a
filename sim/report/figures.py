"""The figures of a report, drawn by `sim.plots`."""

from collections.abc import Iterator
from functools import partial

from sim.output.formatting import sentence
from sim.plots.asked import Asked
from sim.plots.gallery import draw, lacking
from sim.plots.metric import unrecorded
from sim.report.blocks import Figure
from sim.report.provenance import figure_source
from sim.report.question import ReportQuestion

MAIN = "postures"
"""The figure that stands with an answer about the rungs that a member reaches."""


def main_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the figure that stands with the answer: the postures of the member, or the metric asked about.

    A metric that is not recorded by date has none.
    """
    about = Asked(question.result, question.metrics[0])
    if about.rung is not None and about.member is not None:
        return posture_figure(question)
    if unrecorded(about):
        return ()
    where = question.within(question.a) if question.b is None else " in the two branches compared"
    caption = f"{sentence(about.course)} over time{where}."
    drawn = partial(draw, question.result, "metric", about.text, branches=question.branches)
    return (Figure("metric", caption, drawn, figure_source(question.result)),)


def posture_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the figure of the member's postures over time; empty if there is none."""
    branches = None if question.b is None else question.branches
    options = {"state": question.member, "branches": branches, "metrics": question.metrics}
    return tuple(
        _of(question, MAIN, MAIN, "Shares of runs on each rung of the ladder over time, beside the record.", **options)
    )


def printed_figures(question: ReportQuestion) -> Iterator[Figure]:
    """Yield the figures that stand in print as well: all branches side by side, and trust in the branch asked from."""
    caption = "Every branch of the result: what was asked, as chances, medians and ranges."
    yield from _of(question, "branches", "branches", caption, metrics=question.metrics)
    yield from _trust(question, question.a)


def further_figures(question: ReportQuestion) -> Iterator[Figure]:
    """Yield all other figures that can be drawn from the result."""
    member = question.member
    if question.b is not None:
        yield from _trust(question, question.b)
    caption = f"The alliance on a map, at the end of the record{question.within(question.a)}: trust, promises, help."
    yield from _of(question, "map", "map", caption, branch=question.a)
    caption = f"What moved trust in one run{question.within(question.a)}: each event's share, and forgetting."
    yield from _of(question, "moved", "moved", caption, state=member, branch=question.a)
    caption = f"Publics beside polls{question.within(question.a)}."
    yield from _of(question, "publics", "publics", caption, state=member, branch=question.a)
    last = question.branches[-1]
    caption = f"Answers of allies to each attack and crisis{question.within(last)}: shares of runs; framed: on record."
    yield from _of(question, "calls", "calls", caption, branch=last)


def _trust(question: ReportQuestion, branch: str) -> Iterator[Figure]:
    caption = f"Trust in the guarantor over time{question.within(branch)}; numbers are events."
    yield from _of(question, "trust", f"trust-{branch}", caption, state=question.member, branch=branch)


def _of(question: ReportQuestion, kind: str, name: str, caption: str, **options: object) -> Iterator[Figure]:
    if not lacking(question.result, kind):
        yield Figure(name, caption, partial(draw, question.result, kind, **options), figure_source(question.result))
