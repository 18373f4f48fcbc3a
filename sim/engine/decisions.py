"""Decisions as they are recorded: the alternatives, with the terms of their utility, the draw and the choice."""

from dataclasses import dataclass
from datetime import date

from sim.parameters import Parameters
from sim.rules.call import call_chance, call_terms
from sim.rules.coverage import coverage
from sim.rules.guarantor import choice_terms
from sim.rules.posture import down_chance, pressure_terms, up_chance
from sim.rules.response import LEVELS, response_chances, response_terms
from sim.words import CHOICES, POSTURES, RESPONSES
from sim.world import Case, World


@dataclass(frozen=True)
class Option:
    """One alternative of a decision.

    Attributes
    ----------
    name : str
    utility : float
        Sum of the terms; in units of the stake for responses and policies, in logits for calls and postures.
    terms : dict of float
        The terms by name.
    chance : float
        Chance that it is chosen, by the built-in rule.
    """

    name: str
    utility: float
    terms: dict[str, float]
    chance: float


@dataclass(frozen=True)
class Decision:
    """One decision of one state.

    Attributes
    ----------
    kind : str
        ``call``, ``response``, ``posture``, ``policy``, ``attack``, ``lapse``, ``return`` or ``pact``.
    about : str
        The event, treaty or state that it is about.
    draw : float or None
        The random number that decided; None where the record fixed the choice.
    """

    date: date
    state: str
    kind: str
    about: str
    choice: str
    draw: float | None
    options: tuple[Option, ...] = ()


def _option(name: str, labels: tuple[str, ...], terms: tuple[float, ...], chance: float) -> Option:
    named = dict(zip(labels, (float(term) for term in terms), strict=True))
    return Option(name, sum(named.values()), named, float(chance))


def call_options(world: World, p: Parameters, case: Case) -> tuple[Option, ...]:
    """Return the alternatives of a victim: appeal or stay silent."""
    chance = call_chance(world, p, case)
    labels = ("base", "hope", "shame", "autonomy")
    return _option("appeal", labels, call_terms(world, p, case), chance), _option("silence", (), (), 1.0 - chance)


def response_options(world: World, p: Parameters, case: Case, ally: int) -> tuple[Option, ...]:
    """Return the alternatives of an ally: the five levels of help."""
    legal = coverage(world, case, ally, ally)
    chances = response_chances(world, p, case, ally)
    labels = ("stakes", "cost", "ties", "reputation", "audience")
    return tuple(
        _option(RESPONSES[level], labels, response_terms(world, p, case, ally, level, legal), chances[level])
        for level in range(LEVELS)
    )


def posture_options(world: World, p: Parameters, state: int, treaty: int) -> tuple[Option, ...]:
    """Return the alternatives of a member: a step up, a step down, or to stay."""
    pressure = world.pressure[state, treaty]
    rung = world.posture[state, treaty]
    up = up_chance(world, p, state, treaty, pressure)
    down = min(down_chance(world, p, state, treaty, pressure), 1.0 - up)
    labels = ("trust", "threat", "autonomy", "outside", "exit cost", "public", "emulation")
    stay = _option(POSTURES[rung], labels, pressure_terms(world, p, state, treaty), 1.0 - up - down)
    above = (_option(POSTURES[rung + 1], (), (), up),) if up > 0.0 else ()
    below = (_option(POSTURES[rung - 1], (), (), down),) if down > 0.0 else ()
    return (stay, *above, *below)


def policy_options(world: World, p: Parameters, state: int, treaty: int) -> tuple[Option, ...]:
    """Return the alternatives of a guarantor towards a client, with the terms of their utility."""
    labels = ("client stays", "others stay", "cost")
    return tuple(
        _option(name, labels, choice_terms(world, p, state, treaty, choice), float("nan"))
        for choice, name in enumerate(CHOICES)
    )
