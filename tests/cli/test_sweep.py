import json
from pathlib import Path

import pytest

from sim.experiments import plan as plan_module
from sim.output.parts import parts_folder
from sim.output.sweeps import column, read_sweep
from tests.cli.conftest import Command
from tests.experiments.swept import TRUSTS, sweep_file, tables

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


SOBOL = (
    'kind = "sobol"\nsamples = 4',
    '"parameters.reach" = { prior = true }\n"parameters.memory_half_life" = { prior = true }',
)
GRID = ('kind = "grid"', '"events.raid.severity" = { from = 0.2, to = 0.8, count = 4 }')


def test_a_sweep_file_is_run_by_path_or_name(command: Command, place: Path):
    (place / "scenarios" / "sweeps").mkdir(parents=True)
    path = sweep_file(place / "scenarios" / "sweeps", *SOBOL)
    done = command("sweep", "sweep", "--replicates", "1", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert found["design"] == {"kind": "sobol", "samples": 4, "seed": 4, "second_order": False}
    assert found["factors"]["parameters.reach"] == {"prior": "LN(2, 0.5)", "low": 0.5, "high": 5.0}
    assert len(found["points"]) == 4 * 4
    folder = place / found["result"]
    assert folder.parent == place / "results" / "sweeps" / "sweep"
    assert list((folder / "figures").iterdir()) == []
    again = command("sweep", str(path), "--replicates", "1")
    assert "was run before" in again.err
    assert f"Result: {found['result']}" in again.out
    refused = command("plot", found["result"], "--kind", "curve")
    assert (refused.code, "a curve needs a grid; the design of this sweep is 'sobol'" in refused.err) == (2, True)


def test_options_are_written_over_a_sweep_file(command: Command, place: Path):
    sweep_file(place, *GRID)
    options = ("--branch", "they-decide", "--metric", TRUSTS, "--replicates", "2", "--seed", "5", "--common-draws")
    done = command("sweep", "sweep.toml", *options, "--set", "parameters.reach=1.5", "--out", "mine", "--no-plot")
    assert done.code == 0
    found = read_sweep("mine")
    assert (found.branches, found.metrics, found.seed, found.common_draws) == (("they-decide",), (TRUSTS,), 5, True)
    assert found.scenario.parameters == {"reach": 1.5}
    assert len(found.runs()) == 8


def test_a_dry_run_tells_the_cost_and_keeps_nothing(command: Command, place: Path):
    sweep_file(place, *SOBOL)
    before = set(place.iterdir())
    told = json.loads(command("sweep", "sweep.toml", "--dry-run", "--json").out)
    assert (told["points"], told["runs"], told["runs_done"], told["factors"]) == (16, 48, 0, 2)
    assert told["seconds"] > 0
    assert told["bytes"] > 48 * 8 * 2
    assert told["folder"].startswith("results/sweeps/sweep/")
    assert set(place.iterdir()) == before
    assert set(told["tells"]) == set(told["metrics"])
    shown = command("sweep", "sweep.toml", "--dry-run").out
    assert "Least differences that these runs would tell" in shown
    assert "sobol of 16 points of 2 keys" in shown
    assert "48, 3 a point and branch; done: 0" in shown
    assert command("sweep", "sweep.toml", "--no-plot").code == 0
    size = sum(path.stat().st_size for path in (place / told["folder"]).glob("runs.parquet"))
    assert size < told["bytes"] * 3
    assert "(whole)" in command("sweep", "sweep.toml", "--dry-run").out


def test_a_run_that_fails_is_a_row_and_the_sweep_goes_on(
    command: Command, place: Path, caplog: pytest.LogCaptureFixture
):
    dates = ("--vary", "events.raid.date=2021-03-01,2021-04-13", "--vary", "events.answer.date=2021-04-15,2021-07-05")
    given = ("sweep", "small.toml", *dates, "--metric", TRUSTS, "--replicates", "2", "--out", "mine", "--no-plot")
    assert command(*given, "--dry-run").code == 0
    done = command(*given)
    assert done.code == 0
    assert "2 of 8 runs failed, at 1 point(s); failures.csv says why, first: " in caplog.text
    assert "more than 90 days after" in caplog.text
    assert (place / "mine" / "failures.csv").read_text("utf-8").count("more than 90 days") == 2
    assert json.loads(command(*given, "--json").out)["failed"] == 2


def test_series_of_chosen_points_are_kept_also_afterwards(command: Command, place: Path):
    given = (
        "sweep",
        "small.toml",
        "--vary",
        "parameters.reach=1,2,3",
        "--replicates",
        "2",
        "--out",
        "mine",
        "--no-plot",
    )
    assert command(*given).code == 0
    assert not (place / "mine" / "kept.parquet").exists()
    done = command(*given, "--keep", "0,2")
    assert done.code == 0
    assert "mine/kept.parquet: every variable of the runs at 2 points" in done.err
    assert set(read_sweep(place / "mine").kept()["point"]) == {0, 2}
    for words, said in (
        (["--keep", "3"], "point 3 cannot be kept; allowed: 0 to 2"),
        (["--keep", "a"], "'a' is no point; allowed: numbers and spans"),
        (["--keep", "0", "--shard", "1/2"], "goes with the last call"),
    ):
        refused = command(*given, *words)
        assert (refused.code, said in refused.err) == (2, True)


def test_shards_and_the_call_that_puts_them_together(command: Command, place: Path, monkeypatch):
    monkeypatch.setitem(plan_module.CHUNK_RUNS, "compiled", 3)
    sweep_file(place, *GRID)
    assert command("sweep", "sweep.toml", "--out", "whole", "--no-plot").code == 0
    second = command("sweep", "sweep.toml", "--out", "mine", "--shard", "2/3")
    assert second.code == 0
    assert "Shard 2/3 is done; 3 of 4 chunks are left" in second.out
    first = json.loads(command("sweep", "sweep.toml", "--out", "mine", "--shard", "1/3", "--json").out)
    assert first == {"folder": "mine", "shard": [1, 3], "chunks": 4, "done": 3}
    assert not (place / "mine").exists()
    assert json.loads(command("sweep", "sweep.toml", "--out", "mine", "--dry-run", "--json").out)["runs_done"] == 9
    last = command("sweep", "sweep.toml", "--out", "mine")
    assert "9 of 12 runs were done before" in last.err
    assert "3 runs in" in last.err
    assert tables(place / "mine") == tables(place / "whole")
    assert not parts_folder(place / "mine").exists()
    other = command("sweep", "sweep.toml", "--out", "mine", "--seed", "9")
    assert (other.code, "the sweep of another design" in other.err) == (2, True)


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "-1/2"])
def test_parts_that_are_none_are_refused(command: Command, place: Path, shard):
    sweep_file(place, *GRID)
    done = command("sweep", "sweep.toml", f"--shard={shard}")
    assert (done.code, f"--shard {shard}: not a part" in done.err) == (2, True)


