"""The played state: a user answers its decisions, and the built-in rules decide where the user gives no answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from sim.engine.agents import State
from sim.engine.crisis import Call
from sim.engine.decisions import options
from sim.engine.model import EngineModel
from sim.engine.setup import Setup
from sim.experiments.turns import APPEAL, LAPSE, RENEW, RETURN, SILENCE, STAY_OUT, Turn, called, knowledge, told
from sim.model.terms import Question
from sim.rules.posture import lapse_chance
from sim.words import CHOICES, LOYAL, NOTIFY, POSTURES

Decide = Callable[[Turn], "str | None"]
"""A function that answers a turn with one of its options, or None to use the built-in rule."""


def seats(setup: Setup) -> tuple[str, ...]:
    """Return the states that can be played: the members of the focus treaty, including its guarantor."""
    column = setup.first.posture[:, setup.treaties.index(setup.focus)]
    return tuple(code for code, rank in zip(setup.codes, column, strict=True) if rank >= LOYAL)


def freed_for(setup: Setup, state: str) -> Setup:
    """Return a branch without fixed decisions of a state: its calls, responses and promises, its acts as guarantor."""
    index = setup.codes.index(state)
    guards = index in setup.first.guarantor[setup.first.ladder]
    shocks = tuple(
        tuple(
            replace(
                shock,
                calls=() if shock.case.victim == index else shock.calls,
                fixed=tuple(row for row in shock.fixed if row.ally != index),
            )
            for shock in tick
            if not (shock.is_promise and any(row.ally == index for row in shock.fixed))
        )
        for tick in setup.shocks
    )
    changes = tuple(
        tuple(
            change for change in tick
            if not (guards and change.i == index and change.kind in ("coercion", "reassurance"))
        )
        for tick in setup.changes
    )  # fmt: skip
    choices_on = tuple(on or guards for on in setup.choices_on)
    return replace(setup, shocks=shocks, changes=changes, choices_on=choices_on)


class Seat(State):
    """A state whose decisions a user makes; the built-in rules decide where the user gives no answer.

    Decisions on the posture and on clients are due every few months. Until the next one is due, a decision left to the
    built-in rule stays with the rule, and a decision of the user is not made again.
    """

    ask: Decide
    every: int = 3

    def __init__(self, model: EngineModel, code: str) -> None:
        super().__init__(model, code)
        self._asked: dict[tuple[str, str], float] = {}
        self._delegated: dict[tuple[str, str], bool] = {}
        self._seen = 0

    def appeal(self, call: Call) -> bool:
        """Ask the user whether to appeal for help."""
        known = options(self.model.world, self.model.parameters, Question("call", self.index, call.case))
        usual = {APPEAL: known[0].chance, SILENCE: known[1].chance}
        answer = self._turn("appeal", call.event, f"{self._happened(call)}. Do you appeal for help?", usual)
        return super().appeal(call) if answer is None else answer == APPEAL

    def respond(self, call: Call) -> int | str:
        """Ask the user how to respond to an appeal."""
        known = options(self.model.world, self.model.parameters, Question("response", self.index, call.case))
        usual = {option.name: option.chance for option in known}
        victim = called(self.model.setup.scenario, call.victim)
        answer = self._turn("answer", call.event, f"{self._happened(call)}. {victim} appeals. What do you do?", usual)
        return super().respond(call) if answer is None else answer

    def review_posture(self, treaty: str) -> int:
        """Ask the user for a posture, if a review is due; only the built-in rule moves several rungs at once."""
        rung = POSTURES.index(self.posture_in(treaty))
        column = self.model.treaty_index(treaty)
        known = options(self.model.world, self.model.parameters, Question("posture", self.index, treaty=column))
        usual = {POSTURES[near]: 0.0 for near in (rung - 1, rung, rung + 1) if LOYAL <= near <= NOTIFY}
        for option in known:
            near = min(rung + 1, max(rung - 1, POSTURES.index(option.name)))
            usual[POSTURES[near]] += option.chance
        question = f"Your posture in {treaty} is {POSTURES[rung]}. Which is it to be?"
        answer = self._now_and_then("course", treaty, question, usual)
        if answer is None:
            return super().review_posture(treaty)
        return POSTURES.index(answer) - rung if answer else 0

    def lapses(self, treaty: str) -> bool:
        """Ask the user whether to renew a treaty."""
        column = self.model.treaty_index(treaty)
        chance = lapse_chance(self.model.world, self.model.parameters, self.index, column)
        usual = {RENEW: 1.0 - chance, LAPSE: chance}
        answer = self._turn("renewal", treaty, f"{treaty} is up for renewal. Do you renew, or let it lapse?", usual)
        return super().lapses(treaty) if answer is None else answer == LAPSE

    def rejoins(self, treaty: str) -> bool:
        """Ask the user whether to rejoin a treaty, if a decision is due."""
        question = f"You have left {treaty}. Do you come back?"
        answer = self._now_and_then("return", treaty, question, dict.fromkeys((STAY_OUT, RETURN)))
        return super().rejoins(treaty) if answer is None else answer == RETURN

    def policy_towards(self, client: str, treaty: str) -> int | str:
        """Ask the user for a policy towards a client, if a decision is due."""
        posture = self.model.state(client).posture_in(treaty)
        question = f"{called(self.model.setup.scenario, client)} is at {posture} in {treaty}. What do you do about it?"
        answer = self._now_and_then("client", client, question, dict.fromkeys(CHOICES))
        if answer is None:
            return super().policy_towards(client, treaty)
        return answer or CHOICES[0]

    def _now_and_then(self, kind: str, about: str, question: str, usual: Mapping[str, float | None]) -> str | None:
        """Ask if a decision is due; otherwise return None if the rule was left in charge, and "" if it was not."""
        key, now = (kind, about), float(self.model.world.clock[0])
        hit = any(outcome.call.victim == self.code for outcome in self.model.outcomes)
        if not hit and now - self._asked.get(key, -inf) < self.every - 0.5:
            return None if self._delegated[key] else ""
        answer = self._turn(kind, about, question, usual)
        self._asked[key], self._delegated[key] = now, answer is None
        return answer

    def _happened(self, call: Call) -> str:
        scenario = self.model.setup.scenario
        victim = called(scenario, call.victim)
        event = scenario.events.get(call.event)
        note = f" ({event.note})" if event is not None and event.note else ""
        if not call.aggressor:
            return f"Crisis in {victim}{note}"
        return f"{called(scenario, call.aggressor)} attacks {victim}{note}"

    def _turn(self, kind: str, about: str, question: str, usual: Mapping[str, float | None]) -> str | None:
        model = self.model
        news = tuple(told(model.setup.scenario, call) for call in model.calls[self._seen :])
        self._seen = len(model.calls)
        known = {name: chance for name, chance in usual.items() if chance is not None}
        day = model.setup.calendar.starts[model.tick]
        turn = Turn(day, self.code, kind, about, question, tuple(usual), known, knowledge(model, self.index, news))
        return type(self).ask(turn)
