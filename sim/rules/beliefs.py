"""What a state believes of another: the mean of a Beta belief, or the chance of the reliable type (B1)."""

from sim.rules.maths import clipped, logistic, logit
from sim.rules.registry import rule
from sim.world import BETA, World


@rule
def evidence(world: World, observer: int, other: int) -> tuple[float, float]:
    """Return the evidence for and against, in pseudo-observations."""
    kept = world.kept[0]
    return (
        world.prior_for[observer, other] + kept * world.learnt_for[observer, other],
        world.prior_against[observer, other] + kept * world.learnt_against[observer, other],
    )


@rule
def log_odds(world: World, observer: int, other: int) -> float:
    """Return the belief of the two-type rule, in logits."""
    return float(world.prior_log_odds[observer, other] + world.kept[0] * world.learnt_log_odds[observer, other])


@rule
def trust_in(world: World, observer: int, other: int) -> float:
    """Return r, the expectation that ``other`` does what it owes, 0..1; a state has none of itself."""
    if observer == other:
        return 0.0
    if world.belief_rule == BETA:
        favourable, adverse = evidence(world, observer, other)
        return float(favourable / (favourable + adverse))
    return logistic(log_odds(world, observer, other))


@rule
def trust_logit(world: World, observer: int, other: int) -> float:
    """Return ``logit r``, clipped."""
    if world.belief_rule == BETA:
        return logit(trust_in(world, observer, other))
    return clipped(log_odds(world, observer, other))


@rule
def confidence_in(world: World, observer: int, other: int) -> float:
    """Return the evidence behind a belief, in pseudo-observations."""
    favourable, adverse = evidence(world, observer, other)
    return favourable + adverse
