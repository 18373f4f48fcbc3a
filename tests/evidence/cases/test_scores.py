"""Scores of cases by hand, and how cases, clusters and horizons count."""

import numpy as np
import pytest

from sim.evidence.cases.scores import (
    CaseForecasts,
    Outcomes,
    auc,
    cluster_means,
    cluster_weights,
    coded_outcomes,
    exit_brier,
    rung_log_score,
    rung_rps,
)
from sim.evidence.hindcast.uncertainty import mean_of
from tests.evidence.cases.scored import case, certain

NAN = float("nan")


def test_rps_is_the_mean_over_six_thresholds() -> None:
    # half on 0, half on 2 against rung 1: thresholds .5, .5 - 1, 1 - 1, ... so (.25 + .25) / 6
    chances = np.array([[0.5, 0, 0.5, 0, 0, 0, 0]] * 2)
    np.testing.assert_allclose(rung_rps(chances, np.array([1.0, NAN])), [0.5 / 6, NAN])
    assert rung_rps(np.eye(7)[0], np.array(6.0)) == 1.0


def test_log_score_raises_small_chances_and_divides_again() -> None:
    chances = np.eye(7)[[0, 0, 0]]
    whole = 1 + 6 * 0.005
    found = rung_log_score(chances, np.array([0.0, 3.0, NAN]))
    np.testing.assert_allclose(found, [-np.log(1 / whole), -np.log(0.005 / whole), NAN])


def test_horizons_and_clusters_count_alike_and_unknown_outcomes_are_left_out() -> None:
    scores = np.array([[0.0, 1.0], [0.4, NAN], [0.8, NAN]])
    found = mean_of(cluster_means(scores, np.array([0, 0, 1])))
    # first horizon: clusters (.0 + .4) / 2 and .8, so .5; second: only the first cluster, 1
    assert found == pytest.approx((0.5 + 1.0) / 2)


def test_a_case_entered_twice_in_its_cluster_changes_no_mean() -> None:
    scores = np.array([[0.1, 0.2], [0.7, 0.3], [0.7, 0.3]])
    once = mean_of(cluster_means(scores[:2], np.array([0, 1])))
    assert mean_of(cluster_means(scores, np.array([0, 1, 1]))) == pytest.approx(once)


def test_auc_by_hand_with_ties_weights_and_missing_outcomes() -> None:
    order = [0.2, 0.2, 0.9, 0.5, 1.0]
    happened = np.array([0.0, 1.0, 1.0, 0.0, NAN])
    assert auc(order, happened) == pytest.approx((0.5 + 0 + 1 + 1) / 4)
    weights = np.array([[3.0, 1, 1, 1, 1], [1, 0, 1, 1, 1], [1, 0, 0, 1, 1]])
    np.testing.assert_allclose(auc(order, happened, weights), [(1.5 + 0 + 3 + 1) / 8, 1.0, NAN])


def test_auc_hangs_on_the_order_alone() -> None:
    generator = np.random.default_rng(4)
    order, happened = generator.random(40), (generator.random(40) < 0.4).astype(float)
    assert auc(np.exp(5 * order), happened) == auc(order, happened)
    assert auc(-order, happened) == pytest.approx(1 - auc(order, happened))


def test_auc_is_that_of_a_library() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(5)
    order, happened = generator.integers(0, 6, 50) / 5, (generator.random(50) < 0.4).astype(float)
    weights = generator.random(50)
    assert auc(order, happened, weights) == pytest.approx(metrics.roc_auc_score(happened, order, sample_weight=weights))


def test_outcomes_are_read_and_missing_ones_stay_missing() -> None:
    cases = [
        case(0, "b", by_years=(0, None, 4), highest=4),
        case(1, "a", by_years=(1, 3, 3), highest=3),
        {"cluster": "b"},
    ]
    found = coded_outcomes(cases)
    np.testing.assert_array_equal(found.rungs, [[0, NAN, 4], [1, 3, 3], [NAN, NAN, NAN]])
    np.testing.assert_array_equal(found.exits, [1, 0, NAN])
    assert found.clusters.tolist() == [1, 0, 1]
    np.testing.assert_allclose(cluster_weights(found), [1, 1, 0])


def test_a_subset_numbers_its_clusters_anew() -> None:
    found = Outcomes(np.zeros((3, 3)), np.array([0.0, 1.0, 1.0]), np.array([0, 4, 4]))
    kept = found.where(np.array([False, True, True]))
    assert kept.clusters.tolist() == [0, 0]
    np.testing.assert_allclose(cluster_weights(kept), 0.5)


def test_brier_of_exits_is_a_column_with_gaps() -> None:
    forecasts = certain([0, 5, 4])
    outcomes = Outcomes(np.zeros((3, 3)), np.array([1.0, 1.0, NAN]), np.arange(3))
    np.testing.assert_array_equal(exit_brier(forecasts, outcomes), [[1.0], [0.0], [NAN]])
    assert isinstance(forecasts.where(np.array([True, False, False])), CaseForecasts)
