"""A forced run yields the log-likelihood of a record: right in sum, against free runs, and against single decisions."""

import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product

import numpy as np
import pytest

from sim.engine.ensemble import Program
from sim.engine.forcing import CALLS, COURSES, RESPONSES, SLIP, Forcing, bits, blank_forcing
from sim.engine.setup import Setup, prepare
from sim.experiments.alliance_model import AllianceModel
from sim.rules.course import RUNGS, STANDINGS, standing
from sim.scenario import Scenario
from sim.scenario.expressions import Path
from sim.words import FREEZE, LOYAL, NOTIFY, OUT, REDUCE, VOICE
from tests.engine.test_indices import run_stages_strictly
from tests.worlds import tables

TICKS = 2
RESTLESS = {
    "ladder_tempo": 0.3, "jump_chance": 0.6, "force_chance": 0.3, "diversification_tempo": 0.3, "hysteresis": 0.05,
    "diversification_threshold": 0.0, "diversification_end": 0.1, "gap_reduce": 0.2, "gap_freeze": 0.2,
    "ladder_precision": 2.0, "formal_claim": 0.1, "exit_base_hazard": 0.02,
    "diversification_shift": 0.0,
}  # fmt: skip


def restless(rung: str = "reduce", **treaty: object) -> Scenario:
    """Return a world whose members may move anywhere within two months."""
    pact = {"postures": {"VIC": rung}, "exclusive": 0.3, "notice_months": 4.0, "renewals": [date(2020, 2, 5)]} | treaty
    offer = {"date": date(2020, 1, 1), "kind": "offer", "state": "FAR", "target": "VIC", "value": 0.6}
    return Scenario.model_validate(
        tables(end=date(2020, 2, 29), parameters=RESTLESS, treaties={"PACT": pact}, events={"offer": offer})
    )


@cache
def made(rung: str) -> Setup:
    return prepare(restless(rung))


def forced(setup: Setup, state: str, courses: dict[int, set[int]], weight: float = 1.0) -> Forcing:
    """Return a forcing that leaves a member the given places, by tick."""
    forcing, at = blank_forcing(setup), (setup.codes.index(state), setup.treaties.index("PACT"))
    for tick, places in courses.items():
        forcing.possible[tick, *at] = forcing.assumed[tick, *at] = bits(places)
        forcing.course_weight[tick, *at] = weight
    return forcing


def course_term(setup: Setup, forcing: Forcing, state: str = "VIC") -> float:
    batch = Program(setup, (), forcing).run(1, np.zeros(1, dtype=np.int64))
    return float(batch.terms[0, COURSES, setup.codes.index(state)].sum())


@pytest.mark.parametrize("rung", ["loyal", "reduce", "freeze", "notify"])
def test_all_courses_together_are_certain_and_each_is_as_frequent_as_in_free_runs(rung):
    setup = made(rung)
    chances = {
        course: math.exp(course_term(setup, forced(setup, "VIC", {0: {course[0]}, 1: {course[1]}})))
        for course in product(range(STANDINGS), repeat=TICKS)
    }
    assert sum(chances.values()) == pytest.approx(1.0, abs=1e-9)
    runs = 40_000
    probes = [Path("VIC", name, "PACT") for name in ("posture", "diversified", "pact")]
    values = Program(setup, probes).run(5, np.arange(runs)).values[:, 1:].astype(int)
    places = values[..., 0] + RUNGS * values[..., 1] + 2 * RUNGS * values[..., 2]
    found, counts = np.unique(places, axis=0, return_counts=True)
    counted = {tuple(course): count for course, count in zip(found.tolist(), counts.tolist(), strict=True)}
    frequent = {course: chance for course, chance in chances.items() if chance * runs > 20}
    assert len(frequent) > 5
    for course, chance in frequent.items():
        error = math.sqrt(runs * chance * (1.0 - chance))
        # notices end on their day in free runs, and with an even chance here
        if NOTIFY not in [place % RUNGS for place in course] and rung != "notify":
            assert abs(counted.get(course, 0) - runs * chance) < 4.5 * error, course


def test_what_the_record_leaves_open_is_summed_over():
    setup = made("reduce")
    first, second = standing(REDUCE, False, False), standing(REDUCE, True, False)
    end = standing(FREEZE, False, False)
    together = course_term(setup, forced(setup, "VIC", {0: {first, second}, 1: {end}}))
    apart = [course_term(setup, forced(setup, "VIC", {0: {place}, 1: {end}})) for place in (first, second)]
    assert math.exp(together) == pytest.approx(sum(map(math.exp, apart)), rel=1e-9)


