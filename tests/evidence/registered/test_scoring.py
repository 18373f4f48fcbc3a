from datetime import date
from math import log
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.registered.making import Content, inputs_of
from sim.evidence.registered.outcomes import QuestionOutcome, check_open, read_outcomes
from sim.evidence.registered.printing import forecast_tables, score_tables
from sim.evidence.registered.questions import CheckedQuestions
from sim.evidence.registered.register import Registered, read_register, register
from sim.evidence.registered.scoring import brier, log_score, scorecard
from sim.output.formatting import percent
from tests.evidence.registered.conftest import MADE_ON

LATE = date(2033, 1, 1)
HEAD = "id,resolved_on,outcome,source\n"


@pytest.fixture
def folder(content: Content, tmp_path: Path) -> Path:
    register(content, tmp_path / "first.json")
    return tmp_path


def enter(folder: Path, *lines: str) -> dict[str, QuestionOutcome]:
    (folder / "outcomes.csv").write_text(HEAD + "".join(f"{line}\n" for line in lines), "utf-8")
    return dict(read_outcomes(folder, read_register(folder), LATE))


def test_rules_by_hand() -> None:
    assert brier({"yes": 0.2, "no": 0.8}, "yes") == pytest.approx(0.64)
    assert log_score({"yes": 0.2, "no": 0.8}, "yes") == pytest.approx(-log(0.2))
    levels = {"none": 0.1, "statement": 0.2, "mission": 0.3, "materiel": 0.0, "forces": 0.4}
    assert brier(levels, "forces") == pytest.approx((0.01 + 0.04 + 0.09 + 0.0 + 0.36) / 2)
    assert log_score(levels, "forces") == pytest.approx(-log(0.4))


def test_both_rules_are_proper() -> None:
    for rule in (brier, log_score):
        expected = {
            said: 0.3 * rule({"yes": said, "no": 1 - said}, "yes") + 0.7 * rule({"yes": said, "no": 1 - said}, "no")
            for said in (0.1, 0.2, 0.3, 0.4, 0.5)
        }
        assert min(expected, key=expected.__getitem__) == 0.3


def test_the_scorecard_by_hand(folder: Path) -> None:
    said = [
        {"probabilities": {"yes": 0.2, "no": 0.8}, "constant": {"yes": 0.1, "no": 0.9}},
        {"probabilities": {"yes": 0.4, "no": 0.6}, "constant": {"yes": 0.2, "no": 0.8}},
    ]
    even = {"yes": 0.5, "no": 0.5}
    questions = {
        name: {
            "probabilities": one["probabilities"],
            "references": {"constant": one["constant"], "even": even},
            "resolves_on": "2027-12-31",
        }
        for name, one in zip("ab", said, strict=True)
    }
    questions |= {name: {"resolves_on": f"20{year}-12-31"} for name, year in (("open", 29), ("off", 27))}
    forecasts = [Registered(f"{n}.json", MADE_ON, {"questions": questions, "sha256": "0"}) for n in (1, 2)]
    outcomes = {
        "a": QuestionOutcome("no", date(2028, 1, 1), "x"),
        "b": QuestionOutcome("yes", date(2027, 1, 1), "y"),
        "off": QuestionOutcome("void", date(2027, 1, 1), "z"),
    }
    card = scorecard(forecasts, outcomes)
    found = card["forecasts"]["1.json"]
    assert found["questions"]["a"]["brier"] == pytest.approx({"model": 0.04, "constant": 0.01, "even": 0.25})
    assert found["questions"]["b"]["brier"] == pytest.approx({"model": 0.36, "constant": 0.64, "even": 0.25})
    assert found["questions"]["b"]["log"]["constant"] == pytest.approx(-log(0.2))
    assert found["questions"]["b"]["probability"] == 0.4
    assert found["mean"]["brier"] == pytest.approx({"model": 0.2, "constant": 0.325, "even": 0.25})
    assert found["mean"]["log"]["model"] == pytest.approx(-(log(0.8) + log(0.4)) / 2)
    assert found["unresolved"] == {"open": "2029-12-31"}
    assert found["void"] == {"off": "z"}
    assert card["mean"] == {**found["mean"], "n": 4}
    tables = list(score_tables(card))
    assert [len(table.rows) for table in tables] == [3, 3, 3, 3, 2, 2, 2]
    assert tables[0].rows[2] == ("mean of 2", "", "", "0.200", "0.325", "0.250")


