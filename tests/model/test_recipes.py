"""A term, a mechanism and a figure take the files that docs/extending.md says: tried in copies of the tree."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.model import recipes
from tests.model.trees import ROOT, command, copied, printed, ran, replaced

SMALL = (ROOT / "tests" / "experiments" / "small.toml").read_text("utf-8")
DRILL = (
    'drill = { date = 2021-07-05, kind = "exercise", state = "AAA", target = "BBB", value = 0.9, source = "made up" }\n'
)
RUN = ("--branch", "as-it-was", "--branch", "help-comes", "--parameters", "defaults", "--replicates", "4")
DRAWN = """
import sim
from tests.plots.drawn import faults

assert faults(sim.Result.read("made").plot.approval("CCC")) == []
"""
REVIEWS = """
import json
import sim
from sim.mechanisms import MECHANISMS

def reviews(**parameters):
    model = sim.AllianceModel(sim.load("small.toml"), rng=3, branch="as-it-was", parameters=parameters)
    model.run()
    return [
        each.options[0].terms for each in model.decisions if (each.kind, each.state) == ("posture", "BBB")
    ]

name = NAME
off = MECHANISMS[name].off
print(json.dumps([reviews(), reviews(**off), off, list(MECHANISMS)]))
"""


def small(tree: Path, *metrics: str, events: str = "", **parameters: float) -> None:
    """Write the file of a small scenario that asks for some metrics."""
    asked = "".join(f'"{metric}", ' for metric in metrics)
    text = SMALL.replace("metrics = [", f"metrics = [{asked}", 1).replace("[events]\n", f"[events]\n{events}")
    table = "".join(f"{name} = {value}\n" for name, value in parameters.items())
    (tree / "small.toml").write_text(f"{text}\n[parameters]\n{table}", "utf-8")


def reviewed(tree: Path, mechanism: str) -> tuple[list[dict[str, float]], list[dict[str, float]], dict[str, float]]:
    """Return the terms of a member's reviews with a mechanism on and off, and what switches it off."""
    with_it, without, off, known = json.loads(printed(tree, "-c", REVIEWS.replace("NAME", repr(mechanism))))
    assert known.index("emulation") < known.index(mechanism) < known.index("windows")
    return with_it, without, off


def medians(folder: Path) -> dict[tuple[str, str], str]:
    """Return the medians of the metrics of a stored run, by branch and metric."""
    with (folder / "summary.csv").open() as summary:
        return {(row["branch"], row["metric"]): row["median"] for row in csv.DictReader(summary)}


def explained(tree: Path, made: str) -> str:
    """Return what a stored run says of a member's course, without line breaks."""
    asked = ("--state", "BBB", "--date", "2021-07", "--within", "2", "--replicate", "0", "--no-plot")
    return " ".join(command(tree, "explain", made, *asked).split())


def page(tree: Path, name: str) -> str:
    return (tree / "docs" / name).read_text("utf-8")


def files_changed(tree: Path) -> set[str]:
    """Return the source files of a copy that are new or other than here."""
    paths = (path.relative_to(tree) for path in (tree / "sim").rglob("*.py"))
    return {
        path.as_posix()
        for path in paths
        if not (ROOT / path).is_file() or (ROOT / path).read_bytes() != (tree / path).read_bytes()
    }


