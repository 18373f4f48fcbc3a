"""What the terms of each kind of decision stand for, in words with the numbers behind them."""

from collections.abc import Callable, Mapping

from sim.analysis.explaining.names import Names
from sim.analysis.explaining.replay import Moment
from sim.engine.decisions import Option
from sim.engine.setup import Setup
from sim.rules.call import best_hope, clearest_coverage, helpers_intrusion
from sim.rules.challenge import distraction, power_share, restraint
from sim.rules.coverage import coverage
from sim.rules.guarantor import value_share
from sim.rules.patronage import best_patron, exit_cost
from sim.rules.posture import intrusion
from sim.rules.response import attacker_tie, stake
from sim.rules.threats import worst_rival
from sim.words import EFFORT, RESPONSES
from sim.world import NOBODY

Said = Mapping[str, str]

UNITS: Mapping[str, str] = {
    "response": "units of a full stake",
    "policy": "units of a full stake",
}
"""Units of utilities; all other decisions are weighed in logits."""


def unit_of(kind: str) -> str:
    """Return the unit of the utilities of a kind of decision."""
    return UNITS.get(kind, "logits")


def terms_in_words(moment: Moment, setup: Setup, names: Names, option: Option) -> dict[str, str]:
    """Return what each term of an alternative stands for, in the order of the terms.

    Parameters
    ----------
    moment : Moment
        The decision.
    setup : Setup
    names : Names
    option : Option
        One of its alternatives.
    """
    said = _WORDS[moment.decision.kind](moment, _Codes(setup, names), option)
    return {term: said[term] for term in option.terms}


class _Codes:
    def __init__(self, setup: Setup, names: Names) -> None:
        self.setup, self.names = setup, names

    def __getitem__(self, index: int) -> str:
        """Return the name of a state by index."""
        return self.names.state(self.setup.codes[index])


def _response(moment: Moment, name: _Codes, option: Option) -> Said:
    world, p, ally = moment.world, moment.parameters, moment.decision.question.state
    case = moment.decision.question.about
    held, effort = stake(world, p, ally, case.victim), EFFORT[RESPONSES.index(option.name)]
    gain = option.terms["stakes"] / held if held else 0.0
    legal = coverage(world, case, ally, ally)
    foe = "the unrest" if case.aggressor == NOBODY else name[case.aggressor]
    share = f"takes {effort:.0%} of its free force"
    return {
        "stakes": f"what it changes for {name[case.victim]}: chances {gain:+.3f}, at a stake of {held:.2f}",
        "force": f"price of force itself: {share}",
        "distance": f"price of distance: {1000 * world.distance[ally, case.victim]:,.0f} km",
        "overstretch": f"forces tied down elsewhere: {world.overstretch[ally]:.0%} of them",
        "ties": f"ties to {foe}: {attacker_tie(world, case, ally):.2f}",
        "reputation": f"standing with other clients, {world.audience[ally]:.0%} watching; law {legal:.2f} clear",
        "audience": f"its own public (democracy {world.democracy[ally]:.2f}), law {legal:.2f} clear",
    }


def _call(moment: Moment, name: _Codes, option: Option) -> Said:
    del option
    world, p, case = moment.world, moment.parameters, moment.decision.question.about
    hope = best_hope(world, p, case)
    clear = clearest_coverage(world, case)
    return {
        "base": "readiness to appeal as such",
        "hope": f"help to hope for: {hope:.2f} of a full duty, at a severity of {case.severity:.2f}",
        "shame": f"fear of a public refusal: {1.0 - hope:.2f} of the duty at risk; the law is {clear:.2f} clear",
        "autonomy": f"what the helpers' presence costs already: intrusion {helpers_intrusion(world, p, case):.2f}",
    }


def _objection(moment: Moment, name: _Codes, option: Option) -> Said:
    del option
    question = moment.decision.question
    case = question.about
    foe = "the unrest" if case.aggressor == NOBODY else name[case.aggressor]
    leans = "wants to help" if question.lean > 0.0 else "wants to stay out" if question.lean < 0.0 else "holds back"
    return {
        "base": "readiness to object as such",
        "ties": f"ties to {foe}: {attacker_tie(moment.world, case, question.state):.2f}, times the effort",
        "guarantor": f"the guarantor {leans}",
    }


def _course(moment: Moment, name: _Codes, option: Option) -> Said:
    del option
    world, p, question = moment.world, moment.parameters, moment.decision.question
    state, treaty = question.state, question.treaty
    guarantor, rho = int(world.guarantor[treaty]), float(world.reliability[state, treaty])
    rival, patron = worst_rival(world, state, guarantor), best_patron(world, state, treaty)
    fear = "nobody feared" if rival == NOBODY else f"{name[rival]} feared at {world.threat[state, rival]:.2f}"
    offer = "nobody offers" if patron == NOBODY else f"{name[patron]} offers {world.offer[state, patron]:.2f}"
    left = exit_cost(world, p, state, treaty, world.coercion[state])
    return {
        "trust": f"reliability of {name[guarantor]}: expects {rho:.2f}, asks for {p.required_reliability:.2f}",
        "threat": f"threat while help is in doubt: {fear}",
        "autonomy": f"intrusion of the guarantor: {intrusion(world, p, state, guarantor):.2f}",
        "outside": f"protection from outside: {offer}",
        "exit cost": f"price of leaving {name[guarantor]}: {left:.2f} of all it gets from abroad",
        "public": f"support for exit at home: {world.exit_support[state, treaty]:.2f}, democracy "
        f"{world.democracy[state]:.2f}",
        "emulation": "fellow members that moved up within two years",
        "pressure": "pressure upwards, the sum of the terms above"
        if moment.decision.kind == "posture"
        else "pressure upwards",
        "threshold": "threshold that lies between the rungs",
        "hysteresis": "a step back needs more than the step up did",
    }


def _policy(moment: Moment, name: _Codes, option: Option) -> Said:
    del option
    world, question = moment.world, moment.decision.question
    worth = value_share(world, question.other, question.treaty)
    return {
        "client stays": f"chance that {name[question.other]} stays, worth {worth:.2f} of all clients",
        "others stay": "chance that the others stay, who look on",
        "cost": f"price of the act, dearer with {world.overstretch[question.state]:.0%} of forces tied down",
    }


def _attack(moment: Moment, name: _Codes, option: Option) -> Said:
    del option
    world, p, question = moment.world, moment.parameters, moment.decision.question
    one, other = question.state, question.other
    since = world.clock[0] - world.fought[one, other]
    fought = f"{since:.0f} months ago" if since < 1e6 else "never"
    return {
        "floor": "hazard in a quiet rivalry",
        "power": f"its share of power against {name[other]} and the help that it believes in: "
        f"{power_share(world, p, one, other):.2f}",
        "claim": f"grievance against {name[other]}: {world.claim[one, other]:.2f}",
        "recurrence": f"last fight: {fought}",
        "restraint": f"trade with {name[other]} and its allies: {restraint(world, one, other):.2f}",
        "distraction": f"distraction of the guarantor: {distraction(world, other):.2f}",
    }


_WORDS: Mapping[str, Callable[[Moment, _Codes, Option], Said]] = {
    "call": _call,
    "response": _response,
    "objection": _objection,
    "posture": _course,
    "lapse": _course,
    "return": _course,
    "pact": _course,
    "policy": _policy,
    "attack": _attack,
}
