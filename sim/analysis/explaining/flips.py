"""Flip distances: the smallest change of each input that changes a choice, all other inputs held constant."""

import math
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from sim.analysis.explaining.inputs import DecisionInputs, Input, asked, inputs_of
from sim.analysis.explaining.replay import Moment
from sim.engine.decisions import REVIEWS, decide
from sim.engine.setup import Setup
from sim.model.parameters import Parameters
from sim.model.world import World, copy_world

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
    return _choice(_own_world(given))


def _own_world(given: DecisionInputs) -> DecisionInputs:
    """Return inputs in whose world a review may update the variables that it uses."""
    reviews = given.moment.decision.kind in REVIEWS
    return replace(given, world=copy_world(given.world)) if reviews else given


def _choice(given: DecisionInputs) -> str:
    """Return the choice of the built-in rule; a review updates the variables that it uses in the world of the inputs.

    A review sets those variables from other inputs, so that what an earlier review left in them changes no choice.
    """
    question = replace(given.moment.decision.question, case=given.case, lean=given.lean)
    return decide(given.world, given.parameters, question, given.draw)


class _Watched:
    """Parameters or a world, with the names of the fields that were read."""

    def __init__(self, values: Parameters | World) -> None:
        self.values = values
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self.values, name)


def choice_and_reads(given: DecisionInputs) -> tuple[str, set[str]]:
    """Return the choice of the built-in rule, with the parameters and fields of the world that led to it."""
    world, parameters = _Watched(given.world), _Watched(given.parameters)
    choice = _choice(replace(given, world=cast("World", world), parameters=cast("Parameters", parameters)))
    return choice, world.read | parameters.read


def flips(moment: Moment, setup: Setup) -> tuple[Flip, ...]:
    """Return flip points of inputs that can change the built-in rule's choice, the smallest share of the range first.

    Inputs are changed one at a time, at the moment of the decision: what led up to it stays as it was.
    """
    start = _own_world(asked(moment))
    choice, read = choice_and_reads(start)
    heeded = (
        variable for variable in inputs_of(moment, setup) if not variable.fields or not read.isdisjoint(variable.fields)
    )
    points = (_flip(variable, start, choice) for variable in heeded)
    return tuple(sorted((flip for flip in points if flip is not None), key=lambda flip: (flip.share, flip.key)))


def _flip(variable: Input, start: DecisionInputs, choice: str) -> Flip | None:
    now = variable.read(start)
    if math.isnan(now) or _choice(variable.write(start, now)) != choice:
        return None  # not known, or not to be had alone: one coverage for all allies whose readings differ
    sides = [_nearest(variable, start, choice, now, end) for end in (variable.low, variable.high)]
    turned = [value for value in sides if value is not None]
    if not turned:
        return None
    at = min(turned, key=lambda value: abs(value - now))
    share = abs(at - now) / (variable.high - variable.low)
    return Flip(variable.key, variable.words, variable.unit, now, at, share, _choice(variable.write(start, at)))


def _nearest(variable: Input, start: DecisionInputs, choice: str, now: float, end: float) -> float | None:
    """Search from ``now`` to ``end`` for the nearest value at which the choice changes, by steps and bisection."""
    if now == end:
        return None
    same = now
    for step in range(1, STEPS + 1):
        other = end if step == STEPS else now + (end - now) * (step / STEPS) ** 2
        if _choice(variable.write(start, other)) != choice:
            for _ in range(_HALVINGS):
                middle = 0.5 * (same + other)
                if _choice(variable.write(start, middle)) == choice:
                    same = middle
                else:
                    other = middle
            return other
        same = other
    return None
