"""The JSON Schema: current, true to the shipped files, and lenient only where it must be."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sim.model.events import EVENT_KINDS
from sim.model.parameters import PARAMETERS
from sim.scenario.files import SHIPPED
from sim.scenario.schema_json import scenario_schema, schema_text
from tests.scenario.small_scenario import ROOT, SMALL

SCENARIOS = [*sorted((ROOT / "scenarios").glob("*.toml")), SHIPPED / "csto.toml"]
BRANCH = "[branches.as-happened]"
VALIDATOR = Draft202012Validator(scenario_schema())


def as_json(value: Any) -> Any:
    """Turn dates into text, as editors do."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def complaints(text: str) -> list[str]:
    """Return where the schema refuses a text."""
    return ["/".join(map(str, error.path)) for error in VALIDATOR.iter_errors(as_json(tomllib.loads(text)))]


def test_it_is_a_valid_schema_of_2020_12() -> None:
    Draft202012Validator.check_schema(scenario_schema())
    assert scenario_schema()["$schema"].endswith("2020-12/schema")


def test_the_shipped_copy_is_current() -> None:
    shipped = (ROOT / "docs/scenario.schema.json").read_text("utf-8")
    assert shipped == schema_text(), "run: python -m sim.scenario.reference"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_satisfy_it_and_point_at_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert complaints(text) == []
    pointer = text.splitlines()[0].removeprefix("#:schema ")
    assert (path.parent / pointer).resolve() == (ROOT / "docs/scenario.schema.json").resolve()


def test_a_whole_file_needs_what_an_extending_file_may_leave_out() -> None:
    assert complaints(SMALL) == []
    assert complaints('title = "x"\n') == ["", "", "", ""]
    assert complaints('extends = "csto"\n') == [""], "a title is never inherited"
    assert complaints('title = "x"\nextends = "csto"\nevents.raid.severity = 0.3\nstates.RUS.democracy = 0.2\n') == []
    assert complaints(SMALL.replace("FAR = { capability = 0.05 }", "FAR = { democracy = 0.5 }")) == ["states/FAR"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("severity = 0.7", "severity = 7", "events/raid"),
        ('kind = "attack"', 'kind = "atack"', "events/raid"),
        ("2022 = 0.5", "2022 = 1.5", "states/PAT/overstretch"),
        ("capability = 0.05", "capabilty = 0.05", "states/FAR"),
        ("FAR =", "far =", "states"),
        ('"forces" }', '"force" }', "branches/forces/events/answer"),
        (BRANCH, f"{BRANCH}\nparameters.memory = 3", "branches/as-happened/parameters"),
        (BRANCH, f"{BRANCH}\nstates.PAT.democracy = 3", "branches/as-happened/states/PAT/democracy"),
    ],
)  # fmt: skip
def test_mistakes_are_marked_also_inside_branches(old: str, new: str, where: str) -> None:
    assert SMALL.count(old) == 1
    assert where in complaints(SMALL.replace(old, new))


def test_everything_that_has_a_name_is_in_it() -> None:
    schema = scenario_schema()
    assert set(schema["$defs"]["parameters"]["properties"]) == set(PARAMETERS)
    kinds = {
        node["properties"]["kind"]["const"] for node in schema["$defs"].values() if "kind" in node.get("properties", {})
    }
    assert kinds == set(EVENT_KINDS)


def test_every_key_has_a_meaning() -> None:
    tables = [scenario_schema(), *scenario_schema()["$defs"].values()]
    silent = {
        key
        for table in tables
        for key, node in table.get("properties", {}).items()
        if "description" not in node
        and "$ref" not in node
        and key not in ("kind", "value", "source", "rule", "confidence")
    }
    assert silent <= {
        "severity",
        "article",
        "state",
        "target",
        "coverage",
        "treaty",
        "place",
        "channel",
        "to",
    }
