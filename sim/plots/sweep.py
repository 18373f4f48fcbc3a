"""Figures of sweeps: a curve over one factor, and a heat map over two factors."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.errors import InputError
from sim.output.formatting import points, sentence, shown
from sim.output.sweeps import SweepData
from sim.plots.factors import (
    cells,
    centre,
    chosen_metric,
    factor_label,
    is_numeric,
    is_share,
    metric_label,
    month_ticks,
    noise,
    own_value,
    positions,
)
from sim.plots.labels import percent_ticks, share_axis
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.style import (
    ACCENT,
    CHANCE,
    HALO,
    INK,
    LABEL_SIZE,
    MEMBER_COLOURS,
    SMALL_SIZE,
    TICK_SIZE,
    TRUST,
    Sheet,
    styled,
)
from sim.version import __version__

_LEFT = 0.72
_CURVE = 2.6
_HEAT = 3.2
_EVEN = 0.5
_TICKS = 12
_WORD = 1.2
_MONTH = 1 / 12
_NARROWEST = 0.3
_DOT: Final[dict[str, Any]] = {
    "marker": "o",
    "linewidth": 0,
    "markerfacecolor": "white",
    "markeredgecolor": INK,
    "markeredgewidth": 1.4,
}
_OWN: Final[dict[str, Any]] = {"color": INK, "linewidth": 1.0, "linestyle": (0, (1, 1.5))}
_LINES = (ACCENT, *MEMBER_COLOURS)


def curve(sweep: SweepData, factor: str | None = None, metric: str | None = None) -> Sheet:
    """Draw a metric over one factor, with a line and its interval for each branch.

    Parameters
    ----------
    sweep : SweepData
        A sweep that varies one key.
    factor, metric : str, optional
        The varied key, and a metric of the sweep; default: the first chance, else the first metric.
    """
    with styled():
        measured = chosen_metric(sweep, metric)
        key = _single(sweep, factor)
        page = FigurePage(
            sentence(metric_label(sweep, measured)),
            _spread_note(sweep, measured),
        )
        own = own_value(sweep, sweep.branches[0], key) if is_numeric(sweep.values(key)) else None
        _curve_key(page, sweep, own=own is not None)
        axes = page.axes(_CURVE, _LEFT)
        _curves(axes, sweep, key, measured, page.right - _LEFT)
        if own is not None:
            axes.axvline(own, zorder=0.8, label="own", **_OWN)
        label = wrap(factor_label(sweep.scenario, key), page.right - _LEFT, LABEL_SIZE)
        axes.set_xlabel(label)
        lines = label.count("\n") + max(tick.get_text().count("\n") for tick in axes.get_xticklabels())
        page.below(_CURVE + 0.45 + 0.12 * lines)
        return page.finish(*_provenance(sweep, sweep.branches), f"Measured: {measured}")


def heatmap(
    sweep: SweepData,
    factor_x: str | None = None,
    factor_y: str | None = None,
    metric: str | None = None,
    *,
    branch: str | None = None,
    dot: tuple[float, float] | None = None,
) -> Sheet:
    """Draw a metric over two factors, with the 50 % line and a dot at the scenario's own values.

    Parameters
    ----------
    sweep : SweepData
        A sweep that varies two keys.
    factor_x, factor_y, metric : str, optional
        The varied keys, and a metric of the sweep.
    branch : str, optional
        Default: the first of the sweep.
    dot : tuple of float, optional
        Where the dot stands; default: the scenario's own values, if they are numbers.
    """
    with styled():
        measured = chosen_metric(sweep, metric)
        keys = pair_of_keys(sweep, factor_x, factor_y)
        chosen = chosen_branch(sweep, branch)
        among = " Median among runs in which it happens." if sweep.kinds[measured] == "date" else ""
        page = FigurePage(
            sentence(metric_label(sweep, measured)),
            f"{sweep.replicates} runs at each point.{among} {noise_note(sweep, measured, chosen)} "
            f"Branch: {branch_words(sweep, chosen)}.",
        )
        return draw_heat(page, sweep, keys, measured, branch=branch, dot=dot, dot_label="as the scenario has it")


def draw_heat(
    page: FigurePage,
    sweep: SweepData,
    keys: tuple[str, str],
    metric: str,
    *,
    branch: str | None,
    dot: tuple[float, float] | None,
    dot_label: str,
) -> Sheet:
    """Draw a heat map on a page that already has a title, and finish the page."""
    chosen = chosen_branch(sweep, branch)
    xs, ys = (sweep.values(key) for key in keys)
    values = grid(sweep, keys, metric, chosen)
    own = (own_value(sweep, chosen, keys[0]), own_value(sweep, chosen, keys[1]))
    if dot is None and own[0] is not None and own[1] is not None and is_numeric(xs) and is_numeric(ys):
        inside = [
            edges[0] <= at <= edges[-1]
            for at, edges in zip(own, (_edges(positions(xs)), _edges(positions(ys))), strict=True)
        ]
        dot = (own[0], own[1]) if all(inside) else None
    crossed = _crossed(sweep, metric, values) and is_numeric(xs) and is_numeric(ys)
    _heat_key(page, crossed, dot_label if dot is not None else "")
    upward = _upward(ys, _HEAT)
    left = 0.42 + max(_widest(label) for label in upward[1])
    right = page.right - 0.85
    axes = page.axes(_HEAT, left, right)
    colours, limits = _scale(sweep, metric, values, chosen)
    axes.pcolormesh(_edges(positions(xs)), _edges(positions(ys)), values, cmap=colours, norm=limits)
    if crossed:
        for end in centre(sweep, metric)[1:]:
            edge = grid(sweep, keys, metric, chosen, end)
            if edge.min() < _EVEN < edge.max():
                axes.contour(
                    positions(xs), positions(ys), edge, levels=[_EVEN], colors=INK, linewidths=0.8, linestyles="dashed"
                )
        line = axes.contour(positions(xs), positions(ys), values, levels=[_EVEN], colors=INK, linewidths=1.3)
        line.set(path_effects=HALO)
    if dot is not None:
        axes.plot(*dot, markersize=7, zorder=5, clip_on=False, label="dot", **_DOT)
    axes.set_yticks(*upward)
    across = _across(xs, right - left)
    axes.set_xticks(*across)
    lines = 1 + max(tick.count("\n") for tick in across[1])
    label = wrap(factor_label(sweep.scenario, keys[0]), right - left, LABEL_SIZE)
    axes.set_xlabel(label)
    axes.set_ylabel(wrap(factor_label(sweep.scenario, keys[1]), _HEAT, LABEL_SIZE, lines=2))
    bar = page.axes(_HEAT, right + 0.12, right + 0.26)
    scale = page.figure.colorbar(ScalarMappable(limits, colours), cax=bar)
    scale.set_label(metric_label(sweep, metric), size=SMALL_SIZE)
    bar.tick_params(labelsize=SMALL_SIZE, length=2)
    if sweep.kinds[metric] == "date":
        places, months = month_ticks(*bar.get_ylim())
        scale.set_ticks(places, labels=months)
    elif sweep.kinds[metric] == "chance":
        percent_ticks(bar.yaxis)
    else:
        bar.ticklabel_format(axis="y", style="plain", useOffset=False)
    page.below(_HEAT + 0.33 + 0.12 * (lines + label.count("\n")))
    return page.finish(*_provenance(sweep, (chosen,)), f"Measured: {metric}")


def grid(
    sweep: SweepData, keys: tuple[str, str], metric: str, branch: str, cell: str | None = None
) -> NDArray[np.float64]:
    """Return a statistic of a metric at each point, with the second factor in rows and the first in columns.

    The statistic is the central value unless another column is named.
    """
    rows = sweep.table[sweep.table["branch"] == branch]
    middle = pd.Series(
        cells(sweep, rows, metric, cell or centre(sweep, metric)[0]),
        index=pd.MultiIndex.from_arrays([rows[keys[1]].tolist(), rows[keys[0]].tolist()]),
    )
    return np.array(
        [[middle.get((y, x), np.nan) for x in sweep.values(keys[0])] for y in sweep.values(keys[1])],
        dtype=np.float64,
    )


def _curves(axes: Axes, sweep: SweepData, key: str, metric: str, width: float) -> None:
    values = sweep.values(key)
    order = np.argsort(positions(values), kind="stable")
    places = positions(values)[order]
    for number, branch in enumerate(sweep.branches):
        rows = sweep.table[sweep.table["branch"] == branch].set_index(key).loc[[values[i] for i in order]]
        middle, low, high = (cells(sweep, rows, metric, cell) for cell in centre(sweep, metric))
        colour = _line(number)
        if is_numeric(values):
            axes.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(places, middle, color=colour, linewidth=1.8, marker="o", markersize=3, label=branch)
        else:
            shifted = places + (number - (len(sweep.branches) - 1) / 2) * 0.12
            axes.vlines(shifted, low, high, color=colour, linewidth=1.4)
            axes.plot(shifted, middle, color=colour, linewidth=0, marker="o", markersize=5, label=branch)
    if not is_numeric(values):
        axes.set_xticks(*_across([values[i] for i in order], width))
        axes.set_xlim(-0.5, len(values) - 0.5)
    if sweep.kinds[metric] == "chance":
        axes.set_ylim(-0.02, 1.02)
        percent_ticks(axes.yaxis)
        axes.axhline(_EVEN, color=INK, linewidth=0.5, linestyle=(0, (2, 2)), zorder=0.5)
    elif sweep.kinds[metric] == "date":
        low, high = axes.dataLim.y0, axes.dataLim.y1
        if np.isfinite([low, high]).all():
            room = max(0.05 * (high - low), _MONTH)
            axes.set_ylim(low - room, high + room)
            axes.set_yticks(*month_ticks(low - room, high + room))
    cut = ""
    if sweep.kinds[metric] == "number" and is_share(metric):
        cut = share_axis(axes, "y", axes.dataLim.y0, axes.dataLim.y1)
    axes.set_ylabel({"chance": "chance", "date": "month", "number": "median"}[sweep.kinds[metric]] + cut)


def _curve_key(page: FigurePage, sweep: SweepData, *, own: bool) -> None:
    handles: list[Line2D] = []
    names = []
    if len(sweep.branches) > 1:
        handles = [Line2D([], [], color=_line(n), linewidth=1.8) for n in range(len(sweep.branches))]
        names = [branch_words(sweep, branch) for branch in sweep.branches]
    if own:
        handles.append(Line2D([], [], **_OWN))
        names.append("as the scenario has it")
    if handles:
        page.key(handles, names)


def noise_note(sweep: SweepData, metric: str, branch: str) -> str:
    """Return a sentence on how far a point is uncertain because its runs are few."""
    half = noise(sweep, sweep.table[sweep.table["branch"] == branch], metric)
    kind = sweep.kinds[metric]
    if kind == "chance":
        size = points(half)
    elif kind == "date":
        size = f"{shown(12 * half, 1)} months"
    else:
        size = shown(half, 3)
    return f"A typical point is uncertain by {size} to both sides (90 % interval), from the number of its runs alone."


def _heat_key(page: FigurePage, crossed: bool, dot_label: str) -> None:
    handles: list[Line2D] = []
    names = []
    if crossed:
        handles.append(Line2D([], [], color=INK, linewidth=1.3))
        handles.append(Line2D([], [], color=INK, linewidth=0.8, linestyle="dashed"))
        names += ["even chance (50 %)", "its 90 % interval"]
    if dot_label:
        handles.append(Line2D([], [], markersize=6, **_DOT))
        names.append(dot_label)
    if handles:
        page.key(handles, names)


def _scale(sweep: SweepData, metric: str, values: NDArray[np.float64], branch: str) -> tuple[Colormap, Normalize]:
    """Return colours and limits; the scale spans at least twice the 90 % interval of a point."""
    if sweep.kinds[metric] == "chance":
        return CHANCE, Normalize(0, 1)
    known = values[~np.isnan(values)]
    if known.size == 0:
        raise InputError(f"metric '{metric}' has no value at any point of this sweep")
    rows = sweep.table[sweep.table["branch"] == branch]
    least = max(1.1 * _MONTH if sweep.kinds[metric] == "date" else 0.025, 2 * noise(sweep, rows, metric))
    middle, half = (known.min() + known.max()) / 2, max((known.max() - known.min()) / 2, least)
    return TRUST, Normalize(float(middle - half), float(middle + half))


def _crossed(sweep: SweepData, metric: str, values: NDArray[np.float64]) -> bool:
    return sweep.kinds[metric] == "chance" and min(values.shape) > 1 and bool(values.min() < _EVEN < values.max())


def _edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the borders of cells, halfway between their centres."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middles = (centres[1:] + centres[:-1]) / 2
    return np.array([2 * centres[0] - middles[0], *middles, 2 * centres[-1] - middles[-1]])


def _single(sweep: SweepData, factor: str | None) -> str:
    _check_grid(sweep, "a curve")
    if len(sweep.factors) != 1:
        raise InputError(f"a curve needs a sweep of one key; this one varies {', '.join(sweep.factors)}")
    return _known(sweep, factor or next(iter(sweep.factors)))


def pair_of_keys(sweep: SweepData, factor_x: str | None, factor_y: str | None) -> tuple[str, str]:
    """Return the keys of the horizontal and vertical axis."""
    _check_grid(sweep, "a heat map")
    if len(sweep.factors) != 2:
        raise InputError(f"a heat map needs a sweep of two keys; this one varies {', '.join(sweep.factors)}")
    first, second = sweep.factors
    x = factor_x or (second if factor_y == first else first)
    y = factor_y or (second if x == first else first)
    if x == y:
        raise InputError(f"a heat map needs two different keys, not '{x}' twice")
    return _known(sweep, x), _known(sweep, y)


def _check_grid(sweep: SweepData, figure: str) -> None:
    if sweep.design["kind"] != "grid":
        raise InputError(f"{figure} needs a grid; the design of this sweep is '{sweep.design['kind']}'")


def _known(sweep: SweepData, key: str) -> str:
    if key not in sweep.factors:
        raise InputError(f"'{key}' is not varied in this sweep; allowed: {', '.join(sweep.factors)}")
    return key


def chosen_branch(sweep: SweepData, branch: str | None) -> str:
    """Return the requested branch, by default the first."""
    if branch is None:
        return sweep.branches[0]
    if branch not in sweep.branches:
        raise InputError(f"unknown branch '{branch}'; allowed: {', '.join(sweep.branches)}")
    return branch


def branch_words(sweep: SweepData, branch: str) -> str:
    """Return a branch's title, or its key with spaces for dashes."""
    given = sweep.scenario.branches.get(branch)
    return given.title if given is not None and given.title else branch.replace("-", " ")


