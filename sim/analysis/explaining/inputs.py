"""Inputs of a decision, described in words, with functions to read and to replace each value."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from sim.analysis.explaining.replay import STEPS, Moment
from sim.engine.decisions import TERMS
from sim.engine.setup import Setup
from sim.model.parameters import PARAMETERS, Parameters
from sim.model.terms import terms_of
from sim.model.variables import VARIABLES
from sim.model.world import NOBODY, Case, World, copy_world
from sim.output.formatting import state_in_sentence
from sim.rules.beliefs import evidence, trust_in
from sim.rules.coverage import coverage, obliged
from sim.rules.maths import logit
from sim.rules.patronage import best_patron
from sim.rules.threats import set_threat, worst_rival
from sim.words import BASE

GROUPS: Final = {
    "call": ("call", "response", "beliefs"),
    "response": ("response",),
    "objection": ("response",),
    "posture": ("course", "portfolio", "response"),
    "lapse": ("course", "portfolio", "response"),
    "return": ("course", "portfolio", "response"),
    "pact": ("course",),
    "diversify": ("course", "portfolio"),
    "policy": ("guarantor", "course", "portfolio", "publics"),
    "attack": ("challenge", "response", "beliefs"),
}
"""Groups of parameters that each kind of decision reads beside those of its terms."""

_OUTLOOK: Final = ("record_weight", "interest_weight")
"""Parameters by which every kind of decision may weigh how reliable an ally is."""

FARTHEST: Final = 20.0
"""Distance in 1,000 km: as far as can be."""

MOST_CAPABLE: Final = 0.25
"""Share of the world's capability beyond which nobody is tried."""

MONTHS: Final = 600.0
"""Time since a fight after which it counts as never."""


@dataclass(frozen=True)
class DecisionInputs:
    """All inputs of a decision: the world, the parameters, the question and the random draw."""

    world: World
    parameters: Parameters
    moment: Moment
    case: Case | None
    lean: float
    draw: float


@dataclass(frozen=True)
class Input:
    """Single input of a decision.

    Attributes
    ----------
    key : str
        As scenario files name it where they can, such as ``states.RUS.overstretch``.
    words, unit : str
    low, high : float
        The range within which it is searched.
    read, write : callable
        Its value in an `DecisionInputs`; the same with another value, the world copied.
    fields : tuple of str
        Parameters or fields of the world that ``write`` changes; none if it changes the question or the draw.
    """

    key: str
    words: str
    unit: str
    low: float
    high: float
    read: Callable[[DecisionInputs], float]
    write: Callable[[DecisionInputs, float], DecisionInputs]
    fields: tuple[str, ...] = ()


def asked(moment: Moment) -> DecisionInputs:
    """Return the inputs of a decision as it was taken; for a choice fixed by the record, with a random draw of 0.5."""
    question, number = moment.decision.question, moment.decision.number
    draw = 0.5 if number is None else number
    return DecisionInputs(moment.world, moment.parameters, moment, question.case, question.lean, draw)


def inputs_of(moment: Moment, setup: Setup) -> Iterator[Input]:
    """Yield every input of a decision that could have had another value."""
    yield _draw()
    yield from _of_kind(moment, setup)
    kind = moment.decision.kind
    weighing = {name for term in terms_of(*TERMS[kind]).values() for name in term.parameters.split()}
    for name, row in PARAMETERS.items():
        if row.group in GROUPS[kind] or name in weighing or name in _OUTLOOK:
            yield _parameter(name)


def _of_kind(moment: Moment, setup: Setup) -> Iterator[Input]:
    kind, question = moment.decision.kind, moment.decision.question
    names = _Names(setup)
    if question.case is not None:
        yield from _of_case(moment, names, question.case)
    if kind == "objection":
        yield _lean()
    if kind in STEPS:
        yield from _of_member(moment, names, question.state, question.treaty)
    if kind == "policy":
        yield names.state("overstretch", question.state)
        yield from _of_client(names, question.other, question.treaty)
    if kind == "attack":
        yield from _of_attack(moment, names, question.state, question.other)


