"""The command import: what it prints fits into a scenario, and what it refuses."""

import tomllib
from pathlib import Path

import pytest

from sim.experiments.alliance_model import AllianceModel
from sim.interop.codes import state_codes
from sim.scenario import load
from tests.cli.conftest import Command
from tests.interop import files

HEAD = 'title = "A piece in its place"\nextends = "csto"\nstart = 2020-01-01\nend = 2021-12-31\n\n'
DATA_SETS = {
    "cow-nmc": (files.NMC, "--year 2015-2016 --states RUS,ARM"),
    "v-dem": (files.VDEM, "--year 2015 --states RUS,ARM"),
    "un-ideal-points": (files.POINTS, "--year 2016 --states RUS,ARM,AZE"),
    "contiguity": (files.CONTDIR, "--date 2016-12-31 --states RUS,ARM,AZE,BLR"),
    "sipri-arms": (files.REGISTER, "--year 2015-2019 --states ARM,RUS,AZE,TUR"),
    "atop-members": (files.ATOP_MEMBERS, "--date 2016-12-31 --states RUS,ARM,BLR,AZE"),
    "atop-dyads": (files.ATOP_DYADS, "--year 2016 --states RUS,ARM,AZE"),
    "cow-alliances": (files.COW_MEMBERS, "--date 2012-06-30 --states RUS,ARM,AZE,TUR"),
}


@pytest.mark.parametrize("name", DATA_SETS)
def test_a_piece_is_valid_in_a_scenario(command: Command, place: Path, name: str) -> None:
    text, options = DATA_SETS[name]
    files.written(place, "data.csv", text, "latin-1")
    done = command("import", name, "data.csv", *options.split())
    assert done.code == 0, done.err
    (place / "piece.toml").write_text(HEAD + done.out, encoding="utf-8")
    checked = command("validate", "piece.toml")
    assert checked.code == 0, checked.out
    world = load(place / "piece.toml")
    piece = tomllib.loads(done.out)
    assert piece
    for table, entries in piece.items():
        assert set(entries) <= set(getattr(world, table)), table
    for line in done.err.splitlines():
        assert line.startswith("left out: ")
        assert f"# Left out: {line.removeprefix('left out: ')}" in done.out


def test_capabilities_alone_make_states_of_a_new_world(command: Command, place: Path) -> None:
    files.written(place, "NMC.csv", files.NMC)
    done = command("import", "cow-nmc", "NMC.csv", "--year", "2016", "--states", "RUS,ARM", "--out", "states.toml")
    assert (done.code, done.out) == (0, "")
    assert "wrote states.toml" in done.err
    head = 'title = "Two states"\nstart = 2016-01-01\nend = 2016-12-31\nfocus = "PACT"\n\n'
    treaty = '\n[treaties.PACT]\nmembers = ["RUS", "ARM"]\nladder = true\n'
    (place / "two.toml").write_text(head + (place / "states.toml").read_text("utf-8") + treaty, "utf-8")
    assert command("validate", "two.toml").code == 0
    assert load(place / "two.toml").states["RUS"].capability.at(2016) == 0.0400789


def test_in_a_run_the_sides_of_a_conflict_owe_each_other_nothing(command: Command, place: Path) -> None:
    files.written(place, "m.csv", files.ATOP_MEMBERS)
    done = command("import", "atop-members", "m.csv", "--date", "2016-12-31", "--states", "RUS,ARM,BLR,AZE")
    (place / "piece.toml").write_text(HEAD + done.out, encoding="utf-8")
    model = AllianceModel(load(place / "piece.toml"), rng=1)
    owed = {(duty.treaty, other) for duty in model.state("ARM").obligations for other in duty.to}
    assert ("ATOP-4400-ARM", "BLR") in owed
    assert not any(other == "AZE" for _, other in owed)
    assert ("ATOP-4400", "AZE") in {
        (duty.treaty, other) for duty in model.state("RUS").obligations for other in duty.to
    }


