"""The library forecast from draws that have not seen it: each case by weights without its own cluster.

The general fit has used every case. A draw's weight without a cluster is its own, divided by the likelihood of the
cluster's courses, smoothed (`sim.evidence.calibration.smoothing`). A model without a mechanism, or with the events of
cases exchanged, is fitted again in the same way: its draws are weighed by its likelihood over that of the whole model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.calibration.forced_cases import ForcedCases
from sim.evidence.calibration.smoothing import log_mean, smooth
from sim.evidence.cases.forecasting import MONTHS, case_runs
from sim.evidence.cases.reading import YEARS, AllianceCase, CaseFile, cases_of, outcomes_of, stories_of
from sim.evidence.cases.rungs import BREAK, RUNG_COUNT
from sim.evidence.cases.scores import CaseForecasts
from sim.experiments.parameters.priors import with_values
from sim.mechanisms import MECHANISMS
from sim.model.world import Floats, Ints
from sim.output.intervals import SEED

RUNS: Final = 4
"""Runs of each draw in a forecast."""

FROZEN: Final = "evidence"
"""The mechanism without which trust never moves."""

PERMUTATIONS: Final = 50


@dataclass(frozen=True)
class FitDraws:
    """Draws of the general fit.

    Attributes
    ----------
    sets : array (D, Q)
    weights : array (D)
        Sum 1.
    eta : float
        Exponent of the library in the fit.
    """

    sets: Floats
    weights: Floats
    eta: float

    def thinned(self, count: int) -> "FitDraws":
        """Return so many of the draws, evenly spread over their order."""
        chosen = np.unique(np.linspace(0, len(self.weights) - 1, min(count, len(self.weights))).astype(np.int64))
        return FitDraws(self.sets[chosen], self.weights[chosen] / self.weights[chosen].sum(), self.eta)


class JudgedLibrary:
    """Cases with known outcomes, and draws of the fit that used them.

    Parameters
    ----------
    file : CaseFile
    draws : FitDraws
    threads : int
    """

    def __init__(self, file: CaseFile, draws: FitDraws, *, threads: int = 1, seed: int = 1) -> None:
        known = outcomes_of(file)
        self.file, self.draws, self.threads, self.seed = file, draws, threads, seed
        self.cases = {name: case for name, case in cases_of(file).items() if name in known}
        self._outcomes = {name: known[name] for name in self.cases}
        self._confidence = {name: story.confidence for name, story in stories_of(file).items()}
        self.forced = ForcedCases(self.cases, self._outcomes, self._confidence)
        self._whole = self.forced.terms(draws.sets, threads=threads)

    def left_out(self, terms: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the weights of the draws without the cluster of each case (cases, D), and their tails' shape (cases).

        Parameters
        ----------
        terms : array (D, cases), optional
            Log-likelihood of the courses under a variant of the model; default: the model that was fitted.
        """
        own = self._whole if terms is None else terms
        pull = np.log(np.maximum(self.draws.weights, 1e-300)) - self.draws.eta * (self._whole @ self.forced.weights)
        weights = np.empty((len(self.cases), len(self.draws.weights)))
        tails = np.empty(len(self.cases))
        for chosen in self.forced.by_cluster.values():
            case_weights = self.forced.weights * ~chosen
            smoothed = smooth(pull + self.draws.eta * (own @ case_weights))
            weights[chosen], tails[chosen] = smoothed.weight, smoothed.k
        return weights, tails

    def log_scores(self, terms: Floats | None = None) -> Floats:
        """Return the log score of the course of each cluster, forecast without it (clusters)."""
        own = self._whole if terms is None else terms
        weights, _ = self.left_out(terms)
        scores = []
        for chosen in self.forced.by_cluster.values():
            joint = own[:, chosen] @ self.forced.weights[chosen]
            scores.append(log_mean(joint, weights[chosen][0]))
        return np.array(scores)

    def terms_of(self, cases: Mapping[str, AllianceCase], off: Mapping[str, float]) -> Floats:
        """Return the log-likelihood of the courses under changed cases and parameters (D, cases)."""
        forced = self.forced if cases is self.cases else ForcedCases(cases, self._outcomes, self._confidence)
        return forced.terms(with_values(self.draws.sets, off), threads=self.threads)

    def forecasts(
        self,
        weights: Floats,
        *,
        cases: Mapping[str, AllianceCase] | None = None,
        off: Mapping[str, float] | None = None,
        runs: int = RUNS,
    ) -> CaseForecasts:
        """Return forecasts of all cases, each by its own weights of the draws (cases, D)."""
        sets = with_values(self.draws.sets, off or {})
        chances, exits = [], []
        for case, weight in zip((cases or self.cases).values(), weights, strict=True):
            used = np.flatnonzero(weight > 1e-6 / len(weight))
            rungs = case_runs(case, sets[used], runs, self.seed, threads=self.threads)
            share = np.repeat(weight[used] / weight[used].sum(), runs) / runs
            flat = rungs.reshape(-1, rungs.shape[-1])
            chances.append(
                [np.bincount(flat[:, MONTHS * years], weights=share, minlength=RUNG_COUNT) for years in YEARS]
            )
            exits.append(float(share @ (flat >= BREAK).any(axis=1)))
        return CaseForecasts(np.array(chances), np.array(exits))


def mechanism_scores(library: JudgedLibrary, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the gain in the log score of left-out clusters from each mechanism, after a fit without the mechanism.

    Returns
    -------
    DataFrame
        ``mechanism``, ``gain`` (mean over clusters of the whole model's score less that without the mechanism), ``low``
        and ``high`` (80 % by bootstrap over clusters), and ``tail`` (largest shape of the weights' tails).
    """
    whole = library.log_scores()
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(0, len(whole), (2000, len(whole)))
    rows = []
    for name in MECHANISMS if names is None else names:
        terms = library.terms_of(library.cases, MECHANISMS[name].off)
        gain = whole - library.log_scores(terms)
        low, high = np.quantile(gain[drawn].mean(axis=1), [0.1, 0.9])
        tail = float(library.left_out(terms)[1].max())
        rows.append({"mechanism": name, "gain": gain.mean(), "low": low, "high": high, "tail": tail})
    return pd.DataFrame(rows).sort_values("gain", ascending=False, ignore_index=True)


def exchanged(library: JudgedLibrary, seed: int) -> dict[str, AllianceCase]:
    """Return the cases with key events and earlier rows exchanged between clusters; treaty and context stay.

    A case takes the events of a case of another cluster.
    """
    rng = np.random.default_rng(seed)
    names, clusters = list(library.cases), np.array(library.forced.clusters)
    order = _apart(rng.permutation(len(names)), clusters, rng)
    return {
        name: replace(library.cases[name], key=library.cases[names[donor]].key, rows=library.cases[names[donor]].rows)
        for name, donor in zip(names, order.tolist(), strict=True)
    }


def _apart(order: Ints, clusters: NDArray[np.str_], rng: np.random.Generator) -> Ints:
    """Return an order of cases that gives none of them a case of the same cluster, by swaps at random."""
    while len(clash := np.flatnonzero(clusters[order] == clusters)):
        other = int(rng.integers(len(order)))
        order[clash[0]], order[other] = order[other], order[clash[0]]
    return order
