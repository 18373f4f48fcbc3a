"""Figures of response curves: the mean of a metric by one factor and by two factors."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots.caption import Caption
from sim.plots.labels import percent_ticks, share_axis
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.style import (
    ACCENT,
    CHANCE,
    HALO,
    HATCH,
    INK,
    LABEL_SIZE,
    SMALL_SIZE,
    TICK_SIZE,
    TRUST,
    Sheet,
    styled,
)

COLUMNS: Final = 3
_PANEL = 1.45
_NARROW = 5.0
_LEFT = 0.72
_GAP = 0.22
_BELOW = 0.78
_HEAT = 3.6
_WORDS = 1.1
_COUNTED = 144


def response_panels(curves: pd.DataFrame, caption: Caption, *, chance: bool, share: bool = False) -> Sheet:
    """Draw the mean of a metric by each factor with its interval, in panels with a common scale.

    Parameters
    ----------
    curves : pandas.DataFrame
        ``factor``, ``value``, ``mean``, ``low``, ``high``; panels stand in the order of the factors.
    caption : Caption
        Words.
    chance : bool
        Whether the mean is a chance.
    share : bool
        Whether it lies between 0 and 1, as chances do; then the axes are whole, or show where they are cut.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        factors = list(dict.fromkeys(curves["factor"]))
        columns = min(COLUMNS if page.width > _NARROW else 2, len(factors))
        ends = curves[["mean", "low", "high"]].to_numpy(dtype=np.float64)
        low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
        width = (page.right - _LEFT - (columns - 1) * _GAP) / columns
        for first in range(0, len(factors), columns):
            row = factors[first : first + columns]
            for column, factor in enumerate(row):
                left = _LEFT + column * (width + _GAP)
                axes = page.axes(_PANEL, left, left + width)
                _panel(axes, curves[curves["factor"] == factor], caption.label(factor), width)
                cut = share_axis(axes, "y", low, high, chance=chance) if chance or share else ""
                if not (chance or share):
                    room = 0.06 * (high - low) or 0.05
                    axes.set_ylim(low - room, high + room)
                axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
                if column:
                    axes.tick_params(axis="y", labelleft=False)
                else:
                    axes.set_ylabel(("chance" if chance else "mean") + cut)
            page.below(_PANEL + _BELOW)
        page.below(-0.1)
        return page.finish(*caption.footer)


def _panel(axes: Axes, rows: pd.DataFrame, label: str, width: float) -> None:
    values = rows["value"].tolist()
    mean, low, high = (rows[name].to_numpy(dtype=np.float64) for name in ("mean", "low", "high"))
    if all(isinstance(value, float) for value in values):
        axes.fill_between(values, low, high, color=ACCENT, alpha=0.2, linewidth=0, label="90 %")
        axes.plot(values, mean, color=ACCENT, linewidth=1.4, marker="o", markersize=2.6, label="mean")
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    else:
        places = np.arange(len(values), dtype=np.float64)
        axes.vlines(places, low, high, color=ACCENT, linewidth=1.4, label="90 %")
        axes.plot(places, mean, color=ACCENT, linewidth=0, marker="o", markersize=4.5, label="mean")
        axes.set_xticks(places, [wrap(str(value), width / len(values), TICK_SIZE, lines=1) for value in values])
        axes.set_xlim(-0.5, len(values) - 0.5)
    axes.set_xlabel(wrap(label, width, SMALL_SIZE, lines=3), size=SMALL_SIZE)


