"""Cases of the library as a likelihood: which places a coded course leaves open, when, and what it is worth."""

from datetime import date

import numpy as np
import pytest

from sim.engine.setup import prepare
from sim.evidence.calibration.forced_cases import ANYWHERE, ForcedCases, bits, course_forcing, places_of_rung
from sim.evidence.cases.coding import coded_course, first_month, scenario_of
from sim.evidence.cases.reading import CaseFile, cases_of, outcomes_of
from sim.model.parameters import Parameters
from sim.rules.course import STANDINGS, standing
from sim.words import FREEZE, LOYAL, NOTIFY, OUT, REDUCE, VOICE
from tests.evidence.cases.made import Entry, entry, put, without

DEFAULTS = np.array([Parameters()], dtype=np.float64)


def forced(*entries: Entry) -> ForcedCases:
    file = CaseFile("made.json", {one["id"]: one for one in entries})
    return ForcedCases(cases_of(file), outcomes_of(file), {one["id"]: one["confidence"] for one in entries})


def allowed(made: Entry) -> tuple[list[int], list[int]]:
    """Return the sets of places that are possible and assumed from the month of the key event on."""
    file = CaseFile("made.json", {made["id"]: made})
    case, outcome = cases_of(file)[made["id"]], outcomes_of(file)[made["id"]]
    setup = prepare(scenario_of(case, "fit"))
    found = course_forcing(setup, case, coded_course(case, outcome))
    at = setup.codes.index("MEM"), 0
    start = -first_month(case)
    assert not found.possible[:start, *at].any()
    return found.possible[start:, *at].tolist(), found.assumed[start:, *at].tolist()


def rung(number: int) -> int:
    return bits(places_of_rung(number))


def test_every_place_has_one_library_rung():
    places = [places_of_rung(number) for number in range(7)]
    assert sorted(place for some in places for place in some) == list(range(STANDINGS))
    assert places[0] == {standing(LOYAL, False, False)}
    assert places[3] == {standing(rung, True, False) for rung in (LOYAL, VOICE, REDUCE)}
    assert places[4] == {standing(rung, turned, False) for rung in (FREEZE, NOTIFY) for turned in (False, True)}
    assert places[5] == {standing(OUT, turned, False) for turned in (False, True)}


def test_a_dated_step_holds_from_its_month_on():
    possible, assumed = allowed(entry())
    step = 25  # May 1950 to June 1952
    assert possible[:step] == assumed[:step] == [rung(1)] * step
    assert possible[step:61] == assumed[step:61] == [rung(4)] * (61 - step)


def test_a_step_dated_to_a_year_may_come_in_any_month_of_it_and_is_taken_in_its_middle():
    possible, assumed = allowed(put(entry(), "1952", "outcomes", 2, "date"))
    first, last = 20, 31  # January to December 1952
    assert possible[first - 1] == rung(1)
    assert set(possible[first:last]) == {rung(1) | rung(4)}
    assert possible[last] == rung(4)
    assert assumed[(first + last) // 2 - 1] == rung(1)
    assert assumed[(first + last) // 2] == rung(4)


def test_where_only_anniversaries_are_coded_the_months_between_are_open():
    made = entry(outcomes=[])
    possible, assumed = allowed(made)
    assert possible[12] == rung(1)
    assert possible[36] == rung(4)
    assert {*possible[:12], *possible[13:36], *possible[37:61]} == {ANYWHERE}
    assert assumed[23] == rung(1)
    assert assumed[24] == rung(4)


def test_nothing_is_known_after_a_state_has_ceased_to_act():
    possible, _ = allowed(entry(censored="1951-05-20"))
    assert possible[12] == rung(1)
    assert set(possible[13:]) == {0}


def test_the_likelihood_is_of_the_course_alone():
    other = put(entry(), "1955-01-01", "outcomes", 2, "date")
    terms = [forced(one).terms(DEFAULTS)[0, 0] for one in (entry(), other)]
    assert terms[0] != terms[1]
    assert max(terms) < 0.0


def test_a_case_weighs_by_the_cases_of_its_cluster_and_the_confidence_of_its_coding():
    entries = [
        entry(id="one"), entry(id="two"), entry(id="three", cluster="other", confidence="low"),
    ]  # fmt: skip
    found = forced(*entries)
    assert dict(zip([one.name for one in found.cases], found.weights.tolist(), strict=True)) == {
        "one": 0.5, "two": 0.5, "three": 0.4,
    }  # fmt: skip


def test_a_fit_that_ends_at_a_day_has_the_cases_whose_five_years_are_over():
    found = forced(entry())  # tested in May 1950
    assert not found.ended_by(date(1955, 4, 30))[0]
    assert found.ended_by(date(1955, 5, 1))[0]


def test_a_case_without_an_outcome_is_left_out():
    made = without(without(entry(id="open"), "by_years"), "outcomes")
    assert [one.name for one in forced(entry(), made).cases] == ["client_1950"]


@pytest.mark.parametrize("seed", [1, 2])
def test_names_and_ids_mean_nothing(seed):
    renamed = entry(id=f"zz{seed}", alliance="Other", subject_state="Someone", other_members=["Nobody", "others"])
    renamed["events"] = [
        {**row, "actor": {"Client": "Someone"}.get(row["actor"], row["actor"]),
         "target": {"Client": "Someone"}.get(row["target"], row["target"])}
        for row in renamed["events"]
    ]  # fmt: skip
    assert forced(renamed).terms(DEFAULTS)[0, 0] == forced(entry()).terms(DEFAULTS)[0, 0]
