import json
import shlex
import sys
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.model.variables import VARIABLES
from sim.output import manifest
from sim.output.store import read
from tests.cli.conftest import Command

VOICED = "BBB.posture@2021-12 >= voice"


def test_json_is_one_object_of_the_agreed_shape(command: Command):
    done = command(
        "run",
        "small.toml",
        "--replicates",
        "6",
        "--seed",
        "9",
        "--json",
        "--no-plot",
        "--metric",
        VOICED,
        "--metric",
        "first(BBB.posture >= voice)",
    )
    assert done.code == 0
    found = json.loads(done.out)
    assert list(found) == ["result", "scenario", "seed", "replicates", "seconds", "branches"]
    assert (found["scenario"], found["seed"], found["replicates"]) == ("small", 9, 6)
    assert list(found["branches"]) == ["as-it-was", "help-comes", "they-decide"]
    cells = found["branches"]["as-it-was"]
    assert list(cells) == [VOICED, "first(BBB.posture >= voice)"]
    assert list(cells[VOICED]) == ["mean", "median", "q05", "q95", "n"]
    result = read(found["result"])
    assert cells[VOICED]["mean"] == pytest.approx(result.values("as-it-was", VOICED).mean())
    assert cells["first(BBB.posture >= voice)"]["mean"] is None
    assert "18 runs" in done.err


def test_a_run_ends_with_question_answer_figures_and_the_next_command(command: Command, place: Path):
    done = command("run", "small.toml", "--replicates", "4", "--engine", "mesa", "--seed", "3")
    told = done.out.splitlines()
    (folder,) = (place / "results" / "small").iterdir()
    places = [next(n for n, line in enumerate(told) if line.startswith(head)) for head in ("Question:", "Answer:")]
    report = sim.Result.read(folder).report()
    assert f"Question: {report.question.text()} Answer: {report.sentences[0]} {report.sentences[1]}" in " ".join(told)
    assert places == sorted(places)
    assert told[-1] == "Next: csto-sim report small"
    assert f"Result: results/small/{folder.name}" in told
    assert f"Figures: results/small/{folder.name}/figures, of" in done.out
    assert "seed 3." in done.out
    assert "Parameters: " in done.out
    assert "loyal" not in done.out  # tables of postures are for those who ask
    assert command(*shlex.split(told[-1].removeprefix("Next: csto-sim "))).code == 0
    assert (folder / "report.html").is_file()


def test_all_tables_are_printed_on_request(command: Command, place: Path):
    done = command("run", "small.toml", "--replicates", "5", "--out", "mine", "--branch", "as-it-was", "--tables")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 100
    for said in (
        "as-it-was: median trust in AAA",
        "loyal",
        "notify",
        "reached freeze or beyond",
        "2021",
        VOICED,
    ):
        assert said in done.out
    assert "Rivals attack on the dates in the file alone, never at random." in done.out
    assert "Result: mine" in done.out
    assert "help-comes" not in done.out
    figures = sorted((place / "mine" / "figures").glob("*.png"))
    assert figures
    assert all(figure.stem in done.out.partition("Figures: mine/figures, of ")[2] for figure in figures)
    for figure in figures:
        assert figure.read_bytes().startswith(b"\x89PNG")


def test_default_folder_is_below_results(command: Command, place: Path):
    assert command("run", "small.toml", "--replicates", "1", "--no-plot").code == 0
    (folder,) = (place / "results" / "small").iterdir()
    assert read(folder).replicates == 1
    assert not (folder / "figures").exists()


def test_set_writes_over_keys_and_parameters(command: Command):
    done = command(
        "run",
        "small.toml",
        "--no-plot",
        "--replicates",
        "1",
        "--out",
        "mine",
        "--set",
        "events.answer.response=forces",
        "--set",
        "parameters.memory_half_life=24",
    )
    assert done.code == 0
    scenario = read("mine").scenario
    assert scenario.events["answer"].response == "forces"
    assert scenario.parameters["memory_half_life"] == 24.0


def test_a_scenario_is_found_by_name(command: Command, place: Path):
    (place / "scenarios").mkdir()
    (place / "small.toml").rename(place / "scenarios" / "small.toml")
    assert command("run", "small", "--replicates", "1", "--no-plot").code == 0


