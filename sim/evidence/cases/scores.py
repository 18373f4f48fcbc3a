"""Scores of forecasts of cases: rungs at three anniversaries, and exits within five years; lower is better but in AUC.

Horizons count alike and clusters of cases count alike. What nobody knows, such as the rung of a state that had ceased
to act freely, is missing (NaN) and is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.evidence.cases.reading import YEARS
from sim.evidence.cases.rungs import BREAK
from sim.evidence.hindcast.scores import SURE, brier, rps
from sim.evidence.hindcast.uncertainty import Sums
from sim.model.world import Floats


@dataclass(frozen=True)
class Outcomes:
    """What happened in cases.

    Attributes
    ----------
    rungs : array (n, 3)
        Rung in force at each anniversary, NaN where it is not known.
    exits : array (n)
        1 where the member reached freeze or beyond within five years, 0 where not, NaN where it is not known.
    clusters : array (n)
        Number of the cluster that a case belongs to; cases of one cluster are not independent.
    """

    rungs: Floats
    exits: Floats
    clusters: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "Outcomes":
        """Return the outcomes of some cases."""
        return Outcomes(
            self.rungs[chosen], self.exits[chosen], np.unique(self.clusters[chosen], return_inverse=True)[1]
        )


@dataclass(frozen=True)
class CaseForecasts:
    """Forecasts of cases.

    Attributes
    ----------
    rungs : array (n, 3, 7)
        Probability of each rung at each anniversary.
    exits : array (n)
        Probability of freeze or beyond within five years.
    """

    rungs: Floats
    exits: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "CaseForecasts":
        """Return the forecasts of some cases."""
        return CaseForecasts(self.rungs[chosen], self.exits[chosen])


def coded_outcomes(cases: Iterable[Mapping[str, Any]]) -> Outcomes:
    """Return the outcomes of cases from their file; those that it leaves out are missing (NaN)."""
    entries = list(cases)
    known = [case.get("by_years") or {} for case in entries]
    rungs = [[_number(by_years.get(str(horizon))) for horizon in YEARS] for by_years in known]
    highest = np.array([_number(case.get("max_rung_within_5y")) for case in entries], dtype=np.float64)
    exits = np.where(np.isnan(highest), np.nan, highest >= BREAK)
    clusters = np.unique([case["cluster"] for case in entries], return_inverse=True)[1]
    return Outcomes(np.array(rungs, dtype=np.float64).reshape(-1, len(YEARS)), exits, clusters)


def _number(rung: int | None) -> float:
    return float("nan") if rung is None else float(rung)


def rung_rps(chances: Floats, rungs: Floats) -> Floats:
    """Return the ranked probability score of each forecast: the mean squared error over the six thresholds, 0..1.

    Parameters
    ----------
    chances : array (..., 7)
    rungs : array (...)
        Rung in force; the score is NaN where it is NaN.
    """
    return np.where(np.isnan(rungs), np.nan, rps(chances, rungs))


def rung_log_score(chances: Floats, rungs: Floats) -> Floats:
    """Return minus the log of the probability of the rung in force, in nats.

    Probabilities below `SURE` are raised to it, and all seven are then divided by their sum.

    Parameters
    ----------
    chances : array (..., 7)
    rungs : array (...)
        Rung in force; the score is NaN where it is NaN.
    """
    bounded = np.maximum(chances, SURE)
    bounded = bounded / bounded.sum(axis=-1, keepdims=True)
    index = np.nan_to_num(rungs).astype(np.int64)[..., None]
    given = np.take_along_axis(bounded, index, axis=-1)[..., 0]
    return np.where(np.isnan(rungs), np.nan, -np.log(given))


def exit_brier(forecasts: CaseForecasts, outcomes: Outcomes) -> Floats:
    """Return the Brier score of each forecast of an exit as a column (n, 1), NaN where the outcome is not known."""
    return brier(forecasts.exits, outcomes.exits)[:, None]


def auc(order: ArrayLike, happened: Floats, weights: Floats | None = None) -> Floats:
    """Return the area under the ROC curve: how often a case that happened is ranked above one that did not.

    Ties count one half.

    Parameters
    ----------
    order : array (n)
        Chances, or anything that sorts cases in the same way.
    happened : array (n)
        1 or 0; cases with NaN are left out.
    weights : array (..., n), optional
        How much each case counts; default: all alike.

    Returns
    -------
    array (...)
        NaN where all cases have the same outcome.

    Examples
    --------
    >>> float(auc([0.1, 0.4, 0.4, 0.8], np.array([0.0, 0.0, 1.0, 1.0])))
    0.875
    """
    ranks = np.asarray(order, dtype=np.float64)
    counted = np.ones(len(ranks)) if weights is None else weights
    yes, no = happened == 1, happened == 0
    wins = np.heaviside(ranks[yes][:, None] - ranks[no], 0.5)
    above = ((counted[..., yes] @ wins) * counted[..., no]).sum(axis=-1)
    pairs = counted[..., yes].sum(axis=-1) * counted[..., no].sum(axis=-1)
    return np.asarray(np.divide(above, pairs, out=np.full(np.shape(pairs), np.nan), where=pairs > 0))


def cluster_means(values: Floats, clusters: NDArray[np.int64]) -> Sums:
    """Return the mean score of each cluster at each horizon, for means and resampling in which clusters count alike.

    Parameters
    ----------
    values : array (..., n, H)
        Scores, NaN where an outcome is not known.
    clusters : array (n)
    """
    member = np.eye(int(clusters.max(initial=-1)) + 1)[clusters]
    known = ~np.isnan(values)
    count = np.swapaxes(known.astype(np.float64), -1, -2) @ member
    total = np.swapaxes(np.where(known, values, 0.0), -1, -2) @ member
    counts = count.reshape(-1, *count.shape[-2:])[0]
    return Sums(np.divide(total, count, out=np.zeros_like(total), where=count > 0), (counts > 0).astype(np.float64))


def cluster_weights(outcomes: Outcomes) -> Floats:
    """Return the weight of each case whose exit is known: 1 over their number in its cluster; 0 for other cases."""
    known = ~np.isnan(outcomes.exits)
    sizes = np.bincount(outcomes.clusters, known)
    return np.divide(known, sizes[outcomes.clusters], out=np.zeros(len(known)), where=known)
