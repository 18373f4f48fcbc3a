"""A case as a scenario: each line of the mapping by hand."""

import json
from typing import Any

import pytest

from sim.engine.setup import prepare
from sim.evidence.cases.coding import (
    CodedCourse,
    Step,
    coded_course,
    document_of,
    first_month,
    scenario_of,
)
from sim.evidence.cases.reading import CaseFile, cases_of, load_file, outcomes_of
from sim.scenario.checking import findings_between
from tests.evidence.cases.made import Entry, case_of, entry, put, row

LIBRARY = load_file()
CASES = cases_of(LIBRARY)


def events(**changes: Any) -> dict[str, Entry]:
    return document_of(case_of(**changes))["events"]


def with_row(date: str, kind: str, actor: str, target: str, **changes: Any) -> dict[str, Entry]:
    """Return the events of a case with one row before the key event."""
    key = next(each for each in entry()["events"] if each["phase"] == "key")
    return events(events=[row(date, kind, actor, target, **changes), key])


@pytest.mark.parametrize("mode", ["forecast", "fit"])
def test_every_case_of_the_library_is_a_sound_scenario(mode: Any) -> None:
    for case in CASES.values():
        scenario = scenario_of(case, mode)
        dated = [(None, name) for name in scenario.events] + [("MEM", day) for day in scenario.observed["MEM"]]
        assert findings_between(scenario, frozenset(dated)) == []
        assert len(prepare(scenario).calendar.starts) == 61 - first_month(case)


def test_time_runs_from_the_earliest_row_to_five_years_after() -> None:
    made = document_of(case_of())
    assert (str(made["start"]), str(made["end"])) == ("1998-11-01", "2005-01-31")
    assert (str(made["record_end"]), str(made["pinned_until"])) == ("2000-01-31", "1999-12-31")


def test_history_goes_back_eight_years_at_most() -> None:
    early = [row("1939-03-10", "attack", "Enemy", "Client"), row("1942-06-01", "response", "Patron", "Client")]
    case = case_of(events=[*early, *entry()["events"]])
    assert first_month(case) == -96
    assert not any(
        "pre-01" in name and str(made["date"]) < "1992" for name, made in document_of(case)["events"].items()
    )
    assert first_month(case_of(events=entry()["events"][2:])) == -1


def test_states_and_dyads() -> None:
    made = document_of(case_of())
    assert made["states"] == {
        "MEM": {"capability": 0.01, "democracy": 0.7},
        "GUA": {"capability": 0.15, "overstretch": 0.1},
        "CHA": {"capability": pytest.approx(0.04)},
        "PAT": {"capability": 0.15},
        "FEL1": {"capability": 0.01},
        "FEL2": {"capability": 0.01},
    }
    held = {"arms": 0.9, "energy": 0.1, "trade": 0.5, "base": 0.3}
    assert made["dyads"]["MEM"] == {
        "GUA": {**held, "regime_distance": 0.3},
        "CHA": {"threat": 0.2, "contiguous": True},
    }
    assert made["dyads"]["FEL2"] == {"GUA": held, "CHA": {"threat": 0.2}}
    assert "GUA" not in made["dyads"]


@pytest.mark.parametrize(("ratio", "capability"), [(0.0, 0.15), (0.01, 0.15), (0.5, 0.01), (1.0, 0.0001)])
def test_challenger_is_as_strong_as_the_ratio_says(ratio: float, capability: float) -> None:
    context = entry()["context"] | {"subject_capability_ratio_to_challenger": ratio}
    assert document_of(case_of(context=context))["states"]["CHA"]["capability"] == pytest.approx(capability)


def test_the_treaty() -> None:
    treaty = document_of(case_of())["treaties"]["Alliance"]
    assert treaty["members"] == ["GUA", "MEM", "FEL1", "FEL2"]
    assert (treaty["guarantor"], treaty["exclusive"], treaty["notice_months"]) == ("GUA", 0.4, 12.0)
    assert [clause["strength"] for clause in treaty["clauses"].values()] == [0.8, 0.6]
    nothing = put(entry(), None, "treaty_obligations", "notice_period", "months")["treaty_obligations"]
    assert "notice_months" not in document_of(case_of(treaty_obligations=nothing))["treaties"]["Alliance"]


@pytest.mark.parametrize(
    ("rung", "stands"),
    [
        (0, {"posture": "loyal"}),
        (2, {"posture": "reduce"}),
        (3, {"posture": "voice", "diversified_to": "PAT"}),
        (4, {"posture": "freeze"}),
        (5, {"posture": "out"}),
        (6, {"posture": "out", "pact_with": "PAT"}),
    ],
)
def test_member_stands_on_the_rung_at_key(rung: int, stands: dict[str, str]) -> None:
    assert document_of(case_of(rung_at_key=rung))["observed"] == {"MEM": {"1998-11-01": stands}}


