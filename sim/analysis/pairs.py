"""Joint effect of two factors on a metric's mean, as a heat map."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from sim.analysis.bins import Bins, even_bins
from sim.analysis.outcome import outcome
from sim.analysis.response import by_spread, curves
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from sim.output.intervals import LEVEL

THIN = 5
"""Points in a cell below which its mean is called unsure."""


@dataclass(frozen=True, eq=False)
class Heat:
    """Heat map of a metric's mean over two factors.

    Attributes
    ----------
    metric, branch : str
        What is shown.
    x, y : Bins
        The two factors in pieces.
    cells : pandas.DataFrame
        One row a cell: ``x`` and ``y`` (values; middles of ranges), ``x_from``, ``x_to``, ``y_from``, ``y_to``,
        ``mean`` with the 90 % interval ``low``..``high`` from the number of its runs (missing where there is no point),
        ``points``.
    warnings : tuple of str
        What limits the estimate.
    """

    metric: str
    branch: str
    x: Bins
    y: Bins
    cells: pd.DataFrame
    warnings: tuple[str, ...]


def heat(sweep: StoredSweep, metric: str, pair: tuple[str, str] | None = None, branch: str | None = None) -> Heat:
    """Return the mean of a metric in cells of two factors.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep of any design that varies two keys or more.
    metric : str
        A metric of the sweep, or a comparison of one.
    pair : tuple of str, optional
        The factors across and upward; default: the two along which the mean moves furthest.
    branch : str, optional
        Default: the first of the sweep.

    Raises
    ------
    InputError
        If the sweep varies one key only, or not these.
    """
    if len(sweep.keys) < 2:
        raise InputError(f"a heat map needs two factors; this sweep varies {sweep.keys[0]} alone")
    what = outcome(sweep, metric, branch)
    if pair is None:
        first, second = by_spread(curves(sweep, metric, branch))[:2]
    else:
        first, second = (sweep.key(key) for key in pair)
    if first == second:
        raise InputError(f"a heat map needs two different factors, not '{first}' twice")
    x, y = even_bins(sweep, first), even_bins(sweep, second)
    cell = y.place * len(x) + x.place
    sums = np.bincount(cell, np.nansum(what.values, axis=1), len(x) * len(y))
    runs = np.bincount(cell, (~np.isnan(what.values)).sum(axis=1), len(x) * len(y))
    mean = np.full(runs.shape, np.nan)
    np.divide(sums, runs, out=mean, where=runs > 0)
    squares = np.bincount(cell, np.nansum(what.values**2, axis=1), len(x) * len(y))
    spread = np.full(runs.shape, np.nan)
    np.divide(np.maximum(squares - runs * mean**2, 0.0), runs * (runs - 1.0), out=spread, where=runs > 1)
    half = NormalDist().inv_cdf(0.5 + LEVEL / 2) * np.sqrt(spread)
    points = np.bincount(cell, minlength=len(x) * len(y))
    rows, columns = np.divmod(np.arange(points.size), len(x))
    cells = pd.DataFrame(
        {
            "x": [x.values[i] for i in columns],
            "y": [y.values[i] for i in rows],
            "x_from": x.low[columns],
            "x_to": x.high[columns],
            "y_from": y.low[rows],
            "y_to": y.high[rows],
            "mean": mean,
            "low": mean - half,
            "high": mean + half,
            "points": points,
        }
    )
    thin = int(((points > 0) & (points < THIN)).sum())
    few = f"'{what.metric}': {thin} of {points.size} cells of the heat map hold fewer than {THIN} points"
    warned = (few,) if thin and not sweep.listed else ()
    return Heat(what.metric, what.branch, x, y, cells, warned)
