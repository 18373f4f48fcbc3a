"""B1, the default rule: trust moves by surprise, and by more where help falls short than where it comes.

``logit r += kappa sev salience [F (1 - r) - lambda_t A (1 - epsilon) r]``

What was expected moves little: help from an ally that is trusted, or a default by one that is not. A shortfall counts
``lambda_t`` times as much as help does (Slovic 1993; Kahneman & Tversky 1979). What nobody asked for and nobody gave is
no evidence. No step passes its fixed point, the trust at which the same conduct would move nothing.
"""

from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.beliefs import log_odds
from sim.rules.maths import LOGIT_LIMIT, clip_logit, logistic, logit
from sim.rules.registry import rule

LEAST_SLOPE = 4.0
"""Smallest slope of a logit, at a trust of a half."""


@rule
def fixed_point(favourable: float, adverse: float) -> float:
    """Return the trust, 0..1, at which evidence for and against would cancel: ``F / (F + A)``."""
    return favourable / (favourable + adverse)


@rule
def surprise(belief: float, favourable: float, adverse: float) -> float:
    """Return the step of trust in logits, ``F (1 - r) - A r``, which ends at the fixed point at the latest.

    The slope of a logit is 4 or more, so the fixed point is at least ``4 |step| / (F + A)`` logits away: a step with
    ``F + A <= 4`` cannot pass it.

    Parameters
    ----------
    belief : float
        Trust before the step, in logits, from -6 to 6.
    favourable, adverse : float
        F and A with all their weights (kappa, severity, salience, and for A also lambda_t and the excuse).
    """
    if favourable + adverse <= 0.0:
        return 0.0
    trust = logistic(belief)
    step = favourable * (1.0 - trust) - adverse * trust
    if favourable + adverse <= LEAST_SLOPE and abs(belief + step) <= LOGIT_LIMIT:
        return step
    room = logit(fixed_point(favourable, adverse)) - belief
    return max(0.0, min(step, room)) if step > 0.0 else min(0.0, max(step, room))


@rule
def learn_by_surprise(
    world: World, p: Parameters, observer: int, other: int, favourable: float, adverse: float
) -> None:
    """Move one observer's trust by surprise, and record the evidence; a shortfall counts `trust_loss_weight` fold."""
    retained = world.memory_retained[0]
    before = clip_logit(log_odds(world, observer, other))
    step = surprise(before, favourable, p.trust_loss_weight * adverse)
    world.learnt_log_odds[observer, other] += step / retained
    world.learnt_for[observer, other] += favourable / retained
    world.learnt_against[observer, other] += adverse / retained
