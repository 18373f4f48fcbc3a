from datetime import date
from pathlib import Path

import pytest

from sim.evidence.record import load_record
from sim.evidence.registered.calls import Calls
from sim.evidence.registered.making import inputs_of, with_chances
from sim.evidence.registered.questions import CheckedQuestions, read_questions
from sim.scenario import ScenarioError, focus_of, resolve
from sim.scenario.names import ever_members
from sim.words import FREEZE, OUT, POSTURES, RESPONSES
from tests.docs.play import ROOT
from tests.evidence.registered.conftest import Change


@pytest.fixture(scope="module")
def shipped() -> CheckedQuestions:
    return read_questions(ROOT / "forecasts" / "questions.toml")


def test_the_shipped_questions_are_those_that_were_asked_for(shipped: CheckedQuestions) -> None:
    expressions = {each.text for each in shipped.expressions.values()}
    assert "max(ARM.posture, 2026-12..2027-12) >= notify" in expressions
    assert "max(ARM.posture, 2026-12..2029-12) >= out" in expressions
    scenario = shipped.scenario
    others = set(ever_members(scenario, "CSTO")) - {"ARM", scenario.treaties["CSTO"].guarantor}
    assert {f"max({code}.posture, 2026-12..2027-12) >= freeze" for code in others} <= expressions
    assert Calls("called", "CSTO", (2026, 12), (2027, 12)) in shipped.expressions.values()
    response = Calls("response", "CSTO", (2026, 12), (2027, 12))
    (name,) = [name for name, each in shipped.expressions.items() if each == response]
    assert shipped.options(name) == RESPONSES
    assert focus_of(scenario) == "CSTO"


def test_runs_count_that_stand_where_the_record_last_had_them(shipped: CheckedQuestions) -> None:
    record = load_record()
    for name, question in shipped.file.questions.items():
        about = {"ARM"} if name.startswith("article") else {shipped.expressions[name].path.owner, "ARM"}
        given = {f"{code}.posture@2026-11 == {POSTURES[record.rung(code, shipped.file.known_until)]}" for code in about}
        assert set(question.given) == given, name
    assert shipped.file.known_until == max(record.panel().index).end_time.date()


def test_nothing_of_the_outlook_sets_a_posture_in_the_runs_that_count(shipped: CheckedQuestions) -> None:
    for branch in shipped.file.branches:
        moves = [event for event in resolve(shipped.scenario, branch).events.values() if event.kind == "membership"]
        assert [(event.state, event.action, event.only_if) for event in moves if event.date.year > 2020] == [
            ("ARM", "suspend", "ARM.posture < freeze")
        ]


def test_the_naive_forecasts_follow_from_the_record(shipped: CheckedQuestions) -> None:
    record, questions = load_record(), shipped.file.questions
    panel = record.panel()
    member = (panel >= 0) & (panel < OUT)
    left = ((panel == OUT) & member.shift(fill_value=False)).sum().sum()
    assert questions["arm-exit-2029"].reference.per_year == pytest.approx(left / (member.sum().sum() / 12), abs=1e-4)
    below = ((panel >= 0) & (panel < FREEZE)).drop(columns="RUS")
    stepped = ((panel >= FREEZE) & below.shift(fill_value=False)).sum().sum()
    assert questions["kaz-freeze-2027"].reference.per_year == pytest.approx(
        stepped / (below.sum().sum() / 12), abs=4e-4
    )
    calls = record.calls[
        record.calls["made"] & (record.calls["treaty"] == "CSTO") & record.calls["article"].isin(["", "4"])
    ]
    years = (date(2026, 6, 30) - date(1994, 4, 20)).days / 365.25
    assert questions["article-4-call-2027"].reference.per_year == pytest.approx(len(calls) / years, abs=1e-3)
    answers = record.answers()
    highest = [
        max(map(RESPONSES.index, answers.loc[answers["event"] == event, "response"])) for event in calls["event"]
    ]
    shares = [(highest.count(level) + 0.2) / (len(highest) + 1) for level in range(len(RESPONSES))]
    said = questions["article-4-response-2027"].reference.shares
    assert said is not None
    assert [said[name] for name in RESPONSES] == pytest.approx(shares, abs=1e-4)