def _marked(values: Sequence[Any]) -> tuple[NDArray[np.float64], list[str]]:
    """Return the positions and labels of ticks: one at each value, or round numbers if there are many values."""
    if not is_numeric(values):
        return positions(values), [str(value) for value in values]
    places = positions(values)
    if len(values) > _TICKS:
        round_numbers = MaxNLocator(_TICKS - 2).tick_values(places.min(), places.max())
        places = round_numbers[(round_numbers >= places.min()) & (round_numbers <= places.max())]
    return places, [f"{value:.3g}" for value in places]


def _thinned(labels: list[str], middles: NDArray[np.float64], sizes: list[float]) -> list[str]:
    """Remove labels that would touch their predecessor; positions and sizes are in inches along the axis."""
    visible: list[str] = []
    end = -np.inf
    for label, middle, size in zip(labels, middles, sizes, strict=True):
        fits = middle - size / 2 > end
        visible.append(label if fits else "")
        end = middle + size / 2 + 0.05 if fits else end
    return visible


def _across(values: Sequence[Any], width: float) -> tuple[NDArray[np.float64], list[str]]:
    """Return positions and labels of the ticks of a horizontal axis with a width in inches."""
    places, labels = _marked(values)
    if not is_numeric(values):
        room = max(width / len(values) - 0.06, _NARROWEST)
        labels = [wrap(label, room, TICK_SIZE, lines=3) for label in labels]
    edges = _edges(positions(values))
    inches = (places - edges[0]) / (edges[-1] - edges[0]) * width
    return places, _thinned(labels, inches, [_widest(label) for label in labels])


