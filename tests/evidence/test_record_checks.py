"""What the record refuses: each check fails on one changed cell, with file, line and what is allowed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.record import KINDS, RECORD, load_record
from sim.evidence.tables import KNOWN_UNTIL

Change = Callable[[str, str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "record"
    shutil.copytree(RECORD, copy)
    return copy


@pytest.fixture
def change(folder: Path) -> Change:
    """Return a function that replaces a text, found once in a table, by another."""

    def replace(table: str, old: str, new: str) -> Path:
        path = folder / table
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return replace


def test_a_copy_of_the_shipped_record_is_accepted(folder: Path) -> None:
    assert len(load_record(folder).attacks) == len(load_record().attacks)


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("attacks.csv", "batken-2000,2000-08-11", "batken-2000,2000-08-32", "date: '2000-08-32' is no date"),
        ("attacks.csv", "batken-2000,2000-08-11", "batken-2000,1988-08-11", "lies outside the record; allowed: 1992"),
        ("attacks.csv", "batken-2000,2000-08-11", "batken-2000,1998-08-11", "1998-08-11 stands after 1999-08-22"),
        ("attacks.csv", "2000-08-11,month", "2000-08-11,week", "precision: 'week' is not known; allowed: day, month"),
        ("attacks.csv", "batken-2000,", "batken-1999,", "'batken-1999' stands there twice"),
        ("known-until.csv", "polls,2026-02-13", "polls,2026-01-31", "date: 2026-02-13 is after 2026-01-31, until when"),
        ("known-until.csv", "arms,2024-12-31", "arms,2023-12-31", "last: 2024-12-31 is after 2023-12-31"),
        ("known-until.csv", "calls,2026", "attacks,2026", "table: 'attacks' twice; allowed: each table once"),
        ("known-until.csv", "calls,2026-06-30,as attacks\n", "", "has no row for 'calls'"),
        ("attacks.csv", "attack,UKR,RUS", "attack,UKR,RUZ", "victim: 'RUZ' is not known"),
        ("attacks.csv", "attack,UKR,RUS", "attack,RUS,RUS", "victim: is the aggressor too"),
        ("attacks.csv", "attack,UKR,RUS", "crisis,UKR,RUS", "aggressor: 'UKR' in a row of kind crisis"),
        ("attacks.csv", "attack,UKR,RUS", "attack,,RUS", "aggressor: '' in a row of kind attack"),
        ("attacks.csv", "RUS,Kursk,recognised", "RUS,Kursk,unrest", "ground: 'unrest' in a row of kind attack"),
        ("attacks.csv", "RUS,Kursk,", "RUS,Kurks,", "place: 'Kurks' is not known"),
        ("attacks.csv", "RUS,Kursk,recognised", "RUS,Kursk,own", "ground: 'own' is not known; allowed: recognised"),
        ("calls.csv", "kursk-2024,2024-08-14", "kurks-2024,2024-08-14", "did you mean 'kursk-2024'"),
        ("calls.csv", "kursk-2024,2024-08-14", "kursk-2024,2024-08-01", "2024-08-01 is before 'kursk-2024'"),
        ("calls.csv", "day,RUS,CSTO,4", "day,BLR,CSTO,4", "BLR is not the victim, who alone can call"),
        ("calls.csv", "RUS,CSTO,4,false", "RUS,CSTO,4,no", "made: 'no' is not known; allowed: true, false"),
        ("calls.csv", "RUS,CSTO,4", "RUS,NATO,4", "treaty: 'NATO' is not known"),
        ("calls.csv", "2020-10-31,day,ARM,RUS-ARM-1997", "2020-10-31,day,ARM,CSTO", "'CSTO' stands there twice"),
        ("calls.csv", "osh-2010,2010-06-12", "kursk-2024,2024-08-14", "stands too late"),
        ("responses.csv", "2022-01-06,day,BLR,forces", "2022-01-06,day,BLR,troops", "response: 'troops' is not known"),
        ("responses.csv", "2022-01-06,day,BLR,", "2022-04-06,day,BLR,", "more than 90 days after 'kazakhstan-2022'"),
        ("responses.csv", "2022-01-06,day,BLR,", "2022-01-06,day,KAZ,", "KAZ is a side of 'kazakhstan-2022'"),
        ("responses.csv", "2022-01-06,day,BLR,", "2022-01-06,day,RUS,", "RUS has answered 'kazakhstan-2022' already"),
        ("responses.csv", "2022-01-06,day,BLR,", "2022-01-06,day,CHN,", "state: 'CHN' is not known"),
        ("responses.csv", "BLR,none,materiel", "BLR,none,none", "offered: none is no more than none"),
        ("moves.csv", "2008-08-26,day", "2018-08-26,day", "stands after 2018-08-26"),
        ("moves.csv", "2008-08-26,day,policy", "2008-08-26,day,plan", "kind: 'plan' is not known"),
        ("moves.csv", "policy,RUS,GEO,other", "policy,RUS,GEO,up", "direction: 'up' is not known; allowed: away"),
        ("postures.csv", "ARM,2024-02-22,freeze", "ARM,2024-02-22,frozen", "posture: 'frozen' is not known"),
        (
            "postures.csv",
            "ARM,2024-02-22,freeze",
            "ARM,2024-02-22,notify",
            "notify cannot follow reduce; allowed: voice",
        ),
        ("postures.csv", "ARM,2024-02-22,freeze", "ARM,2024-02-22,out", "out cannot follow reduce"),
        ("postures.csv", "ARM,2024-02-22,freeze", "ARM,2021-02-22,freeze", "2021-02-22 stands after 2022-09-26"),
        ("postures.csv", "UZB,1999-04-02,out", "UZB,1999-04-03,out", "out cannot follow loyal; allowed: voice"),
        ("postures.csv", "UZB,2006-06-23,loyal", "UZB,2006-06-23,voice", "voice cannot follow outside the treaty"),
        ("postures.csv", "GEO,2026-07-01,unknown", "GEO,2026-07-01,loyal", "the last row does not end the record"),
        ("postures.csv", "GEO,1999-04-02,out", "GEO,1999-04-02,unknown", "'unknown' is not the last row"),
        ("postures.csv", "GEO,1999-04-02", "POL,1999-04-02", "state: 'POL' is not known"),
        ("polls.csv", "other,54.4,", "other,154.4,", "percent: '154.4' is out of range; allowed: 0 to 100"),
        ("polls.csv", "other,54.4,", "other,half,", "percent: 'half' is no number"),
        ("polls.csv", "other,54.4,", "trusts,54.4,", "measure: 'trusts' is not known"),
        ("polls.csv", "2015-09-21,1105", "2015-09-21,many", "n: 'many' is no number of persons"),
        ("polls.csv", "poll for Radio Sputnik", "somebody", "pollster: 'somebody' is not known"),
        ("arms.csv", "2015,2019,0.31", "2015,2014,0.31", "last: 2014 is before the first year, 2015"),
        ("arms.csv", "2015,2019,0.31", "1915,2019,0.31", "first: '1915' is no year of the record"),
        ("arms.csv", "2015,2019,0.31", "2015,2019,31", "share: '31' is out of range; allowed: 0 to 1"),
        ("arms.csv", "SIPRI via Eurasianet,high", ",high", "source: is empty"),
        ("arms.csv", "SIPRI via Eurasianet,high", "SIPRI via Eurasianet,sure", "confidence: 'sure' is not known"),
        ("arms.csv", "SIPRI via Eurasianet,high,", "SIPRI via Eurasianet,high", "has 8 cells; allowed: 9 cells"),
        ("arms.csv", "state,supplier", "state,seller", "the columns are state, seller"),
        ("actors.csv", "CHN,China,", "CHN,China", "has 2 cells"),
    ],
)
def test_a_wrong_cell_is_refused(change: Change, table: str, old: str, new: str, said: str) -> None:
    place = change(table, old, new)
    with pytest.raises(InputError) as refused:
        load_record(place)
    lines = str(refused.value).splitlines()
    assert any(said in line for line in lines), lines
    files = tuple(f"{name}.csv:" for name in (*KINDS, "actors", KNOWN_UNTIL))
    assert all(line.startswith(files) for line in lines), lines


def test_the_line_is_named(change: Change) -> None:
    place = change("arms.csv", "2015,2019,0.31", "2015,2019,31")
    with pytest.raises(InputError, match=r"^arms\.csv:7: share: "):
        load_record(place)


def test_every_problem_is_told_at_once(change: Change) -> None:
    change("arms.csv", "2015,2019,0.31", "2015,2019,31")
    place = change("attacks.csv", "RUS,Kursk,", "RUS,Kurks,")
    with pytest.raises(InputError) as refused:
        load_record(place)
    assert len(str(refused.value).splitlines()) == 2


def test_files_that_are_not_there_or_no_text(folder: Path) -> None:
    (folder / "moves.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"moves\.csv: is not CSV text in UTF-8"):
        load_record(folder)
    (folder / "moves.csv").write_text("")
    with pytest.raises(InputError, match=r"moves\.csv:1: the columns are missing"):
        load_record(folder)
    (folder / "moves.csv").unlink()
    with pytest.raises(InputError, match=r"no coded record: moves\.csv missing"):
        load_record(folder)


def test_a_table_may_be_empty(folder: Path) -> None:
    for name in ("polls", "arms"):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    record = load_record(folder)
    assert record.polls.empty
    assert list(record.arms.columns)[:2] == ["state", "supplier"]


def test_sources_must_be_toml(folder: Path) -> None:
    (folder / "sources.toml").write_text("= nothing")
    with pytest.raises(InputError, match=r"sources\.toml: not valid TOML"):
        load_record(folder)
