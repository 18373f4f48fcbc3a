"""Publics, the ladder, portfolios, challengers and guarantors: by hand and by direction."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.rules.audience import exit_support, receive_refugees, shock, update_approval
from sim.rules.call import call_terms, choose_call
from sim.rules.capability import deployable
from sim.rules.challenge import at_risk, attack_chance, endogenous_severity, power_share
from sim.rules.guarantor import (
    COERCE,
    IGNORE,
    REASSURE,
    choice_utility,
    choose_policy,
    feel_coercion,
    stay_gain,
)
from sim.rules.learning import learn
from sim.rules.maths import fade, logistic, logit, over_tick
from sim.rules.patronage import adjust_portfolio, best_patron, exit_cost, look_outside, make_offer, shift_share
from sim.rules.posture import (
    choose_step,
    chooses_pact,
    down_chance,
    emulation,
    intrusion,
    lapse_chance,
    move_to,
    peril,
    pressure_terms,
    threshold,
    up_chance,
)
from sim.rules.reliability import NOW, read_circumstances, real_help, update_interest, update_reliability
from sim.rules.response import response_chances
from sim.rules.threats import set_threat, worst_rival
from sim.words import ARMS, BASE, FREEZE, LOYAL, MISSION, NONE, NOTIFY, OUT, REDUCE, TRADE, VOICE
from sim.world import NOBODY
from tests.worlds import attack, believe, built, merged

EVEN = {"states": {"BIG": {"overstretch": 0.2}}, "dyads": {"BIG": {"FOE": {"ties": 0.4}, "VIC": {"ties": 0.4}}}}
"""A guarantor as close to the foe as to the victim, with ordinary burdens."""


def indices(setup, *names):
    return tuple(setup.codes.index(name) for name in names)


def ready(**over):
    """Return a world whose members know what to expect of their guarantor."""
    setup, world, p = built(**over)
    for member in indices(setup, "VIC", "ALY"):
        read_circumstances(world, p, member, 0)
        update_interest(world, p, member, 0)
        update_reliability(world, p, member, 0)
    return setup, world, p


@given(st.floats(-700, 700))
def test_logistic_and_logit_undo_each_other(x):
    assert 0.0 <= logistic(x) <= 1.0
    assert logit(logistic(x)) == pytest.approx(max(-6.0, min(6.0, x)), abs=1e-9)


@given(st.floats(0, 1), st.floats(0.01, 6))
def test_chances_over_ticks_compose(monthly, months):
    half = over_tick(monthly, months / 2)
    assert over_tick(monthly, months) == pytest.approx(1 - (1 - half) ** 2, abs=1e-12)


def test_fade_halves():
    assert fade(6.0, 6.0) == 0.5
    assert fade(6.0, 0.0) == 1.0


# expectations


def test_reliability_starts_at_the_prior_and_falls_with_overstretch():
    setup, world, p = ready(**EVEN)
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


def test_nobody_protects_from_the_guarantor_itself():
    setup, world, _ = ready()
    victim, big = indices(setup, "VIC", "BIG")
    at_rest = peril(world, victim, big, 0.6)
    set_threat(world, victim, big, 0.3)
    assert peril(world, victim, big, 0.6) == at_rest
    set_threat(world, victim, big, 0.9)
    assert peril(world, victim, big, 0.6) == 0.9


def test_the_worst_rival_is_the_most_feared_beside_the_guarantor():
    setup, world, _ = built(dyads={"VIC": {"BIG": {"threat": 1.0}, "FAR": {"threat": 0.3}}})
    victim, big, foe, far = indices(setup, "VIC", "BIG", "FOE", "FAR")
    assert worst_rival(world, victim, big) == foe
    assert worst_rival(world, far, big) == NOBODY


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
        shock(world, p, attack(setup), victim, 0, level, False, True)
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
    look_outside(world, victim, 0)
    tempted = exit_support(world, p, victim, 0, logit(0.3), 0.0)
    assert afraid < calm < tempted
    assert approving < calm


# the ladder


def test_terms_of_pressure_by_hand():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.exit_support[victim, 0] = 0.4
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
    look_outside(world, victim, 0)
    assert not chooses_pact(world, p, victim, 0, 0.0)
    move_to(world, victim, 0, OUT)
    assert chooses_pact(world, p, victim, 0, 0.0)
    move_to(world, victim, 0, LOYAL)
    world.exclusive[0] = False
    assert chooses_pact(world, p, victim, 0, 0.0)


def test_emulation_counts_those_who_moved_up_lately():
    setup, world, _ = ready()
    victim, ally = indices(setup, "VIC", "ALY")
    assert emulation(world, victim, 0) == 0.0
    move_to(world, ally, 0, VOICE)
    assert 0.0 < emulation(world, victim, 0) <= 1.0
    world.clock[0] += 25.0
    assert emulation(world, victim, 0) == 0.0


def test_intrusion_is_a_combat_base_and_forces_at_home():
    setup, world, _ = built(dyads={"ALY": {"BIG": {"base": 0.25}}})
    victim, ally, big = indices(setup, "VIC", "ALY", "BIG")
    assert intrusion(world, victim, big) == 0.5
    assert intrusion(world, victim, ally) == intrusion(world, ally, big) == 0.0
    world.deployed[ally] = 0.4
    assert intrusion(world, ally, big) == pytest.approx(0.2)


# portfolio and patrons


def test_exit_cost_leaves_out_channels_that_are_not_known():
    setup, world, p = built()
    victim, big = indices(setup, "VIC", "BIG")
    assert exit_cost(world, p, victim, 0, 0.0) == pytest.approx(0.95 * 0.7)
    assert exit_cost(world, p, victim, 0, 0.5) == pytest.approx(0.95 * 0.7 * (1 + 0.5 * p.retaliation_fear))
    world.portfolio[victim, big, TRADE] = 0.0
    assert exit_cost(world, p, victim, 0, 0.0) == pytest.approx(1.9 / 3 * 0.7)
    world.portfolio[victim] = np.nan
    assert exit_cost(world, p, victim, 0, 0.0) == 0.0


def test_the_portfolio_moves_with_the_posture_and_each_channel_at_its_speed():
    setup, world, p = built()
    victim, big, far = indices(setup, "VIC", "BIG", "FAR")
    adjust_portfolio(world, p, victim, 0)
    assert world.portfolio[victim, big, ARMS] == 0.9
    world.posture[victim, 0] = REDUCE
    make_offer(world, victim, far, 0.5)
    look_outside(world, victim, 0)
    adjust_portfolio(world, p, victim, 0)
    assert world.portfolio[victim, big, ARMS] == pytest.approx(0.9 * (1 - p.arms_adjustment * 0.4))
    assert world.portfolio[victim, far, ARMS] == pytest.approx(0.9 * p.arms_adjustment * 0.4)
    assert world.portfolio[victim, big, BASE] == pytest.approx(1 - p.other_adjustment * 0.4)


def test_shares_stay_shares():
    setup, world, _ = built()
    victim, big, far = indices(setup, "VIC", "BIG", "FAR")
    shift_share(world, victim, ARMS, far, 0.25)
    assert world.portfolio[victim, big, ARMS] == pytest.approx(0.675)
    assert world.portfolio[victim, far, ARMS] == pytest.approx(0.25)
    assert np.nansum(world.portfolio[victim, :, ARMS]) <= 1.0


def test_the_best_patron_is_an_outsider_whose_offer_is_believed():
    setup, world, _ = built()
    victim, ally, far, foe = indices(setup, "VIC", "ALY", "FAR", "FOE")
    assert best_patron(world, victim, 0) == NOBODY
    for patron, value in ((ally, 1.0), (far, 0.5), (foe, 0.6)):
        make_offer(world, victim, patron, value)
    believe(world, victim, far, 0.8)
    believe(world, victim, foe, 0.1)
    assert best_patron(world, victim, 0) == far
    look_outside(world, victim, 0)
    assert (world.patron[victim, 0], world.outside[victim, 0]) == (far, pytest.approx(0.4))


# challengers


def test_who_can_come_to_blows():
    setup, world, _ = built()
    victim, foe, far = indices(setup, "VIC", "FOE", "FAR")
    assert at_risk(world, foe, victim)
    assert not at_risk(world, far, victim)
    world.claim[foe, victim] = world.threat[victim, foe] = 0.0
    assert not at_risk(world, foe, victim)
    world.fought[foe, victim] = -400.0
    assert at_risk(world, foe, victim)


def test_the_hazard_in_a_quiet_rivalry_is_that_of_the_record():
    setup, world, p = built(treaties={"PACT": {"members": ["BIG", "ALY"]}})
    victim, foe = indices(setup, "VIC", "FOE")
    world.claim[foe, victim] = p.claim_centre
    world.capability[foe] = world.capability[victim]
    quiet = attack_chance(world, p, foe, victim)
    floor = p.challenge_floor + p.challenge_restraint * p.restraint_centre
    floor -= p.challenge_distraction * p.distraction_centre
    assert quiet == pytest.approx(logistic(floor))
    world.fought[foe, victim] = 0.0
    assert attack_chance(world, p, foe, victim) / quiet == pytest.approx(math.exp(p.challenge_recurrence), rel=0.05)


def test_doubling_the_coalition_deters_a_little():
    setup, world, p = built()
    victim, foe, big = indices(setup, "VIC", "FOE", "BIG")
    before, share = attack_chance(world, p, foe, victim), power_share(world, p, foe, victim)
    world.capability[big] *= 2
    assert power_share(world, p, foe, victim) < share
    assert 0.7 * before <= attack_chance(world, p, foe, victim) <= before


def test_distraction_and_lost_faith_invite_attacks():
    setup, world, p = built()
    victim, foe, big = indices(setup, "VIC", "FOE", "BIG")
    before = attack_chance(world, p, foe, victim)
    believe(world, foe, big, 0.1)
    doubtful = attack_chance(world, p, foe, victim)
    world.overstretch[big] = 0.8
    assert before < doubtful < attack_chance(world, p, foe, victim)


def test_severity_of_undated_attacks_is_beta_two_four():
    quantiles = [endogenous_severity(q) for q in (0.05, 0.5, 0.95)]
    assert quantiles == pytest.approx(stats.beta(2, 4).ppf([0.05, 0.5, 0.95]), abs=1e-9)


def test_overstretch_cuts_force_to_nothing():
    setup, world, p = built()
    big = setup.codes.index("BIG")
    world.overstretch[big] = 0.75
    assert deployable(world, p._replace(overstretch_curvature=2.0), big) == pytest.approx(0.04 / 16)
    world.overstretch[big] = 1.0
    assert deployable(world, p, big) == 0.0


# guarantors


def wavering():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    world.posture[victim, 0], world.pressure[victim, 0] = VOICE, 0.4
    return setup, world, p, victim


def test_coercion_buys_time_by_fear():
    _, world, p, victim = wavering()
    assert stay_gain(world, p, victim, 0, 0.5, 0.0) > 0.0
    assert stay_gain(world, p, victim, 0, 0.0, 0.0) == pytest.approx(0.0, abs=1e-12)


def test_a_distracted_guarantor_acts_less():
    setup, world, p, victim = wavering()
    rested = choice_utility(world, p, victim, 0, COERCE)
    world.overstretch[setup.codes.index("BIG")] = 0.8
    assert choice_utility(world, p, victim, 0, COERCE) < rested


def test_loyal_clients_are_left_alone_and_wavering_ones_met_in_turn():
    _, world, p, victim = wavering()
    turn = p.ladder_tempo
    found = [choose_policy(world, p, victim, 0, draw) for draw in np.linspace(0, turn * 0.999, 400)]
    assert set(found) == {IGNORE, REASSURE, COERCE}
    assert found == sorted(found)
    weights = np.exp(
        [p.guarantor_precision * choice_utility(world, p, victim, 0, c) for c in (IGNORE, REASSURE, COERCE)]
    )
    assert np.bincount(found) / 400 == pytest.approx(weights / weights.sum(), abs=0.01)
    assert choose_policy(world, p, victim, 0, turn + 1e-9) == IGNORE
    world.posture[victim, 0] = LOYAL
    assert choose_policy(world, p, victim, 0, 0.999 * turn) == IGNORE


def test_other_clients_feel_the_echo_of_coercion():
    setup, world, p = ready()
    victim, ally, far, big = indices(setup, "VIC", "ALY", "FAR", "BIG")
    feel_coercion(world, p, victim, big, 0.5)
    assert world.coercion[victim] == 0.5
    assert 0.0 < world.coercion[ally] < 0.5 * p.observer_weight
    assert world.coercion[far] == 0.0


def test_a_member_that_was_let_down_weighs_its_reliability_down():
    setup, world, p = ready()
    victim, big = indices(setup, "VIC", "BIG")
    before = world.reliability[victim, 0]
    learn(world, p, attack(setup), big, victim, NONE, False, True)
    update_reliability(world, p, victim, 0)
    assert world.reliability[victim, 0] < before
