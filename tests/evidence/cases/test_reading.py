"""Reading a file of cases: what is refused, and what a prediction sees."""

from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError
from sim.evidence.cases.dates import When, last_day, on_day, read_date
from sim.evidence.cases.reading import (
    CHALLENGER,
    GUARANTOR,
    MEMBER,
    OTHER,
    cases_of,
    load_file,
    outcomes_of,
    stories_of,
)
from tests.evidence.cases.made import case_of, entry, put, row, without, written


def test_the_library_is_read_whole() -> None:
    file = load_file()
    cases, outcomes, stories = cases_of(file), outcomes_of(file), stories_of(file)
    assert len(cases) == len(outcomes) == len(stories) == 91
    assert len({outcome.cluster for outcome in outcomes.values()}) == 74
    assert all(len(stories[name].notes) == len(case.rows) for name, case in cases.items())


def test_dates_are_known_to_the_day_the_month_or_the_year() -> None:
    assert read_date("1936-03-07") == When(12 * 1936 + 2, 12 * 1936 + 2, 7, True)
    assert read_date("1936-03") == When(12 * 1936 + 2, 12 * 1936 + 2, 15, False)
    year = read_date("1936")
    assert (year.first, year.last, year.month, year.exact) == (12 * 1936, 12 * 1936 + 11, 12 * 1936 + 6, False)
    assert on_day(12 * 1900 + 1, 31).isoformat() == "1900-02-28"
    assert last_day(12 * 2000 + 1).isoformat() == "2000-02-29"
    for wrong in ("1936-13", "1936-02-30", "36", "1936-3-7", "March 1936"):
        with pytest.raises(ValueError, match=r"is no date|must be in|out of range"):
            read_date(wrong)


def test_a_case_is_what_the_file_says() -> None:
    case = case_of()
    assert (case.defence, case.consultation, case.exclusive, case.notice_months) == (0.8, 0.6, 0.4, 12.0)
    assert (case.threat_before, case.threat_after, case.outside, case.fellows) == (0.2, 0.6, 0.5, 2)
    assert case.overstretch == ((-28, 0.1), (-4, 0.4))
    assert (case.key.owed, case.key.given, case.key.kind, case.key.actor) == (0.7, 0.2, "coercion", GUARANTOR)
    attack, reassurance, response, answer = case.rows
    assert (attack.month, attack.day, attack.actor, attack.target, attack.test) == (-14, 10, CHALLENGER, MEMBER, True)
    assert not reassurance.test
    assert (response.month, answer.endogenous) == (8, True)


def test_names_matter_only_by_being_the_same() -> None:
    other = case_of(events=[*entry()["events"], row("1949-01-01", "aid", "Elsewhere", "Client")])
    assert other.rows[-1].actor == OTHER


def test_overstretch_ends_with_the_key_year() -> None:
    context = entry()["context"] | {"guarantor_overstretch": {"1950": 0.4, "1951": 0.9}}
    assert case_of(context=context).overstretch == ((-4, 0.4),)


def test_nobody_is_no_fellow() -> None:
    assert case_of(other_members=["none"]).fellows == 0


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("events", 0, "kind"), "atack", "events[0].kind: 'atack' is unknown; allowed: shock, reassurance"),
        (("events", 0, "owed"), 1.2, "events[0].owed: 1.2 is no share; allowed: a number 0..1"),
        (("events", 3, "phase"), "later", "events[3].phase: 'later' is unknown; allowed: pre, key, post"),
        (("events", 0, "date"), "soon", "events[0].date: 'soon' is no date"),
        (("events", 0, "endogenous"), 1, "events[0].endogenous: 1 is neither true nor false"),
        (("events", 0), "war", "events[0]: 'war' is no table"),
        (("key_event", "excuse"), "illness", "key_event.excuse: 'illness' is unknown; allowed: none, overstretch"),
        (("treaty_obligations", "defence", "strength"), -0.1, "treaty_obligations.defence.strength: -0.1 is no share"),
        (("treaty_obligations", "notice_period", "months"), "six", "months: 'six' is no number of months"),
        (("context", "threat_to_subject", "after"), True, "context.threat_to_subject.after: true is no share"),
        (("context", "guarantor_overstretch"), {"50": 0.1}, "context.guarantor_overstretch.50: '50' is no year"),
        (("context", "guarantor_overstretch"), {"1951": 0.1}, "has no year up to the key event"),
        (("rung_at_key",), 7, "rung_at_key: 7 is no rung; allowed: a whole number 0..6"),
        (("other_members",), "Fellow", "other_members: 'Fellow' is no list"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_by_id_and_key(tmp_path: Path, path: tuple[Any, ...], value: Any, said: str) -> None:
    with pytest.raises(InputError) as raised:
        cases_of(written(tmp_path, put(entry(), value, *path)))
    assert str(raised.value).startswith("made.json: client_1950: ")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "path",
    [
        ("key_event", "owed"),
        ("rung_at_key",),
        ("context", "public_salience"),
        ("context", "outside_option_components", "self_help"),
        ("context", "dependence_on_guarantor"),
        ("treaty_obligations", "exclusivity", "strength"),
        ("guarantor",),
        ("events",),
    ],
)
def test_missing_fields_are_refused_by_id_and_key(tmp_path: Path, path: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="this key is missing") as raised:
        cases_of(written(tmp_path, without(entry(), *path)))
    assert f"client_1950: {'.'.join(path)}" in str(raised.value)


def test_every_problem_has_a_line(tmp_path: Path) -> None:
    first, second = entry(rung_at_key=9), entry(id="other", challenger="")
    with pytest.raises(InputError) as raised:
        cases_of(written(tmp_path, first, second))
    assert [line.split(": ")[1] for line in str(raised.value).splitlines()] == ["client_1950", "other"]


def test_a_case_needs_a_key_row(tmp_path: Path) -> None:
    events = [each for each in entry()["events"] if each["phase"] != "key"]
    with pytest.raises(InputError, match="client_1950: events: no row is the key event"):
        cases_of(written(tmp_path, entry(events=events)))


def test_files_that_hold_no_cases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two cases have this id"):
        written(tmp_path, entry(), entry())
    with pytest.raises(InputError, match=r"\[0\].id: the case has no id"):
        written(tmp_path, without(entry(), "id"))
    with pytest.raises(InputError, match="holds no list of cases"):
        written(tmp_path)
    (tmp_path / "made.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is not JSON"):
        load_file(tmp_path / "made.json")
    with pytest.raises(InputError, match="cannot be read"):
        load_file(tmp_path / "none.json")


def test_outcomes_may_be_missing(tmp_path: Path) -> None:
    bare = without(without(entry(id="bare"), "by_years"), "outcomes")
    outcomes = outcomes_of(written(tmp_path, entry(), bare))
    assert list(outcomes) == ["client_1950"]
    assert outcomes["client_1950"].by_years == {1: 1, 3: 4, 5: None}
    assert outcomes["client_1950"].highest == 4


def test_wrong_outcomes_are_refused_by_id_and_key(tmp_path: Path) -> None:
    wrong = put(put(entry(), 8, "by_years", "3"), "later", "outcomes", 1, "date")
    with pytest.raises(InputError) as raised:
        outcomes_of(written(tmp_path, wrong))
    assert "client_1950: outcomes[1].date: 'later' is no date" in str(raised.value)
    assert "client_1950: by_years.3: 8 is no rung" in str(raised.value)
