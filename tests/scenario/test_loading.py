"""Reading files, what they extend, and what they drop."""

import datetime
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from sim.scenario import ScenarioError, check_files, focus_of, load, resolve, scenario_warnings
from tests.scenario.small_scenario import ROOT, SMALL, Write


def test_a_small_file_gives_a_scenario(small: Path) -> None:
    scenario = load(small)
    assert scenario.start == datetime.date(2020, 1, 1)
    assert scenario.states["PAT"].overstretch.at(2023) == 0.5
    assert list(scenario.events) == ["war", "raid", "appeal", "answer", "flight"]
    assert focus_of(scenario) == "PACT"
    assert scenario_warnings(scenario) == []


def test_line_ends_and_byte_order_marks_of_other_systems_are_read(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(path).title == "Two clients and a patron"


def test_a_scenario_can_be_sent_to_other_processes(small: Path) -> None:
    scenario = load(small)
    assert pickle.loads(pickle.dumps(scenario)) == scenario  # noqa: S301


def test_an_error_can_be_sent_to_other_processes(write: Write) -> None:
    with pytest.raises(ScenarioError) as refused:
        load(write("title = 3\n"))
    again = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert again.problems == refused.value.problems


def test_extending_merges_tables_and_replaces_the_rest(small: Path, write: Write) -> None:
    path = write(
        """\
        title = "Mine"
        extends = "small.toml"
        metrics = ["CLA.posture@end"]
        [states.PAT]
        overstretch = { 2022 = 0.6, 2024 = 0.7 }
        [states.CLA]
        capability = { value = 0.02, source = "mine" }
        [treaties.PACT]
        members = ["CLB", "PAT", "CLA"]
        [events]
        raid = { severity = 0.4 }
        protest = { date = 2022-10-01, kind = "protest", state = "CLA", severity = 0.3 }
        """
    )
    scenario = load(path)
    assert scenario.title == "Mine"
    assert scenario.states["PAT"].overstretch.years == (2020, 2022, 2024)
    assert scenario.states["PAT"].overstretch.values == (0.2, 0.6, 0.7)
    assert scenario.states["PAT"].capability.values == (0.1,)
    assert scenario.states["CLA"].capability.source == "mine"
    assert scenario.treaties["PACT"].members == ["CLB", "PAT", "CLA"]
    assert scenario.treaties["PACT"].guarantor == "PAT"
    assert scenario.events["raid"] == load(small).events["raid"].model_copy(update={"severity": 0.4})
    assert "protest" in scenario.events
    assert set(scenario.branches) == {"as-happened", "forces"}


def test_a_title_and_a_description_are_never_those_of_another_file(small: Path, write: Write) -> None:
    write('title = "Described"\ndescription = "What the first file asks."\nextends = "small.toml"\n', "first.toml")
    assert load(write('title = "Other"\nextends = "first.toml"\n')).description == ""
    with pytest.raises(ScenarioError) as refused:
        load(write('extends = "first.toml"\n', "untitled.toml"))
    (problem,) = refused.value.problems
    assert Path(problem.file).name == "untitled.toml"
    assert (problem.key, problem.problem) == ("title", "this key is missing")
    assert load(small, ["title=Overridden"]).title == "Overridden"


def test_a_list_of_files_counts_from_left_to_right_and_each_once(small: Path, write: Write) -> None:
    write('title = "A"\nextends = "small.toml"\nevents.raid.severity = 0.1\nevents.war.value = 0.1\n', "a.toml")
    write('title = "B"\nextends = "small.toml"\nevents.raid.severity = 0.2\n', "b.toml")
    scenario = load(write('title = "C"\nextends = ["a.toml", "b.toml"]\n', "c.toml"))
    assert scenario.events["raid"].severity == 0.2  # type: ignore[union-attr]
    assert scenario.events["war"].value == 0.1  # type: ignore[union-attr]


def test_the_shipped_world_is_found_by_name(write: Write) -> None:
    scenario = load(write('title = "x"\nextends = "csto"\nstart = 2021-01-01\nend = 2022-01-01\n'))
    assert {"RUS", "ARM", "BLR", "KAZ", "KGZ", "TJK"} <= set(scenario.states)
    assert focus_of(scenario) == "CSTO"


def test_dropping_takes_what_is_because_of_it_and_voids_responses(small: Path, write: Write) -> None:
    scenario = load(write('title = "x"\nextends = "small.toml"\ndrop = ["raid"]\n'))
    assert list(scenario.events) == ["war", "answer"]
    assert scenario.drop == ["raid", "appeal", "flight"]
    assert list(resolve(scenario, "as-happened").events) == ["war"]
    assert any("'answer' is void" in line for line in scenario_warnings(scenario))


def test_a_dropped_event_can_be_written_anew(small: Path, write: Write) -> None:
    path = write(
        """\
        title = "x"
        extends = "small.toml"
        drop = ["raid"]
        [events.raid]
        kind = "crisis"
        date = 2022-01-05
        victim = "CLA"
        severity = 0.3
        [events.answer]
        date = 2022-01-20
        """
    )
    scenario = load(path)
    assert scenario.events["raid"].kind == "crisis"
    assert scenario.drop == ["appeal", "flight"]
    assert list(resolve(scenario, "forces").events) == ["war", "answer", "raid"]


def test_a_dropped_event_stays_dropped_for_branches_that_change_it(small: Path, write: Write) -> None:
    scenario = load(write('title = "x"\nextends = "small.toml"\ndrop = ["answer"]\n'))
    assert "answer" not in resolve(scenario, "forces").events


def test_inherited_events_outside_a_shorter_period_are_left_out_with_a_warning(small: Path, write: Write) -> None:
    scenario = load(write('title = "x"\nextends = "small.toml"\nend = 2022-01-01\n'))
    assert list(resolve(scenario, "forces").events) == ["war"]
    warnings = scenario_warnings(scenario)
    assert any("left out" in line and "raid, appeal, answer, flight" in line for line in warnings)
    assert len(warnings) == 1


def test_events_after_an_overridden_end_are_left_out(small: Path) -> None:
    scenario = load(small, ["end=2022-01-01"])
    assert list(resolve(scenario, None).events) == ["war"]


def test_checking_files_lists_the_problems_of_all(small: Path, write: Write) -> None:
    bad = write("title = 3\n", "bad.toml")
    worse = write("title = \n", "worse.toml")
    problems = check_files([bad, small, worse])
    assert {problem.file for problem in problems} == {str(bad), str(worse)}


def test_problems_of_a_missing_file_do_not_hide_those_of_others(write: Write) -> None:
    write("title = \n", "broken.toml")
    path = write('title = "x"\nextends = ["none.toml", "broken.toml"]\n')
    assert len(check_files([path])) == 2


def test_reading_needs_no_heavy_package() -> None:
    code = (
        "import sys, sim.scenario as s\n"
        "assert not s.check_files(['scenarios/first-steps.toml'])\n"
        "heavy = {'numpy', 'pandas', 'mesa', 'numba', 'scipy', 'matplotlib', 'xarray'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("order", [("Aid", "Bond"), ("Bond", "Aid")])
def test_the_focus_does_not_hang_on_the_order_of_the_file(write: Write, order: tuple[str, str]) -> None:
    treaties = "".join(f'[treaties.{name}]\nmembers = ["PAT", "CLA", "FAR"]\nladder = true\n' for name in order)
    text = SMALL.replace("[treaties.PACT]", treaties + "[treaties.PACT]\nladder = false")
    assert focus_of(load(write(text))) == "Aid"
