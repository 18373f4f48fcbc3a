from pathlib import Path

import pytest

from sim.model.events import EVENT_KINDS
from sim.scenario import Scenario, load
from sim.scenario.injects import COLUMNS, INJECTED, with_injects
from sim.scenario.problems import ScenarioError
from tests.explorer.conftest import FIRST_STEPS

HEAD = ",".join(COLUMNS)


@pytest.fixture(scope="module")
def first_steps() -> Scenario:
    return load(FIRST_STEPS)


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    file = folder / "lesson.csv"
    file.write_text("\n".join((head, *rows, "")), "utf-8")
    return file


def test_rows_become_events_of_their_kinds(first_steps: Scenario, tmp_path: Path):
    file = table(
        tmp_path, "2023-09-19,attack,AZE ARM,0.9,Shelling", "", "2023-10-01,leader,KGZ,,", "2023-11-01,aid,FRA;ARM,1,"
    )
    changed = with_injects(first_steps, file)
    added = {name: event for name, event in changed.events.items() if name not in first_steps.events}
    assert list(added) == ["inject-2", "inject-4", "inject-5"]
    attack, leader, aid = added.values()
    assert (attack.kind, attack.aggressor, attack.victim, attack.severity) == ("attack", "AZE", "ARM", 0.9)  # type: ignore[attr-defined]
    assert (attack.note, attack.source) == ("Shelling", "lesson.csv, line 2")
    assert (leader.kind, leader.state) == ("leader", "KGZ")  # type: ignore[attr-defined]
    assert (aid.state, aid.target, aid.value) == ("FRA", "ARM", 1.0)  # type: ignore[attr-defined]
    assert changed.branches == first_steps.branches


def test_the_kinds_that_a_table_can_hold():
    assert INJECTED["coercion"] == (("state", "target"), "severity")
    assert INJECTED["leader"] == (("state",), None)
    assert INJECTED["rhetoric"].value == "tone"
    assert set(EVENT_KINDS) - set(INJECTED) == {
        "call", "response", "promise", "recognition", "membership", "set", "window",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("2023-13-19,attack,AZE ARM,0.9,", "date", "'2023-13-19' is no day"),
        ("2033-09-19,attack,AZE ARM,0.9,", "date", "lies outside the period"),
        ("2023-09-19,atack,AZE ARM,0.9,", "kind", "'atack' is no kind of event"),
        ("2023-09-19,call,ARM,,", "kind", "needs more than a table has"),
        ("2023-09-19,attack,AZE,0.9,", "states", "'AZE' does not name aggressor and victim"),
        ("2023-09-19,attack,AZE XYZ,0.9,", "states", "there is no state 'XYZ'"),
        ("2023-09-19,attack,AZE arm,0.9,", "states", "'arm' cannot be used here"),
        ("2023-09-19,attack,AZE AZE,0.9,", "states", "aggressor and victim are the same state"),
        ("2023-09-19,attack,AZE ARM,9,", "value", "9.0 is out of range"),
        ("2023-09-19,attack,AZE ARM,nan,", "value", "nan is not a finite number"),
        ("2023-09-19,attack,AZE ARM,,", "value", "'' is no number"),
        ("2023-09-19,leader,ARM,0.2,", "value", "an event of kind 'leader' has no number"),
        ("2023-09-19,attack,AZE ARM,0.2", "", "the row has 4 cells"),
    ],
)
def test_a_bad_row_is_refused_with_file_line_and_column(
    first_steps: Scenario, tmp_path: Path, row: str, column: str, problem: str
):
    file = table(tmp_path, "2023-09-18,attack,AZE ARM,0.2,", row)
    with pytest.raises(ScenarioError) as refused:
        with_injects(first_steps, file)
    (found,) = refused.value.problems
    assert (found.file, found.line, found.key) == (str(file), 3, column)
    assert problem in found.problem


def test_all_bad_rows_are_told_at_once(first_steps: Scenario, tmp_path: Path):
    rows = ("2023-13-19,attack,AZE ARM,0.9,", "2023-09-19,attack,AZE ARM,9,", "2023-09-19,attack,AZE XYZ,0.9,")
    with pytest.raises(ScenarioError) as refused:
        with_injects(first_steps, table(tmp_path, *rows))
    assert [(each.line, each.key) for each in refused.value.problems] == [(2, "date"), (3, "value"), (4, "states")]


def test_files_that_are_no_table_are_refused(first_steps: Scenario, tmp_path: Path):
    wrong = tmp_path / "wrong.csv"
    for content, problem in (
        (b"", "the head is not known"),
        (b"date;kind\n", "the head is not known"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (f'{HEAD}\n2023-01-01,"x\n'.encode(), "is not valid CSV"),
        (f"{HEAD}\n".encode() + b"2023-01-01,leader,ARM,,\n" * 1001, "there are too many rows"),
    ):
        wrong.write_bytes(content)
        with pytest.raises(ScenarioError, match=problem):
            with_injects(first_steps, wrong)
    with pytest.raises(ScenarioError, match="cannot be read"):
        with_injects(first_steps, tmp_path / "missing.csv")
    assert with_injects(first_steps, table(tmp_path)).events == first_steps.events
