"""Figures of sensitivity analysis: Sobol indices, elementary effects, and a tornado chart."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.output.formatting import amount, amounts
from sim.output.measuring import Kind
from sim.plots.caption import Caption, name_column
from sim.plots.labels import share_axis
from sim.plots.page import FigurePage, text_width
from sim.plots.style import (
    ACCENT,
    FAINT,
    INK,
    LABEL_SIZE,
    MUTED,
    SECOND,
    SMALL_SIZE,
    Sheet,
    styled,
)

PAIRS: Final = 12
"""Most pairs that are drawn."""

ROW: Final = 0.34
"""Height in inches of a row that has one line."""

_BAR = 0.34
_SCATTER = 3.1
_REACH: Final[dict[str, Any]] = {"color": INK, "linewidth": 0.9, "zorder": 3}
_DUMMY: Final[dict[str, Any]] = {"color": MUTED, "linewidth": 1.1, "linestyle": (0, (2, 1.2)), "zorder": 4}
_GAP = 0.22
_GIVEN: Final = {
    "delta": "delta: shift of the\nwhole distribution",
    "pawn": "PAWN: distance\nwhen it is fixed",
    "rbd_fast": "RBD-FAST: share of the\nvariance by itself",
}
_ANGLES = np.deg2rad(np.arange(0, 360, 30))


def sobol_bars(indices: pd.DataFrame, caption: Caption) -> Sheet:
    """Draw first-order and total Sobol indices, as a pair of bars with intervals for each factor.

    Parameters
    ----------
    indices : pandas.DataFrame
        ``factor``; ``first`` and ``total``, each with ``_low`` and ``_high``; drawn from top to bottom.
    caption : Caption
        Words.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        handles = [Patch(facecolor=colour) for colour in (SECOND, ACCENT)]
        page.key(
            [*handles, Line2D([], [], **_REACH)],
            ["first order: the factor alone", "total: with all it takes part in", "90 % interval"],
        )
        axes = row_axes(page, [caption.name(factor) for factor in indices["factor"]], lines=2)
        places = np.arange(len(indices), dtype=np.float64)
        for name, colour, shift in (("first", SECOND, -_BAR / 2), ("total", ACCENT, _BAR / 2)):
            axes.barh(places + shift, indices[name], height=_BAR, color=colour, label=name)
            axes.hlines(places + shift, indices[f"{name}_low"], indices[f"{name}_high"], label=f"{name} 90 %", **_REACH)
        _shares(axes, "share of the variance between points")
        return _finished(page, len(indices), caption, lines=2)


def pair_bars(pairs: pd.DataFrame, caption: Caption) -> Sheet:
    """Draw the largest second-order Sobol indices of pairs of factors.

    Parameters
    ----------
    pairs : pandas.DataFrame
        ``factor_a``, ``factor_b``, ``second``, ``second_low``, ``second_high``.
    caption : Caption
        Words.
    """
    with styled():
        shown = pairs.loc[pairs["second"].abs().sort_values(ascending=False, kind="stable").index[:PAIRS]]
        page = FigurePage(caption.title, caption.note)
        couples = zip(shown["factor_a"], shown["factor_b"], strict=True)
        names = [f"{caption.name(first)} and {caption.name(second)}" for first, second in couples]
        axes = row_axes(page, names)
        places = np.arange(len(shown), dtype=np.float64)
        axes.barh(places, shown["second"], height=0.6, color=ACCENT, label="second")
        axes.hlines(places, shown["second_low"], shown["second_high"], label="second 90 %", **_REACH)
        _shares(axes, "share of the variance between points, beyond each factor alone (line: 90 %)")
        return _finished(page, len(shown), caption)


