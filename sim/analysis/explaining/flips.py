"""Flip distances: the smallest change of each input that changes a choice, all other inputs held constant."""

import math
from dataclasses import dataclass, replace
from typing import Final

from sim.analysis.explaining.inputs import DecisionInputs, Input, asked, inputs_of
from sim.analysis.explaining.replay import Moment
from sim.engine.decisions import REVIEWS, decide
from sim.engine.setup import Setup
from sim.model.world import copy_world

STEPS: Final = 24
"""Places looked at on each side; a choice that turns and turns back between two of them is not found."""

_HALVINGS: Final = 40


@dataclass(frozen=True)
class Flip:
    """Flip point of one input: the nearest value at which the choice changes.

    Attributes
    ----------
    key, words, unit : str
        The input, as in `sim.analysis.explaining.inputs.Input`.
    now, at : float
        Its value, and the nearest at which the choice is another.
    share : float
        The change as a share of the input's range.
    choice : str
        What is chosen there.
    """

    key: str
    words: str
    unit: str
    now: float
    at: float
    share: float
    choice: str

    @property
    def change(self) -> float:
        """Change of the input that changes the choice."""
        return self.at - self.now


def rule_choice(given: DecisionInputs) -> str:
    """Return the choice of the built-in rule for given inputs, which are left unchanged."""
    question = replace(given.moment.decision.question, case=given.case, lean=given.lean)
    world = copy_world(given.world) if question.kind in REVIEWS else given.world
    return decide(world, given.parameters, question, given.draw)


def flips(moment: Moment, setup: Setup) -> tuple[Flip, ...]:
    """Return flip points of inputs that can change the built-in rule's choice, the smallest share of the range first.

    Inputs are changed one at a time, at the moment of the decision: what led up to it stays as it was.
    """
    start = asked(moment)
    choice = rule_choice(start)
    found = (_flip(each, start, choice) for each in inputs_of(moment, setup))
    return tuple(sorted((flip for flip in found if flip is not None), key=lambda flip: (flip.share, flip.key)))


def _flip(each: Input, start: DecisionInputs, choice: str) -> Flip | None:
    now = each.read(start)
    if math.isnan(now) or rule_choice(each.write(start, now)) != choice:
        return None  # not known, or not to be had alone: one coverage for all allies whose readings differ
    sides = [_nearest(each, start, choice, now, end) for end in (each.low, each.high)]
    turned = [value for value in sides if value is not None]
    if not turned:
        return None
    at = min(turned, key=lambda value: abs(value - now))
    share = abs(at - now) / (each.high - each.low)
    return Flip(each.key, each.words, each.unit, now, at, share, rule_choice(each.write(start, at)))


def _nearest(each: Input, start: DecisionInputs, choice: str, now: float, end: float) -> float | None:
    """Search from ``now`` to ``end`` for the nearest value at which the choice changes, by steps and bisection."""
    if now == end:
        return None
    same = now
    for step in range(1, STEPS + 1):
        other = end if step == STEPS else now + (end - now) * (step / STEPS) ** 2
        if rule_choice(each.write(start, other)) != choice:
            for _ in range(_HALVINGS):
                middle = 0.5 * (same + other)
                if rule_choice(each.write(start, middle)) == choice:
                    same = middle
                else:
                    other = middle
            return other
        same = other
    return None
