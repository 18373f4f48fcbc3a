"""Force that stops steps: when it is at hand, what it can stop, and how often."""

import numpy as np
import pytest

from sim.rules.force import hosts_combat_base, may_be_stopped, stops_step
from sim.rules.posture import move_to, touch
from sim.words import BASE, FREEZE, LOYAL, NOTIFY, OUT, REDUCE, VOICE
from tests.rules.readied import indices
from tests.worlds import built


def placed(rung, base=0.0, border=False):
    setup, world, p = built()
    victim, big = indices(setup, "VIC", "BIG")
    world.posture[victim, 0] = rung
    world.portfolio[victim, big, BASE] = base
    world.contiguous[victim, big] = world.contiguous[big, victim] = border
    return world, p, victim


@pytest.mark.parametrize(("base", "border"), [(1.0, False), (0.0, True), (0.375, False), (1.0, True)])
def test_forces_at_hand_can_stop_steps_to_freeze_and_beyond(base, border):
    world, p, victim = placed(LOYAL, base, border)
    assert [may_be_stopped(world, p, victim, 0, rung) for rung in range(6)] == [False] * 3 + [True] * 3
    world.posture[victim, 0] = FREEZE
    assert [may_be_stopped(world, p, victim, 0, rung) for rung in range(6)] == [False] * 4 + [True] * 2
    world.posture[victim, 0] = NOTIFY
    assert not any(may_be_stopped(world, p, victim, 0, rung) for rung in range(5))


@pytest.mark.parametrize("base", [0.0, 0.25, float("nan")])
def test_far_away_and_without_a_combat_base_nothing_is_stopped(base):
    world, p, victim = placed(REDUCE, base)
    assert not any(may_be_stopped(world, p, victim, 0, rung) for rung in range(6))
    assert not hosts_combat_base(world, p, victim, world.guarantor[0])


def test_a_step_is_stopped_with_its_chance():
    p = built()[2]._replace(force_chance=0.3)
    draws = (np.arange(1000) + 0.5) / 1000
    assert np.mean([stops_step(p, draw) for draw in draws]) == pytest.approx(0.3)
    assert not stops_step(p._replace(force_chance=0.0), 0.0)


def test_the_highest_rung_reached_or_tried_is_remembered():
    world, _, victim = placed(LOYAL)
    assert world.touched[victim, 0] == LOYAL
    move_to(world, victim, 0, VOICE)
    touch(world, victim, 0, FREEZE)
    move_to(world, victim, 0, LOYAL)
    assert world.touched[victim, 0] == FREEZE
    move_to(world, victim, 0, OUT)
    move_to(world, victim, 0, LOYAL)
    assert world.touched[victim, 0] == OUT
