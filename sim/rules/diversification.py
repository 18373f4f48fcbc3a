"""B5, second axis: a member that diversifies turns to a patron outside the alliance, from whatever rung it stands on.

To diversify is a decision of its own beside the ladder: a member may buy its arms elsewhere and stay loyal in all else.
A share of arms moves to the patron at once; the slow shift of the portfolio (`sim.rules.patronage`) goes on as before.
"""

import math
from typing import Annotated, NamedTuple

from sim.model.declaring import computed
from sim.model.parameters import Parameters
from sim.model.terms import Term, declare_terms, terms_rule
from sim.model.world import NOBODY, World
from sim.rules.maths import chance_per_tick, logistic, total
from sim.rules.patronage import move_share
from sim.rules.registry import rule
from sim.words import ARMS, LOYAL, OUT


# fmt: off
@declare_terms
class DiversifyTerms(NamedTuple):
    """Terms of a member's wish to diversify, in logits."""

    pressure: Annotated[float, Term("", "pressure upwards")]
    threshold: Annotated[float, Term("diversification_threshold", "pressure at which to diversify is even")]
# fmt: on


@computed(
    "diversified", "NK", "whether it diversifies, with arms from an outside patron", "0..1", worse=1, recorded=True,
    phrase="diversification of {owner}",
)  # fmt: skip
def is_diversified(world: World, state: int, treaty: int) -> float:
    """Return 1 if a member or former member diversifies, else 0."""
    return 0.0 if world.diversified_to[state, treaty] == NOBODY else 1.0


@rule
def may_diversify(world: World, state: int, treaty: int) -> bool:
    """Return whether a member is free to begin to diversify: it is not out, has an offer, and does not do so yet."""
    return bool(
        LOYAL <= world.posture[state, treaty] < OUT
        and world.patron[state, treaty] != NOBODY
        and world.diversified_to[state, treaty] == NOBODY
    )


@terms_rule
def diversify_terms(world: World, p: Parameters, state: int, treaty: int) -> DiversifyTerms:
    """Return the terms of a member's wish to diversify, in logits."""
    return DiversifyTerms(pressure=world.pressure[state, treaty], threshold=-p.diversification_threshold)


@rule
def diversification_chance(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return the chance in a tick that a member begins to diversify, at the rate ``h_d logistic(lambda_p (z - u_d))``.

    The rate is monthly; the chance is 0 where the member is not free to begin.
    """
    if not may_diversify(world, state, treaty):
        return 0.0
    wish = logistic(p.ladder_precision * total(diversify_terms(world, p, state, treaty)))
    return chance_per_tick(p.diversification_tempo * wish, world.months)


@rule
def chooses_diversification(world: World, p: Parameters, state: int, treaty: int, draw: float) -> bool:
    """Decide whether a member begins to diversify."""
    return draw < diversification_chance(world, p, state, treaty)


@rule
def diversify(world: World, p: Parameters, state: int, treaty: int) -> None:
    """Let a member turn to its best patron: a share of its arms moves to the patron from the guarantor at once.

    Nothing moves where the guarantor's share is not known; an unknown share of the patron counts as none.
    """
    patron, guarantor = world.patron[state, treaty], world.guarantor[treaty]
    world.diversified_to[state, treaty] = patron
    share = world.portfolio[state, guarantor, ARMS]
    if not math.isnan(share):
        move_share(world, state, ARMS, guarantor, patron, share * p.diversification_shift)


@rule
def end_chance(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return the chance in a tick that a state stops diversifying, at the rate ``h_e logistic(lambda_p (u_d - z))``.

    The rate is monthly: `diversification_end` where pressure has gone, half of it where to diversify is even.
    """
    content = logistic(-p.ladder_precision * total(diversify_terms(world, p, state, treaty)))
    return chance_per_tick(p.diversification_end * content, world.months)


@rule
def ends_diversification(world: World, p: Parameters, state: int, treaty: int, draw: float) -> bool:
    """Return whether a state that diversifies stops doing so; shares that have moved stay where they are."""
    return draw < end_chance(world, p, state, treaty)
