"""Uncertainty of score differences: block bootstrap over time, and the power of a comparison."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sim.evidence.hindcast.origins import EVERY
from sim.output.intervals import LEVEL

Floats = NDArray[np.float64]

RESAMPLES = 2000
FEWEST_BLOCKS = 3
WORLDS = 200
"""Runs of the model that stand in the place of the record when power is asked for."""


class Sums(NamedTuple):
    """Sums of scores by kind of question and origin, for resampling of origins.

    Attributes
    ----------
    totals : array (..., T, O)
        Sum over the questions of kind T at origin O.
    counts : array (T, O)
        Their number.
    """

    totals: Floats
    counts: Floats


def sums(values: Floats, kinds: NDArray[np.int64], origins: NDArray[np.int64], shape: tuple[int, int]) -> Sums:
    """Sum values (..., n) by kind (n) and origin (n) into an array of ``shape`` (T, O)."""
    count = len(kinds)
    table = csr_array((np.ones(count), (kinds * shape[1] + origins, np.arange(count))), (shape[0] * shape[1], count))
    totals = (table @ values.reshape(-1, count).T).T
    return Sums(totals.reshape(*values.shape[:-1], *shape), table.sum(axis=1).reshape(shape))


def mean_of(score_sums: Sums, weights: Floats | None = None) -> Floats:
    """Return the mean score over kinds of question, with equal weight for each kind.

    Parameters
    ----------
    score_sums : Sums
    weights : array (B, O), optional
        How often each origin counts; default: once.

    Returns
    -------
    array (...) or (..., B)
        NaN where there are no questions.
    """
    origin_weights = np.ones((1, score_sums.counts.shape[1])) if weights is None else weights
    numbers = score_sums.counts @ origin_weights.T
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(numbers > 0, (score_sums.totals @ origin_weights.T) / numbers, np.nan)
    kinds = (numbers > 0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = np.where(kinds > 0, np.nansum(means, axis=-2) / kinds, np.nan)
    return np.asarray(whole[..., 0] if weights is None else whole)


def overlap(horizon: int, every: int = EVERY) -> int:
    """Return the number of consecutive origins, ``every`` months apart, whose forecasts over a horizon overlap."""
    return max(1, horizon // every)


def block_length(horizon: int, origins: int, every: int = EVERY) -> int:
    """Return the number of origins in a block: as many as overlap, but few enough for three blocks.

    Blocks shorter than the overlap give an interval that is too narrow.
    """
    return max(1, min(overlap(horizon, every), origins // FEWEST_BLOCKS))


def block_weights(origins: int, length: int, resamples: int, seed: int) -> Floats:
    """Draw blocks of consecutive origins, wrapping round from the end to the start (Politis & Romano 1992).

    Returns
    -------
    array (resamples, origins)
        How often each origin is drawn; a row sums to ``origins``.
    """
    generator = np.random.default_rng(seed)
    blocks = -(-origins // length)
    starts = generator.integers(origins, size=(resamples, blocks))
    picks = ((starts[:, :, None] + np.arange(length)) % origins).reshape(resamples, -1)[:, :origins]
    weights = np.zeros((resamples, origins))
    np.add.at(weights, (np.arange(resamples)[:, None], picks), 1.0)
    return weights


def interval_of(score_sums: Sums, length: int, seed: int, resamples: int = RESAMPLES) -> tuple[Floats, Floats]:
    """Return the ends of the bootstrap interval of `mean_of` (...), with common resamples; NaN for a single origin."""
    origins = score_sums.counts.shape[1]
    if origins < 2:
        nothing = np.full(score_sums.totals.shape[:-2], np.nan)
        return nothing, nothing
    means = mean_of(score_sums, block_weights(origins, length, resamples, seed))
    quantiles = np.nanquantile if np.isnan(means).any() else np.quantile
    low, high = quantiles(means, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=-1)
    return low, high


def power_of(differences: Sums, length: int, seed: int, resamples: int = 400) -> float:
    """Return the power of a comparison: how often it would be decided if the model were correct.

    Parameters
    ----------
    differences : Sums
        ``totals`` (worlds, T, O): the model's scores less a baseline's, where each of the model's runs in turn is
        what came.

    Returns
    -------
    float
        Share of the worlds in which the whole interval lies below 0; NaN with a single origin.
    """
    if differences.counts.shape[1] < 2:
        return float("nan")
    _, high = interval_of(differences, length, seed, resamples)
    return float((high < 0).mean())