@pytest.mark.slow
def test_a_new_term_in_two_files_goes_from_a_decision_to_the_documents(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    recipes.add_term(tree)
    assert files_changed(tree) == {"sim/rules/posture.py", "sim/model/parameters.py"}
    small(tree)
    with_it, without, off = reviewed(tree, "neglect")
    assert off == {"ladder_neglect": 0.0}
    assert list(with_it[0])[-2:] == ["regime", "neglect"]
    assert with_it[0]["neglect"] == 0.0
    assert max(terms["neglect"] for terms in with_it) == pytest.approx(0.5 * 0.5)
    assert not any("neglect" in terms for terms in without)

    command(tree, "run", "small.toml", "--engine", "mesa", *RUN, "--no-plot", "--out", "made")
    told = explained(tree, "made")
    assert "guarantor busy elsewhere: 0.50 +0.250" in told
    asked = ("--state", "BBB", "--date", "2021-02", "--within", "1", "--no-plot", "--json", "--replicate", "2")
    decisions = json.loads(command(tree, "explain", "made", *asked))["decisions"]
    flips = [flip["input"] for review in decisions for flip in review["flips"]]
    assert "parameters.ladder_neglect" in flips
    printed(tree, "-m", "sim.reference")
    assert "| posture | neglect | `ladder_neglect` | `neglect` |" in page(tree, "odd.md")
    assert "| `neglect` | a guarantor that is busy elsewhere pushes up the ladder | `ladder_neglect` = 0 |" in page(
        tree, "comparing.md"
    )


@pytest.mark.slow
def test_a_mechanism_with_state_takes_three_files(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    recipes.add_mechanism(tree)
    assert files_changed(tree) == {"sim/rules/posture.py", "sim/model/parameters.py", "sim/model/world.py"}
    small(tree, "BBB.momentum@2021-12", ladder_tempo=0.2)
    with_it, without, off = reviewed(tree, "momentum")
    assert off == {"ladder_momentum": 0.0}
    felt = [terms["momentum"] for terms in with_it]
    first = next(index for index, value in enumerate(felt) if value)
    assert felt[first] == pytest.approx(0.5 * 2 ** (-1 / 12))  # it stepped up a month ago
    assert not any("momentum" in terms for terms in without)

    command(tree, "run", "small.toml", "--engine", "mesa", *RUN, "--no-plot", "--out", "made")
    found = medians(tree / "made")
    moved, stayed = (float(found[branch, "BBB.momentum@2021-12"]) for branch in ("as-it-was", "help-comes"))
    assert moved > 0.5 > stayed
    assert "momentum of an own step up: 0.94 +0.472" in explained(tree, "made")
    printed(tree, "-m", "sim.reference")
    assert "| posture | momentum | `ladder_momentum` | `momentum` |" in page(tree, "odd.md")
    assert "| `momentum` | a state in a treaty | 0..1 |" in page(tree, "odd.md")


@pytest.mark.slow
def test_a_new_figure_takes_two_files(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    recipes.add_figure(tree)
    assert files_changed(tree) == {"sim/plots/approval.py", "sim/plots/gallery.py"}
    small(tree)
    command(tree, "run", "small.toml", "--engine", "mesa", *RUN, "--out", "made")
    assert (tree / "made" / "figures" / "approval.svg").is_file()
    command(tree, "plot", "made", "--kind", "approval", "--state", "BBB", "--format", "png")
    assert (tree / "made" / "figures" / "approval-BBB.png").stat().st_size > 10_000
    printed(tree, "-c", DRAWN, PYTHONPATH=f"{tree}{os.pathsep}{ROOT}")


@pytest.mark.parametrize(
    ("old", "new", "lacks"),
    [
        ("", "", "pressure_terms: gives PressureTerms no neglect"),
        ('"ladder_neglect",\n', '"ladder_neglected",\n', "PressureTerms.neglect: weighed by 'ladder_neglected', which"),
        ('"neglect", "a guarantor that is busy elsewhere pushes up the ladder"', '"neglect"', "mechanism 'neglect': 0"),
    ],
    ids=["no value", "unknown parameter", "no meaning"],
)
def test_half_a_term_fails_at_import(tmp_path: Path, old: str, new: str, lacks: str) -> None:
    tree = copied(tmp_path)
    recipes.add_term(tree, value=bool(old))
    if old:
        replaced(tree / "sim/rules/posture.py", old, new)
    done = ran(tree, "-c", "import sim.mechanisms")
    assert done.returncode != 0
    assert f"DeclarationError: {lacks}" in done.stderr


@pytest.mark.slow
def test_all_six_recipes_at_once_go_through_the_compiled_engine_to_the_documents(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    adds: tuple[Any, ...] = (
        recipes.add_event_kind, recipes.add_variable, recipes.add_parameter, recipes.add_term, recipes.add_mechanism,
        recipes.add_figure,
    )  # fmt: skip
    for add in adds:
        add(tree)
    replaced(
        tree / "sim/model/world.py",
        'start=0.5, half_life="pressure_half_life"', 'start=0.5, half_life="grievance_half_life"',
    )  # fmt: skip
    small(tree, "BBB.momentum@2021-12", "BBB.grievance@2021-07", events=DRILL)
    cache = {"CSTO_SIM_CACHE": str(tmp_path / "cache")}
    command(tree, "run", "small.toml", "--engine", "compiled", *RUN, "--out", "made", **cache)
    command(tree, "run", "small.toml", "--engine", "mesa", *RUN, "--no-plot", "--out", "mesa", **cache)
    found = medians(tree / "made")
    assert found == medians(tree / "mesa")
    assert float(found["as-it-was", "BBB.grievance@2021-07"]) == pytest.approx(0.5 * 2 ** (-7 / 12))
    assert float(found["as-it-was", "BBB.momentum@2021-12"]) > 0.5
    assert (tree / "made" / "figures" / "approval.svg").is_file()

    told = explained(tree, "made")
    assert "guarantor busy elsewhere: 0.50 +0.250" in told
    assert "momentum of an own step up: 0.94 +0.472" in told
    assert "exercise, Alda to Bria" in told
    shared = command(
        tree, "attribute", "small.toml", "--metric", "BBB.momentum@2021-12", "--mechanisms", "neglect,momentum",
        "--replicates", "4", "--branch", "as-it-was", "--no-plot", "--out", "shared", **cache,
    )  # fmt: skip
    assert "neglect" in shared
    assert "momentum" in shared
    assert len(list((tmp_path / "cache").glob("kernel-*"))) == 1

    command(tree, "report", "made", "--out", "made.md")
    report = (tree / "made.md").read_text("utf-8")
    for said in (
        "Alda trains with Bria",
        "Bria's grievance",
        "Bria's momentum",
        r"ladder\_neglect",
        r"grievance\_half\_life",
    ):
        assert said in report
    printed(tree, "-m", "sim.reference")
    for said in (
        "| `grievance` | a state | 0..1 |",
        "| `momentum` | a state in a treaty | 0..1 |",
        "| `grievance_half_life` | H_g |",
        "| posture | neglect | `ladder_neglect` | `neglect` |",
        "| posture | momentum | `ladder_momentum` | `momentum` |",
    ):
        assert said in page(tree, "odd.md")
    assert "| `exercise` |" in page(tree, "scenarios.md")
