"""Scores by hand-computed cases, and that the truth is what scores best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.evidence.hindcast.scores import SURE, bins, brier, censored_brier, crps, log_score, murphy, rps

CHANCES = np.linspace(0.01, 0.99, 99)


def test_brier_and_log_by_hand() -> None:
    np.testing.assert_allclose(brier([0.2, 0.2], [1, 0]), [0.64, 0.04])
    np.testing.assert_allclose(log_score([0.2, 0.2], [1, 0]), [-np.log(0.2), -np.log(0.8)])


def test_one_who_was_sure_and_wrong_pays_much_but_not_without_end() -> None:
    np.testing.assert_allclose(log_score([0.0, 1.0], [1, 0]), -np.log(SURE))


def test_rps_by_hand() -> None:
    # cumulated 0.5, 0.8 against 0, 1: (0.25 + 0.04) / 2
    assert rps([0.5, 0.3, 0.2], 1) == pytest.approx(0.145)
    assert rps([0.0, 1.0, 0.0], 1) == 0.0


def test_a_miss_by_two_rungs_is_worse_than_by_one() -> None:
    assert rps([1.0, 0.0, 0.0], 2) > rps([0.0, 1.0, 0.0], 2) > rps([0.0, 0.0, 1.0], 2)


@pytest.mark.parametrize("score", [brier, log_score])
@pytest.mark.parametrize("truth", [0.05, 0.3, 0.8])
def test_in_expectation_nobody_beats_the_truth(score, truth: float) -> None:
    expected = truth * score(CHANCES, 1) + (1 - truth) * score(CHANCES, 0)
    assert CHANCES[np.argmin(expected)] == pytest.approx(truth)


@given(st.lists(st.floats(0.01, 1.0), min_size=6, max_size=6), st.lists(st.floats(0.01, 1.0), min_size=6, max_size=6))
def test_rps_is_proper(truth: list[float], other: list[float]) -> None:
    real, said = np.array(truth) / sum(truth), np.array(other) / sum(other)
    ranks = np.arange(6)
    of = [float((real * rps(np.tile(chances, (6, 1)), ranks)).sum()) for chances in (real, said)]
    assert of[0] <= of[1] + 1e-12


def test_crps_by_hand_and_of_a_single_value() -> None:
    # |x - 1|: 1, 0, 2, mean 1; pairs: (1 + 3 + 2) * 2 / 9, half of it 2/3
    assert crps([0.0, 1.0, 3.0], 1.0) == pytest.approx(1.0 - 2 / 3)
    assert crps([0.4], 1.0) == pytest.approx(0.6)


def test_crps_prefers_the_right_spread() -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=400)
    samples = {spread: spread * generator.normal(size=200) for spread in (0.3, 1.0, 3.0)}
    mean = {spread: np.mean([crps(sample, value) for value in values]) for spread, sample in samples.items()}
    assert min(mean, key=mean.__getitem__) == 1.0


def test_the_parts_of_a_brier_score_by_hand() -> None:
    chance, happened = np.array([0.1, 0.1, 0.1, 0.1, 0.9, 0.9]), np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    parts = murphy(chance, happened, (0.0, 0.5, 1.0))
    assert parts.reliability == pytest.approx((4 * 0.15**2 + 2 * 0.1**2) / 6)
    assert parts.resolution == pytest.approx((4 * 0.25**2 + 2 * 0.5**2) / 6)
    assert parts.uncertainty == pytest.approx(0.25)
    assert parts.within == pytest.approx(0.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_the_parts_add_up(forecasts: list[tuple[float, bool]]) -> None:
    chance = np.array([each for each, _ in forecasts])
    happened = np.array([float(each) for _, each in forecasts])
    parts = murphy(chance, happened)
    whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert whole == pytest.approx(brier(chance, happened).mean())


def test_bins_hold_their_lower_edge() -> None:
    assert bins([0.0, 0.02, 0.049, 1.0], (0.0, 0.02, 0.05, 1.0)).tolist() == [0, 1, 1, 2]


def test_timing_without_an_end_of_record_is_the_mean_brier_score() -> None:
    curves = np.array([[0.1, 0.2, 0.3], [0.5, 0.6, 0.7]])
    when, seen = np.array([np.nan, 2.0]), np.array([3, 3])
    facts = np.array([[0, 0, 0], [0, 1, 1]])
    assert censored_brier(curves, when, seen) == pytest.approx(((curves - facts) ** 2).mean())


def test_timing_gives_the_weight_of_ended_records_to_those_that_go_on() -> None:
    curves = np.full((2, 2), 0.5)
    never, seen = np.array([np.nan, np.nan]), np.array([2, 1])
    # month 1: both known, 0.25; month 2: one known, which stands for both
    assert censored_brier(curves, never, seen) == pytest.approx(0.25)
    curves[0, 1] = 1.0
    assert censored_brier(curves, never, seen) == pytest.approx((0.25 + 2 * 1.0 / 2) / 2)


def test_timing_is_not_bent_by_the_end_of_the_record() -> None:
    generator = np.random.default_rng(3)
    chance = 0.1
    curve = 1 - (1 - chance) ** np.arange(1, 13)
    when = generator.geometric(chance, size=4000).astype(float)
    seen = generator.integers(1, 25, size=4000)
    whole = censored_brier(np.tile(curve, (4000, 1)), np.where(when <= 12, when, np.nan), np.full(4000, 12))
    known = np.where(when <= np.minimum(seen, 12), when, np.nan)
    assert censored_brier(np.tile(curve, (4000, 1)), known, seen) == pytest.approx(whole, abs=0.01)
