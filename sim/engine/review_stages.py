"""The stages in which members review their posture and guarantors choose a policy towards their clients.

`sim.engine.stages` says what a stage is, and what ``door`` is.
"""

import math
from typing import TYPE_CHECKING

from sim.engine import draws
from sim.engine.forced_stages import force_courses
from sim.engine.lowering import compiled
from sim.engine.scratch import REVIEWS, Scratch
from sim.engine.script import UNGIVEN, Script
from sim.engine.stage_tools import draw, mark_interest, on_ladder, refresh_bonds_of_all
from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.audience import update_exit_support
from sim.rules.course import follow
from sim.rules.decay import close_window
from sim.rules.diversification import (
    chooses_diversification,
    diversify,
    ends_diversification,
    may_diversify,
)
from sim.rules.force import may_be_stopped, stops_step
from sim.rules.guarantor import (
    COERCE,
    IGNORE,
    REASSURE,
    choose_policy,
    client,
    feel_coercion,
    feel_reassurance,
)
from sim.rules.jumps import landing
from sim.rules.maths import chance_per_tick
from sim.rules.patronage import adjust_portfolio
from sim.rules.posture import (
    choose_step,
    chooses_lapse,
    chooses_pact,
    chooses_return,
    may_conclude_pact,
    move_to,
    review_rate,
    skips_review,
    total_pressure,
    touch,
)
from sim.rules.reliability import read_circumstances, update_interest, update_reliability
from sim.words import LOYAL, OUT

if TYPE_CHECKING:
    from sim.engine.door import Door


