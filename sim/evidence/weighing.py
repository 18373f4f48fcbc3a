"""Approximate Bayesian computation: parameter sets weighted by distance from acceptance intervals."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sim.evidence.patterns import HALF_WIDTHS, Pattern, weights
from sim.output.measuring import Floats

FEWEST: Final = 150
"""Sets that a fit accepts at least: fewer are worth less than a hundred once they are weighted."""


def misfit(values: Floats, patterns: Sequence[Pattern], noise: Floats) -> Floats:
    """Return the misfit of each parameter set to each pattern, from 0 (inside the interval) to 1.

    ``e^2 / (1 + e^2)``, with e the distance to the interval in standard deviations of observation, discrepancy and
    chance. It is bounded, so that a pattern beyond the model's reach does not drown the others.

    Parameters
    ----------
    values : array (D, patterns)
    patterns : sequence of Pattern
    noise : array (patterns)
        Variance that chance leaves in the statistics.
    """
    low, high = (np.array([getattr(one, end) for one in patterns]) for end in ("low", "high"))
    spread = np.sqrt(
        ((high - low) / (2.0 * HALF_WIDTHS)) ** 2 + np.array([one.discrepancy for one in patterns]) ** 2 + noise
    )
    beyond = np.maximum(0.0, np.maximum(low - values, values - high)) / spread
    return np.asarray(np.where(np.isnan(beyond), 1.0, beyond**2 / (1.0 + beyond**2)))


def distance(values: Floats, patterns: Sequence[Pattern], noise: Floats) -> Floats:
    """Return the distance of each parameter set: the weighted mean of its misfits, 0..1."""
    return np.asarray(misfit(values, patterns, noise) @ weights(patterns))


def kernel_weights(distances: Floats, share: float, least: int = FEWEST) -> Floats:
    """Return Epanechnikov kernel weights of the nearest parameter sets; 0 for the others, sum 1.

    Parameters
    ----------
    distances : array (D)
    share : float
        Share of the sets that are accepted, 0..1.
    least : int
        How many are accepted at least, if there are so many.

    Examples
    --------
    >>> kernel_weights(np.array([0.0, 0.0, 1.0, 2.0]), 0.5, least=1).tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    count = min(len(distances), max(least, round(share * len(distances))))
    order = np.sort(distances)
    tolerance = order[count] if count < len(order) else np.nextafter(order[-1], np.inf)
    if tolerance <= order[0]:  # so many are equally near that the kernel cannot tell them apart
        chosen = (distances <= tolerance).astype(np.float64)
    else:
        chosen = np.maximum(0.0, 1.0 - (distances / tolerance) ** 2)
    return np.asarray(chosen / chosen.sum())


def weighted_quantile(values: Floats, weight: Floats, probability: float) -> float:
    """Return the weighted quantile: the least value with at least ``probability`` of the weight at or below it."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(values[order][min(len(values) - 1, int(np.searchsorted(reached, probability - 1e-12)))])
