"""B5, second axis: dependence on the guarantor by channel, and patrons outside the alliance."""

import math

from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.beliefs import trust_in
from sim.rules.coverage import bound
from sim.rules.maths import chance_per_tick
from sim.rules.registry import rule
from sim.words import ARMS, LOYAL

RUNGS = 5.0


@rule
def best_patron(world: World, state: int, treaty: int) -> int:
    """Return the outside patron with the largest product of offer and trust; `NOBODY` without an offer."""
    best = NOBODY
    if not world.has_offer[state]:
        return best
    worth = 0.0
    for other in range(world.capability.shape[0]):
        offer = world.offer[state, other]
        if offer > worth and other != state and not bound(world, other, treaty):  # trust is at most 1
            value = offer * trust_in(world, state, other)
            if value > worth:
                best, worth = other, value
    return best


@rule
def make_offer(world: World, state: int, patron: int, value: float) -> None:
    """Set a patron's offer of protection to a state, 0..1; 0 withdraws the offer."""
    world.offer[state, patron] = value
    world.has_offer[state] = False
    for other in range(world.capability.shape[0]):
        if world.offer[state, other] > 0.0:
            world.has_offer[state] = True


@rule
def update_best_patron(world: World, state: int, treaty: int) -> None:
    """Update a state's best patron and Out, the product of that patron's offer and the state's trust in it, 0..1."""
    patron = best_patron(world, state, treaty)
    world.patron[state, treaty] = patron
    world.outside[state, treaty] = (
        0.0 if patron == NOBODY else world.offer[state, patron] * trust_in(world, state, patron)
    )


@rule
def exit_cost(world: World, p: Parameters, state: int, treaty: int, coercion: float) -> float:
    """Return E, the cost of leaving: ``mean over channels of q (1 - sub) (1 + zeta K)``.

    Channels without data are left out, and the weights of the rest are renormalised.
    """
    guarantor = world.guarantor[treaty]
    total = 0.0
    known = 0
    for channel in range(world.portfolio.shape[2]):
        share = world.portfolio[state, guarantor, channel]
        if not math.isnan(share):
            total += share
            known += 1
    if known == 0:
        return 0.0
    return total / known * (1.0 - p.substitutability) * (1.0 + p.retaliation_fear * coercion)


FULL_EFFECT_MONTHS = 12.0
"""Aid or coercion of full weight moves its channel as far as the channel can move by itself in so many months."""


@rule
def adjustment_rate(p: Parameters, channel: int) -> float:
    """Return the monthly rate at which dependence in a channel shifts: fast for arms, slow for the others."""
    return p.arms_adjustment if channel == ARMS else p.other_adjustment


@rule
def shift_share(world: World, state: int, channel: int, partner: int, amount: float) -> None:
    """Move a share of a channel (``amount``, 0..1) to ``partner``, taken from all others in proportion."""
    for other in range(world.capability.shape[0]):
        share = world.portfolio[state, other, channel]
        if other != partner and not math.isnan(share):
            world.portfolio[state, other, channel] = share * (1.0 - amount)
    held = world.portfolio[state, partner, channel]
    held = 0.0 if math.isnan(held) else held
    world.portfolio[state, partner, channel] = min(1.0, held * (1.0 - amount) + amount)


@rule
def move_share(world: World, state: int, channel: int, partner: int, patron: int, amount: float) -> None:
    """Move part of a partner's share of a channel (``amount``, 0..1) to a patron, or to nobody (`NOBODY`).

    An unknown share of the patron counts as none.
    """
    world.portfolio[state, partner, channel] -= amount
    if patron != NOBODY:
        held = world.portfolio[state, patron, channel]
        world.portfolio[state, patron, channel] = min(1.0, (0.0 if math.isnan(held) else held) + amount)


@rule
def adjust_portfolio(world: World, p: Parameters, state: int, treaty: int) -> None:
    """Shift a member's dependence on the guarantor over a tick: ``q' = q (1 - d) + d q*``, ``q* = q (1 - posture/5)``.

    The guarantor's loss goes to the best patron, if there is one. Felt coercion speeds up the shift.
    """
    posture = world.posture[state, treaty]
    if posture <= LOYAL:
        return
    guarantor = world.guarantor[treaty]
    patron = world.patron[state, treaty]
    for channel in range(world.portfolio.shape[2]):
        share = world.portfolio[state, guarantor, channel]
        if math.isnan(share):
            continue
        moved = (
            share
            * chance_per_tick(adjustment_rate(p, channel) * (1.0 + world.coercion[state, treaty]), world.months)
            * posture
            / RUNGS
        )
        move_share(world, state, channel, guarantor, patron, moved)
