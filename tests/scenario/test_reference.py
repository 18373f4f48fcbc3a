"""The page on scenario files: current, complete, and every example on it loads."""

import re
from pathlib import Path

import pytest

from sim.model.events import EVENT_KINDS
from sim.model.variables import VARIABLES
from sim.scenario import check_files, load, scenario_warnings
from sim.scenario.reference import reference, with_reference
from tests.scenario.small_scenario import ROOT

PAGE = (ROOT / "docs/scenarios.md").read_text("utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
HEAD = 'title = "Fragment"\nextends = "first.toml"\nstart = 2022-01-01\nend = 2024-12-31\n'


def test_the_generated_part_is_current() -> None:
    assert with_reference(PAGE) == PAGE, "run: python -m sim.scenario.reference"


def test_the_reference_has_every_kind_and_variable() -> None:
    text = reference()
    assert all(f'kind = "{kind}"' in text for kind in EVENT_KINDS)
    assert all(f"| `{name}` |" in text for name in VARIABLES)


def test_no_key_of_the_reference_lacks_a_meaning() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if row.endswith("|  |")] == []


def test_the_guide_explains_every_kind() -> None:
    guide = PAGE[: PAGE.index("## All keys")]
    assert all(f"| `{kind}` |" in guide for kind in EVENT_KINDS)


def test_every_judged_key_has_a_scale_with_two_anchors() -> None:
    table = PAGE[PAGE.index("<!-- scales -->") : PAGE.index("<!-- end of scales -->")]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    assert all(len(row) == 4 and all(row) for row in rows)
    scaled = [(set(re.findall(r"`(\w+)`", row[0])), " of " in row[0]) for row in rows]
    for kind, made in EVENT_KINDS.items():
        for name, field in made.model_fields.items():
            judged = any(getattr(limit, "le", None) == 1.0 for limit in field.metadata)
            assert not judged or any({name, kind} <= keys or (name in keys and not of) for keys, of in scaled), (
                kind,
                name,
            )
    named = set().union(*(keys for keys, _ in scaled))
    assert named >= {"threat", "ties", "claim", "base", "democracy", "overstretch", "approval", "attention", "strength"}
    assert named >= {"delivered", "coverage", "line", "trust", "exclusive"}


def test_the_first_example_is_a_whole_scenario_of_about_thirty_lines() -> None:
    assert BLOCKS[0].startswith("#:schema")
    assert 25 <= len(BLOCKS[0].splitlines()) <= 32


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_example_loads(number: int, tmp_path: Path) -> None:
    whole = re.search(r"^title =", BLOCKS[number], re.MULTILINE) and not BLOCKS[number].startswith("[")
    (tmp_path / "first.toml").write_text(BLOCKS[0], "utf-8")
    path = tmp_path / "example.toml"
    path.write_text(BLOCKS[number] if whole else HEAD + BLOCKS[number], "utf-8")
    assert [str(problem) for problem in check_files([path])] == []
    assert scenario_warnings(load(path)) == []
