import numpy as np
import pytest

from sim.evidence.patterns import Pattern
from sim.evidence.weighing import FEWEST, distance, kernel_weights, misfit, weighted_quantile
from sim.experiments.parameters.posteriors import effective_size


def pattern(low: float, high: float, discrepancy: float = 0.0) -> Pattern:
    return Pattern("one", "A1", "world", "world", "x", low, high, discrepancy)


def test_a_misfit_is_nothing_inside_and_half_at_one_deviation():
    one = pattern(0.2, 0.6)  # half-width 0.2 stands for two deviations, so one is 0.1
    values = np.array([[0.2], [0.4], [0.6], [0.7], [0.1], [0.9], [np.nan]])
    found = misfit(values, [one], np.zeros(1))[:, 0]
    assert found == pytest.approx([0.0, 0.0, 0.0, 0.5, 0.5, 0.9, 1.0])


def test_discrepancy_and_chance_make_a_miss_count_less():
    values = np.array([[0.8]])
    strict = misfit(values, [pattern(0.2, 0.6)], np.zeros(1))
    assert misfit(values, [pattern(0.2, 0.6, 0.1)], np.zeros(1)) < strict
    assert misfit(values, [pattern(0.2, 0.6)], np.array([0.01])) < strict


def test_the_distance_is_the_weighted_mean_of_misfits():
    patterns = [pattern(0.2, 0.6), pattern(0.0, 1.0)]
    assert distance(np.array([[0.7, 0.5]]), patterns, np.zeros(2)) == pytest.approx([0.25])


def test_the_kernel_takes_the_nearest_and_falls_with_distance():
    distances = np.linspace(0.0, 1.0, 101)
    weight = kernel_weights(distances, 0.3, least=20)
    assert weight.sum() == pytest.approx(1.0)
    assert (weight[:30] > 0).all()
    assert (weight[30:] == 0).all()
    assert (np.diff(weight[:31]) < 0).all()
    assert weight[15] / weight[0] == pytest.approx(1.0 - (0.15 / 0.30) ** 2)


def test_the_kernel_takes_a_few_at_least_and_all_of_fewer():
    assert (kernel_weights(np.arange(1000.0), 0.01) > 0).sum() == FEWEST
    assert (kernel_weights(np.arange(1000.0), 0.5) > 0).sum() == 500
    assert (kernel_weights(np.arange(5.0), 0.01) > 0).all()
    assert kernel_weights(np.zeros(50), 0.1) == pytest.approx(np.full(50, 0.02))


def test_effective_size_and_quantiles_by_hand():
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(1.6)
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([0.5, 0.25, 0.25])
    assert [weighted_quantile(values, weight, level) for level in (0.0, 0.25, 0.5, 0.51, 1.0)] == [1, 1, 2, 3, 3]


def test_weights_recover_a_known_parameter_and_not_another():
    rng = np.random.default_rng(1)
    truth, other = rng.random(4000), rng.random(4000)
    seen = truth[:, None] + rng.normal(0.0, 0.02, (4000, 1))
    weight = kernel_weights(distance(seen, [pattern(0.65, 0.75)], np.array([0.02**2])), 0.1)
    assert weight @ truth == pytest.approx(0.7, abs=0.02)
    assert np.sqrt(weight @ (truth - weight @ truth) ** 2) < 0.06
    assert weight @ other == pytest.approx(0.5, abs=0.05)  # of which nothing was seen
