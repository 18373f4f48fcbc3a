"""B4: public opinion: approval of the alliance, which falls and recovers, and support for leaving it.

``logit B' = logit B + mu (logit B_rest - logit B) - shocks - chi_K K + chi_A Z``
``logit X = x0 - x1 logit B + x2 alternative - x3 fear + x4 protest``
"""

from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.learning import Evidence, salience
from sim.rules.maths import chance_per_tick, clip_logit, logistic
from sim.rules.patronage import exit_cost
from sim.rules.registry import rule
from sim.words import LOYAL


@rule
def shift_opinion(world: World, p: Parameters, said: Evidence, member: int, treaty: int, likeness: float) -> None:
    """Add one case to the pending fall in approval: ``chi sev (1 - y) (1 - epsilon)``, epsilon of publics.

    A public resents undelivered help whether or not the victim's government called for it. In fellow members, the
    shock is discounted by the same salience that discounts their governments' learning.
    """
    felt = said.event_weight * salience(world, p, said.victim, said.ally, member, likeness)
    world.opinion_shock[member, treaty] += p.opinion_shock * felt * said.unmet * (1.0 - said.public_excused)


@rule
def receive_refugees(world: World, p: Parameters, state: int, people: float) -> None:
    """Lower approval when refugees arrive: ``chi_R`` for each 1 % of the population."""
    share = 100.0 * people / (1e6 * world.population[state])
    for treaty in range(world.in_force.shape[0]):
        world.opinion_shock[state, treaty] += p.opinion_refugees * share


@rule
def update_approval(world: World, p: Parameters, state: int, treaty: int) -> None:
    """Update one member's approval of a treaty over a tick, and clear the pending shocks."""
    now = world.opinion[state, treaty]
    now += chance_per_tick(p.opinion_reversion, world.months) * (world.opinion_rest[state, treaty] - now)
    now -= world.opinion_shock[state, treaty]
    now -= world.months * p.opinion_coercion * world.coercion[state, treaty]
    now += world.months * p.opinion_reassurance * world.reassurance[state, treaty]
    set_opinion(world, state, treaty, now)
    world.opinion_shock[state, treaty] = 0.0


@rule
def set_opinion(world: World, state: int, treaty: int, opinion: float) -> None:
    """Set the logit of approval, and approval itself from it."""
    world.opinion[state, treaty] = clip_logit(opinion)
    world.approval[state, treaty] = logistic(world.opinion[state, treaty])


@rule
def exit_support(world: World, p: Parameters, state: int, treaty: int, opinion: float, coercion: float) -> float:
    """Return X, public support for leaving, at a given logit of approval and felt coercion."""
    fear = coercion * exit_cost(world, p, state, treaty, coercion) if coercion > 0.0 else 0.0
    return logistic(
        p.exit_base
        - p.exit_disapproval * opinion
        + p.exit_alternative * world.outside[state, treaty]
        - p.exit_fear * fear
        + p.exit_protest * world.protest[state]
    )


@rule
def update_exit_support(world: World, p: Parameters, state: int, treaty: int) -> None:
    """Update support for leaving, in a member or former member, from approval and felt coercion."""
    if world.posture[state, treaty] < LOYAL:
        return
    world.exit_support[state, treaty] = exit_support(
        world, p, state, treaty, world.opinion[state, treaty], world.coercion[state, treaty]
    )
