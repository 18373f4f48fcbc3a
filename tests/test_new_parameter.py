"""Parameters are entered in the table alone, in a copy of the tree: all goes on, and says what is filled in."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.experiments import ensemble
from sim.output.store import identity
from sim.scenario import load

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))
MIDDLE, LAST = "unheard_share", "unheard_weight"
ADDED = {
    "    # challenge\n": (
        f'    {MIDDLE}: Annotated[float, Spec("u_s", "share", 0, 1, "Beta(2, 2)", "beliefs", "acts by default", '
        "off=0.0)] = 0.5\n"
    ),
    "# fmt: on\n": (
        f'    {LAST}: Annotated[float, Spec("u_w", "share", 0, 1, "HalfN(0.3)", "guarantor", "is off by default", '
        'departure="off until it is fitted", off=0.0)] = 0.0\n'
    ),
}
"""Rows of the table, by what they are written before."""

RUNS = """
import sys
from sim.cli.main import main
from sim.scenario import branch_names, load
for name in sys.argv[1:]:
    branch = branch_names(load(f"scenarios/{name}.toml"))[0]
    small = ["--branch", branch, "--replicates", "1", "--engine", "mesa", "--no-plot"]
    try:
        main(["run", name, *small, "--out", f"ran/{name}"])
    except SystemExit as ended:
        assert not ended.code, name
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tree with two parameters that no rule reads."""
    tree = tmp_path_factory.mktemp("tree")
    unread = shutil.ignore_patterns("__pycache__", "*.png")
    for name in ("sim", "scenarios", "docs", "results/reference"):
        shutil.copytree(ROOT / name, tree / name, ignore=unread)
    shutil.copy(ROOT / "README.md", tree)
    table = tree / "sim" / "parameters.py"
    text = table.read_text("utf-8")
    for place, row in ADDED.items():
        assert text.count(place) == 1
        before, _, after = text.partition(place)
        text = f"{before.rstrip()}\n{row}{place}{after}"
    table.write_text(text, "utf-8")
    return tree


def ran(tree: Path, *words: str) -> str:
    """Run Python in the copy and return what it says on standard error."""
    done = subprocess.run(
        [sys.executable, *words], cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_every_shipped_scenario_runs_and_its_manifest_names_what_was_filled(tree: Path):
    said = ran(tree, "-c", RUNS, *SCENARIOS)
    warning = f"parameters 'posterior-full': newer than the fit, so at the same default in every run: {MIDDLE}"
    assert said.count(warning) == len(SCENARIOS)
    assert LAST not in said
    for name in SCENARIOS:
        content = json.loads((tree / "ran" / name / "manifest.json").read_text("utf-8"))
        assert content["posterior"] == {
            "name": "posterior-full", "digest": "0be2cb9b", "filled": {MIDDLE: 0.5, LAST: 0.0},
        }, name  # fmt: skip
    content = json.loads((tree / "ran" / "first-steps" / "manifest.json").read_text("utf-8"))
    scenario = load(ROOT / "scenarios" / "first-steps.toml")
    plain = ensemble.run(
        scenario, branches=content["branches"], replicates=1, engine="mesa", parameters="posterior-full"
    )
    assert content["id"] == identity(plain)


def test_the_documents_name_it_and_say_that_scores_are_older(tree: Path):
    ran(tree, "-m", "sim.reference")
    odd, validation = ((tree / "docs" / f"{name}.md").read_text("utf-8") for name in ("odd", "validation"))
    assert f"| `{MIDDLE}` |" in odd
    assert f"- `{LAST}`: off until it is fitted." in odd
    note = f"Scores and weights are from before the model had the parameters {MIDDLE}, {LAST}."
    assert validation.count(note) == 2
    assert note not in (ROOT / "docs" / "validation.md").read_text("utf-8")