def test_weights_multiply_terms_and_free_members_have_none():
    setup = made("reduce")
    place = standing(VOICE, False, False)
    whole = course_term(setup, forced(setup, "VIC", {0: {place}}))
    assert course_term(setup, forced(setup, "VIC", {0: {place}}, weight=0.25)) == pytest.approx(0.25 * whole)
    assert whole < 0.0
    assert course_term(setup, forced(setup, "VIC", {0: {place}}), state="ALY") == 0.0


def test_terms_are_kept_by_span_of_time():
    setup = made("reduce")
    place = standing(REDUCE, False, False)
    forcing = forced(setup, "VIC", {0: {place}, 1: {place}})
    batch = Program(setup, (), forcing._replace(span=np.array([0, 1]))).run(1, np.zeros(1, dtype=np.int64))
    terms = batch.terms[0, COURSES, setup.codes.index("VIC")]
    assert terms.shape == (2,)
    assert np.all(terms < 0.0)
    assert terms.sum() == pytest.approx(course_term(setup, forcing))


def test_members_stand_where_the_record_says():
    setup = made("loyal")
    places = {0: {standing(FREEZE, True, False)}, 1: {standing(OUT, True, True)}}
    names = [Path("VIC", name, "PACT") for name in ("posture", "diversified", "pact")]
    batch = Program(setup, names, forced(setup, "VIC", places)).run(1, np.zeros(1, dtype=np.int64))
    assert batch.values[0].tolist() == [[LOYAL, 0, 0], [FREEZE, 1, 0], [OUT, 1, 1]]


def test_an_entry_that_the_rules_exclude_costs_a_slip_and_no_more():
    setup = prepare(restless("loyal", exclusive=True))
    term = course_term(setup, forced(setup, "VIC", {0: {standing(LOYAL, False, True)}}))
    assert term == pytest.approx(math.log(SLIP / STANDINGS))


@dataclass(frozen=True)
class Crisis:
    """An attack on VIC in January, with a call and a response on record."""

    ASKED = (("call", "VIC"), ("response", "BIG"))

    made: bool
    response: str

    def setup(self) -> Setup:
        events = {
            "raid": {"date": date(2020, 1, 10), "kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.8},
            "appeal": {
                "date": date(2020, 1, 11), "kind": "call", "state": "VIC", "treaty": "PACT", "because_of": "raid",
                "made": self.made,
            },
            "answer": {
                "date": date(2020, 1, 12), "kind": "response", "state": "BIG", "to": "raid", "response": self.response,
            },
        }  # fmt: skip
        return prepare(Scenario.model_validate(tables(end=date(2020, 2, 29), events=events)))

    def terms(self) -> dict[str, float]:
        """Return the terms of the victim's call and of the guarantor's response."""
        setup = self.setup()
        forcing = blank_forcing(setup)
        forcing.call_weight[:] = 1.0
        forcing.response_weight[:] = 1.0
        found = Program(setup, (), forcing).run(1, np.zeros(1, dtype=np.int64)).terms[0, ..., 0]
        victim, guarantor = setup.codes.index("VIC"), setup.codes.index("BIG")
        return {"call": float(found[CALLS, victim]), "response": float(found[RESPONSES, guarantor])}

    def chances(self) -> dict[str, float]:
        """Return the chances of the call and response on record, as the Mesa engine's trace has them."""
        model = AllianceModel(self.setup(), rng=1)
        model.run()
        return {one.kind: one.chance for one in model.decisions if (one.kind, one.state) in self.ASKED}


@pytest.mark.parametrize("crisis", [Crisis(True, "mission"), Crisis(True, "forces"), Crisis(True, "none")])
def test_calls_and_responses_are_as_likely_as_their_decisions_say(crisis):
    terms, chances = crisis.terms(), crisis.chances()
    assert math.exp(terms["call"]) == pytest.approx((1.0 - SLIP) * chances["call"] + SLIP / 2)
    assert math.exp(terms["response"]) == pytest.approx((1.0 - SLIP) * chances["response"] + SLIP / 5)


def test_silence_on_record_is_a_decision_of_the_victim_and_of_nobody_else():
    silent, called = Crisis(False, "none").terms(), Crisis(True, "none").terms()
    assert math.exp(silent["call"]) + math.exp(called["call"]) == pytest.approx(1.0)
    assert silent["response"] == 0.0


def test_the_stages_of_a_forced_run_are_the_compiled_ones():
    setup = made("reduce")
    place = {standing(REDUCE, True, False), standing(VOICE, False, False)}
    run_stages_strictly(setup, True, forced(setup, "VIC", {0: place, 1: place}))
