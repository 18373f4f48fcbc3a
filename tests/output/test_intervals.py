import numpy as np
import pytest

from sim.output.intervals import paired_bootstrap, quantile, wilson


def test_wilson_gives_the_published_interval():
    # Newcombe 1998, table I: 81 of 263 and 15 of 148 at 95 %
    assert wilson(81, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148, 0.95) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_wilson_ends_are_exact_at_the_borders():
    assert wilson(0, 20)[0] == 0.0
    assert 0 < wilson(0, 20)[1] < 0.2
    assert wilson(20, 20)[1] == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_narrows_with_more_runs():
    few, many = wilson(5, 10), wilson(500, 1000)
    assert many[1] - many[0] < (few[1] - few[0]) / 5


def test_bootstrap_of_equal_differences_is_a_point():
    assert paired_bootstrap(np.full(30, -0.25)) == (-0.25, -0.25)


def test_bootstrap_agrees_with_the_normal_interval_of_a_mean():
    differences = np.random.default_rng(5).normal(0.3, 1.0, 400)
    low, high = paired_bootstrap(differences)
    half = 1.645 * differences.std() / 20
    assert low == pytest.approx(differences.mean() - half, abs=0.02)
    assert high == pytest.approx(differences.mean() + half, abs=0.02)


def test_bootstrap_repeats_itself_and_leaves_missing_pairs_out():
    differences = np.array([0.1, 0.4, np.nan, 0.3, 0.8])
    assert paired_bootstrap(differences) == paired_bootstrap(differences)
    assert paired_bootstrap(differences) == paired_bootstrap(differences[[0, 1, 3, 4]])
    assert all(np.isnan(paired_bootstrap(np.array([np.nan]))))


def test_quantile_between_values_and_among_observed():
    values = np.array([1.0, 2.0, 4.0, np.nan])
    assert quantile(values, 0.5) == 2.0
    assert quantile(values[:2], 0.5) == 1.5
    assert quantile(values[:2], 0.5, observed=True) == 1.0
    assert np.isnan(quantile(values[3:], 0.5))
