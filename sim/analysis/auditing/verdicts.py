"""Verdicts on a claim: from the paired differences of a baseline and of checks, without any run."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import ceil, isnan, log, log1p, nan, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
from scipy.special import stdtrit

from sim.output.intervals import unseen
from sim.output.measuring import Floats

LEVEL: Final = 0.95
"""Level of the baseline's interval; with k checks theirs is 1 - 0.05 / k."""

POWER: Final = 0.80
"""Power with which a check must be able to see half of the baseline's difference before it counts against a claim."""

NOT_COUNTED: Final = "not counted"
"""Stands for the verdict of a check that switches off what the claim works through."""


class Verdict(IntEnum):
    """Verdicts from the best to the worst; the worst one of all checks is that of the claim."""

    ROBUST = 0
    SHIFTED = 1
    UNDECIDED = 2
    FRAGILE = 3
    DEFECT = 4

    @property
    def word(self) -> str:
        """The verdict in lower case."""
        return self.name.lower()


@dataclass(frozen=True)
class PairedSample:
    """Paired differences of a metric between two branches, in short.

    Attributes
    ----------
    pairs : int
        Pairs in which both runs have a value.
    mean, spread : float
        Mean and standard deviation of the differences; NaN without pairs, the spread also with one.
    lower : float
        Mean of the metric in the second branch, which a claim says is lower; NaN if it is not known.
    """

    pairs: int
    mean: float
    spread: float
    lower: float = nan

    @property
    def higher(self) -> float:
        """Mean of the metric in the first branch."""
        return self.lower + self.mean

    @classmethod
    def of(cls, values: Floats) -> "PairedSample":
        """Return the sample of values by branch and replicate, first branch minus second; missing ones are left out."""
        pairs = values[:, ~np.isnan(values).any(axis=0)]
        count = pairs.shape[1]
        if not count:
            return cls(0, nan, nan)
        differences = pairs[0] - pairs[1]
        return cls(
            count,
            float(differences.mean()),
            float(differences.std(ddof=1)) if count > 1 else nan,
            float(pairs[1].mean()),
        )

    def interval(self, level: float, reach: float | None) -> tuple[float, float]:
        """Return the confidence interval of the mean, by Student's t.

        Where all differences are equal, it holds every mean that is possible if an `unseen` share of pairs has other
        differences within ``reach``; without a reach, or with fewer than two pairs, both ends are missing (NaN).
        """
        if self.pairs < 2 or (self.spread == 0.0 and reach is None):
            return nan, nan
        if self.spread == 0.0 and reach is not None:
            share = unseen(self.pairs, level)
            return self.mean - share * (self.mean + reach), self.mean + share * (reach - self.mean)
        half = half_width(self.spread, self.pairs, level)
        return self.mean - half, self.mean + half


def half_width(spread: float, pairs: int, level: float) -> float:
    """Return half the width of the interval of a mean, by Student's t.

    Examples
    --------
    >>> round(half_width(1.0, 4, 0.95), 4)
    1.5912
    """
    return float(stdtrit(pairs - 1, 0.5 + level / 2)) * spread / sqrt(pairs)


def level_of(checks: int) -> float:
    """Return the level of each check's interval, so that all hold together with a chance of 95 % (Bonferroni).

    Examples
    --------
    >>> round(level_of(50), 4)
    0.999
    """
    return 1 - (1 - LEVEL) / max(1, checks)


def replicates_needed(spread: float, excess: float, level: float) -> int | None:
    """Return how many replicates a check needs to detect half of the excess over the claim's limit with 80 % power.

    The interval is Student's, as `PairedSample.interval` makes it; power is by the normal approximation.

    Parameters
    ----------
    spread : float
        Standard deviation of the paired differences.
    excess : float
        The baseline's difference less the least one that the claim allows; None is returned unless it is positive.
    level : float
        Level of the interval.

    Examples
    --------
    >>> replicates_needed(0.5, 0.4, 0.95)
    51
    """
    if not excess > 0 or isnan(spread):
        return None
    normal = NormalDist()
    power = normal.inv_cdf(POWER)
    needed = max(2, ceil(((normal.inv_cdf(0.5 + level / 2) + power) * spread / (excess / 2)) ** 2))
    while half_width(spread, needed, level) + power * spread / sqrt(needed) > excess / 2:
        needed += 1
    return needed


def equal_pairs_needed(mean: float, excess: float, level: float, reach: float | None) -> int | None:
    """Return how many pairs with equal differences give an interval whose half-width is below half of the excess.

    Parameters
    ----------
    mean : float
        The difference of every pair.
    excess, level, reach
        As for `replicates_needed` and `judge`.

    Examples
    --------
    >>> equal_pairs_needed(0.0, 0.4, 0.95, 1.0)
    17
    """
    if not excess > 0 or reach is None:
        return None
    share = excess / 2 / (reach + abs(mean))
    return ceil(log(0.5 - level / 2) / log1p(-share))


@dataclass(frozen=True)
class CheckVerdict:
    """The verdict on one check.

    Attributes
    ----------
    verdict : Verdict
    low, high : float
        Interval of the difference.
    needed : int or None
        Replicates that an undecided check would need; None for other verdicts, and where no number is enough.
    """

    verdict: Verdict
    low: float
    high: float
    needed: int | None = None


def judge(
    sample: PairedSample, baseline: PairedSample, least: float, level: float, reach: float | None = None
) -> CheckVerdict:
    """Judge a claim by one check.

    *Robust*: the interval lies above the least difference, and its middle between half and twice the baseline's.
    *Shifted*: the interval lies above it, the middle elsewhere. *Fragile*: the interval lies below it, or covers it
    although there was power for half the baseline's excess. *Undecided*: it covers it without that power.

    Parameters
    ----------
    sample, baseline : PairedSample
        The differences under the check, and those of the baseline, in the direction of the claim.
    least : float
        The claim says that the difference exceeds this.
    level : float
        Level of the interval.
    reach : float or None
        Largest size of a difference; None if it is not known.
    """
    low, high = sample.interval(level, reach)
    if low > least:
        inside = baseline.mean / 2 <= sample.mean <= 2 * baseline.mean
        return CheckVerdict(Verdict.ROBUST if inside else Verdict.SHIFTED, low, high)
    if high < least:
        return CheckVerdict(Verdict.FRAGILE, low, high)
    excess = baseline.mean - least
    if sample.spread == 0.0:
        powered, needed = high < least + excess / 2, equal_pairs_needed(sample.mean, excess, level, reach)
    else:
        needed = replicates_needed(sample.spread, excess, level)
        powered = needed is not None and needed <= sample.pairs
    return CheckVerdict(Verdict.FRAGILE, low, high) if powered else CheckVerdict(Verdict.UNDECIDED, low, high, needed)


def worst(verdicts: Iterable[Verdict], *, whole: bool) -> Verdict:
    """Return the verdict on a claim: the worst one, and at best undecided unless all checks were made.

    Examples
    --------
    >>> worst([Verdict.ROBUST, Verdict.SHIFTED], whole=True).word
    'shifted'
    >>> worst([Verdict.ROBUST, Verdict.SHIFTED], whole=False).word
    'undecided'
    """
    return max([*verdicts, Verdict.ROBUST if whole else Verdict.UNDECIDED])
