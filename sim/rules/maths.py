"""Small mathematical functions that many rules use."""

import math
from collections.abc import Sequence

from sim.rules.registry import rule

LOGIT_LIMIT = 6.0
"""Logits are clipped to this size, so that no belief is ever certain."""


@rule
def logistic(x: float) -> float:
    """Return ``1 / (1 + exp(-x))`` without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    odds = math.exp(x)
    return odds / (1.0 + odds)


@rule
def clip_logit(x: float) -> float:
    """Return a logit clipped to the range -6..6."""
    return min(LOGIT_LIMIT, max(-LOGIT_LIMIT, x))


@rule
def logit(share: float) -> float:
    """Return the log-odds of ``share``, clipped to the range -6..6."""
    if share <= 0.0:
        return -LOGIT_LIMIT
    if share >= 1.0:
        return LOGIT_LIMIT
    return clip_logit(math.log(share / (1.0 - share)))


@rule
def normal(draw: float, angle: float) -> float:
    """Return a standard normal number from two uniform ones in [0, 1) (Box & Muller 1958)."""
    return math.sqrt(-2.0 * math.log(1.0 - draw)) * math.cos(2.0 * math.pi * angle)


@rule
def total(terms: Sequence[float]) -> float:
    """Return the sum of the terms of a decision, in their order."""
    reached = 0.0
    for term in terms:
        reached += term
    return reached


@rule
def decay_factor(half_life: float, months: float) -> float:
    """Return the share that remains after ``months`` at a given half-life in months."""
    return float(2.0 ** (-months / half_life))


@rule
def chance_per_tick(monthly: float, months: float) -> float:
    """Convert a monthly chance into the chance over a tick of ``months`` months."""
    spared = 1.0 - min(1.0, max(0.0, monthly))
    return float(1.0 - (spared if months == 1.0 else spared**months))
