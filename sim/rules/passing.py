"""What time does by itself: feelings fade, records age, notices run out, windows close."""

import math

from sim.parameters import Parameters
from sim.rules.learning import forget
from sim.rules.ledger import age_ledger
from sim.rules.maths import fade
from sim.rules.posture import move_to
from sim.rules.registry import rule
from sim.words import NOTIFY, OUT
from sim.world import World

MOMENT = 1e-9


@rule
def fading(p: Parameters, months: float) -> tuple[float, float, float]:
    """Return what a tick leaves of attention, of felt pressure and comfort, and of evidence, each 0..1."""
    return (
        fade(p.attention_half_life, months),
        fade(p.pressure_half_life, months),
        fade(p.memory_half_life, months),
    )


@rule
def age_beliefs(world: World, left: tuple[float, float, float]) -> None:
    """Let one tick pass for what everybody believes and remembers."""
    forget(world, left[2])
    age_ledger(world)


@rule
def age_state(world: World, state: int, left: tuple[float, float, float]) -> None:
    """Let one tick pass for what a state feels; ``left`` comes from `fading`."""
    calm, relief, _ = left
    world.attention[state] *= calm
    world.coercion[state] *= relief
    world.reassurance[state] *= relief
    world.protest[state] *= relief
    world.deployed[state] *= relief


@rule
def close_window(world: World, state: int, treaty: int) -> None:
    """Close a member's window whose time is up, at the end of a tick."""
    if world.window[state, treaty] == 0.0:
        return
    world.window_left[state, treaty] -= world.months
    if world.window_left[state, treaty] < 0.5 * world.months:
        world.window[state, treaty] = 0.0


@rule
def run_notice(world: World, state: int, treaty: int) -> bool:
    """Let a notice run; one that ends takes the state out, at the first tick on or after its day.

    Returns
    -------
    bool
        Whether it ended.
    """
    if world.posture[state, treaty] != NOTIFY or world.notice_left[state, treaty] == math.inf:
        return False
    world.notice_left[state, treaty] -= world.months
    if world.notice_left[state, treaty] > MOMENT:
        return False
    move_to(world, state, treaty, OUT)
    return True