def heat_cells(
    cells: pd.DataFrame,
    factors: tuple[str, str],
    edges: tuple[NDArray[np.float64], NDArray[np.float64]],
    words: tuple[Sequence[str], Sequence[str]],
    caption: Caption,
    *,
    chance: bool,
) -> Sheet:
    """Draw the mean of a metric in cells of two factors; cells without points are hatched.

    Parameters
    ----------
    cells : pandas.DataFrame
        ``mean`` with ``low`` and ``high``, and ``points``, row by row from the lowest y.
    factors : tuple of str
        The factors on the horizontal and the vertical axis.
    edges : tuple of array
        Edges of the columns and rows of cells.
    words : tuple of sequences
        Names of the columns and rows where each is a value; empty where they are ranges.
    caption : Caption
        Words.
    chance : bool
        Whether the mean is a chance, 0 to 1.
    """
    with styled():
        shape = (len(edges[1]) - 1, len(edges[0]) - 1)
        means = cells["mean"].to_numpy(dtype=np.float64).reshape(shape)
        points = cells["points"].to_numpy(dtype=np.int64).reshape(shape)
        page = FigurePage(caption.title, caption.note)
        if np.isnan(means).any():
            page.key([Patch(**HATCH)], ["no point of the design"])
        left = 0.62 + (max((text_width(wrap(word, _WORDS, TICK_SIZE), TICK_SIZE) for word in words[1]), default=0.1))
        right = page.right - 0.85
        axes = page.axes(_HEAT, left, right)
        colours, scale = _scale(means, _noise(cells), chance=chance)
        frame = Rectangle(
            (edges[0][0], edges[1][0]), edges[0][-1] - edges[0][0], edges[1][-1] - edges[1][0], zorder=0, **HATCH
        )
        axes.add_patch(frame)
        axes.pcolormesh(edges[0], edges[1], np.ma.masked_invalid(means), cmap=colours, norm=scale)
        if points.size <= _COUNTED:
            _counts(axes, edges, points)
        for axis, names, ends in ((axes.xaxis, words[0], edges[0]), (axes.yaxis, words[1], edges[1])):
            if names:
                room = (right - left) / len(names) if axis is axes.xaxis else _WORDS
                axis.set_ticks((ends[:-1] + ends[1:]) / 2, [wrap(name, room, TICK_SIZE, lines=2) for name in names])
            else:
                axis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
        axes.set_xlabel(wrap(caption.label(factors[0]), right - left, LABEL_SIZE, lines=2))
        axes.set_ylabel(wrap(caption.label(factors[1]), _HEAT, LABEL_SIZE, lines=2))
        bar = page.axes(_HEAT, right + 0.12, right + 0.26)
        page.figure.colorbar(ScalarMappable(scale, colours), cax=bar).set_label(
            wrap(caption.measure, _HEAT, SMALL_SIZE, lines=2), size=SMALL_SIZE
        )
        bar.tick_params(labelsize=SMALL_SIZE, length=2)
        if chance:
            percent_ticks(bar.yaxis)
        page.below(_HEAT + 0.52)
        return page.finish(*caption.footer)


def _scale(means: NDArray[np.float64], noise: float, *, chance: bool) -> tuple[Any, Normalize]:
    """Return colours and limits; the scale spans at least twice the 90 % interval of a cell."""
    if chance:
        return CHANCE, Normalize(0, 1)
    low, high = float(np.nanmin(means)), float(np.nanmax(means))
    middle, half = (low + high) / 2, max((high - low) / 2, 2 * noise, 0.025)
    return TRUST, Normalize(middle - half, middle + half)


def _noise(cells: pd.DataFrame) -> float:
    """Return the half width of the 90 % interval of a cell's mean, the middle one of all cells."""
    halves = ((cells["high"] - cells["low"]) / 2).dropna()
    return float(halves.median()) if len(halves) else 0.0


def _counts(axes: Axes, edges: tuple[NDArray[np.float64], NDArray[np.float64]], points: NDArray[np.int64]) -> None:
    """Write the number of points into each cell."""
    across, upward = ((edge[:-1] + edge[1:]) / 2 for edge in edges)
    for (row, column), count in np.ndenumerate(points):
        if count:
            x, y = float(across[column]), float(upward[row])
            text = axes.text(x, y, str(count), size=SMALL_SIZE, color=INK, ha="center", va="center")
            text.set_path_effects(list(HALO))
