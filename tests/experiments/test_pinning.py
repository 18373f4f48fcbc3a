"""Runs that are pinned to an observed course stand where it says, and choose after it."""

from datetime import date

import numpy as np
import pytest

import sim
from sim.engine.setup import prepare
from sim.errors import InputError
from sim.experiments.pinning import pinned, with_course
from sim.output.store import read, save
from sim.scenario import Scenario, load
from tests.engine.test_engines import assert_same
from tests.scenario.small_scenario import ROOT, SMALL

COURSE = """
[observed.CLA]
2020-06-10 = "voice"
2021-02-01 = "freeze"
2022-09-13 = "voice"
[observed.CLB]
2021-05-31 = "out"
"""


@pytest.fixture
def small(tmp_path) -> Scenario:
    path = tmp_path / "small.toml"
    path.write_text(SMALL + COURSE)
    return load(path)


def test_members_stand_where_the_course_says_until_the_date(small: Scenario) -> None:
    result = sim.run(small, pinned="2021-08", replicates=30, branches=["as-happened"], engine="mesa")
    of = {state: result.posture.sel(branch="as-happened", state=state).values for state in ("CLA", "CLB")}
    ends = np.array(result.days)
    inside = ends <= date(2021, 8, 31)
    expected = [3 if day >= date(2021, 2, 1) else 1 if day >= date(2020, 6, 10) else 0 for day in ends[inside]]
    assert (of["CLA"][:, inside] == expected).all()
    assert (of["CLB"][:, inside] == [5 if day >= date(2021, 5, 31) else 0 for day in ends[inside]]).all()
    after = of["CLA"][:, ~inside]
    assert len({run.tobytes() for run in after}) > 1
    assert not (after[:, ends[~inside] >= date(2022, 9, 30)] == 1).all()


def test_a_course_alone_changes_no_run(small: Scenario) -> None:
    bare = small.model_copy(update={"observed": {}})
    runs = [sim.run(each, replicates=4, branches=["forces"], engine="mesa") for each in (small, bare)]
    np.testing.assert_array_equal(runs[0].posture.values, runs[1].posture.values)
    np.testing.assert_array_equal(runs[0].trust.values, runs[1].trust.values)


def test_both_engines_are_pinned_alike(small: Scenario) -> None:
    assert_same(prepare(pinned(small, "2021-08"), "as-happened"), 3, [0, 1])


def test_a_day_stands_for_the_ticks_that_end_by_it(small: Scenario) -> None:
    weeks = small.model_copy(update={"step": "week"})
    setup = prepare(pinned(weeks, date(2020, 7, 1)), "as-happened")
    given = setup.given_rungs[:, setup.codes.index("CLA"), 0]
    ends = np.array(setup.calendar.ends)
    assert (given[ends > date(2020, 7, 1)] == -1).all()
    assert (given[(ends >= date(2020, 6, 10)) & (ends <= date(2020, 7, 1))] == 1).all()
    assert (given[ends < date(2020, 6, 10)] == 0).all()


def test_a_stored_result_says_so_and_repeats(small: Scenario, tmp_path) -> None:
    result = sim.run(small, pinned="2021-08", replicates=2, engine="mesa")
    folder = save(result, tmp_path / "out")
    stored = read(folder)
    assert stored.scenario.pinned_until == date(2021, 8, 31)
    days = {"as-happened": "2021-08-31", "forces": "2021-08-31"}
    assert stored.as_json(folder)["pinned_until"] == days
    again = sim.run(stored.scenario, replicates=2, engine="mesa")
    np.testing.assert_array_equal(again.posture.values, result.posture.values)


def test_the_alliance_on_record_brings_its_course() -> None:
    scenario = load(ROOT / "scenarios" / "first-steps.toml")
    course = with_course(scenario)
    assert course.observed["ARM"]["2022-09-26"].posture == "reduce"
    assert {"RUS", "GEO"} & set(course.observed) == set()  # the guarantor, and one that left long before
    setup = prepare(pinned(scenario, "2022-10"), "as-happened")
    given = setup.given_rungs[:, setup.codes.index("ARM"), setup.treaties.index("CSTO")]
    assert given[:24].tolist() == [0] * 4 + [1] * 16 + [2] * 2 + [-1] * 2


@pytest.mark.parametrize(
    ("state", "month", "said"),
    [
        ("CLA", "2021-02", "posture is on record, not chosen: it stood at freeze from 1 February 2021."),
        ("CLA", "2020-03", "it stood at loyal from 1 January 2020."),
        ("CLB", "2021-08", "it stood at out from 31 May 2021."),
    ],
)
def test_explanations_say_what_is_on_record(small: Scenario, state: str, month: str, said: str) -> None:
    told = str(sim.explain(pinned(small, "2021-08"), state, month, branch="as-happened", replicate=0))
    plain = " ".join(told.split())
    assert f"Until 31 August 2021 {state}'s posture is on record, not chosen:" in plain
    assert said in plain


@pytest.mark.parametrize(("state", "month"), [("CLA", "2021-09"), ("PAT", "2021-02")])
def test_explanations_of_what_is_chosen_do_not(small: Scenario, state: str, month: str) -> None:
    told = str(sim.explain(pinned(small, "2021-08"), state, month, branch="as-happened", replicate=0))
    assert "on record, not chosen" not in told


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2025-01", "pinned until 2025-01-31 is outside the observed period; allowed: 2020-01-01 to 2024-12-31"),
        ("2019-12", "pinned until 2019-12-31 is outside"),
        ("2021-13", "pinned until '2021-13': not a date; allowed: a month such as 2022-08"),
        ("soon", "pinned until 'soon': not a date"),
    ],
)
def test_dates_that_cannot_be_followed_are_refused(small: Scenario, until: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        sim.run(small, pinned=until)


def test_a_scenario_without_a_course_is_refused(small: Scenario) -> None:
    with pytest.raises(InputError, match="'Two clients and a patron' has no observed course to pin members to"):
        sim.run(small.model_copy(update={"observed": {}}), pinned="2021-08")
