"""Fits: which patterns each may use, the space that history matching leaves it, and its posterior."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.evidence.averages import known_mean
from sim.evidence.bank import BankSection, noise_of
from sim.evidence.matching import Emulators, missed
from sim.evidence.patterns import Pattern, select, weights
from sim.evidence.weighing import distance, kernel_weights, misfit
from sim.experiments.parameters.posteriors import Posterior, effective_size
from sim.model.world import Flags
from sim.output.measuring import Floats

FULL: Final = "posterior-full"
EARLY: Final = "posterior-2019"
REFERENCE: Final = "reference-class"
"""The fit to generic worlds alone: priors anchored before any datum of the alliance."""

EARLY_END: Final = date(2019, 12, 31)
TUNING_END: Final = date(2021, 12, 31)
"""Last day of the data of `EARLY`, and of those that it is tuned on."""

LEFT: Final = 0.05
"""Share of the prior's mass that history matching leaves a fit."""

SHARES: Final = (0.05, 0.1, 0.2, 0.4)
"""Shares of what is left that may be accepted; one is chosen by the patterns of 2020-21."""

ESS_FLOOR: Final = 100.0
"""Effective sample size below which a fit says that it is thin."""


@dataclass(frozen=True)
class Fit:
    """What a fit may use.

    Attributes
    ----------
    name : str
    patterns : tuple of Pattern
    """

    name: str
    patterns: tuple[Pattern, ...]


def planned_fits(patterns: Sequence[Pattern]) -> tuple[Fit, ...]:
    """Return the fits of the model itself: full, to 2019, and without each member in turn."""
    members = sorted({one.member for one in patterns if one.member})
    return (
        Fit(FULL, tuple(patterns)),
        Fit(EARLY, select(patterns, until=EARLY_END)),
        *(Fit(f"without-{member}", select(patterns, without=member)) for member in members),
    )


@dataclass(frozen=True)
class Matched:
    """What history matching leaves of the prior for each fit.

    Attributes
    ----------
    emulators : Emulators
    limits : dict
        Weight of implausible patterns up to which a set is kept, by fit.
    """

    emulators: Emulators
    limits: Mapping[str, float]

    def kept(self, fit: Fit, section_patterns: Sequence[Pattern], predicted: Floats) -> Flags:
        """Tell which sets a fit keeps, by their emulated statistics."""
        places = _places(section_patterns, fit.patterns)
        weight = missed(predicted[:, places], fit.patterns, self.emulators.errors[places])
        return np.asarray(weight <= self.limits[fit.name] + 1e-12)


def match(emulators: Emulators, fits: Sequence[Fit], patterns: Sequence[Pattern], predicted: Floats) -> Matched:
    """Find how much each fit has to tolerate for a share `LEFT` of the prior to remain.

    Parameters
    ----------
    predicted : array (D, patterns)
        Emulated statistics of draws from the prior.
    """
    limits = {}
    for fit in fits:
        places = _places(patterns, fit.patterns)
        weight = missed(predicted[:, places], fit.patterns, emulators.errors[places])
        limits[fit.name] = float(np.quantile(weight, LEFT, method="inverted_cdf"))
    return Matched(emulators, limits)


def _places(patterns: Sequence[Pattern], chosen: Sequence[Pattern]) -> list[int]:
    names = [one.name for one in patterns]
    return [names.index(one.name) for one in chosen]


@dataclass(frozen=True)
class Pool:
    """Sets that a fit chooses among, drawn from the prior as far as history matching left it.

    Attributes
    ----------
    parameters : array (D, Q)
    values : array (D, patterns)
        All statistics.
    noise : array (patterns)
        Variance that chance leaves in them.
    patterns : tuple of Pattern
    """

    parameters: Floats
    values: Floats
    noise: Floats
    patterns: tuple[Pattern, ...]

    @classmethod
    def of(cls, sections: Sequence[BankSection], keep: Sequence[Flags] | None = None) -> "Pool":
        """Put sections together, each without the sets that are not kept."""
        kept = keep or [np.ones(len(section), dtype=bool) for section in sections]
        return cls(
            np.concatenate([section.parameters[rows] for section, rows in zip(sections, kept, strict=True)]),
            np.concatenate([section.means[rows] for section, rows in zip(sections, kept, strict=True)]),
            noise_of(np.concatenate([section.halves for section in sections])),
            sections[0].patterns,
        )

    def distances(self, patterns: Sequence[Pattern]) -> Floats:
        """Return the distance of each set to some patterns."""
        places = _places(self.patterns, patterns)
        return distance(self.values[:, places], patterns, self.noise[places])

    def fitted(
        self, name: str, patterns: Sequence[Pattern], share: float, provenance: Mapping[str, object]
    ) -> Posterior:
        """Return the posterior of a fit: the nearest sets with their weights."""
        distances = self.distances(patterns)
        weight = kernel_weights(distances, share)
        chosen = weight > 0
        size = effective_size(weight)
        diagnostics = {
            "effective_size": size,
            "thin": bool(size < ESS_FLOOR),
            "accepted": int(chosen.sum()),
            "pool": len(distances),
            "share": share,
            "nearest": float(distances.min()),
            "tolerance": float(distances[chosen].max()),
            "mean_distance": float(weight @ distances),
            "armenia_weight": float(weights(patterns) @ np.array([one.member == "ARM" for one in patterns])),
            "armenia_misfit": self._armenia(patterns, weight),
        }
        return Posterior.of_sets(name, self.parameters[chosen], weight[chosen], diagnostics, dict(provenance))

    def _armenia(self, patterns: Sequence[Pattern], weight: Floats) -> float:
        """Return Armenia's share of the distance that is left."""
        places = _places(self.patterns, patterns)
        parts = weight @ misfit(self.values[:, places], patterns, self.noise[places]) * weights(patterns)
        mine = np.array([one.member == "ARM" for one in patterns])
        return float(parts[mine].sum() / parts.sum()) if parts.sum() > 0 else 0.0


def tuned_share(pool: Pool, patterns: Sequence[Pattern]) -> tuple[float, dict[float, float]]:
    """Choose the share that is accepted: the one that, fitted to 2019, does best on the patterns of 2020-21.

    Returns
    -------
    tuple
        The share, and the distance of 2020-21 by share: of the weighted mean of each statistic.
    """
    early = select(patterns, until=EARLY_END)
    later = tuple(one for one in select(patterns, until=TUNING_END) if one not in early)
    if not later:
        return SHARES[-1], {}
    places = _places(pool.patterns, later)
    distances = pool.distances(early)
    found = {}
    for share in SHARES:
        weight = kernel_weights(distances, share)
        means = known_mean(pool.values[:, places], 0, weight)
        found[share] = float(distance(means[None], later, np.zeros(len(later)))[0])
    return min(found, key=lambda share: (found[share], -share)), found
