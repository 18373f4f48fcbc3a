"""Parameters come and go in a copy of the tree: all goes on, and says what is filled in and what is ignored."""

import json
import re
from pathlib import Path

import pytest

from sim.experiments import ensemble
from sim.experiments.parameters.posteriors import load_posterior
from sim.experiments.parameters.sources import in_short
from sim.model.parameters import PARAMETERS
from sim.output.store import identity
from sim.scenario import load
from tests.model.trees import ROOT, copied, ran

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


GONE = "exit_protest"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tree with two parameters that no rule reads."""
    tree = copied(tmp_path_factory.mktemp("tree"))
    table = tree / "sim" / "model" / "parameters.py"
    text = table.read_text("utf-8")
    for place, row in ADDED.items():
        assert text.count(place) == 1
        before, _, after = text.partition(place)
        text = f"{before.rstrip()}\n{row}{place}{after}"
    table.write_text(text, "utf-8")
    return tree


def said(tree: Path, *words: str) -> str:
    """Run Python in the copy and return what it says on standard error."""
    done = ran(tree, *words)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_every_shipped_scenario_runs_and_its_manifest_names_what_was_filled(tree: Path):
    lines = said(tree, "-c", RUNS, *SCENARIOS).splitlines()
    begins = "parameters 'posterior-full': the fit predates the present equations; at their table values in every run: "
    warnings = [line.removeprefix(begins) for line in lines if line.startswith(begins)]
    fit = load_posterior("posterior-full")
    acting = [name for name, value in fit.filled.items() if value != PARAMETERS[name].off]
    assert len(warnings) == len(SCENARIOS)
    assert set(warnings) == {in_short([*acting, MIDDLE])}
    filled = {**fit.filled, MIDDLE: 0.5, LAST: 0.0}
    for name in SCENARIOS:
        content = json.loads((tree / "ran" / name / "manifest.json").read_text("utf-8"))
        assert content["posterior"] == {"name": fit.name, "digest": fit.digest, "filled": filled}, name
    content = json.loads((tree / "ran" / "first-steps" / "manifest.json").read_text("utf-8"))
    scenario = load(ROOT / "scenarios" / "first-steps.toml")
    plain = ensemble.run(
        scenario, branches=content["branches"], replicates=1, engine="mesa", parameters="posterior-full"
    )
    assert content["id"] == identity(plain)


def test_the_documents_name_it_and_say_that_scores_are_older(tree: Path):
    said(tree, "-m", "sim.reference")
    odd, validation = ((tree / "docs" / f"{name}.md").read_text("utf-8") for name in ("odd", "validation"))
    assert f"| `{MIDDLE}` |" in odd
    assert f"- `{LAST}`: off until it is fitted." in odd
    note = rf"before the model had the parameters [^.]*\b{MIDDLE}\b[^.]*\b{LAST}\b"
    assert len(re.findall(note, validation)) == 2
    assert not re.search(note, (ROOT / "docs" / "validation.md").read_text("utf-8"))


def test_a_parameter_can_go_and_the_shipped_posteriors_still_load(tmp_path: Path):
    tree = copied(tmp_path)
    for path in (tree / "sim").rglob("*.py"):
        text = path.read_text("utf-8")
        path.write_text(text.replace(f"p.{GONE}", "0.5"), "utf-8")
    table = tree / "sim" / "model" / "parameters.py"
    text, found = re.subn(rf"    {GONE}: Annotated.*?\)\] = \S+\n", "", table.read_text("utf-8"), flags=re.DOTALL)
    assert found == 1
    table.write_text(text, "utf-8")
    ran_alone = said(tree, "-c", RUNS, "first-steps")
    ignores = "in the fit, but parameters of the model no longer, so ignored"
    assert f"parameters 'posterior-full': {ignores}: {GONE}\n" in ran_alone
    content = json.loads((tree / "ran" / "first-steps" / "manifest.json").read_text("utf-8"))
    fit = load_posterior("posterior-full")
    assert content["posterior"]["digest"] == fit.digest
    assert set(content["posterior"]["ignored"]) == {*fit.ignored, GONE}
    load = (
        "from sim.experiments.parameters.posteriors import *\n"
        f"assert all('{GONE}' in load_posterior(name).ignored for name in shipped_posteriors())"
    )
    assert said(tree, "-c", load) == ""
