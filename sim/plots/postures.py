"""Figure of a member's postures: shares of the six postures over time, in two branches side by side."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.errors import InputError
from sim.output.formatting import amount, amounts, month, percent, percents, period
from sim.output.intervals import mean_interval, wilson
from sim.output.result import ResultData
from sim.output.subjects import branch_title, client, quoted, state_name, two_branches
from sim.plots import record
from sim.plots.asked import asked as asked_of
from sim.plots.labels import days_on_axis, on_axis, percent_ticks, provenance, time_axis
from sim.plots.page import FigurePage, text_width
from sim.plots.style import (
    HALO,
    HATCH,
    INK,
    LABEL_SIZE,
    MUTED,
    NOTE_SIZE,
    POSTURE_COLOURS,
    SMALL_SIZE,
    Sheet,
    styled,
)
from sim.scenario.observed import pinned_in_words
from sim.words import FREEZE, OUT, PATRON_VARIABLES, POSTURES

ASKED = date(2024, 12, 31)
"""The default day for the chance of freeze, if the run covers it and ends no later than the record's last year."""

_LEFT = 0.72
_GUTTER = 0.3
_HEIGHT = 2.2
_STRIP = 0.16
_NOTE = 2.9
"""Width left beside a single panel for the note on the strip below it, except on a narrow page."""

_NARROW = 5.0


def postures(
    result: ResultData,
    state: str | None = None,
    *,
    branches: Sequence[str] | None = None,
    by: date | None = None,
    metrics: Sequence[str] = (),
) -> Sheet:
    """Draw the shares of a member's six postures over time in one branch or two, with the coded record.

    The chance that is printed is that of the rung and the day that the result was asked about, if it was asked about
    the member's posture, else that of ``freeze`` at the end of 2024 or of the run.

    Parameters
    ----------
    result : ResultData
        A result with one branch or more.
    state : str, optional
        Member; default: the first that the scenario's metrics name, else the one whose trust falls most.
    branches : sequence of str, optional
        Two branches; default: the main one, and the one with forces in 2022 or the next, if there is another.
    by : date, optional
        Day by which the chance of the rung is printed; default: that of the question.
    metrics : sequence of str
        Metric expressions, of which the first about the member's posture is the question; default: those of the
        scenario, else of the run.

    Examples
    --------
    >>> result.plot.postures("ARM", branches=("as-happened", "agents-decide"))  # doctest: +SKIP
    """
    alone = branches is None and len(result.branches) == 1
    pair = result.branches if alone else two_branches(result, branches)
    with styled():
        member = client(result, state, pair[0])
        name = state_name(result, member)
        rung, asked = _question(result, member, by, metrics)
        page = FigurePage(
            f"{name}'s posture in the {result.focus}, {period(result.days[0], result.days[-1])}",
            f"Share of runs with {name} on each rung of the ladder. Dashed: end of {month(asked)}.",
        )
        page.key(
            [Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4) for colour in POSTURE_COLOURS.values()],
            POSTURES,
        )
        _panels(page, result, member, pair, rung, asked)
        if not alone:
            page.text(difference_caption(result, member, pair, rung, asked), size=NOTE_SIZE)
        for line in pinned_in_words(result.scenario, pair):
            page.text(f"{line[0].upper()}{line[1:]}.", size=NOTE_SIZE)
        patrons = patrons_caption(result, member, pair)
        if patrons:
            page.text(patrons, size=NOTE_SIZE)
        sources = "model runs"
        if _spells(result, member):
            sources += f"; {record.source_of_postures(result.scenario)}"
        return page.finish(*provenance(result, sources))


def _question(result: ResultData, state: str, by: date | None, metrics: Sequence[str]) -> tuple[int, date]:
    """Return the rung and the last day of the tick that the figure prints a chance of."""
    about = next(
        (question for question in asked_of(result, metrics) if question.rung is not None and question.member == state),
        None,
    )
    rung = FREEZE if about is None or about.rung is None else about.rung
    return rung, about.day if by is None and about is not None and about.day else asked_by(result, by)


def asked_by(result: ResultData, by: date | None) -> date:
    """Return the last day of the tick that is the deadline for the chance of freeze."""
    first, last = result.days[0], result.days[-1]
    record_end = result.scenario.record_end
    day = by or (ASKED if record_end is not None and first < ASKED <= last and last.year <= record_end.year else last)
    ticks = [end for end in result.days[1:] if end <= day]
    if not ticks:
        raise InputError(f"no tick ends by {day}; allowed: {result.days[1]} to {result.days[-1]}")
    return ticks[-1]


def reached_by(result: ResultData, branch: str, state: str, rung: int, day: date) -> NDArray[np.float64]:
    """Return 1 for each replicate in which the member reached a rung or beyond by ``day``, 0 for the others."""
    ranks = result.posture.sel(branch=branch, state=state).values
    until = int(np.searchsorted(result.dates, np.datetime64(day, "D"), side="right"))
    return np.asarray((ranks[:, 1:until] >= rung).any(axis=1), dtype=np.float64)


def posture_shares(result: ResultData, branch: str, state: str) -> NDArray[np.float64]:
    """Return the share of runs at each posture and date (rung, date), among runs in which the state is a member."""
    ranks = result.posture.sel(branch=branch, state=state).values
    counts = np.stack([(ranks == rank).sum(axis=0) for rank in range(len(POSTURES))])
    members = counts.sum(axis=0)
    shares: NDArray[np.float64] = np.divide(counts, members, out=np.full(counts.shape, np.nan), where=members > 0)
    return shares


def rung_words(rung: int) -> str:
    """Return a rung and those beyond it in words."""
    return POSTURES[rung] if rung == OUT else f"{POSTURES[rung]} or beyond"


