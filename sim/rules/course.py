"""The course of a member as chances: where it stands at the end of a tick, given where it stood at the end of the last.

A member stands in one of 24 places: its rung, whether it diversifies, and whether it has a rival pact. The chances are
those of the decisions of one tick, in their order: review, lapse or return, rival pact, diversification. They serve to
say how likely a recorded course is (a forward filter; Rabiner 1989), where a run would draw one course at random.
"""

import math

from sim.model.parameters import Parameters
from sim.model.world import NOBODY, Floats, World
from sim.rules.diversification import diversification_chance, diversify, end_chance, may_diversify
from sim.rules.force import may_be_stopped
from sim.rules.jumps import DOWN, UP, landing, reach_share
from sim.rules.posture import (
    down_chance,
    lapse_chance,
    may_conclude_pact,
    pact_chance,
    return_chance,
    up_chance,
)
from sim.rules.registry import rule
from sim.words import LOYAL, NOTIFY, OUT, POSTURES

RUNGS = len(POSTURES)
STANDINGS = 4 * RUNGS
"""Places in which a member can stand: rungs, times whether it diversifies, times whether it has a rival pact."""


@rule
def standing(rung: int, diversified: bool, pact: bool) -> int:
    """Return the number, 0..23, of the place that a rung, diversification and a rival pact make up."""
    return int(rung + (RUNGS if diversified else 0) + (2 * RUNGS if pact else 0))


@rule
def has(places: int, bit: int) -> bool:
    """Return whether a set of places or rungs, each a bit of one number, holds the one at ``bit``."""
    return bool((places >> bit) & 1 == 1)


@rule
def standing_of(world: World, state: int, treaty: int) -> int:
    """Return the number of the place in which a member stands now."""
    diversified = bool(world.diversified_to[state, treaty] != NOBODY)
    return standing(world.posture[state, treaty], diversified, bool(world.pact_with[state, treaty] != NOBODY))


@rule
def suppose(world: World, state: int, treaty: int, position: int) -> None:
    """Put a member into a place for as long as chances are computed there; shares of arms do not move."""
    world.posture[state, treaty] = position % RUNGS
    world.diversified_to[state, treaty] = state if position // RUNGS % 2 == 1 else NOBODY
    world.pact_with[state, treaty] = state if position // (2 * RUNGS) == 1 else NOBODY


@rule
def spread(
    world: World,
    p: Parameters,
    state: int,
    treaty: int,
    renewing: bool,
    possible: int,
    before: Floats,
    passing: Floats,
    after: Floats,
) -> None:
    """Carry the chances of a member's places over one tick; the member itself stays where it is.

    Parameters
    ----------
    renewing : bool
        Whether the treaty is up for renewal in this tick.
    possible : int
        Places whose chances are asked for, as a set of bits; those of other places are computed in part only.
    before, after : array (24)
        Chance of each place at the end of the last tick, and of this one.
    passing : array (24)
        Working memory.
    """
    rung, diversified = world.posture[state, treaty], world.diversified_to[state, treaty]
    pact = world.pact_with[state, treaty]
    rungs = possible | possible >> RUNGS | possible >> 2 * RUNGS | possible >> 3 * RUNGS
    for position in range(STANDINGS):
        after[position] = 0.0
    for start in range(STANDINGS):
        if before[start] <= 0.0:
            continue
        for position in range(STANDINGS):
            passing[position] = 0.0
        suppose(world, state, treaty, start)
        spread_rungs(world, p, state, treaty, renewing, rungs, before[start], passing)
        suppose(world, state, treaty, start)
        free = may_conclude_pact(world, state, treaty)
        turns = may_diversify(world, state, treaty) or world.diversified_to[state, treaty] != NOBODY
        for position in range(STANDINGS):
            if passing[position] > 0.0 and has(rungs, position % RUNGS):
                suppose(world, state, treaty, position)
                spread_patrons(world, p, state, treaty, free, turns, passing[position], after)
    world.posture[state, treaty] = rung
    world.diversified_to[state, treaty], world.pact_with[state, treaty] = diversified, pact


