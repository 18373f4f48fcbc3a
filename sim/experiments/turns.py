"""Turns of play mode: the questions to a government, and the information that it has.

`Knowledge` is the one place that says what a seat may know. A turn is made of nothing else: it holds texts and numbers,
and no way to the model, to other seats or to later events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.engine.setup import Setup
from sim.engine.trajectory import CallRecord
from sim.scenario.schema import Scenario
from sim.words import CHANNELS, LOYAL, OUT, POSTURES, RESPONSES

if TYPE_CHECKING:
    from sim.engine.model import EngineModel

APPEAL, SILENCE = "appeal", "silence"
RENEW, LAPSE = "renew", "lapse"
STAY_OUT, RETURN = "stay out", "return"

MEMBER_AIM: Final = (
    "Live with as little unprotected threat and as little dependence on your guarantor as you can, month by month."
)
GUARANTOR_AIM: Final = (
    "Keep all your allies loyal rather than out, month by month, and spend as little on help and pressure as you can."
)
"""What seats are to achieve, by their place in the alliance; `sim.experiments.scores` measures it."""

MEANINGS: Final = {
    "appeal": {
        APPEAL: "ask your allies for help; they are judged by what they do, and so is your trust in them",
        SILENCE: "ask for nothing; nobody has to show what the alliance is worth",
    },
    "answer": {
        "none": "do nothing; costs nothing, and all members see it",
        "statement": "speak up; costs next to nothing, and counts for a tenth of what you owe",
        "mission": "send observers or mediators; takes 3 % of your free force, and counts for little more than words",
        "materiel": "send arms and money; takes a fifth of your free force, and counts for two fifths of what you owe",
        "forces": "send troops; takes all of your free force, and is what you owe",
    },
    "course": {
        "loyal": "take part in full; costs nothing, and your dependence stays as it is",
        "voice": "criticise the alliance in public; dependence begins to fall, and the guarantor may press you",
        "reduce": "skip exercises, refuse missions; dependence falls faster, and the guarantor may press you",
        "freeze": "stop taking part or paying, while the treaty still binds; its forces on your soil may stop you",
        "notify": "give notice of leaving; when the notice has run out nobody owes you help",
        "out": "leave; nobody owes you help any more",
    },
    "renewal": {
        RENEW: "stay bound, and owed help, until the next renewal",
        LAPSE: "leave at once, without notice; nobody owes you help any more",
    },
    "return": {
        STAY_OUT: "remain outside; nobody owes you help",
        RETURN: "become a member again, in full; a rival pact ends",
    },
    "client": {
        "ignore": "do nothing; costs nothing",
        "reassure": "court it with visits, arms and promises; costs something, and others hear of it",
        "coerce": "press it with bans and threats; costs twice as much, makes leaving dear, and others hear of it",
    },
}
"""What the answers to each kind of turn mean and cost, in words."""

KINDS: Final = ("appeal", "answer", "course", "renewal", "return", "client")
"""The kinds of turn: an own appeal, an ally's appeal, the posture, a renewal, a return, the policy towards a client."""


def seats(setup: Setup) -> tuple[str, ...]:
    """Return the states that can be played: the members of the focus treaty, including its guarantor."""
    column = setup.first.posture[:, setup.treaties.index(setup.focus)]
    return tuple(code for code, rank in zip(setup.codes, column, strict=True) if rank >= LOYAL)


