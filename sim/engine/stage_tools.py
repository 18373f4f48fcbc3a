"""Helpers of the stages: random draws, conditions, cases, and membership of a ladder."""

import math

from sim.engine import draws
from sim.engine.lowering import compiled
from sim.engine.readout import true_now
from sim.engine.scratch import Scratch
from sim.engine.script import ALWAYS, Script
from sim.model.world import NOBODY, Case, World
from sim.rules.coverage import refresh_bonds
from sim.words import LOYAL, OUT


@compiled
def draw(script: Script, run: Scratch, tick: int, purpose: int, state: int, second: int, event: int) -> float:
    """Return the random number at an address of this tick; ``second`` is a code, 0 for none."""
    key0, key1, day = int(run.key[0]), int(run.key[1]), int(script.days[tick])
    return draws.uniform(key0, key1, day, purpose, int(script.state_codes[state]), int(second), int(event))


@compiled
def holds(world: World, script: Script, condition: int) -> bool:
    """Return whether a condition of the script holds now."""
    return condition == ALWAYS or true_now(
        world,
        script.condition_variable[condition],
        script.condition_i[condition],
        script.condition_j[condition],
        script.condition_op[condition],
        script.condition_value[condition],
    )


@compiled
def on_ladder(world: World, state: int, treaty: int) -> bool:
    """Return whether a state is on a treaty's ladder, the guarantor excepted."""
    return bool(
        world.ladder[treaty]
        and world.posture[state, treaty] >= LOYAL
        and state != world.guarantor[treaty]
        and (world.in_force[treaty] or world.posture[state, treaty] == OUT)
    )


@compiled
def mark_interest(run: Scratch, changed: bool) -> None:
    """Mark, for every state, whether its guarantor's interest may have changed since the last update."""
    for state in range(run.interest_moved.shape[0]):
        run.interest_moved[state] = changed


@compiled
def refresh_bonds_of_all(world: World) -> None:
    """Update the shared treaties, obligations and audiences of all states."""
    for state in range(world.capability.shape[0]):
        refresh_bonds(world, state)


@compiled
def case_of(script: Script, run: Scratch, count: int) -> Case:
    """Return an attack, crisis or promise of the present tick as a `Case`."""
    row = run.row[count]
    by_choice = row == NOBODY
    return Case(
        run.victim[count],
        run.aggressor[count],
        run.place[count],
        run.severity[count],
        False if by_choice else script.shock_unrest[row],
        False if by_choice else script.shock_foreign[row],
        False if by_choice else script.shock_consult[row],
        math.nan if by_choice else script.shock_override[row],
        math.nan if by_choice else script.shock_promised[row],
        math.nan if by_choice else script.shock_strength[row],
    )
