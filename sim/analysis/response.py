"""Response curves: a metric's mean along each factor, averaged over the other factors of the design."""

import numpy as np
import pandas as pd

from sim.analysis.averages import average, difference
from sim.analysis.bins import quantile_bins
from sim.analysis.outcome import MetricOutcome, outcome
from sim.analysis.stored import StoredSweep
from sim.errors import InputError

FIFTH = 0.2
"""Share of the points at each end of a sampled factor that a tornado compares; their middles are 10 and 90 %."""


def curves(sweep: StoredSweep, metric: str, branch: str | None = None) -> pd.DataFrame:
    """Return the response curve of a metric's mean for each factor.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep of any design.
    metric : str
        A metric of the sweep, or a comparison of one.
    branch : str, optional
        Default: the first of the sweep.

    Returns
    -------
    pandas.DataFrame
        One row for each factor and value, or range of values with equally many points where the factor was
        sampled: ``factor``; ``value`` (the median of a range); ``from`` and ``to`` (its ends); ``mean`` with ``low``
        and ``high`` of its 90 % interval; ``points`` and ``runs`` that the mean is over.

    Examples
    --------
    >>> curves(sweep, "ARM.trust[RUS]@end")  # doctest: +SKIP
    """
    what, units = outcome(sweep, metric, branch), sweep.units()
    rows = []
    for key in sweep.keys:
        bins = quantile_bins(sweep, key)
        for i, value in enumerate(bins.values):
            rows_here = bins.place == i
            values = what.values[rows_here].ravel()
            estimate = average(values, units[rows_here].ravel(), chance=what.chance)
            rows.append(
                {
                    "factor": key,
                    "value": value,
                    "from": bins.low[i],
                    "to": bins.high[i],
                    **estimate._asdict(),
                    "points": int(rows_here.sum()),
                    "runs": int((~np.isnan(values)).sum()),
                }
            )
    return pd.DataFrame(rows)


def by_spread(table: pd.DataFrame) -> list[str]:
    """Return the factors, ordered by the variance of a metric's mean along each."""
    spread = {}
    for factor, rows in table.groupby("factor", sort=False):
        known = rows.dropna(subset=["mean"])
        weights = known["runs"] / known["runs"].sum()
        middle = float((weights * known["mean"]).sum())
        spread[str(factor)] = float((weights * (known["mean"] - middle) ** 2).sum())
    return sorted(spread, key=lambda factor: -spread[factor])


def tornado(sweep: StoredSweep, metric: str, branch: str | None = None) -> pd.DataFrame:
    """Return the change in a metric's mean from the low to the high end of each numeric factor.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep of any design.
    metric : str
        A metric of the sweep, or a comparison of one.
    branch : str, optional
        Default: the first of the sweep.

    Returns
    -------
    pandas.DataFrame
        One row a factor, largest change first: ``factor``; ``low_value`` and ``high_value`` (the lowest and highest
        value where they are few, else the 10 and 90 % quantiles, which stand for the lowest and highest fifth of the
        points); ``low_mean`` and ``high_mean``; ``change`` with ``low`` and ``high`` of its 90 % interval.

    Raises
    ------
    InputError
        If no factor is a number.
    """
    if not sweep.numeric:
        raise InputError(f"a tornado needs a factor that is a number; this sweep varies {', '.join(sweep.keys)}")
    what = outcome(sweep, metric, branch)
    table = pd.DataFrame([_change(sweep, what, key) for key in sweep.numeric])
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _change(sweep: StoredSweep, what: MetricOutcome, key: str) -> dict[str, object]:
    bins, points, units = quantile_bins(sweep, key), sweep.points[key].to_numpy(dtype=np.float64), sweep.units()
    if bins.ranges:
        low, high = np.quantile(points, [FIFTH / 2, 1 - FIFTH / 2])
        below, above = points <= np.quantile(points, FIFTH), points >= np.quantile(points, 1 - FIFTH)
    else:
        low, high = points.min(), points.max()
        below, above = points == low, points == high
    first, second = what.values[below].ravel(), what.values[above].ravel()
    change = difference(first, units[below].ravel(), second, units[above].ravel())
    return {
        "factor": key,
        "low_value": float(low),
        "high_value": float(high),
        "low_mean": _mean(first),
        "high_mean": _mean(second),
        "change": change.mean,
        "low": change.low,
        "high": change.high,
    }


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
