from dataclasses import replace
from datetime import date

import pytest

from sim.errors import InputError
from sim.report.question import ask
from sim.result import Result
from tests.report.conftest import FROZE, by_hand

BRANCHES = {name: [0, 1] for name in ("as-happened", "agents-decide", "russia-sends-forces-2022")}


@pytest.fixture(scope="module")
def result() -> Result:
    return by_hand(BRANCHES)


def test_the_main_branch_is_compared_with_the_foremost_what_if(result: Result):
    asked = ask(result)
    assert asked.branches == ("as-happened", "russia-sends-forces-2022")
    assert asked.metrics == (FROZE,)
    assert asked.text() == (
        "How likely is it that Armenia stands at freeze or beyond in Dec 2024 under \u201crussia sends forces "
        "2022\u201d, compared with \u201cas happened\u201d?"
    )


@pytest.mark.parametrize(
    ("given", "branches"),
    [
        (("agents-decide", None), ("agents-decide", "russia-sends-forces-2022")),
        (("russia-sends-forces-2022", None), ("russia-sends-forces-2022", "as-happened")),
        ((None, "agents-decide"), ("as-happened", "agents-decide")),
        ((None, "as-happened"), ("russia-sends-forces-2022", "as-happened")),
    ],
)
def test_one_branch_given_is_compared_with_another(result: Result, given, branches):
    assert ask(result, *given).branches == branches


def test_a_result_of_one_branch_is_asked_about_that():
    asked = ask(by_hand({"only": [0, 1]}))
    assert (asked.a, asked.b) == ("only", None)
    assert asked.text().endswith("under \u201conly\u201d?")


def test_the_first_metric_given_is_answered_and_the_first_chance_of_the_file_else(result: Result):
    number = "ARM.trust[RUS]@end"
    assert ask(result, metrics=[number, FROZE]).metrics == (number, FROZE)
    told = by_hand(BRANCHES).scenario.model_copy(update={"metrics": [number, FROZE]})
    by_file = ask(replace(result, scenario=told))
    assert by_file.metrics == (FROZE, number)


@pytest.mark.parametrize(
    ("metric", "day"),
    [
        (FROZE, date(2024, 12, 31)),
        ("first(ARM.posture >= freeze) <= 2024-02", date(2024, 2, 29)),
        ("ARM.trust[RUS]@2023-06", date(2023, 6, 30)),
        ("ARM.posture@end >= freeze", None),
        ("first(ARM.posture >= freeze)", None),
        ("first(ARM.posture >= freeze) <= 2031-12", None),
    ],
)
def test_figures_are_about_the_month_that_is_asked(result: Result, metric: str, day):
    assert ask(result, metrics=[metric]).by == day


def test_figures_are_about_the_member_that_is_asked(result: Result):
    assert ask(result, metrics=["BLR.posture@end >= freeze"]).member == "BLR"
    assert ask(result, metrics=["CSTO.credibility@end"]).member == "ARM"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("nope", None), "unknown branch 'nope'"),
        ((None, "nope"), "unknown branch 'nope'"),
        (("as-happened", "as-happened"), "same branch"),
    ],
)
def test_branches_that_cannot_be_compared_are_refused(result: Result, given, said: str):
    with pytest.raises(InputError, match=said):
        ask(result, *given)


@pytest.mark.parametrize("metric", ["ARM.posture", "ZZZ.posture@end", "ARM.overstretch@end"])
def test_metrics_that_the_result_cannot_tell_are_refused(result: Result, metric: str):
    with pytest.raises(InputError):
        ask(result, metrics=[metric])
