"""Whatever stands in a file, the answer is a scenario or a list of problems, never a traceback."""

import json
import random
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.scenario import load, resolve, scenario_warnings, with_overrides
from sim.scenario.expressions import parse_condition, parse_metric
from sim.scenario.locate import key_lines
from sim.words import CHANNELS, RESPONSES
from tests.scenario.small_scenario import SMALL

START = date(2020, 1, 1)
CODES = ("AAA", "BBB", "CCC", "DDD", "EEE")
SHARES = st.floats(0, 1)
PIECES = (
    "[events]", "[[events]]", "[states.PAT]", "[branches.x.events]", "[]", "{}", "[[1]]", "= 3", "#", "\\",
    "nan", "inf", "-1", "1e400", "true", "0x7f", "9" * 4400, "a." * 30, "because_of", "only_if", "kind",
    "2020-02-30", "2020-01-01T00:00:00Z", "07:32:00", '"', '""', "'", "''", '"""', "'''", '"\\u0000"',
    "\x00", "\r", "\u202e", "extends = 'small.toml'", 'drop = ["raid"]',
)  # fmt: skip


@st.composite
def valid_scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the tables of a small scenario in which nothing is wrong."""
    codes = CODES[: draw(st.integers(3, 5))]
    members = list(codes[:-1]) if len(codes) > 3 else list(codes)
    days = st.integers(0, 700).map(lambda day: START + timedelta(days=day))
    events: dict[str, Any] = {
        "raid": {
            "kind": "attack", "date": draw(days), "aggressor": codes[-1], "victim": codes[0],
            "severity": draw(SHARES), "place": draw(st.sampled_from(["Hill", codes[0]])),
        }
    }  # fmt: skip
    if draw(st.booleans()):
        later = events["raid"]["date"] + timedelta(days=draw(st.integers(0, 90)))
        events["answer"] = {
            "kind": "response", "date": later, "state": codes[1], "to": "raid",
            "response": draw(st.sampled_from(RESPONSES)),
        }  # fmt: skip
    for number in range(draw(st.integers(0, 4))):
        one, other = draw(st.permutations(codes))[:2]
        kind = draw(st.sampled_from(["aid", "coercion"]))
        events[f"act-{number}"] = {
            "kind": kind, "date": draw(days), "state": one, "target": other,
            "channel": draw(st.sampled_from(CHANNELS)),
            "value" if kind == "aid" else "severity": draw(SHARES),
            **({"only_if": f"{codes[0]}.trust[{codes[1]}] < 0.5"} if draw(st.booleans()) else {}),
        }  # fmt: skip
    years = st.integers(1990, 2030).map(str)
    figures = st.one_of(st.floats(0.001, 1), st.dictionaries(years, st.floats(0.001, 1), min_size=1))
    return {
        "title": draw(st.text(max_size=20)),
        "start": START,
        "end": START + timedelta(days=draw(st.integers(800, 2000))),
        "states": {code: {"capability": draw(figures), "democracy": draw(SHARES)} for code in codes},
        "places": {"Hill": {"owner": codes[0]}},
        "treaties": {"PACT": {"members": members, "ladder": True}},
        "dyads": {codes[0]: {codes[1]: {"threat": draw(SHARES), "ties": draw(st.floats(-1, 1))}}},
        "events": events,
        "branches": {"a": {}, "b": {"drop": draw(st.lists(st.sampled_from(sorted(events)), unique=True))}},
    }


def toml(value: Any) -> str:
    """Write a value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def document(tables: dict[str, Any]) -> str:
    """Write tables as a file, a line a key."""
    return "".join(f"{key} = {toml(value)}\n" for key, value in tables.items())


@settings(max_examples=30)
@given(valid_scenarios())
def test_a_valid_scenario_loads_resolves_and_comes_back_the_same(tables: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "valid.toml"
        path.write_text(document(tables), "utf-8")
        scenario = load(path)
        again = Path(folder) / "again.toml"
        again.write_text(document(scenario.model_dump(by_alias=True, exclude_unset=True)), "utf-8")
        assert load(again) == scenario
    for branch in scenario.branches:
        assert set(resolve(scenario, branch).events) <= set(scenario.events)
    assert isinstance(scenario_warnings(scenario), list)


def attempt(work: Callable[[], Any]) -> tuple[str, Any]:
    """Return what the work refuses, or nothing and what it gives."""
    try:
        return "", work()
    except InputError as refused:
        return str(refused), None


def mutated(text: str, seed: int) -> str:
    """Return a text with a few characters or pieces cut, doubled, exchanged or put in."""
    draw = random.Random(seed)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(text) + 1)
        to = min(len(text), at + draw.randint(0, 12))
        piece = draw.choice([draw.choice(PIECES), text[at:to] * 2, "", chr(draw.randrange(1, 0x2FF))])
        text = text[:at] + piece + text[to:]
    return text


@settings(max_examples=200)
@given(st.integers(0, 2**40))
def test_a_mutated_file_is_read_or_refused_with_places(seed: int) -> None:
    text = mutated(SMALL, seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mutated.toml"
        (Path(folder) / "small.toml").write_text(SMALL, "utf-8")
        path.write_bytes(text.encode("utf-8", "replace"))
        refused, scenario = attempt(lambda: load(path))
        assert (scenario is None) == bool(refused)
        assert all(line.startswith(folder) for line in refused.split("\n") if refused)
        if scenario is not None:
            assert all(resolve(scenario, branch) for branch in scenario.branches)


@settings(max_examples=100)
@given(st.integers(0, 2**40))
def test_every_key_of_a_mutated_file_that_parses_has_a_line(seed: int) -> None:
    text = mutated(SMALL, seed).replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return
    lines = key_lines(text)
    assert all((key,) in lines for key in data)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.just([]),
    st.just({}),
    st.dictionaries(st.text(max_size=4), st.floats(), max_size=2),
    st.lists(st.text(max_size=3), max_size=2),
)
KEYS = st.sampled_from(
    (
        "title", "start", "end", "seed", "replicates", "metrics", "drop", "focus", "extends", "states",
        "states.PAT", "states.PAT.overstretch", "states.PAT.overstretch.2022", "treaties.PACT.members",
        "treaties.PACT.clauses", "events.raid", "events.raid.date", "events.raid.place", "events.answer.to",
        "events.flight.because_of", "events.war.only_if", "branches", "branches.forces.drop",
        "branches.forces.events", "branches.forces.events.answer.response", "dyads.CLA.RIV.threat",
        "beliefs.CLA.PAT", "parameters", "parameters.memory_half_life", "places.Hill",
    )
)  # fmt: skip


@settings(max_examples=150)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=2))
def test_any_override_gives_a_scenario_or_is_refused(overrides: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "small.toml"
        path.write_text(SMALL, "utf-8")
        scenario = load(path)
        read = attempt(lambda: load(path, overrides))
        written = attempt(lambda: with_overrides(scenario, overrides))
    assert bool(read[0]) == bool(written[0])
    assert read[1] == written[1]


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("ARMUS.postuert[]@()<>=!2024-12 freezmanix,d"), max_size=40))
def test_any_text_is_an_expression_or_is_refused(text: str) -> None:
    for parse in (parse_metric, parse_condition):
        refused, found = attempt(lambda parse=parse: parse(text))
        assert (found is None) == bool(refused)
        assert found is None or parse(found.text) == found
