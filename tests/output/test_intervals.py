import numpy as np
import pytest
from scipy import stats

from sim.output.intervals import (
    mean_interval,
    mean_intervals,
    paired_bootstrap,
    quantile,
    two_way_intervals,
    unpaired_bootstrap,
    unseen,
    wilson,
)


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


def test_bca_agrees_with_scipy_on_a_skewed_sample():
    skewed = np.random.default_rng(8).lognormal(0.0, 1.0, 60)
    low, high = paired_bootstrap(skewed, resamples=20_000)
    reference = stats.bootstrap(
        (skewed,), np.mean, n_resamples=20_000, confidence_level=0.9, method="BCa", rng=np.random.default_rng(3)
    ).confidence_interval
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=0.02)
    plain = stats.bootstrap(
        (skewed,), np.mean, n_resamples=20_000, confidence_level=0.9, method="percentile", rng=np.random.default_rng(3)
    ).confidence_interval
    assert low > plain.low + 0.02
    assert high > plain.high + 0.02


def test_bca_agrees_with_scipy_where_few_pairs_differ():
    few = np.zeros(100)
    few[:3] = -1.0
    reference = stats.bootstrap(
        (few,), np.mean, n_resamples=20_000, confidence_level=0.9, method="BCa", rng=np.random.default_rng(3)
    ).confidence_interval
    assert paired_bootstrap(few, resamples=20_000) == pytest.approx((reference.low, reference.high), abs=0.0101)


def test_columns_have_the_intervals_that_each_has_alone():
    columns = np.random.default_rng(2).normal(size=(50, 3)) * [1.0, 5.0, 0.1]
    low, high = mean_intervals(columns)
    for place in range(3):
        assert (low[place], high[place]) == pytest.approx(paired_bootstrap(columns[:, place]))


def test_what_was_never_seen_is_bounded_by_the_exact_binomial():
    for n in (1, 20, 300):
        assert stats.binom.pmf(0, n, unseen(n)) == pytest.approx(0.05)
    assert unseen(1000) == pytest.approx(3 / 1000, rel=0.01)


def test_no_difference_is_no_certainty():
    low, high, alike = mean_interval(np.zeros(100), 1.0)
    assert alike
    assert (low, high) == pytest.approx((-unseen(100), unseen(100)))
    low, high, alike = mean_interval(np.full(100, -1.0), 1.0)
    assert alike
    assert (low, high) == pytest.approx((-1.0, -1.0 + 2 * unseen(100)))
    assert mean_interval(np.zeros(100), 5.0)[1] == pytest.approx(5 * unseen(100))
    assert np.isnan(mean_interval(np.zeros(100), None)[:2]).all()
    assert np.isnan(mean_interval(np.array([np.nan]), 1.0)[:2]).all()
    differing = np.array([0.0, 0.0, 1.0])
    assert mean_interval(differing, 1.0) == (*paired_bootstrap(differing), False)


def test_pairing_narrows_where_runs_share_their_draws():
    generator = np.random.default_rng(4)
    shared = generator.normal(size=400)
    first, second = shared, shared + 0.2 + 0.1 * generator.normal(size=400)
    paired, unpaired = paired_bootstrap(second - first), unpaired_bootstrap(first, second)
    assert paired[1] - paired[0] < (unpaired[1] - unpaired[0]) / 5
    expected = 1.645 * np.sqrt(first.var() / 400 + second.var() / 400)
    assert (unpaired[1] - unpaired[0]) / 2 == pytest.approx(expected, rel=0.1)
    assert np.isnan(unpaired_bootstrap(np.array([np.nan]), second)).all()


def test_two_ways_of_drawing_again_add_up():
    generator = np.random.default_rng(6)
    rows = np.repeat(generator.normal(size=(40, 1)), 60, axis=1)
    table = rows + generator.normal(size=(1, 60))
    low, high = two_way_intervals(np.stack([rows, table]))
    expected = 1.645 * rows[:, 0].std() / np.sqrt(40)
    assert (high[0] - low[0]) / 2 == pytest.approx(expected, rel=0.1)
    assert (high[1] - low[1]) / 2 == pytest.approx(1.645 * np.sqrt(rows[:, 0].var() / 40 + 1 / 60), rel=0.15)
