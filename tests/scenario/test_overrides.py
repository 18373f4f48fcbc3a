"""Keys written over from outside: by ``--set``, and by sweeps."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from sim.scenario import ScenarioError, load, resolve, with_overrides
from sim.scenario.overrides import key_path, split
from tests.benchmarks.timing import timed
from tests.scenario.small_scenario import ROOT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b=0.5", 0.5),
        ("a.b = true", True),
        ("a.b=forces", "forces"),
        ("a.b='0.5'", "0.5"),
        ("a.b=2024-12", "2024-12"),
        ("a.b=[1, 2]", [1, 2]),
        ("a.b={ x = 1 }", {"x": 1}),
        ("a.b=x = 1", "x = 1"),
        ("a.b=1\nc = 2", "1\nc = 2"),
        ("a.b=", ""),
    ],
)
def test_values_are_read_as_toml_and_else_as_text(text: str, value: object) -> None:
    assert split(text) == ("a.b", value)


def test_keys_may_hold_spaces_and_quoted_dots() -> None:
    assert key_path("places.Far Island.owner") == ("places", "Far Island", "owner")
    assert key_path('places."a.b".owner') == ("places", "a.b", "owner")


def test_overrides_reach_every_part_of_a_file(small: Path) -> None:
    scenario = load(
        small,
        [
            "replicates=3",
            "events.raid.severity=0.2",
            "events.answer.response=none",
            "states.PAT.overstretch=0.9",
            "treaties.PACT.clauses.help.coverage.border=0.1",
            "dyads.CLA.RIV.threat=0.4",
            "parameters.memory_half_life=24",
            "branches.forces.events.answer.response=materiel",
            "start=2020-06-01",
        ],
    )
    assert scenario.replicates == 3
    assert scenario.states["PAT"].overstretch.values == (0.9,)
    assert scenario.treaties["PACT"].clauses["help"].coverage.border == 0.1
    assert scenario.dyads["CLA"]["RIV"].threat is not None
    assert scenario.parameters == {"memory_half_life": 24.0}
    assert resolve(scenario, "as-happened").events["answer"].response == "none"  # type: ignore[union-attr]
    assert resolve(scenario, "forces").events["answer"].response == "materiel"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("override", "key", "words"),
    [
        ("replicats=3", "replicats", "did you mean 'replicates'"),
        ("memory_half_life=3", "memory_half_life", "did you mean 'parameters.memory_half_life'"),
        ("events.rade.severity=0.5", "events.rade.severity", "did you mean 'raid'"),
        ("states.CAL.capability=0.5", "states.CAL.capability", "no 'CAL' in states"),
        ("branches.force.drop=[]", "branches.force.drop", "did you mean 'forces'"),
        ("branches.forces.events.anser.response=none", "branches.forces.events.anser.response", "'answer'"),
        ("events.raid.severity=2", "events.raid.severity", "0..1"),
        ("events.raid.severty=0.2", "events.raid.severty", "did you mean 'severity'"),
        ("events.raid.severity.x=0.2", "events.raid.severity.x", "is not a table"),
        ("events.war.date=2030-01-01", "events.war.date", "outside the period"),
        ("events.answer.to=war", "events.answer.to", "not an attack or crisis"),
        ("parameters.memory=3", "parameters.memory", "no parameter"),
        ("parameters.memory_half_life=nan", "parameters.memory_half_life", "finite"),
        ("extends=csto", "extends", "cannot be overridden"),
        ("drop=['rade']", "drop[0]", "did you mean 'raid'"),
        ("seed", "seed", "KEY=VALUE"),
        ("=3", "=3", "KEY=VALUE"),
        ("a..b=3", "a..b", "not a key"),
        ("a.b.=3", "a.b.", "not a key"),
        ('a."b=3', 'a."b', "not a key"),
    ],
)
def test_an_override_that_cannot_be_is_refused_by_its_key(small: Path, override: str, key: str, words: str) -> None:
    scenario = load(small)
    for attempt in (lambda: load(small, [override]), lambda: with_overrides(scenario, [override])):
        with pytest.raises(ScenarioError) as refused:
            attempt()
        (problem,) = refused.value.problems
        assert (problem.file, problem.line, problem.key) == ("override", None, key)
        assert words in str(problem)


@pytest.mark.parametrize(
    "overrides",
    [
        ["seed=1", "seed=2"],
        ["events.raid=1", "events.raid.severity=2"],
        ["states.PAT=1", "states=3"],
    ],
)
def test_overrides_that_contradict_each_other_are_refused(small: Path, overrides: Sequence[str]) -> None:
    with pytest.raises(ScenarioError):
        load(small, overrides)


@pytest.mark.parametrize(
    "overrides",
    [
        {"events.raid.severity": 0.2, "parameters.memory_half_life": 24},
        {"states.PAT.overstretch": 0.9},
        {"states.PAT.overstretch.2022": 0.9},
        {"events.answer.response": "none"},
        {"end": "2023-12-31"},
        {"drop": ["raid"]},
    ],
)
def test_writing_over_a_scenario_equals_reading_it_so(small: Path, overrides: Mapping[str, object]) -> None:
    texts = [f"{key}={value}" for key, value in overrides.items()]
    changed = with_overrides(load(small), texts)
    again = load(small, texts)
    assert changed == again
    assert changed != load(small)
    assert resolve(changed, "forces") == resolve(again, "forces")


def test_the_original_stays_as_it_was(small: Path) -> None:
    scenario = load(small)
    with_overrides(scenario, {"events.raid.severity": 0.2})
    assert scenario == load(small)


def test_numbers_of_numpy_are_numbers(small: Path) -> None:
    changed = with_overrides(load(small), {"events.raid.severity": np.float64(0.25), "seed": np.int64(3)})
    assert changed.events["raid"].severity == 0.25  # type: ignore[union-attr]
    assert changed.seed == 3


def test_a_branch_wins_over_an_override_of_the_same_key(small: Path) -> None:
    changed = with_overrides(load(small), {"events.answer.response": "none"})
    assert resolve(changed, "forces").events["answer"].response == "forces"  # type: ignore[union-attr]


def test_writing_over_the_shipped_world_is_quick() -> None:
    scenario = load(ROOT / "scenarios/karabakh-2023.toml")
    changes = {"states.RUS.capability": 0.05, "parameters.memory_half_life": 30.0}
    assert timed(lambda: with_overrides(scenario, changes)).decisive < 0.02
