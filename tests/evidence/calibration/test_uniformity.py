"""Ranks are judged even when they are, and uneven where the posterior is too narrow or shifted."""

import numpy as np
import pytest

from sim.evidence.calibration.uniformity import LEVEL, bin_band, evenness

DRAWS, TRUTHS = 63, 100


def ranks(exponent: float = 1.0, shift: float = 0.0, seed: int = 0) -> np.ndarray:
    """Ranks of the mean of a normal datum under its posterior, with the likelihood to a power and a shift."""
    generator = np.random.default_rng(seed)
    truth = generator.standard_normal(TRUTHS)
    datum = truth + 0.5 * generator.standard_normal(TRUTHS)
    precision = 1.0 + exponent * 4.0
    mean = exponent * 4.0 * datum / precision + shift
    draws = mean + generator.standard_normal((DRAWS, TRUTHS)) / np.sqrt(precision)
    return (draws < truth).sum(axis=0)


def test_ranks_of_an_exact_posterior_are_called_uneven_as_often_as_the_level_says():
    uneven = np.mean([evenness(ranks(seed=seed), DRAWS) <= 1.0 - LEVEL for seed in range(400)])
    assert 0.02 < uneven < 0.09


@pytest.mark.parametrize(("exponent", "shift"), [(4.0, 0.0), (1.0, 0.3), (1.0, -0.3)])
def test_ranks_of_a_wrong_posterior_are_called_uneven(exponent, shift):
    found = [evenness(ranks(exponent, shift, seed), DRAWS) for seed in range(20)]
    assert np.median(found) < 0.01


def test_the_least_even_ranks_have_no_chance_and_perfect_ones_all_of_it():
    assert evenness(np.zeros(TRUTHS, dtype=np.int64), DRAWS) == 0.0
    assert evenness(np.arange(64), DRAWS) == 1.0


def test_all_bins_of_even_ranks_lie_in_their_band_together():
    low, high = bin_band(TRUTHS, 8)
    assert low < TRUTHS / 8 < high
    counts = np.random.default_rng(3).multinomial(TRUTHS, np.full(8, 1 / 8), size=2000)
    inside = ((counts >= low) & (counts <= high)).all(axis=1).mean()
    assert 0.94 < inside < 0.99