def test_import_is_refused_with_one_message(command: Command, place: Path) -> None:
    files.written(place, "NMC.csv", files.NMC)
    files.written(place, "dy.csv", files.ATOP_DYADS)
    (place / "there.toml").write_text("", "utf-8")
    for words, said in (
        ("cow-nmc NMC.csv --year 2017 --states RUS", "no row in 2017: RUS (has 2015-2016)"),
        ("cow-nmc NMC.csv --year sixteen --states RUS", "--year sixteen: no year; allowed: a year such as 2016"),
        ("cow-nmc NMC.csv --year 2016-2015 --states RUS", "--year 2016-2015: no year"),
        ("cow-nmc NMC.csv --year 2016 --states XYZ", "unknown state 'XYZ'"),
        ("cow-nmc dy.csv --year 2016 --states RUS", "dy.csv: no column ccode, cinc, tpop"),
        ("cow-nmc NMC.csv --year 2016 --states RUS --out there.toml", "there.toml: exists; give a new file"),
        ("cow-nmc NMC.csv --year 2016 --states RUS --out none/there.toml", "there is no folder"),
        ("atop-dyads dy.csv --year 2015-2016 --states RUS,ARM", "treaties are read for one year"),
        ("atop-dyads dy.csv --year 2016 --states RUS,ARM --conflict RUS", "--conflict RUS: not two states"),
        ("contiguity dy.csv --date 2016 --states RUS,ARM", "--date 2016: no day; allowed: a day such as 2016-12-31"),
    ):
        done = command("import", *words.split())
        assert (done.code, done.out) == (2, ""), words
        assert said in done.err, words
        assert done.err.startswith("csto-sim: "), words
        assert len(done.err.strip().splitlines()) == 1, words


@pytest.mark.parametrize("name", DATA_SETS)
def test_all_states_say_at_most_ten_lines(command: Command, place: Path, name: str) -> None:
    text, options = DATA_SETS[name]
    files.written(place, "data.csv", text, "latin-1")
    when = options.split()[:2]
    skip = ["--skip-missing"] if name in {"cow-nmc", "v-dem", "un-ideal-points"} else []
    done = command("import", name, "data.csv", *when, "--states", ",".join(state_codes()), *skip, "--out", "all.toml")
    assert done.code == 0, done.err
    lines = done.err.splitlines()
    assert len(lines) <= 10
    assert max(map(len, lines)) < 600
    comments = (place / "all.toml").read_text("utf-8")
    for line in lines[:-1]:
        assert line.partition(": ")[2][:20] in comments


def test_more_reasons_than_ten_lines_are_counted(command: Command, place: Path) -> None:
    years = range(1990, 2016)
    rows = [f"X,{state.cow},{1980 + place_},1,1,1,1,1,1,.01,1" for place_, state in enumerate(state_codes().values())]
    files.written(place, "NMC.csv", "\n".join([files.NMC.splitlines()[0], *rows]))
    states = ",".join(state_codes())
    done = command(
        "import",
        "cow-nmc",
        "NMC.csv",
        "--year",
        f"{years[0]}-{years[-1]}",
        "--states",
        states,
        "--skip-missing",
        "--out",
        "o.toml",
    )
    assert done.code == 0
    lines = done.err.splitlines()
    assert len(lines) == 10
    assert lines[-2] == "and 19 more remarks; all of them, in full, are comments of the fragment"


def test_carried_values_are_valid_and_say_so(command: Command, place: Path) -> None:
    files.written(place, "NMC.csv", files.NMC)
    words = ["import", "cow-nmc", "NMC.csv", "--year", "2022", "--states", "RUS,ARM"]
    assert command(*words, "--carry").code == 2
    done = command(*words, "--carry-years", "7")
    assert done.code == 0
    assert "carried: RUS: cinc, last known year: 2016 for 2022" in done.err.replace("RUS, ARM", "RUS")
    (place / "piece.toml").write_text(HEAD + done.out, encoding="utf-8")
    assert command("validate", "piece.toml").code == 0
    assert load(place / "piece.toml").states["RUS"].capability.at(2020) == 0.0400789
    assert command(*words, "--carry-years", "0").code == 2


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_data_set_has_help_with_an_example(command: Command, name: str) -> None:
    done = command("import", name, "--help")
    assert done.code == 0
    assert f"csto-sim import {name} " in done.out
