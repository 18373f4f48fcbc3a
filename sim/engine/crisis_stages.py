"""The stages of a crisis: appeals, responses, and learning from them; promises need no appeal and no choice.

`sim.engine.stages` says what a stage is, and what ``door`` is.
"""

import math
from typing import TYPE_CHECKING

from sim.engine import draws
from sim.engine.forced_stages import judge_call, judge_response
from sim.engine.lowering import compiled
from sim.engine.scratch import ANSWERS, FULL, LOGGED, SHOCKS, SIGHTS, Scratch
from sim.engine.script import Script
from sim.engine.stage_tools import case_of, draw, holds, on_ladder
from sim.model.parameters import Parameters
from sim.model.world import ADDITIVE, NOBODY, SURPRISE, Case, World
from sim.rules.audience import shift_opinion
from sim.rules.call import choose_call
from sim.rules.coverage import (
    attacked_by_guarantor,
    coverage,
    coverage_at_location,
    is_promise,
    obliged,
    perceived_location,
)
from sim.rules.entrapment import entangle_members, entangle_promiser
from sim.rules.learning import Evidence, evidence_of_answer, evidence_of_attack, salience, update_belief
from sim.rules.ledger import enter_obligation, others_default_rate
from sim.rules.reliability import read_circumstances, unlearn_burden, update_interest
from sim.rules.response import (
    choose_response,
    decides_together,
    delivered,
    guarantor_lean,
    has_say,
    objection_chance,
    passes,
    share_delivered,
)
from sim.rules.threats import similarity
from sim.words import FORCES, LOYAL, MISSION, NONE, STATEMENT

if TYPE_CHECKING:
    from sim.engine.door import Door


