"""Ranks of true values among posterior draws, and whether they are as even as those of an exact posterior.

If a true value is drawn from the prior, the data are drawn given it, and the posterior is right, then the rank of the
true value among draws of the posterior is uniform (Cook, Gelman & Rubin 2006; Talts et al. 2018).

References
----------
Sailynoja, Burkner and Vehtari (2022), "Graphical test for discrete uniformity and its applications in goodness-of-fit
evaluation and multiple sample comparison", Statistics and Computing 32, 32.
"""

from functools import cache
from typing import Final

import numpy as np

from sim.model.world import Floats, Ints

SIMULATED: Final = 10_000
"""Sets of uniform ranks by which bands are simulated."""

LEVEL: Final = 0.95


def evenness(ranks: Ints, draws: int) -> float:
    """Return how often uniform ranks are at least as uneven as the given ones, 0..1; a p-value.

    What is compared is the cumulative distribution of the ranks, at its least likely point; at `LEVEL` this is the
    simultaneous band of Sailynoja, Burkner and Vehtari (2022).

    Parameters
    ----------
    ranks : array (truths)
        0..draws.
    draws : int
        Draws among which each was ranked.
    """
    statistic = _least_likely(ranks[None], draws)[0]
    return float((_simulated(len(ranks), draws) <= statistic).mean())


@cache
def _simulated(truths: int, draws: int) -> Floats:
    generator = np.random.default_rng([truths, draws])
    return _least_likely(generator.integers(draws + 1, size=(SIMULATED, truths)), draws)


def _least_likely(ranks: Ints, draws: int) -> Floats:
    """Return the smallest two-sided chance of the cumulative count over all ranks, of each row of ranks."""
    truths = ranks.shape[1]
    rows = np.arange(len(ranks))[:, None]
    counts = np.zeros((len(ranks), draws + 1), dtype=np.int64)
    np.add.at(counts, (rows, ranks), 1)
    below = counts.cumsum(axis=1)[:, :-1]
    chances = _two_sided(truths, draws)
    return np.asarray(chances[np.arange(draws), below].min(axis=1))


@cache
def _two_sided(truths: int, draws: int) -> Floats:
    """Return the two-sided chance of each cumulative count (draws, truths + 1)."""
    from scipy.stats import binom  # noqa: PLC0415 - takes half a second

    shares = np.arange(1, draws + 1)[:, None] / (draws + 1)
    counts = np.arange(truths + 1)
    tails = np.minimum(binom.cdf(counts, truths, shares), binom.sf(counts - 1, truths, shares))
    return np.asarray(np.minimum(1.0, 2.0 * tails))


def bin_band(truths: int, bins: int) -> tuple[int, int]:
    """Return the range in which the counts of all bins of uniform ranks lie together with a chance of `LEVEL`."""
    counts = np.random.default_rng([truths, bins]).multinomial(truths, np.full(bins, 1.0 / bins), size=SIMULATED)
    low = int(np.quantile(counts.min(axis=1), 0.5 * (1.0 - LEVEL), method="lower"))
    high = int(np.quantile(counts.max(axis=1), 0.5 * (1.0 + LEVEL), method="higher"))
    return low, high
