"""The stages of a tick: the order of decisions and updates; the rules make all decisions.

Each function of `STAGE_FUNCTIONS` runs one stage of `sim.engine.schedule.STAGES`, all but `record`; states and treaties
are indices of arrays. There are no others: the compiled engine compiles them, the Mesa model calls them as they are.

Their last argument, ``door``, is None in compiled code, where a branch on it is left out. In the Mesa model it is the
`sim.engine.door.Door`, which calls a `sim.State` that overrides a decision and notifies observers.

Unused values are not computed: a member's pressure is updated only if its draw permits a step at a review, unless the
script reads it.
"""

from typing import TYPE_CHECKING

from sim.engine import draws
from sim.engine.crisis_stages import appeal, learn, respond
from sim.engine.forced_stages import begin_forced
from sim.engine.lowering import compiled
from sim.engine.review_stages import guarantor_policy, review_postures
from sim.engine.scratch import ANSWERS, FULL, SHOCKS, Scratch
from sim.engine.script import Script
from sim.engine.stage_tools import case_of, draw, holds, mark_interest, on_ladder, refresh_bonds_of_all
from sim.model import dispatch
from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.audience import update_approval, update_exit_support
from sim.rules.challenge import at_risk, attack_chance_limit, chooses_attack, endogenous_severity
from sim.rules.coverage import is_promise
from sim.rules.decay import age_beliefs, age_state, decay_factors, run_notice
from sim.rules.government import changes_government, drawn_line, has_guarantor, set_line
from sim.rules.learning import begin_beliefs
from sim.rules.patronage import update_best_patron
from sim.rules.posture import total_pressure
from sim.rules.reliability import read_circumstances, update_interest, update_reliability
from sim.rules.response import register_attack, register_promise
from sim.words import LOYAL

if TYPE_CHECKING:
    from sim.engine.door import Door


@compiled
def begin(world: World, p: Parameters, script: Script, run: Scratch) -> None:
    """Set beliefs, support for exit, reliability, pressure and decay shares before the first tick."""
    states, treaties = world.posture.shape
    begin_forced(run)
    set_decay(world, p, run)
    for state in range(states):
        begin_beliefs(world, p, script.given_trust, script.given_confidence, state)
    for treaty in range(treaties):
        run.renewed[treaty] = False
        for state in range(states):
            run.renewing[state, treaty] = False
        for state in range(states if world.ladder[treaty] else 0):
            update_exit_support(world, p, state, treaty)
            if on_ladder(world, state, treaty):
                read_circumstances(world, p, state, treaty)
                update_interest(world, p, state, treaty)
                update_reliability(world, p, state, treaty)
                world.pressure[state, treaty] = total_pressure(world, p, state, treaty)


@compiled
def set_decay(world: World, p: Parameters, run: Scratch) -> None:
    """Set the shares of feelings and evidence that remain after a tick."""
    left = decay_factors(p, world.months)
    for index in range(len(left)):
        run.left[index] = left[index]


