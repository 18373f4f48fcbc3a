"""Threat perceptions between states (Walt 1987)."""

from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.registry import rule


@rule
def set_threat(world: World, state: int, other: int, threat: float) -> None:
    """Set the threat that ``state`` perceives from ``other``, and update its exposure."""
    world.threat[state, other] = threat
    refresh_exposure(world, state)


@rule
def refresh_exposure(world: World, state: int) -> None:
    """Update a state's exposure, its largest perceived threat, and the two states that it fears most."""
    first, second = NOBODY, NOBODY
    for other in range(world.capability.shape[0]):
        if is_feared_more(world, state, other, first):
            first, second = other, first
        elif is_feared_more(world, state, other, second):
            second = other
    world.feared[state, 0], world.feared[state, 1] = first, second
    world.exposure[state] = 0.0 if first == NOBODY else world.threat[state, first]


@rule
def is_feared_more(world: World, state: int, other: int, than: int) -> bool:
    """Return whether a state fears one state more than another: by threat, among equal threats by capability."""
    threat = world.threat[state, other]
    if than == NOBODY:
        return bool(threat > 0.0)
    rival = world.threat[state, than]
    return bool(threat > rival or (threat == rival and world.capability[other] > world.capability[than]))


@rule
def worst_rival(world: World, state: int, guarantor: int) -> int:
    """Return the state that ``state`` fears most other than its guarantor, or `NOBODY`."""
    return int(world.feared[state, 1 if world.feared[state, 0] == guarantor else 0])


@rule
def similarity(world: World, p: Parameters, observer: int, victim: int, aggressor: int) -> float:
    """Return sim, the similarity of two situations, 0..1: 1 minus the gap in exposure, less without a shared rival."""
    likeness = 1.0 - abs(world.exposure[observer] - world.exposure[victim])
    shared = aggressor != NOBODY and world.threat[observer, aggressor] > p.rival_threat
    return float(likeness if shared else p.unshared_likeness * likeness)
