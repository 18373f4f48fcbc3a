"""How one attack or crisis runs through a tick: appeal, choices, objections, delivery."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.engine import draws
from sim.engine.agents import Call
from sim.engine.decisions import APPEAL, SILENCE, Question, decide
from sim.engine.timetable import Fixed, Shock
from sim.engine.trajectory import CallRecord, ResponseRecord
from sim.errors import InputError
from sim.rules.call import clearest_coverage
from sim.rules.coverage import coverage, duty, obliged, owes
from sim.rules.ledger import enter_obligation
from sim.rules.response import (
    LEVELS,
    decides_together,
    delivered,
    fulfilment,
    guarantor_lean,
    has_say,
    objection_chance,
    passes,
)
from sim.words import FORCES, MISSION, NONE, RESPONSES, STATEMENT
from sim.world import NOBODY, Case

if TYPE_CHECKING:
    from sim.engine.model import AllianceModel


@dataclass(frozen=True)
class Answer:
    """What one ally did: own choice, level delivered, and why they differ."""

    ally: int
    choice: int
    level: int
    vetoed: bool
    spoken: bool
    fixed: bool
    offered: int


@dataclass(frozen=True)
class Handled:
    """An attack or crisis after the allies have answered."""

    shock: Shock
    call: Call
    case: Case
    responses: tuple[Answer, ...]


def appeal(model: "AllianceModel", shock: Shock) -> Call:
    """Let the victim appeal or stay silent, by the record or by its own choice."""
    codes, case = model.setup.codes, shock.case
    call = Call(
        shock.name, shock.day, codes[case.victim], "" if case.aggressor == NOBODY else codes[case.aggressor],
        case.severity, False, "", case, shock.code,
    )  # fmt: skip
    recorded = [row for row in shock.calls if model.holds(row.only_if)]
    if recorded:
        articles = ", ".join(row.article for row in recorded if row.made and row.article)
        made = any(row.made for row in recorded)
        _note_call(model, shock, made=made, fixed=True)
        return replace(call, made=made, article=articles)
    if not any(obliged(model.world, case, ally) for ally in range(len(codes))):
        return call
    made = bool(model.ask(model.state(call.victim).appeal, call))
    _note_call(model, shock, made=made, fixed=False)
    return replace(call, made=made)


def _note_call(model: "AllianceModel", shock: Shock, *, made: bool, fixed: bool) -> None:
    draw, victim = None if fixed else model.last_draw, shock.case.victim
    if model.notes("call", victim):
        number = model.draw(draws.CALL, victim, event=shock.code) if fixed else draw
        choice = APPEAL if made else SILENCE
        model.note(Question("call", victim, shock.case), shock.name, choice, draw=draw, number=number, fixed=fixed)


def respond(model: "AllianceModel", shock: Shock, call: Call) -> Handled:
    """Let every obliged ally decide, and let treaties with a collective decision hold it back."""
    world, case = model.world, shock.case
    allies = [ally for ally in range(len(model.setup.codes)) if obliged(world, case, ally)]
    fixed = {row.ally: row for row in shock.fixed if model.holds(row.only_if)}  # the highest level comes last
    choices = {ally: _choice(model, call, ally, fixed.get(ally)) for ally in allies}
    answers: list[Answer] = []
    asked: set[tuple[int, int]] = set()
    for ally in allies:
        choice, row = choices[ally], fixed.get(ally)
        spoken = call.made or (row is not None and row.level > NONE)  # nobody declines what was not asked
        level = choice
        if spoken and row is None and choice > STATEMENT:
            level = delivered(world, case, ally, choice, _ceiling(model, call, ally, choices, asked))
        offered = NOBODY if row is None else row.offered
        answers.append(Answer(ally, choice, level, level < choice, spoken, row is not None, offered))
    if case.unrest and any(answer.level == FORCES for answer in answers):
        world.deployed[case.victim] = 1.0
    return Handled(shock, call, case, tuple(answers))


def _choice(model: "AllianceModel", call: Call, ally: int, fixed: Fixed | None) -> int:
    code, question = model.setup.codes[ally], Question("response", ally, call.case)
    if fixed is not None:
        if model.notes("response", ally):
            number = model.draw(draws.RESPOND, ally, call.case.victim, call.code)
            model.note(question, call.event, RESPONSES[fixed.level], draw=None, number=number, fixed=True)
        return fixed.level
    if not call.made:
        return NONE
    level = level_of(model.ask(model.state(code).respond, call), code)
    model.note(question, call.event, RESPONSES[level], draw=model.last_draw)
    return level


def level_of(answer: int | str, code: str) -> int:
    """Return the rank of a response given by name or rank."""
    if isinstance(answer, str) and answer in RESPONSES:
        return RESPONSES.index(answer)
    if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < LEVELS:
        return int(answer)
    raise InputError(f"{code} responded with {answer!r}; allowed: {', '.join(RESPONSES)}, or 0..{LEVELS - 1}")


def _ceiling(
    model: "AllianceModel", call: Call, ally: int, choices: dict[int, int], asked: set[tuple[int, int]]
) -> int:
    """Return the highest level of collective help that passes, over the treaties that bind the ally.

    ``asked`` gathers (treaty, member) of everybody who has had a say: each decides once for all allies.
    """
    world = model.world
    treaties = [treaty for treaty in range(len(world.in_force)) if decides_together(world, call.case, ally, treaty)]
    if not treaties:
        return FORCES
    return max(_ceiling_under(model, call, ally, treaty, choices, asked) for treaty in treaties)


def _ceiling_under(
    model: "AllianceModel", call: Call, ally: int, treaty: int, choices: dict[int, int], asked: set[tuple[int, int]]
) -> int:
    world, p, case = model.world, model.parameters, call.case
    guarantor = int(world.guarantor[treaty])
    lean = guarantor_lean(choices[guarantor]) if guarantor in choices else 0.0
    voters = [m for m in range(len(world.capability)) if has_say(world, case, treaty, ally, m)]
    numbers = {member: model.draw(draws.OBJECT, member, event=call.code) for member in voters}
    for member in voters:
        if (treaty, member) not in asked:
            asked.add((treaty, member))
            _note_objection(model, call, treaty, member, lean, numbers[member])
    ceiling = STATEMENT
    for level in range(MISSION, FORCES + 1):
        objectors = [m for m in voters if numbers[m] < objection_chance(world, p, case, m, level, lean)]
        if not passes(world, case, treaty, ally, len(objectors), len(voters), guarantor in objectors):
            break
        ceiling = level
    return ceiling


def _note_objection(model: "AllianceModel", call: Call, treaty: int, member: int, lean: float, number: float) -> None:
    if model.notes("objection", member):
        question = Question("objection", member, call.case, treaty=treaty, lean=lean)
        choice = decide(model.world, model.parameters, question, number)
        model.note(question, call.event, choice, draw=number)


def enter_ledger(model: "AllianceModel", handled: Handled) -> None:
    """Enter what was asked and done, so that others' defaults can excuse."""
    if handled.call.made:
        for answer in handled.responses:
            enter_obligation(model.world, handled.case, answer.ally, answer.level)


