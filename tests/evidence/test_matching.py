import numpy as np
import pytest

from sim.evidence.matching import fit_emulators, implausibility, missed
from sim.evidence.patterns import Pattern
from sim.experiments.parameters.priors import NAMES, from_unit, prior_draws, prior_of, to_unit, with_priors, with_values
from sim.model.parameters import PARAMETERS

PATTERNS = (
    Pattern("a", "A1", "world", "world", "x", 0.2, 0.6, 0.0),
    Pattern("b", "A1", "panel", "call", "x", 0.0, 1.0, 0.0, "KAZ"),
)


def test_draws_follow_the_priors_inside_the_ranges():
    sets = prior_draws(500, seed=3)
    for place, name in enumerate(NAMES):
        column, row = sets[:, place], PARAMETERS[name]
        assert ((column >= row.low) & (column <= row.high)).all()
        if name in with_priors():
            assert np.median(column) == pytest.approx(float(prior_of(name).quantile(0.5)), rel=0.02, abs=0.02)
        else:
            assert (column == row.default).all()
    assert (prior_draws(500, seed=3) == sets).all()
    assert (prior_draws(500, seed=4) != sets).any()


def test_places_in_the_unit_cube_and_sets_are_each_others_inverse():
    unit = np.random.default_rng(1).uniform(0.01, 0.99, (50, len(with_priors())))
    assert to_unit(from_unit(unit)) == pytest.approx(unit, abs=1e-9)


def test_fixed_values_leave_the_rest_alone():
    sets = prior_draws(4, seed=1)
    fixed = with_values(sets, {"record_weight": 0.25})
    place = NAMES.index("record_weight")
    assert (fixed[:, place] == 0.25).all()
    assert (np.delete(fixed, place, axis=1) == np.delete(sets, place, axis=1)).all()
    assert (sets[:, place] != 0.25).any()


def test_an_emulator_learns_a_statistic_and_knows_its_error():
    sets = prior_draws(1500, seed=1)
    unit = to_unit(sets)[:, with_priors().index("record_weight")]
    rng = np.random.default_rng(1)
    values = np.column_stack([unit**2 + rng.normal(0.0, 0.05, 1500), rng.normal(0.0, 1.0, 1500), np.ones(1500)])
    found = fit_emulators(sets, values, ["record_weight", "initial_trust"])
    fresh = prior_draws(300, seed=2)
    expected = to_unit(fresh)[:, with_priors().index("record_weight")] ** 2
    predicted = found.predict(fresh)
    assert np.abs(predicted[:, 0] - expected).mean() < 0.03
    assert np.sqrt(found.errors[0]) == pytest.approx(0.05, abs=0.015)
    assert found.single[0].explained > 0.9
    assert found.single[1].explained < 0.2  # noise has nothing to explain
    assert (predicted[:, 2] == 1.0).all()
    assert found.errors[2] == 0.0


def test_missing_values_do_not_stop_an_emulator():
    sets = prior_draws(300, seed=1)
    values = np.column_stack([np.where(np.arange(300) % 3, 0.5, np.nan), np.full(300, np.nan)])
    assert fit_emulators(sets, values, ["record_weight"]).predict(sets[:2]).tolist() == [[0.5, 0.0], [0.5, 0.0]]


def test_implausibility_by_hand():
    values = np.array([[0.4, 0.5], [0.7, 0.5], [np.nan, 0.5]])
    found = implausibility(values, PATTERNS, np.zeros(2))
    assert found[:, 0].tolist() == pytest.approx([0.0, 3.0, np.inf])  # middle 0.4, deviation 0.1
    assert implausibility(values[1:2], PATTERNS, np.array([0.01, 0.0]))[0, 0] == pytest.approx(3.0 / np.sqrt(2))


def test_the_weight_of_what_is_missed():
    values = np.array([[0.4, 0.5], [0.9, 0.5], [0.9, 9.0]])
    assert missed(values, PATTERNS, np.zeros(2)) == pytest.approx([0.0, 2 / 3, 1.0])