def given_data_bars(indices: pd.DataFrame, caption: Caption) -> Sheet:
    """Draw delta, PAWN and RBD-FAST indices in a panel each, with what a dummy factor has.

    Parameters
    ----------
    indices : pandas.DataFrame
        ``factor``; ``delta``, ``pawn`` and ``rbd_fast``, each with ``_low``, ``_high`` and ``_dummy``; drawn from top
        to bottom.
    caption : Caption
        Words.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        page.key(
            [Line2D([], [], **_REACH), Line2D([], [], **_DUMMY)],
            ["90 % interval", "dummy factor"],
        )
        names = [caption.name(factor) for factor in indices["factor"]]
        places = np.arange(len(indices), dtype=np.float64)
        left = name_column(names, page.width)[1]
        width = (page.right - left - 2 * _GAP) / len(_GIVEN)
        for number, (name, label) in enumerate(_GIVEN.items()):
            start = left + number * (width + _GAP)
            axes = row_axes(page, names, left=start, right=start + width)
            axes.tick_params(axis="y", labelleft=number == 0)
            axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            axes.barh(places, indices[name], height=0.6, color=SECOND, label=name)
            axes.hlines(places, indices[f"{name}_low"], indices[f"{name}_high"], label=f"{name} 90 %", **_REACH)
            axes.vlines(indices[f"{name}_dummy"], places - 0.42, places + 0.42, label=f"{name} dummy", **_DUMMY)
            _shares(axes, label)
        page.below(0.15)  # labels of two lines
        return _finished(page, len(indices), caption)


def morris_effects(effects: pd.DataFrame, caption: Caption, chance: float | None = None) -> Sheet:
    """Draw each factor's mean absolute effect with its interval, and below it against the standard deviation.

    Parameters
    ----------
    effects : pandas.DataFrame
        ``rank``, ``factor``, ``mu_star``, ``mu_star_low``, ``mu_star_high``, ``sigma``; drawn from top to bottom.
        Groups of factors have no ``sigma``, and no lower panel.
    caption : Caption
        Words; factors stand in the lower panel by their rank.
    chance : float, optional
        The expected size for a factor without effect, from chance alone.
    """
    with styled():
        page = FigurePage(caption.title, caption.note)
        names = [
            f"{rank}  {caption.name(factor)}" for rank, factor in zip(effects["rank"], effects["factor"], strict=True)
        ]
        bars = row_axes(page, names)
        positions = np.arange(len(effects), dtype=np.float64)
        bars.barh(positions, effects["mu_star"], height=0.6, color=SECOND, label="mu_star")
        bars.hlines(positions, effects["mu_star_low"], effects["mu_star_high"], label="mu_star 90 %", **_REACH)
        bars.set_xlabel("mean size of the effect (mu*; line: 90 %)")
        if effects["sigma"].isna().any():
            if chance is not None:
                _chance(bars, chance)
            return _finished(page, len(effects), caption)
        page.below(ROW * len(effects) + 0.62)
        axes = page.axes(_SCATTER, 0.72)
        x, y = (effects[name].to_numpy(dtype=np.float64) for name in ("mu_star", "sigma"))
        right, top = 1.08 * float(x.max()) or 1.0, 1.2 * float(y.max()) or 1.0
        corner = min(right, top)
        axes.plot([0, corner], [0, corner], color=FAINT, linewidth=0.8, zorder=0.5, label="sigma = mu_star")
        axes.set_xlim(-0.03 * right, right)
        axes.set_ylim(-0.03 * top, top)
        axes.text(corner, corner, "spread = mean size ", color=MUTED, size=SMALL_SIZE, ha="right", va="bottom")
        for panel in (bars, axes):
            if chance is not None:
                _chance(panel, chance)
        axes.plot(x, y, linewidth=0, marker="o", markersize=4.5, color=SECOND, label="factors", zorder=3)
        axes.set_xlabel("mean size of the effect (mu*)")
        axes.set_ylabel("spread of the effect (sigma)")
        page.below(_SCATTER + 0.45)
        sheet = page.finish(*caption.footer)
        _number(axes, x, y, [str(rank) for rank in effects["rank"]])
        return sheet


def tornado_bars(changes: pd.DataFrame, caption: Caption, *, share: bool = False, chance: bool = False) -> Sheet:
    """Draw the change in a metric's mean from the low to the high end of each factor.

    Parameters
    ----------
    changes : pandas.DataFrame
        ``factor``, ``low_value``, ``high_value``, ``low_mean``, ``high_mean``, ``change``, ``low``, ``high``; drawn
        from top to bottom.
    caption : Caption
        Words.
    share : bool
        Whether the mean lies between 0 and 1; then the axis is whole, or shows where it is cut.
    chance : bool
        Whether it is a chance, which is drawn in percent, and its change in points.
    """
    with styled():
        rows = changes.to_dict("records")
        page = FigurePage(caption.title, caption.note)
        ends = [Line2D([], [], linewidth=0, marker="o", markersize=5, color=colour) for colour in (SECOND, ACCENT)]
        page.key(ends, ["at the low end of the factor", "at its high end"])
        names = [f"{caption.name(row['factor'])}: {row['low_value']:.3g} to {row['high_value']:.3g}" for row in rows]
        texts = [_change(row, "chance" if chance else "number") for row in rows]
        room = max(text_width(text, SMALL_SIZE) for text in (*texts, "change (90 %)"))
        axes = row_axes(page, names, right=page.right - room - 0.2)
        for position, (row, text) in enumerate(zip(rows, texts, strict=True)):
            low, high, factor = row["low_mean"], row["high_mean"], row["factor"]
            axes.barh(position, high - low, left=low, height=0.34, color=FAINT, zorder=1)
            axes.plot(low, position, marker="o", markersize=5, color=SECOND, label=f"{factor} low")
            axes.plot(high, position, marker="o", markersize=5, color=ACCENT, label=f"{factor} high")
            axes.text(
                1, position, f"   {text}", transform=axes.get_yaxis_transform(), size=SMALL_SIZE, ha="left", va="center"
            )
        axes.text(
            1, -0.75, "   change (90 %)", transform=axes.get_yaxis_transform(), size=SMALL_SIZE, color=MUTED,
            ha="left", va="center",
        )  # fmt: skip
        axes.use_sticky_edges = False
        axes.margins(x=0.06)
        means = changes[["low_mean", "high_mean"]].to_numpy(dtype=np.float64)
        cut = share_axis(axes, "x", float(np.nanmin(means)), float(np.nanmax(means)), chance=chance) if share else ""
        axes.set_xlabel(f"{caption.measure}{cut}")
        return _finished(page, len(changes), caption)


def _chance(axes: Axes, chance: float) -> None:
    axes.axvline(chance, color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)), label="chance")


def _change(row: Mapping[Any, Any], kind: Kind) -> str:
    spread = "unknown" if np.isnan(row["low"]) else amounts(row["low"], row["high"], kind)
    return f"{amount(row['change'], kind)} ({spread})"


def row_axes(
    page: FigurePage, names: list[str], lines: int = 1, *, left: float | None = None, right: float | None = None
) -> Axes:
    """Add axes with one row for each name, the first on top; they begin beside the names unless told otherwise."""
    wrapped, beside = name_column(names, page.width)
    axes = page.axes(_row_height(lines) * len(names), beside if left is None else left, right)
    axes.set_yticks(range(len(names)), wrapped)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    return axes


def _row_height(lines: int) -> float:
    return ROW if lines == 1 else 0.42


def _shares(axes: Axes, label: str) -> None:
    axes.axvline(0, color=MUTED, linewidth=0.6, zorder=0.6)
    axes.set_xlabel(label, size=LABEL_SIZE)


def _finished(page: FigurePage, rows: int, caption: Caption, lines: int = 1) -> Sheet:
    page.below(_row_height(lines) * rows + 0.45)
    return page.finish(*caption.footer)


def _number(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], words: list[str]) -> None:
    """Write a label beside each dot, moved outwards where another dot or label is in the way."""
    dots = axes.transData.transform(np.column_stack([x, y]))
    scale = axes.figure.dpi / 72
    taken: list[tuple[float, float, float, float]] = [
        (cx - 3 * scale, cy - 3 * scale, cx + 3 * scale, cy + 3 * scale) for cx, cy in dots
    ]
    frame = axes.get_window_extent()
    for dot, ((cx, cy), word) in enumerate(zip(dots, words, strict=True)):
        half = (text_width(word, SMALL_SIZE) * 36 + 1.0, SMALL_SIZE * 0.5)
        for radius in range(8, 400, 6):
            boxes = [
                (ax - half[0] * scale, ay - half[1] * scale, ax + half[0] * scale, ay + half[1] * scale)
                for ax, ay in (
                    (cx + radius * scale * np.cos(angle), cy + radius * scale * np.sin(angle)) for angle in _ANGLES
                )
            ]
            free = [
                box
                for box in boxes
                if box[0] > frame.x0 and box[1] > frame.y0 and box[2] < frame.x1 and box[3] < frame.y1
                and not any(_touch(box, other) for other in taken)
            ]  # fmt: skip
            if free:
                break
        box = free[0]
        taken.append(box)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        offset = ((middle[0] - cx) / scale, (middle[1] - cy) / scale)
        axes.annotate(
            word, (x[dot], y[dot]), offset, textcoords="offset points", size=SMALL_SIZE,
            ha="center", va="center",
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2}
            if radius > 8 else None,
        )  # fmt: skip


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])