def test_what_stands_from_the_key_event_on() -> None:
    made = events()
    assert made["threat-0"] == {**made["threat-0"], "key": "dyads.MEM.CHA.threat", "value": 0.6}
    assert made["offer"] == {**made["offer"], "state": "PAT", "target": "MEM", "value": 0.5}
    assert made["dependence-arms"]["value"] == 0.9
    assert {str(made[name]["date"]) for name in ("threat-0", "offer", "dependence-arms")} == {"2000-01-01"}


def test_overstretch_changes_in_the_first_month_of_its_year() -> None:
    changes = {str(made["date"]): made["value"] for name, made in events().items() if name.startswith("overstretch")}
    assert changes == {"1999-09-01": 0.4}


def test_the_key_event_is_a_promise_unless_it_is_an_attack() -> None:
    key = events()["key"]
    assert key == {
        "date": key["date"], "kind": "promise", "state": "GUA", "target": "MEM", "owed": 0.7, "given": 0.2,
        "severity": 0.6,
    }  # fmt: skip
    assert str(key["date"]) == "2000-01-20"


def test_a_legal_excuse_makes_coverage_doubtful() -> None:
    assert events(key_event=entry()["key_event"] | {"excuse": "legal"})["key"]["coverage"] == 0.5


def test_an_attack_by_the_challenger_is_answered_as_coded() -> None:
    made = events()
    assert made["pre-01"]["kind"] == "attack"
    assert (made["pre-01"]["aggressor"], made["pre-01"]["victim"]) == ("CHA", "MEM")
    assert (made["pre-01"]["severity"], made["pre-01"]["owed"]) == (0.3, 0.5)
    assert made["pre-01-call"]["kind"] == "call"
    assert (made["pre-01-answer"]["state"], made["pre-01-answer"]["delivered"]) == ("GUA", 0.25)


def test_an_attack_by_the_guarantor_is_its_own() -> None:
    made = with_row("1949-03-10", "attack", "Patron", "Client")
    assert (made["pre-01"]["aggressor"], made["pre-01"]["victim"]) == ("GUA", "MEM")
    assert "pre-01-answer" not in made


def test_an_attack_on_others_is_owed_to_a_fellow_or_a_promise() -> None:
    watched = with_row("1949-03-10", "attack", "Enemy", "Fellow", observed_only=True)
    assert (watched["pre-01"]["victim"], watched["pre-01-call"]["state"]) == ("FEL1", "FEL1")
    assert with_row("1949-03-10", "attack", "Patron", "Elsewhere")["pre-01"]["kind"] == "promise"
    assert with_row("1949-03-10", "attack", "Client", "Enemy")["pre-01"]["kind"] == "promise"


def test_a_test_that_was_observed_needs_a_fellow() -> None:
    watched = [row("1949-03-10", "response", "Patron", "Fellow", observed_only=True), *entry()["events"][2:]]
    made = document_of(case_of(other_members=["none"], events=watched))
    assert made["events"]["pre-01"]["target"] == "FEL1"
    assert made["treaties"]["Alliance"]["members"] == ["GUA", "MEM", "FEL1"]


def test_rows_that_are_no_tests_enter_by_kind_and_source() -> None:
    free: dict[str, Any] = {"obligor": "none", "counts_as_test": False, "owed": 0.0}
    calm = with_row("1949-07-01", "reassurance", "Patron", "Client", given=0.6, **free)["pre-01"]
    assert (calm["kind"], calm["state"], calm["severity"]) == ("reassurance", "GUA", 0.6)
    aid = with_row("1949-07-01", "aid", "Elsewhere", "Client", given=0.4, **free)["pre-01"]
    assert (aid["kind"], aid["state"], aid["value"]) == ("aid", "PAT", 0.4)
    pressed = with_row("1949-07-01", "coercion", "Patron", "Client", **free)["pre-01"]
    assert (pressed["kind"], pressed["state"], pressed["severity"]) == ("coercion", "GUA", 0.3)
    raid = with_row("1949-07-01", "attack", "rebels", "Client", **free)
    assert (raid["pre-01"]["aggressor"], raid["pre-01"]["owed"], raid["pre-01-silence"]["made"]) == ("CHA", 0.0, False)
    own = with_row("1949-07-01", "aid", "Client", "Patron", obligor="subject", counts_as_test=False)["pre-01"]
    assert (own["kind"], own["state"], own["target"], own["owed"]) == ("promise", "MEM", "GUA", 0.5)
    for kind in ("shock", "response", "invocation"):
        assert "pre-01" not in with_row("1949-07-01", kind, "Patron", "Client", **free)


