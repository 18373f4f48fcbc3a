"""What allies do about a call: utilities by hand, quantal choice, decision rules."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.world import CONSENSUS, CONSULT, DEFEND, FREE, GUARANTOR_ALONE, MAJORITY, NOBODY, OPT_OUT
from sim.rules.response import (
    choose_response,
    delivered,
    fulfilment,
    guarantor_lean,
    objection_chance,
    passes,
    response_chances,
    response_terms,
)
from sim.words import EFFORT, FORCES, FREEZE, MATERIEL, MISSION, NONE, STATEMENT
from tests.worlds import attack, built


def test_terms_by_hand():
    setup, world, p = built()
    big, victim, foe = (setup.codes.index(code) for code in ("BIG", "VIC", "FOE"))
    world.overstretch[big] = 0.5
    world.ties[big, foe] = 0.25
    world.distance[big, victim] = 1.8
    world.log_distance[big, victim] = math.log(2.8)
    terms = response_terms(world, p, attack(setup), big, MATERIEL, 1.0)
    arriving = 0.04 * 0.5 * math.exp(-1.8 / p.reach)
    gain = (0.001 + 0.2 * arriving) / (0.001 + 0.2 * arriving + 0.002) - 0.001 / 0.003
    burden = p.force_cost + p.distance_cost * math.log(2.8) + p.overstretch_cost * 0.5
    assert terms == pytest.approx(
        (1.0 * gain, -0.2 * burden, -0.2 * 0.25, p.reputation_return * 0.4 * 0.5, 0.2 * p.audience_cost * 0.4)
    )


def test_the_stake_is_dependence_or_a_base_and_never_nothing():
    setup, world, p = built()
    ally, victim = setup.codes.index("ALY"), setup.codes.index("VIC")
    gain_of_ally = response_terms(world, p, attack(setup), ally, FORCES, 1.0)[0]
    world.portfolio[ally, victim, 1] = 0.5
    assert response_terms(world, p, attack(setup), ally, FORCES, 1.0)[0] == pytest.approx(5 * gain_of_ally)


def test_hostile_ties_do_not_make_help_cheaper():
    setup, world, p = built()
    big, foe = setup.codes.index("BIG"), setup.codes.index("FOE")
    world.ties[big, foe] = -0.9
    assert response_terms(world, p, attack(setup), big, FORCES, 1.0)[2] == 0.0


@given(st.floats(0, 1, exclude_max=True))
def test_chances_share_out_the_draw(draw):
    setup, world, p = built()
    big = setup.codes.index("BIG")
    chances = response_chances(world, p, attack(setup), big)
    level = choose_response(world, p, attack(setup), big, draw)
    assert sum(chances) == pytest.approx(1.0)
    assert sum(chances[:level]) <= draw + 1e-12
    assert level == FORCES or draw < sum(chances[: level + 1])


@pytest.mark.parametrize("raise_it", ["overstretch", "ties", "distance"])
def test_forces_are_less_likely_when_they_cost_more(raise_it):
    setup, world, p = built()
    big, victim, foe = (setup.codes.index(code) for code in ("BIG", "VIC", "FOE"))
    before = response_chances(world, p, attack(setup), big)[FORCES]
    if raise_it == "overstretch":
        world.overstretch[big] = 0.8
    elif raise_it == "ties":
        world.ties[big, foe] = 0.8
    else:
        world.distance[big, victim] += 2.0
    assert response_chances(world, p, attack(setup), big)[FORCES] < before


def test_words_fulfil_a_duty_to_consult():
    assert [fulfilment(level, DEFEND) for level in range(5)] == [0.0, 0.1, 0.15, 0.4, 1.0]
    assert [fulfilment(level, CONSULT) for level in range(5)] == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_the_lean_of_a_guarantor():
    assert [guarantor_lean(level) for level in range(5)] == [-1.0, 0.0, 0.0, 1.0, 1.0]


def test_objections_grow_with_ties_and_effort_and_yield_to_the_guarantor():
    setup, world, p = built()
    ally = setup.codes.index("ALY")
    case = attack(setup)
    by_level = [objection_chance(world, p, case, ally, level, 0.0) for level in range(MISSION, FORCES + 1)]
    assert by_level == sorted(by_level)
    assert objection_chance(world, p, case, ally, FORCES, 0.0) == pytest.approx(
        1 / (1 + math.exp(-(p.objection_base + p.objection_ties * EFFORT[FORCES] * 0.6)))
    )
    assert objection_chance(world, p, case, ally, FORCES, 1.0) < by_level[-1]
    assert objection_chance(world, p, case, ally, FORCES, -1.0) > by_level[-1]


@pytest.mark.parametrize(
    ("decision", "objects", "voters", "blocked", "expected"),
    [
        (CONSENSUS, 0, 3, False, True),
        (CONSENSUS, 1, 3, False, False),
        (MAJORITY, 1, 3, True, True),
        (MAJORITY, 2, 3, False, False),
        (GUARANTOR_ALONE, 2, 3, False, True),
        (GUARANTOR_ALONE, 1, 3, True, False),
        (OPT_OUT, 3, 3, True, True),
        (FREE, 3, 3, True, True),
    ],
)
def test_decision_rules(decision, objects, voters, blocked, expected):
    setup, world, _ = built()
    treaty, ally = setup.treaties.index("PACT"), setup.codes.index("ALY")
    world.decision[treaty] = decision
    assert passes(world, attack(setup), treaty, ally, objects, voters, blocked) is expected


def test_a_veto_holds_an_alliance_back_to_words():
    setup, world, _ = built()
    big = setup.codes.index("BIG")
    assert delivered(world, attack(setup), big, FORCES, NONE) == STATEMENT
    assert delivered(world, attack(setup), big, FORCES, MISSION) == MISSION
    assert delivered(world, attack(setup), big, STATEMENT, NONE) == STATEMENT


def test_a_veto_never_stops_a_bilateral_ally():
    bilateral = {"TWO": {"members": ["BIG", "VIC"], "guarantor": "BIG", "clauses": {"aid": {"article": "3"}}}}
    setup, world, _ = built(treaties=bilateral)
    big, ally = setup.codes.index("BIG"), setup.codes.index("ALY")
    assert delivered(world, attack(setup), big, FORCES, NONE) == FORCES
    assert delivered(world, attack(setup), ally, FORCES, NONE) == STATEMENT


def test_a_bilateral_treaty_that_does_not_cover_the_case_saves_nobody_from_a_veto():
    bilateral = {"TWO": {"members": ["BIG", "VIC"], "guarantor": "BIG", "clauses": {"aid": {"article": "3"}}}}
    setup, world, _ = built(treaties=bilateral)
    big = setup.codes.index("BIG")
    assert delivered(world, attack(setup, "Enclave"), big, FORCES, NONE) == STATEMENT


def test_the_frozen_have_no_say():
    from sim.rules.response import has_say

    setup, world, _ = built()
    treaty, big, ally = setup.treaties.index("PACT"), setup.codes.index("BIG"), setup.codes.index("ALY")
    assert has_say(world, attack(setup), treaty, big, ally)
    world.posture[ally, treaty] = FREEZE
    assert not has_say(world, attack(setup), treaty, big, ally)
    assert not has_say(world, attack(setup), treaty, big, setup.codes.index("VIC"))
    assert not has_say(world, attack(setup), treaty, big, big)


def test_rioters_take_a_part_of_the_effort_of_a_war():
    setup, world, p = built()
    big = setup.codes.index("BIG")
    unrest = attack(setup, aggressor=NOBODY, unrest=True)
    cost = response_terms(world, p, unrest, big, FORCES, 0.7)[1]
    assert cost == pytest.approx(p.unrest_effort * response_terms(world, p, attack(setup), big, FORCES, 0.7)[1])