def test_without_outcomes_everything_is_open(folder: Path) -> None:
    forecasts = read_register(folder)
    assert read_outcomes(folder, forecasts, LATE) == {}
    card = scorecard(forecasts, {})
    assert set(card["forecasts"]["first.json"]["unresolved"]) == {"bria-voice", "call", "response"}
    assert card["mean"] == {"n": 0, "brier": None, "log": None}
    (table,) = score_tables(card)
    assert table.title == "first.json: not scored"
    assert max(sum(map(len, row)) for row in table.rows) <= 60  # so that it stays a table on a narrow terminal
    assert ("call", "open, resolves on 2031-12-31") in table.rows


def test_outcomes_are_read(folder: Path) -> None:
    found = enter(folder, "call,2032-01-01,no,the Bria Times", 'response,2027-01-01,forces,"a, b"')
    assert found["call"] == QuestionOutcome("no", date(2032, 1, 1), "the Bria Times")
    assert found["response"].source == "a, b"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cal,2032-01-01,no,x", "id: no registered forecast asks 'cal'; allowed: bria-voice, call, response; did you"),
        ("call,2026-11-24,yes,x", "2026-11-24 is before 2026-11-25, when 'call' was registered"),
        ("call,2033-01-02,yes,x", "2033-01-02 is not yet; allowed: 2026-11-25 to 2033-01-01"),
        ("call,2031-12-30,no,x", "on 2031-12-30 it can still happen; allowed: for 'no', from 2031-12-31 on"),
        ("call,2032-01-01,maybe,x", "outcome: 'maybe' is no answer to 'call'; allowed: yes, no, void"),
        ("response,2032-05-01,yes,x", "'yes' is no answer to 'response'; allowed: none, statement, mission, materiel"),
        ("call,2032-01-01,no,", "source: is empty"),
        ("call,soon,no,x", "resolved_on: 'soon' is no date"),
        ("call,2032-01-01,no", "has 3 cells; allowed: 4 cells"),
    ],
)
def test_a_bad_outcome_is_refused_with_its_line(folder: Path, line: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        enter(folder, "bria-voice,2031-12-31,no,x", line)
    assert f"{folder / 'outcomes.csv'}:3: " in str(refused.value)
    assert said in str(refused.value)


def test_every_bad_outcome_is_told_at_once(folder: Path) -> None:
    with pytest.raises(InputError) as refused:
        enter(folder, "call,2032-01-01,no,x", "call,2032-01-01,no,x", "cal,2032-01-01,no,x")
    assert [line.split(": ")[0][-1] for line in str(refused.value).splitlines()] == ["3", "4"]


def test_what_is_resolved_cannot_be_forecast(asked: CheckedQuestions, folder: Path) -> None:
    enter(folder, "response,2027-01-01,forces,x")
    later = inputs_of(asked, date(2027, 2, 1), seed=6)
    with pytest.raises(InputError, match="question 'response': was resolved on 2027-01-01; leave it out"):
        check_open(folder, later)
    del later["questions"]["response"]
    check_open(folder, later)


def test_an_outcome_before_a_later_forecast_is_refused(content: Content, folder: Path) -> None:
    register({**content, "made_on": "2028-01-01", "seed": 6}, folder / "second.json")
    with pytest.raises(InputError, match="2027-01-01 is before 2028-01-01"):
        enter(folder, "call,2027-01-01,yes,x")


def test_tables_of_a_forecast(content: Content) -> None:
    headline, beside = forecast_tables(content)
    assert [row[:2] for row in headline.rows[:3]] == [("bria-voice", "yes"), ("call", "yes"), ("response", "none")]
    question = content["questions"]["bria-voice"]
    assert headline.rows[0][2] == percent(question["probabilities"]["yes"])
    assert headline.rows[0][4:] == (percent(question["references"]["constant"]["yes"]), "50 %")
    assert "1 as-it-was (0.75), 2 help-comes (0.25), 3 they-decide (0)" in beside.title
    assert beside.rows[-1] == ("response", "forces", "0 %", "100 %", "0 %")
