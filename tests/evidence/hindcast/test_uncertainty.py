"""Blocks of time, means over kinds of question, intervals and power."""

import numpy as np
import pytest

from sim.evidence.hindcast.uncertainty import (
    Sums,
    block_length,
    block_weights,
    interval_of,
    mean_of,
    overlap,
    power_of,
    sums,
)


def test_sums_by_kind_and_origin() -> None:
    values = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 8.0]])
    found = sums(values, np.array([0, 0, 1]), np.array([0, 1, 1]), (2, 2))
    assert found.totals.tolist() == [[[1, 2], [0, 4]], [[0, 0], [0, 8]]]
    assert found.counts.tolist() == [[1, 1], [0, 1]]


def test_every_kind_counts_alike_however_many_its_questions() -> None:
    found = Sums(np.array([[10.0, 0.0], [0.0, 1.0]]), np.array([[100.0, 0.0], [0.0, 1.0]]))
    assert mean_of(found) == pytest.approx((0.1 + 1.0) / 2)
    weights = np.array([[2.0, 0.0], [1.0, 1.0]])
    np.testing.assert_allclose(mean_of(found, weights), [0.1, 0.55])  # a kind that is not drawn does not count
    assert np.isnan(mean_of(Sums(np.zeros((2, 1)), np.zeros((2, 1)))))


def test_blocks_are_neighbours_and_as_many_as_there_are_origins() -> None:
    weights = block_weights(10, 4, 50, seed=1)
    assert (weights.sum(axis=1) == 10).all()
    single = block_weights(8, 8, 20, seed=1)
    assert (single == 1).all()  # one block round the whole circle


def test_blocks_overlap_as_forecasts_do_unless_origins_are_few() -> None:
    assert [overlap(horizon) for horizon in (6, 12, 24)] == [1, 2, 4]
    assert [block_length(24, origins) for origins in (64, 12, 6, 1)] == [4, 4, 2, 1]


def test_an_interval_covers_the_mean_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    inside = 0
    for seed in range(200):
        found = Sums(generator.normal(size=(1, 40)), np.ones((1, 40)))
        low, high = interval_of(found, 1, seed, resamples=400)
        inside += low <= 0.0 <= high
    assert 0.83 <= inside / 200 <= 0.95


def test_an_interval_widens_when_neighbours_are_alike() -> None:
    slow = np.repeat(np.random.default_rng(2).normal(size=16), 4)
    found = Sums(slow[None], np.ones((1, 64)))
    widths = [float(np.diff(interval_of(found, length, seed=3))[0]) for length in (1, 4)]
    assert widths[1] > 1.5 * widths[0]


def test_no_interval_and_no_power_from_a_single_origin() -> None:
    single = Sums(np.array([[[0.3]]]), np.array([[1.0]]))
    assert np.isnan(interval_of(single, 1, 1)).all()
    assert np.isnan(power_of(single, 1, 1))


def test_power_is_that_of_the_worlds() -> None:
    generator = np.random.default_rng(5)
    noise = generator.normal(size=(100, 1, 60))
    counts = np.ones((1, 60))
    assert power_of(Sums(noise - 2.0, counts), 1, 1) == 1.0
    assert power_of(Sums(noise + 2.0, counts), 1, 1) == 0.0
    assert power_of(Sums(noise, counts), 1, 1) < 0.2
