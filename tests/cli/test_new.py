"""The command ``csto-sim new``: what it writes can be run as it is, from any folder."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import sim
from sim.library import scenario_files, scenario_folders
from sim.scenario.drafts import alliances, copied, of_alliance
from tests.cli.conftest import Command

SHIPPED = [path.stem for path in scenario_files(scenario_folders()[2:])]


def test_a_new_scenario_is_checked_and_run_by_its_name(command: Command, place: Path):
    done = command("new", "mine")
    assert (done.code, done.out) == (0, "Scenario: mine.toml\nNext: csto-sim run mine\n")
    assert command("validate", "mine").code == 0
    assert sim.load("mine").title == "mine"
    few = ("--replicates", "1", "--engine", "mesa", "--no-plot", "--workers", "1")
    assert command("run", "mine", *few).code == 0
    again = command("new", "mine")
    assert (again.code, "mine.toml: exists; give a new file" in again.err) == (2, True)


def test_a_draft_of_an_alliance_runs(command: Command):
    assert json.loads(command("new", "mine", "--alliance", "us-korea", "--json").out) == {"file": "mine.toml"}
    scenario = sim.load("mine")
    assert (scenario.focus, scenario.start) == ("US-KOR", date(datetime.now(UTC).year, 1, 1))
    few = ("--replicates", "1", "--engine", "mesa", "--no-plot", "--workers", "1")
    assert "South Korea" in command("run", "mine", *few).out.replace("Korea, South", "South Korea")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a b"], "'a b' is no name for a scenario"),
        (["../mine"], "'../mine' is no name for a scenario"),
        (["mine", "--alliance", "nata"], "there is no alliance 'nata'; allowed: nato, csto"),
        (["mine", "--from", "karabak-2023"], "did you mean 'karabakh-2023'"),
        (["mine", "--from", "placebo", "--alliance", "nato"], "exclude each other"),
    ],
)
def test_what_cannot_be_drafted_is_refused(command: Command, place: Path, arguments: list[str], said: str):
    done = command("new", *arguments)
    assert (done.code, said in done.err) == (2, True), done.err
    assert [path.name for path in place.iterdir()] == ["small.toml"]


@pytest.mark.parametrize("name", [*SHIPPED[:12], *SHIPPED[12::20]])
def test_a_copy_says_what_it_was_copied_from_and_is_the_same_scenario(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("copy.toml").write_text(copied("copy", name), encoding="utf-8")
    assert Path("copy.toml").read_text("utf-8").startswith(f"# A copy of {name} (title = ")
    copy, original = sim.load("copy.toml"), sim.load(name)
    same = {"title": "", "extends": None}
    assert copy.model_copy(update=same) == original.model_copy(update=same)


@pytest.mark.parametrize("key", alliances())
def test_every_alliance_has_a_draft_that_loads(key: str, tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(of_alliance("mine", key, date(2026, 1, 1)), encoding="utf-8")
    scenario, alliance = sim.load(path), alliances()[key]
    treaty = scenario.treaties[alliance.treaty]
    assert treaty.members == list(alliance.members)
    assert (treaty.guarantor, scenario.end) == (alliance.guarantor, date(2030, 12, 31))
    assert alliance.address in treaty.source
    assert alliance.doubt in path.read_text("utf-8")
    assert all(state.source for state in scenario.states.values())


def test_the_table_of_alliances_is_of_living_treaties_with_sources():
    found = alliances()
    assert len(found) == 10
    for alliance in found.values():
        assert alliance.signed <= alliance.in_force
        assert alliance.guarantor in alliance.members
        assert set(alliance.obligors) <= set(alliance.members)
        assert alliance.address.startswith("https://")
        assert alliance.doubt
    assert len(found["nato"].members) == 32
    assert found["csto"].treaty in sim.load("first-steps").treaties
    assert set(found["csto"].members) == set(sim.load("first-steps").treaties["CSTO"].members)