def _of_case(moment: Moment, names: "_Names", case: Case) -> Iterator[Input]:
    kind, state = moment.decision.kind, moment.decision.question.state
    if kind != "objection":
        yield _coverage(state)
    if kind == "call":
        yield _severity()
        yield names.state("democracy", state)
        yield names.state("deployed", state)
        helpers = [ally for ally in range(len(names.codes)) if obliged(moment.world, case, ally)]
        for ally in helpers:
            yield names.trust(state, ally)
            yield names.state("overstretch", ally)
    if kind == "response":
        yield names.state("overstretch", state)
        yield names.state("capability", state)
        yield names.state("democracy", state)
        yield names.state("audience", state)
        yield names.distance(state, case.victim)
        yield names.dependence(state, case.victim)
        yield names.base(case.victim, state)
        yield names.state("capability", case.victim)
    if case.aggressor != NOBODY and kind in ("response", "objection"):
        yield names.dyad("ties", state, case.aggressor, -1.0)
    if case.aggressor != NOBODY and kind == "response":
        yield names.state("capability", case.aggressor)
        yield names.state("overstretch", case.aggressor)


def _of_member(moment: Moment, names: "_Names", state: int, treaty: int) -> Iterator[Input]:
    world = moment.world
    guarantor = int(world.guarantor[treaty])
    if moment.decision.kind == "diversify":
        yield names.member("pressure", state, treaty, -5.0, 5.0)
        return
    yield names.state("attention", state)
    yield names.member("window", state, treaty)
    if moment.decision.kind == "pact":
        yield names.member("pressure", state, treaty, -5.0, 5.0)
        return
    yield names.trust(state, guarantor)
    yield names.state("overstretch", guarantor)
    rival = worst_rival(world, state, guarantor)
    if rival != NOBODY:
        yield names.threat(state, rival)
        yield names.dyad("ties", guarantor, rival, -1.0)
    yield names.threat(state, guarantor)
    yield names.dependence(state, guarantor)
    yield names.base(state, guarantor)
    yield names.member("coercion", state, treaty)
    yield names.state("deployed", state)
    yield names.state("democracy", state)
    yield names.member("exit_support", state, treaty)
    yield names.member("government_line", state, treaty, -1.0)
    yield names.member("entrapment", state, treaty)
    patron = best_patron(world, state, treaty)
    if patron != NOBODY:
        yield names.dyad("offer", state, patron)
        yield names.trust(state, patron)


def _of_client(names: "_Names", client: int, treaty: int) -> Iterator[Input]:
    yield names.state("attention", client)
    yield names.member("coercion", client, treaty)
    yield names.member("approval", client, treaty)
    yield names.member("reliability", client, treaty)
    yield names.member("exit_support", client, treaty)


def _of_attack(moment: Moment, names: "_Names", challenger: int, victim: int) -> Iterator[Input]:
    world = moment.world
    yield names.dyad("claim", challenger, victim)
    yield _since_fight(challenger, victim)
    yield names.state("capability", challenger)
    yield names.state("capability", victim)
    case = Case(victim, challenger, NOBODY, 1.0, False, False, False, float("nan"))
    for ally in range(len(names.codes)):
        if obliged(world, case, ally):
            yield names.state("overstretch", ally)
            yield names.trust(challenger, ally)


# single inputs


def _copied(given: DecisionInputs) -> DecisionInputs:
    return replace(given, world=copy_world(given.world))


def _draw() -> Input:
    return Input(
        "draw", "the random draw", "0..1", 0.0, 1.0 - 1e-12,
        lambda given: given.draw, lambda given, value: replace(given, draw=value),
    )  # fmt: skip


def _lean() -> Input:
    return Input(
        "lean", "the guarantor's own preference", "-1..1", -1.0, 1.0,
        lambda given: given.lean, lambda given, value: replace(given, lean=value),
    )  # fmt: skip


def _parameter(name: str) -> Input:
    row = PARAMETERS[name]

    def write(given: DecisionInputs, value: float) -> DecisionInputs:
        return replace(given, parameters=given.parameters._replace(**{name: value}))

    return Input(
        f"parameters.{name}", f"parameter: {row.meaning}", row.unit, row.low, row.high,
        lambda given: float(getattr(given.parameters, name)), write, (name,),
    )  # fmt: skip


