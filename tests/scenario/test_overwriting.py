"""Changed values that an event sets anew are named, with the event."""

from pathlib import Path

import pytest

from sim.experiments.sweep_file import overwritten_in
from sim.scenario import load
from sim.scenario.overwriting import overwriting, overwritten_by_branches
from tests.scenario.small_scenario import SMALL, Write

LINE = "states.PAT.overstretch holds up to 2021-02-24 only: event 'war' sets it anew"
EVENTS = """
[events]
fear = { date = 2022-01-01, kind = "set", key = "dyads.CLA.RIV.threat", value = 0.2, only_if = "CLA.posture >= voice" }
view = { date = 2023-01-01, kind = "recognition", state = "CLB", place = "Hill", as = "RIV" }
"""
MORE = SMALL.replace("[events]\n", EVENTS.lstrip())


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("states.PAT.overstretch", [LINE]),
        ("states.PAT.capability", []),
        ("states.CLA.overstretch", []),
        ("events.war.value", []),
        ("dyads.CLA.RIV.threat", ["dyads.CLA.RIV.threat holds up to 2022-01-01 only: event 'fear' may set it anew"]),
        ("places.Hill.eyes.CLB", ["places.Hill.eyes.CLB holds up to 2023-01-01 only: event 'view' sets it anew"]),
    ],
)
def test_a_changed_value_that_an_event_sets_anew_is_named(write: Write, key: str, expected: list[str]) -> None:
    assert overwriting(load(write(MORE)), [key], ["as-happened", "forces"]) == expected


def test_only_branches_that_have_the_event_are_named(write: Write) -> None:
    text = SMALL.replace("[branches.as-happened]", '[branches.as-happened]\ndrop = ["war"]')
    keys = ["states.PAT.overstretch", "branches.as-happened.states.PAT.overstretch"]
    assert overwriting(load(write(text)), keys, ["as-happened", "forces"]) == [f"{LINE} (in forces)"]


def test_values_of_a_branch_are_checked_in_that_branch(write: Write) -> None:
    text = SMALL + "[branches.calm.states.PAT]\noverstretch = 0.1\n[branches.calm.parameters]\nreach = 3\n"
    assert overwritten_by_branches(load(write(text))) == [f"{LINE} (in calm)"]
    assert overwritten_by_branches(load(write(SMALL))) == []


def test_sweep_files_and_scenarios_are_checked_alike(write: Write, small: Path) -> None:
    sweep = f"""
title = "How busy is the patron?"
scenario = "{small.name}"
metrics = ["CLA.posture@end >= voice"]
[design]
kind = "grid"
[factors]
"states.PAT.overstretch" = {{ from = 0, to = 0.5, count = 3 }}
"events.war.value" = {{ values = [0.2, 0.8] }}
"""
    assert overwritten_in(write(sweep, "sweep.toml")) == [LINE]
    assert overwritten_in(small) == []
