"""Numbers that are huge, negative or none at all are refused in words, in every field of every file that users give."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from sim.errors import InputError
from sim.evidence.cases.features import features_of
from sim.evidence.cases.reading import cases_of, load_file, outcomes_of
from sim.evidence.hindcast.draws import draws_of
from sim.evidence.registered.questions import read_questions
from sim.experiments.parameters.explanations import read_explanation
from sim.experiments.parameters.posteriors import Posterior, load_posterior
from sim.experiments.parameters.priors import prior_draws
from sim.experiments.played import read_played
from sim.experiments.sweep_file import read_plan
from sim.interop.arms import arms
from sim.interop.atop import atop_dyads, atop_members
from sim.interop.capabilities import capabilities
from sim.interop.codes import states_named
from sim.interop.contiguity import contiguity
from sim.interop.cow_alliances import cow_alliances
from sim.interop.democracy import democracy
from sim.interop.ideal_points import ideal_points
from sim.scenario import load
from sim.scenario.injects import with_injects
from sim.seats import text_seat
from tests.evidence.cases import made
from tests.interop import files

SMALL = Path(__file__).parent / "experiments" / "small.toml"

HUGE: Final = "1" + "0" * 400
"""A whole number beyond any float."""

LONG: Final = "9" * 5000
"""A whole number beyond what Python reads."""

NEVER: Final = (HUGE, f"-{HUGE}", LONG, "nan", "-inf", "1e999")
"""What no field can hold, as TOML and CSV write it."""

PERHAPS: Final = ("-1", "1e308", str(2**63))
"""What some fields can hold; the others refuse it in words."""

IN_JSON: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}

_NUMBER: Final = re.compile(r"(?<=[=\[{, ])-?\d+(?:\.\d+)?(?=[ ,\]}\n])(?! =)")


def said(read: Callable[[], object]) -> str:
    """Return the message with which something is refused, empty if it is read; other errors are not caught."""
    try:
        read()
    except InputError as error:
        return str(error)
    return ""


def check(read: Callable[[], object], number: str, where: object) -> None:
    """Check that a number in a field is refused in one short sentence, or may stand there."""
    message = said(read)
    assert message or number in PERHAPS, f"{where}: {number[:10]} is read"
    assert len(message) < 600, where
    assert "\n" not in message, where
    assert "sys." not in message, where
    assert LONG[:50] not in message, where


def in_toml(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield what stands before and after a number of a text, and its key, for each key of each kind of event once."""
    seen = set()
    for match in _NUMBER.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : text.index("\n", match.end())]
        before = line[: match.start() - text.rfind("\n", 0, match.start()) - 1]
        if "#" in before or before.count('"') % 2:
            continue
        key = re.findall(r"([\w.\"-]+)\s*=[^=]*$", before)[-1]
        kind = re.findall(r'kind = "\w+"', line)
        if (key, *kind) not in seen:
            seen.add((key, *kind))
            yield text[: match.start()], text[match.end() :], f"{key} {kind}"


