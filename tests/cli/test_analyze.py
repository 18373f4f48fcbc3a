import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis import finders
from tests.analysis.making import (
    AWAY,
    BOX,
    FIRST,
    ISHIGAMI,
    MEMORY,
    SEVERITY,
    TRUST,
    VOICED,
    cube_design,
    ishigami,
    morris_design,
    planted,
    sobol_design,
    write_sweep,
)
from tests.cli.conftest import Command


@pytest.fixture
def swept(place: Path) -> Path:
    """Return the working folder with a small sweep that has a planted box."""
    metrics = {
        VOICED: planted(3),
        TRUST: lambda factors, _: factors[SEVERITY],
        FIRST: lambda factors, _: np.where(factors[SEVERITY] > 0.5, 738002.0, np.nan),
    }
    write_sweep(place / "mine", cube_design(BOX, 200), metrics, replicates=3, branches=("as-it-was", "help-comes"))
    return place


def test_ishigamis_indices_come_through_the_command(command: Command, place: Path) -> None:
    write_sweep(place / "mine", sobol_design(ISHIGAMI, 1024), {TRUST: ishigami})
    done = command("analyze", "mine", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert (found["result"], found["sweep"]) == ("mine/analysis", "mine")
    indices = {row["factor"]: row for row in found["metrics"][TRUST]["sobol"]["indices"]}
    for factor, first, total in ((MEMORY, 0.3139, 0.5576), (SEVERITY, 0.4424, 0.4424), (AWAY, 0.0, 0.2437)):
        assert indices[factor]["first"] == pytest.approx(first, abs=0.02)
        assert indices[factor]["total"] == pytest.approx(total, abs=0.02)
    assert found["warnings"] == ["one replicate a point: what is chance and what the factors do cannot be told apart"]
    assert f"warning: {found['warnings'][0]}" in done.err
    table = pd.read_csv(place / "mine" / "analysis" / "sobol.csv").set_index("factor")
    assert table.loc[MEMORY, "total"] == pytest.approx(indices[MEMORY]["total"], rel=1e-5)
    assert (place / "mine" / "analysis" / "sobol.png").read_bytes().startswith(b"\x89PNG")
    stored = json.loads((place / "mine" / "analysis" / "analysis.json").read_text("utf-8"))
    assert stored["metrics"] == found["metrics"]
    assert "SALib" in stored["versions"]


def test_the_summary_names_factors_rule_and_figures(command: Command, swept: Path) -> None:
    done = command("analyze", "mine")
    assert done.code == 0
    assert "memory_half_life" in done.out
    assert f"Rule: {VOICED} when " in " ".join(done.out.split())
    assert "Result: mine/analysis" in done.out
    assert "Figures: mine/analysis, of discovery, heatmap-1, heatmap-2, response-1," in done.out
    assert done.out.endswith("Next: csto-sim plot mine\n")
    assert "Morris effects need a morris design; this sweep is a latin-hypercube" in done.err
    assert f"'{FIRST}' is a date" in done.err
    names = {path.name for path in (swept / "mine" / "analysis").iterdir()}
    assert {"tornado-1.csv", "tornado-2.png", "heatmap-1.png", "response-2.csv", "analysis.json"} <= names


@pytest.mark.slow
def test_indices_of_any_design_are_told_in_figures_and_words(command: Command, place: Path) -> None:
    write_sweep(place / "mine", cube_design(ISHIGAMI, 60), {TRUST: ishigami})
    done = command("analyze", "mine", "--given-data")
    assert done.code == 0
    lines = done.out.splitlines()
    head = next(line for line in lines if "delta" in line and "PAWN" in line)
    assert head.split() == ["factor", "delta", "dummy", "PAWN", "dummy", "RBD-FAST", "dummy"]
    assert max(map(len, lines[lines.index(head) : lines.index("")])) <= 80
    assert "is unsettled: its interval reaches" in " ".join(done.out.split())
    stored = json.loads((place / "mine" / "analysis" / "analysis.json").read_text("utf-8"))
    assert {row["factor"] for row in stored["metrics"][TRUST]["given"]["indices"]} == set(ISHIGAMI)
    assert any("RBD-FAST" in said for said in stored["sentences"])
    assert (place / "mine" / "analysis" / "given.png").is_file()


def test_branches_are_ranked_over_all_points(command: Command, place: Path) -> None:
    metrics = {
        TRUST: {"as-it-was": lambda f, _: 0.45 + 0 * f[AWAY], "help-comes": lambda f, _: 0.9 - f[AWAY]},
        FIRST: lambda f, _: np.full(f[AWAY].shape, np.nan),
    }
    write_sweep(place / "mine", cube_design(BOX, 100), metrics, branches=("as-it-was", "help-comes"))
    done = command("analyze", "mine", "--robust", "--method", "cart")
    assert done.code == 0
    assert "higher is better" in done.out
    assert re.search(r"Rule: \S+ better than \S+ when away.value [<>]= 0.4", " ".join(done.out.split()))
    assert f"'{FIRST}' is a date" in done.err
    found = json.loads((place / "mine" / "robust" / "analysis.json").read_text("utf-8"))
    rows = found["metrics"][TRUST]["robust"]["ranking"]
    assert sum(row["best"] for row in rows) == pytest.approx(1)
    assert (place / "mine" / "robust" / "robust.png").is_file()


def test_branches_of_a_run_are_ranked_over_what_it_drew(command: Command, place: Path) -> None:
    drawn = ("--parameters", "prior", "--replicates", "40", "--no-plot", "--engine", "compiled")
    assert command("run", "small.toml", *drawn).code == 0
    done = command("analyze", "latest", "--robust", "--method", "cart", "--metric", TRUST)
    assert done.code == 0, done.err
    assert f"{TRUST}: branches over 40 draws of the parameters; higher is better" in done.out
    assert "of the draws" in done.out
    assert "warning: one replicate a draw" in done.err
    (folder,) = (place / "results" / "small").iterdir()
    assert f"Figure: {folder.relative_to(place)}/robust/robust.png" in done.out
    assert (folder / "robust" / "robust-points.csv").read_text("utf-8").startswith("point,parameters.")
    refused = command("analyze", str(folder))
    assert refused.code == 2
    assert "holds the result of a run, not a sweep" in refused.err


def test_options_choose_metric_branch_case_method_pair_and_format(command: Command, swept: Path) -> None:
    done = command(
        "analyze", "mine", "--out", "there", "--metric", TRUST, "--branch", "help-comes", "--case",
        f"{FIRST} <= 2021-12", "--method", "cart", "--pair", f"{MEMORY},{AWAY}", "--format", "svg", "--json",
    )  # fmt: skip
    assert done.code == 0
    found = json.loads(done.out)
    assert found["branch"] == "help-comes"
    assert list(found["metrics"]) == [TRUST, f"{FIRST} <= 2021-12"]
    rule = found["metrics"][f"{FIRST} <= 2021-12"]["discovery"]
    assert rule["method"] == "cart"
    assert rule["limits"][0]["factor"] == SEVERITY
    assert rule["limits"][0]["low"] == pytest.approx(0.5, abs=0.02)
    (heat,) = found["metrics"][TRUST]["heatmap"]
    assert (heat["x"], heat["y"]) == (MEMORY, AWAY)
    assert {path.suffix for path in (swept / "there").iterdir()} == {".csv", ".svg", ".json"}
    assert not (swept / "mine" / "analysis").exists()


def test_designs_that_are_too_small_are_told(command: Command, place: Path) -> None:
    write_sweep(place / "mine", morris_design(BOX, 4), {VOICED: lambda factors, _: factors[MEMORY] > 110})
    done = command("analyze", "mine")
    assert done.code == 0
    assert "warning: 4 trajectories are few" in done.err
    assert "scenario discovery needs 20 or more" in done.err
    assert "mu*" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no sweep 'nowhere'"),
        ([".", "--json"], "not a finished result"),
        (["mine", "--metric", "BBB.trust[AAA]@emd"], "did you mean 'BBB.trust[AAA]@end'"),
        (["mine", "--metric", FIRST], f"--metric '{FIRST} <= 2021-12'"),
        (["mine", "--branch", "help-came"], "did you mean 'help-comes'"),
        (["mine", "--case", TRUST], "is a number; compare it"),
        (["mine", "--pair", MEMORY], "allowed: KEY,KEY"),
        (["mine", "--pair", f"{MEMORY},events.raid.severty"], "did you mean 'events.raid.severity'"),
        (["mine", "--robust", "--branch", "help-comes"], "--branch does not go with --robust"),
        (["mine", "--robust", "--given-data"], "--given-data does not go with --robust"),
        (["mine", "--better", "lower"], "--better goes with --robust alone"),
        (["mine", "--robust", "--metric", FIRST], f"--metric '{FIRST} <= 2021-12'"),
        (["mine", "--out", "mine"], "not empty"),
        (["mine", "--out", "small.toml"], "not a folder"),
    ],
)
def test_refused_input_exits_with_2_and_leaves_nothing(command: Command, swept: Path, arguments, said) -> None:
    before = sorted(swept.rglob("*"))
    done = command("analyze", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert sorted(swept.rglob("*")) == before


def test_a_method_that_is_not_installed_says_what_to_install(
    command: Command, swept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finders, "find_spec", lambda _: None)
    done = command("analyze", "mine", "--method", "prim")
    assert done.code == 2
    assert "install csto-sim[analysis]" in done.err
    done = command("analyze", "mine", "--metric", VOICED)
    assert done.code == 0
    assert "no discovery: scenario discovery needs packages that are not installed" in done.err
    assert not (swept / "mine" / "analysis" / "discovery.csv").exists()
