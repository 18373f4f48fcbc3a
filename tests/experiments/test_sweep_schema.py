"""The JSON Schema of sweep files: current, and true to what is shipped."""

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sim.experiments.sweep_schema import schema_text
from tests.scenario.test_schema_json import as_json

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "scenarios" / "sweeps").glob("*.toml"))
VALIDATOR = Draft202012Validator(json.loads(schema_text()))


def test_the_shipped_copy_is_current_and_valid() -> None:
    assert (ROOT / "docs" / "sweep.schema.json").read_text("utf-8") == schema_text(), "run: make docs"
    Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_sweeps_satisfy_it(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(as_json(tomllib.loads(path.read_text("utf-8"))))) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"replicates": 0}, "replicates"),
        ({"design": {"kind": "gird"}}, "design/kind"),
        ({"factors": {"parameters.reach": {"fro": 1}}}, "factors/parameters.reach"),
        ({"factor": {}}, ""),
    ],
)
def test_mistakes_are_marked(change: dict[str, object], where: str) -> None:
    content = {"title": "x", "scenario": "x.toml", "design": {"kind": "grid"}, **change}
    assert where in ["/".join(map(str, error.path)) for error in VALIDATOR.iter_errors(content)]
