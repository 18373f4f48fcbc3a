"""Explanations are weighed by what they said of what they were not fitted to."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from sim.evidence.hindcast.explanations import explanation_scores, likelihood_weights, log_likelihoods
from sim.evidence.hindcast.scorecard import score
from sim.evidence.hindcast.scores import SURE
from sim.experiments.parameters.explanations import Variant, load_explanations
from sim.experiments.parameters.priors import prior_draws, with_values
from sim.scenario import Scenario
from sim.words import POSTURES

RUNS = 10
NAMES = ("faithless-guarantor", "overstretched")


@pytest.fixture(scope="module")
def variants() -> Mapping[str, Variant]:
    return {name: load_explanations()[name] for name in NAMES}


@pytest.fixture(scope="module")
def draws(variants: Mapping[str, Variant]) -> dict[str, np.ndarray]:
    return {name: with_values(prior_draws(RUNS, 1), variant.parameters) for name, variant in variants.items()}


@pytest.fixture(scope="module")
def found(scenario: Scenario, variants: Mapping[str, Variant], draws: dict[str, np.ndarray]) -> pd.DataFrame:
    return explanation_scores(scenario, variants, draws, seed=1, threads=2)


def test_each_explanation_has_its_weight_and_scores(found: pd.DataFrame):
    weights = ["weight", "by_rungs", "by_answers"]
    assert list(found.columns) == ["explanation", *weights, "log_likelihood", "rps", "brier", "log"]
    assert tuple(found["explanation"]) == NAMES
    for column in weights:
        assert found[column].sum() == pytest.approx(1.0)
        assert (found[column] > 0).all()
    better = found.sort_values("log_likelihood")
    assert better["weight"].is_monotonic_increasing


def test_what_is_scored_is_the_history_under_the_explanation(
    scenario: Scenario, variants: Mapping[str, Variant], draws: dict[str, np.ndarray], found: pd.DataFrame
):
    name = "overstretched"
    card = score(variants[name].applied(scenario), {"posterior-2019": draws[name]}, splits=["test"], seed=1)
    row = found.set_index("explanation").loc[name]
    assert row["rps"] == pytest.approx(card.headline()["test"]["rps"]["12"]["model"])
    logs = log_likelihoods(card)
    assert row["log_likelihood"] == pytest.approx(logs.sum(axis=1).mean())

    origin = logs.index[0]
    rungs = card.rungs.query(f"origin == '{origin}' and horizon == 12 and name == 'model' and mode == 'simulated'")
    chances = [row[POSTURES[int(row["outcome"])]] for _, row in rungs.iterrows()]
    answers = card.forecasts.query(
        f"origin == '{origin}' and horizon == 12 and target == 'help' and mode == 'observed'"
    )
    assert len(rungs) == 8  # every state that ever signed but the guarantor
    assert logs["rungs"].iloc[0] == pytest.approx(np.log(np.maximum(chances, SURE)).sum())
    cases = {}
    for _, each in answers.iterrows():
        chance = each["model"] if each["outcome"] else 1.0 - each["model"]
        cases.setdefault(each["event"], []).append(np.log(max(chance, SURE)))
    assert len(cases) < len(answers)
    assert logs["answers"].iloc[0] == pytest.approx(sum(np.mean(values) for values in cases.values()))


def test_weights_by_hand_for_a_single_origin():
    logs = np.log([[0.6, 0.2, 0.2]])
    assert likelihood_weights(logs).tolist() == pytest.approx([0.6, 0.2, 0.2])


def test_weights_follow_the_likelihood_and_do_not_care_for_what_all_share():
    rng = np.random.default_rng(3)
    logs = rng.normal(-5.0, 0.5, (8, 3))
    logs[:, 1] += 1.0
    weights = likelihood_weights(logs, seed=2)
    assert weights.sum() == pytest.approx(1.0)
    assert weights.argmax() == 1
    assert likelihood_weights(logs - 7.0, seed=2).tolist() == pytest.approx(weights.tolist())
    assert likelihood_weights(logs[:, [1, 0, 2]], seed=2).tolist() == pytest.approx(weights[[1, 0, 2]].tolist())


def test_origins_that_overlap_do_not_count_together():
    apart = np.array([[-1.0, -2.0], [-1.5, -1.0]])
    twice = np.repeat(apart, 2, axis=0)
    assert likelihood_weights(twice).tolist() == pytest.approx(likelihood_weights(apart, every=1).tolist(), abs=0.02)


def test_a_single_surprise_does_not_decide():
    logs = np.zeros((8, 2))
    logs[0, 0] = -5.3
    plain = np.exp(-5.3 / 2) / (np.exp(-5.3 / 2) + 1.0)
    assert 2 * plain < likelihood_weights(logs)[0] < 0.5
