"""Calls, publics and the ladder: by hand and by direction."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.audience import exit_support, receive_refugees, shift_opinion, update_approval
from sim.rules.call import call_terms, choose_call
from sim.rules.learning import evidence_as_seen_by
from sim.rules.maths import logistic, logit
from sim.rules.patronage import make_offer, update_best_patron
from sim.rules.posture import (
    autonomy_loss,
    choose_step,
    chooses_pact,
    down_chance,
    emulation,
    has_pact,
    lapse_chance,
    may_conclude_pact,
    move_to,
    pressure_terms,
    threshold,
    up_chance,
)
from sim.words import FREEZE, LOYAL, MISSION, NONE, NOTIFY, OUT, REDUCE, VOICE
from tests.rules.readied import indices, ready
from tests.worlds import attack, built

# calls


def test_the_terms_of_a_call_by_hand():
    setup, world, p = ready()
    base, hope, shame, autonomy = call_terms(world, p, attack(setup, severity=0.5))
    expected = hope / (p.call_hope * 0.5)
    assert 0.0 < expected < 1.0
    assert base == p.call_base
    assert shame == pytest.approx(-p.call_shame * (1 - expected) * 0.5 * 0.6)
    assert autonomy == pytest.approx(-p.call_autonomy * 0.5)


def test_without_coverage_nobody_calls():
    setup, world, p = ready()
    assert not choose_call(world, p, attack(setup, "Enclave"), 0.0)
    assert choose_call(world, p, attack(setup), 0.0)


# publics


def test_approval_by_hand():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.opinion[victim, 0], world.coercion[victim], world.opinion_shock[victim, 0] = logit(0.3), 0.5, 0.4
    world.reassurance[victim] = 0.2
    expected = logit(0.3) + p.opinion_reversion * (0.0 - logit(0.3)) - 0.4
    expected += -p.opinion_coercion * 0.5 + p.opinion_reassurance * 0.2
    update_approval(world, p, victim, 0)
    assert world.approval[victim, 0] == pytest.approx(logistic(expected))
    assert world.opinion_shock[victim, 0] == 0.0


def test_refugees_cost_approval_by_share_of_population():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    receive_refugees(world, p, victim, 30_000)
    assert world.opinion_shock[victim, 0] == pytest.approx(p.opinion_refugees * 1.0)


def test_the_public_of_a_victim_minds_what_the_guarantor_did():
    shocks = []
    for level in (NONE, MISSION, 4):
        setup, world, p = ready()
        victim = setup.codes.index("VIC")
        said = evidence_as_seen_by(world, p, attack(setup), setup.codes.index("BIG"), victim, level, False, True)
        shift_opinion(world, p, said, victim, 0, 1.0)
        shocks.append(world.opinion_shock[victim, 0])
    assert shocks[0] > shocks[1] > shocks[2] == 0.0
    excused = 1 / (1 + math.exp(-p.excuse_base))
    assert shocks[0] == pytest.approx(p.opinion_shock * (1 - excused))


def test_support_for_exit_is_not_distrust_mirrored():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    calm = exit_support(world, p, victim, 0, logit(0.3), 0.0)
    afraid = exit_support(world, p, victim, 0, logit(0.3), 1.0)
    approving = exit_support(world, p, victim, 0, logit(0.6), 0.0)
    make_offer(world, victim, setup.codes.index("FAR"), 0.9)
    update_best_patron(world, victim, 0)
    tempted = exit_support(world, p, victim, 0, logit(0.3), 0.0)
    assert afraid < calm < tempted
    assert approving < calm


# the ladder


def test_terms_of_pressure_by_hand():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.exit_support[victim, 0], world.government_line[victim, 0], world.entrapment[victim, 0] = 0.4, -0.25, 0.3
    terms = pressure_terms(world, p, victim, 0)
    rho = world.reliability[victim, 0]
    cost = (0.9 + 1.0) / 2 * (1 - p.substitutability)
    expected = (
        p.ladder_trust * (logit(p.required_reliability) - logit(rho)),
        p.ladder_threat * 0.9 * (1 - rho),
        p.ladder_autonomy * 0.5,
        0.0,
        -p.ladder_exit_cost * cost,
        p.ladder_public * 0.6 * (0.4 - 0.5),
        0.0,
        p.ladder_government * -0.25,
        p.ladder_entrapment * 0.3,
    )
    assert terms == pytest.approx(expected)


def test_thresholds_rise_by_the_gaps():
    _, _, p = built()
    steps = np.diff([threshold(p, rung) for rung in (LOYAL, VOICE, REDUCE, FREEZE, NOTIFY)])
    assert threshold(p, LOYAL) == 0.0
    assert steps == pytest.approx([p.gap_reduce, p.gap_freeze, p.gap_notify, p.gap_out])


def test_steps_down_are_harder_than_steps_up():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    even = threshold(p, VOICE)
    world.posture[victim, 0] = VOICE
    up = up_chance(world, p, victim, 0, even)
    world.posture[victim, 0] = REDUCE
    down = down_chance(world, p, victim, 0, even)
    assert up == pytest.approx(p.ladder_tempo / 2)
    assert down < up
    assert down_chance(world, p, victim, 0, even - p.hysteresis) == pytest.approx(p.ladder_tempo / 2)


def test_windows_and_attention_quicken_the_ladder_where_they_should():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    for rung, factor in ((VOICE, 1.0), (REDUCE, p.window_multiplier), (FREEZE, p.window_multiplier)):
        world.posture[victim, 0] = rung
        world.window[victim, 0] = 0.0
        closed = up_chance(world, p, victim, 0, 0.0)
        world.window[victim, 0] = 1.0
        assert up_chance(world, p, victim, 0, 0.0) == pytest.approx(factor * closed)
    world.attention[victim] = 1.0
    assert up_chance(world, p, victim, 0, 0.0) == pytest.approx(3 * p.window_multiplier * closed)


def test_nobody_steps_from_notice_to_exit_but_may_take_notice_back():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.posture[victim, 0] = NOTIFY
    assert up_chance(world, p, victim, 0, 6.0) == 0.0
    assert down_chance(world, p, victim, 0, -6.0) == pytest.approx(p.ladder_tempo, rel=1e-3)
    world.posture[victim, 0] = OUT
    assert down_chance(world, p, victim, 0, -6.0) == 0.0


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 4), st.floats(-3, 3))
def test_a_review_moves_at_most_one_rung(draw, rung, pressure):
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.posture[victim, 0], world.pressure[victim, 0] = rung, pressure
    step = choose_step(world, p, victim, 0, draw)
    assert step in (-1, 0, 1)
    assert LOYAL <= rung + step <= NOTIFY


def test_lapse_at_a_renewal_has_the_base_hazard_at_rest_and_more_under_pressure():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.months_since_renewal[0], world.pressure[victim, 0] = 60.0, -3.0
    assert lapse_chance(world, p, victim, 0) == pytest.approx(1 - (1 - p.exit_base_hazard) ** 5, rel=1e-3)
    world.pressure[victim, 0] = 3.0
    assert lapse_chance(world, p, victim, 0) > 0.1
    world.posture[victim, 0] = OUT
    assert lapse_chance(world, p, victim, 0) == 0.0


def test_a_rival_pact_only_from_outside_an_exclusive_treaty():
    setup, world, p = ready()
    victim, far = indices(setup, "VIC", "FAR")
    world.pressure[victim, 0] = 5.0
    assert not chooses_pact(world, p, victim, 0, 0.0)
    make_offer(world, victim, far, 0.8)
    update_best_patron(world, victim, 0)
    assert not chooses_pact(world, p, victim, 0, 0.0)
    move_to(world, victim, 0, OUT)
    assert chooses_pact(world, p, victim, 0, 0.0)
    move_to(world, victim, 0, LOYAL)
    world.exclusive[0] = False
    assert chooses_pact(world, p, victim, 0, 0.0)


def test_a_rival_pact_is_kept_on_the_ladder_and_ends_with_a_return():
    setup, world, _ = ready(treaties={"PACT": {"exclusive": False}})
    victim, far = indices(setup, "VIC", "FAR")
    make_offer(world, victim, far, 0.8)
    update_best_patron(world, victim, 0)
    assert has_pact(world, victim, 0) == 0.0
    assert may_conclude_pact(world, victim, 0)
    world.pact_with[victim, 0] = far
    assert has_pact(world, victim, 0) == 1.0
    assert not may_conclude_pact(world, victim, 0)
    for rung in (VOICE, REDUCE, OUT):
        move_to(world, victim, 0, rung)
        assert world.pact_with[victim, 0] == far
    move_to(world, victim, 0, LOYAL)
    assert has_pact(world, victim, 0) == 0.0


def test_emulation_counts_those_who_moved_up_lately():
    setup, world, p = ready()
    victim, ally = indices(setup, "VIC", "ALY")
    assert emulation(world, p, victim, 0) == 0.0
    move_to(world, ally, 0, VOICE)
    assert 0.0 < emulation(world, p, victim, 0) <= 1.0
    world.clock[0] += 25.0
    assert emulation(world, p, victim, 0) == 0.0


def test_intrusion_is_a_combat_base_and_forces_at_home():
    setup, world, p = built(dyads={"ALY": {"BIG": {"base": 0.25}}})
    victim, ally, big = indices(setup, "VIC", "ALY", "BIG")
    assert autonomy_loss(world, p, victim, big) == 0.5
    assert autonomy_loss(world, p, victim, ally) == autonomy_loss(world, p, ally, big) == 0.0
    world.deployed[ally] = 0.4
    assert autonomy_loss(world, p, ally, big) == pytest.approx(0.2)
