"""The door between the stages of a tick and the Mesa model: calls to overridden decisions and to observers.

The stages (`sim.engine.stages`) work by index and know no agents. At each decision they pass the rule's choice and its
random number to the door. If the `sim.State` concerned overrides that decision, the door calls its method and returns
its choice; it then records the decision and shows it to the witness. Consent, records and everything that follows stay
with the stages, so the choice of an overriding state can be vetoed like any other.
"""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine import draws
from sim.engine.agents import State
from sim.engine.crisis import Answer, Call, CrisisOutcome
from sim.engine.decisions import APPEAL, ATTACK, NOTHING, SILENCE, decide
from sim.engine.scratch import ANSWERS
from sim.engine.stage_tools import holds
from sim.engine.timetable import Shock, attack_name
from sim.errors import InputError
from sim.model.changes import PARAMETER
from sim.model.parameters import Parameters
from sim.model.terms import Question
from sim.model.world import NOBODY, Case
from sim.rules.guarantor import IGNORE
from sim.rules.response import LEVELS
from sim.words import CHOICES, LOYAL, NONE, OUT, POSTURES, RESPONSES

if TYPE_CHECKING:
    from sim.engine.model import EngineModel


class Door:
    """Calls the states that override a decision, records decisions, and notifies the witness.

    Parameters
    ----------
    model : EngineModel
        Model that runs the stages.
    """

    def __init__(self, model: "EngineModel") -> None:
        self._model = model
        self._calls: dict[int, Call] = {}
        self._consulted: set[tuple[int, int, int]] = set()
        self._review_draw: float | None = None
        self.outcomes: tuple[CrisisOutcome, ...] = ()

    # time and dated changes

    def faded(self) -> None:
        """Notify the witness that time has passed: feelings and beliefs have decayed, notices have run."""
        self._calls, self._consulted, self.outcomes = {}, set(), ()
        self._model.witness.faded(self._model)

    def changed(self, row: int) -> Parameters:
        """Notify the witness of an applied dated change, and return the parameters that hold from now on."""
        model, change = self._model, self._model.setup.all_changes[row]
        if change.kind == PARAMETER.name:
            model.parameters = Parameters(*model.scratch.parameters.tolist())
        model.witness.changed(model, change)
        return model.parameters

    # crises

    def attacks(self, challenger: int, victim: int, chosen: bool, number: float) -> bool:
        """Return whether one state attacks another."""
        model = self._model
        answer, draw = self._own_choice(challenger, "attacks", chosen, number, model.setup.codes[victim])
        name = attack_name(model.setup.codes[challenger], model.setup.codes[victim], model.day)
        attacks = truth_of(answer, model.setup.codes[challenger], "attacks")
        model.note(
            Question("attack", challenger, other=victim), name, ATTACK if attacks else NOTHING, draw=draw, acts=attacks
        )
        return attacks

    def appeal_on_record(self, count: int, made: bool) -> None:
        """Note a call, or the absence of one, that the scenario prescribes."""
        model, call = self._model, self._call(count)
        script, row = model.script, int(model.scratch.row[count])
        first = int(script.call_from[row])
        articles = [
            recorded.article
            for index, recorded in enumerate(model.setup.all_shocks[row].calls, start=first)
            if recorded.made and recorded.article and holds(model.world, script, script.call_if[index])
        ]
        self._calls[count] = replace(call, article=", ".join(articles))
        self._note_call(call, made, fixed=True, draw=None)

    def appeals(self, count: int, chosen: bool, number: float) -> bool:
        """Return whether a victim calls for help."""
        call = self._call(count)
        answer, draw = self._own_choice(call.case.victim, "appeal", chosen, number, call)
        made = truth_of(answer, call.victim, "appeal")
        self._note_call(call, made, fixed=False, draw=draw)
        return made

    def _note_call(self, call: Call, made: bool, *, fixed: bool, draw: float | None) -> None:
        model, victim = self._model, call.case.victim
        if model.notes("call", victim):
            number = model.draw(draws.CALL, victim, event=call.code) if fixed else draw
            choice = APPEAL if made else SILENCE
            model.note(Question("call", victim, call.case), call.event, choice, draw=draw, number=number, fixed=fixed)

    def response_on_record(self, count: int, ally: int, level: int) -> None:
        """Note a response that the scenario prescribes."""
        model, call = self._model, self._made_call(count)
        if model.notes("response", ally):
            question = Question("response", ally, call.case)
            number = model.draw(draws.RESPOND, ally, call.case.victim, call.code)
            model.note(question, call.event, RESPONSES[level], draw=None, number=number, fixed=True)

    def responds(self, count: int, ally: int, chosen: int, number: float) -> int:
        """Return the level of help that an ally chooses before any veto, 0..4."""
        model, call = self._model, self._made_call(count)
        answer, draw = self._own_choice(ally, "respond", chosen, number, call)
        level = level_of(answer, model.setup.codes[ally])
        model.note(Question("response", ally, call.case), call.event, RESPONSES[level], draw=draw)
        return level

    def consulted(self, count: int, treaty: int, lean: float) -> None:
        """Note which members object to collective help, once for each treaty and crisis."""
        model, call = self._model, self._made_call(count)
        for member, number in enumerate(model.scratch.number.tolist()):
            if math.isnan(number) or (count, treaty, member) in self._consulted:
                continue
            self._consulted.add((count, treaty, member))
            if model.notes("objection", member):
                question = Question("objection", member, call.case, treaty=treaty, lean=lean)
                model.note(question, call.event, decide(model.world, model.parameters, question, number), draw=number)

    def answered(self, count: int) -> None:
        """Store the outcome of a crisis: the responses of all allies."""
        model, run, call = self._model, self._model.scratch, self._made_call(count)
        answers = []
        for index in range(int(run.counts[ANSWERS])):
            if run.answer_shock[index] != count:
                continue
            ally, choice = int(run.answer_ally[index]), int(run.answer_choice[index])
            level, done = int(run.answer_level[index]), float(run.answer_done[index])
            fixed, row = bool(run.answer_fixed[index]), int(run.given[ally])
            spoken = call.made or (fixed and choice > NONE)
            offered = model.setup.all_fixed[row].offered if fixed else NOBODY
            answers.append(Answer(ally, choice, level, done, level < choice, spoken, fixed, offered))
        self.outcomes += (CrisisOutcome(call, tuple(answers)),)

    def learned(self, observer: int, count: int, position: int) -> None:
        """Notify the witness that an observer has learned from the response at a position among those of a crisis."""
        outcome = self.outcomes[count]
        self._model.witness.learned(self._model, observer, outcome, outcome.responses[position])

    def attack_judged(self, observer: int, count: int) -> None:
        """Notify the witness that an observer has judged a guarantor by its attack on a member."""
        self._model.witness.attack_judged(self._model, observer, self._call(count))

    def _call(self, count: int) -> Call:
        """Return a crisis of the tick as a `Call`, before it is settled whether the victim appeals."""
        if count not in self._calls:
            shock, codes = self._shock(count), self._model.setup.codes
            case = shock.case
            self._calls[count] = Call(
                shock.name, shock.day, codes[case.victim], "" if case.aggressor == NOBODY else codes[case.aggressor],
                case.severity, False, "", case, shock.code,
            )  # fmt: skip
        return self._calls[count]

    def _made_call(self, count: int) -> Call:
        """Return a crisis of the tick as a `Call`, once it is settled whether the victim appeals."""
        call = self._call(count)
        if call.made != bool(self._model.scratch.made[count]):
            call = self._calls[count] = replace(call, made=not call.made)
        return call

    def _shock(self, count: int) -> Shock:
        model, run = self._model, self._model.scratch
        row = int(run.row[count])
        if row != NOBODY:
            return model.setup.all_shocks[row]
        victim, aggressor = int(run.victim[count]), int(run.aggressor[count])
        name = attack_name(model.setup.codes[aggressor], model.setup.codes[victim], model.day)
        case = Case(
            victim, aggressor, int(run.place[count]), float(run.severity[count]), False, False, False, math.nan
        )  # fmt: skip
        return Shock(name, int(run.code[count]), model.day, case, (), (), None)

    # postures and pacts

    def rejoins(self, state: int, treaty: int, chosen: bool, number: float) -> bool:
        """Return whether a former member rejoins a treaty."""
        returns, draw = self._yes_or_no(state, treaty, "rejoins", chosen, number)
        self._note_rung("return", state, treaty, LOYAL if returns else OUT, draw)
        return returns

    def lapses(self, state: int, treaty: int, chosen: bool, number: float) -> bool:
        """Return whether a member lets a treaty lapse at its renewal."""
        lapses, draw = self._yes_or_no(state, treaty, "lapses", chosen, number)
        rung = OUT if lapses else int(self._model.world.posture[state, treaty])
        self._note_rung("lapse", state, treaty, rung, draw)
        return lapses

    def reviews_posture(self, state: int, treaty: int, chosen: int, number: float) -> int:
        """Return the step that a member's posture review results in, in rungs up or, if negative, down."""
        name = self._model.setup.treaties[treaty]
        step, self._review_draw = self._own_choice(state, "review_posture", chosen, number, name)
        rung = int(self._model.world.posture[state, treaty])
        allowed = range(min(-1, LOYAL - rung), max(1, OUT - rung) + 1)
        if step not in allowed:
            code = self._model.setup.codes[state]
            raise InputError(
                f"{code} moved by {step!r} rungs from {POSTURES[rung]} in {name}; "
                f"allowed: whole numbers from {allowed[0]} to {allowed[-1]}"
            )
        return int(step)

    def reviewed(self, state: int, treaty: int, rung: int, stopped: bool) -> None:
        """Note the rung that a member's review results in, and whether the guarantor's force stopped the step."""
        model = self._model
        if model.notes("posture", state):
            name, question = model.setup.treaties[treaty], Question("posture", state, treaty=treaty)
            model.note(question, name, POSTURES[rung], draw=self._review_draw, stopped=stopped)

    def _note_rung(self, kind: str, state: int, treaty: int, rung: int, draw: float | None) -> None:
        """Record a decision to leave or return, if the posture changes."""
        model = self._model
        moves = bool(rung != model.world.posture[state, treaty])
        question = Question(kind, state, treaty=treaty)
        model.note(question, model.setup.treaties[treaty], POSTURES[rung], draw=draw, acts=moves)

    def seeks_pact(self, state: int, treaty: int, chosen: bool, number: float) -> bool:
        """Return whether a member concludes a rival pact with its best patron."""
        seeks, draw = self._yes_or_no(state, treaty, "seeks_pact", chosen, number)
        self._note_patron("pact", state, treaty, seeks, draw)
        return seeks

    def diversifies(self, state: int, treaty: int, chosen: bool, number: float) -> bool:
        """Return whether a member begins to diversify towards its best patron."""
        begins, draw = self._yes_or_no(state, treaty, "diversifies", chosen, number)
        self._note_patron("diversify", state, treaty, begins, draw)
        return begins

    def _note_patron(self, kind: str, state: int, treaty: int, acts: bool, draw: float | None) -> None:
        """Record a decision about the best patron, whose code is the choice of a state that acts."""
        model = self._model
        choice = model.setup.codes[int(model.world.patron[state, treaty])] if acts else NOTHING
        model.note(Question(kind, state, treaty=treaty), model.setup.treaties[treaty], choice, draw=draw, acts=acts)

    # guarantors

    def policy_towards(self, state: int, treaty: int, chosen: int, number: float) -> int:
        """Return a guarantor's policy towards a client: 0 ignore, 1 reassure, 2 coerce."""
        model, guarantor = self._model, int(self._model.world.guarantor[treaty])
        codes = model.setup.codes
        answer, draw = self._own_choice(
            guarantor, "policy_towards", chosen, number, codes[state], model.setup.treaties[treaty]
        )
        if answer in CHOICES:
            answer = CHOICES.index(str(answer))
        if answer not in range(len(CHOICES)):
            raise InputError(
                f"{codes[guarantor]} chose {answer!r} towards {codes[state]}; allowed: {', '.join(CHOICES)}"
            )
        choice = int(answer)
        question = Question("policy", guarantor, other=state, treaty=treaty)
        model.note(question, codes[state], CHOICES[choice], draw=draw, acts=choice != IGNORE)
        return choice

    def acted(self, state: int, treaty: int) -> None:
        """Notify the witness where a guarantor has reassured or coerced a client (`Witness.pressed`)."""
        choice = int(self._model.scratch.rung[state, treaty])
        if choice != IGNORE:
            self._model.witness.pressed(self._model, int(self._model.world.guarantor[treaty]), state, choice)

    def _yes_or_no(self, state: int, treaty: int, decision: str, chosen: bool, number: float) -> tuple[bool, Any]:
        """Return a state's answer about a treaty, and the random number that decided it, if any."""
        setup = self._model.setup
        answer, draw = self._own_choice(state, decision, chosen, number, setup.treaties[treaty])
        return truth_of(answer, setup.codes[state], decision), draw

    def _own_choice(self, state: int, decision: str, chosen: Any, number: float, *about: object) -> tuple[Any, Any]:
        """Return a state's choice, by default the rule's, and the random number that decided it, if any."""
        agent = self._model.state_at(state)
        method = getattr(agent, decision)
        if getattr(method, "__func__", None) is getattr(State, decision):
            return chosen, float(number)
        self._model.last_draw = None
        answer = method(*about)
        return answer, self._model.last_draw


def truth_of(answer: object, code: str, decision: str) -> bool:
    """Return the yes or no that a state answered: True or False, also as 1 or 0; refuse any other value."""
    if isinstance(answer, bool | int | np.bool_ | np.integer) and answer in (0, 1):
        return bool(answer)
    raise InputError(f"{code} answered {answer!r} in {decision}; allowed: True or False")


def level_of(answer: int | str, code: str) -> int:
    """Return the rank of a response that a state gave by name or rank; refuse any other value."""
    if isinstance(answer, str) and answer in RESPONSES:
        return RESPONSES.index(answer)
    if isinstance(answer, int | np.integer) and not isinstance(answer, bool) and 0 <= answer < LEVELS:
        return int(answer)
    raise InputError(f"{code} responded with {answer!r}; allowed: {', '.join(RESPONSES)}, or 0..{LEVELS - 1}")
