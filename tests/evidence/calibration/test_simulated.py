"""Records that the model draws force the history onto the course of the run that they are from."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from sim.engine.ensemble import Program
from sim.engine.scratch import LOG_COLUMNS
from sim.evidence.calibration.forced_record import places_on
from sim.evidence.calibration.simulated import PLACE, Simulator
from sim.evidence.record import load_record
from sim.evidence.tables import ALLIANCE
from sim.experiments.parameters.priors import from_unit, with_priors
from sim.rules.course import standing
from sim.scenario import load
from sim.scenario.expressions import Path
from sim.words import LOYAL, OUT

HISTORY = "scenarios/csto-history.toml"
SETS = from_unit(np.random.default_rng(5).random((6, len(with_priors()))))


@cache
def made(until: date | None = None) -> Simulator:
    return Simulator(load(HISTORY), load_record(), until)


def probes(variables: tuple[str, ...]) -> list[Path]:
    own = [Path(code, variable, ALLIANCE) for code in made().clients for variable in variables]
    return own + [Path(code, variable, "RUS") for code in made().clients for variable in ("trust", "arms")]


@pytest.mark.parametrize("number", range(3))
def test_a_record_that_leaves_nothing_open_forces_the_very_run_that_it_is_from(number):
    simulator, row = made(), SETS[number]
    forced = simulator.draw(row, 7, number, patrons=True)
    watched = probes((*PLACE, "approval", "exit_support"))
    free = Program(simulator.setup, watched).run(7, np.array([number]), row[None], answers=True)
    again = Program(forced.setup, watched, forced.forcing).run(0, np.array([99]), row[None], answers=True)
    assert np.array_equal(free.values, again.values, equal_nan=True)
    rungs = free.values[0, :, 0 : 5 * len(simulator.clients) : 5]
    assert (np.diff(rungs, axis=0) != 0.0).sum() > 3  # members move, so that there is a course to force
    same = [LOG_COLUMNS.index(name) for name in ("tick", "shock", "made", "ally", "choice", "level", "fulfilment")]
    assert np.array_equal(free.answers[:, same], again.answers[:, same])
    assert len(free.answers) > 0


@pytest.mark.parametrize("number", range(3))
def test_rungs_are_the_runs_own_where_diversification_is_open(number):
    simulator, row = made(), SETS[number]
    forced = simulator.draw(row, 7, number)
    watched = [Path(code, "posture", ALLIANCE) for code in simulator.clients]
    free = Program(simulator.setup, watched).run(7, np.array([number]), row[None])
    again = Program(forced.setup, watched, forced.forcing).run(0, np.array([99]), row[None])
    assert np.array_equal(free.values, again.values, equal_nan=True)


def test_every_decision_is_an_entry_of_weight_one():
    forced = made().draw(SETS[0], 7, 0)
    setup, forcing = forced.setup, forced.forcing
    treaty = setup.treaties.index(ALLIANCE)
    assert set(np.unique(forcing.course_weight)) == {0.0, 1.0}
    assert ((forcing.possible > 0) == (forcing.course_weight > 0)).all()
    assert not forcing.possible[:, setup.codes.index("RUS")].any()
    assert forcing.possible[-1, setup.codes.index("ARM"), treaty] > 0
    assert forcing.call_weight.tolist() == [float(bool(shock.calls)) for shock in setup.all_shocks]
    called = [shock for shock in setup.all_shocks if any(call.made for call in shock.calls)]
    assert called
    assert all(shock.fixed for shock in called)
    assert not any(shock.fixed for shock in setup.all_shocks if shock not in called)
    assert (forcing.response_weight == 1.0).all()
    assert all(one.weight == 1.0 for one in forced.observed)
    assert not any(setup.choices_on)
    assert not any(setup.attacks_on)


def test_what_the_coded_record_does_not_tell_is_left_open():
    loyal = {standing(LOYAL, False, False), standing(LOYAL, True, False)}
    assert places_on(LOYAL, pact=False) == loyal
    assert places_on(LOYAL, pact=True) == {standing(LOYAL, False, True), standing(LOYAL, True, True)}
    assert len(places_on(OUT, pact=False)) == 4
    assert places_on(OUT, pact=False) == places_on(OUT, pact=True)


def test_true_values_are_likelier_than_other_draws():
    ahead = []
    for number, row in enumerate(SETS):
        found = made().draw(row, 7, number).terms(SETS).sum(axis=(1, 2, 3))
        ahead.append(found[number] - np.delete(found, number).mean())
    assert np.mean(ahead) > 10.0


def test_the_same_address_gives_the_same_record_and_another_does_not():
    first, again, other = (made().draw(SETS[1], 7, replicate) for replicate in (0, 0, 1))
    assert [one.value for one in first.observed] == [one.value for one in again.observed]
    assert np.array_equal(first.forcing.possible, again.forcing.possible)
    assert first.setup.shocks == again.setup.shocks
    assert not np.array_equal(first.forcing.possible, other.forcing.possible)


def test_polls_are_taken_when_the_coded_ones_were_until_the_end():
    simulator = made()
    drawn = simulator.draw(SETS[0], 7, 0).observed
    assert [(one.path, one.day, one.error) for one in drawn] == [
        (one.path, one.day, one.error) for one in simulator.observed
    ]
    assert len(drawn) > 30
    assert any(one.value != coded.value for one, coded in zip(drawn, simulator.observed, strict=True))
    assert all(0.0 < one.value < 1.0 for one in drawn)
    assert {one.day.year for one in made(date(2015, 12, 31)).observed} <= set(range(1992, 2016))
