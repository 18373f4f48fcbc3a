"""Differences that a sweep could tell, estimated before it runs from a trial at a few of its points."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
from scipy.special import nctdtrit

from sim.experiments.chunks import RunBatch
from sim.experiments.executors import trial
from sim.experiments.plan import Plan
from sim.output.intervals import LEVEL
from sim.output.measuring import Floats, kind_of

POWER: Final = 0.8
"""Chance with which a difference of the stated size would be told from none."""

POINTS: Final = 8
"""Points of a trial, spread evenly over the design."""

RUNS: Final[dict[str, int]] = {"compiled": 320, "mesa": 24}
"""Runs of a trial, at most, by engine."""

_SURE: Final = NormalDist().inv_cdf(0.5 + LEVEL / 2)
_REACH: Final = _SURE + NormalDist().inv_cdf(POWER)


@dataclass(frozen=True)
class Detectable:
    """Least differences of a metric's mean that the runs of a sweep could tell, at 80 % power and 90 % intervals.

    Attributes
    ----------
    metric : str
        The expression.
    points : float or None
        Between two points of one branch; None if a trial does not show it, as with one replicate.
    branches : float or None
        Between the first two branches at one point, which share their draws; None likewise, or with one branch.
    halves : float or None
        Between two halves of the points, such as those with a low and a high value of a factor.
    """

    metric: str
    points: float | None
    branches: float | None
    halves: float | None


def detectable(plan: Plan) -> list[Detectable]:
    """Return, for each metric that is not a date, which differences the runs of a sweep could tell.

    The spread of runs is from a trial, which is discarded; the differences hold to about a fifth of their size, those
    between halves to a half, since the trial has few points.

    Parameters
    ----------
    plan : Plan
        The plan of the sweep.
    """
    values = _trial(plan)
    columns = {text: column for column, text in enumerate(plan.metrics)}
    return [
        _of_metric(plan, text, values[..., columns[text]])
        for text, metric in plan.parsed.items()
        if kind_of(metric) != "date"
    ]


def _trial(plan: Plan) -> Floats:
    """Return the metrics of a trial (point, branch, replicate, metric)."""
    count = min(POINTS, len(plan.points))
    points = np.unique(np.linspace(0, len(plan.points) - 1, count).round().astype(int))
    branches = plan.branches[:2]
    replicates = max(1, min(plan.replicates, RUNS[plan.engine] // (len(points) * len(branches))))
    pieces = [
        RunBatch(branch, plan.first_replicate(int(point)), replicates, plan.points.point(int(point)))
        for point in points
        for branch in branches
    ]
    metrics = trial(plan.job(), pieces).metrics
    return np.asarray(metrics.reshape(len(points), len(branches), replicates, -1))


def _of_metric(plan: Plan, text: str, values: Floats) -> Detectable:
    replicates, points = plan.replicates, len(plan.points)
    values = values[((~np.isnan(values)).sum(axis=2) >= min(2, values.shape[2])).all(axis=1)]
    if not len(values):
        return Detectable(text, None, None, None)
    chance = kind_of(plan.parsed[text]) == "chance"
    first = values[:, 0]
    within = _spread(first, chance=chance)
    apart = first[1:] - first[:-1] if plan.common_draws else None
    between = within * sqrt(2) if apart is None or not len(apart) else _spread(apart, chance=False)
    pairs = _spread(values[:, 1] - first, chance=False) if values.shape[1] > 1 else None
    means = np.nanmean(first, axis=1)
    scatter = float(np.nanvar(means, ddof=1)) if len(means) > 1 else float("nan")
    halves = _of_few(len(means) - 1) * 2 * sqrt(scatter / points) if points >= 4 and np.isfinite(scatter) else None
    return Detectable(
        text,
        _least(_REACH * between / sqrt(replicates) if points > 1 else None),
        _least(None if pairs is None else _REACH * pairs / sqrt(replicates)),
        _least(halves),
    )


def _spread(values: Floats, *, chance: bool) -> float:
    """Return the standard deviation of runs at a point, over the points of a trial."""
    known = values[~np.isnan(values)]
    if chance:  # that all runs of a trial agree does not mean that all runs do
        share = (float(known.sum()) + 0.5) / (known.size + 1)
        return sqrt(share * (1 - share))
    if values.shape[1] < 2:
        return float("nan")
    return float(np.sqrt(np.nanmean(np.nanvar(values, axis=1, ddof=1))))


def _of_few(freedom: int) -> float:
    """Return the standard errors of a least difference if they are estimated with few degrees of freedom.

    Over trials, the difference is found with the stated power: it is a quantile of the noncentral t distribution.

    Examples
    --------
    >>> round(_of_few(7), 2), round(_of_few(100_000), 2), round(_REACH, 2)
    (2.79, 2.49, 2.49)
    """
    return float(nctdtrit(freedom, _SURE, POWER))


def _least(difference: float | None) -> float | None:
    """Return a least detectable difference, None if it is unknown or zero."""
    return difference if difference is not None and np.isfinite(difference) and difference > 0 else None
