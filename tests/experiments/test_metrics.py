from calendar import monthrange
from datetime import date, timedelta

import numpy as np
import pytest

from sim.engine.trajectory import Trajectory
from sim.errors import InputError
from sim.experiments.metrics import default_metrics, evaluate, read_metrics
from sim.experiments.result_axes import ResultAxes
from sim.output.measuring import kind_of, summarise
from sim.scenario import load
from sim.scenario.expressions import parse_metric
from tests.experiments.conftest import SMALL

ENDS = [date(2021, month, monthrange(2021, month)[1]) for month in range(1, 7)]

# index 0 is the start, 1..6 the ends of January to June
TRUST = [0.60, 0.58, 0.50, 0.52, 0.40, 0.30, 0.20]
POSTURE = [0, 0, 1, 3, 3, 2, 3]
NEVER = [-1] * 7


def trajectory(dates: tuple[date, ...] = (date(2021, 1, 1), *ENDS)) -> Trajectory:
    ticks = len(dates)
    trust = np.zeros((ticks, 2, 2))
    trust[:, 0, 1] = TRUST[:ticks]
    posture = np.full((ticks, 2, 2), -1)
    posture[:, 0, 0] = POSTURE[:ticks]
    posture[:, 0, 1] = 5
    overstretch = np.zeros((ticks, 2))
    overstretch[:, 1] = np.linspace(0, 0.6, ticks)
    credibility = np.column_stack([np.linspace(0.9, 0.3, ticks), np.full(ticks, np.nan)])
    values = {"trust": trust, "posture": posture, "overstretch": overstretch, "credibility": credibility}
    return Trajectory(("ARM", "RUS"), ("CSTO", "UNION"), "CSTO", dates, values, ())


def value(text: str) -> float:
    return evaluate(parse_metric(text), trajectory())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARM.trust[RUS]@start", 0.60),
        ("ARM.trust[RUS]@2021-01", 0.58),
        ("ARM.trust[RUS]@2021-04", 0.40),
        ("ARM.trust[RUS]@end", 0.20),
        ("ARM.posture@2021-03", 3.0),
        ("ARM.posture[UNION]@end", 5.0),
        ("RUS.overstretch@2021-03", 0.3),
        ("CSTO.credibility@end", 0.3),
        ("mean(ARM.trust[RUS], 2021-01..2021-03)", (0.58 + 0.50 + 0.52) / 3),
        ("min(ARM.trust[RUS], 2021-01..2021-03)", 0.50),
        ("max(ARM.trust[RUS], 2021-02..2021-06)", 0.52),
        ("ARM.posture@2021-02 >= voice", 1.0),
        ("ARM.posture@2021-02 >= freeze", 0.0),
        ("ARM.posture@2021-05 == reduce", 1.0),
        ("ARM.posture@2021-05 != reduce", 0.0),
        ("ARM.trust[RUS]@end < 0.25", 1.0),
        ("ARM.trust[RUS]@end > 0.25", 0.0),
        ("mean(ARM.trust[RUS], 2021-01..2021-03) <= 0.6", 1.0),
        ("first(ARM.posture >= freeze)", float(date(2021, 3, 31).toordinal())),
        ("first(ARM.trust[RUS] <= 0.6)", float(date(2021, 1, 1).toordinal())),
        ("first(ARM.posture >= freeze) <= 2021-03", 1.0),
        ("first(ARM.posture >= freeze) < 2021-03", 0.0),
        ("first(ARM.posture >= freeze) == 2021-03", 1.0),
        ("first(ARM.posture >= freeze) > 2021-02", 1.0),
    ],
)
def test_every_form_by_hand(text, expected):
    assert value(text) == pytest.approx(expected)


def test_at_and_by_differ_because_freeze_is_reversible():
    assert value("ARM.posture@2021-05 >= freeze") == 0.0
    assert value("first(ARM.posture >= freeze) <= 2021-05") == 1.0


@pytest.mark.parametrize("operator", [">=", "<=", ">", "<", "==", "!="])
def test_what_never_happens_is_null_and_compares_as_false(operator):
    assert np.isnan(value("first(ARM.posture >= out)"))
    assert value(f"first(ARM.posture >= out) {operator} 2021-06") == 0.0


@pytest.mark.parametrize("operator", [">=", "<=", ">", "<", "==", "!="])
def test_posture_of_a_state_that_was_never_a_member_is_null(operator):
    assert np.isnan(value("RUS.posture@end"))
    assert value(f"RUS.posture@end {operator} loyal") == 0.0
    assert np.isnan(value("first(RUS.posture <= voice)"))


def test_weeks_take_the_last_tick_that_ends_in_the_month():
    dates = tuple(date(2021, 1, 1) + timedelta(days=7 * week) for week in range(7))
    weekly = trajectory(dates)
    assert dates[4].month == 1
    assert dates[5].month == 2
    assert evaluate(parse_metric("ARM.trust[RUS]@2021-01"), weekly) == TRUST[4]
    assert evaluate(parse_metric("max(ARM.trust[RUS], 2021-01..2021-01)"), weekly) == max(TRUST[1:5])


def test_months_in_which_no_tick_ends_are_refused():
    with pytest.raises(InputError, match=r"2022-01.*allowed: 2021-01..2021-06"):
        value("ARM.trust[RUS]@2022-01")


def test_kinds():
    assert kind_of(parse_metric("ARM.posture@end")) == "number"
    assert kind_of(parse_metric("ARM.posture@end >= freeze")) == "chance"
    assert kind_of(parse_metric("first(ARM.posture >= freeze)")) == "date"
    assert kind_of(parse_metric("first(ARM.posture >= freeze) <= 2021-03")) == "chance"


def test_summary_of_dates_counts_the_runs_that_have_one():
    march, may = (float(date(2021, month, 28).toordinal()) for month in (3, 5))
    cell = summarise(np.array([march, may, may, np.nan]), "date")
    assert cell == {"mean": None, "median": "2021-05", "q05": "2021-03", "q95": "2021-05", "n": 3}


def test_summary_of_chances_and_of_nothing():
    assert summarise(np.array([1.0, 0.0, 0.0, 0.0]), "chance")["mean"] == 0.25
    nothing = summarise(np.array([np.nan, np.nan]), "number")
    assert nothing == {"mean": None, "median": None, "q05": None, "q95": None, "n": 0}


def test_default_metrics_cover_each_member_beside_the_guarantor_and_what_the_file_asks():
    scenario = load(SMALL)
    metrics = default_metrics(scenario, ResultAxes.of(scenario, ["as-it-was"]))
    assert metrics[:2] == tuple(scenario.metrics)
    assert "PACT.credibility@end" in metrics
    for member in ("BBB", "CCC"):
        assert f"first({member}.posture >= freeze)" in metrics
        assert f"{member}.trust[AAA]@end" in metrics
    assert not any(text.startswith(("AAA.", "first(AAA", "DDD.")) for text in metrics)
    assert len(read_metrics(metrics, scenario, ["as-it-was"])) == len(metrics)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BBB.postur@end", "posture"),
        ("ZZZ.posture@end", "ZZZ"),
        ("BBB.trust@end", "second state"),
        ("BBB.posture@2031-01", "outside the period"),
        ("PACK.credibility@end", "PACT"),
    ],
)
def test_metrics_that_a_scenario_cannot_answer_are_refused_by_name(text, said):
    with pytest.raises(InputError, match=said) as caught:
        read_metrics([text], load(SMALL), ["as-it-was"])
    assert text in str(caught.value)
