"""Proper scoring rules for forecasts; lower scores are better."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SURE: Final = 0.005
"""Nearest to 0 or 1 that a chance counts in the log score, for everybody alike: one who says never pays 5.3, not
infinity, where it happens after all."""

EDGES: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
"""Bins of chances for the decomposition and the reliability diagram: fine where chances of rare events lie."""


def brier(chance: ArrayLike, happened: ArrayLike) -> Floats:
    """Return the Brier score of each forecast (Brier 1950): the squared error of the probability, 0..1.

    Examples
    --------
    >>> brier([0.0, 0.5], [1, 1]).tolist()
    [1.0, 0.25]
    """
    return np.asarray((np.asarray(chance, dtype=np.float64) - np.asarray(happened, dtype=np.float64)) ** 2)


def log_score(chance: ArrayLike, happened: ArrayLike) -> Floats:
    """Return minus the log of the probability of the actual outcome (Good 1952), in nats, at most 5.3.

    Examples
    --------
    >>> log_score([0.5, 0.0], [1, 1]).round(3).tolist()
    [0.693, 5.298]
    """
    clipped = np.clip(np.asarray(chance, dtype=np.float64), SURE, 1.0 - SURE)
    return np.asarray(-np.log(np.where(np.asarray(happened, dtype=bool), clipped, 1.0 - clipped)))


def rps(chances: ArrayLike, rung: ArrayLike) -> Floats:
    """Return the ranked probability score (Epstein 1969) of forecasts of K ranks, divided by K - 1: 0..1.

    Parameters
    ----------
    chances : array (..., K)
        Chances of the ranks, summing to 1.
    rung : array (...)
        Rank reached, 0..K-1.

    Examples
    --------
    >>> rps([0.5, 0.5, 0.0], 0).tolist(), rps([0.0, 0.0, 1.0], 0).tolist()
    (0.125, 1.0)
    """
    below = np.cumsum(np.asarray(chances, dtype=np.float64), axis=-1)[..., :-1]
    ranks = np.arange(below.shape[-1])
    reached = np.asarray(rung)[..., None] <= ranks
    return np.asarray(((below - reached) ** 2).mean(axis=-1))


def crps(sample: ArrayLike, value: float) -> float:
    """Return the continuous ranked probability score of a sample (Gneiting & Raftery 2007), in the sample's unit.

    Mean distance from the value less half the mean distance within the sample; of a sample of one it is the error.

    Examples
    --------
    >>> crps([0.0, 1.0], 0.0)
    0.25
    """
    sorted_ = np.sort(np.asarray(sample, dtype=np.float64))
    count = len(sorted_)
    weights = 2.0 * np.arange(1, count + 1) - count - 1.0
    return float(np.abs(sorted_ - value).mean() - (weights * sorted_).sum() / count**2)


class Murphy(NamedTuple):
    """Decomposition of the Brier score (Murphy 1973): ``reliability - resolution + uncertainty + within``.

    ``within`` is what chances that differ inside a bin add or take (Stephenson, Coelho & Jolliffe 2008).
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


def bins(chance: ArrayLike, edges: Sequence[float] = EDGES) -> NDArray[np.int64]:
    """Return the bin of each probability; a probability on an edge is in the upper bin, 1 in the last."""
    inner = np.asarray(edges[1:-1])
    return np.asarray(np.searchsorted(inner, np.asarray(chance, dtype=np.float64), side="right"), dtype=np.int64)


def murphy(chance: Floats, happened: Floats, edges: Sequence[float] = EDGES) -> Murphy:
    """Decompose the mean Brier score of forecasts.

    Parameters
    ----------
    chance, happened : array (n)
        Chances, and 1 where it happened, else 0.
    edges : sequence of float
        Edges of the bins within which chances count as equal.
    """
    bin_index = bins(chance, edges)
    base = float(happened.mean())
    reliability = resolution = 0.0
    for number in np.unique(bin_index):
        here = bin_index == number
        said, seen, share = chance[here].mean(), happened[here].mean(), here.mean()
        reliability += share * (said - seen) ** 2
        resolution += share * (seen - base) ** 2
    uncertainty = base * (1.0 - base)
    whole = float(brier(chance, happened).mean())
    return Murphy(float(reliability), float(resolution), uncertainty, whole - reliability + resolution - uncertainty)


def censored_brier(curves: Floats, when: Floats, seen: NDArray[np.int64]) -> float:
    """Return the integrated Brier score of event times, weighted for censoring (Graf et al. 1999).

    At each month the cases whose fate is known stand for those whose record has ended, by the chance that a record
    goes on so long (Kaplan & Meier 1958, of the ends).

    Parameters
    ----------
    curves : array (n, M)
        Chance that it has happened by the end of month 1..M.
    when : array (n)
        Month in which it happened, NaN where it did not within the months seen.
    seen : array (n)
        Months that the record covers, 1 or more.

    Returns
    -------
    float
        Mean over the months that at least one case covers; NaN without cases.
    """
    count, months = curves.shape
    if count == 0:
        return float("nan")
    known = np.where(np.isnan(when), np.inf, when)
    last = min(months, int(seen.max()))
    going_on = _going_on(known, seen, last)
    scores = []
    for month in range(1, last + 1):
        chance = curves[:, month - 1]
        early = known <= month
        beyond = ~early & (seen >= month)
        before = going_on[np.where(early, known, 1).astype(np.int64) - 1]
        weighted = np.where(early, (1.0 - chance) ** 2 / before, 0.0)
        weighted += np.where(beyond, chance**2 / going_on[month - 1], 0.0)
        scores.append(weighted.sum() / count)
    return float(np.mean(scores))


def _going_on(known: Floats, seen: NDArray[np.int64], last: int) -> Floats:
    """Return the probability that a record is uncensored through month 1..last; censoring follows the month's event."""
    chance = np.ones(last)
    for month in range(2, last + 1):
        at_risk = (seen >= month - 1) & (known > month - 1)
        ended = at_risk & (seen == month - 1)
        chance[month - 1] = chance[month - 2] * (1.0 - (ended.sum() / at_risk.sum() if at_risk.any() else 0.0))
    return np.maximum(chance, 1e-9)
