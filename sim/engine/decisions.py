"""Records of decisions: question, alternatives with the terms of their utility, random draw and choice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final

from sim.model.parameters import Parameters
from sim.model.terms import Question, by_name, switched_on
from sim.model.world import World
from sim.rules.call import CallTerms, call_chance, call_terms, choose_call
from sim.rules.challenge import AttackTerms, attack_chance, attack_terms, chooses_attack, power_share
from sim.rules.coverage import coverage
from sim.rules.diversification import DiversifyTerms, chooses_diversification, diversification_chance, diversify_terms
from sim.rules.guarantor import ChoiceTerms, choice_terms, choose_policy, policy_chances
from sim.rules.jumps import DOWN, UP, landing, reach_share
from sim.rules.patronage import update_best_patron
from sim.rules.posture import (
    PressureTerms,
    StepTerms,
    choose_step,
    chooses_lapse,
    chooses_pact,
    chooses_return,
    down_chance,
    lapse_chance,
    pact_chance,
    pressure_terms,
    return_chance,
    skips_review,
    total_pressure,
    up_chance,
)
from sim.rules.reliability import read_circumstances, update_interest, update_reliability
from sim.rules.response import (
    LEVELS,
    ObjectionTerms,
    ResponseTerms,
    burden_terms,
    choose_response,
    objection_chance,
    objection_terms,
    response_chances,
    response_terms,
    response_utilities,
)
from sim.rules.thresholds import claim_value, gap_sum, pact_threshold
from sim.words import CHOICES, EFFORT, FORCES, LOYAL, MISSION, OUT, POSTURES, RESPONSES, VOICE

APPEAL, SILENCE = "appeal", "silence"
PACT, DIVERSIFY, ATTACK, NOTHING = "pact", "diversify", "attack", "none"
PASSED = "no objection"

PATRONS = (PACT, DIVERSIFY)
"""Kinds of decision whose choice is the code of a patron, or `NOTHING`."""


TERMS: Final[Mapping[str, tuple[type, ...]]] = {
    "response": (ResponseTerms,),
    "objection": (ObjectionTerms,),
    "call": (CallTerms,),
    "attack": (AttackTerms,),
    "posture": (PressureTerms, StepTerms),
    "lapse": (StepTerms,),
    "return": (StepTerms,),
    "pact": (StepTerms,),
    "diversify": (DiversifyTerms,),
    "policy": (ChoiceTerms,),
}
"""The terms of each kind of decision, in the order in which mechanisms and documents list them."""


@dataclass(frozen=True)
class Option:
    """One alternative of a decision.

    Attributes
    ----------
    name : str
    utility : float
        Sum of the terms; in units of the stake for responses and policies, in logits for all others.
    terms : dict of float
        Terms of the utility by name.
    chance : float
        Chance of this option under the built-in rule.
    """

    name: str
    utility: float
    terms: dict[str, float]
    chance: float


@dataclass(frozen=True)
class Decision:
    """Record of one decision by one state.

    Attributes
    ----------
    kind : str
        As in `Question`.
    about : str
        The event, treaty or state that the decision concerns.
    draw : float or None
        The random number that decided; None where the record fixed the choice, or nothing was drawn.
    question : Question
        What was decided, by index.
    number : float or None
        The random number at the decision's address, also where the record fixed the choice.
    fixed : bool
        Whether the record fixed the choice.
    stopped : bool
        Whether the guarantor's force stopped the step that a member chose, which stays where it was.
    """

    date: date
    state: str
    kind: str
    about: str
    choice: str
    draw: float | None
    options: tuple[Option, ...]
    question: Question = field(repr=False)
    number: float | None = field(repr=False)
    fixed: bool = False
    stopped: bool = False

    @property
    def chosen(self) -> str:
        """Name of the chosen option; an act towards a patron is named by its kind, not by the patron's code."""
        acts = self.kind in PATRONS and self.choice != NOTHING
        return self.kind if acts else self.choice

    @property
    def chance(self) -> float:
        """Chance of the choice under the built-in rule; 0 for a choice that the rule cannot make."""
        return next((option.chance for option in self.options if option.name == self.chosen), 0.0)


REVIEWS = ("posture", "lapse", "return")
"""Kinds of decision about a member's rung, taken from its reliability and pressure."""


def decide(world: World, p: Parameters, question: Question, draw: float) -> str:
    """Repeat a decision by the built-in rule.

    Decisions of `REVIEWS` first update the variables in ``world`` that a review uses, unless its draw rules out any
    step; no other decision changes it.

    Returns
    -------
    str
        Name of the option chosen.
    """
    return _DECIDE[question.kind](world, p, question, draw)


