"""Both engines give the same run, decision by decision and bit by bit: which of them ran a result shows nowhere."""

import tomllib
from datetime import date
from pathlib import Path as File

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.engine import ensemble
from sim.engine.compiling import run_compiled
from sim.engine.ensemble import BLOCK, LEAST, Program, block_size
from sim.engine.readout import CODES, read_all, value_of
from sim.engine.scratch import LOG_COLUMNS
from sim.engine.setup import Setup, prepare
from sim.experiments.alliance_model import AllianceModel
from sim.model.events import EVENT_KINDS
from sim.model.parameters import PARAMETERS
from sim.model.variables import VARIABLES
from sim.scenario import Scenario, branch_names, load
from sim.scenario.expressions import Path
from tests.engine.test_properties import worlds
from tests.worlds import merged, scenario, tables

SHIPPED = sorted(File("scenarios").glob("*.toml"))


def all_paths(setup):
    """Return the path of every variable, in the order in which a trajectory's arrays lie."""
    paths = []
    for variable in VARIABLES.values():
        owners = setup.treaties if variable.of == "treaty" else setup.codes
        others = {"dyad": setup.codes, "member": setup.treaties}.get(variable.of, (None,))
        paths += [Path(owner, variable.name, other) for owner in owners for other in others]
    return paths


def flat(trajectory):
    ticks = len(trajectory.dates)
    return np.concatenate(
        [np.asarray(trajectory.values[name], dtype=float).reshape(ticks, -1) for name in VARIABLES], axis=1
    )


ASKED = ("severity", "made", "ally", "coverage", "choice", "level", "fulfilment", "fixed", "vetoed")


def answers_of(trajectory, codes):
    """Return what each ally did about each call, in the order of `ASKED`."""
    rows = [
        (call.severity, call.made, codes.index(ally.ally), *(getattr(ally, name) for name in ASKED[3:]))
        for call in trajectory.calls
        for ally in call.responses
    ]
    return np.array(rows, dtype=float).reshape(-1, len(ASKED))


def assert_same(setup: Setup, seed: int, replicates, parameters=None):
    """Run both engines and compare everything that they record."""
    paths = all_paths(setup)
    rows = None if parameters is None else np.array([parameters] * len(replicates), dtype=float)
    batch = Program(setup, paths).run(seed, np.array(replicates), rows, answers=True)
    asked = [LOG_COLUMNS.index(name) for name in ASKED]
    for row, replicate in enumerate(replicates):
        trajectory = AllianceModel(setup, rng=seed, replicate=replicate, parameters=parameters, collect=False).run()
        expected, found = flat(trajectory), batch.values[row]
        np.testing.assert_array_equal(found, expected)
        mine = batch.answers[batch.answered == row][:, asked]
        np.testing.assert_array_equal(mine, answers_of(trajectory, setup.codes))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_first_branch_of_a_shipped_scenario_runs_alike(file):
    loaded = load(file)
    assert_same(prepare(loaded, branch_names(loaded)[0]), loaded.seed, [0])


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["beta", "types"])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_branch_of_a_shipped_scenario_runs_alike(file, rule):
    loaded = load(file, {"belief_rule": rule})
    for branch in branch_names(loaded):
        assert_same(prepare(loaded, branch), loaded.seed, [1, 2])