def _case_of(given: DecisionInputs) -> Case:
    if given.case is None:
        raise TypeError("the decision is about no attack or crisis")
    return given.case


def _coverage(reader: int) -> Input:
    def read(given: DecisionInputs) -> float:
        case = _case_of(given)
        allies = range(len(given.world.capability)) if reader == case.victim else (reader,)
        return max(
            (coverage(given.world, case, ally, reader) for ally in allies if obliged(given.world, case, ally)),
            default=0.0,
        )

    def write(given: DecisionInputs, value: float) -> DecisionInputs:
        return replace(given, case=_case_of(given)._replace(override=value))

    return Input("coverage", "how clearly the treaty covers the case", "0..1", 0.0, 1.0, read, write)


def _severity() -> Input:
    return Input(
        "severity", "severity of the attack or crisis", "0..1", 0.0, 1.0,
        lambda given: _case_of(given).severity,
        lambda given, value: replace(given, case=_case_of(given)._replace(severity=value)),
    )  # fmt: skip


def _since_fight(state: int, other: int) -> Input:
    def write(given: DecisionInputs, value: float) -> DecisionInputs:
        changed = _copied(given)
        changed.world.fought[state, other] = changed.world.clock[0] - value
        return changed

    return Input(
        "fought", "time since the last fight", "months", 0.0, MONTHS,
        lambda given: float(min(MONTHS, given.world.clock[0] - given.world.fought[state, other])), write,
        ("fought",),
    )  # fmt: skip


_STATE_WORDS: Final = {
    "overstretch": "share of {}'s forces tied down elsewhere",
    "capability": "capability of {}, share of the world",
    "democracy": "democracy in {}",
    "audience": "share of clients that watch {}",
    "attention": "attention to security in {}",
    "deployed": "allied forces used at home in {}",
}
_MEMBER_WORDS: Final = {
    "coercion": "coercion felt in {}",
    "window": "how far a window is open for {}",
    "exit_support": "support for exit in {}",
    "approval": "approval of the alliance in {}",
    "reliability": "reliability of the guarantor in the eyes of {}",
    "pressure": "pressure upwards on {}",
    "government_line": "line of the government of {}",
    "entrapment": "entrapment of {} in what its guarantor does",
}
_DYAD_WORDS: Final = {
    "ties": "ties of {} to {}",
    "claim": "grievance of {} against {}",
    "offer": "protection offered to {} by {}",
}


