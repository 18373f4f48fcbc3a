"""Judgement of forecasts of cases: against naive forecasts, on near misses, by horizon and by family of alliances.

Intervals are percentiles over resampled clusters of cases, with common resamples for everything compared.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.cases.baselines import BASE_RATE, BEST_CONSTANT, RIDGES
from sim.evidence.cases.reading import YEARS
from sim.evidence.cases.scores import (
    CaseForecasts,
    Outcomes,
    auc,
    cluster_means,
    cluster_weights,
    exit_brier,
    rung_log_score,
    rung_rps,
)
from sim.evidence.hindcast.uncertainty import RESAMPLES, block_weights, interval_of, mean_of
from sim.model.world import Floats
from sim.output.formatting import decimals, signed_number
from sim.output.intervals import LEVEL, SEED, wilson

SORTED: Final = "sorting by given"
"""The rival of ranks alone: the less was given, the likelier an exit."""

SHORT: Final = 0.3
THREATENED: Final = 0.5
"""A near miss lacks `SHORT` or more of what was owed; or the threat is at least `THREATENED` and less than `SHORT` was
given."""

THIRDS: Final = ("lowest", "middle", "highest")

PLACES: Final = 3
NEAR: Final = "near"
NONE_SET: Final = "no goal"


class Goal(NamedTuple):
    """A condition on the model's score against a rival's: in words, and as a test of a row of `compare`."""

    asked: str
    met: Callable[[Mapping[Hashable, Any]], bool]


MARGIN_ON_GIVEN: Final = 0.010
"""How much worse than the regression on what was given the ranked probability score may be, at the upper end."""

_BETTER: Final = Goal("better, interval wholly below 0", lambda row: bool(row["high"] < 0.0))

GOALS: Final[Mapping[tuple[str, str], Goal]] = {
    ("rps", BEST_CONSTANT): _BETTER,
    ("rps", BASE_RATE): _BETTER,
    ("rps", "ridge on given"): Goal(
        f"upper end at most {signed_number(MARGIN_ON_GIVEN, PLACES)}", lambda row: bool(row["high"] <= MARGIN_ON_GIVEN)
    ),
    ("auc", SORTED): Goal("not below", lambda row: bool(row["difference"] >= 0.0)),
    (NEAR, "breakers"): Goal("stayers below breakers, interval wholly below 0", lambda row: bool(row["high"] < 0.0)),
}
"""Goals by score and rival."""

SCORE_WORDS: Final = {
    "rps": "rung (ranked probability)",
    "log": "rung (log)",
    "brier": "exit in five years (Brier)",
    "auc": "exit in five years (AUC, more is better)",
    NEAR: "near misses (mean chance of exit given to stayers)",
}


def compare(
    outcomes: Outcomes, model: CaseForecasts, rivals: Mapping[str, CaseForecasts], given: Floats
) -> pd.DataFrame:
    """Compare the model with its rivals, case by case.

    Parameters
    ----------
    outcomes : Outcomes
    model : CaseForecasts
    rivals : mapping of str to CaseForecasts
        By name, such as `baselines` gives them.
    given : array (n)
        How far the guarantor delivered in each case.

    Returns
    -------
    DataFrame
        ``score`` (``rps``, ``log``, ``brier``, ``auc``), ``rival``, ``model`` and ``against`` (the two mean scores),
        ``difference`` (model less rival) and its interval ``low``, ``high``. AUC only against rivals that rank cases.
    """
    rows = [
        {"score": score, "rival": name, **paired(rule(model, outcomes), rule(rival, outcomes), outcomes.clusters)}
        for score, rule in RULES.items()
        for name, rival in rivals.items()
    ]
    orders = {SORTED: -given} | {name: rival.exits for name, rival in rivals.items() if name in RIDGES}
    rows += [{"score": "auc", "rival": name, **_ranked(outcomes, model.exits, order)} for name, order in orders.items()]
    return pd.DataFrame(rows)


RULES: Final[Mapping[str, Callable[[CaseForecasts, Outcomes], Floats]]] = {
    "rps": lambda forecasts, outcomes: rung_rps(forecasts.rungs, outcomes.rungs),
    "log": lambda forecasts, outcomes: rung_log_score(forecasts.rungs, outcomes.rungs),
    "brier": exit_brier,
}
"""Scores of single cases by name; NaN where the outcome is not known."""


def paired(own: Floats, other: Floats, clusters: NDArray[np.int64]) -> dict[str, float]:
    """Return the mean of two scores over clusters, their difference, and its interval, as columns of `compare`."""
    means = cluster_means(np.stack([own, other, own - other]), clusters)
    model, against, difference = mean_of(means).tolist()
    low, high = interval_of(means, 1, SEED)
    return {
        "model": model,
        "against": against,
        "difference": difference,
        "low": float(low[2]),
        "high": float(high[2]),
    }


def _ranked(outcomes: Outcomes, own: Floats, other: Floats) -> dict[str, float]:
    weights = cluster_weights(outcomes)
    model, against = (float(auc(order, outcomes.exits, weights)) for order in (own, other))
    drawn = resampled_weights(outcomes)
    low, high = _percentiles(auc(own, outcomes.exits, drawn) - auc(other, outcomes.exits, drawn))
    return {"model": model, "against": against, "difference": model - against, "low": low, "high": high}


def resampled_weights(outcomes: Outcomes) -> Floats:
    """Return the weights of cases (resamples, n) as whole clusters are drawn again, with those of `cluster_weights`."""
    drawn = block_weights(int(outcomes.clusters.max()) + 1, 1, RESAMPLES, SEED)
    return np.asarray(drawn[:, outcomes.clusters] * cluster_weights(outcomes))


def _percentiles(values: Floats) -> tuple[float, float]:
    """Return the ends of the interval over resamples; those in which nothing could be computed are left out."""
    if np.isnan(values).all():
        return float("nan"), float("nan")
    low, high = np.nanquantile(values, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return float(low), float(high)


def screen(comparisons: pd.DataFrame, near: "NearMisses") -> pd.DataFrame:
    """Return the table for reviewers: the goal, both scores, the interval of their difference, met or missed.

    Parameters
    ----------
    comparisons : DataFrame
        From `compare`.
    near : NearMisses
        From `judge_near_misses`; a row with the means of stayers and breakers in place of two scores.

    Returns
    -------
    DataFrame
        ``asked``, ``score``, ``model``, ``rival``, ``against``, ``difference``, ``interval`` and ``verdict`` as text,
        rows with a goal first.
    """
    stayed: dict[Hashable, Any] = {
        "score": NEAR, "rival": "breakers", "model": near.stayers, "against": near.breakers,
        "difference": near.difference, "low": near.low, "high": near.high,
    }  # fmt: skip
    rows = []
    for row in [*comparisons.to_dict("records"), stayed]:
        goal = GOALS.get((row["score"], row["rival"]))
        low, high = (_signed(row[end]) for end in ("low", "high"))
        rows.append(
            {
                "asked": NONE_SET if goal is None else goal.asked,
                "score": SCORE_WORDS[row["score"]],
                "model": decimals(row["model"], PLACES),
                "rival": row["rival"],
                "against": decimals(row["against"], PLACES),
                "difference": _signed(row["difference"]),
                "interval": f"{low} to {high}",
                "verdict": "-" if goal is None else "met" if goal.met(row) else "missed",
            }
        )
    rows.sort(key=lambda row: row["asked"] == NONE_SET)
    return pd.DataFrame(rows)


def _signed(value: float) -> str:
    return "-" if np.isnan(value) else signed_number(value, PLACES)


def near_misses(features: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which cases are near misses, chosen by inputs alone: much was owed and not given, or little under threat.

    Parameters
    ----------
    features : DataFrame
        See `features_of`.
    """
    given = features["given"]
    short = features["shortfall"] >= SHORT - 1e-9
    return np.asarray(short | ((features["threat after"] >= THREATENED) & (given < SHORT)))