@given(worlds(), st.integers(0, 2**53 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_random_worlds_run_alike(given_tables, seed, replicate):
    assert_same(prepare(Scenario.model_validate(given_tables)), seed, [replicate])


EVENTS = tomllib.loads(File("tests/engine/every_event.toml").read_text())["events"]


@pytest.mark.parametrize("rule", ["beta", "types"])
@pytest.mark.parametrize("decision", ["none", "consensus", "majority", "opt-out", "guarantor"])
def test_every_kind_of_event_under_every_decision_rule_runs_alike(decision, rule):
    busy = merged(tables(), {"events": EVENTS, "belief_rule": rule, "treaties": {"PACT": {"decision": decision}}})
    busy |= {"endogenous_attacks": "always", "guarantor_choices": "always"}
    assert {event["kind"] for event in EVENTS.values()} == set(EVENT_KINDS)
    assert_same(prepare(Scenario.model_validate(busy)), 5, list(range(6)))


def test_runs_of_a_batch_have_parameters_of_their_own():
    setup = prepare(load("scenarios/first-steps.toml"), "as-happened")
    other = setup.parameters._replace(memory_half_life=20.0, evidence_weight=3.0)
    paths = [Path("ARM", "trust", "RUS")]
    program = Program(setup, paths)
    rows = np.array([setup.parameters, other, setup.parameters])
    mixed = program.run(7, np.array([0, 0, 0]), rows).values[:, :, 0]
    assert np.array_equal(mixed[0], mixed[2])
    assert not np.array_equal(mixed[0], mixed[1])
    assert_same(setup, 7, [0], other)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_what_nobody_watches_changes_nothing(file):
    """Pressures are weighed at every tick only where somebody reads them; all else is the same either way."""
    loaded = load(file)
    for branch in branch_names(loaded)[:3]:
        setup = prepare(loaded, branch)
        seen = [path for path in all_paths(setup) if path.variable in ("trust", "posture", "approval", "dependence")]
        quiet = Program(setup, seen)
        watching = Program(setup, [*seen, Path(setup.codes[0], "pressure", setup.focus)])
        assert (quiet.script.watched, watching.script.watched) == (False, True)
        numbers = np.arange(20)
        expected = watching.run(3, numbers).values[:, :, :-1]
        np.testing.assert_array_equal(quiet.run(3, numbers).values, expected)


@pytest.mark.parametrize("exclusive", [True, False])
def test_turns_to_a_patron_are_the_same_where_nobody_watches_pressure(exclusive):
    offer = {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 1, 5)}
    parameters = {
        "diversification_tempo": 0.3, "diversification_threshold": 0.0, "diversification_end": 0.1, "ladder_tempo": 0.3,
        "gap_reduce": 0.1, "gap_freeze": 0.1, "gap_notify": 0.1, "gap_out": 0.1, "formal_claim": 0.2,
    }  # fmt: skip
    setup = prepare(
        scenario(
            events={"pledge": offer}, parameters=parameters, end=date(2023, 12, 31),
            treaties={"PACT": {"exclusive": exclusive}},
        )
    )  # fmt: skip
    seen = [Path("VIC", "pact", "PACT"), Path("VIC", "diversified", "PACT"), Path("VIC", "arms", "FAR")]
    quiet, watching = Program(setup, seen), Program(setup, [*seen, Path("VIC", "pressure", "PACT")])
    assert (quiet.script.watched, watching.script.watched) == (False, True)
    found = quiet.run(3, np.arange(60)).values
    np.testing.assert_array_equal(found, watching.run(3, np.arange(60)).values[:, :, :-1])
    assert set(found[:, -1, 1]) == {0.0, 1.0}
    assert exclusive or set(found[:, -1, 0]) == {0.0, 1.0}


def test_threads_and_blocks_change_nothing():
    setup = prepare(load("scenarios/first-steps.toml"), "as-happened")
    program = Program(setup, all_paths(setup))
    whole = program.run(7, np.arange(150), answers=True, threads=2)
    parts = [program.run(7, np.arange(first, first + 50), answers=True) for first in (0, 50, 100)]
    assert np.array_equal(whole.values, np.concatenate([part.values for part in parts]), equal_nan=True)
    assert np.array_equal(whole.answers, np.concatenate([part.answers for part in parts]), equal_nan=True)
    assert np.array_equal(whole.answered, np.concatenate([part.answered + 50 * k for k, part in enumerate(parts)]))


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
def test_blocks_share_replicates_out_evenly(threads):
    for replicates in range(1, 1000):
        size = block_size(replicates, threads)
        blocks = -(-replicates // size)
        assert 1 <= size <= BLOCK
        assert blocks == 1 or size >= LEAST
        if replicates >= 2 * LEAST * threads:
            assert blocks % threads == 0 or blocks >= 8 * threads


def test_a_block_of_many_answers_is_run_once(monkeypatch):
    calls = []

    def counted(*arguments):
        calls.append(arguments[-2:])
        return run_compiled(*arguments)

    monkeypatch.setattr(ensemble, "run_compiled", counted)
    loaded = load("scenarios/karabakh-2023.toml")
    batch = Program(prepare(loaded, "as-happened"), ()).run(1, np.arange(64), answers=True)
    assert len(batch.answers) > 64 * 64
    assert calls == [(0, 64)]


def test_tables_grow_where_a_tick_has_more_than_they_hold():
    many = {f"raid-{n:03d}": {**EVENTS["raid"], "severity": 0.001 * (n + 1)} for n in range(90)}
    crowded = merged(tables(), {"events": many})
    assert_same(prepare(Scenario.model_validate(crowded)), 3, [0])


def test_single_values_are_those_of_the_tables():
    world = AllianceModel(scenario(events={"raid": EVENTS["raid"]}), rng=1).world
    for name, values in read_all(world).items():
        table = np.asarray(values, dtype=float)
        table = table[:, None] if table.ndim == 1 else table
        for (i, j), value in np.ndenumerate(table):
            assert value_of(world, CODES[name], i, j) == pytest.approx(value, abs=1e-15, nan_ok=True), name


def test_missing_names_read_as_missing():
    setup = prepare(load("scenarios/first-steps.toml"), "as-happened")
    batch = Program(setup, [Path("XXX", "trust", "RUS"), None, Path("ARM", "trust", "RUS")]).run(7, np.arange(2))
    assert np.isnan(batch.values[:, :, :2]).all()
    assert not np.isnan(batch.values[:, :, 2]).any()
    assert len(PARAMETERS) == len(setup.parameters)
