"""Dated changes of the world: their structure, and the kinds of change that belong to no kind of event."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.registry import rule
from sim.rules.threats import set_threat

Rule = Callable[[World, Parameters, int, int, int, float], bool]
"""Rule of a change, ``(world, p, i, j, k, value)``; returns whether membership or validity of a treaty changed."""

if TYPE_CHECKING:
    StaticRule = staticmethod[[World, Parameters, int, int, int, float], bool]
else:
    StaticRule = staticmethod


class Effect(NamedTuple):
    """One change of the world, as arguments of its rule.

    Attributes
    ----------
    kind : str
        A name in `sim.model.dispatch.CHANGES`.
    i, j, k : int
        Indices that depend on the kind: actor or owner; target; channel, treaty or value.
    value : float
    """

    kind: str
    i: int = NOBODY
    j: int = NOBODY
    k: int = NOBODY
    value: float = 0.0


class ChangeKind(NamedTuple):
    """A kind of change: its name, its rule, and whether it may alter a guarantor's interest apart from its stake.

    A kind without a rule is applied by the engine.
    """

    name: str
    apply: Rule | None
    bears_on_interest: bool


STATE_VALUES: Final = ("capability", "population", "democracy", "overstretch", "attention")
"""Values of a state that may change by date, in the order of their codes."""

(CAPABILITY, POPULATION, DEMOCRACY, OVERSTRETCHED, ATTENTION) = range(5)

DYAD_VALUES: Final = ("threat", "ties", "claim")
"""Values of a dyad that may change by date, in the order of their codes."""

(THREAT, TIES, CLAIM) = range(3)


@rule
def set_state_value(world: World, p: Parameters, state: int, j: int, which: int, value: float) -> bool:
    """Set one variable of a state to a given value."""
    if which == CAPABILITY:
        world.capability[state] = value
    elif which == POPULATION:
        world.population[state] = value
    elif which == DEMOCRACY:
        world.democracy[state] = value
    elif which == OVERSTRETCHED:
        world.overstretch[state] = value
    else:
        world.attention[state] = value
    return False


@rule
def set_dyad_value(world: World, p: Parameters, state: int, other: int, which: int, value: float) -> bool:
    """Set one variable of a dyad to a given value."""
    if which == THREAT:
        set_threat(world, state, other, value)
    elif which == TIES:
        world.ties[state, other] = value
    else:
        world.claim[state, other] = value
    return False


@rule
def set_share(world: World, p: Parameters, state: int, partner: int, channel: int, value: float) -> bool:
    """Set a state's share of dependence on a partner in one channel."""
    world.portfolio[state, partner, channel] = value
    return False


@rule
def set_validity(world: World, p: Parameters, treaty: int, j: int, k: int, value: float) -> bool:
    """Bring a treaty into force (value above 0) or end it."""
    world.in_force[treaty] = value > 0.0
    world.months_since_renewal[treaty] = 0.0
    return True


STATE_VALUE: Final = ChangeKind("state-value", set_state_value, bears_on_interest=True)
DYAD_VALUE: Final = ChangeKind("dyad-value", set_dyad_value, bears_on_interest=True)
SHARE: Final = ChangeKind("share", set_share, bears_on_interest=False)
VALIDITY: Final = ChangeKind("validity", set_validity, bears_on_interest=True)
PARAMETER: Final = ChangeKind("parameter", None, bears_on_interest=True)
RENEWAL: Final = ChangeKind("renewal", None, bears_on_interest=False)

OTHER_CHANGES: Final = (STATE_VALUE, DYAD_VALUE, SHARE, VALIDITY, PARAMETER, RENEWAL)
"""Changes that come from series over years, dates of treaties and `set` events."""
