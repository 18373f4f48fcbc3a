"""B6: the guarantor ignores, reassures or coerces a wavering client.

``U(u) = V_i dP(stay | u) + sum_m V_m dP_m(stay | u) - (1 + O) cost_u``, chosen by quantal response. Reassurance
grows with the client's outside option (Blankenship 2020).
"""

import math
from typing import Annotated, NamedTuple

from sim.model.parameters import Parameters
from sim.model.terms import Term, Weighing, declare_terms, terms_rule
from sim.model.world import NOBODY, Floats, World
from sim.rules.audience import exit_support
from sim.rules.learning import learn_from_words
from sim.rules.maths import chance_per_tick, total
from sim.rules.patronage import exit_cost
from sim.rules.posture import review_rate, total_pressure, up_chance
from sim.rules.registry import rule
from sim.rules.threats import similarity
from sim.words import LOYAL, OUT

IGNORE, REASSURE, COERCE = range(3)


@rule
def client(world: World, state: int, treaty: int) -> bool:
    """Return whether a state is a client of a treaty's guarantor."""
    return bool(
        state != world.guarantor[treaty] and world.in_force[treaty] and LOYAL <= world.posture[state, treaty] < OUT
    )


@rule
def value_share(world: World, state: int, treaty: int) -> float:
    """Return V, a client's share of the capability of all of the guarantor's clients, 0..1."""
    total = 0.0
    for other in range(world.capability.shape[0]):
        if client(world, other, treaty):
            total += world.capability[other]
    return float(world.capability[state] / total) if total > 0.0 else 0.0


@rule
def spillover(world: World, p: Parameters, state: int, other: int) -> float:
    """Return the share, 0..1, of an act towards ``state`` that another client feels: ``sigma sim``."""
    return p.observer_weight * similarity(world, p, other, state, NOBODY)


@rule
def stay_chance_gain(world: World, p: Parameters, state: int, treaty: int, coerced: float, reassured: float) -> float:
    """Return dP(stay), the fall in the chance of a step up after added coercion and reassurance."""
    felt, liked = world.coercion[state, treaty], world.opinion[state, treaty]
    coercion = min(1.0, felt + coerced)
    pleased = liked + p.opinion_reassurance * reassured
    dearer = exit_cost(world, p, state, treaty, coercion) - exit_cost(world, p, state, treaty, felt)
    swayed = exit_support(world, p, state, treaty, pleased, coercion) - exit_support(
        world, p, state, treaty, liked, felt
    )
    now = total_pressure(world, p, state, treaty)
    then = now - p.ladder_exit_cost * dearer + p.ladder_public * world.democracy[state] * swayed
    return up_chance(world, p, state, treaty, now) - up_chance(world, p, state, treaty, then)


def _client_in_words(at: Weighing) -> str:
    """Describe the client's value to the guarantor."""
    question = at.question
    worth = value_share(at.world, question.other, question.treaty)
    return f"chance that {at.name_of(question.other)} stays, worth {worth:.2f} of all clients"


def _cost_in_words(at: Weighing) -> str:
    """Describe what makes reassurance or coercion costly."""
    return f"price of the act, dearer with {at.world.overstretch[at.question.state]:.0%} of forces tied down"


@declare_terms
class ChoiceTerms(NamedTuple):
    """Terms of the guarantor's utility for one policy towards a client, in units of a full stake."""

    client_stays: Annotated[float, Term("choice_strength", _client_in_words)]
    others_stay: Annotated[float, Term("choice_strength", "chance that the others stay, who look on")]
    cost: Annotated[float, Term("reassure_cost coerce_cost", _cost_in_words)]


