"""Jumps: a step on the ladder that covers more than one rung.

Given a step up from rung k, it covers at least m > 1 rungs with chance ``j logistic(lambda_p (z - u_(k+m-1)))``; steps
down alike. Most breaks of alliances take several rungs within weeks of one event, which single steps cannot make.
"""

from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.maths import logistic
from sim.rules.registry import rule
from sim.rules.thresholds import margin_down, margin_up
from sim.words import LOYAL, NOTIFY, OUT

UP, DOWN = 1, -1


@rule
def landing(rung: int, step: int) -> int:
    """Return the rung to which a step of so many rungs leads, at most `out`; from `notify` no step leads up."""
    highest = NOTIFY if rung == NOTIFY else OUT
    return int(min(highest, max(LOYAL, rung + step)))


@rule
def reach_share(
    world: World, p: Parameters, state: int, treaty: int, direction: int, rungs: int, pressure: float
) -> float:
    """Return the share of a member's steps in a direction that cover at least so many rungs.

    While a notice runs nobody jumps: it is taken back, rung by rung, or ends in exit.
    """
    if rungs == 1:
        return 1.0
    rung = world.posture[state, treaty]
    reached = rung + direction * rungs
    if rung == NOTIFY or not LOYAL <= reached <= OUT:
        return 0.0
    if direction == UP:
        margin = margin_up(world, p, state, treaty, reached - 1, pressure)
    else:
        margin = margin_down(world, p, state, treaty, reached + 1, pressure)
    return p.jump_chance * logistic(p.ladder_precision * margin)


@rule
def step_length(world: World, p: Parameters, state: int, treaty: int, direction: int, share: float) -> int:
    """Return the number of rungs that a step covers; ``share`` is uniform in [0, 1)."""
    pressure = world.pressure[state, treaty]
    rungs = 1
    while rungs < OUT and share < reach_share(world, p, state, treaty, direction, rungs + 1, pressure):
        rungs += 1
    return rungs
