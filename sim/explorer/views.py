"""Summary of an ensemble for the page, as small arrays: quantiles, shares, chances and means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.ensemble import Batch
from sim.explorer.story import Story
from sim.output.intervals import LEVEL, wilson
from sim.output.quantiles import date_quantiles, known_mean
from sim.words import FREEZE, POSTURES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of the fans: 90 and 50 % of the runs, and the median."""

RESAMPLES: Final = 2000
"""How often the pairs of a difference are drawn again."""


@dataclass(frozen=True)
class View:
    """Summary of an ensemble for the page.

    Axes: runs R, quantiles Q (`QUANTILES`), dates T (the start, then the end of each tick), clients C, pairs of members
    K, rungs P.

    Attributes
    ----------
    runs : int
        Runs that it is made of.
    trust : array (Q, T, C)
        Trust of each client in the guarantor.
    approval, exit_support : array (Q, T, C)
        Approval of the alliance, and support for leaving it.
    shares : array (T, C, P)
        Share of the runs in each posture; all zero where a client is no member.
    between : array (T, K)
        Mean trust of one member in another, for each pair of the story.
    frozen : array (R, C)
        First place on the time axis at which a run is at freeze or beyond; T where it never is.
    """

    runs: int
    trust: Floats
    approval: Floats
    exit_support: Floats
    shares: Floats
    between: Floats
    frozen: Ints

    def public(self, name: str, client: int) -> Floats:
        """Return quantiles (Q, T) of ``approval`` or ``exit_support`` of a client."""
        courses: Floats = getattr(self, name)[:, :, client]
        return courses

    def chance(self, index: int, client: int) -> tuple[float, float, float]:
        """Return the share of runs that froze or left by a place on the time axis, with its interval (Wilson 1927)."""
        happened = int((self.frozen[:, client] <= index).sum())
        return happened / self.runs, *wilson(happened, self.runs)

    def now(self, index: int, client: int) -> float:
        """Return the share of runs at freeze or beyond at a place on the time axis."""
        return float(self.shares[index, client, FREEZE:].sum())


def view_of(story: Story, batches: Sequence[Batch]) -> View:
    """Compute the view of an ensemble from batches of different replicates."""
    pairs, clients = story.pairs, len(story.clients)
    trusted = [pairs.index((client, story.cast.guarantor)) for client in story.clients]

    def gathered(columns: Sequence[int] | slice) -> Floats:
        return np.concatenate([batch.values[:, :, columns] for batch in batches])

    def own(which: int) -> list[int]:
        return list(range(len(pairs) + which * clients, len(pairs) + (which + 1) * clients))

    runs = sum(len(batch.values) for batch in batches)
    weights = [len(batch.values) / runs for batch in batches]
    means = [
        known_mean(batch.values[:, :, : len(pairs)]) * weight for batch, weight in zip(batches, weights, strict=True)
    ]
    posture = gathered(own(0))
    return View(
        runs=runs,
        trust=date_quantiles(gathered(trusted), QUANTILES),
        approval=date_quantiles(gathered(own(1)), QUANTILES),
        exit_support=date_quantiles(gathered(own(2)), QUANTILES),
        shares=np.stack([(posture == rung).mean(axis=0) for rung in range(len(POSTURES))], axis=-1),
        between=np.sum(means, axis=0),
        frozen=_first_at(posture >= FREEZE),
    )


def _first_at(reached: NDArray[np.bool_]) -> Ints:
    """Return the index of the first true value along the second axis, the axis length if there is none."""
    places = reached.argmax(axis=1)
    return np.asarray(np.where(reached.any(axis=1), places, reached.shape[1]), dtype=np.int64)


@dataclass(frozen=True)
class ChanceDifference:
    """Difference between two chances from common random numbers, with its interval."""

    mean: float
    low: float
    high: float


def change(view: View, other: View, index: int, client: int) -> ChanceDifference:
    """Return the difference between two views in the chance that a client has frozen or left, paired by run.

    Views of one seed share the random numbers of each run; where one has more runs, its first are paired. The interval
    is the percentile interval of the paired bootstrap (Efron & Tibshirani 1993, ch. 13), as
    `sim.output.intervals.paired_bootstrap` has it: a difference is -1, 0 or 1, so a resample is a draw of counts.
    """
    runs = min(view.runs, other.runs)
    here, there = view.frozen[:runs, client] <= index, other.frozen[:runs, client] <= index
    more, less = int((here & ~there).sum()), int((~here & there).sum())
    counts = np.array([more, less, runs - more - less])
    drawn = np.random.default_rng(1).multinomial(runs, counts / runs, size=RESAMPLES)
    means = (drawn[:, 0] - drawn[:, 1]) / runs
    low, high = np.quantile(means, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return ChanceDifference((more - less) / runs, float(low), float(high))