@rule
def spread_rungs(
    world: World, p: Parameters, state: int, treaty: int, renewing: bool, rungs: int, share: float, after: Floats
) -> None:
    """Add the chances of the rungs to which one review leads from where a member stands, times a share.

    Only the chances of the rungs in the set of bits ``rungs`` need be right. A notice ends in exit with the same chance
    in each tick, such that it runs as long as the treaty says on average.
    """
    start = standing_of(world, state, treaty)
    rung = world.posture[state, treaty]
    if rung == OUT:
        returns = return_chance(world, p, state, treaty) if world.in_force[treaty] else 0.0
        back = standing(LOYAL, world.diversified_to[state, treaty] != NOBODY, False)
        after[back] += share * returns
        after[start] += share * (1.0 - returns)
        return
    if rung == NOTIFY:
        ends = min(1.0, world.months / max(world.months, world.notice_months[treaty]))
        after[start - rung + OUT] += share * ends
        share *= 1.0 - ends
    if renewing:
        lapses = lapse_chance(world, p, state, treaty)
        after[start - rung + OUT] += share * lapses
        share *= 1.0 - lapses
    pressure = world.pressure[state, treaty]
    up = up_chance(world, p, state, treaty, pressure)
    down = min(down_chance(world, p, state, treaty, pressure), 1.0 - up)
    after[start] += share * (1.0 - up - down)
    for direction in (UP, DOWN):
        chance = share * (up if direction == UP else down)
        for length in range(1, RUNGS if chance > 0.0 else 1):
            target = landing(rung, direction * length)
            stopped = p.force_chance if may_be_stopped(world, p, state, treaty, target) else 0.0
            if not (has(rungs, target) or (stopped > 0.0 and has(rungs, rung))):
                continue
            reached = reach_share(world, p, state, treaty, direction, length, pressure)
            if reached <= 0.0:
                break
            exactly = reached - reach_share(world, p, state, treaty, direction, length + 1, pressure)
            after[start] += chance * exactly * stopped
            after[start - rung + target] += chance * exactly * (1.0 - stopped)


@rule
def spread_patrons(
    world: World, p: Parameters, state: int, treaty: int, free: bool, turns: bool, share: float, after: Floats
) -> None:
    """Add the chances of a rival pact and of diversification from where a member stands, times a share.

    ``free`` and ``turns`` say whether it could decide on a pact and on diversification when the tick began.
    """
    rung = world.posture[state, treaty]
    diversified = world.diversified_to[state, treaty] != NOBODY
    pact = world.pact_with[state, treaty] != NOBODY
    signs = pact_chance(world, p, state, treaty) if free else 0.0
    change = 0.0
    if turns and diversified:
        change = end_chance(world, p, state, treaty)
    elif turns:
        change = diversification_chance(world, p, state, treaty)
    for signed in range(2):
        part = share * (signs if signed == 1 else 1.0 - signs)
        has_pact = pact or signed == 1
        after[standing(rung, diversified, has_pact)] += part * (1.0 - change)
        after[standing(rung, not diversified, has_pact)] += part * change


@rule
def follow(world: World, p: Parameters, state: int, treaty: int, position: int) -> None:
    """Set the outside partners of a member to those of its recorded place; its rung has been set before.

    A notice on record ends when the record says so. A member without a patron that is recorded to have one has itself.
    """
    patron = world.patron[state, treaty]
    if position // RUNGS % 2 == 0:
        world.diversified_to[state, treaty] = NOBODY
    elif world.diversified_to[state, treaty] == NOBODY:
        if patron == NOBODY:
            world.diversified_to[state, treaty] = state
        else:
            diversify(world, p, state, treaty)
    if position // (2 * RUNGS) == 0:
        world.pact_with[state, treaty] = NOBODY
    elif world.pact_with[state, treaty] == NOBODY:
        world.pact_with[state, treaty] = state if patron == NOBODY else patron
    if position % RUNGS == NOTIFY:
        world.notice_left[state, treaty] = math.inf
