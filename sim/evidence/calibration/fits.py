"""The fits: which data each may use, how far its likelihood is tempered, and what leaving data out changes.

The target of a fit is ``prior x L_library^eta_library x L_reference x L_record^eta``. The library of alliances comes
first; the alliance's own fits start at its draws and temper their own factor. Exponents below 1 allow for a likelihood
that trusts its rules too much; they are chosen by forecasts of years, or of whole clusters of cases, that a fit has not
seen (Grunwald & van Ommen 2017).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final
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
SMALL: Final = 400
"""Particles of a fit, and of one that leaves something out or follows one explanation."""

PER_COORDINATE: Final = 3
"""Particles for each coordinate, at least: half of them set the next temperature, and a Gaussian is fitted to these."""

MOVES: Final = 20
"""Moves at a temperature, at most."""

RELIABLE: Final = 0.7
"""Shape of the tail of importance weights above which a fit without some data is made anew."""

TUNED_ON: Final = ((date(2014, 12, 31), date(2019, 12, 31)), (date(2019, 12, 31), date(2021, 12, 31)))
"""Last days of the fits by which the exponent is chosen, and of the years that each forecasts."""

Tell = Callable[[str], object]


@dataclass(frozen=True)
class FitSize:
    """Size of the fits.

    Attributes
    ----------
    particles, small : int
        Particles of a fit, and of one that leaves something out or follows one explanation.
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

    def settings(self, particles: int) -> Settings:
        """Return the settings of the sampler for a number of particles."""
        return Settings(particles=particles, max_steps=MOVES)


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

    # the library

    def reference(self) -> Sample:
        """Return draws of the fit to the reference class alone."""
        return self._path("reference", self._library, (), etas=(0.0,))[0.0]

    def general(self, start: Start) -> dict[float, Sample]:
        """Return draws of the fit to library and reference class at each exponent of `ETAS`.

        Parameters
        ----------
        start : Start
            Draws of the fit to the reference class.
        """
        return self._path(GENERAL, self._library, (), start=start)

    def _library(self, unit: Floats) -> Floats:
        """Return the log-likelihood of the library at points of the cube (N, 1)."""
        terms = self.library.terms(sets_of(unit, shifted=False), threads=self.size.threads)
        return np.asarray((terms @ self.library.weights)[:, None])

    def library_scores(self, fits: Mapping[float, Sample]) -> dict[float, tuple[float, float]]:
        """Return, by exponent, the mean log score of clusters left out, and the largest tail shape of their weights."""
        found = {}
        for eta, drawn in fits.items():
            terms = self.library.terms(sets_of(drawn.unit, shifted=False), threads=self.size.threads)
            scores, tails = [], []
            for chosen in self.library.by_cluster.values():
                joint = terms[:, chosen] @ self.library.weights[chosen]
                left = smooth(-eta * joint)
                scores.append(log_mean(joint, left.weight))
                tails.append(left.k)
            found[eta] = float(np.mean(scores)), float(np.max(tails))
        return found

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

    def alliance(
        self,
        name: str,
        start: Start,
        *,
        until: date | None = None,
        etas: Sequence[float] = ETAS,
        without: str = "",
        variant: Variant | None = None,
        particles: int | None = None,
    ) -> dict[float, Sample]:
        """Return draws of a fit to the alliance's record up to a day, by exponent, starting at those of the library.

        Parameters
        ----------
        name : str
        start : Start
            Draws of the library at its exponent; cases that had not run their five years by the day lose theirs.
        without : str
            Member whose own decisions do not count.
        variant : Variant, optional
            Explanation that fixes parameters and keys of the scenario.
        """
        forced = self.forced(until=until, variant=variant)
        weights = self.member_weights(forced)
        if without:
            weights[forced.members.index(without)] = 0.0
        seen = np.ones(len(self.library.cases), dtype=bool) if until is None else self.library.ended_by(until)
        cases, fixed = self.library.weights, {} if variant is None else variant.parameters

        def log_factors(unit: Floats) -> Floats:
            plain = with_values(sets_of(unit, shifted=False), fixed)
            own = with_values(sets_of(unit, shifted=True), fixed)
            library = self.library.terms(plain, threads=self.size.threads) * cases
            record = forced.terms(own, threads=self.size.threads).sum(axis=(2, 3)) @ weights
            return np.column_stack([library[:, seen].sum(axis=1), library[:, ~seen].sum(axis=1), record])

        base = float(start.exponents[0])
        begun = Start(start.unit, (base, base, 0.0, 1.0))
        return self._path(name, log_factors, (base, 0.0), begun, etas, particles, fixed)

    def record_scores(self, fits: Mapping[float, Sample], since: date, until: date) -> dict[float, dict[str, float]]:
        """Return, by exponent, each member's log score of the years after a fit."""
        forced = self.forced(since=since, until=until)
        found = {}
        for eta, drawn in fits.items():
            terms = forced.terms(sets_of(drawn.unit, shifted=True), threads=self.size.threads).sum(axis=(2, 3))
            even = np.full(len(terms), 1.0 / len(terms))
            found[eta] = {code: log_mean(terms[:, place], even) for place, code in enumerate(forced.members)}
        return found

    def left_out(self, fit: Fit) -> dict[str, Smoothed]:
        """Return the weights of a fit's draws without each member in turn."""
        forced = self.forced()
        terms = forced.terms(fit.sets, threads=self.size.threads).sum(axis=(2, 3))
        weights = self.member_weights(forced)
        with np.errstate(divide="ignore"):  # a draw may have no weight at all
            log_weights = np.log(fit.weights)
        return {
            code: smooth(log_weights - fit.eta * weights[place] * terms[:, place])
            for place, code in enumerate(forced.members)
        }

    def _path(
        self,
        name: str,
        log_factors: Callable[[Floats], Floats],
        others: Sequence[float],
        start: Start | None = None,
        etas: Sequence[float] = ETAS,
        particles: int | None = None,
        fixed: Mapping[str, float] | None = None,
    ) -> dict[float, Sample]:
        """Sample at each exponent of the last factor in turn, each from the draws of the one before.

        The reference class is a further factor with exponent 1, computed for proposals that the others accept.
        """

        def reference(unit: Floats) -> Floats:
            sets = with_values(sets_of(unit, shifted=False), fixed or {})
            return self._worlds.log_density(sets, threads=self.size.threads)[:, None]

        found: dict[float, Sample] = {}
        for eta in etas:
            exponents = (*others, eta, 1.0)
            drawn = sample(
                log_factors,
                len(coordinates()),
                exponents,
                seed=(self.size.seed << 32) + crc32(f"{name}-{eta:g}".encode()),
                later=reference,
                start=start,
                settings=self.size.settings(particles or self.size.particles),
                path=self.folder / f"{name}-{eta:g}.npz",
            )
            start = Start(drawn.unit, exponents)
            found[eta] = drawn
            last = drawn.temperatures[-1]
            self.tell(f"{name} at exponent {eta:g}: {last.calls} evaluations, {last.identified} directions identified")
        return found


def shipped_library() -> ForcedCases:
    """Return the library that ships, forced by its courses."""
    file = load_file()
    confidence = {name: story.confidence for name, story in stories_of(file).items()}
    return ForcedCases(cases_of(file), outcomes_of(file), confidence)


def chosen_eta(scores: Mapping[float, float]) -> float:
    """Return the exponent with the highest score; of several, the lowest."""
    return max(sorted(scores), key=lambda eta: scores[eta])
