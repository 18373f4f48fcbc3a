"""Compiled code counts indices from 0 alone (`sim.engine.lowering.TableType`), so no rule may count from the end."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from sim.engine.ensemble import Program
from sim.engine.forcing import Forcing
from sim.engine.kernel import run_rows
from sim.engine.memory import arena
from sim.engine.scratch import make_scratch
from sim.engine.setup import Setup, prepare
from sim.experiments.alliance_model import AllianceModel
from sim.scenario import Scenario, branch_names, load
from tests.engine.test_engines import EVENTS, SHIPPED, all_paths
from tests.engine.test_properties import worlds
from tests.worlds import merged, tables


class Strict(np.ndarray):
    """An array that refuses to be indexed from its end."""

    def __getitem__(self, index: Any) -> Any:
        refuse(index)
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        refuse(index)
        super().__setitem__(index, value)


def refuse(index: Any) -> None:
    for one in index if isinstance(index, tuple) else (index,):
        if isinstance(one, int | np.integer) and one < 0:
            raise IndexError(f"{index} counts from the end")


def strict(record: Any) -> Any:
    """Return a named tuple whose arrays refuse it."""
    arrays = {name: value.view(Strict) for name, value in record._asdict().items() if isinstance(value, np.ndarray)}
    return record._replace(**arrays)


def run_strictly(setup: Setup) -> None:
    model = AllianceModel(setup, rng=1, collect=False)
    model.world = strict(model.world)
    model.run()


def run_stages_strictly(setup: Setup, watched: bool, forcing: Forcing | None = None) -> None:
    """Run what the compiled engine compiles, as plain Python."""
    paths = all_paths(setup)
    program = Program(setup, paths if watched else [path for path in paths if path.variable == "trust"], forcing)
    world, memory = arena(setup.first)
    states, treaties = setup.first.posture.shape
    scratch = make_scratch(states, treaties, 64, log=4096, terms=math.prod(program.term_shape))
    terms = np.zeros((1, math.prod(program.term_shape)))
    values = np.full((1, program.script.ticks + 1, len(program.probes)), np.nan)
    with np.errstate(over="ignore"):
        assert run_rows(
            strict(world), setup.parameters, strict(program.script), strict(scratch), memory, memory.view(np.float64),
            program.first, np.uint64(1), np.zeros(1, dtype=np.uint64), program.parameters[None], values,
            np.zeros(1, dtype=np.int64), terms, 0, 1,
        )  # fmt: skip
    batch = program.run(1, np.zeros(1, dtype=np.int64))
    np.testing.assert_array_equal(values, batch.values)
    np.testing.assert_array_equal(terms.reshape(program.term_shape), batch.terms[0])


def test_such_an_index_is_refused():
    grid = np.zeros((2, 2)).view(Strict)
    assert grid[0, 1] == 0.0
    with pytest.raises(IndexError, match="counts from the end"):
        grid[0, -1]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_rule_counts_from_the_end(path):
    found = load(path)
    run_strictly(prepare(found, branch_names(found)[0]))


@pytest.mark.parametrize("watched", [True, False])
def test_no_stage_of_the_compiled_engine_counts_from_the_end(watched):
    run_stages_strictly(prepare(load("scenarios/first-steps.toml"), "as-happened"), watched)
    busy = merged(tables(), {"events": {name: event for name, event in EVENTS.items() if event["kind"] != "set"}})
    busy |= {"endogenous_attacks": "always", "guarantor_choices": "always"}
    run_stages_strictly(prepare(Scenario.model_validate(busy)), watched)


@pytest.mark.parametrize("rule", ["beta", "types"])
def test_no_rule_counts_from_the_end_where_everything_happens(rule):
    busy = merged(tables(), {"events": EVENTS, "belief_rule": rule})
    busy |= {"endogenous_attacks": "always", "guarantor_choices": "always"}
    run_strictly(prepare(Scenario.model_validate(busy)))


@given(worlds())
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_no_rule_counts_from_the_end_in_random_worlds(given_tables):
    run_strictly(prepare(Scenario.model_validate(given_tables)))