@compiled
def review_postures(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Let all members review their posture at once, seek outside partners, and shift their dependence."""
    take_turns(world, p, script, run, tick)
    if script.forced:
        force_courses(world, p, script, run, tick)
    for row in range(run.counts[REVIEWS]):
        state, treaty = run.review_state[row], run.review_treaty[row]
        if run.course_at[state, treaty] == NOBODY:
            number = run.review_draw[row]
            run.rung[state, treaty] = next_rung(world, p, script, run, tick, state, treaty, number, door)
    crossed = False
    for row in range(run.counts[REVIEWS]):
        state, treaty = run.review_state[row], run.review_treaty[row]
        if run.rung[state, treaty] != world.posture[state, treaty]:
            crossed = move_to(world, state, treaty, run.rung[state, treaty]) or crossed
    if crossed:
        refresh_bonds_of_all(world)
        mark_interest(run, True)
    for row in range(run.counts[REVIEWS]):
        state, treaty = run.review_state[row], run.review_treaty[row]
        follow_course(world, script, tick, state, treaty)
        if on_ladder(world, state, treaty):
            if run.course_at[state, treaty] == NOBODY:
                seek_pact(world, p, run, row, door)
                seek_patron(world, p, run, row, door)
            else:
                follow(world, p, state, treaty, run.course_at[state, treaty])
            if world.posture[state, treaty] > LOYAL:
                adjust_portfolio(world, p, state, treaty)
    states, treaties = world.posture.shape
    for treaty in range(treaties):
        if run.renewed[treaty]:
            world.months_since_renewal[treaty] = 0.0
        for state in range(states if world.ladder[treaty] else 0):
            close_window(world, state, treaty)


@compiled
def take_turns(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """List the members under review, draw their random numbers, and update their expectations and pressure."""
    states, treaties = world.posture.shape
    count = 0
    watched = script.watched or script.choices_on[tick]
    key0, key1 = draws.purpose_key(int(run.key[0]), int(run.key[1]), int(script.days[tick]), draws.REVIEW, 0)
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            if not on_ladder(world, state, treaty):
                continue
            run.review_state[count], run.review_treaty[count] = state, treaty
            if run.interest_moved[state]:
                read_circumstances(world, p, state, treaty)
            if script.forced and script.possible[tick, state, treaty] != 0:
                weigh(world, p, script, state, treaty)
                count += 1
                continue
            state_code, treaty_code = int(script.state_codes[state]), int(script.treaty_codes[treaty])
            number = draws.uniform_of_pair(key0, key1, state_code, treaty_code)
            run.review_draw[count] = number
            reads_pressure = draw_for_pact(world, p, script, run, tick, count)
            reads_pressure = draw_for_patron(world, p, script, run, tick, count) or reads_pressure
            count += 1
            if (
                watched
                or reads_pressure
                or run.renewing[state, treaty]
                or world.posture[state, treaty] == OUT
                or not skips_review(world, p, state, treaty, number)
            ):
                weigh(world, p, script, state, treaty)
    run.counts[REVIEWS] = count
    mark_interest(run, False)


@compiled
def weigh(world: World, p: Parameters, script: Script, state: int, treaty: int) -> None:
    """Update how reliable a member holds its guarantor to be, and its pressure to step up the ladder."""
    if not script.watched:
        update_exit_support(world, p, state, treaty)
    update_interest(world, p, state, treaty)
    update_reliability(world, p, state, treaty)
    world.pressure[state, treaty] = total_pressure(world, p, state, treaty)


@compiled
def next_rung(
    world: World,
    p: Parameters,
    script: Script,
    run: Scratch,
    tick: int,
    state: int,
    treaty: int,
    review: float,
    door: "Door | None",
) -> int:
    """Return the next rung of a member or former member, given or chosen; ``review`` is the draw of its review."""
    given = script.given_rung[tick, state, treaty]
    if given != NOBODY:
        return int(given)
    rung = world.posture[state, treaty]
    code = script.treaty_codes[treaty]
    if rung == OUT:
        if world.in_force[treaty]:
            number = draw(script, run, tick, draws.REJOIN, state, code, 0)
            returns = chooses_return(world, p, state, treaty, number)
            if door is not None:
                returns = door.rejoins(state, treaty, returns, number)
            if returns:
                return LOYAL
        return OUT
    if run.renewing[state, treaty]:
        number = draw(script, run, tick, draws.LAPSE, state, code, 0)
        lapses = chooses_lapse(world, p, state, treaty, number)
        if door is not None:
            lapses = door.lapses(state, treaty, lapses, number)
        if lapses:
            return OUT
    step = choose_step(world, p, state, treaty, review)
    if door is not None:
        step = door.reviews_posture(state, treaty, step, review)
    reached = landing(rung, step)
    stopped = False
    if may_be_stopped(world, p, state, treaty, reached):
        stopped = stops_step(p, draw(script, run, tick, draws.FORCE, state, code, 0))
    if door is not None:
        door.reviewed(state, treaty, reached, stopped)
    if stopped:
        touch(world, state, treaty, reached)
        return int(rung)
    return reached


@compiled
def follow_course(world: World, script: Script, tick: int, state: int, treaty: int) -> None:
    """Let a member have the outside partners that its observed course gives at the end of a tick."""
    patron, partner = script.given_patron[tick, state, treaty], script.given_pact[tick, state, treaty]
    if patron != UNGIVEN:
        world.diversified_to[state, treaty] = patron
    if partner != UNGIVEN:
        world.pact_with[state, treaty] = partner


@compiled
def draw_for_pact(world: World, p: Parameters, script: Script, run: Scratch, tick: int, row: int) -> bool:
    """Draw the number that decides about a rival pact, and return whether the decision may depend on pressure."""
    state, treaty = run.review_state[row], run.review_treaty[row]
    run.pact_draw[row] = math.nan
    if script.given_pact[tick, state, treaty] != UNGIVEN or not may_conclude_pact(world, state, treaty):
        return False
    run.pact_draw[row] = draw(script, run, tick, draws.PACT, state, script.treaty_codes[treaty], 0)
    return bool(run.pact_draw[row] < chance_per_tick(review_rate(world, p, state), world.months))


@compiled
def seek_pact(world: World, p: Parameters, run: Scratch, row: int, door: "Door | None") -> None:
    """Settle whether a member concludes a rival pact with its best patron."""
    state, treaty, number = run.review_state[row], run.review_treaty[row], run.pact_draw[row]
    if math.isnan(number) or not may_conclude_pact(world, state, treaty):
        return
    sought = chooses_pact(world, p, state, treaty, number)
    if door is not None:
        sought = door.seeks_pact(state, treaty, sought, number)
    if sought:
        world.pact_with[state, treaty] = world.patron[state, treaty]


@compiled
def draw_for_patron(world: World, p: Parameters, script: Script, run: Scratch, tick: int, row: int) -> bool:
    """Draw the number that begins or ends diversification, and return whether the decision may depend on pressure."""
    state, treaty = run.review_state[row], run.review_treaty[row]
    run.patron_draw[row] = math.nan
    if script.given_patron[tick, state, treaty] != UNGIVEN:
        return False
    begins = p.diversification_tempo > 0.0 and may_diversify(world, state, treaty)
    if not begins and world.diversified_to[state, treaty] == NOBODY:
        return False
    number = draw(script, run, tick, draws.DIVERSIFY, state, script.treaty_codes[treaty], 0)
    run.patron_draw[row] = number
    rate = p.diversification_tempo if begins else p.diversification_end
    return bool(number < chance_per_tick(rate, world.months))


@compiled
def seek_patron(world: World, p: Parameters, run: Scratch, row: int, door: "Door | None") -> None:
    """Settle whether a member begins to diversify, or a state that diversifies stops."""
    state, treaty, number = run.review_state[row], run.review_treaty[row], run.patron_draw[row]
    if math.isnan(number):
        return
    if world.diversified_to[state, treaty] != NOBODY:
        if ends_diversification(world, p, state, treaty, number):
            world.diversified_to[state, treaty] = NOBODY
    elif may_diversify(world, state, treaty):
        begins = chooses_diversification(world, p, state, treaty, number)
        if door is not None:
            begins = door.diversifies(state, treaty, begins, number)
        if begins:
            diversify(world, p, state, treaty)


@compiled
def guarantor_policy(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Let all guarantors choose at once whether to ignore, reassure or coerce each client that is not loyal."""
    if not script.choices_on[tick]:
        return
    states, treaties = world.posture.shape
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            run.rung[state, treaty] = IGNORE
            if (
                on_ladder(world, state, treaty)
                and client(world, state, treaty)
                and world.posture[state, treaty] > LOYAL
            ):
                guarantor = world.guarantor[treaty]
                number = draw(script, run, tick, draws.GUARANTOR, guarantor, script.state_codes[state], 0)
                choice = choose_policy(world, p, state, treaty, number)
                if door is not None:
                    choice = door.policy_towards(state, treaty, choice, number)
                run.rung[state, treaty] = choice
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            guarantor = world.guarantor[treaty]
            if run.rung[state, treaty] == REASSURE:
                feel_reassurance(world, p, state, guarantor, p.choice_strength)
            elif run.rung[state, treaty] == COERCE:
                feel_coercion(world, p, state, guarantor, p.choice_strength)
            if door is not None:
                door.acted(state, treaty)