class NearMisses(NamedTuple):
    """How far the forecasts of near misses tell those who broke with the guarantor from those who stayed.

    Attributes
    ----------
    thirds : DataFrame
        ``third`` of the cases by the forecast, ``cases``, ``chance`` (mean), ``breakers``, ``share`` of breakers and
        its interval ``low``, ``high``, as if cases were independent.
    stayers, breakers : float
        Mean chance of an exit given to each, clusters alike.
    difference, low, high : float
        Stayers' mean less breakers' mean, and its interval.
    """

    thirds: pd.DataFrame
    stayers: float
    breakers: float
    difference: float
    low: float
    high: float


def judge_near_misses(outcomes: Outcomes, model: CaseForecasts, features: pd.DataFrame) -> NearMisses:
    """Judge the forecasts of near misses whose outcome is known.

    Parameters
    ----------
    outcomes : Outcomes
    model : CaseForecasts
    features : DataFrame
        See `features_of`.
    """
    chosen = near_misses(features) & ~np.isnan(outcomes.exits)
    cases, chances = outcomes.where(chosen), model.exits[chosen]
    stayers, breakers = _means(cases, chances, cluster_weights(cases))
    drawn = _means(cases, chances, resampled_weights(cases))
    low, high = _percentiles(drawn[0] - drawn[1])
    thirds = pd.DataFrame(_thirds(cases.exits, chances))
    return NearMisses(thirds, float(stayers), float(breakers), float(stayers - breakers), low, high)


