"""Addressed random numbers: known answers, uniformity, independence of neighbours."""

import numpy as np
import pytest
from scipy import stats

from sim.engine import draws


@pytest.mark.parametrize(
    ("key", "words", "expected"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 2, (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_threefry_gives_the_published_answers(key, words, expected):
    assert draws.threefry(*key, *words) == expected


def test_the_scheme_of_addresses_is_frozen():
    key = draws.replicate_key(7, 3)
    arm, rus = draws.name_code("ARM"), draws.name_code("RUS")
    drawn = draws.uniform(*key, 738000, draws.REVIEW, arm, rus, 0)
    assert draws.SCHEME == 1
    assert drawn == pytest.approx(GOLDEN, abs=0)


GOLDEN = 0.8103924452266008


def many(count=20000):
    key = draws.replicate_key(1, 0)
    return np.array([draws.uniform(*key, 738000 + i % 500, draws.REVIEW, i // 500, 5, 0) for i in range(count)])


def test_draws_are_uniform_and_a_biased_sample_is_not():
    sample = many()
    assert sample.min() >= 0.0
    assert sample.max() < 1.0
    assert stats.kstest(sample, "uniform").pvalue > 1e-4
    assert stats.kstest(sample**1.05, "uniform").pvalue < 1e-4


def test_neighbouring_addresses_do_not_correlate():
    sample = many().reshape(40, 500)
    assert abs(np.corrcoef(sample[:, :-1].ravel(), sample[:, 1:].ravel())[0, 1]) < 0.03
    assert abs(np.corrcoef(sample[:-1].ravel(), sample[1:].ravel())[0, 1]) < 0.03


def test_every_word_of_an_address_matters():
    key, other = draws.replicate_key(1, 0), draws.replicate_key(1, 1)
    base = (738000, draws.REVIEW, 3, 4, 5)
    numbers = {draws.uniform(*key, *base), draws.uniform(*other, *base)}
    for position in range(5):
        changed = list(base)
        changed[position] += 1
        numbers.add(draws.uniform(*key, *changed))
    assert len(numbers) == 7
    assert draws.replicate_key(1, 5) != draws.replicate_key(6, 0)
    assert draws.replicate_key(0, 0) != draws.replicate_key(1, 0)