def options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    """Return the alternatives of a question with the terms of their utility and their chances."""
    return _OPTIONS[question.kind](world, p, question)


def _option(name: str, terms: Mapping[str, float], chance: float) -> Option:
    plain = {term: float(value) for term, value in terms.items()}
    return Option(name, sum(plain.values()), plain, float(chance))


# calls, responses, objections


def _decide_call(world: World, p: Parameters, question: Question, draw: float) -> str:
    return APPEAL if choose_call(world, p, question.about, draw) else SILENCE


def _call_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    chance = call_chance(world, p, question.about)
    appeal = _option(APPEAL, by_name(call_terms(world, p, question.about)), chance)
    return appeal, _option(SILENCE, {}, 1.0 - chance)


def _decide_response(world: World, p: Parameters, question: Question, draw: float) -> str:
    return RESPONSES[choose_response(world, p, question.about, question.state, draw)]


def _response_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    """Return the five levels of help as options, with the cost of each in its three parts."""
    case, ally = question.about, question.state
    legal = coverage(world, case, ally, ally)
    chances = response_chances(world, p, case, ally)
    utilities = response_utilities(world, p, case, ally, legal)
    burden = by_name(burden_terms(world, p, case, ally, world.overstretch[ally]))
    alternatives = []
    for level in range(LEVELS):
        terms: dict[str, float] = {}
        for name, value in by_name(response_terms(world, p, case, ally, level, legal)).items():
            parts = {part: -EFFORT[level] * price for part, price in burden.items()}
            terms |= parts if name == "cost" else {name: value}
        alternatives.append(Option(RESPONSES[level], float(utilities[level]), terms, float(chances[level])))
    return tuple(alternatives)


def _decide_objection(world: World, p: Parameters, question: Question, draw: float) -> str:
    for level in range(MISSION, FORCES + 1):
        if draw < objection_chance(world, p, question.about, question.state, level, question.lean):
            return RESPONSES[level]
    return PASSED


def _objection_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    """Return the lowest levels of help to which a member may object; it objects to all higher ones as well."""
    alternatives, below = [], 0.0
    for level in range(MISSION, FORCES + 1):
        terms = objection_terms(world, p, question.about, question.state, level, question.lean)
        reached = objection_chance(world, p, question.about, question.state, level, question.lean)
        alternatives.append(_option(RESPONSES[level], by_name(terms), max(0.0, reached - below)))
        below = max(below, reached)
    return (*alternatives, _option(PASSED, {}, 1.0 - below))


# the course of members


def _weigh(world: World, p: Parameters, question: Question) -> None:
    """Update the variables that a posture review uses: interest, reliability, pressure."""
    update_best_patron(world, question.state, question.treaty)
    read_circumstances(world, p, question.state, question.treaty)
    update_interest(world, p, question.state, question.treaty)
    update_reliability(world, p, question.state, question.treaty)
    world.pressure[question.state, question.treaty] = total_pressure(world, p, question.state, question.treaty)


def _decide_posture(world: World, p: Parameters, question: Question, draw: float) -> str:
    step, rung = 0, int(world.posture[question.state, question.treaty])
    if not skips_review(world, p, question.state, question.treaty, draw):
        _weigh(world, p, question)
        step = choose_step(world, p, question.state, question.treaty, draw)
    return POSTURES[landing(rung, step)]


def _posture_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    """Return the options of a review: to stay, with the terms of pressure; each rung in reach, with its margin."""
    state, treaty = question.state, question.treaty
    pressure, rung = float(world.pressure[state, treaty]), int(world.posture[state, treaty])
    up = up_chance(world, p, state, treaty, pressure)
    down = min(down_chance(world, p, state, treaty, pressure), 1.0 - up)
    alternatives = [_option(POSTURES[rung], switched_on(pressure_terms(world, p, state, treaty), p), 1.0 - up - down)]
    for direction, chance in ((UP, up), (DOWN, down)):
        shares = [reach_share(world, p, state, treaty, direction, rungs, pressure) for rungs in range(1, OUT + 2)]
        for rungs, (at_least, more) in enumerate(pairwise(shares), start=1):
            if chance * at_least > chance * more:
                reached = rung + direction * rungs
                terms = _step_terms(world, p, question, reached)
                alternatives.append(_option(POSTURES[reached], terms, chance * at_least - chance * more))
    return tuple(alternatives)


