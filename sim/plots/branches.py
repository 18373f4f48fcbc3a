"""Figure of all branches side by side: what was asked in each, as dots with intervals."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.output.formatting import sentence
from sim.output.intervals import wilson
from sim.output.result import ResultData
from sim.output.subjects import branch_title, client, main_branch, quoted
from sim.plots import record
from sim.plots.asked import Asked, asked
from sim.plots.labels import guide, percent_ticks, provenance, rung_ticks, unit_ticks
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.postures import asked_by
from sim.plots.style import (
    ACCENT,
    INK,
    MARGIN,
    MUTED,
    SECOND,
    SMALL_SIZE,
    TICK_SIZE,
    Sheet,
    styled,
)

PANELS: Final = 2
"""Most metrics that are drawn side by side."""

_ROW = 0.3
_TALL = 0.42
_NAMES = 2.0
_GUTTER = 0.25
_NARROW = 5.0
_DOT: Final[dict[str, Any]] = {
    "marker": "o",
    "markersize": 5,
    "markeredgecolor": "white",
    "markeredgewidth": 0.6,
}
_HAPPENED: Final[dict[str, Any]] = {"color": INK, "linewidth": 1.3, "linestyle": (0, (1, 1))}

Runs = NDArray[np.float64]
"""One number a replicate."""


def branches(
    result: ResultData, state: str | None = None, *, metrics: Sequence[str] = (), by: date | None = None
) -> Sheet:
    """Draw the metrics of a result for each branch: chances with their intervals, numbers with their ranges.

    Parameters
    ----------
    result : ResultData
        The result.
    state : str, optional
        Member; its chance of freeze and its trust are drawn where nothing that was asked is about it.
    metrics : sequence of str
        Metric expressions; default: the two that the result was asked first, else the chance of freeze and trust.
    by : date, optional
        The day for the chance of freeze and for trust; default: the end of 2024, else the end of the run.

    Examples
    --------
    >>> result.plot.branches(metrics=["ARM.trust[RUS]@2023-12"])  # doctest: +SKIP
    """
    shown = _shown(result, state, metrics, by)[:PANELS]
    with styled():
        order = _ordered(shown[0])
        page = FigurePage(_title(shown[0]), _note(shown))
        happened = [_happened(question) for question in shown]
        _key(page, shown, happened=any(value is not None for value in happened))
        for part in [shown] if page.width > _NARROW else [[question] for question in shown]:
            _panels(page, part, order)
        sources = "model runs; all branches on the same random draws"
        if any(value is not None for value in happened):
            sources += f"; {record.source_of_postures(result.scenario)}"
        measured = "; ".join(question.text for question in shown)
        return page.finish(*provenance(result, sources), f"Measured: {measured}")


def _shown(result: ResultData, state: str | None, metrics: Sequence[str], by: date | None) -> tuple[Asked, ...]:
    """Return the metrics to draw: those given or asked, or the chance of freeze and trust of a member."""
    if metrics:
        return asked(result, metrics)
    questions = () if by is not None else asked(result)
    if state is not None:
        questions = tuple(question for question in questions if question.member == state)
    member = client(result, state, main_branch(result))
    if questions and (len(questions) > 1 or questions[0].member is None):
        return questions
    day = questions[0].day if questions and questions[0].day else asked_by(result, by)
    trust = Asked(result, f"{member}.trust[{result.guarantor}]@{day:%Y-%m}")
    return (*(questions or (Asked(result, f"first({member}.posture >= freeze) <= {day:%Y-%m}"),)), trust)


def _ordered(question: Asked) -> list[str]:
    """Return the branches from the highest value to the lowest; those without one come last."""
    values = {branch: question.middle(branch) for branch in question.result.branches}
    return sorted(values, key=lambda branch: (np.isnan(values[branch]), -values[branch]))


def _title(question: Asked) -> str:
    """Return the metric in words with the lowest and the highest value, and the branches that have them."""
    order = _ordered(question)
    words = sentence(question.words)
    values = {branch: question.value(branch)[0] for branch in order}
    low, high = order[-1], order[0]
    if values[low] == values[high]:
        return f"{words}: {values[low]}" + (" in every branch" if len(order) > 1 else "")
    return (
        f"{words}: {values[low]} ({_among(question, values, low)}) to {values[high]} ({_among(question, values, high)})"
    )


def _among(question: Asked, values: dict[str, str], branch: str) -> str:
    """Return a branch's title, and how many other branches have its value."""
    others = sum(value == values[branch] for value in values.values()) - 1
    return quoted(question.result, branch) + (f" and {others} more" if others else "")


def _note(shown: Sequence[Asked]) -> str:
    kinds = {question.kind for question in shown}
    said = []
    if "chance" in kinds:
        said.append("Chance: share of runs, and its 90 % interval.")
    if kinds - {"chance"}:
        among = " in which it happens" if "date" in kinds else ""
        said.append(f"Median over runs{among}, with the range of half (thick) and of 90 % (thin) of them.")
    return " ".join(said)