def test_the_same_inputs_give_the_same_tables_whatever_the_workers(command: Command, place: Path):
    for name, workers in (("one", "1"), ("two", "2")):
        assert command("run", "small.toml", "--no-plot", "--out", name, "--workers", workers).code == 0
    names = {path.name for path in (place / "one").iterdir()} - {"manifest.json", "manifest.sha256"}
    assert "summary.csv" in names
    for name in names:
        assert (place / "one" / name).read_bytes() == (place / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.toml"], "nowhere.toml"),
        (["small.toml", "--branch", "as-it-wos"], "did you mean 'as-it-was'"),
        (["small.toml", "--replicates", "0"], "replicates 0"),
        (["small.toml", "--replicates", "many"], "--replicates"),
        (["small.toml", "--workers", "0"], "workers 0"),
        (["small.toml", "--seed", "-1"], "seed -1"),
        (["small.toml", "--metric", "BBB.posture"], "says no date"),
        (["small.toml", "--metric", "BBX.posture@end"], "BBX"),
        (["small.toml", "--set", "events.raid.severty=1"], "did you mean 'severity'"),
        (["small.toml", "--set", "nonsense"], "KEY=VALUE"),
        (["small.toml", "--engine", "compild"], "allowed: compiled, mesa"),
        (["small.toml", "--keep", "0,x"], "allowed: numbers and spans"),
        (["small.toml", "--keep", "0-900"], "cannot be kept"),
        (["small.toml", "--out", "small.toml"], "not a folder"),
        (["small.toml", "--frobnicate"], "--frobnicate"),
        ([], "SCENARIO"),
    ],
)
def test_refused_input_exits_with_2_and_leaves_nothing(command: Command, place: Path, arguments, said):
    done = command("run", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert [path.name for path in place.iterdir()] == ["small.toml"]


def test_a_folder_in_use_is_refused_before_anything_runs(command: Command, place: Path):
    (place / "mine").mkdir()
    (place / "mine" / "notes.txt").write_text("mine")
    done = command("run", "small.toml", "--out", "mine")
    assert (done.code, "not empty" in done.err, "runs in" in done.err) == (2, True, False)
    assert [path.name for path in (place / "mine").iterdir()] == ["notes.txt"]


def test_a_full_disk_exits_with_1_and_leaves_nothing(command: Command, place: Path, monkeypatch):
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device", "trajectories.parquet")

    monkeypatch.setattr("sim.output.store.write_trajectories", full)
    done = command("run", "small.toml", "--replicates", "1", "--no-plot")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("csto-sim: trajectories.parquet: No space left on device")
    assert [path.name for path in place.iterdir()] == ["small.toml"]


def test_warnings_go_to_standard_error(command: Command, place: Path):
    text = (place / "small.toml").read_text(encoding="utf-8")
    text = text.replace('drop = ["answer"]', 'drop = ["raid"]')
    (place / "small.toml").write_text(text, encoding="utf-8")
    done = command("run", "small.toml", "--replicates", "1", "--no-plot", "--json")
    assert done.code == 0
    assert "'answer' is void" in done.err
    json.loads(done.out)


def test_a_defect_is_one_line_unless_more_is_asked_for(command: Command, monkeypatch, capsys):
    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("sim.experiments.ensemble.run", broken)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    from sim.cli.main import main

    with pytest.raises(ZeroDivisionError) as caught:
        main(["run", "small.toml"])
    capsys.readouterr()
    sys.excepthook(ZeroDivisionError, caught.value, caught.tb)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ZeroDivisionError: oops" in said
    assert "CSTO_SIM_TRACEBACK" in said


TABLES = ("summary.csv", "trust.csv", "postures.csv", "metrics.parquet", "responses.parquet", "trajectories.parquet")


def test_both_engines_write_the_same_bytes(command: Command, place: Path):
    for engine in ("mesa", "compiled"):
        assert (
            command("run", "small.toml", "--engine", engine, "--out", engine, "--no-plot", "--keep", "1,2-3").code == 0
        )
    for table in (*TABLES, "kept.parquet"):
        assert (place / "mesa" / table).read_bytes() == (place / "compiled" / table).read_bytes(), table


def test_kept_replicates_have_every_variable(command: Command, place: Path):
    assert command("run", "small.toml", "--out", "mine", "--no-plot", "--keep", "2").code == 0
    kept = pd.read_parquet(place / "mine" / "kept.parquet")
    assert set(kept["replicate"]) == {2}
    assert set(kept["variable"]) >= set(VARIABLES) - {"arms", "energy", "remittances", "base", "trade", "confidence"}
    assert not (place / "other").exists()
    assert command("run", "small.toml", "--out", "other", "--no-plot").code == 0
    assert not (place / "other" / "kept.parquet").exists()


def test_a_run_is_pinned_to_the_observed_course_and_says_so(command: Command, place: Path):
    with (place / "small.toml").open("a") as file:
        file.write('\n[observed.BBB]\n2021-03-10 = "reduce"\n')
    pinned = ("run", "small.toml", "--replicates", "5", "--engine", "mesa", "--no-plot", "--pinned", "2021-06")
    done = command(*pinned, "--out", "mine")
    assert done.code == 0
    assert "Members stand where the observed course says until 2021-06-30, and choose freely afterwards." in done.out
    content = manifest.read(Path("mine"))
    assert content["pinned_until"] == dict.fromkeys(("as-it-was", "help-comes", "they-decide"), "2021-06-30")
    assert content["command"][-2:] == ["--pinned", "2021-06"]
    postures = read(Path("mine")).posture.sel(state="BBB").values
    assert (postures[:, :, 3:7] == 2).all()
    found = json.loads(command(*pinned, "--json").out)
    assert found["pinned_until"]["help-comes"] == "2021-06-30"


@pytest.mark.parametrize(
    ("until", "course", "said"),
    [
        ("2021-06", "", "'A small alliance' has no observed course to pin members to"),
        ("2022-01", '[observed.BBB]\n2021-03-10 = "reduce"\n', "outside the observed period; allowed: 2021-01-01 to"),
        ("June", '[observed.BBB]\n2021-03-10 = "reduce"\n', "pinned until 'June': not a date"),
    ],
)
def test_what_cannot_be_pinned_is_refused(command: Command, place: Path, until: str, course: str, said: str):
    with (place / "small.toml").open("a") as file:
        file.write(f"\n{course}")
    done = command("run", "small.toml", "--pinned", until)
    assert done.code == 2
    assert said in done.err
    assert not Path("results").exists()
