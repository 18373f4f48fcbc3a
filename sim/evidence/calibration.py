"""Calibration of the parameters: simulations, history matching, and a posterior for every fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.evidence.averages import known_mean
from sim.evidence.bank import Bank, BankSection, Progress
from sim.evidence.bench import Bench
from sim.evidence.fits import (
    EARLY,
    FULL,
    LEFT,
    REFERENCE,
    Fit,
    Matched,
    Pool,
    match,
    planned_fits,
    tuned_share,
)
from sim.evidence.influence import screen, screening_design
from sim.evidence.matching import Emulators, fit_emulators
from sim.evidence.matrix import pattern_matrix
from sim.evidence.patterns import Pattern, load_patterns
from sim.evidence.recovery import TRUTHS, posterior_widths, recovery
from sim.evidence.weighing import kernel_weights
from sim.experiments.ensemble import check_seed, positive
from sim.experiments.parameters.explanations import PREFIX, Variant, early_posterior, load_explanations
from sim.experiments.parameters.posteriors import Posterior
from sim.experiments.parameters.priors import prior_draws, with_priors, with_values
from sim.mechanisms import MECHANISMS
from sim.output.measuring import Floats
from sim.scenario.schema import Scenario
from sim.version import __version__

SIZE: Final = 4096
"""Draws from the prior, and as many again from what history matching leaves of it."""

REPLICATES: Final = 16
"""Runs of each draw in each branch."""

LEAST_SIZE: Final = 64
CANDIDATES: Final = round(1 / LEFT)
"""Candidates for every draw from what is left, tried on the emulators: enough, since each fit is left that share."""

PER_TRAJECTORY: Final = 256
"""Draws of the bank for every trajectory of the screening."""

FEWEST_TRAJECTORIES: Final = 4
EXPLAINED: Final = 4
"""An explanation is tried on one draw for so many of the prior's."""

ABLATED: Final = 64
"""Draws from the full posterior on which every mechanism is switched off."""

WITHOUT: Final = "no-"
"""Begins the column of the model without a mechanism of `sim.mechanisms.MECHANISMS`."""

Tell = Callable[[str], object]


