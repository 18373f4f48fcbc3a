"""What time does by itself: feelings fade, records age, notices run out, windows close."""

import math

from sim.parameters import Parameters
from sim.rules.learning import forget
from sim.rules.maths import fade
from sim.rules.posture import move_to
from sim.rules.registry import rule
from sim.words import NOTIFY, OUT
from sim.world import World

MOMENT = 1e-9


@rule
def age_state(world: World, p: Parameters, state: int) -> None:
    """Let one tick pass for what a state feels, believes and remembers."""
    calm = fade(p.attention_half_life, world.months)
    relief = fade(p.pressure_half_life, world.months)
    world.attention[state] *= calm
    world.coercion[state] *= relief
    world.reassurance[state] *= relief
    world.protest[state] *= relief
    world.deployed[state] *= relief
    world.since_fight[state] += world.months
    world.since_up[state] += world.months
    forget(world, p, state)


@rule
def close_windows(world: World, state: int) -> None:
    """Close the windows of one state whose time is up, at the end of a tick."""
    for treaty in range(world.in_force.shape[0]):
        world.window_left[state, treaty] -= world.months
        if world.window_left[state, treaty] < 0.5 * world.months:
            world.window[state, treaty] = 0.0


@rule
def run_notice(world: World, state: int) -> bool:
    """Let notices of one state run; those that end take it out, at the first tick on or after their day.

    Returns
    -------
    bool
        Whether any notice ended.
    """
    ended = False
    for treaty in range(world.in_force.shape[0]):
        if world.posture[state, treaty] == NOTIFY and world.notice_left[state, treaty] < math.inf:
            world.notice_left[state, treaty] -= world.months
            if world.notice_left[state, treaty] <= MOMENT:
                move_to(world, state, treaty, OUT)
                ended = True
    return ended
