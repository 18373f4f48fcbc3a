"""Figure of all branches side by side: final trust and chance of freeze, as dots with intervals."""

from datetime import date
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.output.formatting import interval, month, share
from sim.output.intervals import wilson
from sim.output.result import ResultData
from sim.output.subjects import branch_title, client, main_branch, quoted, state_name
from sim.plots.labels import guide, provenance, unit_ticks
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.postures import asked_by, froze_by
from sim.plots.style import (
    ACCENT,
    LABEL_SIZE,
    MARGIN,
    MUTED,
    SECOND,
    SMALL_SIZE,
    TICK_SIZE,
    WIDTH,
    Sheet,
    styled,
)

_ROW = 0.3
_NAMES = 2.0
_GUTTER = 0.3
_SAME = 0.1
_DOT: Final[dict[str, Any]] = {
    "marker": "o",
    "markersize": 5,
    "markeredgecolor": "white",
    "markeredgewidth": 0.6,
}

Runs = NDArray[np.float64]
"""One number a replicate."""


def branches(result: ResultData, state: str | None = None, *, by: date | None = None) -> Sheet:
    """Draw the median trust in the guarantor and the chance of freeze or beyond for each branch.

    Parameters
    ----------
    result : ResultData
        The result.
    state : str, optional
        Member; default: the first that the scenario's metrics name, else the one whose trust falls most.
    by : date, optional
        The day for the chance of freeze and for trust; default: the end of 2024, else the end of the run.

    Examples
    --------
    >>> result.plot.branches("ARM")  # doctest: +SKIP
    """
    with styled():
        member = client(result, state, main_branch(result))
        asked = asked_by(result, by)
        froze = {branch: froze_by(result, branch, member, asked) for branch in result.branches}
        order = sorted(froze, key=lambda branch: float(froze[branch].mean()), reverse=True)
        chances = {branch: froze[branch] for branch in order}
        name, guarantor = state_name(result, member), state_name(result, result.guarantor)
        page = FigurePage(
            _title(result, name, chances, asked),
            f"Left: {name}'s trust in {guarantor} in {month(asked)}, median over runs with the range of half "
            f"(thick) and 90 % (thin) of them. Right: share of runs in which {name} has reached freeze or "
            "beyond by then, with its 90 % interval.",
        )
        _panels(page, result, member, chances, asked)
        return page.finish(*provenance(result, "model runs; all branches on the same random draws"))


def _title(result: ResultData, name: str, chances: dict[str, Runs], asked: date) -> str:
    means = {branch: float(values.mean()) for branch, values in chances.items()}
    high, low = next(iter(means)), next(reversed(means))
    chance = f"{name}'s chance of freeze by {month(asked)}: {share(means[low])}"
    if len(means) == 1:
        return chance
    if means[high] - means[low] < _SAME:
        return f"{name}'s course hardly differs between the branches"
    return f"{chance} ({_among(result, means, low)}) to {share(means[high])} ({_among(result, means, high)})"


def _among(result: ResultData, means: dict[str, float], branch: str) -> str:
    """Return a branch's title, and how many other branches have its chance."""
    others = sum(means[other] == means[branch] for other in means) - 1
    return quoted(result, branch) + (f" and {others} more" if others else "")


def _panels(page: FigurePage, result: ResultData, member: str, chances: dict[str, Runs], asked: date) -> None:
    """Draw one row for each branch, in the order of ``chances``."""
    names = [wrap(branch_title(result, branch), _NAMES, TICK_SIZE, lines=2) for branch in chances]
    left = MARGIN + 0.12 + max(text_width(line, TICK_SIZE) for name in names for line in name.split("\n"))
    figures = max(text_width(_figure(values), SMALL_SIZE) for values in chances.values()) + 0.15
    width = (WIDTH - MARGIN - left - _GUTTER - figures) / 2
    height = _ROW * len(chances) + 0.1
    trust_axes = page.axes(height, left, left + width)
    chance_axes = page.axes(height, left + width + _GUTTER, left + 2 * width + _GUTTER)
    place = int(np.searchsorted(result.dates, np.datetime64(asked, "D"), side="right")) - 1
    for row, (branch, froze) in enumerate(chances.items()):
        values = result.trust.sel(branch=branch, truster=member, trustee=result.guarantor).isel(date=place)
        _trust_row(trust_axes, row, values.values)
        ends = wilson(float(froze.sum()), froze.size)
        chance_axes.plot(ends, [row, row], color=ACCENT, linewidth=1.4)
        chance_axes.plot(float(froze.mean()), row, color=ACCENT, clip_on=False, zorder=4, **_DOT)
        y = page.top + height * (row + 0.5) / len(chances)
        page.write(_figure(froze), WIDTH - MARGIN, y, size=SMALL_SIZE, ha="right", va="center_baseline", colour=MUTED)
    _dress(trust_axes, len(chances), f"trust in {state_name(result, result.guarantor)}")
    _dress(chance_axes, len(chances), f"chance of freeze by {month(asked)}")
    trust_axes.set_yticks(range(len(chances)), names)
    for axes in (trust_axes, chance_axes):
        axes.set_xlim(0, 1)
        unit_ticks(axes.xaxis)
    page.below(height + 0.45)


def _trust_row(axes: Axes, row: int, values: Runs) -> None:
    low, first, middle, third, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    axes.plot([low, high], [row, row], color=SECOND, linewidth=0.9)
    axes.plot([first, third], [row, row], color=SECOND, linewidth=3.0, alpha=0.55)
    axes.plot(middle, row, color=SECOND, clip_on=False, **_DOT)


def _figure(froze: Runs) -> str:
    return f"{share(float(froze.mean()))} ({interval(*wilson(float(froze.sum()), froze.size))})"


def _dress(axes: Axes, rows: int, label: str) -> None:
    for row in range(rows):
        guide(axes, row)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlabel(label, size=LABEL_SIZE)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
