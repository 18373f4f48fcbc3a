"""Pareto-smoothed importance weights."""

import numpy as np
import pytest

from sim.evidence.calibration.smoothing import RELIABLE, fit_pareto, pareto_quantile, smooth


@pytest.mark.parametrize("k", [-0.2, 0.2, 0.5, 0.9])
def test_fit_finds_the_shape_and_scale_of_an_exact_tail(k):
    excess = pareto_quantile((np.arange(5_000) + 0.5) / 5_000, k, 2.0)

    shape, scale = fit_pareto(excess)

    assert shape == pytest.approx(k, abs=0.03)
    assert scale == pytest.approx(2.0, rel=0.03)


def test_the_shape_of_few_values_is_drawn_towards_one_half():
    excess = pareto_quantile((np.arange(10) + 0.5) / 10, -0.5, 1.0)

    assert fit_pareto(excess)[0] > fit_pareto(np.repeat(excess, 100))[0] + 0.3


def test_quantiles_by_hand():
    assert pareto_quantile(np.array([0.5]), 1.0, 3.0).tolist() == pytest.approx([3.0])  # scale (0.5^-1 - 1)
    assert pareto_quantile(np.array([0.5]), 0.0, 3.0).tolist() == pytest.approx([3.0 * np.log(2.0)])


@pytest.mark.parametrize(("k", "low", "high"), [(0.2, 0.0, 0.5), (0.6, 0.45, 0.75), (1.2, RELIABLE, 1.5)])
def test_khat_tells_light_tails_from_heavy_ones(k, low, high):
    uniform = np.random.default_rng(1).random(20_000)

    found = smooth(-k * np.log(uniform))  # weights with an exact Pareto tail of shape k

    assert low < found.k < high


def test_a_shifted_normal_is_reliable_and_a_far_one_is_not():
    draws = np.random.default_rng(2).standard_normal((4_000, 30))

    near, far = (smooth(shift * draws.sum(axis=1) - 0.5 * 30 * shift**2) for shift in (0.05, 0.8))

    assert near.k < 0.5
    assert near.weight @ draws.mean(axis=1) == pytest.approx(0.05, abs=0.01)
    assert far.k > RELIABLE


def test_weights_keep_their_order_and_only_the_tail_changes():
    raw = np.random.default_rng(3).standard_normal(1_000) * 1.5

    found = smooth(raw)

    order = np.argsort(raw)
    assert found.weight.sum() == pytest.approx(1.0)
    assert (np.diff(found.weight[order]) >= 0.0).all()
    body = order[: 1_000 - 95]  # the tail holds 3 sqrt(1,000) values
    assert np.ptp(np.log(found.weight[body]) - raw[body]) < 1e-12
    assert found.effective == pytest.approx(1.0 / (found.weight**2).sum())


def test_smoothing_does_not_depend_on_a_constant():
    raw = np.random.default_rng(4).standard_normal(500) * 2.0

    assert smooth(raw - 1e4).weight == pytest.approx(smooth(raw).weight, rel=1e-6)


def test_smoothing_leaves_its_argument_alone():
    raw = np.random.default_rng(4).standard_normal(500)
    before = raw.copy()

    smooth(raw)

    assert (raw == before).all()


def test_equal_weights_and_too_few_weights():
    assert smooth(np.zeros(100)).k == -np.inf
    assert smooth(np.array([0.0, 1.0, 3.0])).k == np.inf
    assert smooth(np.array([0.0, -np.inf])).weight.tolist() == [1.0, 0.0]


def test_agreement_with_arviz():
    arviz = pytest.importorskip("arviz", reason="an independent implementation, not a dependency")
    raw = np.random.default_rng(5).standard_normal(2_000) * 1.5

    log_weight, k = arviz.psislw(raw.copy())

    found = smooth(raw)
    assert found.k == pytest.approx(float(k), abs=1e-6)
    assert np.log(found.weight) == pytest.approx(np.asarray(log_weight), abs=1e-6)