@terms_rule
def choice_terms(world: World, p: Parameters, state: int, treaty: int, choice: int) -> ChoiceTerms:
    """Return the terms of the guarantor's utility for one policy towards a client."""
    if choice == IGNORE:
        return ChoiceTerms(client_stays=0.0, others_stay=0.0, cost=0.0)
    coerced = p.choice_strength if choice == COERCE else 0.0
    reassured = p.choice_strength if choice == REASSURE else 0.0
    price = p.coerce_cost if choice == COERCE else p.reassure_cost
    own = value_share(world, state, treaty) * stay_chance_gain(world, p, state, treaty, coerced, reassured)
    if choice == REASSURE:
        own *= 1.0 + world.outside[state, treaty]
    others = 0.0
    for other in range(world.capability.shape[0]):
        if other != state and client(world, other, treaty):
            heard = spillover(world, p, state, other)
            gain = stay_chance_gain(world, p, other, treaty, coerced * heard, reassured * heard)
            others += value_share(world, other, treaty) * gain
    return ChoiceTerms(
        client_stays=own, others_stay=others, cost=-(1.0 + world.overstretch[world.guarantor[treaty]]) * price
    )


@rule
def choice_utility(world: World, p: Parameters, state: int, treaty: int, choice: int) -> float:
    """Return the guarantor's utility for one policy towards a client."""
    return total(choice_terms(world, p, state, treaty, choice))


@rule
def policy_weights(world: World, p: Parameters, state: int, treaty: int) -> tuple[float, float]:
    """Return the quantal-choice weights of reassuring and coercing, relative to 1 for ignoring."""
    return (
        math.exp(p.guarantor_precision * choice_utility(world, p, state, treaty, REASSURE)),
        math.exp(p.guarantor_precision * choice_utility(world, p, state, treaty, COERCE)),
    )


@rule
def policy_chances(world: World, p: Parameters, state: int, treaty: int) -> tuple[float, float, float]:
    """Return the chances in a tick that the guarantor ignores, reassures or coerces a client."""
    if not client(world, state, treaty) or world.posture[state, treaty] == LOYAL:
        return 1.0, 0.0, 0.0
    turn = chance_per_tick(review_rate(world, p, state), world.months)
    reassure, coerce = policy_weights(world, p, state, treaty)
    total = 1.0 + reassure + coerce
    return 1.0 - turn * (reassure + coerce) / total, turn * reassure / total, turn * coerce / total


@rule
def choose_policy(world: World, p: Parameters, state: int, treaty: int, draw: float) -> int:
    """Decide what the guarantor does about a client: 0 ignore, 1 reassure, 2 coerce.

    It considers only clients above the rung of loyalty, as often as the client reviews its posture.
    """
    if not client(world, state, treaty) or world.posture[state, treaty] == LOYAL:
        return IGNORE
    turn = chance_per_tick(review_rate(world, p, state), world.months)
    if draw >= turn:
        return IGNORE
    reassure, coerce = policy_weights(world, p, state, treaty)
    position = draw / turn * (1.0 + reassure + coerce)
    if position < 1.0:
        return IGNORE
    return REASSURE if position < 1.0 + reassure else COERCE


@rule
def spread_to_clients(world: World, p: Parameters, felt: Floats, target: int, source: int, strength: float) -> None:
    """Add to what a state feels after an act of its guarantor, and to what the guarantor's other clients feel.

    Each treaty with a ladder has its own ``felt`` (N, K), from its own guarantor alone; the act of any other state adds
    nothing.
    """
    for treaty in range(world.in_force.shape[0]):
        if world.guarantor[treaty] != source or not world.ladder[treaty]:
            continue
        felt[target, treaty] = min(1.0, felt[target, treaty] + strength)
        if not client(world, target, treaty):
            continue
        for other in range(world.capability.shape[0]):
            if other != target and client(world, other, treaty):
                felt[other, treaty] = min(1.0, felt[other, treaty] + strength * spillover(world, p, target, other))


@rule
def feel_coercion(world: World, p: Parameters, target: int, source: int, severity: float) -> None:
    """Add to the coercion that a state and other clients feel from the source, their guarantor."""
    spread_to_clients(world, p, world.coercion, target, source, severity)


@rule
def feel_reassurance(world: World, p: Parameters, target: int, source: int, severity: float) -> None:
    """Add to the reassurance that clients feel from their guarantor; any source's is also weak evidence for it."""
    spread_to_clients(world, p, world.reassurance, target, source, severity)
    learn_from_words(world, p, target, source, severity)