class _Names:
    """Factory of inputs read from arrays of the world, labelled with the names of the scenario."""

    def __init__(self, setup: Setup) -> None:
        self.codes, self.treaties = setup.codes, setup.treaties
        self.names = [state_in_sentence(setup.scenario, code) for code in setup.codes]

    def state(self, name: str, state: int) -> Input:
        """Return an input for a variable of one state."""
        words = _STATE_WORDS[name].format(self.names[state])
        high = MOST_CAPABLE if name == "capability" else 1.0
        return _entry(f"states.{self.codes[state]}.{name}", words, "0..1", name, (state,), 0.0, high)

    def member(self, name: str, state: int, treaty: int, low: float = 0.0, high: float = 1.0) -> Input:
        """Return an input for a variable of one member of a treaty."""
        key = f"{self.codes[state]}.{name}[{self.treaties[treaty]}]"
        words, unit = _MEMBER_WORDS[name].format(self.names[state]), "0..1" if low == 0.0 else VARIABLES[name].unit
        return _entry(key, words, unit, name, (state, treaty), low, high)

    def dyad(self, name: str, state: int, other: int, low: float = 0.0) -> Input:
        """Return an input for a variable of one state towards another."""
        key = f"dyads.{self.codes[state]}.{self.codes[other]}.{name}"
        words = _DYAD_WORDS[name].format(self.names[state], self.names[other])
        return _entry(key, words, "-1..1" if low < 0.0 else "0..1", name, (state, other), low, 1.0)

    def trust(self, truster: int, trustee: int) -> Input:
        """Return an input for the trust of one state in another; changing it keeps the amount of evidence constant."""

        def write(given: DecisionInputs, value: float) -> DecisionInputs:
            world = _copied(given).world
            retained, n = world.memory_retained[0], sum(evidence(world, truster, trustee))
            world.learnt_for[truster, trustee] = (value * n - world.prior_for[truster, trustee]) / retained
            world.learnt_against[truster, trustee] = (
                (1.0 - value) * n - world.prior_against[truster, trustee]
            ) / retained
            world.learnt_log_odds[truster, trustee] = (logit(value) - world.prior_log_odds[truster, trustee]) / retained
            return replace(given, world=world)

        key = f"{self.codes[truster]}.trust[{self.codes[trustee]}]"
        words = f"trust of {self.names[truster]} in {self.names[trustee]}"
        fields = ("learnt_for", "learnt_against", "learnt_log_odds")
        return Input(key, words, "0..1", 0.0, 1.0, lambda given: trust_in(given.world, truster, trustee), write, fields)

    def threat(self, state: int, other: int) -> Input:
        """Return an input for the threat that one state perceives from another, 0..1."""

        def write(given: DecisionInputs, value: float) -> DecisionInputs:
            changed = _copied(given)
            set_threat(changed.world, state, other, value)
            return changed

        key = f"dyads.{self.codes[state]}.{self.codes[other]}.threat"
        words = f"what {self.names[state]} fears from {self.names[other]}"
        return Input(
            key, words, "0..1", 0.0, 1.0, lambda given: float(given.world.threat[state, other]), write,
            ("threat", "exposure", "feared"),
        )  # fmt: skip

    def distance(self, state: int, other: int) -> Input:
        """Return an input for the distance between two states, in 1,000 km."""
        key = f"dyads.{self.codes[state]}.{self.codes[other]}.distance"
        words = f"distance from {self.names[state]} to {self.names[other]}"
        return _entry(key, words, "1,000 km", "distance", (state, other), 0.0, FARTHEST)

    def dependence(self, state: int, partner: int) -> Input:
        """Return an input for dependence of one state on another, bases excluded; writing sets each known channel."""

        def read(given: DecisionInputs) -> float:
            shares = given.world.portfolio[state, partner, :BASE]
            known = shares[~np.isnan(shares)]
            return float(known.mean()) if known.size else float("nan")

        def write(given: DecisionInputs, value: float) -> DecisionInputs:
            changed = _copied(given)
            row = changed.world.portfolio[state, partner, :BASE]
            row[~np.isnan(row)] = value
            return changed

        key = f"{self.codes[state]}.dependence[{self.codes[partner]}]"
        words = f"dependence of {self.names[state]} on {self.names[partner]}, bases apart"
        return Input(key, words, "0..1", 0.0, 1.0, read, write, ("portfolio",))

    def base(self, state: int, other: int) -> Input:
        """Return an input for the military presence of the second state on the territory of the first, 0..1."""

        def read(given: DecisionInputs) -> float:
            return float(np.nan_to_num(given.world.portfolio[state, other, BASE]))

        def write(given: DecisionInputs, value: float) -> DecisionInputs:
            changed = _copied(given)
            changed.world.portfolio[state, other, BASE] = value
            return changed

        key = f"dyads.{self.codes[state]}.{self.codes[other]}.base"
        words = f"military presence of {self.names[other]} in {self.names[state]}"
        return Input(key, words, "0..1", 0.0, 1.0, read, write, ("portfolio",))


def _entry(key: str, words: str, unit: str, array: str, index: tuple[int, ...], low: float, high: float) -> Input:
    """Return the input that reads and writes one entry of an array of the world."""

    def read(given: DecisionInputs) -> float:
        values: Any = getattr(given.world, array)
        return float(values[index])

    def write(given: DecisionInputs, value: float) -> DecisionInputs:
        changed = _copied(given)
        getattr(changed.world, array)[index] = value
        return changed

    return Input(key, words, unit, low, high, read, write, (array,))