@dataclass(frozen=True)
class Knowledge:
    """A government's information about the world: its own beliefs and public, and what all states can observe.

    Private are a state's trust, its threat perception, its public opinion, its dependence, the offers to it and its
    reading of the treaty: a seat knows its own alone. The chances of choices and the parameters of the run no seat
    knows. Public are the postures of members, attacks and crises with their severity, the appeal and the help that was
    given, and injects. Notes and sources in the scenario are for its
    readers and often tell what followed, so no seat sees them. A turn knows what happened up to the end of its tick,
    the stages of the tick before its own question included, and nothing later. Answers to one attack or crisis are all
    counted in its month, as in the model.

    Attributes
    ----------
    trust, threat : dict of float
        The state's trust in each fellow member, and its threat perception of others (only if positive), 0..1.
    postures : dict of str
        Posture of each member in the focus treaty, by code.
    approval, exit_support : float
        Approval and support for exit among the state's public, 0..1.
    held : dict of (str, float)
        By channel of its portfolio: the partner with the largest share, and that share.
    offers : dict of float
        Protection on offer from outsiders, 0..1.
    news : tuple of str
        Events since the state's last turn.
    """

    trust: Mapping[str, float]
    threat: Mapping[str, float]
    postures: Mapping[str, str]
    approval: float
    exit_support: float
    held: Mapping[str, tuple[str, float]]
    offers: Mapping[str, float]
    news: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """One question to the government of a state, with the possible answers.

    Attributes
    ----------
    date : date
    state : str
        The state that decides.
    kind : str
        One of `KINDS`.
    about : str
        The event, treaty or client of the question.
    question : str
        The question in words.
    options : tuple of str
        The possible answers.
    knows : Knowledge
    figures : dict of float
        Of an attack or crisis: its ``severity``, and the ``coverage`` by the treaty as the seat reads it, 0..1.
    words : dict of str
        What each option means and costs.
    aim : str
        What the seat is to achieve; its score measures it.
    guarantor : str
        The state on whose help the members rely.
    names : dict of str
        Full names of states by code.
    """

    date: date
    state: str
    kind: str
    about: str
    question: str
    options: tuple[str, ...]
    knows: Knowledge
    figures: Mapping[str, float]
    words: Mapping[str, str]
    aim: str
    guarantor: str
    names: Mapping[str, str]


LEFT: Final = "left to the rule"
"""Why the built-in rule decided where a seat answered None."""


@dataclass(frozen=True)
class DecidedTurn:
    """A turn with its answer, and what the built-in rule would have done on the same draw.

    Attributes
    ----------
    turn : Turn
    answer : str or None
        One of the options; None if the built-in rule decided.
    left : str
        Why the rule decided, such as "left to the rule" and "time ran out"; empty if the seat answered.
    rule : str
        The choice of the built-in rule, also where the seat answered.
    odds : dict of float
        The chances by which the rule chooses, where they are known.
    """

    turn: Turn
    answer: str | None
    left: str
    rule: str
    odds: Mapping[str, float]


def knowledge(model: "EngineModel", state: int, news: tuple[str, ...]) -> Knowledge:
    """Return the current information of a state's government, by the state's index."""
    world, codes = model.world, model.setup.codes
    treaty = model.treaty_index(None)
    members = [other for other in range(len(codes)) if LOYAL <= world.posture[other, treaty] <= OUT]
    held = {}
    for channel, name in enumerate(CHANNELS):
        shares = world.portfolio[state, :, channel]
        if not np.isnan(shares).all():
            partner = int(np.nanargmax(shares))
            held[name] = (codes[partner], float(shares[partner]))
    return Knowledge(
        trust={codes[other]: float(world.trust[state, other]) for other in members if other != state},
        threat={
            codes[other]: float(world.threat[state, other]) for other in range(len(codes))
            if other != state and world.threat[state, other] > 0.0
        },
        postures={codes[other]: POSTURES[world.posture[other, treaty]] for other in members},
        approval=float(world.approval[state, treaty]),
        exit_support=float(world.exit_support[state, treaty]),
        held=held,
        offers={
            code: float(value) for code, value in zip(codes, world.offer[state], strict=True) if value > 0.0
        },
        news=news,
    )  # fmt: skip


def called(scenario: Scenario, code: str) -> str:
    """Return a state's full name, or its code where the scenario gives none."""
    held = scenario.states.get(code)
    return held.name if held is not None and held.name else code


def attacked(scenario: Scenario, aggressor: str, victim: str, note: str = "") -> str:
    """Return in words who attacks whom, or who is in a crisis (without an aggressor), and the note of an inject."""
    who = called(scenario, victim)
    what = f"{called(scenario, aggressor)} attacks {who}" if aggressor else f"Crisis in {who}"
    return f"{what} ({note})" if note else what


def told(scenario: Scenario, call: CallRecord, note: str = "") -> str:
    """Return a sentence about an attack or crisis, with facts that all states can observe and the note of an inject."""
    asked = "it appeals" if call.made else "it does not appeal"
    answers = [
        f"{called(scenario, row.ally)}: {RESPONSES[row.level]}"
        for row in call.responses
        if row.spoken and row.level > 0
    ]
    helped = "; " + ", ".join(answers) if answers else "; nobody helps" if call.made else ""
    return f"{call.date}: {attacked(scenario, call.aggressor, call.victim, note)}; {asked}{helped}"
