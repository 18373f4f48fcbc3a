"""Calls, publics and the ladder: by hand and by direction."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.world import NOBODY, WEIGHED
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
    pact_chance,
    pressure_terms,
    up_chance,
)
from sim.rules.reliability import exposure
from sim.rules.threats import set_threat, similarity
from sim.rules.thresholds import claim_value, gap_sum, threshold
from sim.words import FREEZE, FULFILMENT, LOYAL, MISSION, NONE, NOTIFY, OUT, REDUCE, VOICE
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
    world.opinion[victim, 0], world.coercion[victim, 0], world.opinion_shock[victim, 0] = logit(0.3), 0.5, 0.4
    world.reassurance[victim, 0] = 0.2
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
        case, big = attack(setup), setup.codes.index("BIG")
        said = evidence_as_seen_by(world, p, case, big, victim, level, FULFILMENT[level], False, True)
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
    apart = {"dyads": {"VIC": {"BIG": {"regime_distance": 0.6}}}, "parameters": {"ladder_regime": 0.5}}
    setup, world, p = ready(outlook="weighed", **apart)
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
        0.0,
        p.ladder_government * -0.25,
        p.ladder_entrapment * 0.3,
        0.5 * 0.6,
    )
    assert terms == pytest.approx(expected)


def test_threat_has_two_faces_by_hand():
    setup, world, p = ready(outlook="additive")
    victim, far = indices(setup, "VIC", "FAR")
    world.reliability[victim, 0] = 0.3
    terms = pressure_terms(world, p, victim, 0)
    assert terms.threat == 0.0
    assert terms.protection == pytest.approx(-p.ladder_protection * 0.9 * 0.3)
    make_offer(world, victim, far, 0.8)
    update_best_patron(world, victim, 0)
    terms = pressure_terms(world, p, victim, 0)
    assert terms.threat == pytest.approx(p.ladder_threat * 0.9 * 0.7 * world.outside[victim, 0])
    assert terms.threat > 0.0
    weighed = pressure_terms(world._replace(outlook=WEIGHED), p, victim, 0)
    assert weighed.threat == pytest.approx(p.ladder_threat * 0.9 * 0.7)
    assert weighed.protection == 0.0


@pytest.mark.parametrize(
    ("outside", "rho", "way"), [(0.0, 0.2, -1), (0.0, 0.8, -1), (0.8, 0.2, 1), (0.8, 0.8, -1)],
    ids=["doubtful and alone", "safe and alone", "doubtful and courted", "safe and courted"],
)  # fmt: skip
def test_which_way_more_threat_moves_a_member_at_the_defaults(outside, rho, way):
    setup, world, p = ready(outlook="additive")
    victim, foe = indices(setup, "VIC", "FOE")
    world.reliability[victim, 0], world.outside[victim, 0] = rho, outside
    found = []
    for threat in (0.2, 0.9):
        set_threat(world, victim, foe, threat)
        terms = pressure_terms(world, p, victim, 0)
        found.append(terms.threat + terms.protection)
    assert np.sign(found[1] - found[0]) == way


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.99))
def test_a_guarantor_found_more_reliable_never_pushes_by_threat(threat, outside, rho):
    setup, world, p = ready(outlook="additive")
    victim, foe = indices(setup, "VIC", "FOE")
    set_threat(world, victim, foe, threat)
    world.outside[victim, 0] = outside
    found = []
    for trusted in (rho, rho + 0.01):
        world.reliability[victim, 0] = trusted
        terms = pressure_terms(world, p, victim, 0)
        found.append(terms.threat + terms.protection)
    assert found[1] <= found[0]


def test_thresholds_rise_by_the_gaps():
    _, _, p = built()
    steps = np.diff([gap_sum(p, rung) for rung in (LOYAL, VOICE, REDUCE, FREEZE, NOTIFY)])
    assert gap_sum(p, LOYAL) == 0.0
    assert steps == pytest.approx([p.gap_reduce, p.gap_freeze, p.gap_notify, p.gap_out])


def test_the_exposed_keep_a_claim_by_hand():
    setup, world, p = ready(parameters={"formal_claim": 2.0})
    victim = setup.codes.index("VIC")
    claims = [claim_value(world, p, victim, 0, rung) for rung in range(5)]
    assert claims == pytest.approx([0.0, 0.0, 0.0, 2.0 * 0.9, 2.0 * 0.9])
    for rung in range(5):
        assert threshold(world, p, victim, 0, rung) == pytest.approx(gap_sum(p, rung) + claims[rung])
    world.posture[victim, 0] = FREEZE
    even = up_chance(world, p, victim, 0, threshold(world, p, victim, 0, FREEZE))
    assert even == pytest.approx(p.ladder_tempo / 2)
    set_threat(world, victim, setup.codes.index("FOE"), 0.0)
    assert threshold(world, p, victim, 0, FREEZE) == gap_sum(p, FREEZE)


@given(st.floats(0, 5), st.floats(0, 1), st.floats(-3, 3))
def test_threat_makes_notice_dearer_and_nothing_below_it(weight, threat, pressure):
    setup, world, p = ready()
    victim, foe = indices(setup, "VIC", "FOE")
    with_claim, without = p._replace(formal_claim=weight), p._replace(formal_claim=0.0)
    set_threat(world, victim, foe, threat)
    levels = [threshold(world, with_claim, victim, 0, rung) for rung in range(5)]
    assert levels == sorted(levels)
    for rung in range(5):
        world.posture[victim, 0] = rung
        up, free = (up_chance(world, each, victim, 0, pressure) for each in (with_claim, without))
        assert up <= free if rung == FREEZE else up == free
        down, free = (down_chance(world, each, victim, 0, pressure) for each in (with_claim, without))
        assert down >= free if rung == NOTIFY else down == free


def test_steps_down_are_harder_than_steps_up():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    even = gap_sum(p, VOICE)
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
    assert up_chance(world, p, victim, 0, 0.0) == pytest.approx(
        (1.0 + p.attention_tempo) * p.window_multiplier * closed
    )


def test_nobody_steps_from_notice_to_exit_but_may_take_notice_back():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.posture[victim, 0] = NOTIFY
    assert up_chance(world, p, victim, 0, 6.0) == 0.0
    assert down_chance(world, p, victim, 0, -6.0) == pytest.approx(p.ladder_tempo, rel=1e-3)
    world.posture[victim, 0] = OUT
    assert down_chance(world, p, victim, 0, -6.0) == 0.0


def reviewed(p, draw, rung, pressure):
    setup, world, _ = ready()
    victim = setup.codes.index("VIC")
    world.posture[victim, 0], world.pressure[victim, 0] = rung, pressure
    return choose_step(world, p, victim, 0, draw)


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 4), st.floats(-3, 3))
def test_without_jumps_a_review_moves_at_most_one_rung(draw, rung, pressure):
    step = reviewed(built()[2]._replace(jump_chance=0.0), draw, rung, pressure)
    assert step in (-1, 0, 1)
    assert LOYAL <= rung + step <= NOTIFY


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 4), st.floats(-3, 3), st.floats(0, 1))
def test_jumps_change_how_far_a_step_goes_but_not_whether_and_which_way(draw, rung, pressure, jumps):
    p = built()[2]
    step = reviewed(p._replace(jump_chance=jumps), draw, rung, pressure)
    single = reviewed(p._replace(jump_chance=0.0), draw, rung, pressure)
    assert np.sign(step) == single
    assert LOYAL <= rung + step <= OUT
    if rung == NOTIFY:
        assert step == single


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


def test_a_pact_forfeits_the_claim_of_a_member_and_not_of_a_state_that_has_left():
    setup, world, p = ready(treaties={"PACT": {"exclusive": 0.0}})
    victim, far = indices(setup, "VIC", "FAR")
    make_offer(world, victim, far, 0.8)
    update_best_patron(world, victim, 0)
    world.pressure[victim, 0] = gap_sum(p, NOTIFY) + 0.3
    claim = p.formal_claim * exposure(world, victim, world.guarantor[0])
    assert claim > 0.0
    assert pact_chance(world, p, victim, 0) == pytest.approx(
        p.ladder_tempo * logistic(p.ladder_precision * (0.3 - claim))
    )
    move_to(world, victim, 0, OUT)
    assert pact_chance(world, p, victim, 0) == pytest.approx(p.ladder_tempo * logistic(p.ladder_precision * 0.3))


def test_a_treaty_that_is_half_exclusive_halves_the_chance_of_a_rival_pact():
    def largest_draw(strength):
        setup, world, p = ready(treaties={"PACT": {"exclusive": strength}})
        victim, far = indices(setup, "VIC", "FAR")
        make_offer(world, victim, far, 0.8)
        update_best_patron(world, victim, 0)
        return max(draw for draw in np.linspace(0.0, 0.2, 20001) if chooses_pact(world, p, victim, 0, draw))

    assert largest_draw(0.5) == pytest.approx(0.5 * largest_draw(0.0), abs=2e-5)


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


def test_to_join_or_return_is_no_step_up():
    setup, world, p = ready()
    victim, far = indices(setup, "VIC", "FAR")
    move_to(world, far, 0, LOYAL)
    assert emulation(world, p, victim, 0) == 0.0
    move_to(world, far, 0, OUT)
    world.clock[0] = 30.0
    move_to(world, far, 0, LOYAL)
    assert world.moved_up[far, 0] == world.last_step_up[0] == 0.0
    assert emulation(world, p, victim, 0) == 0.0


def test_emulation_leaves_out_those_who_left_long_ago():
    setup, world, p = ready(treaties={"PACT": {"members": ["BIG", "VIC", "ALY", "FAR"]}})
    victim, ally, far = indices(setup, "VIC", "ALY", "FAR")
    likeness = [similarity(world, p, victim, other, NOBODY) for other in (ally, far)]
    move_to(world, far, 0, OUT)
    assert emulation(world, p, victim, 0) == pytest.approx(likeness[1] / 2)
    world.clock[0] += p.emulation_months
    move_to(world, ally, 0, VOICE)
    assert emulation(world, p, victim, 0) == pytest.approx(sum(likeness) / 2)
    world.clock[0] += 1.0
    assert emulation(world, p, victim, 0) == pytest.approx(likeness[0])


def test_intrusion_is_a_combat_base_and_forces_at_home():
    setup, world, p = built(dyads={"ALY": {"BIG": {"base": 0.25}}})
    victim, ally, big = indices(setup, "VIC", "ALY", "BIG")
    assert autonomy_loss(world, p, victim, big) == 0.5
    assert autonomy_loss(world, p, victim, ally) == autonomy_loss(world, p, ally, big) == 0.0
    world.deployed[ally] = 0.4
    assert autonomy_loss(world, p, ally, big) == pytest.approx(0.2)