@compiled
def advance(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Apply the passage of time, then the dated changes of this tick."""
    states, treaties = world.posture.shape
    for treaty in range(treaties):
        world.months_since_renewal[treaty] += world.months
        if run.renewed[treaty]:
            run.renewed[treaty] = False
            for state in range(states):
                run.renewing[state, treaty] = False
    world.clock[0] += world.months
    age_beliefs(world, p, run.left)
    for state in range(states):
        age_state(world, state, run.left)
    ended = False
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            ended = run_notice(world, state, treaty) or ended
    if ended:
        refresh_bonds_of_all(world)
        mark_interest(run, True)
    if door is not None:
        door.faded()
    changed, parameters_set = False, False
    for row in range(script.change_from[tick], script.change_from[tick + 1]):
        if holds(world, script, script.change_if[row]):
            changed = apply(world, p, script, run, row) or changed
            parameters_set = parameters_set or script.change_kind[row] == dispatch.SET_PARAMETER
            if dispatch.bears_on_interest(script.change_kind[row]):
                mark_interest(run, True)
            if door is not None:
                p = door.changed(row)
            if script.after_record[tick] and p.government_hazard > 0.0:
                change_governments(world, p, script, run, tick, row)
    if parameters_set:
        set_decay(world, p, run)
    if changed:
        refresh_bonds_of_all(world)


@compiled
def apply(world: World, p: Parameters, script: Script, run: Scratch, row: int) -> bool:
    """Apply one dated change, and return whether membership or validity changed."""
    kind, i, j = script.change_kind[row], script.change_i[row], script.change_j[row]
    if kind == dispatch.SET_PARAMETER:
        run.parameters[i] = script.change_value[row]
    elif kind == dispatch.RENEW:
        run.renewed[i] = True
        for state in range(world.posture.shape[0]):
            if j in (NOBODY, state):
                run.renewing[state, i] = True
    else:
        return dispatch.apply_change(world, p, kind, i, j, script.change_k[row], script.change_value[row])
    return False


@compiled
def change_governments(world: World, p: Parameters, script: Script, run: Scratch, tick: int, row: int) -> None:
    """Let an election or a change of leader bring governments whose line is drawn."""
    for state in range(world.capability.shape[0]):
        if not (script.change_turnover[row, state] and has_guarantor(world, state)):
            continue
        if changes_government(p, draw(script, run, tick, draws.GOVERNMENT, state, 0, 0)):
            number = draw(script, run, tick, draws.GOVERNMENT, state, 0, 1)
            angle = draw(script, run, tick, draws.GOVERNMENT, state, 0, 2)
            set_line(world, state, NOBODY, drawn_line(p, number, angle))


@compiled
def add_shock(run: Scratch, row: int, code: int, victim: int, aggressor: int, place: int, severity: float) -> None:
    """Add an attack or crisis to the table of the present tick; a full table sets the counter `FULL` instead."""
    count = run.counts[SHOCKS]
    if count == run.row.shape[0]:
        run.counts[FULL] = 1
        return
    run.row[count], run.code[count] = row, code
    run.victim[count], run.aggressor[count] = victim, aggressor
    run.place[count], run.severity[count] = place, severity
    run.counts[SHOCKS] = count + 1


@compiled
def challenge(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Collect the attacks, crises and promises of this tick, and apply the direct effects of attacks and crises."""
    run.counts[SHOCKS] = 0
    run.counts[ANSWERS] = 0
    for row in range(script.shock_from[tick], script.shock_from[tick + 1]):
        if holds(world, script, script.shock_if[row]):
            add_shock(
                run, row, script.shock_code[row], script.shock_victim[row], script.shock_aggressor[row],
                script.shock_place[row], script.shock_severity[row],
            )  # fmt: skip
    if script.attacks_on[tick]:
        limit = attack_chance_limit(p, world.months)
        for pair in range(script.neighbours.shape[0]):
            challenger, victim = script.neighbours[pair, 0], script.neighbours[pair, 1]
            if at_risk(world, p, challenger, victim):
                number = draw(script, run, tick, draws.ATTACK, challenger, script.state_codes[victim], 0)
                attacks = number < limit and chooses_attack(world, p, challenger, victim, number)
                if door is not None:
                    attacks = door.attacks(challenger, victim, attacks, number)
                if attacks:
                    attack(world, script, run, tick, challenger, victim)
    for count in range(run.counts[SHOCKS]):
        case = case_of(script, run, count)
        if is_promise(case):
            register_promise(world, p, case)
        else:
            register_attack(world, p, case)
            run.interest_moved[case.victim] = True


@compiled
def attack(world: World, script: Script, run: Scratch, tick: int, challenger: int, victim: int) -> None:
    """Add an attack by choice, not dated in the scenario, to the table of the present tick."""
    number = draw(script, run, tick, draws.ATTACK_SEVERITY, challenger, script.state_codes[victim], 0)
    place = script.border[victim] if world.claim[challenger, victim] > 0.0 else NOBODY
    code = draws.pair_code(script.state_codes[challenger], script.state_codes[victim])
    add_shock(run, NOBODY, code, victim, challenger, place, endogenous_severity(number))


@compiled
def update_opinion(world: World, p: Parameters, script: Script, run: Scratch, tick: int, door: "Door | None") -> None:
    """Update each present or former member's best patron and approval, and its support for exit where that is read."""
    states, treaties = world.posture.shape
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            if world.posture[state, treaty] >= LOYAL:
                update_best_patron(world, state, treaty)
                update_approval(world, p, state, treaty)
                if script.watched:
                    update_exit_support(world, p, state, treaty)


STAGE_FUNCTIONS = {
    "advance": advance,
    "challenge": challenge,
    "appeal": appeal,
    "respond": respond,
    "learn": learn,
    "update_opinion": update_opinion,
    "review_postures": review_postures,
    "guarantor_policy": guarantor_policy,
}
"""What runs each stage; recording is left to the engines."""
