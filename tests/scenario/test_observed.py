"""The observed course of a scenario is read, checked, and written back."""

import json
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from sim.output.manifest import scenario_inputs
from sim.scenario import Scenario, ScenarioError, load, resolve
from sim.scenario.observed import observed_moves, observed_rungs, pinned_in_words, pins
from sim.scenario.schema_json import scenario_schema
from tests.scenario.small_scenario import SMALL, Write

COURSE = """
[observed.CLA]
2022-09-13 = { posture = "freeze", source = "a newspaper" }
2021-03-01 = "voice"
"""
PINNED = "pinned_until = 2022-06-30\n" + SMALL + COURSE


def test_a_course_is_read_in_the_order_of_time(write: Write) -> None:
    course = load(write(SMALL + COURSE))
    assert observed_moves(course, "CLA") == [(date(2021, 3, 1), "voice"), (date(2022, 9, 13), "freeze")]
    assert course.observed["CLA"]["2022-09-13"].source == "a newspaper"
    days = [date(2021, 2, 28), date(2021, 3, 1), date(2022, 9, 12), date(2022, 9, 13)]
    assert observed_rungs(course, "CLA", days) == [0, 1, 1, 3]
    assert observed_rungs(course, "CLB", days) == [None] * 4


def test_before_its_first_date_a_member_stands_where_it_starts(write: Write) -> None:
    text = SMALL.replace('guarantor = "PAT"', 'guarantor = "PAT"\npostures = { CLA = "reduce" }')
    late = '\n[observed.CLB]\n2023-01-01 = "voice"\n[events.j]\ndate = 2022-01-01\nkind = "membership"\n'
    joins = late.replace("CLB", "FAR") + 'state = "FAR"\naction = "join"\ntreaty = "PACT"\n'
    course = load(write(text + COURSE + joins))
    assert observed_rungs(course, "CLA", [date(2020, 1, 31)]) == [2]
    assert observed_rungs(course, "FAR", [date(2022, 6, 1), date(2023, 2, 1)]) == [None, 1]


def test_what_is_stored_is_what_was_read(write: Write) -> None:
    course = load(write(PINNED))
    stored = Scenario.model_validate_json(json.dumps(scenario_inputs(course)))
    assert (stored.observed, stored.pinned_until) == (course.observed, date(2022, 6, 30))


def test_a_course_is_extended_date_by_date(write: Write) -> None:
    base = write(SMALL + COURSE, "base.toml")
    text = f'extends = "{base.name}"\ntitle = "more"\nend = 2021-12-31\n[observed.CLA]\n2021-06-01 = "loyal"\n'
    assert [posture for _, posture in observed_moves(load(write(text)), "CLA")] == ["voice", "loyal", "freeze"]


def test_a_branch_may_be_pinned(write: Write) -> None:
    both = load(write(PINNED + "[branches.late]\npinned_until = 2023-01-31\n"))
    assert resolve(both, "late").pinned_until == date(2023, 1, 31)
    names = ("as-happened", "forces", "late")
    assert list(pins(both, names).values()) == [date(2022, 6, 30), date(2022, 6, 30), date(2023, 1, 31)]
    words = "members stand where the observed course says until {}, and choose freely afterwards (in {})"
    assert pinned_in_words(both, names) == [
        words.format("2022-06-30", "as-happened, forces"),
        words.format("2023-01-31", "late"),
    ]
    assert "(in" not in pinned_in_words(both, names[:2])[0]
    assert pins(load(write(SMALL + COURSE)), ("as-happened",)) == {}


@pytest.mark.parametrize(
    ("top", "added", "said"),
    [
        ("", '[observed.CLA]\n2021-03-01 = "vioce"', "'vioce' is not known; allowed: loyal, voice"),
        ("", '[observed.CLA]\n2021-13-01 = "voice"', "'2021-13-01' month must be in 1..12"),
        ("", '[observed.CLA]\n2021 = "voice"', "'2021' cannot be used here; allowed: a date, such as 2020-01-31"),
        ("", '[observed.CLA]\n2021-03-01 = { source = "x" }', "posture: this key is missing"),
        ("", '[observed.CLA]\n2025-03-01 = "voice"', "2025-03-01 lies after the period; allowed: dates up to 2024"),
        ("", '[observed.CLA]\n2021-03-01 = "voice"\n2022-03-01 = "voice"', "CLA stands at voice already"),
        ("", '[observed.CLX]\n2021-03-01 = "voice"', "there is no state 'CLX'"),
        ("", '[observed.RIV]\n2021-03-01 = "voice"', "'RIV' is never a member of PACT; allowed: CLA, CLB"),
        ("", '[observed.PAT]\n2021-03-01 = "voice"', "PAT is the guarantor"),
        ("pinned_until = 2022-01-31", "", "pinned_until: there is no observed course to follow"),
        ("pinned_until = 2019-01-31", COURSE, "2019-01-31 lies outside the observed period; allowed: 2020-01-01"),
        ("record_end = 2022-12-31\npinned_until = 2023-01-31", COURSE, "allowed: 2020-01-01..2022-12-31"),
    ],
)
def test_what_cannot_be_observed_or_followed_is_refused(write: Write, top: str, added: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said.replace("(", r"\(")):
        load(write(f"{top}\n{SMALL}\n{added}\n"))


def test_editors_know_both_forms() -> None:
    validator = Draft202012Validator(scenario_schema())
    given = {"title": "t", "extends": "csto", "start": "2020-01-01", "end": "2021-01-01"}
    for move in ("voice", {"posture": "voice", "source": "a newspaper"}):
        assert validator.is_valid({**given, "observed": {"ARM": {"2020-05-01": move}}})
    for wrong in ({"2020-05-01": "vioce"}, {"May": "voice"}, {"2020-05-01": {"rung": "voice"}}):
        assert not validator.is_valid({**given, "observed": {"ARM": wrong}})
