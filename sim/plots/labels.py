"""Text on figures: names of states and branches, sources, and labels placed without overlap."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, PercentFormatter
from numpy.typing import NDArray

from sim.output import formatting
from sim.output.result import ResultData
from sim.plots.style import ACCENT, FAINT, MUTED, UNKNOWN
from sim.version import __version__
from sim.words import POSTURES

BANDS = ((0.05, 0.95, 0.18), (0.25, 0.75, 0.38))
"""Quantiles over replicates that bands span, with their opacity: 90 and 50 % of the runs."""

_WHOLE = 0.35
_WIDE = 1.4
_LEAST = 0.05
_CLOSE = 1e-9
_CUT: Final[dict[str, Any]] = {
    "marker": [(-1, -0.6), (1, 0.6)], "markersize": 7, "color": MUTED, "markeredgewidth": 1.0, "linewidth": 0,
}  # fmt: skip

_EPOCH = date(1970, 1, 1)


def mass(axes: Axes, days: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """Draw the central ranges of 90 and 50 % of the runs (replicate, date)."""
    for low, high, opacity in BANDS:
        floor, ceiling = np.quantile(values, [low, high], axis=0)
        axes.fill_between(days, floor, ceiling, color=ACCENT, alpha=opacity, linewidth=0, zorder=2)


def mass_key() -> tuple[list[Patch], list[str]]:
    """Return the legend entries of `mass`."""
    inner, outer = BANDS[1][2] + 0.1, BANDS[0][2]
    patches = [Patch(facecolor=ACCENT, alpha=opacity, linewidth=0) for opacity in (inner, outer)]
    return patches, ["half of the runs", "90 % of the runs"]


def provenance(result: ResultData, sources: str, branch: str | None = None) -> tuple[str, str]:
    """Return the two lines of a footer: the source of the figure, and the settings of its runs."""
    parts = [f"Scenario: {result.scenario.title}"]
    if branch is not None:
        parts.append(f"branch {branch}")
    parts += [
        f"{result.replicates} replicate{'s' * (result.replicates != 1)} a branch",
        f"seed {result.seed}",
        f"csto-sim {__version__}",
    ]
    return f"Sources: {sources}", " · ".join(parts)


def spread(targets: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions of labels at least ``gap`` apart, in the order of their targets and as near to them as possible.

    Least squares under the order (isotonic regression of the targets less their places in the row), then kept
    within ``low``..``high``. Where there is no room the gap is made smaller.

    Examples
    --------
    >>> spread([0.50, 0.51, 0.9], gap=0.1, low=0.0, high=1.0)
    [0.455, 0.555, 0.9]
    """
    if not targets:
        return []
    count = len(targets)
    step = min(gap, (high - low) / max(1, count - 1))
    order = sorted(range(count), key=lambda i: (targets[i], i))
    blocks: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        total, size = targets[i] - rank * step, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / size:
            before, many = blocks.pop()
            total, size = total + before, size + many
        blocks.append((total, size))
    levels = [total / size for total, size in blocks for _ in range(size)]
    placed = [0.0] * count
    for rank, (i, level) in enumerate(zip(order, levels, strict=True)):
        placed[i] = round(min(max(level, low), high - (count - 1) * step) + rank * step, 12)
    return placed


def time_axis(axes: Axes, first: date, last: date, width: float, labels: bool = True) -> float:
    """Set the ticks of a time axis that is ``width`` inches wide; return their height in inches.

    Months or quarters are labelled where there is room, else years, else every fifth or tenth year; the ticks
    between them mark months, quarters or years.
    """
    axes.set_xlim(on_axis(first), on_axis(last))
    months = [
        date(year, number, 1)
        for year in range(first.year, last.year + 1)
        for number in range(1, 13)
        if first <= date(year, number, 1) <= last
    ]
    years = max(0.25, (last - first).days / 365.25)
    if width / years > 1.5:
        every = 1 if width / years > 4.5 else 3
        major = [day for day in months if (day.month - 1) % every == 0]
        minor = months
        names = [_month_tick(day, first=day == major[0]) for day in major]
    else:
        every = next((n for n in (1, 2, 5, 10, 20, 50) if width / years * n > 0.36), 100)
        major = [day for day in months if day.month == 1 and day.year % every == 0]
        minor = [day for day in months if day.month == 1 or (every == 1 and day.month % 3 == 1)]
        names = [str(day.year) for day in major]
    axes.set_xticks([on_axis(day) for day in major], names if labels else [""] * len(names))
    axes.xaxis.set_minor_locator(FixedLocator([on_axis(day) for day in minor]))
    return 0.28 if not any("\n" in name for name in names) else 0.42