def in_tables(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each number of a JSON content, and of each value that may be missing."""
    inner = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    for key, value in inner:
        yield from in_tables(value, (*path, key))
    if table is None or (isinstance(table, int | float) and not isinstance(table, bool)):
        yield path


def with_number(content: Any, path: tuple[Any, ...], number: str) -> str:
    """Return a JSON text with a number in place of one value."""
    text = json.dumps(made.put(content, "VALUE", *path))
    return text.replace('"VALUE"', IN_JSON.get(number, number))


SCENARIO: Final = """
extends = "small.toml"
title = "A scenario"
replicates = 4
seed = 3
[treaties.PACT]
notice_months = 6
exclusive = 0.5
clauses.defence = { strength = 0.9, coverage = { border = 0.4, places = { Hill = 0.3 } } }
[places]
Hill = { owner = "BBB", location = [40.0, 40.0] }
[states]
AAA = { population = 9, democracy = { 2020 = 0.2, 2021 = 0.3 }, overstretch = { value = 0.1 }, attention = 0.1 }
BBB = { approval = 0.4 }
[dyads.AAA]
CCC = { distance = 900, regime_distance = 0.2, energy = 0.1, remittances = 0.1, base = 0.2 }
[beliefs.BBB]
AAA = { trust = 0.7, confidence = 4.0 }
[parameters]
memory_half_life = 40
[events]
rising = { date = 2021-03-03, kind = "crisis", victim = "CCC", severity = 0.6, foreign = true }
crowd = { date = 2021-04-03, kind = "protest", state = "BBB", severity = 0.4 }
words = { date = 2021-04-04, kind = "rhetoric", state = "AAA", target = "BBB", tone = -0.5 }
trek = { date = 2021-05-01, kind = "refugees", state = "BBB", value = 50000 }
arms = { date = 2021-05-02, kind = "aid", state = "DDD", target = "BBB", channel = "arms", value = 0.3 }
recall = { date = 2021-05-05, kind = "promise", state = "AAA", target = "BBB", owed = 0.5, given = 0.2, severity = 0.6 }
pledge = { date = 2021-05-03, kind = "offer", state = "DDD", target = "BBB", value = 0.6 }
ban = { date = 2021-06-01, kind = "coercion", state = "AAA", target = "BBB", channel = "trade", severity = 0.4 }
visit = { date = 2021-06-02, kind = "reassurance", state = "AAA", target = "CCC", severity = 0.3 }
cabinet = { date = 2021-07-03, kind = "government", state = "BBB", line = 0.6 }
fear = { date = 2021-11-01, kind = "set", key = "dyads.BBB.DDD.threat", value = 0.2 }
hill = { date = 2021-11-20, kind = "attack", aggressor = "DDD", victim = "BBB", severity = 0.9, coverage = 0.4 }
"""

SWEEP: Final = """
title = "A sweep"
scenario = "small.toml"
replicates = 3
seed = 2
metrics = ["BBB.trust[AAA]@end"]
[design]
kind = "morris"
samples = 8
levels = 4
[factors]
"events.away.value" = { from = 0.1, to = 0.5 }
"parameters.memory_half_life" = { values = [24, 60] }
[set]
"events.raid.severity" = 0.7
"""

QUESTIONS: Final = """
title = "Questions"
scenario = "small.toml"
replicates = 10
seed = 31
known_until = 2021-01-31
branches.as-it-was = { weight = 1.0, note = "all" }
[questions.bria]
question = "Will Bria speak up?"
expression = "BBB.posture@2021-12 >= voice"
resolution = "Yes if it does."
resolves_on = 2021-12-31
source = "made up"
reference = { per_year = 0.0175, source = "made up" }
[questions.help]
question = "What will the answer be?"
expression = "response(PACT, 2021-02..2021-12)"
resolution = "As it is."
resolves_on = 2021-12-31
source = "made up"
reference.source = "made up"
reference.shares = { none = 0.2, statement = 0.2, mission = 0.2, materiel = 0.2, forces = 0.2 }
"""

EXPLANATION: Final = """
title = "One"
meaning = "made up"
[parameters]
audience_cost = 0.1
"""

TOML: dict[str, tuple[str, Callable[[Path], object]]] = {
    "scenario": (SCENARIO, load),
    "sweep": (SWEEP, read_plan),
    "questions": (QUESTIONS, read_questions),
    "explanation": (EXPLANATION, read_explanation),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a small scenario."""
    (tmp_path / "small.toml").write_bytes(SMALL.read_bytes())
    return tmp_path


@pytest.mark.parametrize("kind", TOML)
def test_numbers_of_toml_files(place: Path, kind: str):
    text, read = TOML[kind]
    path = place / "mine.toml"
    path.write_text(text, "utf-8")
    assert said(lambda: read(path)) == ""
    for before, after, key in in_toml(text):
        for number in (HUGE, "nan", "-1", "1e308"):
            path.write_text(before + number + after, "utf-8")
            check(lambda: read(path), number, key)


def test_numbers_of_case_files(tmp_path: Path):
    content = [made.entry(cluster="one")]
    path = tmp_path / "made.json"

    def read() -> None:
        file = load_file(path)
        cases_of(file)
        outcomes_of(file)
        features_of(file.cases.values())

    ignored = ("outside_option_quality", "outside_option_rule")  # which nothing reads
    paths = [there for there in in_tables(content) if there[-1] not in ignored]
    assert len(paths) > 30
    for there in paths:
        for number in NEVER:
            path.write_text(with_number(content, there, number), "utf-8")
            check(read, number, there)


def test_a_refused_number_of_a_case_is_named_with_case_key_value_and_range(tmp_path: Path):
    months = (0, "treaty_obligations", "notice_period", "months")
    for number, digits in ((HUGE, 401), (LONG, 5000)):
        path = tmp_path / "made.json"
        path.write_text(with_number([made.entry()], months, number), "utf-8")
        assert said(lambda path=path: cases_of(load_file(path))) == (
            f"made.json: client_1950: treaty_obligations.notice_period.months: '{number[:36]}...' ({digits} digits) is "
            "no number of months; allowed: a number 0..1200, or null"
        )


def test_a_number_of_a_scenario_with_too_many_digits_is_named_with_its_line(place: Path):
    path = place / "mine.toml"
    path.write_text(SCENARIO.replace("notice_months = 6", f"notice_months = {LONG}"), "utf-8")
    assert said(lambda: load(path)) == (
        f"{path}:7: notice_months: '{LONG[:36]}...' (5000 digits) has too many digits; allowed: 4000 digits at most"
    )


def test_numbers_of_a_played_run_and_of_a_tape(tmp_path: Path):
    from sim import play

    path = play(load(SMALL), "BBB", lambda turn: turn.options[0], replicates=0, every=6).save(tmp_path / "played.json")
    content = json.loads(path.read_text("utf-8"))
    for there in in_tables({key: value for key, value in content.items() if key not in ("scenario", "answers")}):
        for number in (HUGE, LONG, "nan"):
            path.write_text(with_number(content, there, number), "utf-8")
            check(lambda: read_played(path), number, there)
    tape = tmp_path / "tape.jsonl"
    for number in NEVER:
        tape.write_text(f'{{"prompt": "a", "digest": {IN_JSON.get(number, number)}, "answers": []}}\n', "utf-8")
        check(lambda: text_seat._read(tape), number, "tape")


@pytest.mark.parametrize("number", [*NEVER, *PERHAPS])
def test_numbers_of_injects_draws_and_designs(place: Path, number: str):
    injects = place / "injects.csv"
    injects.write_text(f"date,kind,states,value,note\n2021-06-01,attack,DDD BBB,{number},\n", "utf-8")
    check(lambda: with_injects(load(SMALL), injects), number, "injects")
    draws = place / "draws.csv"
    for row in (f"{number},1", f"0.5,{number}"):
        draws.write_text(f"initial_trust,weight\n{row}\n", "utf-8")
        check(lambda: draws_of(str(draws), 3, 1), number, "draws")
    (place / "points.csv").write_text(f"events.away.value\n0.2\n{number}\n", "utf-8")
    sweep = place / "sweep.toml"
    sweep.write_text(SWEEP.partition("[design]")[0] + '[design]\nkind = "list"\nfile = "points.csv"\n', "utf-8")
    check(lambda: read_plan(sweep), number, "design")


def test_numbers_of_posteriors(tmp_path: Path):
    path = tmp_path / "mine.parquet"
    for value in (float("nan"), float("inf"), -1.0, 1e308):
        for column in ("values", "weights"):
            sets, weights = prior_draws(4, 1), np.full(4, 0.25)
            (sets[0] if column == "values" else weights)[:] = value
            Posterior.of_sets("mine", sets, weights, {}, {}).save(path)
            check(lambda: load_posterior(path), "nan", column)


DAY: Final = date(2016, 6, 1)
STATES: Final = "RUS,ARM"
IMPORTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "capabilities": (files.NMC, lambda path: capabilities(path, states_named("RUS"), [2016])),
    "democracy": (files.VDEM, lambda path: democracy(path, states_named(STATES), [2015])),
    "ideal points": (files.POINTS, lambda path: ideal_points(path, states_named(STATES), [2016])),
    "sessions": (files.SESSIONS, lambda path: ideal_points(path, states_named(STATES), [2016])),
    "contiguity by year": (files.CONTDIRD, lambda path: contiguity(path, states_named(STATES), date(2010, 6, 1))),
    "contiguity by spell": (files.CONTDIR, lambda path: contiguity(path, states_named(STATES), DAY)),
    "arms by deal": (files.REGISTER, lambda path: arms(path, states_named(STATES), [2016])),
    "arms by delivery": (files.DELIVERIES, lambda path: arms(path, states_named(STATES), [2016])),
    "ATOP members": (files.ATOP_MEMBERS, lambda path: atop_members(path, states_named(STATES), DAY, ())),
    "ATOP pairs": (files.ATOP_DYADS, lambda path: atop_dyads(path, states_named(STATES), 2016, ())),
    "COW members": (files.COW_MEMBERS, lambda path: cow_alliances(path, states_named(STATES), date(2012, 1, 1), ())),
    "COW pairs": (files.COW_DYADS, lambda path: cow_alliances(path, states_named(STATES), date(2012, 1, 1), ())),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", IMPORTS)
def test_numbers_of_imported_tables(tmp_path: Path, kind: str):
    """Each number of the first lines; what is not asked for need not be read, so that it may be refused or ignored."""
    text, read = IMPORTS[kind]
    path = tmp_path / "table.csv"
    cells = list(re.finditer(r"(?<=[,\t\n])-?[\d.]+(?=[,\t\r\n])", text))[:60]
    assert len(cells) > 15
    for cell in cells:
        for number in ("nan", "-inf", "1e999", "1e308", LONG, "-1"):
            path.write_text(text[: cell.start()] + number + text[cell.end() :], "utf-8")
            message = said(lambda: read(path))
            assert len(message) < 600
            assert LONG[:60] not in message
