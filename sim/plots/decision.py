"""Figures of one decision: the utility terms of each alternative, and the changes of trust behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.output.formatting import signed_number
from sim.plots.caption import Caption, name_column
from sim.plots.event_markers import Marker, draw_list, draw_strip
from sim.plots.labels import on_axis, time_axis, unit_ticks
from sim.plots.page import FigurePage, text_width
from sim.plots.style import (
    ACCENT,
    FAINT,
    HATCH,
    INK,
    LABEL_SIZE,
    MARGIN,
    MEMBER_COLOURS,
    MUTED,
    REST,
    SECOND,
    TICK_SIZE,
    Sheet,
    styled,
)

TERM_COLOURS: Final = (ACCENT, *MEMBER_COLOURS)
SUMS: Final[Mapping[str, dict[str, Any]]] = {
    "pressure": {**HATCH, "edgecolor": MUTED, "linewidth": 0.5},
    "threshold": {"facecolor": REST, "linewidth": 0.0},
    "hysteresis": {"facecolor": FAINT, "linewidth": 0.0},
}
"""Looks of terms, and of terms that are themselves sums or thresholds."""

_HATCHES = ("/////", ".....")
_ROW = 0.36
_BAR = 0.62
_HEIGHT = 2.4
_LEFT = 0.62


@dataclass(frozen=True)
class Bar:
    """The data of one alternative's bar.

    Attributes
    ----------
    name : str
    terms : mapping of str to float
        By the name under which the key lists them.
    utility : float
    chance : str
        In words.
    chosen : bool
    """

    name: str
    terms: Mapping[str, float]
    utility: float
    chance: str
    chosen: bool


def term_bars(bars: Sequence[Bar], words: Mapping[str, str], caption: Caption) -> Sheet:
    """Draw the terms of each alternative as stacked bars, with positive terms to the right and negative to the left.

    Parameters
    ----------
    bars : sequence of Bar
        From top to bottom.
    words : mapping of str to str
        The meaning of each term, in the order of the key; terms that are 0 in every bar are left out.
    caption : Caption
        Words; its measure is the unit.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        drawn = {term for bar in bars for term, value in bar.terms.items() if value != 0.0}
        words = {term: said for term, said in words.items() if term in drawn}
        looks = _looks(list(words))
        handles = [Patch(**looks[term]) for term in words]
        dot = Line2D([], [], marker="D", color=INK, linewidth=0, markersize=4)
        page.key([*handles, dot], [*words.values(), "sum"], columns=1)
        names, left = name_column([f"{bar.name}{' (chosen)' if bar.chosen else ''}" for bar in bars], page.width)
        left = max(left, *(MARGIN + text_width(name, TICK_SIZE, "bold") + 0.16 for name in names))
        tags = [f"{signed_number(bar.utility)}, {bar.chance}" if bar.terms else bar.chance for bar in bars]
        right = page.right - 0.15 - max(text_width(tag, TICK_SIZE, "bold") for tag in tags)
        page.text("sum, chance", size=TICK_SIZE, left=right + 0.1, colour=MUTED)
        height = _ROW * len(bars)
        axes = page.axes(height, left, right)
        for row, bar in enumerate(bars):
            _row(axes, row, bar, looks)
            weight = "bold" if bar.chosen else "normal"
            middle = page.top + (row + 0.5) * _ROW
            page.write(tags[row], right + 0.1, middle, size=TICK_SIZE, weight=weight, va="center_baseline")
        axes.axvline(0.0, color=INK, linewidth=0.6, zorder=3)
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.set_yticks(range(len(bars)), names)
        for label, bar in zip(axes.get_yticklabels(), bars, strict=True):
            label.set_fontweight("bold" if bar.chosen else "normal")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.margins(x=0.04)
        axes.xaxis.set_major_locator(MaxNLocator(7))
        axes.set_xlabel(caption.measure)
        page.below(height + 0.5)
        return page.finish(*caption.footer)


def _looks(terms: Sequence[str]) -> dict[str, dict[str, Any]]:
    plain = [term for term in terms if term not in SUMS]
    looks: dict[str, dict[str, Any]] = {}
    for number, term in enumerate(plain):
        turn, colour = divmod(number, len(TERM_COLOURS))
        hatch = {"hatch": _HATCHES[turn - 1], "edgecolor": "white"} if turn else {}
        looks[term] = {"facecolor": TERM_COLOURS[colour], "linewidth": 0.0, **hatch}
    return {**looks, **SUMS}


def _row(axes: Axes, row: int, bar: Bar, looks: Mapping[str, dict[str, Any]]) -> None:
    ends = {True: 0.0, False: 0.0}
    for term, value in bar.terms.items():
        if value == 0.0:
            continue
        side = value > 0.0
        axes.barh(row, value, left=ends[side], height=_BAR, label=term, **looks[term])
        ends[side] += value
    if bar.terms:
        axes.plot([bar.utility], [row], marker="D", color=INK, markersize=4, zorder=4, label=f"sum of {bar.name}")


@dataclass(frozen=True)
class Pull:
    """The data of one change of trust: its date, values before and after, and description."""

    day: date
    before: float
    after: float
    text: str


def trust_moves(
    days: Sequence[date], path: Sequence[float], until: date, pulls: Sequence[Pull], caption: Caption
) -> Sheet:
    """Draw a path of trust with its largest changes, numbered in order of time.

    Parameters
    ----------
    days, path : sequence
        Trust at each date of the run.
    until : date
        The date asked about.
    pulls : sequence of Pull
        In order of time.
    caption : Caption
        Words; its measure is the axis.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        heavy: dict[str, Any] = {"linewidth": 3.2, "solid_capstyle": "butt"}
        page.key(
            [Line2D([], [], color=INK, linewidth=1.2), Line2D([], [], color=ACCENT, **heavy),
             Line2D([], [], color=SECOND, **heavy), Line2D([], [], color=MUTED, linestyle=(0, (2, 2)), linewidth=0.9)],
            ["trust in this run", "what lowered it", "what raised it", "the date asked about"],
        )  # fmt: skip
        right = page.right - 0.1
        axes = page.axes(_HEIGHT, _LEFT, right)
        axes.plot([on_axis(day) for day in days], path, color=INK, linewidth=1.2, zorder=3, label="trust")
        for pull in pulls:
            colour = ACCENT if pull.after < pull.before else SECOND
            x = on_axis(pull.day)
            axes.plot([x, x], [pull.before, pull.after], color=colour, zorder=4, label="move", **heavy)
        axes.axvline(on_axis(until), color=MUTED, linestyle=(0, (2, 2)), linewidth=0.9, zorder=1)
        axes.set_ylim(0, 1)
        unit_ticks(axes.yaxis)
        axes.set_ylabel(caption.measure, size=LABEL_SIZE)
        room = time_axis(axes, days[0], days[-1], right - _LEFT)
        page.below(_HEIGHT + room)
        markers = tuple(Marker(pull.day, str(number), pull.text) for number, pull in enumerate(pulls))
        draw_strip(page, axes, markers, _LEFT, right)
        draw_list(page, markers)
        return page.finish(*caption.footer)