def chance_lines(result: ResultData, branch: str, state: str, rung: int, day: date) -> tuple[str, str]:
    """Return texts with the chance of a rung or beyond by a day, and the chance on that day, with intervals."""
    held = reached_by(result, branch, state, rung, day)
    by = (float(held.mean()), *wilson(float(held.sum()), held.size))
    at = result.chance(branch, state, rung, day)
    reached, there = (f"{percent(middle)} ({percents(low, high)})" for middle, low, high in (by, at))
    return f"{rung_words(rung)} by {month(day)}: {reached}", f"still or again there at that time: {there}"


def difference_caption(result: ResultData, state: str, pair: tuple[str, ...], rung: int, day: date) -> str:
    """Return a sentence on the difference of the chance of a rung between two branches, paired run by run."""
    first, second = (reached_by(result, branch, state, rung, day) for branch in pair)
    low, high, _ = mean_interval(second - first, 1.0)
    return (
        f"Chance of having reached {rung_words(rung)} by {month(day)}, {quoted(result, pair[1])} less "
        f"{quoted(result, pair[0])}: {amount(float((second - first).mean()), 'chance')} "
        f"({amounts(low, high, 'chance')}), paired over {first.size} runs on the same random draws. "
        "Intervals in brackets: 90 %."
    )


def patrons_caption(result: ResultData, state: str, pair: tuple[str, ...]) -> str:
    """Return a sentence on how often the member has turned to an outside patron at the end; empty if it never has."""
    parts = []
    for name, words in PATRON_VARIABLES.items():
        ends = [result.data[name].sel(branch=branch, state=state).isel(date=-1).values > 0 for branch in pair]
        if any(turned.any() for turned in ends):
            shares = (
                f"{percent(float(turned.mean()))} in {quoted(result, branch)}"
                for turned, branch in zip(ends, pair, strict=True)
            )
            parts.append(f"{words} {', '.join(shares)}")
    return f"At the end of the run, as shares of runs: {'; '.join(parts)}." if parts else ""


def _panels(page: FigurePage, result: ResultData, state: str, pair: tuple[str, ...], rung: int, asked: date) -> None:
    whole = page.right - _LEFT
    width = (whole - _GUTTER) / 2 if len(pair) == 2 else whole if page.width < _NARROW else whole - _NOTE
    lefts = tuple(_LEFT + panel * (width + _GUTTER) for panel in range(len(pair)))
    top = page.top
    bottoms = []
    for left, branch in zip(lefts, pair, strict=True):
        page.top = top
        page.text(branch_title(result, branch), size=LABEL_SIZE, weight="bold", left=left, right=left + width)
        reached, there = chance_lines(result, branch, state, rung, asked)
        page.text(reached, size=NOTE_SIZE, left=left, right=left + width)
        page.text(there, size=SMALL_SIZE, colour=MUTED, left=left, right=left + width)
        bottoms.append(page.top + 0.05)
    page.top = max(bottoms)
    for left, branch in zip(lefts, pair, strict=True):
        axes = page.axes(_HEIGHT, left, left + width)
        _stack(axes, result, branch, state)
        axes.axvline(on_axis(asked), color=INK, linewidth=0.8, linestyle=(0, (3, 2)), zorder=4, path_effects=HALO)
        room = time_axis(axes, result.days[0], result.days[-1], width)
        axes.set_ylim(0, 1)
        percent_ticks(axes.yaxis, labels=left == _LEFT)
        if left == _LEFT:
            axes.set_ylabel("share of runs")
    page.below(_HEIGHT + room + 0.02)
    _record(page, result, _spells(result, state), lefts[0], width)


def _stack(axes: Axes, result: ResultData, branch: str, state: str) -> None:
    days = days_on_axis(result)
    tops = np.cumsum(posture_shares(result, branch, state), axis=0)
    floor = np.zeros(len(days))
    for posture, ceiling in zip(POSTURES, tops, strict=True):
        axes.fill_between(days, floor, ceiling, step="post", color=POSTURE_COLOURS[posture], linewidth=0, label=posture)
        floor = ceiling
    if np.isnan(tops).any():
        axes.axvspan(days[0], days[-1], zorder=0, **HATCH)


def _spells(result: ResultData, state: str) -> tuple[record.Spell, ...]:
    last = result.scenario.recorded_until(result.days[-1])
    return record.observed_postures(result.scenario, result.focus, state, result.days[0], last)


def _record(page: FigurePage, result: ResultData, spells: tuple[record.Spell, ...], left: float, width: float) -> None:
    """Draw the member's recorded postures as a strip below the first panel."""
    if not spells:
        return
    first, last = result.days[0], result.days[-1]
    axes = page.axes(_STRIP, left, left + width)
    axes.set_xlim(on_axis(first), on_axis(last))
    axes.set_ylim(0, 1)
    axes.axvspan(on_axis(first), on_axis(last), zorder=0, **HATCH)
    for spell in spells:
        start, end = on_axis(spell.first), on_axis(spell.last)
        axes.broken_barh([(start, end - start)], (0, 1), facecolor=POSTURE_COLOURS[spell.posture], linewidth=0)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set(visible=True, linewidth=0.4)
    middle = page.top + _STRIP / 2
    page.aside("on record", left, middle)
    beside = left + width + _GUTTER
    note = "the rung that was observed; hatched: no record"
    if beside + text_width(note, SMALL_SIZE) < page.right:
        page.write(note, beside, middle, colour=MUTED, size=SMALL_SIZE, va="center_baseline")
        page.below(_STRIP + 0.12)
    else:
        page.below(_STRIP + 0.06)
        page.text(note, size=SMALL_SIZE, colour=MUTED, left=left)
        page.below(0.06)
