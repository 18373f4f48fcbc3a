"""Intervals that tables and figures print: shares, quantiles, paired differences."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.90
"""Level of every interval that is printed without another one."""

_BATCH = 2_000_000


def wilson(successes: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927).

    Parameters
    ----------
    successes : float
        Count of cases in which it happened, 0..n.
    n : float
        Count of cases, or the number of independent ones that they are worth.
    level : float
        Level of the interval.

    Returns
    -------
    tuple of float
        Low and high end; the whole of 0..1 where there are no cases.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.652, 0.977)
    """
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    scale = 1 + z * z / n
    low = 0.0 if successes <= 0 else (centre - spread) / scale
    high = 1.0 if successes >= n else (centre + spread) / scale
    return low, high


def paired_bootstrap(
    differences: NDArray[np.float64], level: float = LEVEL, resamples: int = 2000, seed: int = 1
) -> tuple[float, float]:
    """Return the percentile interval of the mean of paired differences (Efron & Tibshirani 1993, ch. 13).

    Parameters
    ----------
    differences : array
        One difference a replicate; the two runs of a pair share their draws. Missing ones are left out.
    level : float
        Level of the interval.
    resamples : int
        How often the replicates are drawn again.
    seed : int
        Seed of the resampling, which has a generator of its own.

    Returns
    -------
    tuple of float
        Low and high end; both missing (NaN) where there are no differences.

    Examples
    --------
    >>> paired_bootstrap(np.array([0.5, 0.5, 0.5]))
    (0.5, 0.5)
    """
    known = differences[~np.isnan(differences)]
    if known.size == 0:
        return float("nan"), float("nan")
    generator = np.random.default_rng(seed)
    batch = max(1, _BATCH // known.size)
    means = []
    for done in range(0, resamples, batch):
        picks = generator.integers(known.size, size=(min(batch, resamples - done), known.size))
        means.append(known[picks].mean(axis=1))
    low, high = np.quantile(np.concatenate(means), [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def quantile(values: NDArray[np.float64], probability: float, *, observed: bool = False) -> float:
    """Return a quantile of the values that are not missing, NaN where all are.

    Parameters
    ----------
    values : array
        Values, one a run.
    probability : float
        0..1.
    observed : bool
        Whether to return a value that was seen (for dates) instead of one between two values.

    Examples
    --------
    >>> quantile(np.array([1.0, 2.0, np.nan]), 0.5), quantile(np.array([1.0, 2.0]), 0.5, observed=True)
    (1.5, 1.0)
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return float("nan")
    return float(np.quantile(known, probability, method="inverted_cdf" if observed else "linear"))
