"""What a forced run does beside the stages: it notes how likely the record is, and keeps members on their course.

`sim.engine.forcing` says what a forced run is.
"""

import math

from sim.engine.forcing import CALLS, COURSES, RESPONSES, SLIP
from sim.engine.lowering import compiled
from sim.engine.scratch import REVIEWS, Scratch
from sim.engine.script import Script
from sim.model.parameters import Parameters
from sim.model.world import NOBODY, Case, World
from sim.rules.call import call_chance
from sim.rules.course import RUNGS, STANDINGS, has, spread, standing_of
from sim.rules.response import LEVELS, response_chances


@compiled
def begin_forced(run: Scratch) -> None:
    """Clear the terms of the likelihood, and forget where members stood in the run before."""
    for term in range(run.terms.shape[0]):
        run.terms[term] = 0.0
    for state in range(run.course_at.shape[0]):
        for treaty in range(run.course_at.shape[1]):
            run.course_at[state, treaty] = NOBODY


@compiled
def add_term(script: Script, run: Scratch, tick: int, kind: int, state: int, weight: float, chance: float) -> None:
    """Add the log of a chance, times its weight, to the terms of a kind of decision, a state and a span of time."""
    states = script.state_codes.shape[0]
    run.terms[(kind * states + state) * script.spans + script.span[tick]] += weight * math.log(chance)


@compiled
def judge_call(
    world: World, p: Parameters, script: Script, run: Scratch, tick: int, row: int, case: Case, made: bool
) -> None:
    """Add the chance of a call, or of its absence, to the victim's terms."""
    weight = script.call_weight[row]
    if weight > 0.0:
        calls = call_chance(world, p, case)
        chance = calls if made else 1.0 - calls
        add_term(script, run, tick, CALLS, case.victim, weight, (1.0 - SLIP) * chance + 0.5 * SLIP)


@compiled
def judge_response(
    world: World, p: Parameters, script: Script, run: Scratch, tick: int, row: int, case: Case, ally: int
) -> None:
    """Add the chance of the level of help that an ally chose to its terms."""
    weight = script.response_weight[row]
    if weight > 0.0:
        chance = response_chances(world, p, case, ally)[script.response_level[row]]
        add_term(script, run, tick, RESPONSES, ally, weight, (1.0 - SLIP) * chance + SLIP / LEVELS)


@compiled
def force_courses(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Carry the chances of all members' places over a tick, and choose the place in which each will stand.

    A member that an event has moved since, or that joins, starts where it stands.
    """
    treaties = script.treaty_codes.shape[0]
    for row in range(run.counts[REVIEWS]):
        state, treaty = run.review_state[row], run.review_treaty[row]
        possible = script.possible[tick, state, treaty]
        if possible == 0:
            run.course_at[state, treaty] = NOBODY
            continue
        before = run.course[state * treaties + treaty]
        now = standing_of(world, state, treaty)
        if run.course_at[state, treaty] != now:
            for at in range(STANDINGS):
                before[at] = 1.0 if at == now else 0.0
        spread(world, p, state, treaty, run.renewing[state, treaty], possible, before, run.passing, run.after)
        reached = 0.0
        for at in range(STANDINGS):
            chance = (1.0 - SLIP) * run.after[at] + SLIP / STANDINGS
            before[at] = chance if has(possible, at) else 0.0
            reached += before[at]
        likeliest, most = now, -1.0
        for at in range(STANDINGS):
            before[at] /= reached
            if has(script.assumed[tick, state, treaty], at) and before[at] > most:
                likeliest, most = at, before[at]
        run.course_at[state, treaty] = likeliest
        run.rung[state, treaty] = likeliest % RUNGS
        weight = script.course_weight[tick, state, treaty]
        if weight > 0.0:
            add_term(script, run, tick, COURSES, state, weight, reached)
