import json
import re
import shutil
import signal
from pathlib import Path

import pandas as pd
import pytest

from sim.evidence.calibration import calibrating, checks
from sim.evidence.calibration.fits import Fitter
from sim.evidence.calibration.patterns import load_patterns
from sim.experiments.parameters.explanations import load_explanations
from sim.experiments.parameters.posteriors import load_posterior
from sim.experiments.parameters.sources import unscored_note
from sim.model.parameters import PARAMETERS
from sim.output import manifest
from sim.report.fits import FITTED_TO
from tests.cli.conftest import Command
from tests.docs.play import ROOT
from tests.evidence.calibration.made import NARROW, calibration


@pytest.fixture
def history(place: Path) -> Path:
    """Put the shipped scenarios beside the small one."""
    shutil.copytree(ROOT / "scenarios", place / "scenarios")
    return place


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--particles", "10"), "particles 10 is not allowed; allowed: whole numbers from"),
        (("--seed", "-1"), "seed -1 is not allowed"),
        (("--workers", "0"), "workers 0 is not allowed"),
        (("nowhere.toml",), "nowhere.toml"),
        (("small.toml",), "calibration needs a history with branches as-answered and agents-decide"),
        (("--out", "small.toml"), "exists and is not a folder"),
        (("--steps", "small.toml"), "small.toml: exists and is not a folder; give a folder to --steps"),
    ],
)
def test_what_it_cannot_do_is_refused_at_once(command: Command, history: Path, options: tuple[str, ...], said: str):
    done = command("calibrate", *options)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert not (history / "results").exists()


@pytest.mark.parametrize(
    ("options", "new", "said"),
    [
        (("--bank", "small.toml"), "--bank is now --steps", "give a folder to --steps"),
        (("--size=10",), "--size is now --particles", "particles 10 is not allowed"),
    ],
)
def test_names_of_the_last_release_work_with_a_warning(
    command: Command, history: Path, options: tuple[str, ...], new: str, said: str
):
    done = command("calibrate", *options)
    assert f"{new}; the next release takes the new name alone" in done.err
    assert said in done.err


def test_help_shows_an_example(command: Command):
    done = command("calibrate", "--help")
    assert done.code == 0
    assert "csto-sim calibrate --steps" in done.out


def test_posteriors_and_explanations_are_listed(command: Command):
    rows = json.loads(command("list", "posteriors", "--json").out)["posteriors"]
    assert rows[0]["name"] == "defaults"
    told = {row["name"]: row["meaning"] for row in rows}
    assert told["posterior-full"] == f"fitted to {FITTED_TO['posterior-full']}"
    assert told["reference-class"] == "fitted to facts about alliances in general"
    assert {row["name"]: row["default of"] for row in rows if row["default of"]} == {
        "posterior-full": "CSTO", "general": "others",
    }  # fmt: skip
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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Fitter]:
    """Have made-up fits in place of sampled ones, and few draws for their checks; return the fitters that were made."""
    asked: list[Fitter] = []

    def fits(fitter: Fitter) -> calibrating.Calibration:
        asked.append(fitter)
        fitter.tell("made up")
        return calibration()

    monkeypatch.setattr(calibrating, "calibrate", fits)
    monkeypatch.setattr(checks, "DRAWS", 2)
    monkeypatch.setattr(checks, "RUNS", 2)
    return asked


@pytest.mark.usefixtures("history")
def test_fits_are_checked_stored_and_shown(command: Command, place: Path, quick: list[Fitter]):
    done = command("calibrate", "--particles", "300", "--steps", "kept", "--out", "one")
    assert done.code == 0, done.err
    assert "made up" in done.err
    (fitter,) = quick
    assert fitter.size.particles == fitter.size.small == 300
    assert fitter.folder.parent == Path("kept")
    for title in ("Exponents tried", "Parameters identified", "Where the full fit is surprised", "Patterns met"):
        assert title in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    matrix = pd.read_csv(place / "one" / "patterns.csv")
    assert list(matrix["pattern"]) == [one.name for one in load_patterns()]
    for column in ("prior", "general", "posterior-2019", "posterior-full", "null"):
        assert set(matrix[f"{column} verdict"]) <= {"pass", "miss", "-"}

    again = command("calibrate", "--particles", "300", "--workers", "1", "--json", "--out", "results/two")
    found = json.loads(again.out)
    assert found["folder"] == "results/two"
    assert found["identified"]["posterior-full"] == [NARROW]
    assert sum(found["patterns"]["prior"][f"{tier} of"] for tier in ("world", "panel")) <= len(load_patterns())
    assert "calibration" in command("list", "results").out
    content = manifest.read(place / "results" / "two")
    for name in content["files"]:
        assert (place / "one" / name).read_bytes() == (place / "results" / "two" / name).read_bytes(), name
    posterior = load_posterior(place / "one" / "posterior-full.parquet")
    assert posterior.digest == found["posteriors"]["posterior-full"]["digest"]
    ran = command("run", "small.toml", "--replicates", "4", "--no-plot", "--parameters", "one/posterior-full.parquet",
                  "--json")  # fmt: skip
    folder = json.loads(ran.out)["result"]
    assert manifest.read(Path(folder))["posterior"] == {"name": "posterior-full", "digest": posterior.digest}


@pytest.mark.usefixtures("history")
def test_a_calibration_that_is_stopped_says_where_its_steps_are(command: Command, monkeypatch: pytest.MonkeyPatch):
    def stopped(_fitter: Fitter) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(calibrating, "calibrate", stopped)
    done = command("calibrate", "--steps", "kept", "--out", "one")
    assert done.code == 130
    assert re.search(r"interrupted; the steps that are done are kept in kept/\w{8}; the same command goes on", done.err)
    assert not Path("one").exists()
