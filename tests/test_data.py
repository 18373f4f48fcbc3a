"""The shipped world and the shipped scenarios: sourced, complete, and silent about what Armenia does."""

from pathlib import Path

import pytest

from sim.model.quantity import CONFIDENCES, Quantity
from sim.scenario import Scenario, load, resolve, scenario_warnings
from sim.words import CHANNELS

ROOT = Path(__file__).parent.parent
FIGURES = ("capability", "population", "democracy")
JUDGEMENTS = ("threat", "ties", "claim", "base", "energy")
MEMBERS = {"RUS", "ARM", "BLR", "KAZ", "KGZ", "TJK"}
BRANCHES = {
    "as-happened",
    "agents-decide",
    "russia-sends-forces-2022",
    "peacekeepers-hold-2023",
    "russia-intervenes",
    "russia-declines-every-call",
    "russia-declines-outright",
    "no-ukraine-war",
}


@pytest.fixture(scope="module")
def shipped() -> Scenario:
    return load(ROOT / "scenarios" / "karabakh-2023.toml")


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_scenarios_say_what_they_ask_and_resolve_without_warnings(path: Path) -> None:
    scenario = load(path)
    assert scenario.title
    assert scenario.description
    assert scenario.branches
    for branch in scenario.branches:
        assert scenario_warnings(resolve(scenario, branch)) == []


def test_the_branches_are_those_promised(shipped: Scenario) -> None:
    assert set(shipped.branches) == BRANCHES


def test_every_figure_has_a_source(shipped: Scenario) -> None:
    for code, state in shipped.states.items():
        for name in FIGURES:
            quantity = getattr(state, name)
            assert quantity.source, f"states.{code}.{name}"
            assert quantity.years, f"states.{code}.{name}"
    for one, others in shipped.dyads.items():
        for other, dyad in others.items():
            for name in CHANNELS:
                quantity = getattr(dyad, name)
                assert quantity is None or quantity.source, f"dyads.{one}.{other}.{name}"


def test_every_judgement_has_a_rule_and_a_confidence(shipped: Scenario) -> None:
    coded = 0
    for one, others in shipped.dyads.items():
        for other, dyad in others.items():
            for name in JUDGEMENTS:
                quantity = getattr(dyad, name)
                if isinstance(quantity, Quantity):
                    coded += 1
                    assert quantity.rule, f"dyads.{one}.{other}.{name}"
                    assert quantity.confidence in CONFIDENCES, f"dyads.{one}.{other}.{name}"
    assert coded > 150


def test_no_channel_is_shared_out_more_than_once(shipped: Scenario) -> None:
    for code, others in shipped.dyads.items():
        for name in set(CHANNELS) - {"base"}:
            shares = [getattr(dyad, name) for dyad in others.values()]
            held = sum(share.at(2020) for share in shares if share is not None)
            assert held <= 1.0 + 1e-9, f"{code} {name}"


def test_every_event_says_what_happened_and_who_says_so(shipped: Scenario) -> None:
    for name, event in shipped.events.items():
        assert event.source, name
        assert event.note, name


@pytest.mark.parametrize("branch", sorted(BRANCHES))
def test_what_armenia_does_about_its_membership_is_never_an_input(shipped: Scenario, branch: str) -> None:
    own = {"call", "response", "recognition", "protest", "refugees", "window"}
    for name, event in resolve(shipped, branch).events.items():
        assert getattr(event, "state", None) != "ARM" or event.kind in own, name


@pytest.mark.parametrize("branch", sorted(BRANCHES))
def test_reactions_to_armenia_carry_a_condition(shipped: Scenario, branch: str) -> None:
    for name, event in resolve(shipped, branch).events.items():
        if event.kind in ("coercion", "offer", "reassurance") and event.target == "ARM":
            assert event.only_if, name


def test_the_record_fixes_every_answer(shipped: Scenario) -> None:
    for name, event in resolve(shipped, "as-happened").events.items():
        if event.kind not in ("attack", "crisis"):
            continue
        answered = {row.state for row in shipped.events.values() if row.kind == "response" and row.to == name}
        owing = MEMBERS - {event.victim, getattr(event, "aggressor", "")}
        if event.victim == "ARM" and "CSTO" in answered:
            answered |= MEMBERS
        assert owing <= answered, name


def test_agents_decide_has_no_answers_left(shipped: Scenario) -> None:
    kinds = {event.kind for event in resolve(shipped, "agents-decide").events.values()}
    assert not kinds & {"call", "response", "promise", "coercion", "reassurance"}


def test_where_russia_declines_every_call_appeals_and_undertakings_stand_and_nothing_is_given(
    shipped: Scenario,
) -> None:
    happened, declined = resolve(shipped, "as-happened"), resolve(shipped, "russia-declines-every-call")
    assert declined.events.keys() == happened.events.keys()
    assert declined.treaties == happened.treaties
    answers = 0
    for name, event in declined.events.items():
        if event.kind == "response" and event.state == "RUS" and declined.events[event.to].victim == "ARM":
            answers += 1
            assert (event.response, event.delivered or 0.0) == ("none", 0.0), name
        elif event.kind == "promise":
            assert (event.state, event.given) == ("RUS", 0.0), name
        else:
            assert event == happened.events[name], name
    assert answers == 9


def test_peacekeepers_who_hold_do_not_leave(shipped: Scenario) -> None:
    assert "peacekeepers-leave-2024" in resolve(shipped, "as-happened").events
    for branch in ("peacekeepers-hold-2023", "russia-intervenes", "russia-declines-outright"):
        assert "peacekeepers-leave-2024" not in resolve(shipped, branch).events


@pytest.mark.parametrize("branch", sorted(BRANCHES))
def test_a_promise_that_armenia_asked_for_or_took_up_depends_on_its_course(shipped: Scenario, branch: str) -> None:
    promises = {name: event for name, event in resolve(shipped, branch).events.items() if event.kind == "promise"}
    for name, event in promises.items():
        assert (event.only_if is None) == (name in ("arms-undelivered-2022", "peacekeepers-leave-2024")), name


def test_nobody_flees_where_the_line_is_held(shipped: Scenario) -> None:
    for branch in ("peacekeepers-hold-2023", "russia-intervenes"):
        assert "exodus-2023" not in resolve(shipped, branch).events
    assert "exodus-2023" in resolve(shipped, "russia-sends-forces-2022").events
