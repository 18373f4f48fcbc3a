import json
import re
import shutil
from pathlib import Path

import pytest

import sim
from sim.output.store import save
from tests.cli.conftest import SMALL, Command

ASKED = ("--state", "BBB", "--date", "2021-04")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a result."""
    return save(sim.run(SMALL, engine="mesa", workers=1), tmp_path_factory.mktemp("made") / "mine")


@pytest.fixture
def ran(made: Path, place: Path) -> str:
    """Return the folder of a result in the working folder."""
    shutil.copytree(made, place / "mine")
    return "mine"


def test_a_result_is_explained_in_words_and_figures(command: Command, ran: str, place: Path):
    done = command("explain", ran, *ASKED)
    assert done.code == 0
    assert done.out.startswith("Why Bria did what it did: April 2021\n")
    assert "Branch as-it-was (As it was), replicate" in done.out
    assert "nearest the median path" in " ".join(done.out.split())
    assert "Bria appealed for help after: Dorn attacked Bria" in " ".join(done.out.split())
    assert "Bria's unmet call of 13 April 2021" in " ".join(done.out.split())
    told = " ".join(done.out.split())
    folder, names = re.search(r"Figures: (\S+), of (.*?) Next: csto-sim report mine$", told).groups()
    assert Path(folder).parts[:2] == ("mine", "explained")
    drawn = [place / folder / f"{name}.{form}" for name in names.split(", ") for form in ("png", "svg")]
    assert drawn
    assert all(figure.stat().st_size > 5000 for figure in drawn)
    assert max(map(len, done.out.splitlines())) <= 100


def test_json_is_one_object_and_nothing_else(command: Command, ran: str):
    done = command("explain", ran, *ASKED, "--branch", "they-decide", "--replicate", "2", "--no-plot", "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert (told["branch"], told["replicate"], told["typical"], told["state"]) == ("they-decide", 2, False, "BBB")
    assert told["figures"] == []
    assert {each["kind"] for each in told["decisions"]} == {"call", "posture"}
    assert told["trust"]["moves"][0]["event"] == "raid"


def test_a_scenario_is_explained_too(command: Command, place: Path):
    asked = ("--state", "AAA", "--date", "2021-04-13", "--branch", "they-decide", "--replicate", "0")
    set_ = ("--set", "events.away.value=0.9", "--set", "treaties.PACT.decision=none")
    done = command("explain", "small.toml", *asked, *set_, "--format", "svg", "--out", "there")
    assert done.code == 0
    assert "forces tied down elsewhere: 90 % of them" in done.out
    assert [path.name for path in (place / "there").iterdir()] == ["decision-1-response.svg"]
    assert not (place / "results").exists()


def test_the_typical_run_of_a_scenario_is_looked_for(command: Command, place: Path):
    done = command("explain", "small.toml", *ASKED, "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert told["typical"] is True
    assert "4 runs" in done.err
    assert (place / "results" / "small" / "explained").is_dir()


def test_figures_are_replaced_when_asked_again(command: Command, ran: str, place: Path):
    first = command("explain", ran, *ASKED)
    assert command("explain", ran, *ASKED).out == first.out
    assert command("explain", ran, *ASKED, "--out", "mine").code == 2
    assert len(list((place / "mine" / "explained").iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", *ASKED], "there is no result 'nowhere'"),
        (["missing.toml", *ASKED], "missing.toml"),
        (["mine", "--state", "BBC", "--date", "2021-04"], "did you mean 'BBB'"),
        (["mine", "--state", "BBB", "--date", "2031-04"], "lies outside the run; allowed: 2021-01-01 to 2021-12-31"),
        (["mine", "--state", "BBB", "--date", "spring"], "'spring' is no date"),
        (["mine", *ASKED, "--branch", "help-came"], "did you mean 'help-comes'"),
        (["mine", *ASKED, "--replicate", "4"], "there is no replicate 4; allowed: 0 to 3"),
        (["mine", *ASKED, "--within", "-1"], "within -1 is not allowed"),
        (["mine", *ASKED, "--seed", "8"], "seed 8 is not that of the result"),
        (["mine", *ASKED, "--set", "seed=3"], "allowed with a scenario file"),
        (["mine", "--date", "2021-04"], "--state"),
    ],
)
def test_refused_input_exits_with_2_and_leaves_nothing(command: Command, ran: str, place: Path, arguments, said):
    before = sorted(place.rglob("*"))
    done = command("explain", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert sorted(place.rglob("*")) == before


def test_help_has_an_example(command: Command):
    done = command("explain", "--help")
    assert done.code == 0
    assert "csto-sim explain karabakh-2023 --state RUS --date 2022-09" in done.out
