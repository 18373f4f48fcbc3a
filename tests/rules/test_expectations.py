"""What members expect of their guarantor: by hand and by direction."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.world import ADDITIVE, NOBODY
from sim.rules.maths import logistic, logit
from sim.rules.posture import unprotected_threat
from sim.rules.reliability import NOW, read_circumstances, real_help, update_interest, update_reliability
from sim.rules.response import response_chances
from sim.rules.threats import set_threat, worst_rival
from sim.words import BASE
from tests.rules.readied import EVEN, indices, ready
from tests.worlds import attack, built, merged


def test_reliability_starts_at_the_prior_and_falls_with_overstretch():
    setup, world, p = ready(**EVEN, outlook="weighed")
    victim, big = indices(setup, "VIC", "BIG")
    assert world.reliability[victim, 0] == pytest.approx(p.initial_trust)
    world.overstretch[big] = 0.8
    read_circumstances(world, p, victim, 0)
    update_interest(world, p, victim, 0)
    update_reliability(world, p, victim, 0)
    expected = logit(p.initial_trust) + (1 - p.record_weight) * (world.interest[victim, 0])
    assert world.reliability[victim, 0] == pytest.approx(logistic(expected))
    assert world.reliability[victim, 0] < p.initial_trust


def test_a_guarantor_that_leans_to_the_rival_is_relied_on_less_and_one_that_leans_away_more():
    expected = []
    for tie in (0.0, 0.4, 0.8):
        over = merged(EVEN, {"dyads": {"BIG": {"FOE": {"ties": tie}}}})
        setup, world, p = ready(**over)
        expected.append(world.reliability[setup.codes.index("VIC"), 0])
    assert expected[0] > expected[1] > expected[2]
    assert expected[1] == pytest.approx(p.initial_trust)


def test_what_every_level_is_worth_is_that_of_the_response_rule():
    setup, world, p = ready()
    victim, foe, big = indices(setup, "VIC", "FOE", "BIG")
    chances = response_chances(world, p, attack(setup, severity=1.0), big)
    stakes = world.interest_stake[victim, 0]
    assert worst_rival(world, victim, big) == foe
    assert real_help(world, victim, 0, NOW, stakes) == pytest.approx(logit(chances[3] + chances[4]))


CHANGES = st.sampled_from(["capability", "overstretch", "democracy", "ties", "threat", "precision", "force", "base"])


@given(st.lists(st.tuples(CHANGES, st.floats(0.0, 1.0)), max_size=6))
def test_an_interest_that_stands_is_what_it_would_be_anew(changes):
    setup, world, p = ready()
    victim, foe, big = indices(setup, "VIC", "FOE", "BIG")
    for what, value in changes:
        if what in ("capability", "overstretch", "democracy"):
            getattr(world, what)[big if value > 0.5 else victim] = value
        elif what == "ties":
            world.ties[big, foe] = value
        elif what == "threat":
            set_threat(world, victim, foe, value)
        elif what == "precision":
            p = p._replace(response_precision=1.0 + value)
        elif what == "force":
            p = p._replace(force_cost=value)
        else:
            world.portfolio[victim, big, BASE] = value
        read_circumstances(world, p, victim, 0)
        update_interest(world, p, victim, 0)
        found = world.interest[victim, 0]
        world.interest[victim, 0] = math.nan
        read_circumstances(world, p, victim, 0)
        update_interest(world, p, victim, 0)
        assert found == world.interest[victim, 0] or (math.isnan(found) and math.isnan(world.interest[victim, 0]))


def test_nobody_protects_from_the_guarantor_itself():
    setup, world, p = ready()
    victim, big = indices(setup, "VIC", "BIG")
    at_rest = unprotected_threat(world, p, victim, 0, 0.6)
    set_threat(world, victim, big, 0.3)
    assert unprotected_threat(world, p, victim, 0, 0.6) == at_rest
    set_threat(world, victim, big, 0.9)
    assert unprotected_threat(world, p, victim, 0, 0.6) == 0.9
    additive = world._replace(outlook=ADDITIVE)
    assert unprotected_threat(additive, p, victim, 0, 0.6) == 0.9


def test_the_worst_rival_is_the_most_feared_beside_the_guarantor():
    setup, world, _ = built(dyads={"VIC": {"BIG": {"threat": 1.0}, "FAR": {"threat": 0.3}}})
    victim, big, foe, far = indices(setup, "VIC", "BIG", "FOE", "FAR")
    assert worst_rival(world, victim, big) == foe
    assert worst_rival(world, far, big) == NOBODY


@pytest.mark.parametrize("strong", ["FOE", "FAR"])
def test_of_two_states_feared_alike_the_more_capable_is_the_worse_rival(strong):
    fears = {"FOE": {"threat": 0.4}, "FAR": {"threat": 0.4}, "BIG": {"threat": 0.2}}
    setup, world, _ = built(dyads={"VIC": fears})
    victim, big, foe, far = indices(setup, "VIC", "BIG", "FOE", "FAR")
    world.capability[[foe, far]] = (0.2, 0.1) if strong == "FOE" else (0.1, 0.2)
    set_threat(world, victim, big, 0.2)
    assert worst_rival(world, victim, big) == indices(setup, strong)[0]
    assert world.exposure[victim] == 0.4
