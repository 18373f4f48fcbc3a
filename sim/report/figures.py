"""The figures of a report, drawn by `sim.plots`."""

from collections.abc import Iterator
from functools import partial

from sim.model.variables import RUNG_VARIABLES
from sim.plots.gallery import draw, lacking
from sim.report.blocks import Figure
from sim.report.provenance import figure_source
from sim.report.question import ReportQuestion
from sim.report.result_sections import difference_figure

MAIN = "postures"
"""The figure that stands with an answer about postures."""


def main_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the main figure, of the metric asked: the member's posture over time, or the difference of another metric.

    Of other metrics, a single branch has the figure of trust, if trust is asked, and else that of postures.
    """
    variable = question.headline.path.variable
    if variable not in RUNG_VARIABLES:
        if question.b is not None:
            return difference_figure(question)
        if variable == "trust":
            return tuple(_trust(question, question.a))
    return posture_figure(question)


def posture_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the figure of the member's postures over time; empty if there is none."""
    if question.member is None or lacking(question.result, MAIN):
        return ()
    branches = None if question.b is None else question.branches
    options = {"state": question.member, "branches": branches, "by": question.by}
    caption = "Shares of runs on each rung of the ladder over time, beside the record."
    return (Figure(MAIN, caption, partial(draw, question.result, MAIN, **options), figure_source(question.result)),)


def printed_figures(question: ReportQuestion) -> Iterator[Figure]:
    """Yield the figures that stand in print as well: trust in the branch asked from, and all branches side by side."""
    result, member = question.result, question.member
    if len(result.branches) > 1:
        caption = "Every branch of the result: trust, and the chance of freeze or beyond."
        yield from _of(question, "branches", "branches", caption, state=member, by=question.by)
    yield from _trust(question, question.a)


def further_figures(question: ReportQuestion) -> Iterator[Figure]:
    """Yield all other figures that can be drawn from the result."""
    member = question.member
    if question.b is not None:
        yield from _trust(question, question.b)
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
