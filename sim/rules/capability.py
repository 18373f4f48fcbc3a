"""B8: military capability: deployable force, its reach, and the chance of success in a contest."""

import math

from sim.model.parameters import Parameters
from sim.model.world import Case, World
from sim.rules.registry import rule


@rule
def deployable(world: World, p: Parameters, state: int) -> float:
    """Return a state's deployable force: ``F = M (1 - O)^chi_o``, M its capability, O its overstretch."""
    return deployable_at(world, p, state, world.overstretch[state])


@rule
def deployable_at(world: World, p: Parameters, state: int, overstretch: float) -> float:
    """Return a state's deployable force at a given overstretch, 0..1."""
    free = max(0.0, 1.0 - overstretch)
    share = free if p.overstretch_curvature == 1.0 else free**p.overstretch_curvature
    return float(world.capability[state] * share)


@rule
def arriving(world: World, p: Parameters, helper: int, victim: int) -> float:
    """Return the part of a helper's force that reaches the victim: ``F exp(-d / delta)``."""
    return arriving_at(world, p, helper, victim, world.overstretch[helper])


@rule
def arriving_at(world: World, p: Parameters, helper: int, victim: int, overstretch: float) -> float:
    """Return the part of a helper's force that reaches the victim, at a given overstretch of the helper."""
    return deployable_at(world, p, helper, overstretch) * math.exp(-world.distance[helper, victim] / p.reach)


@rule
def opposing(world: World, p: Parameters, case: Case) -> float:
    """Return the force that opposes the victim; in unrest, severity times the victim's own capability."""
    if case.unrest:
        return float(case.severity * world.capability[case.victim])
    return deployable(world, p, case.aggressor)


@rule
def success(force: float, against: float) -> float:
    """Return the chance of a favourable outcome in a contest of forces: ``M / (M + M_c)``."""
    total = force + against
    return force / total if total > 0.0 else 0.5
