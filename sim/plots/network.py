"""Figure of the trust between members at two dates, as two matrices."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from numpy.typing import NDArray

from sim.errors import InputError
from sim.output.formatting import day_in_words, month, possessive, sentence, share
from sim.output.result import ResultData
from sim.output.subjects import branch_title, last_recorded, main_branch, state_in_sentence, state_name
from sim.plots.labels import provenance
from sim.plots.page import FigurePage, text_width
from sim.plots.style import (
    FOOT_SIZE,
    LABEL_SIZE,
    MARGIN,
    SMALL_SIZE,
    TICK_SIZE,
    TRUST,
    Sheet,
    ink_on,
    styled,
)

_GUTTER = 0.3
_LARGEST = 0.75
_MOVED = 0.02
_NARROW = 5.0


def network(
    result: ResultData, *, branch: str | None = None, before: date | None = None, after: date | None = None
) -> Sheet:
    """Draw the median trust of each member in each other at two dates.

    Parameters
    ----------
    result : ResultData
        The result.
    branch : str, optional
        Default: ``as-happened``, else the first.
    before, after : date, optional
        Days to look at; default: the start, and the end of the record or of the run.

    Examples
    --------
    >>> result.plot.network()  # doctest: +SKIP
    """
    with styled():
        chosen = main_branch(result, branch)
        indices = [
            _date_index(result, before or result.days[0]),
            _date_index(result, after or result.days[last_recorded(result)]),
        ]
        order = (result.guarantor, *(code for code in result.members if code != result.guarantor))
        both = [matrix(result, chosen, order, index) for index in indices]
        missing = np.isnan(both[0]).sum() > len(order)
        empty = "Empty where the other never owes it help. " if missing else ""
        page = FigurePage(
            _title(result, order, both, [result.days[index] for index in indices]),
            f"Median trust of each {result.focus} member (rows) in each other (columns), 0 to 1. {empty}"
            f"Branch: {branch_title(result, chosen)}.",
        )
        _draw(page, result, order, both, [result.days[index] for index in indices])
        return page.finish(*provenance(result, "model runs", chosen))


def matrix(result: ResultData, branch: str, order: tuple[str, ...], index: int) -> NDArray[np.float64]:
    """Return the median trust over replicates, trusters in rows, trustees in columns; NaN where these owe nothing."""
    values = result.trust.sel(branch=branch, truster=list(order), trustee=list(order)).isel(date=index)
    median = np.median(values.transpose("replicate", "truster", "trustee").values, axis=0)
    np.fill_diagonal(median, np.nan)
    return np.asarray(median, dtype=np.float64)


def _date_index(result: ResultData, day: date) -> int:
    if not result.days[0] <= day <= result.days[-1]:
        raise InputError(f"{day} is outside the run; allowed: {result.days[0]} to {result.days[-1]}")
    return int(np.searchsorted(result.dates, np.datetime64(day, "D"), side="right")) - 1


def _title(
    result: ResultData,
    order: tuple[str, ...],
    both: Sequence[NDArray[np.float64]],
    days: Sequence[date],
) -> str:
    before, after = both
    change = after - before
    truster, trustee = np.unravel_index(np.nanargmin(change), change.shape)
    if change[truster, trustee] > -_MOVED:
        return "Who counts on whom hardly changes"
    start, end = (share(float(matrix[truster, trustee])) for matrix in (before, after))
    who, other = (state_in_sentence(result, order[index]) for index in (truster, trustee))
    return sentence(
        f"{possessive(who)} trust in {other} falls most, from {start} ({month(days[0])}) to {end} ({month(days[1])})"
    )


def _draw(
    page: FigurePage, result: ResultData, order: tuple[str, ...], both: list[NDArray[np.float64]], days: list[date]
) -> None:
    names = [state_name(result, code) for code in order]
    left = MARGIN + max(text_width(name, TICK_SIZE) for name in names) + 0.1
    columns = 2 if page.width > _NARROW else 1
    side = min((page.right - 0.55 - left - (columns - 1) * _GUTTER) / columns, _LARGEST * len(order))
    cell = side / len(order)
    turned = max(text_width(code, TICK_SIZE) for code in order) > cell - 0.04
    below = 0.36 if turned else 0.24
    for panel, (values, day) in enumerate(zip(both, days, strict=True)):
        beside = panel % columns
        x = left + beside * (side + _GUTTER)
        page.write(day_in_words(day), x, page.top + 0.13, size=LABEL_SIZE, weight="bold")
        page.below(0.2)
        axes = page.axes(side, x, x + side)
        _cells(axes, values, cell)
        axes.set_yticks(range(len(order)), [""] * len(order) if beside else names)
        axes.set_xticks(range(len(order)), order, rotation=90 if turned else 0)
        axes.tick_params(length=0, labelsize=TICK_SIZE)
        page.below(-0.2 if beside == 0 and columns == 2 else side + below)
    page.below(-side - below)
    bar_left = left + columns * side + (columns - 1) * _GUTTER + 0.12
    bar = page.axes(side, bar_left, bar_left + 0.12)
    colours = page.figure.colorbar(ScalarMappable(Normalize(0, 1), TRUST), cax=bar)
    colours.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "0.25", "0.5", "0.75", "1"])
    colours.outline.set_linewidth(0.4)
    bar.tick_params(labelsize=SMALL_SIZE, length=2)
    page.below(side + below)


def _cells(axes: Axes, values: NDArray[np.float64], cell: float) -> None:
    """Draw a matrix with its values, where they fit into cells of a width in inches."""
    count = len(values)
    edges = np.arange(count + 1) - 0.5
    axes.pcolormesh(edges, edges, values, cmap=TRUST, vmin=0, vmax=1, edgecolors="white", linewidth=0.8)
    axes.set_ylim(count - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    size = SMALL_SIZE if count < 8 else FOOT_SIZE
    if text_width("0.00", size) > cell - 0.04:
        return
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = ink_on(to_hex(TRUST(value)))
            axes.text(column, row, f"{value:.2f}", ha="center", va="center_baseline", size=size, color=colour)
