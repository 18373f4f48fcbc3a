"""Figure of a metric: its time series in each branch, its value on the day asked about, and what happened."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.errors import InputError
from sim.output.formatting import month, sentence
from sim.output.result import ResultData
from sim.output.subjects import branch_title, main_branch, quoted
from sim.plots import record
from sim.plots.asked import Asked, asked
from sim.plots.event_markers import draw_list, draw_strip, key_events
from sim.plots.labels import (
    days_on_axis,
    on_axis,
    percent_ticks,
    provenance,
    rung_ticks,
    shade_unrecorded,
    spread,
    time_axis,
    unit_ticks,
    unrecorded_key,
)
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.style import HALO, INK, REST, SMALL_SIZE, Sheet, branch_line, styled

MOST: Final = 6
"""Most branches that are drawn; `branches` has them all."""

_LEFT = 0.72
_HEIGHT = 2.9
_TAG = 1.55
_HAPPENED: Final[dict[str, Any]] = {"color": INK, "linewidth": 1.3, "linestyle": (0, (1, 1))}


def metric(
    result: ResultData, metric: str | None = None, *, branches: Sequence[str] | None = None, events: int = 8
) -> Sheet:
    """Draw a metric over time in each branch, with its value on the day asked about and what happened.

    Numbers are medians and dates the share of runs in which the date has come. Bands are 90 % intervals from the
    number of runs, not the spread of the runs.

    Parameters
    ----------
    result : ResultData
        The result.
    metric : str, optional
        Metric expression; default: the first that the result was asked which is true or false, else the first.
    branches : sequence of str, optional
        Branches; default: the first six, ``as-happened`` before the others.
    events : int
        Most event markers under the chart.

    Examples
    --------
    >>> result.plot.metric("ARM.trust[RUS]@2023-12")  # doctest: +SKIP
    """
    question = headline(result, metric)
    chosen = _chosen(result, branches)
    happened = question.happened()
    with styled():
        page = FigurePage(_title(question, chosen), _note(question, chosen))
        _key(page, question, happened=happened is not None)
        _chart(page, question, chosen, events)
        sources = "model runs; events and their dates as the scenario file gives them"
        if happened is not None:
            sources += f"; {record.source_of_postures(result.scenario)}"
        return page.finish(*provenance(result, sources), f"Measured: {question.text}")


def headline(result: ResultData, metric: str | None) -> Asked:
    """Return the metric that is given, or the one that answers the question of a result."""
    questions = asked(result, () if metric is None else (metric,))
    if not questions:
        raise InputError(no_metric(result))
    return questions[0]


def no_metric(result: ResultData) -> str:
    """Return the reason why a result lacks this figure, or an empty text if it can be drawn."""
    questions = asked(result)
    return unrecorded(questions[0]) if questions else "neither the scenario nor the run asks for a metric"


def unrecorded(question: Asked) -> str:
    """Return why a metric has no time series in its result; empty if it has one."""
    try:
        question.result.series(question.result.branches[0], question.metric.path)
    except InputError as error:
        return str(error)
    return ""


def _chosen(result: ResultData, branches: Sequence[str] | None) -> tuple[str, ...]:
    if branches:
        return tuple(main_branch(result, branch) for branch in branches)
    first = main_branch(result)
    return (first, *(branch for branch in result.branches if branch != first))[:MOST]


def _title(question: Asked, branches: Sequence[str]) -> str:
    """Return the metric in words with its values: of the branch, of both, or of the lowest and the highest."""
    known = {branch: question.middle(branch) for branch in branches}
    ends = branches
    if len(branches) > 2 and not any(np.isnan(value) for value in known.values()):
        ends = [min(branches, key=known.__getitem__), max(branches, key=known.__getitem__)]
    values = {branch: question.value(branch)[0] for branch in ends}
    words = sentence(question.words)
    if len(set(values.values())) == 1:
        where = "" if len(branches) == 1 else " in both branches" if len(branches) == 2 else " in each branch"
        return f"{words}: {next(iter(values.values()))}{where}"
    named = [f"{value} ({quoted(question.result, branch)})" for branch, value in values.items()]
    return f"{words}: {named[0]}, {named[1]}" if len(branches) == 2 else f"{words}: {named[0]} to {named[-1]}"


def _note(question: Asked, branches: Sequence[str]) -> str:
    result = question.result
    what = "Share of runs" if question.chance else "Median over runs"
    spread = "its 90 % interval" if question.kind == "chance" else "the range of 90 % of the runs"
    left = len(result.branches) - len(branches)
    more = f" {left} more branch{'es are' if left > 1 else ' is'} in the figure of branches." if left else ""
    return (
        f"{what} over time; bands: its 90 % interval, from {result.replicates} runs of each branch. Beside the names: "
        f"{'the dots' if question.day else 'the median month'}, in brackets {spread}.{more}"
    )


def _key(page: FigurePage, question: Asked, *, happened: bool) -> None:
    handles: list[Artist] = [Patch(facecolor=branch_line(0)[0], alpha=0.2, linewidth=0)]
    names = ["90 % interval"]
    if happened:
        handles.append(Line2D([], [], **_HAPPENED))
        names.append("what happened")
    shaded, shading = unrecorded_key(question.result)
    page.key([*handles, *shaded], [*names, *shading])


def _chart(page: FigurePage, question: Asked, branches: Sequence[str], events: int) -> None:
    result = question.result
    tags = [_tag(question, branch, min(_TAG, 0.3 * page.width)) for branch in branches]
    right = page.right - 0.25 - max(text_width(line, SMALL_SIZE) for tag in tags for line in tag.split("\n"))
    axes = page.axes(_HEIGHT, _LEFT, right)
    days = days_on_axis(result)
    ends = []
    for number, branch in enumerate(branches):
        colour, dashes = branch_line(number)
        middle, low, high = question.over_time(branch)
        axes.fill_between(days, low, high, color=colour, alpha=0.18, linewidth=0, zorder=2, label=f"{branch} 90 %")
        axes.plot(days, middle, color=colour, linestyle=dashes, linewidth=1.7, zorder=4 - 0.1 * number, label=branch)
        ends.append(float(middle[-1]))
        if question.day is not None:
            at = middle[result.days.index(question.day)]
            axes.plot(
                on_axis(question.day), at, color=colour, marker="o", markersize=5, zorder=5 - 0.1 * number,
                path_effects=HALO, clip_on=False, label=f"{branch} asked",
            )  # fmt: skip
    happened = question.happened()
    if happened is not None:
        axes.plot(
            [on_axis(day) for day in happened[0]], happened[1], drawstyle="steps-post", zorder=3,
            label="what happened", **_HAPPENED,
        )  # fmt: skip
    shade_unrecorded(axes, result)
    bottom, top = _dress(axes, question)
    room = time_axis(axes, result.days[0], result.days[-1], right - _LEFT)
    _tags(page, tags, [(end - bottom) / (top - bottom) for end in ends], right)
    page.below(_HEIGHT + room)
    markers = key_events(result, branches[0], question.member or result.guarantor, events)
    draw_strip(page, axes, markers, _LEFT, right)
    draw_list(page, markers)


def _dress(axes: Axes, question: Asked) -> tuple[float, float]:
    """Set the range, ticks and label of the vertical axis, and return its ends."""
    axes.set_ylabel("share of runs" if question.chance else "median")
    if question.chance:
        axes.set_ylim(0, 1)
        percent_ticks(axes.yaxis)
    elif question.metric.path.variable == "posture":
        rung_ticks(axes.yaxis)
    elif question.whole:
        axes.set_ylim(0, 1)
        unit_ticks(axes.yaxis)
    else:
        axes.margins(y=0.08)
    low, high = axes.get_ylim()
    return low, high


def _tag(question: Asked, branch: str, room: float) -> str:
    """Return the name of a branch, and its value with the month that it is of."""
    value, ends = question.value(branch)
    name = wrap(branch_title(question.result, branch), room, SMALL_SIZE, lines=2)
    when = f"{month(question.day)}: " if question.day is not None else ""
    return f"{name}\n{wrap(f'{when}{value} ({ends})' if ends else f'{when}{value}', room, SMALL_SIZE)}"


def _tags(page: FigurePage, tags: Sequence[str], levels: Sequence[float], right: float) -> None:
    """Write the name and value of each branch at the right end of its line, without overlap."""
    pitch = 0.13
    tallest = max(tag.count("\n") + 1 for tag in tags) * pitch + 0.05
    exact = [page.top + (1 - (0.0 if np.isnan(level) else level)) * _HEIGHT for level in levels]
    placed = spread(exact, tallest, page.top + tallest / 2, page.top + _HEIGHT + 0.3)
    for row, (tag, y, label) in enumerate(zip(tags, exact, placed, strict=True)):
        colour, dashes = branch_line(row)
        for xs, ys, look in (
            ((right, right + 0.02, right + 0.08), (-y, -y, -label), {"color": REST, "linewidth": 0.4, "gid": "leader"}),
            ((right + 0.08, right + 0.2), (-label, -label), {"color": colour, "linestyle": dashes, "linewidth": 1.7}),
        ):
            page.figure.add_artist(Line2D(xs, ys, transform=page.inches, **look))
        lines = tag.split("\n")
        for number, line in enumerate(lines):
            at = label + (number - (len(lines) - 1) / 2) * pitch
            page.write(line, right + 0.25, at, size=SMALL_SIZE, va="center_baseline")
