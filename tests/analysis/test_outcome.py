import numpy as np
import pytest

from sim.analysis.averages import average, difference
from sim.analysis.outcome import MetricOutcome
from sim.errors import InputError
from sim.output.intervals import wilson


def made(values: np.ndarray, *, common_draws: bool = False) -> MetricOutcome:
    return MetricOutcome("BBB.trust[AAA]@end", "as-it-was", False, np.asarray(values, float), common_draws)


def test_chance_is_the_variance_within_points_over_the_replicates() -> None:
    what = made([[0.0, 2.0], [3.0, 7.0]])
    assert what.chance_variance() == pytest.approx((2.0 + 8.0) / 2 / 2)
    assert what.noise() == pytest.approx(2.5 / 8.0)


def test_noise_is_found_among_many_points() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(0, 1, (4000, 1)) + rng.normal(0, 1, (4000, 10))
    assert made(values).noise() == pytest.approx(0.1 / 1.1, abs=0.01)


def test_what_replicates_share_on_common_draws_cancels() -> None:
    rng = np.random.default_rng(3)
    shared = rng.normal(0, 5, (1, 10))
    points = rng.normal(0, 1, (500, 1))
    assert made(points + shared, common_draws=True).noise() == pytest.approx(0.0, abs=1e-12)
    assert made(points + shared).noise() == 1.0
    own = rng.normal(0, 1, (500, 10))
    assert made(points + shared + own, common_draws=True).noise() == pytest.approx(0.1 / 1.1, abs=0.02)


def test_one_replicate_tells_nothing_of_chance() -> None:
    what = made([[0.0], [1.0]])
    assert what.noise() is None
    assert "one replicate" in what.blindness()[0]
    assert made([[0.0, 1.0], [1.0, 1.0]]).blindness() == ()


def test_means_pass_over_missing_values_and_say_so() -> None:
    what = made([[1.0, np.nan], [2.0, 4.0]])
    assert what.means().tolist() == [1.0, 3.0]
    assert "1 of 4 runs have no value" in what.missing_values()[0]
    assert what.chance_variance() == pytest.approx(2.0 / 1.5)


def test_points_without_any_value_and_constants_are_refused() -> None:
    with pytest.raises(InputError, match="no value in any run at 1 of 2 points; compare it"):
        made([[1.0, 2.0], [np.nan, np.nan]]).means()
    with pytest.raises(InputError, match="nothing to explain"):
        made([[1.0, 2.0], [2.0, 1.0]]).means()


def test_an_average_of_independent_numbers_has_students_interval() -> None:
    found = average(np.array([1.0, 2.0, 3.0, np.nan]), np.arange(4), chance=False)
    reach = 2.919986 / np.sqrt(3)  # t(0.95, 2) times the standard error of 1, 2, 3
    assert found.mean == 2.0
    assert (found.low, found.high) == (pytest.approx(2 - reach, abs=1e-6), pytest.approx(2 + reach, abs=1e-6))


def test_runs_of_the_same_unit_do_not_narrow_an_interval() -> None:
    values, units = np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.arange(5)
    once = average(values, units, chance=False)
    again = average(np.repeat(values, 50), np.repeat(units, 50), chance=False)
    assert again == pytest.approx(once)
    chance = average(np.repeat(values, 50), np.repeat(units, 50), chance=True)
    assert chance.low < wilson(3, 5)[0] + 0.05
    assert chance.high > wilson(3, 5)[1] - 0.05


def test_an_average_of_independent_cases_has_nearly_wilsons_interval() -> None:
    values = np.repeat([0.0, 1.0], [140, 60])
    found = average(values, np.arange(200), chance=True)
    assert (found.low, found.high) == pytest.approx(wilson(60, 200), abs=0.001)


def test_never_and_always_keep_an_interval() -> None:
    assert average(np.zeros(40), np.arange(40), chance=True) == pytest.approx((0.0, *wilson(0, 40)))
    assert average(np.ones(40), np.repeat(np.arange(4), 10), chance=True) == pytest.approx((1.0, *wilson(4, 4)))
    assert np.isnan(average(np.array([np.nan]), np.array([0]), chance=True)).all()


def test_intervals_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(1000):
        chances = rng.beta(2, 6, 60)  # mean 0.25
        values = (rng.random((60, 5)) < chances[:, None]).astype(float)
        found = average(values.ravel(), np.repeat(np.arange(60), 5), chance=True)
        held += found.low <= 0.25 <= found.high
    assert 0.87 <= held / 1000 <= 0.93


def test_differences_are_paired_by_unit() -> None:
    draws = np.array([0.0, 5.0, -3.0, 1.0])
    paired = difference(draws, np.arange(4), draws + 0.5, np.arange(4))
    assert paired == pytest.approx((0.5, 0.5, 0.5))
    apart = difference(draws, np.arange(4), draws + 0.5, np.arange(4, 8))
    assert apart.mean == 0.5
    assert apart.high - apart.low > 5
    assert np.isnan(difference(np.array([]), np.array([], int), draws, np.arange(4))).all()