def _step_terms(world: World, p: Parameters, question: Question, landing: int) -> dict[str, float]:
    """Return the terms of the margin by which pressure favours a step as far as a rung."""
    state, treaty = question.state, question.treaty
    up = landing > world.posture[state, treaty]
    below, sign = (landing - 1, 1.0) if up else (landing, -1.0)
    terms = {"pressure": sign * float(world.pressure[state, treaty]), "threshold": -sign * gap_sum(p, below)}
    if not up:
        terms["hysteresis"] = -p.hysteresis
    claim = claim_value(world, p, state, treaty, below)
    return terms | {"claim": -sign * claim} if claim else terms


def _decide_lapse(world: World, p: Parameters, question: Question, draw: float) -> str:
    _weigh(world, p, question)
    rung = int(world.posture[question.state, question.treaty])
    return POSTURES[OUT if chooses_lapse(world, p, question.state, question.treaty, draw) else rung]


def _lapse_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    state, treaty = question.state, question.treaty
    chance = lapse_chance(world, p, state, treaty)
    terms = {"pressure": float(world.pressure[state, treaty]), "threshold": -gap_sum(p, VOICE)}
    stay = _option(POSTURES[int(world.posture[state, treaty])], {}, 1.0 - chance)
    return _option(POSTURES[OUT], terms, chance), stay


def _decide_return(world: World, p: Parameters, question: Question, draw: float) -> str:
    _weigh(world, p, question)
    return POSTURES[LOYAL if chooses_return(world, p, question.state, question.treaty, draw) else OUT]


def _return_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    state, treaty = question.state, question.treaty
    chance = return_chance(world, p, state, treaty)
    terms = {"pressure": -float(world.pressure[state, treaty]), "hysteresis": -p.hysteresis}
    return _option(POSTURES[LOYAL], terms, chance), _option(POSTURES[OUT], {}, 1.0 - chance)


def _decide_pact(world: World, p: Parameters, question: Question, draw: float) -> str:
    return PACT if chooses_pact(world, p, question.state, question.treaty, draw) else NOTHING


def _pact_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    state, treaty = question.state, question.treaty
    chance = pact_chance(world, p, state, treaty)
    terms = {"pressure": float(world.pressure[state, treaty]), "threshold": -pact_threshold(world, p, state, treaty)}
    return _option(PACT, terms, chance), _option(NOTHING, {}, 1.0 - chance)


def _decide_diversify(world: World, p: Parameters, question: Question, draw: float) -> str:
    return DIVERSIFY if chooses_diversification(world, p, question.state, question.treaty, draw) else NOTHING


def _diversify_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    state, treaty = question.state, question.treaty
    chance = diversification_chance(world, p, state, treaty)
    terms = by_name(diversify_terms(world, p, state, treaty))
    return _option(DIVERSIFY, terms, chance), _option(NOTHING, {}, 1.0 - chance)


# guarantors and challengers


def _decide_policy(world: World, p: Parameters, question: Question, draw: float) -> str:
    return CHOICES[choose_policy(world, p, question.other, question.treaty, draw)]


def _policy_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    chances = policy_chances(world, p, question.other, question.treaty)
    return tuple(
        _option(name, by_name(choice_terms(world, p, question.other, question.treaty, choice)), chances[choice])
        for choice, name in enumerate(CHOICES)
    )


def _decide_attack(world: World, p: Parameters, question: Question, draw: float) -> str:
    return ATTACK if chooses_attack(world, p, question.state, question.other, draw) else NOTHING


def _attack_options(world: World, p: Parameters, question: Question) -> tuple[Option, ...]:
    share = power_share(world, p, question.state, question.other)
    chance = attack_chance(world, p, question.state, question.other)
    terms = attack_terms(world, p, question.state, question.other, share)
    return _option(ATTACK, by_name(terms), chance), _option(NOTHING, {}, 1.0 - chance)


_DECIDE: dict[str, Callable[[World, Parameters, Question, float], str]] = {
    "call": _decide_call,
    "response": _decide_response,
    "objection": _decide_objection,
    "posture": _decide_posture,
    "lapse": _decide_lapse,
    "return": _decide_return,
    "pact": _decide_pact,
    "diversify": _decide_diversify,
    "policy": _decide_policy,
    "attack": _decide_attack,
}

_OPTIONS: dict[str, Callable[[World, Parameters, Question], tuple[Option, ...]]] = {
    "call": _call_options,
    "response": _response_options,
    "objection": _objection_options,
    "posture": _posture_options,
    "lapse": _lapse_options,
    "return": _return_options,
    "pact": _pact_options,
    "diversify": _diversify_options,
    "policy": _policy_options,
    "attack": _attack_options,
}

KINDS = tuple(_OPTIONS)
"""Every kind of decision."""