def _upward(values: Sequence[Any], height: float) -> tuple[NDArray[np.float64], list[str]]:
    """Return positions and labels of the ticks of a vertical axis with a height in inches."""
    places, labels = _marked(values)
    labels = [wrap(label, _WORD, TICK_SIZE, lines=3) for label in labels]
    edges = _edges(positions(values))
    inches = (places - edges[0]) / (edges[-1] - edges[0]) * height
    return places, _thinned(labels, inches, [0.13 * (1 + label.count("\n")) for label in labels])


def _widest(label: str) -> float:
    return max(text_width(line, TICK_SIZE) for line in label.split("\n"))


def _line(number: int) -> str:
    return _LINES[number % len(_LINES)]


def _spread_note(sweep: SweepData, metric: str) -> str:
    if sweep.kinds[metric] == "chance":
        return f"Bands: 90 % interval from {sweep.replicates} runs a point."
    if sweep.kinds[metric] == "date":
        return "Line: median, bands: 90 %, among runs in which it happens."
    return f"Bands: 90 % of {sweep.replicates} runs a point."


def _provenance(sweep: SweepData, branches: Sequence[str]) -> tuple[str, str]:
    parts: list[Any] = [
        f"Scenario: {sweep.scenario.title}",
        f"branch{'es' * (len(branches) > 1)} {', '.join(branches)}",
        f"{sweep.replicates} replicates a point",
        f"seed {sweep.seed}",
        f"csto-sim {__version__}",
    ]
    return "Sources: model runs", " · ".join(parts)
