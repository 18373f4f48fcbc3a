"""Portfolios, patrons, challengers and guarantors: by hand and by direction."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.model.world import NOBODY
from sim.rules.capability import deployable
from sim.rules.challenge import (
    at_risk,
    attack_chance,
    attack_chance_at,
    attack_chance_limit,
    endogenous_severity,
    power_share,
)
from sim.rules.guarantor import (
    COERCE,
    IGNORE,
    REASSURE,
    choice_utility,
    choose_policy,
    feel_coercion,
    stay_chance_gain,
)
from sim.rules.maths import logistic
from sim.rules.patronage import adjust_portfolio, best_patron, exit_cost, make_offer, shift_share, update_best_patron
from sim.rules.reliability import update_reliability
from sim.words import ARMS, BASE, LOYAL, NONE, REDUCE, TRADE, VOICE
from tests.rules.readied import indices, ready
from tests.worlds import attack, believe, built, learn

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
    update_best_patron(world, victim, 0)
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
    update_best_patron(world, victim, 0)
    assert (world.patron[victim, 0], world.outside[victim, 0]) == (far, pytest.approx(0.4))


# challengers


def test_who_can_come_to_blows():
    setup, world, p = built()
    victim, foe, far = indices(setup, "VIC", "FOE", "FAR")
    assert at_risk(world, p, foe, victim)
    assert not at_risk(world, p, far, victim)
    world.claim[foe, victim] = world.threat[victim, foe] = 0.0
    assert not at_risk(world, p, foe, victim)
    world.fought[foe, victim] = -400.0
    assert at_risk(world, p, foe, victim)


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


@given(
    st.floats(-1, 3), st.floats(0, 3), st.floats(0, 2), st.floats(0, 2),
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.25, 1.0]),
)  # fmt: skip
def test_no_chance_of_an_attack_exceeds_the_limit(power, claim, restrained, distracted, grievance, trade, tied, months):
    weights = {
        "challenge_power": power, "challenge_claim": claim, "challenge_restraint": restrained,
        "challenge_distraction": distracted,
    }  # fmt: skip
    setup, world, p = built(parameters=weights)
    victim, foe, big = indices(setup, "VIC", "FOE", "BIG")
    world = world._replace(months=months)
    world.claim[foe, victim], world.fought[foe, victim], world.overstretch[big] = grievance, 0.0, tied
    world.portfolio[foe, victim, TRADE] = trade
    for share in (0.0, 0.4, 1.0):
        assert attack_chance_at(world, p, foe, victim, share) <= attack_chance_limit(p, months)


def test_the_limit_of_attacks_is_reached_where_everything_speaks_for_one():
    setup, world, p = built()
    victim, foe, big = indices(setup, "VIC", "FOE", "BIG")
    world.claim[foe, victim], world.fought[foe, victim], world.overstretch[big] = 1.0, 0.0, 1.0
    world.portfolio[foe, :, TRADE] = 0.0
    assert attack_chance_at(world, p, foe, victim, 1.0) == pytest.approx(attack_chance_limit(p, world.months))


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
    assert stay_chance_gain(world, p, victim, 0, 0.5, 0.0) > 0.0
    assert stay_chance_gain(world, p, victim, 0, 0.0, 0.0) == pytest.approx(0.0, abs=1e-12)


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
    assert world.coercion[victim, 0] == 0.5
    assert 0.0 < world.coercion[ally, 0] < 0.5 * p.observer_weight
    assert world.coercion[far, 0] == 0.0


def test_a_member_that_was_let_down_weighs_its_reliability_down():
    setup, world, p = ready()
    victim, big = indices(setup, "VIC", "BIG")
    before = world.reliability[victim, 0]
    learn(world, p, attack(setup), big, victim, NONE, False, True)
    update_reliability(world, p, victim, 0)
    assert world.reliability[victim, 0] < before
