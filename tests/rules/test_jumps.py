"""Steps of several rungs: shares by hand, lengths by the draw, and what holds whatever the figures are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.jumps import DOWN, UP, landing, reach_share, step_length
from sim.rules.maths import logistic
from sim.rules.posture import choose_step, down_chance, up_chance
from sim.rules.thresholds import gap_sum
from sim.words import FREEZE, LOYAL, NOTIFY, OUT, REDUCE, VOICE
from tests.rules.readied import ready

JUMPS = {"jump_chance": 0.4, "formal_claim": 1.0}


def placed(rung, pressure=0.0, **parameters):
    """Return a world whose victim stands at a rung under a given pressure, its parameters, and the victim."""
    setup, world, p = ready(parameters=JUMPS | parameters)
    victim = setup.codes.index("VIC")
    world.posture[victim, 0], world.pressure[victim, 0] = rung, pressure
    return world, p, victim


def test_how_far_steps_go_by_hand():
    world, p, victim = placed(VOICE, 2.0)
    up = [reach_share(world, p, victim, 0, UP, rungs, 2.0) for rungs in range(1, 6)]
    past = [2.0 - gap_sum(p, REDUCE), 2.0 - gap_sum(p, FREEZE) - 0.9, 2.0 - gap_sum(p, NOTIFY) - 0.9]
    assert up == pytest.approx([1.0, *(0.4 * logistic(p.ladder_precision * margin) for margin in past), 0.0])
    world.posture[victim, 0] = FREEZE
    down = [reach_share(world, p, victim, 0, DOWN, rungs, 0.3) for rungs in range(1, 5)]
    past = [gap_sum(p, VOICE) - p.hysteresis - 0.3, -p.hysteresis - 0.3]
    assert down == pytest.approx([1.0, *(0.4 * logistic(p.ladder_precision * margin) for margin in past), 0.0])


def test_the_position_of_the_draw_decides_how_far_a_step_goes():
    world, p, victim = placed(LOYAL, 3.0, ladder_tempo=0.3)
    up = up_chance(world, p, victim, 0, 3.0)
    shares = [reach_share(world, p, victim, 0, UP, rungs, 3.0) for rungs in range(1, 7)]
    for rungs in range(1, 6):
        assert choose_step(world, p, victim, 0, up * shares[rungs - 1] * (1 - 1e-9)) == rungs
        assert choose_step(world, p, victim, 0, up * shares[rungs] * (1 + 1e-9)) == rungs


def test_the_lengths_of_steps_have_their_chances():
    draws = (np.arange(20_000) + 0.5) / 20_000
    for rung, pressure in ((LOYAL, 2.0), (VOICE, 1.5), (FREEZE, -1.0), (REDUCE, 0.6)):
        world, p, victim = placed(rung, pressure, ladder_tempo=0.3)
        steps = np.array([choose_step(world, p, victim, 0, draw) for draw in draws])
        up, down = up_chance(world, p, victim, 0, pressure), down_chance(world, p, victim, 0, pressure)
        for rungs in range(1, 6):
            far = up * reach_share(world, p, victim, 0, UP, rungs, pressure)
            assert (steps >= rungs).mean() == pytest.approx(far, abs=1e-4)
            back = down * reach_share(world, p, victim, 0, DOWN, rungs, pressure)
            assert (steps <= -rungs).mean() == pytest.approx(back, abs=1e-4)


def test_a_member_under_pressure_can_break_at_once():
    world, p, victim = placed(LOYAL, 5.0)
    assert choose_step(world, p, victim, 0, 0.0) == OUT
    world.posture[victim, 0] = FREEZE
    assert landing(FREEZE, choose_step(world, p, victim, 0, 0.0)) == OUT


def test_while_a_notice_runs_nobody_jumps():
    world, p, victim = placed(NOTIFY, -5.0)
    assert choose_step(world, p, victim, 0, 1.0 - 1e-12) == -1
    assert landing(NOTIFY, 1) == NOTIFY
    assert step_length(world, p, victim, 0, UP, 0.0) == 1


def test_three_rungs_at_once_are_possible_and_rare_at_rest():
    world, p, victim = placed(LOYAL, -0.5, jump_chance=0.173)
    at_rest = up_chance(world, p, victim, 0, -0.5) * reach_share(world, p, victim, 0, UP, 3, -0.5)
    assert 0.0 < at_rest < 1e-6


@given(st.integers(0, 4), st.sampled_from([UP, DOWN]), st.floats(-6, 6), st.floats(0, 1), st.floats(0, 5))
def test_longer_steps_are_never_likelier(rung, direction, pressure, jumps, claim):
    world, p, victim = placed(rung, jump_chance=jumps, formal_claim=claim)
    shares = [reach_share(world, p, victim, 0, direction, rungs, pressure) for rungs in range(1, 7)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0.0


@given(st.integers(0, 4), st.floats(-6, 6), st.floats(0, 1))
def test_without_jumps_every_step_is_one_rung(rung, pressure, share):
    world, p, victim = placed(rung, pressure, jump_chance=0.0)
    assert step_length(world, p, victim, 0, UP, share) == step_length(world, p, victim, 0, DOWN, share) == 1
