import json
from pathlib import Path

import pytest

from sim.output.sweeps import column, read_sweep
from tests.cli.conftest import Command

VOICED = "BBB.posture@2021-12 >= voice"
SEVERITY = "events.raid.severity=0.2:0.8:3"


def test_one_factor_gives_a_table_and_a_curve(command: Command, place: Path):
    done = command("sweep", "small.toml", "--vary", SEVERITY, "--metric", VOICED, "--replicates", "4")
    assert done.code == 0
    (folder,) = (place / "results" / "sweeps" / "small").iterdir()
    sweep = read_sweep(folder)
    assert list(sweep.table["events.raid.severity"]) == [0.2, 0.5, 0.8]
    assert set(sweep.table["branch"]) == {"as-it-was"}
    assert sweep.table[column(VOICED, "mean")].between(0, 1).all()
    assert (folder / "figures" / "curve.png").is_file()
    assert (folder / "figures" / "curve.svg").is_file()
    assert f"Result: results/sweeps/small/{folder.name}" in done.out
    assert "12 runs" in done.err


def test_two_factors_give_a_heat_map(command: Command, place: Path):
    done = command(
        "sweep",
        "small.toml",
        "--vary",
        SEVERITY,
        "--vary",
        "parameters.memory_half_life=24,60,120",
        "--metric",
        VOICED,
        "--replicates",
        "2",
        "--out",
        "mine",
        "--branch",
        "they-decide",
    )
    assert done.code == 0
    assert (place / "mine" / "figures" / "heatmap.png").is_file()
    assert len(read_sweep("mine").table) == 9


def test_the_same_design_is_not_run_twice(command: Command):
    arguments = (
        "sweep",
        "small.toml",
        "--vary",
        SEVERITY,
        "--metric",
        VOICED,
        "--replicates",
        "2",
        "--no-plot",
        "--json",
    )
    first, second = command(*arguments), command(*arguments)
    assert "runs in" in first.err
    assert "runs in" not in second.err
    assert json.loads(first.out)["points"] == json.loads(second.out)["points"]


def test_json_names_each_point(command: Command):
    done = command(
        "sweep",
        "small.toml",
        "--vary",
        "events.answer.response=none,forces",
        "--no-plot",
        "--json",
        "--metric",
        "BBB.trust[AAA]@end",
        "--replicates",
        "2",
        "--branch",
        "as-it-was",
    )
    found = json.loads(done.out)
    assert found["factors"] == {"events.answer.response": ["none", "forces"]}
    without, with_help = found["points"]
    assert (without["branch"], without["factors"]) == ("as-it-was", {"events.answer.response": "none"})
    assert with_help["metrics"]["BBB.trust[AAA]@end"]["mean"] > without["metrics"]["BBB.trust[AAA]@end"]["mean"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to vary"),
        (["--vary", "events.raid.severty=0:1:3"], "did you mean 'severity'"),
        (["--vary", "parameters.memory_half_live=24,60"], "did you mean 'memory_half_life'"),
        (["--vary", "events.raid.severity=0:1"], "KEY=from:to:n"),
        (["--vary", "events.raid.severity=0:2:3"], "out of range"),
        (["--vary", SEVERITY, "--metric", "BBB.posture@2031-01"], "2031-01"),
        (["--vary", SEVERITY, "--branch", "nope"], "nope"),
        (["--vary", SEVERITY, "--out", "small.toml"], "not a folder"),
    ],
)
def test_refused_input_exits_with_2_and_leaves_nothing(command: Command, place: Path, arguments, said):
    done = command("sweep", "small.toml", *arguments)
    assert done.code == 2
    assert said in done.err
    assert [path.name for path in place.iterdir()] == ["small.toml"]


def test_figures_of_a_stored_sweep_are_drawn_when_they_are_wanted(command: Command, place: Path):
    asked = ("sweep", "small.toml", "--vary", "events.raid.severity=0.1,0.9", "--metric", "BBB.trust[AAA]@end")
    assert command(*asked, "--replicates", "2", "--no-plot").code == 0
    (folder,) = (place / "results" / "sweeps" / "small").iterdir()
    assert not (folder / "figures").exists()
    again = command(*asked, "--replicates", "2")
    assert "was run before" in again.err
    assert (folder / "figures" / "curve.png").is_file()


def test_a_sweep_that_is_not_whole_says_what_to_do(command: Command, place: Path):
    asked = ("sweep", "small.toml", "--vary", "events.raid.severity=0.1,0.9", "--metric", "BBB.trust[AAA]@end")
    assert command(*asked, "--replicates", "2", "--no-plot").code == 0
    (folder,) = (place / "results" / "sweeps" / "small").iterdir()
    (folder / "manifest.json").write_text("{}")
    done = command(*asked, "--replicates", "2", "--no-plot")
    assert done.code == 2
    assert "delete it and run again" in done.err
