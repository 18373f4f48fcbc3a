"""Constants matter: whoever changes one of those that are not fitted changes runs."""

from datetime import date

import numpy as np
import pytest

from sim.engine.ensemble import Program
from sim.engine.setup import prepare
from sim.experiments.keeping import all_paths
from sim.model.parameters import PARAMETERS
from sim.scenario import Scenario
from tests.engine.test_engines import EVENTS
from tests.worlds import merged, tables

REPLICATES = np.arange(60)
TALKS = {
    "raid-2": {"kind": "attack", "date": date(2021, 2, 1), "aggressor": "FOE", "victim": "ALY", "severity": 0.6},
    "consultation": {
        "kind": "call",
        "date": date(2021, 2, 1),
        "state": "ALY",
        "treaty": "PACT",
        "article": 2,
        "to": "raid-2",
    },
    "vote": {"kind": "window", "date": date(2021, 6, 1), "treaty": "PACT", "of": "election", "state": "VIC"},
}
FIXED = [name for name, row in PARAMETERS.items() if not row.fitted]


@pytest.fixture(scope="module")
def programs():
    """Return worlds in which everything happens, by each belief rule, with their runs at the defaults."""
    busy = merged(
        tables(),
        {
            "events": {**EVENTS, **TALKS},
            "end": date(2024, 12, 31),
            "dyads": {"ALY": {"BIG": {"base": 0.5, "threat": 0.4}}},
            "treaties": {"PACT": {"renewals": [date(2022, 1, 1)]}},
            "endogenous_attacks": "always",
            "guarantor_choices": "always",
            "parameters": {"ladder_tempo": 0.3, "ladder_emulation": 2.0, "ladder_public": 2.0},
        },
    )
    found = []
    for rule in ("beta", "types", "surprise"):
        setup = prepare(Scenario.model_validate(busy | {"belief_rule": rule}))
        program = Program(setup, list(all_paths(setup)))
        found.append((setup, program, program.run(3, REPLICATES).values))
    return found


@pytest.mark.parametrize("name", FIXED)
def test_a_changed_constant_changes_a_run(programs, name):
    row = PARAMETERS[name]
    changed = []
    for value in (row.low, row.high):
        for setup, program, before in programs:
            rows = np.array([setup.parameters._replace(**{name: value})])
            after = program.run(3, REPLICATES, rows).values
            changed.append(not np.array_equal(before, after, equal_nan=True))
    assert any(changed)