def test_every_question_is_on_the_page(shipped: CheckedQuestions) -> None:
    page = (ROOT / "docs" / "forecasts.md").read_text("utf-8")
    assert [name for name in shipped.file.questions if f"`{name}`" not in page] == []
    assert [
        name for name, branch in shipped.file.branches.items() if f"| `{name}` | {branch.weight:g} |" not in page
    ] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('scenario = "small.toml"', 'scenario = "smal.toml"', ":2: scenario: there is no file 'smal.toml'"),
        ("replicates = 6", "replicates = 0", ":3: replicates: 0 is out of range"),
        ("seed = 5", "sed = 5", "sed: unknown key; allowed: title"),
        ("weight = 0.25", "weight = 0.5", "branches: the weights sum to 1.25; allowed: weights that sum to 1"),
        ("branches.help-comes", "branches.help-come", "there is no branch 'help-come'; allowed: as-it-was"),
        ("branches.help-comes", "branches.help-come", "did you mean 'help-comes'?"),
        ("max(BBB.posture", "max(BBX.posture", "questions.bria-voice.expression: there is no state 'BBX'"),
        ("2021-05..2021-12) >= voice", "2021-05..2021-12)", "is not true or false; allowed: a comparison"),
        ("2021-05..2021-12) >= voice", "2021-05..2031-12) >= voice", "2031-12 lies outside the period; allowed: 2021"),
        ('["BBB.posture@2021-03 == loyal"]', '["BBB.posture@2021-03"]', "given[0]: 'BBB.posture@2021-03' is not true"),
        ("called(PACT, 2021-04..", "called(PAKT, 2021-04..", "questions.call.expression: there is no treaty 'PAKT'"),
        ("called(PACT, 2021-04..", "called(PACT 2021-04..", "cannot be read; allowed: called(TREATY, 2026-12..2027"),
        ("called(PACT, 2021-04..2021-12)", "called(PACT, 2021-12..2021-04)", "ends before it begins"),
        ('"response(PACT, 2021-04..2021-12)"', '"response(PACT, 2021-04..2021-12) >= mission"', "cannot be read"),
        ("resolves_on = 2032-03-31", "resolves_on = 2021-03-31", "is no day after known_until; allowed: days after"),
        ("resolves_on = 2032-03-31", 'resolves_on = "2032-03-31"', "is text, not a date"),
        ("per_year = 0.2", "per_year = 0.2, shares = { yes = 0.5, no = 0.5 }", "must have just one of: per_year; sha"),
        ("per_year = 0.2", "shares = { yes = 0.5, maybe = 0.5 }", "shares.maybe: is no option; allowed: yes, no"),
        ("none = 0.4", "none = 0.5", "the shares sum to 1.1"),
        ("none = 0.4, statement = 0.3", "none = 0.7, statement = 0.0", "statement missing; allowed: a share above 0"),
        ("shares = { none = 0.4, statement = 0.3, mission = 0.1, materiel = 0.1, forces = 0.1 }", "per_year = 0.1",
         "a hazard does not say which of none, statement"),
    ],
)  # fmt: skip
def test_a_bad_question_is_refused_with_its_place(change: Change, old: str, new: str, said: str) -> None:
    path = change(old, new)
    with pytest.raises(ScenarioError) as refused:
        read_questions(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_calls_under_another_treaty_are_not_recorded(tmp_path: Path, change: Change) -> None:
    path = change("called(PACT,", "called(OTHER,")
    scenario = tmp_path / "small.toml"
    scenario.write_text(scenario.read_text("utf-8") + '\n[treaties.OTHER]\nmembers = ["AAA", "DDD"]\n', "utf-8")
    with pytest.raises(ScenarioError, match=r"calls are recorded under the focus treaty alone.*allowed: PACT"):
        read_questions(path)


@pytest.mark.slow
def test_the_shipped_questions_are_answered(shipped: CheckedQuestions) -> None:
    content = with_chances(shipped, inputs_of(shipped, date(2026, 11, 25), replicates=300), engine="compiled")
    found = content["questions"]
    for name, question in found.items():
        assert sum(question["probabilities"].values()) == pytest.approx(1.0, abs=1e-5), name
        assert all(0.0 < chance < 1.0 for chance in question["probabilities"].values()), name
        assert all(0 < runs < 300 for runs in question["counted"].values()), name
    by_branch = {branch: shares["yes"] for branch, shares in found["article-4-call-2027"]["branches"].items()}
    assert by_branch["attack-2027-russia-helps"] > 0.95
    assert by_branch["war-goes-on"] < 0.5
    assert found["article-4-response-2027"]["branches"]["attack-2027-russia-helps"]["forces"] > 0.7
    assert (
        len(set(found["arm-notice-2027"]["counted"].values())) == 1
    )  # branches part after the day at which runs are chosen
