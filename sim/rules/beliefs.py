"""B1: what one state believes of another: the mean of a Beta belief, or log-odds that evidence moves."""

import math

from sim.model.declaring import computed
from sim.model.world import BETA, SURPRISE, World
from sim.rules.maths import clip_logit, logistic, logit
from sim.rules.registry import rule
from sim.words import LOYAL, OUT


@rule
def current_evidence(prior: float, learnt: float, retained: float) -> float:
    """Return a belief parameter now: its prior plus the share ``retained`` of past evidence ``learnt``."""
    return prior + retained * learnt


@rule
def mean_of(favourable: float, adverse: float) -> float:
    """Return the mean of a Beta belief, 0..1."""
    return favourable / (favourable + adverse)


@rule
def evidence(world: World, observer: int, other: int) -> tuple[float, float]:
    """Return an observer's evidence for and against another state, in pseudo-observations."""
    retained = world.memory_retained[0]
    return (
        current_evidence(world.prior_for[observer, other], world.learnt_for[observer, other], retained),
        current_evidence(world.prior_against[observer, other], world.learnt_against[observer, other], retained),
    )


@rule
def log_odds(world: World, observer: int, other: int) -> float:
    """Return trust in logits under the rules of two types and of surprise, before it is clipped."""
    return float(
        current_evidence(
            world.prior_log_odds[observer, other], world.learnt_log_odds[observer, other], world.memory_retained[0]
        )
    )


@computed(
    "trust", "NN", "expectation that the other does what its treaty owes", "0..1",
    worse=-1, phrase="{owner}'s trust in {other}", before="confidence",
)  # fmt: skip
def trust_in(world: World, observer: int, other: int) -> float:
    """Return r, trust: the expectation that ``other`` does what it owes, 0..1; not defined for a state itself."""
    if observer == other:
        return 0.0
    if world.belief_rule == BETA:
        favourable, adverse = evidence(world, observer, other)
        return float(mean_of(favourable, adverse))
    return logistic(log_odds(world, observer, other))


@rule
def trust_logit(world: World, observer: int, other: int) -> float:
    """Return ``logit r``, trust in logits, clipped."""
    if world.belief_rule == BETA:
        return logit(trust_in(world, observer, other))
    return clip_logit(log_odds(world, observer, other))


@computed("confidence", "NN", "evidence behind the trust", "pseudo-observations", before="threat")
def confidence_in(world: World, observer: int, other: int) -> float:
    """Return confidence: the amount of evidence behind a belief, in pseudo-observations; NaN under surprise."""
    if world.belief_rule == SURPRISE:
        return math.nan
    favourable, adverse = evidence(world, observer, other)
    return favourable + adverse


@computed(
    "credibility", "K", "mean trust of the members not out in the guarantor", "0..1",
    worse=-1, phrase="the mean trust of {owner}'s members in {guarantor}",
)  # fmt: skip
def credibility(world: World, treaty: int) -> float:
    """Return credibility: the mean trust in the guarantor over members that are not out; NaN without any."""
    guarantor = world.guarantor[treaty]
    total = 0.0
    count = 0
    for state in range(world.capability.shape[0]):
        if LOYAL <= world.posture[state, treaty] < OUT and state != guarantor:
            total += trust_in(world, state, guarantor)
            count += 1
    return total / count if count > 0 else math.nan