def _means(cases: Outcomes, chances: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the weighted mean chance (...) of cases that stayed and of cases that broke; NaN without any."""
    stayers, breakers = (
        np.divide(
            (weights * group) @ chances,
            (weights * group).sum(axis=-1),
            out=np.full(weights.shape[:-1], np.nan),
            where=(weights * group).sum(axis=-1) > 0,
        )
        for group in (cases.exits == 0, cases.exits == 1)
    )
    return stayers, breakers


def _thirds(exits: Floats, chances: Floats) -> Iterator[dict[str, Any]]:
    for name, part in zip(THIRDS, np.array_split(np.argsort(chances, kind="stable"), len(THIRDS)), strict=True):
        broke, count = float(exits[part].sum()), len(part)
        low, high = wilson(broke, count)
        chance, share = (float(values[part].mean()) if count else float("nan") for values in (chances, exits))
        yield {
            "third": name, "cases": count, "chance": chance, "breakers": int(broke), "share": share, "low": low,
            "high": high,
        }  # fmt: skip


def by_horizon(outcomes: Outcomes, forecasts: Mapping[str, CaseForecasts]) -> pd.DataFrame:
    """Return the scores of rungs at each anniversary, one row for each forecaster and horizon.

    Parameters
    ----------
    outcomes : Outcomes
    forecasts : mapping of str to CaseForecasts

    Returns
    -------
    DataFrame
        ``name``, ``years``, ``cases`` (those whose rung is known), ``rps``, ``log``.
    """
    rows = []
    for name, forecast in forecasts.items():
        for column, years in enumerate(YEARS):
            rungs, chances = outcomes.rungs[:, [column]], forecast.rungs[:, [column]]
            rows.append(
                {
                    "name": name,
                    "years": years,
                    "cases": int((~np.isnan(rungs)).sum()),
                    "rps": float(mean_of(cluster_means(rung_rps(chances, rungs), outcomes.clusters))),
                    "log": float(mean_of(cluster_means(rung_log_score(chances, rungs), outcomes.clusters))),
                }
            )
    return pd.DataFrame(rows)


def by_family(outcomes: Outcomes, forecasts: Mapping[str, CaseForecasts], families: NDArray[Any]) -> pd.DataFrame:
    """Return the mean scores within each family of alliances, one row for each family and forecaster.

    Parameters
    ----------
    outcomes : Outcomes
    forecasts : mapping of str to CaseForecasts
    families : array (n)
        Name of each case's family.

    Returns
    -------
    DataFrame
        ``family``, ``name``, ``cases``, ``clusters``, ``rps``, ``log``, ``brier``, ``chance`` of an exit (mean) and
        ``share`` of exits, clusters alike.
    """
    rows = []
    for family in dict.fromkeys(families.tolist()):
        chosen = families == family
        cases = outcomes.where(chosen)
        share = float(mean_of(cluster_means(cases.exits[:, None], cases.clusters)))
        for name, forecast in forecasts.items():
            own = forecast.where(chosen)
            scores = {score: mean_of(cluster_means(rule(own, cases), cases.clusters)) for score, rule in RULES.items()}
            chance = mean_of(cluster_means(own.exits[:, None], cases.clusters))
            rows.append(
                {
                    "family": family,
                    "name": name,
                    "cases": len(cases.exits),
                    "clusters": int(cases.clusters.max()) + 1,
                    **{score: float(value) for score, value in scores.items()},
                    "chance": float(chance),
                    "share": share,
                }
            )
    return pd.DataFrame(rows)
