"""The fits: which data each may use, how far its likelihood is tempered, and what leaving data out changes.

The target of a fit is ``prior x L_library^eta_library x L_reference x L_record^eta``. The library of alliances comes
first; the alliance's own fits start at its draws and temper their own factor. Exponents below 1 allow for a likelihood
that trusts its rules too much; they are chosen by forecasts of years, or of whole clusters of cases, that a fit has not
seen (Grunwald & van Ommen 2017).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np

from sim.errors import InputError
from sim.evidence.calibration.cube import coordinates, sets_of
from sim.evidence.calibration.forced_cases import ForcedCases
from sim.evidence.calibration.forced_record import ForcedRecord
from sim.evidence.calibration.reference import ReferenceClass
from sim.evidence.calibration.smc import Sample, Settings, Start, sample
from sim.evidence.calibration.smoothing import Smoothed, log_mean, smooth
from sim.evidence.calibration.weights import capped_weights, constant_hazards
from sim.evidence.cases.reading import cases_of, load_file, outcomes_of, stories_of
from sim.evidence.record import Record, load_record
from sim.experiments.ensemble import check_seed, positive
from sim.experiments.parameters.explanations import Variant
from sim.experiments.parameters.priors import with_values
from sim.experiments.parameters.sources import GENERAL
from sim.model.parameters import Parameters
from sim.model.world import Floats
from sim.scenario import Scenario

ETAS: Final = (0.1, 0.2, 0.4, 0.7, 1.0)
"""Exponents that are tried."""

PARTICLES: Final = 1000
SMALL: Final = 300
"""Draws of a main fit, and particles on the way to it."""

PER_COORDINATE: Final = 3
"""Particles for each coordinate, at least: half of them set the next temperature, and a Gaussian is fitted to these."""

MOVES: Final = 12
MOVES_OF_ALL: Final = 20
"""Moves at a temperature, at most: of the particles on the way, and of draws, whose copies have to part."""

RELIABLE: Final = 0.7
"""Shape of the tail of importance weights above which a fit without some data is made anew."""

TUNED_ON: Final = ((date(2014, 12, 31), date(2019, 12, 31)), (date(2019, 12, 31), date(2021, 12, 31)))
"""Last days of the fits by which the exponent is chosen, and of the years that each forecasts."""

Tell = Callable[[str], object]


class Target(NamedTuple):
    """The distribution that a fit samples: its factors with their exponents, except that of the last factor.

    Attributes
    ----------
    name : str
    log_factors : callable
        Logarithms of the factors at points of the cube (N, F).
    others : tuple of float
        Exponents of the factors before the last.
    fixed : dict
        Parameters that an explanation fixes.
    """

    name: str
    log_factors: Callable[[Floats], Floats]
    others: tuple[float, ...] = ()
    fixed: Mapping[str, float] = MappingProxyType({})

    def exponents(self, eta: float) -> tuple[float, ...]:
        """Return the exponents of all factors; the last is the reference class."""
        return (*self.others, eta, 1.0)


@dataclass(frozen=True)
class FitSize:
    """Size of the fits.

    Attributes
    ----------
    particles, small : int
        Draws of a main fit, and particles on the way to it.
    seed, threads : int
    """

    particles: int = PARTICLES
    small: int = SMALL
    seed: int = 1
    threads: int = 1

    @classmethod
    def of(cls, particles: int | None = None, *, seed: int = 1, threads: int = 1) -> "FitSize":
        """Return the size of fits with a number of particles, or raise an error if the sampler cannot work with it."""
        least = PER_COORDINATE * len(coordinates())
        chosen = PARTICLES if particles is None else particles
        if chosen < least:
            raise InputError(f"particles {chosen} is not allowed; allowed: whole numbers from {least}")
        check_seed(seed)
        positive("workers", threads)
        return cls(chosen, min(SMALL, chosen), seed, threads)

    @property
    def way(self) -> Settings:
        """Settings of the sampler on the way to a fit."""
        return Settings(particles=self.small, max_steps=MOVES)

    @property
    def main(self) -> Settings:
        """Settings for all draws of a main fit."""
        return Settings(particles=self.particles, max_steps=MOVES_OF_ALL)

    @property
    def side(self) -> Settings:
        """Settings for the draws of a fit without a member or under an explanation: half as many."""
        return Settings(particles=max(self.particles // 2, self.small), max_steps=MOVES_OF_ALL)


@dataclass(frozen=True)
class Fit:
    """One fit: its draws, and the log-likelihood of what it used.

    Attributes
    ----------
    name : str
    eta : float
        Exponent of its own factor.
    unit : array (D, coordinates)
        Draws in the unit cube.
    weights : array (D)
        Sum 1.
    record : bool
        Whether the alliance's record was used, so that its shifts apply.
    fixed : dict
        Parameters that an explanation fixes.
    notes : dict
        What is known of the fit: exponents, evidence, tail shape of its weights.
    """

    name: str
    eta: float
    unit: Floats
    weights: Floats
    record: bool
    fixed: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sets(self) -> Floats:
        """The parameter sets of the draws (D, Q)."""
        return with_values(sets_of(self.unit, shifted=self.record), self.fixed)


class Fitter:
    """Makes the fits, each from the stored steps of an earlier run where there are any.

    Parameters
    ----------
    history : Scenario
        The history of the alliance.
    folder : Path
        Where the sampler keeps its steps, so that a run that was stopped goes on.
    size : FitSize
    tell : callable
        Called with a line of text when something is done.
    """

    def __init__(
        self,
        history: Scenario,
        folder: Path,
        size: FitSize,
        *,
        record: Record | None = None,
        library: ForcedCases | None = None,
        tell: Tell = lambda _text: None,
    ) -> None:
        self.history, self.folder, self.size, self.tell = history, folder, size, tell
        self.record = load_record() if record is None else record
        self.library = shipped_library() if library is None else library
        self._worlds = ReferenceClass()
        folder.mkdir(parents=True, exist_ok=True)

    # the sampler

    def path(
        self, target: Target, start: Start | None, etas: Sequence[float] = ETAS, settings: Settings | None = None
    ) -> dict[float, Sample]:
        """Return draws at each exponent of the last factor in turn, each from the draws of the one before.

        The evidence is that over the start. The reference class is a further factor with exponent 1, computed for
        proposals that the others accept.
        """
        samples: dict[float, Sample] = {}
        evidence = 0.0
        for eta in etas:
            drawn = self._sample(target, eta, start, settings or self.size.way, f"{target.name}-{eta:g}")
            evidence += drawn.log_evidence
            samples[eta] = drawn._replace(log_evidence=evidence)
            start = Start(drawn.unit, target.exponents(eta))
        return samples

    def whole(self, target: Target, eta: float, drawn: Sample) -> Sample:
        """Return all draws of a fit at an exponent, from the particles that reached it."""
        start = Start(drawn.unit, target.exponents(eta))
        draws = self._sample(target, eta, start, self.size.main, f"{target.name}-{eta:g}-all")
        return draws._replace(log_evidence=drawn.log_evidence)

    def moved(self, target: Target, eta: float, drawn: Sample) -> Sample:
        """Return draws of a fit that start at those of a similar one, and forget them as they move; no evidence."""
        start = Start(drawn.unit, target.exponents(eta))
        draws = self._sample(target, eta, start, self.size.side, f"{target.name}-{eta:g}")
        return draws._replace(log_evidence=math.nan)

    def _sample(self, target: Target, eta: float, start: Start | None, settings: Settings, title: str) -> Sample:
        def reference(unit: Floats) -> Floats:
            sets = with_values(sets_of(unit, shifted=False), target.fixed)
            return self._worlds.log_density(sets, threads=self.size.threads)[:, None]

        drawn = sample(
            target.log_factors,
            len(coordinates()),
            target.exponents(eta),
            seed=(self.size.seed << 32) + crc32(title.encode()),
            later=reference,
            start=start,
            settings=settings,
            path=self.folder / f"{title}.npz",
        )
        last = drawn.temperatures[-1]
        self.tell(
            f"{target.name} at exponent {eta:g}, {settings.particles} draws: {last.calls} evaluations, "
            f"{last.identified} directions identified"
        )
        return drawn

    # the library

    def reference_target(self) -> Target:
        """Return the target of the fit to the reference class alone, at the exponent 0."""
        return Target("reference", self._library)

    def general_target(self) -> Target:
        """Return the target of the fit to library and reference class."""
        return Target(GENERAL, self._library)

    def _library(self, unit: Floats) -> Floats:
        """Return the log-likelihood of the library at points of the cube (N, 1)."""
        return np.asarray(self._cases(unit, {}).sum(axis=1, keepdims=True))

    def library_scores(self, fits: Mapping[float, Sample]) -> dict[float, tuple[float, float]]:
        """Return, by exponent, the mean log score of clusters left out, and the largest tail shape of their weights."""
        by_exponent = {}
        for eta, drawn in fits.items():
            terms = self.library.terms(sets_of(drawn.unit, shifted=False), threads=self.size.threads)
            scores, tails = [], []
            for chosen in self.library.by_cluster.values():
                joint = terms[:, chosen] @ self.library.weights[chosen]
                left = smooth(-eta * joint)
                scores.append(log_mean(joint, left.weight))
                tails.append(left.k)
            by_exponent[eta] = float(np.mean(scores)), float(np.max(tails))
        return by_exponent

    # the alliance

    def forced(
        self, *, since: date | None = None, until: date | None = None, variant: Variant | None = None
    ) -> ForcedRecord:
        """Return the alliance's history, forced by its record between two days, under an explanation or the model."""
        history = self.history if variant is None else variant.applied(self.history)
        return ForcedRecord(history, self.record, since=since, until=until)

    def member_weights(self, forced: ForcedRecord) -> Floats:
        """Return the weight of each member: mean 1, none bringing more than a fifth of the whole."""
        terms = forced.terms(np.array([Parameters()]), threads=1)[0].sum(axis=2)
        return capped_weights(np.abs(terms.sum(axis=1) - constant_hazards(forced).sum(axis=1)))

    def alliance_target(
        self, name: str, base: float, *, until: date | None = None, variant: Variant | None = None
    ) -> Target:
        """Return the target of a fit to the alliance's record up to a day; it starts at `beginning`.

        Parameters
        ----------
        name : str
        base : float
            Exponent of the library; cases that had not run their five years by the day have none.
        variant : Variant, optional
            Explanation that fixes parameters and keys of the scenario.
        """
        forced = self.forced(until=until, variant=variant)
        weights = self.member_weights(forced)
        seen = np.ones(len(self.library.cases), dtype=bool) if until is None else self.library.ended_by(until)
        fixed = {} if variant is None else variant.parameters

        def log_factors(unit: Floats) -> Floats:
            library = self._cases(unit, fixed)
            record = self._record(forced, unit, fixed) @ weights
            return np.column_stack([library[:, seen].sum(axis=1), library[:, ~seen].sum(axis=1), record])

        return Target(name, log_factors, (base, 0.0), fixed)

    def beginning(self, general: Sample, base: float) -> Start:
        """Return the draws of the library at its exponent as the start of a fit to the alliance's record."""
        return Start(general.unit, (base, base, 0.0, 1.0))

    def without(self, code: str, full: Sample, base: float, eta: float) -> Sample:
        """Return the fit in which a member's own decisions do not count, from the draws of the full fit."""
        forced = self.forced()
        weights = self.member_weights(forced)
        own = np.array([member == code for member in forced.members])

        def log_factors(unit: Floats) -> Floats:
            record = self._record(forced, unit, {}) * weights
            return np.column_stack([
                self._cases(unit, {}).sum(axis=1), record[:, ~own].sum(axis=1), record[:, own].sum(axis=1)
            ])  # fmt: skip

        target = Target(f"without-{code}", log_factors, (base, eta))
        return self.path(target, Start(full.unit, (base, eta, eta, 1.0)), (0.0,), self.size.side)[0.0]

    def _cases(self, unit: Floats, fixed: Mapping[str, float]) -> Floats:
        """Return the weighted log-likelihood of each case of the library at points of the cube (N, cases)."""
        sets = with_values(sets_of(unit, shifted=False), fixed)
        return self.library.terms(sets, threads=self.size.threads) * self.library.weights

    def _record(self, forced: ForcedRecord, unit: Floats, fixed: Mapping[str, float]) -> Floats:
        """Return the log-likelihood of each member's record at points of the cube (N, members)."""
        sets = with_values(sets_of(unit, shifted=True), fixed)
        return np.asarray(forced.terms(sets, threads=self.size.threads).sum(axis=(2, 3)))

    def record_scores(self, fits: Mapping[float, Sample], since: date, until: date) -> dict[float, dict[str, float]]:
        """Return, by exponent, each member's log score of the years after a fit."""
        forced = self.forced(since=since, until=until)
        by_exponent = {}
        for eta, drawn in fits.items():
            terms = forced.terms(sets_of(drawn.unit, shifted=True), threads=self.size.threads).sum(axis=(2, 3))
            even = np.full(len(terms), 1.0 / len(terms))
            by_exponent[eta] = {code: log_mean(terms[:, column], even) for column, code in enumerate(forced.members)}
        return by_exponent

    def left_out(self, fit: Fit) -> dict[str, Smoothed]:
        """Return the weights of a fit's draws without each member in turn."""
        forced = self.forced()
        terms = forced.terms(fit.sets, threads=self.size.threads).sum(axis=(2, 3))
        weights = self.member_weights(forced)
        with np.errstate(divide="ignore"):  # a draw may have no weight at all
            log_weights = np.log(fit.weights)
        return {
            code: smooth(log_weights - fit.eta * weights[column] * terms[:, column])
            for column, code in enumerate(forced.members)
        }


def shipped_library() -> ForcedCases:
    """Return the library that ships, forced by its courses."""
    file = load_file()
    confidence = {name: story.confidence for name, story in stories_of(file).items()}
    return ForcedCases(cases_of(file), outcomes_of(file), confidence)


def chosen_eta(scores: Mapping[float, float]) -> float:
    """Return the exponent with the highest score; of several, the lowest."""
    return max(sorted(scores), key=lambda eta: scores[eta])