def test_what_was_not_owed_or_is_part_of_the_key_event_does_not_enter() -> None:
    assert "pre-01" not in with_row("1949-07-01", "response", "Patron", "Client", owed=0.0)
    assert "pre-01" not in with_row("1949-07-01", "response", "Patron", "Client", part_of_key_test=True)


def test_ties_where_both_are_allies() -> None:
    made = document_of(case_of(key_event=entry()["key_event"] | {"excuse": "both_allies"}))
    assert made["dyads"]["GUA"]["CHA"] == made["dyads"]["CHA"]["GUA"] == {"ties": 0.6}


def test_a_forecast_knows_nothing_of_what_came_and_a_fit_what_the_member_did_not_cause() -> None:
    forecast, fit = document_of(case_of()), document_of(case_of(), "fit")
    assert not any(name.startswith("post") for name in forecast["events"])
    assert [name for name in fit["events"] if name.startswith("post")] == ["post-01"]
    assert (forecast["endogenous_attacks"], forecast["guarantor_choices"]) == ("after-record", "after-record")
    assert (fit["endogenous_attacks"], fit["guarantor_choices"]) == ("never", "never")


def nonsense(raw: Any) -> Entry:
    """Return a case with other names, notes and fields that no prediction may see."""
    names = {raw["guarantor"]: "AAA", raw["subject_state"]: "BBB", raw["challenger"]: "CCC"}
    rows = [
        {
            **each, "note": "?", "actor": names.get(each["actor"], f"x{each['actor']}"),
            "target": names.get(each["target"], f"x{each['target']}"),
        }
        for each in raw["events"]
        if each["phase"] != "post"
    ]  # fmt: skip
    changed = {
        "guarantor": "AAA", "subject_state": "BBB", "challenger": "CCC", "events": rows, "cluster": 3,
        "alliance": None, "outcomes": "?", "by_years": 7, "final_rung": "?", "max_rung_within_5y": -1,
        "censored": True, "coding_notes": {}, "sources": None, "confidence": 0, "period": [], "alt_by_years": "?",
        "other_members": [name if name == "none" else f"x{name}" for name in raw["other_members"]],
        "context": {**raw["context"], "outside_option_quality": "?", "outside_option_rule": "?"},
        "key_event": {**raw["key_event"], "description": 0},
    }  # fmt: skip
    return {**raw, **changed}


def moved(raw: Any, years: int) -> Entry:
    """Return a case with all dates moved by whole years."""

    def later(text: str) -> str:
        return f"{int(text[:4]) + years:04}{text[4:]}"

    context = raw["context"]
    series = {later(year): value for year, value in context["guarantor_overstretch"].items()}
    return {
        **raw,
        "key_event": {**raw["key_event"], "date": later(raw["key_event"]["date"])},
        "events": [{**each, "date": later(each["date"])} for each in raw["events"]],
        "context": {**context, "guarantor_overstretch": series},
    }


@pytest.mark.parametrize("change", [nonsense, lambda raw: moved(raw, 40)])
def test_nothing_but_the_codings_reaches_a_scenario(change: Any) -> None:
    changed = {name: change(raw) for name, raw in LIBRARY.cases.items()}
    for (name, case), other in zip(CASES.items(), cases_of(CaseFile("made", changed)).values(), strict=True):
        assert as_text(document_of(case)) == as_text(document_of(other)), name


def as_text(document: Entry) -> str:
    return json.dumps(document, default=str)


def test_the_course_after_the_key_event() -> None:
    outcomes = outcomes_of(CaseFile("made", {"one": entry()}))
    assert coded_course(case_of(), outcomes["one"]) == CodedCourse((Step(25, 25, 4),), {12: 1, 36: 4}, True, 60)


def test_dates_that_reach_over_the_key_event() -> None:
    steps = [{"date": "1950", "rung": 1}, {"date": "1950", "rung": 2}, {"date": "1950-05-20", "rung": 5},
             {"date": "1950-05-21", "rung": 3}, {"date": "1958", "rung": 5}]  # fmt: skip
    made = entry(outcomes=steps, censored="1951-05-01")
    found = coded_course(case_of(), outcomes_of(CaseFile("made", {"one": made}))["one"])
    assert found.steps == (Step(0, 7, 2), Step(0, 0, 3))
    assert found.until == 12


def test_a_course_that_is_not_dated_has_anniversaries_only() -> None:
    made = entry(outcomes=[])
    found = coded_course(case_of(), outcomes_of(CaseFile("made", {"one": made}))["one"])
    assert (found.steps, found.dated, found.anniversaries) == ((), False, {12: 1, 36: 4})