def _key(page: FigurePage, shown: Sequence[Asked], *, happened: bool) -> None:
    handles: list[Artist] = []
    names = []
    if any(question.kind == "chance" for question in shown):
        handles.append(Line2D([], [], color=ACCENT, linewidth=1.4, **_DOT))
        names.append("chance")
    if any(question.kind != "chance" for question in shown):
        handles.append(Line2D([], [], color=SECOND, linewidth=3.0, alpha=0.8, **_DOT))
        names.append("median")
    if happened:
        handles.append(Line2D([], [], **_HAPPENED))
        names.append("what happened")
    page.key(handles, names)


def _happened(question: Asked) -> float | None:
    """Return the record of a metric on the day that it asks about; None where there is none."""
    observed = question.happened()
    if observed is None or question.day not in observed[0]:
        return None
    return float(observed[1][observed[0].index(question.day)])


def _panels(page: FigurePage, shown: Sequence[Asked], order: Sequence[str]) -> None:
    """Draw one row for each branch, and one panel for each metric, with its values in figures."""
    result = shown[0].result
    most = min(_NAMES, 0.3 * page.width)
    names = [wrap(branch_title(result, branch), most, TICK_SIZE, lines=2) for branch in order]
    left = MARGIN + 0.12 + max(text_width(line, TICK_SIZE) for name in names for line in name.split("\n"))
    texts = [[_figures(question, branch) for branch in order] for question in shown]
    rooms = [max(text_width(line, SMALL_SIZE) for text in column for line in text) + 0.12 for column in texts]
    width = (page.right - left - sum(rooms) - _GUTTER * (len(shown) - 1)) / len(shown)
    row_height = _TALL if any(len(text) > 1 for column in texts for text in column) else _ROW
    height = row_height * len(order) + 0.1
    labels = [
        wrap(question.words, width + room - 0.1, SMALL_SIZE, lines=4)
        for question, room in zip(shown, rooms, strict=True)
    ]
    for panel, (question, column, room) in enumerate(zip(shown, texts, rooms, strict=True)):
        axes = page.axes(height, left, left + width)
        for row, branch in enumerate(order):
            _row(axes, row, question, branch)
            middle = page.top + height * (row + 0.5) / len(order)
            for number, line in enumerate(column[row]):
                page.write(
                    line, left + width + room, middle + (number - (len(column[row]) - 1) / 2) * 0.125,
                    size=SMALL_SIZE, ha="right", va="center_baseline", colour=MUTED,
                )  # fmt: skip
        _dress(axes, len(order), question, width)
        axes.set_xlabel(labels[panel], size=SMALL_SIZE)
        if not panel:
            axes.set_yticks(range(len(order)), names)
        left += width + room + _GUTTER
    page.below(height + 0.33 + 0.13 * max(label.count("\n") + 1 for label in labels))


def _figures(question: Asked, branch: str) -> list[str]:
    """Return the value of a metric in a branch and its interval or range, in one line, or in two if it is long."""
    value, ends = question.value(branch)
    if not ends:
        return [value]
    return [value, f"({ends})"] if question.kind == "date" else [f"{value} ({ends})"]


def _row(axes: Axes, row: int, question: Asked, branch: str) -> None:
    values = question.result.values(branch, question.text)
    known = values[~np.isnan(values)]
    if known.size == 0:
        return
    if question.kind == "chance":
        axes.plot(wilson(float(known.sum()), known.size), [row, row], color=ACCENT, linewidth=1.4)
        axes.plot(float(known.mean()), row, color=ACCENT, clip_on=False, zorder=4, **_DOT)
        return
    if question.kind == "date":
        known = known - date(1970, 1, 1).toordinal()
    low, first, middle, third, high = np.quantile(known, [0.05, 0.25, 0.5, 0.75, 0.95])
    axes.plot([low, high], [row, row], color=SECOND, linewidth=0.9)
    axes.plot([first, third], [row, row], color=SECOND, linewidth=3.0, alpha=0.55)
    axes.plot(middle, row, color=SECOND, clip_on=False, zorder=4, **_DOT)


def _dress(axes: Axes, rows: int, question: Asked, width: float) -> None:
    for row in range(rows):
        guide(axes, row)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    happened = _happened(question)
    if happened is not None:
        axes.axvline(happened, ymin=0, ymax=1, zorder=0.8, clip_on=False, label="what happened", **_HAPPENED)
    if question.kind == "chance":
        axes.set_xlim(0, 1)
        percent_ticks(axes.xaxis, room=width)
    elif question.kind == "date":
        days = question.result.days
        axes.set_xlim(*((day - date(1970, 1, 1)).days for day in (days[0], days[-1])))
        years = sorted({day.year for day in days[1:]})
        step = -(-len(years) // 5)
        axes.set_xticks(
            [(date(year, 1, 1) - date(1970, 1, 1)).days for year in years[::step]],
            [str(year) for year in years[::step]],
        )
    elif question.metric.path.variable == "posture":
        rung_ticks(axes.xaxis)
    elif question.whole:
        axes.set_xlim(0, 1)
        unit_ticks(axes.xaxis)