@compiled
def appeal(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Settle whether each victim appeals or stays silent, from the record or by its own choice."""
    for count in range(run.counts[SHOCKS]):
        row = run.row[count]
        case = case_of(script, run, count)
        if is_promise(case):
            run.made[count] = True
            continue
        recorded, made = False, False
        if row != NOBODY:
            for call in range(script.call_from[row], script.call_from[row + 1]):
                if holds(world, script, script.call_if[call]):
                    recorded = True
                    made = made or script.call_made[call]
        has_allies = False
        for ally in range(world.capability.shape[0]):
            has_allies = has_allies or obliged(world, case, ally)
        if recorded:
            if script.forced and has_allies:
                judge_call(world, p, script, run, tick, row, case, made)
            if door is not None:
                door.appeal_on_record(count, made)
        elif has_allies:
            number = draw(script, run, tick, draws.CALL, case.victim, 0, run.code[count])
            made = choose_call(world, p, case, number)
            if door is not None:
                made = door.appeals(count, made, number)
        run.made[count] = made
        if made:
            entangle_members(world, p, case)


@compiled
def respond(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Settle the allies' responses, crisis by crisis, and what became of promises."""
    for count in range(run.counts[SHOCKS]):
        if is_promise(case_of(script, run, count)):
            settle_promise(world, p, script, run, count)
        else:
            answer_crisis(world, p, script, run, tick, count, door)
        if door is not None:
            door.answered(count)


@compiled
def settle_promise(world: World, p: Parameters, script: Script, run: Scratch, count: int) -> None:
    """Enter what a state delivered of its promise, as the scenario says; a promise to its guarantor entangles it."""
    row, case = run.row[count], case_of(script, run, count)
    for fixed in range(script.fixed_from[row], script.fixed_from[row + 1]):
        ally, level = script.fixed_ally[fixed], script.fixed_level[fixed]
        run.given[ally] = fixed
        add_answer(run, count, ally, level, level, script.fixed_share[fixed], True)
        entangle_promiser(world, p, case, ally)


@compiled
def answer_crisis(
    world: World, p: Parameters, script: Script, run: Scratch, tick: int, count: int, door: "Door | None"
) -> None:
    """Settle each obliged ally's response to one case, which fellow members can limit if their consent is needed."""
    states = world.capability.shape[0]
    case = case_of(script, run, count)
    for ally in range(states):
        run.given[ally] = NOBODY
        run.choice[ally] = NOBODY
    row = run.row[count]
    if row != NOBODY:
        for fixed in range(script.fixed_from[row], script.fixed_from[row + 1]):
            if holds(world, script, script.fixed_if[fixed]):
                run.given[script.fixed_ally[fixed]] = fixed  # the highest level comes last
    for ally in range(states):
        if obliged(world, case, ally):
            run.choice[ally] = own_choice(world, p, script, run, tick, count, case, ally, door)
    sent = False
    for ally in range(states):
        choice, given = run.choice[ally], run.given[ally]
        if choice == NOBODY:
            continue
        spoken = run.made[count] or (given != NOBODY and choice > NONE)  # nobody declines what was not asked
        level = choice
        if spoken and given == NOBODY and choice > STATEMENT:
            highest = highest_level_passed(world, p, script, run, tick, count, case, ally, door)
            level = delivered(world, case, ally, choice, highest)
        share = math.nan if given == NOBODY else script.fixed_share[given]
        add_answer(run, count, ally, choice, level, share_delivered(world, case, ally, level, share), given != NOBODY)
        sent = sent or level == FORCES
    if case.unrest and sent:
        world.deployed[case.victim] = 1.0


@compiled
def own_choice(
    world: World,
    p: Parameters,
    script: Script,
    run: Scratch,
    tick: int,
    count: int,
    case: Case,
    ally: int,
    door: "Door | None",
) -> int:
    """Return an ally's level of help before any veto: the record's, its own choice, or none without a call."""
    if run.given[ally] != NOBODY:
        level = int(script.fixed_level[run.given[ally]])
        if script.forced and run.made[count]:
            judge_response(world, p, script, run, tick, run.given[ally], case, ally)
        if door is not None:
            door.response_on_record(count, ally, level)
        return level
    if not run.made[count]:
        return NONE
    number = draw(script, run, tick, draws.RESPOND, ally, script.state_codes[case.victim], run.code[count])
    level = choose_response(world, p, case, ally, number)
    if door is not None:
        level = door.responds(count, ally, level, number)
    return level


@compiled
def add_answer(run: Scratch, count: int, ally: int, choice: int, level: int, done: float, fixed: bool) -> None:
    """Add an ally's response to the table of the present tick."""
    answer = run.counts[ANSWERS]
    if answer == run.answer_ally.shape[0]:
        run.counts[FULL] = 1
        return
    run.answer_shock[answer], run.answer_ally[answer] = count, ally
    run.answer_choice[answer], run.answer_level[answer] = choice, level
    run.answer_done[answer], run.answer_fixed[answer] = done, fixed
    run.counts[ANSWERS] = answer + 1


@compiled
def highest_level_passed(
    world: World,
    p: Parameters,
    script: Script,
    run: Scratch,
    tick: int,
    count: int,
    case: Case,
    ally: int,
    door: "Door | None",
) -> int:
    """Return the highest level of help by an ally to which fellow members consent, under any treaty that binds it."""
    highest = NOBODY
    for treaty in range(world.in_force.shape[0]):
        if decides_together(world, case, ally, treaty):
            highest = max(highest, highest_level_under(world, p, script, run, tick, count, case, ally, treaty, door))
    return FORCES if highest == NOBODY else highest


@compiled
def highest_level_under(
    world: World,
    p: Parameters,
    script: Script,
    run: Scratch,
    tick: int,
    count: int,
    case: Case,
    ally: int,
    treaty: int,
    door: "Door | None",
) -> int:
    """Return the highest level of help that passes one treaty's decision; each member draws once for all levels."""
    states = world.capability.shape[0]
    guarantor = world.guarantor[treaty]
    lean = 0.0 if run.choice[guarantor] == NOBODY else guarantor_lean(run.choice[guarantor])
    voters = 0
    for member in range(states):
        run.number[member] = math.nan
        if has_say(world, case, treaty, ally, member):
            voters += 1
            run.number[member] = draw(script, run, tick, draws.OBJECT, member, 0, run.code[count])
    if door is not None:
        door.consulted(count, treaty, lean)
    reached = STATEMENT
    for level in range(MISSION, FORCES + 1):
        objectors = 0
        blocked = False
        for member in range(states):
            if run.number[member] < objection_chance(world, p, case, member, level, lean):
                objectors += 1
                blocked = blocked or member == guarantor
        if not passes(world, case, treaty, ally, objectors, voters, blocked):
            break
        reached = level
    return reached


@compiled
def learn(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Let states and publics learn from what allies did about this tick's attacks, crises and promises."""
    if world.belief_rule == SURPRISE:
        learn_of_attacks(world, p, script, run, door)
    if run.counts[ANSWERS] == 0:
        return
    keep_answers(world, script, run, tick)
    weigh_answers(world, p, script, run)
    for observer in range(world.capability.shape[0]):
        start = 0
        while start < run.counts[ANSWERS]:
            start = observe(world, p, script, run, observer, start, door)
    for answer in range(run.counts[ANSWERS]):
        count = run.answer_shock[answer]
        case = case_of(script, run, count)
        if run.made[count] and not is_promise(case):
            enter_obligation(world, p, case, run.answer_ally[answer], run.answer_done[answer])


@compiled
def weigh_answers(world: World, p: Parameters, script: Script, run: Scratch) -> None:
    """Compute the evidence in each response, for each way of perceiving the location of the case."""
    for answer in range(run.counts[ANSWERS]):
        count = run.answer_shock[answer]
        case, ally = case_of(script, run, count), run.answer_ally[answer]
        level, done = run.answer_level[answer], run.answer_done[answer]
        vetoed = level < run.answer_choice[answer]
        hard = others_default_rate(world, ally, case.victim)
        for seen in range(1 if case.place == NOBODY else SIGHTS):
            legal = coverage_at_location(world, case, ally, seen)
            said = evidence_of_answer(world, p, case, ally, level, done, vetoed, run.made[count], legal, hard)
            run.answer_weight[answer] = said.event_weight
            run.answer_favourable[answer] = said.favourable
            run.answer_adverse[answer] = said.adverse
            run.answer_unmet[answer] = said.unmet
            run.answer_excused[answer, seen] = said.excused
            run.answer_refused[answer, seen] = said.refused
            run.answer_public[answer, seen] = said.public_excused
            run.answer_log_ratio[answer, seen] = said.log_ratio


@compiled
def observe(
    world: World, p: Parameters, script: Script, run: Scratch, observer: int, start: int, door: "Door | None"
) -> int:
    """Update one state and its public with the responses to one case; return the row where the next case begins."""
    count = run.answer_shock[start]
    case = case_of(script, run, count)
    likeness = similarity(world, p, observer, case.victim, case.aggressor)
    seen = perceived_location(world, case, observer)
    row = run.row[count]
    watches = row == NOBODY or script.shock_seen[row, observer]
    answer = start
    while answer < run.counts[ANSWERS] and run.answer_shock[answer] == count:
        ally = run.answer_ally[answer]
        if watches and ally != observer:
            said = Evidence(
                ally, case.victim, run.answer_weight[answer],
                run.answer_favourable[answer], run.answer_adverse[answer], run.answer_unmet[answer],
                run.answer_excused[answer, seen], run.answer_refused[answer, seen], run.answer_public[answer, seen],
                run.answer_log_ratio[answer, seen],
            )  # fmt: skip
            update_belief(world, p, said, observer, likeness)
            if door is not None:
                door.learned(observer, count, answer - start)
            judge_guarantor(world, p, run, said, observer, likeness)
        answer += 1
    return answer


@compiled
def judge_guarantor(world: World, p: Parameters, run: Scratch, said: Evidence, observer: int, likeness: float) -> None:
    """Move a public's approval by what its guarantor did; help in spite of burdens counts in the guarantor's favour."""
    for treaty in range(world.in_force.shape[0]):
        concerned = world.ladder[treaty] and world.posture[observer, treaty] >= LOYAL
        if concerned and said.ally == world.guarantor[treaty]:
            shift_opinion(world, p, said, observer, treaty, likeness)
            if world.outlook == ADDITIVE and said.unmet < 1.0:
                credit_help(world, p, run, said, observer, treaty, likeness)


@compiled
def credit_help(
    world: World, p: Parameters, run: Scratch, said: Evidence, observer: int, treaty: int, likeness: float
) -> None:
    """Let a member hold its guarantor's burdens less against it after help in spite of them."""
    if not on_ladder(world, observer, treaty):
        return
    if run.interest_moved[observer]:
        read_circumstances(world, p, observer, treaty)
    update_interest(world, p, observer, treaty)
    weight = said.event_weight * salience(world, p, said.victim, said.ally, observer, likeness)
    unlearn_burden(world, p, observer, treaty, weight, 1.0 - said.unmet)


@compiled
def learn_of_attacks(world: World, p: Parameters, script: Script, run: Scratch, door: "Door | None") -> None:
    """Count a guarantor's own attack on a member against it, in governments and publics alike."""
    for count in range(run.counts[SHOCKS]):
        case = case_of(script, run, count)
        if not attacked_by_guarantor(world, case):
            continue
        said = evidence_of_attack(case)
        for observer in range(world.capability.shape[0]):
            if observer == case.aggressor:
                continue
            likeness = similarity(world, p, observer, case.victim, case.aggressor)
            update_belief(world, p, said, observer, likeness)
            if door is not None:
                door.attack_judged(observer, count)
            judge_guarantor(world, p, run, said, observer, likeness)


@compiled
def keep_answers(world: World, script: Script, run: Scratch, tick: int) -> None:
    """Log the responses of the tick as rows of `LOG_COLUMNS`, if the run keeps any."""
    if run.log.shape[0] == 0:
        return
    for answer in range(run.counts[ANSWERS]):
        row = run.counts[LOGGED]
        if row == run.log.shape[0]:
            run.counts[FULL] = 1
            return
        count, ally = run.answer_shock[answer], run.answer_ally[answer]
        case = case_of(script, run, count)
        if is_promise(case):
            continue
        entry = run.log[row]
        entry[0], entry[1] = tick, run.row[count]
        entry[2], entry[3], entry[4] = run.victim[count], run.aggressor[count], run.severity[count]
        entry[5], entry[6] = run.made[count], ally
        entry[7] = coverage(world, case, ally, ally)
        entry[8], entry[9], entry[10] = run.answer_choice[answer], run.answer_level[answer], run.answer_done[answer]
        entry[11], entry[12] = run.answer_fixed[answer], run.answer_level[answer] < run.answer_choice[answer]
        run.counts[LOGGED] = row + 1