def _month_tick(day: date, first: bool) -> str:
    name = formatting.short_month(day.month)
    return f"{name}\n{day.year}" if first or day.month == 1 else name


def shade_unrecorded(axes: Axes, result: ResultData) -> None:
    """Shade the months after the coded record ends."""
    last = result.days[-1]
    end = result.scenario.recorded_until(last)
    if end < last:
        axes.axvspan(on_axis(max(end, result.days[0])), on_axis(last), color=UNKNOWN, linewidth=0, zorder=0)


def unrecorded_key(result: ResultData) -> tuple[list[Patch], list[str]]:
    """Return the legend entries of `shade_unrecorded`, empty if nothing is shaded."""
    if result.scenario.recorded_until(result.days[-1]) == result.days[-1]:
        return [], []
    return [Patch(facecolor=UNKNOWN, edgecolor=MUTED, linewidth=0.4)], ["no record yet"]


def on_axis(day: date) -> float:
    """Return the position of a day on a time axis, in days since 1970."""
    return float((day - _EPOCH).days)


def days_on_axis(result: ResultData) -> NDArray[np.float64]:
    """Return the positions of a result's dates on a time axis."""
    return result.dates.astype(np.float64)


def unit_ticks(axis: Axis, labels: bool = True) -> None:
    """Set ticks at the quarters of 0..1."""
    axis.set_ticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"] if labels else [""] * 5)


def percent_ticks(axis: Axis, labels: bool = True, room: float = np.inf) -> None:
    """Set ticks at the quarters of 0..1, as percent; every second has a label where there is little room in inches."""
    names = ["0 %", "25 %" if room > _WIDE else "", "50 %", "75 %" if room > _WIDE else "", "100 %"]
    axis.set_ticks([0, 0.25, 0.5, 0.75, 1], names if labels else [""] * 5)


def rung_ticks(axis: Axis) -> None:
    """Let an axis show every rung of the ladder by name."""
    axis.set_ticks(range(len(POSTURES)), POSTURES)
    axis.set_view_interval(-0.1, len(POSTURES) - 0.9, ignore=True)


def share_axis(axes: Axes, which: Literal["x", "y"], low: float, high: float, *, chance: bool = False) -> str:
    """Let an axis of shares run from 0 to 1, or over a part of that with marks where it is cut.

    Parameters
    ----------
    axes : Axes
        Where the axis is.
    which : str
        ``x`` or ``y``.
    low, high : float
        Ends of what is drawn. The axis is cut where that takes less than `_WHOLE` of it.
    chance : bool
        Whether the shares are chances, whose ticks are in percent.

    Returns
    -------
    str
        What to add to the label of the axis: empty where it is whole.
    """
    whole = (min(0.0, low), max(1.0, high)) if np.isfinite([low, high]).all() else (0.0, 1.0)
    ends = whole
    if high - low < _WHOLE:
        half = max((high - low) * 0.56, _LEAST)
        middle = min(max((low + high) / 2, whole[0] + half), whole[1] - half)
        ends = (middle - half, middle + half)
    axes.set(**{f"{which}lim": ends})
    if chance:
        (axes.xaxis if which == "x" else axes.yaxis).set_major_formatter(PercentFormatter(1, symbol=" %"))
    cut = [end for end in (0, 1) if abs(ends[end] - whole[end]) > _CLOSE]
    for end in cut:
        at = ([end], [0.0]) if which == "x" else ([0.0], [end])
        axes.plot(*at, transform=axes.transAxes, clip_on=False, zorder=6, label="cut", **_CUT)
    return " (axis cut)" if cut else ""


def guide(axes: Axes, value: float) -> None:
    """Draw a thin horizontal line behind the data."""
    axes.axhline(value, color=FAINT, linewidth=0.6, zorder=0.5)
