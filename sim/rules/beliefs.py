"""What a state believes of another: the mean of a Beta belief, or the chance of the reliable type (B1)."""

from sim.rules.maths import clipped, logistic, logit
from sim.rules.registry import rule
from sim.world import BETA, World


@rule
def present(prior: float, learnt: float, kept: float) -> float:
    """Return what a prior and what was learnt amount to; ``kept`` is what time has left of a lesson, in its unit."""
    return prior + kept * learnt


@rule
def mean_of(favourable: float, adverse: float) -> float:
    """Return the mean of a Beta belief, 0..1."""
    return favourable / (favourable + adverse)


@rule
def evidence(world: World, observer: int, other: int) -> tuple[float, float]:
    """Return the evidence for and against, in pseudo-observations."""
    kept = world.kept[0]
    return (
        present(world.prior_for[observer, other], world.learnt_for[observer, other], kept),
        present(world.prior_against[observer, other], world.learnt_against[observer, other], kept),
    )


@rule
def log_odds(world: World, observer: int, other: int) -> float:
    """Return the belief of the two-type rule, in logits."""
    return float(present(world.prior_log_odds[observer, other], world.learnt_log_odds[observer, other], world.kept[0]))


@rule
def trust_in(world: World, observer: int, other: int) -> float:
    """Return r, the expectation that ``other`` does what it owes, 0..1; a state has none of itself."""
    if observer == other:
        return 0.0
    if world.belief_rule == BETA:
        favourable, adverse = evidence(world, observer, other)
        return float(mean_of(favourable, adverse))
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
