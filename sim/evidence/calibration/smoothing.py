"""Pareto-smoothed importance sampling: weights whose largest values are replaced by those of a fitted tail.

References
----------
Vehtari, Simpson, Gelman, Yao and Gabry (2024), "Pareto smoothed importance sampling", JMLR 25(72).
Zhang and Stephens (2009), "A new and efficient estimation method for the generalized Pareto distribution",
Technometrics 51, 316-325.
"""

from typing import Final, NamedTuple

import numpy as np

from sim.output.measuring import Floats

RELIABLE: Final = 0.7
"""Shape of the tail up to which smoothed weights are reliable."""
FEWEST: Final = 5
"""Weights in a tail that a distribution is fitted to, at least."""


class Smoothed(NamedTuple):
    """Smoothed importance weights."""

    weight: Floats
    """Sum 1."""
    k: float
    """Shape of the tail of the raw weights (k-hat): above `RELIABLE` they cannot be relied on; ``inf`` if unknown."""
    effective: float
    """Effective sample size of the smoothed weights, for independent draws."""


def smooth(log_weight: Floats) -> Smoothed:
    """Return importance weights smoothed by a generalised Pareto distribution fitted to their upper tail.

    Parameters
    ----------
    log_weight : array (N)
        Logarithms of the raw weights, up to a constant.

    Examples
    --------
    >>> round(smooth(np.zeros(1000)).effective)
    1000
    """
    shifted = np.asarray(log_weight, dtype=np.float64) - np.max(log_weight)
    count = len(shifted)
    tail_size = int(np.ceil(min(0.2 * count, 3.0 * np.sqrt(count))))
    k = np.inf
    if np.ptp(shifted) == 0.0:
        k = -np.inf
    elif tail_size >= FEWEST and count > tail_size:
        order = np.argsort(shifted, kind="stable")
        tail = order[-tail_size:]
        cutoff = np.exp(max(shifted[order[-tail_size - 1]], np.log(np.finfo(np.float64).tiny)))
        excess = np.exp(shifted[tail]) - cutoff
        if excess[0] > 0.0:
            k, scale = fit_pareto(excess)
            middles = (np.arange(tail_size) + 0.5) / tail_size
            shifted[tail] = np.minimum(0.0, np.log(cutoff + pareto_quantile(middles, k, scale)))
    weight = np.exp(shifted)
    weight /= weight.sum()
    return Smoothed(weight, float(k), 1.0 / float((weight**2).sum()))


def log_mean(values: Floats, weight: Floats) -> float:
    """Return the logarithm of the weighted mean of exponentials.

    Parameters
    ----------
    values : array (N)
        Logarithms of what is averaged.
    weight : array (N)
        Sum 1.
    """
    top = float(values.max())
    return top + float(np.log(np.sum(weight * np.exp(values - top))))


def fit_pareto(excess: Floats) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto distribution, by the method of Zhang and Stephens.

    The shape is drawn towards 0.5 with the weight of ten observations, as Vehtari and others (2024) do.

    Parameters
    ----------
    excess : array (n)
        Positive excesses over a threshold, in ascending order.
    """
    n = len(excess)
    points = 30 + int(np.sqrt(n))
    quartile = excess[int(n / 4 + 0.5) - 1]
    theta = 1.0 / excess[-1] + (1.0 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))) / (3.0 * quartile)
    shape = np.log1p(-theta[:, None] * excess).mean(axis=1)
    profile = n * (np.log(-theta / shape) - shape - 1.0)
    weight = np.exp(profile - profile.max())
    best = float((weight * theta).sum() / weight.sum())
    k = float(np.log1p(-best * excess).mean())
    scale = -k / best
    return (n * k + 10.0 * 0.5) / (n + 10.0), scale


def pareto_quantile(probability: Floats, k: float, scale: float) -> Floats:
    """Return quantiles of the generalised Pareto distribution with a threshold of 0."""
    log_survival = np.log1p(-probability)
    return np.asarray(-scale * log_survival if k == 0.0 else scale * np.expm1(-k * log_survival) / k)
