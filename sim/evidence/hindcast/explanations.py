"""Forecast scores of each explanation on data held out from its fit, and the resulting weights."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from sim.evidence.hindcast.model_forecast import OBSERVED, SIMULATED
from sim.evidence.hindcast.origins import parts_of
from sim.evidence.hindcast.questions import HELP, MODEL
from sim.evidence.hindcast.score_tables import SCORES
from sim.evidence.hindcast.scorecard import Progress, Scorecard, score
from sim.evidence.hindcast.scores import SURE
from sim.evidence.hindcast.uncertainty import RESAMPLES, overlap
from sim.experiments.parameters.explanations import Variant
from sim.model.world import Floats
from sim.scenario import Scenario
from sim.words import POSTURES

SPLIT: Final = "test"
"""What explanations are weighed by: they are fitted to nothing in it."""

WEIGHED: Final = ("weight", "by_rungs", "by_answers")
"""Columns of weights: by all, by members' rungs alone, by allies' answers alone."""

HORIZON: Final = 12
"""Months that the forecasts reach which they are weighed by."""


def explanation_scores(
    scenario: Scenario,
    variants: Mapping[str, Variant],
    draws: Mapping[str, Floats],
    *,
    seed: int = 1,
    threads: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score the forecasts of each explanation from 2022 on, and weight the explanations by them.

    Parameters
    ----------
    scenario : Scenario
        The history.
    variants : mapping
        Explanations by name.
    draws : mapping of array (R, Q)
        Parameters of each run by explanation, fitted to 2019.
    seed, threads
        As for `sim.evidence.hindcast.scorecard.score`.
    progress : callable, optional
        Told the explanations done and to do.

    Returns
    -------
    DataFrame
        explanation, weight (`likelihood_weights`), what the weight would be by rungs alone and by answers alone,
        log_likelihood (of what came, in nats: a year's mean), and the headline scores over `HORIZON` months: rps,
        brier, log.
    """
    (part,) = parts_of([SPLIT], ())
    rows = []
    logs: dict[str, list[Floats]] = {name: [] for name in WEIGHED}
    for done, (name, variant) in enumerate(variants.items()):
        early = {part.draws: draws[name]}
        card = score(variant.applied(scenario), early, splits=[SPLIT], seed=seed, threads=threads)
        likelihoods = log_likelihoods(card)
        whole = likelihoods.sum(axis=1)
        for column, values in zip(WEIGHED, (whole, likelihoods["rungs"], likelihoods["answers"]), strict=True):
            logs[column].append(values.to_numpy(dtype=np.float64))
        headline = {rule: card.headline()[SPLIT][rule][str(HORIZON)][MODEL] for rule in SCORES}
        rows.append({"explanation": name, "log_likelihood": float(whole.mean()), **headline})
        if progress is not None:
            progress(done + 1, len(variants))
    table = pd.DataFrame(rows)
    for position, (column, by_origin) in enumerate(logs.items(), start=1):
        table.insert(position, column, likelihood_weights(np.column_stack(by_origin), seed))
    return table


def log_likelihoods(card: Scorecard) -> pd.DataFrame:
    """Return the log-likelihood of the outcomes under a scorecard's runs, by origin (nats).

    Chances of less than `sim.evidence.hindcast.scores.SURE` count as that. What belongs together in a run is taken
    one by one, so that it is a product of marginal chances; allies that answer one case decide together, and
    therefore count as one.

    Returns
    -------
    DataFrame
        ``rungs``, of each member after `HORIZON` months, and ``answers`` of each case within them, its mean over
        allies.
    """
    rungs, answers = card.rungs, card.forecasts
    rungs = rungs[(rungs["name"] == MODEL) & (rungs["mode"] == SIMULATED) & (rungs["horizon"] == HORIZON)]
    reached = rungs["outcome"].to_numpy(dtype=np.int64)
    stood = rungs[list(POSTURES)].to_numpy()[np.arange(len(rungs)), reached]
    answers = answers[(answers["target"] == HELP) & (answers["mode"] == OBSERVED) & (answers["horizon"] == HORIZON)]
    said = answers[MODEL].to_numpy()
    came = np.where(answers["outcome"] == 1.0, said, 1.0 - said)
    of_rungs = pd.Series(np.log(np.clip(stood, SURE, 1.0))).groupby(rungs["origin"].to_numpy()).sum()
    said_of = pd.DataFrame(
        {"origin": answers["origin"], "event": answers["event"], "log": np.log(np.maximum(came, SURE))}
    )
    of_cases = said_of.groupby(["origin", "event"])["log"].mean().groupby("origin").sum()
    return pd.DataFrame({"rungs": of_rungs, "answers": of_cases.reindex(of_rungs.index, fill_value=0.0)})


def likelihood_weights(logs: Floats, seed: int = 1, every: int = overlap(HORIZON)) -> Floats:
    """Return the weights of explanations by predictive likelihood (pseudo-BMA+: Yao et al. 2018).

    Proportional to the likelihood, which a few surprises would decide; so origins are weighed anew many times (the
    Bayesian bootstrap, Rubin 1981) and the weights averaged. Origins whose forecasts overlap never count together.

    Parameters
    ----------
    logs : array (O, K)
        Logarithms of the chance of what came by origin, in order of time, and explanation.
    seed : int
    every : int
        Neighbouring origins that overlap.

    Returns
    -------
    array (K)
        Summing to 1.

    Examples
    --------
    >>> likelihood_weights(np.array([[-1.0, -1.0], [-2.0, -2.0]])).tolist()
    [0.5, 0.5]
    """
    weights = []
    rng = np.random.default_rng(seed)
    for first in range(min(every, len(logs))):
        apart = logs[first::every]
        counts = rng.dirichlet(np.ones(len(apart)), RESAMPLES) * len(apart)
        whole = counts @ apart
        odds = np.exp(whole - whole.max(axis=1, keepdims=True))
        weights.append((odds / odds.sum(axis=1, keepdims=True)).mean(axis=0))
    return np.asarray(np.mean(weights, axis=0))
