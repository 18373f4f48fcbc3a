"""The stages of a tick for compiled code: who is asked in which order, all decisions left to the rules.

Each function of `STAGE_FUNCTIONS` runs one stage of `sim.engine.schedule.STAGES`, as the Mesa model and its agents do;
a test holds both engines to the same run. Everything is by index. What nobody reads is not computed: a
member's pressure is weighed where its draw falls within the turn of a review, unless the script watches it.
"""

import math

from sim.engine import draws
from sim.engine.lowering import compiled
from sim.engine.reading import true_now
from sim.engine.scratch import ANSWERS, COURSES, FULL, LOGGED, SHOCKS, SIGHTS, Scratch
from sim.engine.script import ALWAYS, Script
from sim.parameters import Parameters
from sim.rules import events as kinds
from sim.rules.audience import sway, update_approval, update_exit_support
from sim.rules.call import choose_call
from sim.rules.challenge import at_risk, chooses_attack, endogenous_severity
from sim.rules.coverage import coverage, coverage_seen, obliged, refresh_bonds, sight
from sim.rules.guarantor import (
    COERCE,
    IGNORE,
    REASSURE,
    choose_policy,
    client,
    feel_coercion,
    feel_reassurance,
)
from sim.rules.learning import Lesson, begin_beliefs, lesson, take_lesson
from sim.rules.ledger import enter_obligation, others_default
from sim.rules.passing import age_beliefs, age_state, close_window, fading, run_notice
from sim.rules.patronage import adjust_portfolio, look_outside
from sim.rules.posture import (
    choose_step,
    chooses_lapse,
    chooses_pact,
    chooses_return,
    move_to,
    passes_over,
    total_pressure,
)
from sim.rules.reliability import read_circumstances, update_interest, update_reliability
from sim.rules.response import (
    choose_response,
    decides_together,
    delivered,
    guarantor_lean,
    has_say,
    hit,
    objection_chance,
    passes,
)
from sim.rules.threats import similarity
from sim.words import FORCES, LOYAL, MISSION, NONE, OUT, STATEMENT
from sim.world import NOBODY, Case, World


@compiled
def draw(script: Script, run: Scratch, tick: int, purpose: int, state: int, second: int, event: int) -> float:
    """Return the random number at an address of this tick; ``second`` is a code, 0 for none."""
    return draws.uniform(run.key[0], run.key[1], script.days[tick], purpose, script.state_codes[state], second, event)


@compiled
def holds(world: World, script: Script, condition: int) -> bool:
    """Tell whether a condition of the script holds now."""
    return condition == ALWAYS or true_now(
        world,
        script.condition_variable[condition],
        script.condition_i[condition],
        script.condition_j[condition],
        script.condition_op[condition],
        script.condition_value[condition],
    )


@compiled
def climbs(world: World, state: int, treaty: int) -> bool:
    """Tell whether a state is on a treaty's ladder, the guarantor excepted."""
    return bool(
        world.ladder[treaty]
        and world.posture[state, treaty] >= LOYAL
        and state != world.guarantor[treaty]
        and (world.in_force[treaty] or world.posture[state, treaty] == OUT)
    )


@compiled
def stir(run: Scratch, changed: bool) -> None:
    """Note for every state whether its guarantor's interest may have changed since it was last weighed."""
    for state in range(run.stirred.shape[0]):
        run.stirred[state] = changed


@compiled
def refresh_bonds_of_all(world: World) -> None:
    """Enter anew who owes what to whom."""
    for state in range(world.capability.shape[0]):
        refresh_bonds(world, state)


@compiled
def begin(world: World, p: Parameters, script: Script, run: Scratch) -> None:
    """Set beliefs, publics and pressures at the start of a run."""
    states, treaties = world.posture.shape
    set_fading(world, p, run)
    for state in range(states):
        begin_beliefs(world, p, script.given_trust, script.given_confidence, state)
    for treaty in range(treaties):
        run.renewed[treaty] = False
        for state in range(states):
            run.renewing[state, treaty] = False
        for state in range(states if world.ladder[treaty] else 0):
            update_exit_support(world, p, state, treaty)
            if climbs(world, state, treaty):
                read_circumstances(world, p, state, treaty)
                update_interest(world, p, state, treaty)
                update_reliability(world, p, state, treaty)
                world.pressure[state, treaty] = total_pressure(world, p, state, treaty)


