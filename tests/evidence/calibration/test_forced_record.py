"""The record of the alliance as a likelihood: what is weighed, by how much, and where it comes from."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from sim.evidence.calibration.forced_record import (
    ALL_KINDS,
    CONFIDENCE,
    ForcedRecord,
    RungSpell,
    places_on,
    spells_of,
)
from sim.evidence.record import load_record
from sim.model.parameters import Parameters
from sim.model.world import NOBODY
from sim.rules.course import standing
from sim.scenario import load
from sim.words import FREEZE, LOYAL, OUT, REDUCE, VOICE

HISTORY = "scenarios/csto-history.toml"


@cache
def made(until: date | None = None, since: date | None = None) -> ForcedRecord:
    return ForcedRecord(load(HISTORY), load_record(), since=since, until=until)


@cache
def terms(until: date | None = None, since: date | None = None) -> np.ndarray:
    return made(until, since).terms(np.array([Parameters()]))[0]


def total(values: np.ndarray, kind: str) -> float:
    return float(values[:, ALL_KINDS.index(kind)].sum())


def month(forced: ForcedRecord, day: date) -> int:
    tick = forced.setup.calendar.tick(day)
    assert tick is not None
    return tick


def test_a_spell_has_the_weight_of_the_step_that_ends_it_and_the_last_that_of_its_own():
    forced = made()
    found = spells_of(forced.setup, load_record(), "ARM")
    at = {day: month(forced, day) for day in (date(2021, 5, 1), date(2022, 9, 1), date(2024, 2, 1))}
    first, second, third = at.values()
    assert found[-6:] == [
        RungSpell(first, first, VOICE, CONFIDENCE["medium"]),
        RungSpell(first + 1, second - 1, VOICE, CONFIDENCE["high"]),
        RungSpell(second, second, REDUCE, CONFIDENCE["high"]),
        RungSpell(second + 1, third - 1, REDUCE, CONFIDENCE["high"]),
        RungSpell(third, third, FREEZE, CONFIDENCE["high"]),
        RungSpell(third + 1, len(forced.setup.calendar.ends) - 1, FREEZE, CONFIDENCE["high"]),
    ]


def test_a_step_after_the_cut_does_not_weigh_the_quiet_months_before_it():
    record = load_record()
    cut, whole = spells_of(made(date(2019, 12, 31)).setup, record, "KAZ"), spells_of(made().setup, record, "KAZ")
    assert cut[-1].weight == CONFIDENCE["high"]
    assert whole[0].weight == CONFIDENCE["low"]  # criticism of 2024, on one report


def test_every_month_of_a_member_is_weighed_once_and_none_before_it_signs():
    forced = made()
    treaty = forced.setup.treaties.index("CSTO")
    for code in ("AZE", "UZB", "KGZ"):
        months = np.zeros(len(forced.setup.calendar.ends), dtype=int)
        for spell in spells_of(forced.setup, load_record(), code):
            months[spell.first : spell.last + 1] += 1
        possible = forced.forcing.possible[:, forced.setup.codes.index(code), treaty]
        assert set(months.tolist()) <= {0, 1}
        assert ((possible > 0) == (months == 1)).all()
    azerbaijan = forced.forcing.possible[:, forced.setup.codes.index("AZE"), treaty]
    assert not azerbaijan[: month(forced, date(1993, 8, 31)) + 1].any()


def test_pacts_are_left_open_for_former_members_alone_and_diversification_for_all():
    assert places_on(LOYAL) == {standing(LOYAL, False, False), standing(LOYAL, True, False)}
    assert len(places_on(OUT)) == 4


def test_the_guarantor_has_no_course_and_the_events_of_the_record_have_weights():
    forced = made()
    treaty = forced.setup.treaties.index("CSTO")
    assert not forced.forcing.possible[:, forced.setup.codes.index("RUS"), treaty].any()
    called = {
        shock.name: weight
        for shock, weight in zip(forced.setup.all_shocks, forced.forcing.call_weight, strict=True)
        if weight > 0.0
    }
    assert called["kazakhstan-2022"] == CONFIDENCE["high"]
    assert "batken-2000" not in called


def test_one_decision_of_the_alliance_weighs_as_much_as_one_of_a_state():
    forced, record = made(), load_record()
    alone = record.responses[record.responses["state"] == "CSTO"]
    event, confidence = alone.iloc[-1]["event"], alone.iloc[-1]["confidence"]
    answers = record.answers()
    members = set(answers[(answers["event"] == event) & answers["collective"]]["state"])
    at, weighed = 0, 0.0
    for shock in forced.setup.all_shocks:
        for fixed in shock.fixed:
            if shock.name == event and forced.setup.codes[fixed.ally] in members:
                weighed += forced.forcing.response_weight[at]
            at += 1
    assert weighed == pytest.approx(CONFIDENCE[confidence])


def test_a_record_cut_in_two_adds_up_to_the_whole():
    middle = date(2013, 12, 31)
    early, late, whole = terms(until=middle), terms(since=date(2014, 1, 1)), terms()
    settled = [made().members.index(code) for code in ("AZE", "GEO", "UZB")]  # no later step ends a spell of theirs
    assert total(early[settled], "courses") + total(late[settled], "courses") == pytest.approx(
        total(whole[settled], "courses"), rel=1e-9
    )
    assert total(early, "observations") + total(late, "observations") == pytest.approx(total(whole, "observations"))
    assert total(early, "courses") < 0.0
    assert total(late, "courses") < 0.0


def test_nothing_after_the_cut_reaches_the_terms():
    cut = made(date(2019, 12, 31))
    assert max(one.day for one in cut.observed) <= date(2019, 12, 31)
    assert cut.setup.calendar.ends[-1] == date(2019, 12, 31)
    assert cut.years[-1] == 2019


def test_terms_tell_where_the_model_is_surprised():
    found, forced = terms(), made()
    armenia = dict(zip(forced.years, found[forced.members.index("ARM"), ALL_KINDS.index("courses")], strict=True))
    assert armenia[2022] < -1.0
    assert armenia[2005] > -0.2
    assert (found <= 0.0).sum() > 0.9 * found.size
    assert not np.isnan(found).any()


def test_the_record_holds_members_where_it_has_them():
    forced = made()
    treaty = forced.setup.treaties.index("CSTO")
    assert (forced.setup.given_rungs == NOBODY).all()
    state = forced.setup.codes.index("ARM")
    assert forced.forcing.possible[-1, state, treaty] == forced.forcing.assumed[-1, state, treaty] > 0
