"""The played state: a user answers its decisions, and the built-in rules decide where the user gives no answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf
from typing import TYPE_CHECKING

from sim.engine.agents import State
from sim.engine.crisis import Call
from sim.engine.decisions import options
from sim.engine.setup import Setup
from sim.experiments.turns import (
    APPEAL,
    GUARANTOR_AIM,
    LAPSE,
    MEANINGS,
    MEMBER_AIM,
    RENEW,
    RETURN,
    SILENCE,
    STAY_OUT,
    Turn,
    attacked,
    called,
    knowledge,
    told,
)
from sim.model.terms import Question
from sim.rules.jumps import landing
from sim.rules.posture import lapse_chance
from sim.words import CHOICES, LOYAL, NOTIFY, POSTURES, RESPONSES

if TYPE_CHECKING:
    from sim.experiments.table import GameTable

Decide = Callable[[Turn], "str | None"]
"""A function that answers a turn with one of its options, or None to use the built-in rule."""


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


@dataclass
class _Memory:
    """Memory of a seat: when each question was put, whether the rule was left in charge, which news it has read."""

    asked: dict[tuple[str, str], float] = field(default_factory=dict)
    delegated: dict[tuple[str, str], bool] = field(default_factory=dict)
    seen: int = 0
    day: date = date.min


class Seat(State):
    """A state whose decisions a user makes; the built-in rules decide where the user gives no answer.

    Decisions on the posture and on clients are due every few months. Until the next one is due, a decision left to the
    built-in rule stays with the rule, and a decision of the user is not made again.
    """

    model: "GameTable"

    def __init__(self, model: "GameTable", code: str) -> None:
        super().__init__(model, code)
        self.memory = _Memory()

    def appeal(self, call: Call) -> bool:
        """Ask the user whether to appeal for help."""
        question = f"{self._happened(call)}. Do you appeal for help?"
        asked = Question("call", self.index, call.case)
        rule = super().appeal(call)
        figures = self._figures(call)
        answer = self._turn("appeal", call.event, question, self._odds(asked), APPEAL if rule else SILENCE, figures)
        return rule if answer is None else answer == APPEAL

    def respond(self, call: Call) -> int | str:
        """Ask the user how to respond to an appeal."""
        victim = called(self.model.setup.scenario, call.victim)
        question = f"{self._happened(call)}. {victim} appeals. What do you do?"
        asked = Question("response", self.index, call.case)
        rule = RESPONSES[int(super().respond(call))]
        answer = self._turn("answer", call.event, question, self._odds(asked), rule, self._figures(call))
        return rule if answer is None else answer

    def review_posture(self, treaty: str) -> int:
        """Ask the user for a posture, if a review is due; only the built-in rule moves several rungs at once."""
        rung = POSTURES.index(self.posture_in(treaty))
        step = super().review_posture(treaty)
        odds = {POSTURES[near]: 0.0 for near in (rung - 1, rung, rung + 1) if LOYAL <= near <= NOTIFY}
        for name, chance in self._odds(Question("posture", self.index, treaty=self.model.treaty_index(treaty))).items():
            odds[POSTURES[min(rung + 1, max(rung - 1, POSTURES.index(name)))]] += chance
        question = f"Your posture in {treaty} is {POSTURES[rung]}. Which is it to be?"
        answer = self._now_and_then("course", treaty, question, odds, POSTURES[landing(rung, step)])
        if answer is None:
            return step
        return POSTURES.index(answer) - rung if answer else 0

    def lapses(self, treaty: str) -> bool:
        """Ask the user whether to renew a treaty."""
        column = self.model.treaty_index(treaty)
        chance = lapse_chance(self.model.world, self.model.parameters, self.index, column)
        question = f"{treaty} is up for renewal. Do you renew, or let it lapse?"
        rule = super().lapses(treaty)
        odds = {RENEW: 1.0 - chance, LAPSE: chance}
        answer = self._turn("renewal", treaty, question, odds, LAPSE if rule else RENEW)
        return rule if answer is None else answer == LAPSE

    def rejoins(self, treaty: str) -> bool:
        """Ask the user whether to rejoin a treaty, if a decision is due."""
        question = f"You have left {treaty}. Do you come back?"
        rule = super().rejoins(treaty)
        odds = dict.fromkeys((STAY_OUT, RETURN))
        answer = self._now_and_then("return", treaty, question, odds, RETURN if rule else STAY_OUT)
        return rule if answer is None else answer == RETURN

    def policy_towards(self, client: str, treaty: str) -> int | str:
        """Ask the user for a policy towards a client, if a decision is due."""
        posture = self.model.state(client).posture_in(treaty)
        question = f"{called(self.model.setup.scenario, client)} is at {posture} in {treaty}. What do you do about it?"
        rule = CHOICES[int(super().policy_towards(client, treaty))]
        answer = self._now_and_then("client", client, question, dict.fromkeys(CHOICES), rule)
        if answer is None:
            return rule
        return answer or CHOICES[0]

    def _odds(self, question: Question) -> dict[str, float]:
        known = options(self.model.world, self.model.parameters, question)
        return {option.name: option.chance for option in known}

    def _now_and_then(
        self, kind: str, about: str, question: str, odds: Mapping[str, float | None], rule: str
    ) -> str | None:
        """Ask if a decision is due; otherwise return None if the rule was left in charge, and "" if it was not."""
        key, now, held = (kind, about), float(self.model.world.clock[0]), self.memory
        hit = any(outcome.call.victim == self.code for outcome in self.model.outcomes)
        due = hit or now - held.asked.get(key, -inf) >= self.model.game.every - 0.5
        if not due or not self.model.has_room(self.code):
            if held.delegated.get(key, True):
                return None
            self.model.last_draw = None
            return ""
        answer = self._turn(kind, about, question, odds, rule)
        held.asked[key], held.delegated[key] = now, answer is None
        return answer

    def _figures(self, call: Call) -> dict[str, float]:
        return {"severity": call.severity, "coverage": self.coverage_of(call)}

    def _happened(self, call: Call) -> str:
        note = self.model.game.note_of(call.event)
        return attacked(self.model.setup.scenario, call.aggressor, call.victim, note)

    def _turn(
        self,
        kind: str,
        about: str,
        question: str,
        odds: Mapping[str, float | None],
        rule: str,
        figures: Mapping[str, float] | None = None,
    ) -> str | None:
        """Ask the user, who may answer None; the draw of the rule counts only where the rule decides."""
        model, held = self.model, self.memory
        last = model.setup.calendar.ends[model.tick]
        calls = (told(model.setup.scenario, call, model.game.note_of(call.event)) for call in model.calls[held.seen :])
        news = (*calls, *model.game.injected(held.day, last))
        held.seen, held.day = len(model.calls), last
        scenario = model.setup.scenario
        turn = Turn(
            model.day, self.code, kind, about, question, tuple(odds), knowledge(model, self.index, news),
            figures=figures or {}, words={option: MEANINGS[kind][option] for option in odds},
            aim=GUARANTOR_AIM if self.index == model.focus_guarantor else MEMBER_AIM,
            guarantor=model.setup.codes[model.focus_guarantor],
            names={code: called(scenario, code) for code in model.setup.codes},
        )  # fmt: skip
        known = {name: chance for name, chance in odds.items() if chance is not None}
        answer = model.ask(turn, rule, known)
        if answer is not None:
            model.last_draw = None
        return answer
