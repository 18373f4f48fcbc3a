import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sim.evidence.patterns import load_patterns
from sim.experiments.parameters.explanations import load_explanations
from sim.experiments.parameters.posteriors import load_posterior
from sim.experiments.parameters.sources import unscored_note
from sim.mechanisms import MECHANISMS
from sim.model.parameters import PARAMETERS
from sim.output import manifest
from tests.cli.conftest import Command
from tests.docs.play import ROOT

SMALLEST = ("--size", "64", "--replicates", "2", "--bank", "bank")
TABLES = ("screening.csv", "patterns.csv", "identifiability.csv", "fits.csv", "tuning.csv", "emulators.csv",
          "explanations.csv")  # fmt: skip


@pytest.fixture
def history(place: Path) -> Path:
    """Put the shipped scenarios beside the small one."""
    shutil.copytree(ROOT / "scenarios", place / "scenarios")
    return place


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--size", "10"), "size 10 is not allowed; allowed: whole numbers from 64"),
        (("--replicates", "1"), "replicates 1 is not allowed; allowed: whole numbers from 2"),
        (("--seed", "-1"), "seed -1 is not allowed"),
        (("--workers", "0"), "workers 0 is not allowed"),
        (("nowhere.toml",), "nowhere.toml"),
        (("small.toml",), "calibration needs a history with branches as-answered and agents-decide"),
        (("--out", "small.toml"), "exists and is not a folder"),
    ],
)
def test_what_it_cannot_do_is_refused_at_once(command: Command, history: Path, options: tuple[str, ...], said: str):
    done = command("calibrate", *options)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert not (history / "results").exists()


def test_help_shows_an_example(command: Command):
    done = command("calibrate", "--help")
    assert done.code == 0
    assert "csto-sim calibrate --bank" in done.out


def test_posteriors_and_explanations_are_listed(command: Command):
    rows = json.loads(command("list", "posteriors", "--json").out)["posteriors"]
    assert rows[0]["name"] == "defaults"
    assert [row["name"] for row in rows if row["used unless told otherwise"]]
    told = {row["name"]: row["meaning"] for row in rows}
    assert told["posterior-full"] == "a fit to the coded record of the CSTO"
    assert told["reference-class"] == "a fit to random worlds alone, without data of the CSTO"
    rows = json.loads(command("list", "explanations", "--json").out)["explanations"]
    assert {row["name"] for row in rows} == set(load_explanations())
    assert sum(row["weight"] for row in rows) == pytest.approx(1.0, abs=1e-3)


def test_run_and_sweep_refuse_parameters_that_are_none(command: Command):
    for words in (("run", "small.toml"), ("sweep", "small.toml", "--vary", "parameters.reach=1,2")):
        done = command(*words, "--parameters", "posterior-fool")
        assert done.code == 2
        assert "there are no parameters 'posterior-fool'" in done.err
    done = command("run", "small.toml", "--explanation", "overstreched")
    assert done.code == 2
    assert "did you mean 'overstretched'" in done.err


def test_weights_say_which_parameters_they_are_older_than(command: Command, monkeypatch: pytest.MonkeyPatch):
    assert command("list", "explanations").err.strip() == unscored_note()
    monkeypatch.setitem(PARAMETERS, "unheard_weight", PARAMETERS["reach"])
    said = command("list", "explanations").err
    assert said == f"{unscored_note()}\n"
    assert said.endswith("unheard_weight.\n")


def test_run_shows_explanations_side_by_side(command: Command, place: Path):
    metric = "BBB.trust[AAA]@end"
    words = ("run", "small.toml", "--replicates", "4", "--no-plot", "--metric", metric, "--explanation")
    done = command(*words, "all", "--json", "--out", "all")
    assert done.code == 0
    found = json.loads(done.out)
    assert list(found) == ["result", "weights", "explanations", "average"]
    means = {name: cells["as-it-was"][metric]["mean"] for name, cells in found["explanations"].items()}
    assert set(means) == set(load_explanations()) == set(found["weights"])
    average = sum(found["weights"][name] * mean for name, mean in means.items())
    assert found["average"]["as-it-was"][metric]["mean"] == pytest.approx(average)
    assert {path.name for path in (place / "all").iterdir()} == {*means, "average.csv", "weights.json"}
    shown = command(*words, "all", "--out", "again")
    assert shown.code == 0
    assert "as-it-was" in shown.out
    assert "average" in shown.out
    one = command(*words, "overstretched", "--json")
    assert json.loads(one.out)["branches"]["as-it-was"][metric]["mean"] == pytest.approx(means["overstretched"])


@pytest.mark.slow
def test_a_calibration_is_whole_and_comes_out_the_same_again(command: Command, history: Path):
    done = command("calibrate", *SMALLEST, "--json", "--out", "one")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    names = {"posterior-full", "posterior-2019", "reference-class", "without-ARM", "without-UZB"}
    names |= {f"explanation-{name}{end}" for name in load_explanations() for end in ("", "-2019")}
    assert names <= set(found["posteriors"])
    assert all(one["armenia_weight"] <= 0.2 for one in found["posteriors"].values())
    assert "below 100" in done.err  # so few draws are thin, and it says so
    content = manifest.read(history / "one")
    assert (content["kind"], content["seed"], content["size"]) == ("calibration", 1, 64)
    assert set(TABLES) <= set(content["files"])
    matrix = pd.read_csv(history / "one" / "patterns.csv")
    assert list(matrix["pattern"]) == [one.name for one in load_patterns()]
    for column in (
        "prior",
        "reference-class",
        "posterior-2019",
        "posterior-full",
        "null",
        *(f"no-{name}" for name in MECHANISMS),
    ):
        assert set(matrix[f"{column} verdict"]) <= {"pass", "miss", "-"}
        inside = (matrix[column] >= matrix["low"]) & (matrix[column] <= matrix["high"])
        assert ((matrix[f"{column} verdict"] == "pass") == inside).mean() > 0.97  # six digits are written
    assert set(found["explanations"]) == set(load_explanations())
    early = load_posterior(history / "one" / "posterior-2019.parquet").provenance["patterns"]
    assert len(early) < len(load_patterns())
    for name in load_explanations():
        posterior = load_posterior(history / "one" / f"explanation-{name}-2019.parquet")
        assert posterior.provenance["patterns"] == early

    shutil.rmtree(history / "bank")
    again = command("calibrate", *SMALLEST, "--workers", "1", "--out", "results/two")
    assert again.code == 0, again.err
    assert "Reference class" in again.out
    for name in (*TABLES, *(f"{name}.parquet" for name in found["posteriors"])):
        assert (history / "one" / name).read_bytes() == (history / "results" / "two" / name).read_bytes(), name

    posterior = load_posterior(history / "one" / "posterior-full.parquet")
    assert posterior.digest == found["posteriors"]["posterior-full"]["digest"]
    ran = command("run", "small.toml", "--replicates", "4", "--no-plot", "--parameters", "one/posterior-full.parquet",
                  "--json")  # fmt: skip
    folder = json.loads(ran.out)["result"]
    assert manifest.read(Path(folder))["posterior"] == {"name": "posterior-full", "digest": posterior.digest}
    assert "calibration" in command("list", "results").out
