"""Naive forecasts of cases that the model has to beat: frequencies, no change, and regressions on the codings.

All but the best constant know nothing of the cases in a case's own cluster.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.cases.features import CONTEXT, EVENT, FEATURES
from sim.evidence.cases.reading import YEARS
from sim.evidence.cases.rungs import BREAK, RUNG_COUNT
from sim.evidence.cases.scores import CaseForecasts, Outcomes
from sim.evidence.logit import fit_logit
from sim.model.world import Floats

STAYS: Final = 0.9
"""Probability of the one rung that a forecast of no change names; the other six share the rest."""

PENALTY: Final = 4.0
"""Precision of the prior on standardised slopes of the regressions: C = .25 in scikit-learn's terms."""

RIDGES: Final[Mapping[str, tuple[str, ...]]] = {
    "ridge on given": ("given",),
    "ridge on event": EVENT,
    "ridge on context": CONTEXT,
    "ridge on all": tuple(FEATURES),
}
"""Features of each regression."""

BEST_CONSTANT: Final = "best constant"
BASE_RATE: Final = "base rate"


def baselines(outcomes: Outcomes, features: pd.DataFrame) -> dict[str, CaseForecasts]:
    """Return the naive forecasts of cases by name.

    Parameters
    ----------
    outcomes : Outcomes
        At least two clusters, as each case is forecast from other clusters.
    features : DataFrame
        See `features_of`.
    """
    forecasts = {
        BEST_CONSTANT: best_constant(outcomes),
        BASE_RATE: base_rate(outcomes),
        "stays put": stays(features["rung at key"].to_numpy()),
        "stays loyal": stays(np.zeros(len(features))),
    }
    return forecasts | {name: ridge(outcomes, features, columns) for name, columns in RIDGES.items()}


def best_constant(outcomes: Outcomes) -> CaseForecasts:
    """Forecast the frequencies in these very cases, clusters alike: no other constant forecast has a better score."""
    count = len(outcomes.exits)
    rungs, exits = _frequencies(outcomes, np.ones(count, dtype=bool))
    return CaseForecasts(np.tile(rungs, (count, 1, 1)), np.full(count, exits))


def base_rate(outcomes: Outcomes) -> CaseForecasts:
    """Forecast each case by the frequencies in all other clusters, clusters alike."""
    count = len(outcomes.exits)
    forecasts = CaseForecasts(np.empty((count, len(YEARS), RUNG_COUNT)), np.empty(count))
    for cluster in np.unique(outcomes.clusters):
        own = outcomes.clusters == cluster
        forecasts.rungs[own], forecasts.exits[own] = _frequencies(outcomes, ~own)
    return forecasts


def _frequencies(outcomes: Outcomes, seen: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return the share of each rung at each horizon (3, 7) and the share of exits among the cases seen."""
    ranks = np.arange(RUNG_COUNT)
    rungs = np.stack(
        [_share(column[:, None] == ranks, seen & ~np.isnan(column), outcomes.clusters) for column in outcomes.rungs.T]
    )
    known = seen & ~np.isnan(outcomes.exits)
    return rungs, float(_share(outcomes.exits[:, None] == 1, known, outcomes.clusters)[0])


def _share(held: NDArray[np.bool_], seen: NDArray[np.bool_], clusters: NDArray[np.int64]) -> Floats:
    """Return the share of cases in which something held (n, K), each cluster counting alike."""
    sizes = np.bincount(clusters[seen], minlength=int(clusters.max()) + 1)
    return np.asarray(np.average(held[seen], axis=0, weights=1.0 / sizes[clusters[seen]]))


def stays(rungs: Floats) -> CaseForecasts:
    """Forecast that each member stays on one rung with probability `STAYS`, or else is on any other one.

    Parameters
    ----------
    rungs : array (n)
        The rung that each member is said to stay on.
    """
    others = (1.0 - STAYS) / (RUNG_COUNT - 1)
    chances = np.where(np.arange(RUNG_COUNT) == rungs[:, None], STAYS, others)
    return CaseForecasts(np.repeat(chances[:, None], len(YEARS), axis=1), chances[:, BREAK:].sum(axis=1))


def ridge(outcomes: Outcomes, features: pd.DataFrame, columns: Sequence[str]) -> CaseForecasts:
    """Forecast each case by regressions on features, fitted to all other clusters.

    One ridge logit for each threshold between rungs at each horizon (cumulated probabilities that would fall are
    levelled), and one for exits; each case counts alike.

    Parameters
    ----------
    outcomes : Outcomes
    features : DataFrame
    columns : sequence of str
        The features used.
    """
    inputs = features[list(columns)].to_numpy(dtype=np.float64)
    below = np.ones((len(inputs), len(YEARS), RUNG_COUNT))
    exits = np.empty(len(inputs))
    for cluster in np.unique(outcomes.clusters):
        own = outcomes.clusters == cluster
        exits[own] = _fitted(inputs, outcomes.exits, own)
        for horizon, rungs in enumerate(outcomes.rungs.T):
            for rung in range(RUNG_COUNT - 1):
                reached = np.where(np.isnan(rungs), np.nan, rungs <= rung)
                below[own, horizon, rung] = _fitted(inputs, reached, own)
    below = np.maximum.accumulate(below, axis=-1)
    return CaseForecasts(np.diff(below, axis=-1, prepend=0.0), exits)


def _fitted(inputs: Floats, happened: Floats, own: NDArray[np.bool_]) -> Floats:
    """Return the chances of the cases in one cluster by a logit fitted to the others whose outcome is known."""
    seen = ~own & ~np.isnan(happened)
    if np.ptp(happened[seen]) == 0:
        return np.full(int(own.sum()), happened[seen][0])
    return fit_logit(inputs[seen], happened[seen], PENALTY).chances(inputs[own])
