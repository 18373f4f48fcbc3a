"""Naive forecasts of cases by hand, and that they know nothing of a case's own cluster."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from sim.evidence.cases.baselines import (
    BASE_RATE,
    BEST_CONSTANT,
    PENALTY,
    RIDGES,
    base_rate,
    baselines,
    best_constant,
    ridge,
    stays,
)
from sim.evidence.cases.features import CONTEXT, EVENT, FEATURES, features_of
from sim.evidence.cases.scores import CaseForecasts, Outcomes, cluster_means, coded_outcomes, rung_rps
from sim.evidence.hindcast.uncertainty import mean_of
from tests.evidence.cases.scored import case, library

Forecasts = dict[str, CaseForecasts]

NAN = float("nan")
THREE = Outcomes(
    np.array([[0.0, 1.0, 5.0], [0.0, 1.0, NAN], [2.0, 2.0, 2.0]]), np.array([1.0, 0.0, 0.0]), np.array([0, 0, 1])
)
"""Two cases in one cluster, the second without a last outcome, and one alone."""


def test_the_best_constant_is_the_frequencies_with_clusters_alike() -> None:
    found = best_constant(THREE)
    np.testing.assert_allclose(found.rungs[0], found.rungs[2])
    np.testing.assert_allclose(found.rungs[0, 0], [0.5, 0, 0.5, 0, 0, 0, 0])
    np.testing.assert_allclose(found.rungs[0, 2], [0, 0, 0.5, 0, 0, 0.5, 0])
    np.testing.assert_allclose(found.exits, 0.25)


def test_no_other_constant_scores_better() -> None:
    outcomes = coded_outcomes(library())
    best = best_constant(outcomes).rungs
    generator = np.random.default_rng(3)

    def score(chances: np.ndarray) -> float:
        return float(mean_of(cluster_means(rung_rps(chances, outcomes.rungs), outcomes.clusters)))

    for _ in range(20):
        other = 0.9 * best + 0.1 * generator.dirichlet(np.ones(7), size=3)
        assert score(best) < score(other)


def test_the_base_rate_is_that_of_the_other_clusters() -> None:
    found = base_rate(THREE)
    np.testing.assert_allclose(found.rungs[0, 0], np.eye(7)[2])
    np.testing.assert_allclose(found.rungs[2, 1], np.eye(7)[1])
    np.testing.assert_allclose(found.exits, [0.0, 0.0, 0.5])


def test_one_who_stays_has_nine_in_ten() -> None:
    found = stays(np.array([3.0, 5.0]))
    np.testing.assert_allclose(found.rungs[0, 2], [*[0.1 / 6] * 3, 0.9, *[0.1 / 6] * 3])
    np.testing.assert_allclose(found.exits, [0.05, 0.9 + 0.2 / 6])


@pytest.fixture(scope="module")
def exchanged() -> tuple[NDArray[np.bool_], Forecasts, Forecasts]:
    """Return which cases share a cluster, and the forecasts of all before and after the outcomes of these change."""
    cases = library(12)
    features, outcomes = features_of(cases), coded_outcomes(cases)
    own = outcomes.clusters == outcomes.clusters[0]
    assert own.sum() == 2
    other = Outcomes(np.where(own[:, None], 6.0, outcomes.rungs), np.where(own, 1.0, outcomes.exits), outcomes.clusters)
    return own, baselines(outcomes, features), baselines(other, features)


@pytest.mark.parametrize("name", [BASE_RATE, *RIDGES])
def test_outcomes_of_the_own_cluster_change_no_forecast_of_it(name: str, exchanged) -> None:
    own, before, after = exchanged
    np.testing.assert_array_equal(after[name].rungs[own], before[name].rungs[own])
    np.testing.assert_array_equal(after[name].exits[own], before[name].exits[own])
    assert (after[name].rungs[~own] != before[name].rungs[~own]).any()


def test_every_baseline_gives_probabilities_and_the_best_constant_comes_first() -> None:
    cases = library(12)
    found = baselines(coded_outcomes(cases), features_of(cases))
    assert list(found) == [BEST_CONSTANT, BASE_RATE, "stays put", "stays loyal", *RIDGES]
    for forecasts in found.values():
        np.testing.assert_allclose(forecasts.rungs.sum(axis=-1), 1.0)
        assert (forecasts.rungs >= 0).all()
        assert ((forecasts.exits >= 0) & (forecasts.exits <= 1)).all()


def test_the_ridge_is_that_of_a_library_by_threshold() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    cases = library()
    features, outcomes = features_of(cases), coded_outcomes(cases)
    columns = ("given", "threat after", "salience")
    found = ridge(outcomes, features, columns)
    place = 5  # its last outcome is not known, but it is forecast
    seen = (outcomes.clusters != outcomes.clusters[place]) & ~np.isnan(outcomes.rungs[:, 2])
    inputs = features[list(columns)].to_numpy()
    scaled = (inputs - inputs[seen].mean(axis=0)) / np.where((sd := inputs[seen].std(axis=0)) > 0, sd, 1.0)

    def chance(happened: np.ndarray) -> float:
        model = linear.LogisticRegression(C=1 / PENALTY, tol=1e-8).fit(scaled[seen], happened[seen])
        return float(model.predict_proba(scaled[[place]])[0, 1])

    rungs = outcomes.rungs[:, 2]
    np.testing.assert_allclose(
        np.cumsum(found.rungs[place, 2])[:3], [chance(rungs <= rung) for rung in range(3)], atol=1e-4
    )
    seen = outcomes.clusters != outcomes.clusters[place]
    scaled = (inputs - inputs[seen].mean(axis=0)) / inputs[seen].std(axis=0)
    assert found.exits[place] == pytest.approx(chance(outcomes.exits), abs=1e-4)


def test_thresholds_that_cross_are_levelled() -> None:
    generator = np.random.default_rng(0)
    rungs = generator.integers(0, 7, (20, 3)).astype(float)
    outcomes = Outcomes(rungs, (rungs.max(axis=1) >= 4).astype(float), np.arange(20))
    features = pd.DataFrame(generator.normal(size=(20, 6)) * 10, columns=list("abcdef"))
    found = ridge(outcomes, features, list("abcdef"))
    assert found.rungs.min() == 0.0


def test_features_are_the_codings_of_the_file() -> None:
    cases = [case(1, "a", given=0.2, rung=3), case(4, "b")]
    found = features_of(cases)
    assert list(found) == list(FEATURES)
    first = found.iloc[0]
    assert first["shortfall"] == pytest.approx(0.4)
    assert first["excuse overstretch"] == 1.0
    assert first["excuse legal"] == 0.0
    assert first["rung at key"] == 3.0
    assert first["strength consultation"] == first["threat after"] == first["dependence trade"] == 0.4
    assert found.iloc[1][[f"excuse {name}" for name in ("overstretch", "legal", "both_allies")]].sum() == 0.0


def test_the_rung_at_key_belongs_to_the_event_and_to_the_context() -> None:
    assert set(EVENT) & set(CONTEXT) == {"rung at key"}
    assert set(FEATURES) - set(EVENT) - set(CONTEXT) == {
        "strength defence", "strength consultation", "strength exclusivity",
    }  # fmt: skip


def test_nothing_that_happened_later_is_a_feature() -> None:
    cases = library(6)
    before = features_of(cases)
    for each in cases:
        each.update(by_years={}, max_rung_within_5y=6, final_rung=6, outcomes=[], events=[])
    pd.testing.assert_frame_equal(features_of(cases), before)
