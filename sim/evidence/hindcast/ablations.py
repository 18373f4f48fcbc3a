"""Ablations: hindcasts with one mechanism of the model switched off at a time."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from sim.evidence.hindcast.draws import Sets
from sim.evidence.hindcast.scorecard import HEADLINE, Progress, score
from sim.experiments.parameters.priors import with_values
from sim.mechanisms import MECHANISMS
from sim.scenario import Scenario

WHOLE: Final = "whole"
"""The row of the model with all its mechanisms."""

MODEL: Final = "model"


def ablation_scores(
    scenario: Scenario,
    draws: Sets,
    *,
    splits: Sequence[str],
    seed: int = 1,
    threads: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score forecasts of the whole model, and of the model without each mechanism in `sim.mechanisms.MECHANISMS`.

    Parameters
    ----------
    scenario, draws, splits, seed, threads
        As for `sim.evidence.hindcast.scorecard.score`.
    progress : callable, optional
        Told the mechanisms done and to do.

    Returns
    -------
    DataFrame
        mechanism (`WHOLE` first), split, score, horizon, value: the headline scores, less is better.
    """
    rows = []
    off: dict[str, Mapping[str, float]] = {WHOLE: {}, **{name: mechanism.off for name, mechanism in MECHANISMS.items()}}
    for done, (name, values) in enumerate(off.items()):
        card = score(scenario, _without(draws, values), splits=splits, seed=seed, threads=threads)
        shown = card.scores[(card.scores["mode"] == HEADLINE) & (card.scores["name"] == MODEL)]
        rows.append(shown[["split", "score", "horizon", "value"]].assign(mechanism=name))
        if progress is not None:
            progress(done + 1, len(off))
    return pd.concat(rows, ignore_index=True)[["mechanism", "split", "score", "horizon", "value"]]


def _without(draws: Sets, values: Mapping[str, float]) -> Sets:
    if isinstance(draws, Mapping):
        return {name: with_values(table, values) for name, table in draws.items()}
    return with_values(draws, values)