def test_a_file_that_cannot_be_read_is_told_before_what_is_varied(command: Command, place: Path):
    (place / "broken.toml").write_text("[design]\nkind = ", "utf-8")
    for name, said in (("broken.toml", "broken.toml:2: kind: not valid TOML"), ("missing.toml", "no such file")):
        done = command("sweep", name)
        assert (done.code, said in done.err) == (2, True)


def test_a_sweep_file_and_vary_are_refused_together(command: Command, place: Path):
    sweep_file(place, *GRID)
    done = command("sweep", "sweep.toml", "--vary", SEVERITY)
    assert (done.code, "is a sweep file" in done.err) == (2, True)


def test_mistakes_in_a_sweep_file_have_file_and_line(command: Command, place: Path):
    sweep_file(place, *GRID)
    text = (place / "sweep.toml").read_text("utf-8")
    (place / "sweep.toml").write_text(text.replace("severity", "severty"), "utf-8")
    done = command("sweep", "sweep.toml")
    assert done.code == 2
    assert 'sweep.toml:9: factors."events.raid.severty"' in done.err
    assert "did you mean 'severity'" in done.err
    checked = command("validate", "small.toml", "sweep.toml")
    assert (checked.code, "sweep.toml:9: factors" in checked.out) == (2, True)
    assert json.loads(command("validate", "sweep.toml", "--json").out)[0]["line"] == 9


def test_where_nothing_can_be_written_is_told_before_the_runs(command: Command, place: Path):
    sweep_file(place, *GRID)
    for name in ("sweep", "run"):
        done = command(name, f"{'sweep' if name == 'sweep' else 'small'}.toml", "--out", "/proc/nowhere/mine")
        assert done.code == 2
        assert "/proc/nowhere/mine: nothing can be written in /proc" in done.err
        assert "runs" not in done.err


def test_long_tables_are_cut_on_the_screen(command: Command, place: Path, monkeypatch):
    monkeypatch.setattr("sim.cli.sweep.MOST_SHOWN", 2)
    sweep_file(place, *GRID)
    done = command("sweep", "sweep.toml", "--replicates", "1", "--no-plot")
    assert "2 more rows in sweep.csv and sweep.parquet" in done.out
    assert "0.4" in done.out
    assert "0.6" not in done.out
