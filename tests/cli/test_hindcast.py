"""``csto-sim hindcast``: its JSON, its folder, what it prints and refuses."""

import io
import json
import shutil
from contextlib import chdir, redirect_stdout
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.cli.main import main
from sim.errors import InputError
from sim.evidence.cases import judged, reading
from sim.evidence.hindcast.questions import NAMES
from sim.evidence.hindcast.writing import read_card
from sim.experiments.parameters import explanations
from sim.experiments.parameters.explanations import early_posterior, explanation_weights, load_explanations
from sim.experiments.parameters.posteriors import Posterior, load_posterior
from sim.experiments.parameters.priors import prior_draws
from sim.output import manifest
from tests.cli.conftest import Command
from tests.evidence.cases.made import entry
from tests.evidence.cases.test_library import made_file

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
FEW = ("--replicates", "3", "--split", "tune")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of a hindcast with its figures, and what the command printed."""
    folder, said = tmp_path_factory.mktemp("scored") / "one", io.StringIO()
    with chdir(ROOT), redirect_stdout(said), pytest.raises(SystemExit) as ended:
        main(["hindcast", "csto-history", *FEW, "--out", str(folder)])
    assert not ended.value.code
    return folder, said.getvalue()


@pytest.fixture
def stored(scored: tuple[Path, str], place: Path) -> Path:
    """Return the folder of that hindcast among the results of the working folder."""
    folder = place / "results" / "hindcast" / "one"
    shutil.copytree(scored[0], folder)
    return folder.relative_to(place)


def test_json_is_the_headline_and_nothing_else_and_runs_repeat(command: Command, scored: tuple[Path, str]):
    done = command("hindcast", *FEW, "--no-plot", "--json", "--workers", "1")
    assert done.code == 0
    found = json.loads(done.out)
    assert list(found) == ["splits"]
    assert list(found["splits"]) == ["tune"]
    assert list(found["splits"]["tune"]) == ["rps", "brier", "log"]
    for horizons in found["splits"]["tune"].values():
        assert list(horizons) == ["6", "12", "24"]
        assert all(list(values) == list(NAMES) for values in horizons.values())
    (again,) = Path("results/hindcast").iterdir()
    content = manifest.read(again)
    assert (content["kind"], content["replicates"], content["parameters"]) == ("hindcast", 3, "fitted")
    one, _ = scored
    tables = {path.name for path in again.iterdir()} - {manifest.NAME, manifest.SEAL}
    assert {path.name for path in one.iterdir()} == tables | {manifest.NAME, manifest.SEAL, "figures"}
    assert all((one / name).read_bytes() == (again / name).read_bytes() for name in tables)


def test_the_folder_is_whole(scored: tuple[Path, str]):
    one, _ = scored
    tables = {path.name for path in one.iterdir()} - {manifest.NAME, manifest.SEAL, "figures"}
    assert tables == {
        "scorecard.csv", "differences.csv", "reliability.csv", "quantities.csv", "members.csv", "rankings.csv",
        "false-alarms.csv", "scored-parameters.csv", "forecasts.parquet", "rungs.parquet", "scenario.json",
        "DATA-SOURCES.txt",
    }  # fmt: skip
    card = pd.read_csv(one / "scorecard.csv")
    assert {"rps", "brier", "log", "timing", "crps"} == set(card["score"])
    forecasts = pq.read_table(one / "forecasts.parquet").to_pandas()
    assert set(forecasts["split"]) == {"tune"}


@pytest.mark.slow
def test_explanations_are_weighed_on_request(command: Command, monkeypatch: pytest.MonkeyPatch):
    shipped = load_explanations()
    for name in shipped:  # what each is scored with, though two are enough to weigh
        assert len(load_posterior(early_posterior(name)).draws(2, 1)) == 2
    two = {name: shipped[name] for name in ("faithless-guarantor", "overstretched")}
    monkeypatch.setattr(explanations, "load_explanations", lambda: two)
    done = command("hindcast", *FEW, "--no-plot", "--explanations", "--out", "mine")
    assert done.code == 0
    weights = explanation_weights(Path("mine/explanations.csv"))
    assert set(weights) == set(two)
    for name, weight in weights.items():
        assert f"{name}" in done.out
        assert f"{weight:.3f}" in done.out
    again = json.loads(command("hindcast", *FEW, "--no-plot", "--explanations", "--json", "--out", "again").out)
    assert again["explanations"] == pytest.approx(weights, abs=1e-5)


def test_figures_are_drawn_and_the_scorecard_printed(scored: tuple[Path, str]):
    folder, said = scored
    assert {path.name for path in (folder / "figures").glob("*.png")} == {
        "skill-tune.png", "reliability-tune.png", "strips-tune.png",
    }  # fmt: skip
    assert "tune: scores, the smaller the better" in said
    assert "false alarms" in said
    assert "Parameters: fitted; 3 runs from each origin; seed 1" in said
    assert max(map(len, said.splitlines()[:30])) <= 100


def test_a_stored_hindcast_is_listed_and_drawn_again(command: Command, stored: Path):
    assert "hindcast" in command("list", "results").out
    drawn = command("plot", str(stored), "--kind", "skill", "--format", "svg")
    assert drawn.code == 0
    assert drawn.out.split() == [str(stored / "figures-2" / "skill-tune.svg")]
    refused = command("plot", str(stored), "--kind", "trust")
    assert refused.code == 2
    assert "unknown kind of figure 'trust'; allowed for a hindcast: skill, reliability, strips" in refused.err


def test_what_is_stored_is_read_back(stored: Path):
    card = read_card(stored)
    assert card.splits == ("tune",)
    assert card.headline()["tune"]["rps"]["24"]["persistence"] == pytest.approx(0.025)
    assert len(card.forecasts) > 100
    forecasts = stored / "forecasts.parquet"
    forecasts.write_bytes(b"x" * forecasts.stat().st_size)
    with pytest.raises(InputError, match="damaged"):
        read_card(stored)


@pytest.fixture
def course(place: Path) -> str:
    """Give the small scenario a longer period and an observed course."""
    text = (place / "small.toml").read_text().replace("end = 2021-12-31", "end = 2023-12-31")
    (place / "course.toml").write_text(text + '\n[observed.BBB]\n2022-05-01 = "voice"\n2023-01-15 = "freeze"\n')
    return "course.toml"


def test_a_scenario_with_an_observed_course_is_scored_against_it(command: Command, course: str):
    done = command("hindcast", course, "--replicates", "4", "--every", "12", "--out", "mine")
    assert done.code == 0
    assert "course: scores, the smaller the better" in done.out
    assert "Left out, because they need the cases of the coded record: logit, never-helps." in done.out
    assert "; 4 runs from each origin; seed 1" in done.out
    assert {path.name for path in Path("mine/figures").glob("*.png")} == {
        "skill-course.png", "reliability-course.png", "strips-course.png",
    }  # fmt: skip
    content = manifest.read(Path("mine"))
    assert (content["kind"], content["splits"], content["every"]) == ("hindcast", ["course"], 12)
    found = json.loads(command("hindcast", course, "--replicates", "4", "--every", "12", "--no-plot", "--json").out)
    assert list(found["splits"]["course"]) == ["rps", "brier", "log"]
    for horizons in found["splits"]["course"].values():
        assert list(horizons) == ["6", "12", "24"]
        for values in horizons.values():
            assert set(values) == {"model", "persistence", "hazard", "last12", "base-rate"}


def test_a_short_course_has_no_strips(command: Command, course: str):
    text = Path(course).read_text().replace("[states]", "record_end = 2022-02-28\n[states]", 1)
    Path(course).write_text(text.replace('2023-01-15 = "freeze"', ""))
    done = command("hindcast", course, "--replicates", "3", "--every", "7", "--out", "mine", "--parameters", "defaults")
    assert done.code == 0
    assert {path.name for path in Path("mine/figures").glob("*.png")} == {"skill-course.png", "reliability-course.png"}
    assert "Parameters: defaults; 3 runs" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--split", "test"), "are for the coded record, not for a course"),
        (("--ablations",), "are for the coded record, not for a course"),
        (("--every", "0"), "--every 0 is not allowed; allowed: whole numbers from 1"),
        (("--every", "36"), "the observed course has 36 months; a forecast from month 36 needs 42"),
    ],
)
def test_what_a_course_cannot_answer_is_refused(command: Command, course: str, arguments: tuple[str, ...], said: str):
    done = command("hindcast", course, "--replicates", "2", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--split", "train"), "there is no split 'train'; allowed: tune, test, leave-one-out"),
        (("--replicates", "0"), "--replicates 0 is not allowed"),
        (("--seed", "-1"), "seed -1 is not allowed"),
        (("--parameters", "nothing.parquet"), "nothing.parquet: no such file; allowed: fitted, prior, defaults"),
        (("--workers", "0"), "--workers 0 is not allowed"),
        (("small.toml",), "a hindcast needs a scenario of CSTO"),
        (("small.toml",), "or one with an observed course ([observed.CODE])"),
        (("--every", "12"), "--every is for a scenario with an observed course"),
    ],
)
def test_what_cannot_be_done_is_refused(command: Command, arguments: tuple[str, ...], said: str):
    done = command("hindcast", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not Path("results").exists()


def test_cases_of_a_file_are_forecast(command: Command, place: Path):
    (place / "cases.json").write_text(json.dumps([entry(), entry(id="other", rung_at_key=0)]))
    few = ("hindcast", "--cases", "cases.json", "--replicates", "20")
    done = command(*few, "--predictions", "out.json")
    assert done.code == 0
    assert "client_1950" in done.out
    assert "The file has outcomes of 2 of 2 cases." in done.out
    assert "Parameters: general; 20 runs of each case; seed 1" in done.out
    written = json.loads((place / "out.json").read_text())
    assert json.loads(command(*few, "--json").out)["cases"] == written
    assert json.loads(command(*few, "--json", "--parameters", "defaults").out)["cases"] != written


def test_the_library_is_judged_with_a_fit_to_it_alone(command: Command, place: Path, monkeypatch: pytest.MonkeyPatch):
    done = command("hindcast", "--cases", "library", "--parameters", "posterior-full")
    assert done.code == 2
    assert "posterior-full is no fit to the library" in done.err
    done = command("hindcast", "--cases", "library", "--replicates", "5")
    assert done.code == 2
    assert "--cases library goes with --out" in done.err
    made = Posterior.of_sets("mine", prior_draws(30, 1), np.full(30, 1.0 / 30.0), {"exponent": 0.5})
    made.save(place / "mine.parquet")
    monkeypatch.setattr(judged, "judge", partial(judged.judge, permutations=0))
    monkeypatch.setattr(judged, "mechanism_scores", lambda _library: pd.DataFrame())
    monkeypatch.setattr(reading, "load_file", made_file)
    done = command("hindcast", "--cases", "library", "--parameters", "mine.parquet", "--out", "found")
    assert done.code == 0
    assert "best constant" in done.out
    assert (place / "found" / "cases.png").is_file()


def test_wrong_cases_are_refused_by_id_and_key(command: Command, place: Path):
    (place / "cases.json").write_text(json.dumps([entry(rung_at_key=8)]))
    done = command("hindcast", "--cases", "cases.json")
    assert done.code == 2
    assert "cases.json: client_1950: rung_at_key: 8 is no rung" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--cases", "cases.json", "--split", "test"), "--cases goes with"),
        (("--cases", "cases.json", "--out", "mine"), "--cases goes with"),
        (("--predictions", "out.json"), "--predictions goes with --cases"),
    ],
)
def test_options_of_cases_and_of_the_record_do_not_mix(command: Command, options: tuple[str, ...], said: str):
    done = command("hindcast", *options)
    assert done.code == 2
    assert said in done.err
