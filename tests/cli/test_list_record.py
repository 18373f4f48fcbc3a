import json

import pytest

from sim.evidence.entries import entries
from sim.evidence.record import load_record
from tests.cli.conftest import Command


def test_the_record_is_listed(command: Command) -> None:
    done = command("list", "record", "--table", "postures", "--state", "ARM")
    assert done.code == 0
    assert "2024-02-22" in done.out
    assert "BLR" not in done.out
    assert done.out.splitlines()[-1] == "known until 2026-06-30: postures"
    listed = json.loads(command("list", "record", "--json").out)
    rows = listed["record"]
    assert listed["known_until"]["polls"] == "2026-02-13"
    assert {"state": "ARM", "posture": "freeze"}.items() <= next(
        row for row in rows if row["table"] == "postures" and row["date"] == "2024-02-22"
    ).items()
    assert all(row["source"] for row in rows)
    assert len(rows) == len(entries(load_record()))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("record", "--table", "posture"), "did you mean 'postures'"),
        (("record", "--state", "UZZ"), "did you mean 'UZB'"),
        (("events", "--state", "ARM"), "go with 'list record', not with 'list events'"),
    ],
)
def test_lists_that_there_are_not(command: Command, arguments: tuple[str, ...], said: str) -> None:
    done = command("list", *arguments)
    assert done.code == 2
    assert said in done.err