@compiled
def set_fading(world: World, p: Parameters, run: Scratch) -> None:
    """Set what a tick leaves of feelings and evidence."""
    run.left[0], run.left[1], run.left[2] = fading(p, world.months)


@compiled
def perceive(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Let time pass, then apply the dated changes of this tick."""
    states, treaties = world.posture.shape
    for treaty in range(treaties):
        world.months_since_renewal[treaty] += world.months
        if run.renewed[treaty]:
            run.renewed[treaty] = False
            for state in range(states):
                run.renewing[state, treaty] = False
    world.clock[0] += world.months
    left = (run.left[0], run.left[1], run.left[2])
    age_beliefs(world, left)
    for state in range(states):
        age_state(world, state, left)
        ended = False
        for treaty in range(treaties):
            if world.ladder[treaty]:
                ended = run_notice(world, state, treaty) or ended
        if ended:
            refresh_bonds_of_all(world)
            stir(run, True)
    changed = False
    for row in range(script.change_from[tick], script.change_from[tick + 1]):
        if holds(world, script, script.change_if[row]):
            changed = apply(world, p, script, run, row) or changed
            if kinds.bears_on_interest(script.change_kind[row]):
                stir(run, True)
    if changed:
        refresh_bonds_of_all(world)


@compiled
def apply(world: World, p: Parameters, script: Script, run: Scratch, row: int) -> bool:
    """Apply one dated change; tell whether membership or validity changed."""
    kind, i, j = script.change_kind[row], script.change_i[row], script.change_j[row]
    if kind == kinds.SET_PARAMETER:
        run.parameters[i] = script.change_value[row]
        set_fading(world, p, run)
    elif kind == kinds.RENEWAL:
        run.renewed[i] = True
        for state in range(world.posture.shape[0]):
            if j in (NOBODY, state):
                run.renewing[state, i] = True
    else:
        return kinds.apply_change(world, p, kind, i, j, script.change_k[row], script.change_value[row])
    return False


@compiled
def add_shock(run: Scratch, row: int, code: int, victim: int, aggressor: int, place: int, severity: float) -> None:
    """Add an attack or crisis to those of the tick."""
    count = run.counts[SHOCKS]
    if count == run.row.shape[0]:
        run.counts[FULL] = 1
        return
    run.row[count], run.code[count] = row, code
    run.victim[count], run.aggressor[count] = victim, aggressor
    run.place[count], run.severity[count] = place, severity
    run.counts[SHOCKS] = count + 1


@compiled
def case_of(script: Script, run: Scratch, count: int) -> Case:
    """Return an attack or crisis of the tick as rules take it."""
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
    )


@compiled
def challenge(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Gather the attacks and crises of this tick, dated or by choice, and let them hit."""
    run.counts[SHOCKS] = 0
    run.counts[ANSWERS] = 0
    for row in range(script.shock_from[tick], script.shock_from[tick + 1]):
        if holds(world, script, script.shock_if[row]):
            add_shock(
                run, row, script.shock_code[row], script.shock_victim[row], script.shock_aggressor[row],
                script.shock_place[row], script.shock_severity[row],
            )  # fmt: skip
    if script.attacks_on[tick]:
        states = world.capability.shape[0]
        for one in range(states):
            for other in range(states):
                if at_risk(world, one, other):
                    number = draw(script, run, tick, draws.ATTACK, one, script.state_codes[other], 0)
                    if chooses_attack(world, p, one, other, number):
                        attack(world, script, run, tick, one, other)
    for count in range(run.counts[SHOCKS]):
        hit(world, case_of(script, run, count))
        run.stirred[run.victim[count]] = True


@compiled
def attack(world: World, script: Script, run: Scratch, tick: int, one: int, other: int) -> None:
    """Add an attack by choice."""
    number = draw(script, run, tick, draws.ATTACK_SEVERITY, one, script.state_codes[other], 0)
    place = script.border[other] if world.claim[one, other] > 0.0 else NOBODY
    code = draws.pair_code(script.state_codes[one], script.state_codes[other])
    add_shock(run, NOBODY, code, other, one, place, endogenous_severity(number))


@compiled
def appeal(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Let the victims appeal or stay silent, by the record or by their own choice."""
    for count in range(run.counts[SHOCKS]):
        row = run.row[count]
        recorded, made = False, False
        if row != NOBODY:
            for call in range(script.call_from[row], script.call_from[row + 1]):
                if holds(world, script, script.call_if[call]):
                    recorded = True
                    made = made or script.call_made[call]
        if not recorded:
            case = case_of(script, run, count)
            asked = False
            for ally in range(world.capability.shape[0]):
                asked = asked or obliged(world, case, ally)
            if asked:
                made = choose_call(world, p, case, draw(script, run, tick, draws.CALL, case.victim, 0, run.code[count]))
        run.made[count] = made


@compiled
def respond(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Let the allies answer, case by case."""
    for count in range(run.counts[SHOCKS]):
        answer(world, p, script, run, tick, count)


@compiled
def answer(world: World, p: Parameters, script: Script, run: Scratch, tick: int, count: int) -> None:
    """Let every obliged ally decide about one case, and let treaties with a collective decision hold it back."""
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
            run.choice[ally] = own_choice(world, p, script, run, tick, count, case, ally)
    sent = False
    for ally in range(states):
        choice, given = run.choice[ally], run.given[ally]
        if choice == NOBODY:
            continue
        spoken = run.made[count] or (given != NOBODY and choice > NONE)  # nobody declines what was not asked
        level = choice
        if spoken and given == NOBODY and choice > STATEMENT:
            level = delivered(world, case, ally, choice, ceiling(world, p, script, run, tick, count, case, ally))
        add_answer(run, count, ally, choice, level, given != NOBODY)
        sent = sent or level == FORCES
    if case.unrest and sent:
        world.deployed[case.victim] = 1.0


@compiled
def own_choice(
    world: World, p: Parameters, script: Script, run: Scratch, tick: int, count: int, case: Case, ally: int
) -> int:
    """Return what an ally would do by itself: by the record, nothing without a call, else by its own choice."""
    if run.given[ally] != NOBODY:
        return int(script.fixed_level[run.given[ally]])
    if not run.made[count]:
        return NONE
    victim = script.state_codes[case.victim]
    return choose_response(world, p, case, ally, draw(script, run, tick, draws.RESPOND, ally, victim, run.code[count]))


@compiled
def add_answer(run: Scratch, count: int, ally: int, choice: int, level: int, fixed: bool) -> None:
    """Add an answer to those of the tick."""
    place = run.counts[ANSWERS]
    if place == run.answer_ally.shape[0]:
        run.counts[FULL] = 1
        return
    run.answer_shock[place], run.answer_ally[place] = count, ally
    run.answer_choice[place], run.answer_level[place] = choice, level
    run.answer_fixed[place] = fixed
    run.counts[ANSWERS] = place + 1


@compiled
def ceiling(
    world: World, p: Parameters, script: Script, run: Scratch, tick: int, count: int, case: Case, ally: int
) -> int:
    """Return the highest level of collective help that passes, over the treaties that bind the ally."""
    highest = NOBODY
    for treaty in range(world.in_force.shape[0]):
        if decides_together(world, case, ally, treaty):
            highest = max(highest, ceiling_under(world, p, script, run, tick, count, case, ally, treaty))
    return FORCES if highest == NOBODY else highest


@compiled
def ceiling_under(
    world: World, p: Parameters, script: Script, run: Scratch, tick: int, count: int, case: Case, ally: int, treaty: int
) -> int:
    """Return the highest level that passes the decision rule of one treaty; one draw a member for all levels."""
    states = world.capability.shape[0]
    guarantor = world.guarantor[treaty]
    lean = 0.0 if run.choice[guarantor] == NOBODY else guarantor_lean(run.choice[guarantor])
    voters = 0
    for member in range(states):
        run.number[member] = math.nan
        if has_say(world, case, treaty, ally, member):
            voters += 1
            run.number[member] = draw(script, run, tick, draws.OBJECT, member, 0, run.code[count])
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
def learn_all(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Let everybody learn from what the allies did, and publics take it in."""
    if run.counts[ANSWERS] == 0:
        return
    keep_answers(world, script, run, tick)
    weigh_answers(world, p, script, run)
    for observer in range(world.capability.shape[0]):
        start = 0
        while start < run.counts[ANSWERS]:
            start = observe(world, p, script, run, observer, start)
    for place in range(run.counts[ANSWERS]):
        count = run.answer_shock[place]
        if run.made[count]:
            enter_obligation(world, case_of(script, run, count), run.answer_ally[place], run.answer_level[place])


@compiled
def weigh_answers(world: World, p: Parameters, script: Script, run: Scratch) -> None:
    """Enter beside each answer what it says to those who see the place of the case alike."""
    for place in range(run.counts[ANSWERS]):
        count = run.answer_shock[place]
        case, ally, level = case_of(script, run, count), run.answer_ally[place], run.answer_level[place]
        vetoed = level < run.answer_choice[place]
        hard = others_default(world, ally, case.victim)
        for seen in range(1 if case.place == NOBODY else SIGHTS):
            legal = coverage_seen(world, case, ally, seen)
            said = lesson(world, p, case, ally, level, vetoed, run.made[count], legal, hard)
            run.answer_gravity[place] = said.gravity
            run.answer_favourable[place] = said.favourable
            run.answer_adverse[place] = said.adverse
            run.answer_unmet[place] = said.unmet
            run.answer_excused[place, seen] = said.excused
            run.answer_refused[place, seen] = said.refused
            run.answer_log_ratio[place, seen] = said.log_ratio


@compiled
def observe(world: World, p: Parameters, script: Script, run: Scratch, observer: int, start: int) -> int:
    """Let one state and its public take in the answers to one case; return the first answer to the next."""
    count = run.answer_shock[start]
    case = case_of(script, run, count)
    alike = similarity(world, observer, case.victim, case.aggressor)
    seen = sight(world, case, observer)
    place = start
    while place < run.counts[ANSWERS] and run.answer_shock[place] == count:
        ally = run.answer_ally[place]
        if ally != observer:
            said = Lesson(
                ally, case.victim, run.answer_gravity[place],
                run.answer_favourable[place], run.answer_adverse[place], run.answer_unmet[place],
                run.answer_excused[place, seen], run.answer_refused[place, seen], run.answer_log_ratio[place, seen],
            )  # fmt: skip
            take_lesson(world, p, said, observer, alike)
            for treaty in range(world.in_force.shape[0]):
                concerned = world.ladder[treaty] and world.posture[observer, treaty] >= LOYAL
                if concerned and ally == world.guarantor[treaty]:
                    sway(world, p, said, observer, treaty, alike)
        place += 1
    return place


@compiled
def keep_answers(world: World, script: Script, run: Scratch, tick: int) -> None:
    """Keep the answers of the tick as rows of `LOG_COLUMNS`, if the run keeps any."""
    if run.log.shape[0] == 0:
        return
    for place in range(run.counts[ANSWERS]):
        row = run.counts[LOGGED]
        if row == run.log.shape[0]:
            run.counts[FULL] = 1
            return
        count, ally = run.answer_shock[place], run.answer_ally[place]
        kept = run.log[row]
        kept[0], kept[1] = tick, run.row[count]
        kept[2], kept[3], kept[4] = run.victim[count], run.aggressor[count], run.severity[count]
        kept[5], kept[6] = run.made[count], ally
        kept[7] = coverage(world, case_of(script, run, count), ally, ally)
        kept[8], kept[9] = run.answer_choice[place], run.answer_level[place]
        kept[10], kept[11] = run.answer_fixed[place], run.answer_level[place] < run.answer_choice[place]
        run.counts[LOGGED] = row + 1


@compiled
def sway_publics(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Let publics move."""
    states, treaties = world.posture.shape
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            if world.posture[state, treaty] >= LOYAL:
                look_outside(world, state, treaty)
                update_approval(world, p, state, treaty)
                if script.watched:
                    update_exit_support(world, p, state, treaty)


@compiled
def set_course(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Let members review their posture, all from the same state of the world, and adjust their portfolios."""
    take_turns(world, p, script, run, tick)
    for place in range(run.counts[COURSES]):
        state, treaty = run.course_state[place], run.course_treaty[place]
        run.rung[state, treaty] = next_rung(world, p, script, run, tick, state, treaty, run.course_draw[place])
    crossed = False
    for place in range(run.counts[COURSES]):
        state, treaty = run.course_state[place], run.course_treaty[place]
        if run.rung[state, treaty] != world.posture[state, treaty]:
            crossed = move_to(world, state, treaty, run.rung[state, treaty]) or crossed
    if crossed:
        refresh_bonds_of_all(world)
        stir(run, True)
    for place in range(run.counts[COURSES]):
        state, treaty = run.course_state[place], run.course_treaty[place]
        if climbs(world, state, treaty):
            seek_pact(world, p, script, run, tick, state, treaty)
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
    """List the members with a course to set, draw for their reviews, and weigh what they expect and want."""
    states, treaties = world.posture.shape
    count = 0
    watched = script.watched or script.choices_on[tick]
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            if not climbs(world, state, treaty):
                continue
            run.course_state[count], run.course_treaty[count] = state, treaty
            number = draw(script, run, tick, draws.REVIEW, state, script.treaty_codes[treaty], 0)
            run.course_draw[count] = number
            count += 1
            if run.stirred[state]:
                read_circumstances(world, p, state, treaty)
            if (
                watched
                or run.renewing[state, treaty]
                or world.posture[state, treaty] == OUT
                or world.courted[state]
                or not passes_over(world, p, state, treaty, number)
            ):
                weigh(world, p, script, state, treaty)
    run.counts[COURSES] = count
    stir(run, False)


@compiled
def weigh(world: World, p: Parameters, script: Script, state: int, treaty: int) -> None:
    """Weigh what a member expects of its guarantor, and its pull up the ladder."""
    if not script.watched:
        update_exit_support(world, p, state, treaty)
    update_interest(world, p, state, treaty)
    update_reliability(world, p, state, treaty)
    world.pressure[state, treaty] = total_pressure(world, p, state, treaty)


@compiled
def next_rung(
    world: World, p: Parameters, script: Script, run: Scratch, tick: int, state: int, treaty: int, review: float
) -> int:
    """Return the rung that a member, or a former one, is given or chooses; ``review`` is the draw of its review."""
    given = script.given_rung[tick, state, treaty]
    if given != NOBODY:
        return int(given)
    rung = world.posture[state, treaty]
    code = script.treaty_codes[treaty]
    if rung == OUT:
        if world.in_force[treaty]:
            number = draw(script, run, tick, draws.REJOIN, state, code, 0)
            if chooses_return(world, p, state, treaty, number):
                return LOYAL
        return OUT
    if run.renewing[state, treaty]:
        number = draw(script, run, tick, draws.LAPSE, state, code, 0)
        if chooses_lapse(world, p, state, treaty, number):
            return OUT
    step = choose_step(world, p, state, treaty, review)
    return int(min(OUT - 1, max(LOYAL, rung + step)))


@compiled
def seek_pact(world: World, p: Parameters, script: Script, run: Scratch, tick: int, state: int, treaty: int) -> None:
    """Let a state conclude a rival pact with its best patron, if it has none."""
    if world.pact[state, treaty] != NOBODY or world.patron[state, treaty] == NOBODY:
        return
    number = draw(script, run, tick, draws.PACT, state, script.treaty_codes[treaty], 0)
    if chooses_pact(world, p, state, treaty, number):
        world.pact[state, treaty] = world.patron[state, treaty]


@compiled
def keep_clients(world: World, p: Parameters, script: Script, run: Scratch, tick: int) -> None:
    """Let guarantors reassure or coerce, all from the same state of the world."""
    if not script.choices_on[tick]:
        return
    states, treaties = world.posture.shape
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            run.rung[state, treaty] = IGNORE
            if climbs(world, state, treaty) and client(world, state, treaty) and world.posture[state, treaty] > LOYAL:
                guarantor = world.guarantor[treaty]
                number = draw(script, run, tick, draws.GUARANTOR, guarantor, script.state_codes[state], 0)
                run.rung[state, treaty] = choose_policy(world, p, state, treaty, number)
    for treaty in range(treaties):
        for state in range(states if world.ladder[treaty] else 0):
            guarantor = world.guarantor[treaty]
            if run.rung[state, treaty] == REASSURE:
                feel_reassurance(world, p, state, guarantor, p.choice_strength)
            elif run.rung[state, treaty] == COERCE:
                feel_coercion(world, p, state, guarantor, p.choice_strength)


STAGE_FUNCTIONS = {
    "perceive": perceive,
    "challenge": challenge,
    "appeal": appeal,
    "respond": respond,
    "learn": learn_all,
    "sway_publics": sway_publics,
    "set_course": set_course,
    "keep_clients": keep_clients,
}
"""What runs each stage; the engine itself records."""