@dataclass(frozen=True)
class CalibrationSize:
    """Size of a calibration: draws, replicates, seed and threads.

    Attributes
    ----------
    size, replicates, seed, threads : int
        Draws from the prior, runs of each in each branch, start of the random numbers, threads.
    """

    size: int = SIZE
    replicates: int = REPLICATES
    seed: int = 1
    threads: int = 1

    def checked(self) -> "CalibrationSize":
        """Return the settings if they are valid, otherwise raise an error."""
        if self.size < LEAST_SIZE:
            raise InputError(f"size {self.size} is not allowed; allowed: whole numbers from {LEAST_SIZE}")
        if self.replicates < 2:
            raise InputError(f"replicates {self.replicates} is not allowed; allowed: whole numbers from 2")
        check_seed(self.seed)
        positive("workers", self.threads)
        return self

    @property
    def trajectories(self) -> int:
        """Number of trajectories of the Morris screening."""
        return max(FEWEST_TRAJECTORIES, self.size // PER_TRAJECTORY)

    @property
    def explained(self) -> int:
        """Number of prior draws for each explanation."""
        return max(LEAST_SIZE // 2, self.size // EXPLAINED)

    @property
    def ablated(self) -> int:
        """Number of posterior draws for each mechanism that is switched off."""
        return min(ABLATED, max(8, self.size // 16))


@dataclass(frozen=True)
class Calibration:
    """Results of a calibration: the posteriors and the tables of the fit.

    Attributes
    ----------
    settings : CalibrationSize
    patterns : tuple of Pattern
    posteriors : dict
        By name.
    screening, matrix, identifiability, tuning, explained, emulated : DataFrame
        The tables that `sim.evidence.calibration_tables` writes.
    """

    settings: CalibrationSize
    patterns: tuple[Pattern, ...]
    posteriors: Mapping[str, Posterior]
    screening: pd.DataFrame
    matrix: pd.DataFrame
    identifiability: pd.DataFrame
    tuning: pd.DataFrame
    explained: pd.DataFrame
    emulated: pd.DataFrame


def calibrate(
    scenario: Scenario,
    bank_folder: Path,
    settings: CalibrationSize | None = None,
    *,
    patterns: Sequence[Pattern] | None = None,
    progress: Progress | None = None,
    tell: Tell = lambda _text: None,
) -> Calibration:
    """Fit the parameters to the patterns by approximate Bayesian computation.

    Parameters
    ----------
    scenario : Scenario
        The history, with branches ``as-answered`` and ``agents-decide``.
    bank_folder : Path
        Where what was measured is kept; a stopped calibration goes on from there.
    settings : CalibrationSize, optional
    patterns : sequence of Pattern, optional
        Default: those that ship.
    progress : callable, optional
        Told the runs done and the runs to do.
    tell : callable
        Told in words what is being done.

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        If sizes or scenario are refused, or scikit-learn is missing.

    Examples
    --------
    >>> found = calibrate(sim.load("scenarios/csto-history.toml"), Path("bank"))  # doctest: +SKIP
    >>> found.posteriors["posterior-full"].effective_size  # doctest: +SKIP
    """
    work = _Work(
        scenario, bank_folder, (settings or CalibrationSize()).checked(), patterns or load_patterns(), progress, tell
    )
    return work.run()


class _Work:
    """Steps of a calibration, run in order, each using results of earlier steps."""

    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        settings: CalibrationSize,
        patterns: Sequence[Pattern],
        progress: Progress | None,
        tell: Tell,
    ) -> None:
        self.scenario, self.settings, self.tell = scenario, settings, tell
        self.patterns = tuple(patterns)
        bench = Bench.of(scenario, self.patterns)
        self.bank = Bank(folder, bench, settings.replicates, settings.seed, settings.threads)
        self.explanations = load_explanations()
        self._progress, self._done = progress, 0
        self._left = self.bank.runs(self._sets())

    def run(self) -> Calibration:
        """Run all steps in order, the reference class before any data on the alliance."""
        settings = self.settings
        screening = self._screened()
        prior = self._section("prior", prior_draws(settings.size, settings.seed))
        self._tell_reference_class(prior)
        kept = [name for name, keep in zip(screening["parameter"], screening["kept"], strict=True) if keep]
        self.tell(f"emulators of {len(self.patterns)} statistics in {len(kept)} parameters")
        emulators = fit_emulators(prior.parameters, prior.means, kept, settings.threads)
        fits = planned_fits(self.patterns)
        by_name = {fit.name: fit for fit in fits}
        matched, narrowed = self._narrowed(emulators, fits)
        pools = self._pools(fits, matched, (prior, narrowed))
        share, tried = tuned_share(pools[EARLY], self.patterns)
        posteriors = {fit.name: self._posterior(fit, pools[fit.name], share) for fit in fits}
        world = Fit(REFERENCE, tuple(one for one in self.patterns if one.tier == "world"))
        posteriors[REFERENCE] = self._posterior(world, Pool.of([prior]), share)
        explained, of_explanations = self._explained(by_name[FULL], by_name[EARLY], share)
        posteriors |= of_explanations
        columns = {
            "prior": known_mean(prior.means, axis=0),
            REFERENCE: self._predicted(world, Pool.of([prior]), share),
            EARLY: self._predicted(by_name[EARLY], pools[EARLY], share),
            FULL: self._predicted(by_name[FULL], pools[FULL], share),
            **self._ablated(posteriors[FULL]),
            "null": self.bank.bench.null(),
        }
        self.tell(f"recovery of known parameters from {TRUTHS} synthetic histories")
        recovered = recovery(self.bank.bench, prior, share, settings.seed, threads=settings.threads)
        return Calibration(
            settings=settings,
            patterns=self.patterns,
            posteriors=posteriors,
            screening=screening,
            matrix=pattern_matrix(self.patterns, prior, columns),
            identifiability=_identifiability(screening, recovered, posteriors[FULL]),
            tuning=pd.DataFrame({"share": list(tried), "distance": list(tried.values())}),
            explained=explained,
            emulated=self._emulated(emulators),
        )

    def _sets(self) -> int:
        """Return the number of parameter sets in all sections."""
        settings = self.settings
        sets = settings.trajectories * (len(with_priors()) + 1) + 2 * settings.size
        return sets + len(self.explanations) * settings.explained + (len(MECHANISMS) + 1) * settings.ablated

    def _section(
        self, name: str, parameters: Floats, bench: Bench | None = None, *, common: bool = False
    ) -> BankSection:
        """Simulate a section, or read it from the store; stored runs count neither as done nor as left to do."""
        runs, before = self.bank.runs(len(parameters)), self._done

        def told(done: int, _total: int) -> None:
            self._done = before + done
            if self._progress is not None:
                self._progress(self._done, self._left)

        section = self.bank.section(name, parameters, bench=bench, common=common, progress=told)
        if self._done == before:
            self._left -= runs
        return section

    def _screened(self) -> pd.DataFrame:
        unit, sets = screening_design(self.settings.trajectories, self.settings.seed)
        section = self._section("screening", sets, common=True)
        return screen(unit, section.means, self.patterns, self.settings.seed)

    def _tell_reference_class(self, prior: BankSection) -> None:
        """Report how the priors alone match the reference class, before any fit to the alliance."""
        means = known_mean(prior.means, axis=0)
        self.tell("what the priors make of the reference class, before any fit:")
        for one, value in zip(self.patterns, means, strict=True):
            if one.tier == "world":
                verdict = "inside" if one.low <= value <= one.high else "outside"
                self.tell(f"  {one.name}: {value:.3g}, {verdict} {one.low:g}..{one.high:g}")

    def _narrowed(self, emulators: Emulators, fits: Sequence[Fit]) -> tuple[Matched, BankSection]:
        """Simulate prior draws that history matching leaves possible for at least one fit."""
        settings = self.settings
        candidates = prior_draws(CANDIDATES * settings.size, settings.seed + 1)
        predicted = emulators.predict(candidates, settings.threads)
        matched = match(emulators, fits, self.patterns, predicted)
        left = np.any([matched.kept(fit, self.patterns, predicted) for fit in fits], axis=0)
        chosen = np.flatnonzero(left)[: settings.size]
        self.tell(f"history matching leaves {left.mean():.1%} of the prior to one fit or another")
        return matched, self._section("narrowed", candidates[chosen])

    def _pools(self, fits: Sequence[Fit], matched: Matched, sections: Sequence[BankSection]) -> dict[str, Pool]:
        """Return the candidates for each fit: draws of all sections that history matching does not rule out."""
        predicted = [matched.emulators.predict(section.parameters, self.settings.threads) for section in sections]
        return {
            fit.name: Pool.of(sections, [matched.kept(fit, self.patterns, values) for values in predicted])
            for fit in fits
        }

    def _posterior(self, fit: Fit, pool: Pool, share: float) -> Posterior:
        return pool.fitted(fit.name, fit.patterns, share, self._provenance(fit.patterns))

    def _provenance(self, patterns: Sequence[Pattern]) -> dict[str, Any]:
        settings = self.settings
        return {
            "version": __version__,
            "bench": self.bank.bench.identity,
            "seed": settings.seed,
            "size": settings.size,
            "replicates": settings.replicates,
            "patterns": [one.name for one in patterns],
        }

    def _predicted(self, fit: Fit, pool: Pool, share: float) -> Floats:
        """Return the posterior mean of every statistic, including those that the fit did not use."""
        return known_mean(pool.values, 0, kernel_weights(pool.distances(fit.patterns), share))

    def _explained(self, full: Fit, early: Fit, share: float) -> tuple[pd.DataFrame, dict[str, Posterior]]:
        """Fit each explanation to its draws, in full and to 2019, and compare the distances of its draws."""
        draws = prior_draws(self.settings.explained, self.settings.seed + 2)
        posteriors, distances = {}, {}
        for name, variant in self.explanations.items():
            sets = with_values(draws, variant.parameters)
            pool = Pool.of([self._section(f"{PREFIX}{name}", sets, self._bench_of(variant))])
            distances[name] = pool.distances(full.patterns)
            for title, fit in ((f"{PREFIX}{name}", full), (early_posterior(name), early)):
                posteriors[title] = self._posterior(Fit(title, fit.patterns), pool, share)
        tolerance = float(np.quantile(np.concatenate(list(distances.values())), share))
        table = pd.DataFrame(
            {
                "explanation": list(distances),
                "near": [int((values <= tolerance).sum()) for values in distances.values()],
                "draws": self.settings.explained,
                "nearest": [float(values.min()) for values in distances.values()],
                "median": [float(np.median(values)) for values in distances.values()],
            }
        )
        return table, posteriors

    def _bench_of(self, variant: Variant) -> Bench:
        return Bench.of(variant.applied(self.scenario), self.patterns) if variant.scenario else self.bank.bench

    def _ablated(self, posterior: Posterior) -> dict[str, Floats]:
        """Return the mean of each statistic over common posterior draws, for the whole model and each ablation."""
        draws = posterior.draws(self.settings.ablated, self.settings.seed)
        whole = self._section("whole", draws)
        found = {"whole": known_mean(whole.means, axis=0)}
        for name, mechanism in MECHANISMS.items():
            title = f"{WITHOUT}{name}"
            found[title] = known_mean(self._section(title, with_values(draws, mechanism.off)).means, axis=0)
        return found

    def _emulated(self, emulators: Emulators) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "pattern": [one.name for one in self.patterns],
                "explained": [one.explained for one in emulators.single],
                "error": np.sqrt(emulators.errors),
            }
        )


def _identifiability(screening: pd.DataFrame, recovered: pd.DataFrame, posterior: Posterior) -> pd.DataFrame:
    table = screening[["parameter", "rank", "kept"]].merge(recovered, on="parameter")
    return table.merge(posterior_widths(posterior), on="parameter").sort_values("rank", ignore_index=True)