def call_record(model: "AllianceModel", handled: Handled) -> CallRecord:
    """Return the record of a call and its responses."""
    world, case, setup = model.world, handled.case, model.setup
    guarantor = model.focus_guarantor
    return CallRecord(
        date=handled.call.date,
        event=handled.call.event,
        kind="crisis" if case.unrest else "attack",
        victim=handled.call.victim,
        aggressor=handled.call.aggressor,
        severity=case.severity,
        made=handled.call.made,
        article=handled.call.article,
        treaties=tuple(sorted({name for answer in handled.responses for name in _binding(model, case, answer.ally)})),
        coverage_victim=clearest_coverage(world, case),
        coverage_guarantor=coverage(world, case, guarantor, guarantor) if guarantor != case.victim else 0.0,
        responses=tuple(
            ResponseRecord(
                ally=setup.codes[answer.ally],
                treaties=_binding(model, case, answer.ally),
                coverage=coverage(world, case, answer.ally, answer.ally),
                choice=answer.choice,
                level=answer.level,
                fulfilment=fulfilment(answer.level, duty(world, case, answer.ally)),
                fixed=answer.fixed,
                vetoed=answer.vetoed,
                spoken=answer.spoken,
                offered=answer.offered,
            )
            for answer in handled.responses
        ),
    )


def _binding(model: "AllianceModel", case: Case, ally: int) -> tuple[str, ...]:
    return tuple(
        name for treaty, name in enumerate(model.setup.treaties) if owes(model.world, ally, case.victim, treaty)
    )
