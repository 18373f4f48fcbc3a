import json
from pathlib import Path

import pytest

import sim
from sim.analysis.blocs import find_blocs
from tests.cli.conftest import Command


def test_blocs_says_who_stands_with_whom(command: Command, place: Path):
    rivals = ("--set", "dyads.BBB.DDD.ties=-0.7", "--set", "dyads.CCC.DDD.ties=0.2")
    done = command("blocs", "small.toml", "--branch", "help-comes", *rivals)
    assert done.code == 0
    assert "small, help-comes, 2021-01-01): 1 stable alignment of 8" in done.out
    rows = [line.split() for line in done.out.splitlines()]
    assert ["1", "AAA", "BBB", "CCC", "DDD", "-0.00198", "100.0", "%"] in rows
    assert ["BBB", "2.2", "%", "0.567"] in rows
    assert "3 of 6 pairs have no coded ties" in done.err
    found = json.loads(command("blocs", "small.toml", *rivals, "--json").out)
    expected = find_blocs(sim.load(place / "small.toml", rivals[1::2]), "as-it-was")
    (only,) = expected.minima
    assert found == {
        "scenario": "small.toml",
        "branch": "as-it-was",
        "date": "2021-01-01",
        "configurations": 8,
        "uncoded": 3,
        "unattached": [],
        "sizes": expected.sizes,
        "alignments": [
            {"sides": [["AAA", "BBB"], ["CCC", "DDD"]], "energy": only.energy, "basin": 8, "holds": only.holds}
        ],
    }


def test_who_has_no_ties_has_no_place(command: Command):
    done = command("blocs", "small.toml", "--date", "2021-06")
    assert done.code == 0
    assert "2021-06-30" in done.out
    assert "nobody" in done.out
    assert "without a place: CCC, DDD" in done.err


def test_what_only_a_run_can_tell_is_said(command: Command, place: Path):
    text = (place / "small.toml").read_text("utf-8")
    event = '[events.thaw]\ndate = 2021-03-01\nkind = "set"\nkey = "dyads.BBB.AAA.ties"\nvalue = 0.1\n'
    (place / "maybe.toml").write_text(f'{text}\n{event}only_if = "BBB.posture >= voice"\n', "utf-8")
    done = command("blocs", "maybe.toml", "--date", "end", "--json")
    assert done.code == 0
    assert json.loads(done.out)["date"] == "2021-12-31"
    assert "only a run can tell whether it happens: thaw" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("small.toml", "--date", "2022-01"), "'2022-01': no tick ends then; allowed: 2021-01..2021-12, start, end"),
        (("small.toml", "--branch", "as-it-is"), "did you mean 'as-it-was'"),
        (("small.toml", "--state", "BBA"), "did you mean 'BBB'"),
        (("small.toml", "--state", "BBB", "--state", "CCC"), "there are no blocs"),
        (("small.toml", "--set", "dyads.BBB.AAA.ties=2"), "dyads.BBB.AAA.ties"),
        (("nowhere.toml",), "nowhere.toml"),
    ],
)
def test_blocs_refuses_what_it_cannot_answer(command: Command, arguments: tuple[str, ...], said: str):
    done = command("blocs", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_blocs_help_has_an_example(command: Command):
    done = command("blocs", "--help")
    assert done.code == 0
    assert "csto-sim blocs" in done.out.partition("Example")[2]
