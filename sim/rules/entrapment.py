"""Entrapment: what members feel that have been called to wars and quarrels of their guarantor's making (Snyder 1984).

Abandonment and entrapment are the two fears of an ally. This one gathers with each call to the member, by how grave the
case is and what full help would cost, and fades like other feelings.
"""

from sim.model.parameters import Parameters
from sim.model.world import Case, World
from sim.rules.coverage import bound, obliged, owes
from sim.rules.maths import total
from sim.rules.registry import rule
from sim.rules.response import burden_terms


@rule
def entangle(world: World, p: Parameters, state: int, treaty: int, severity: float, cost: float) -> None:
    """Add to the entrapment of a member that is called to its guarantor's war or quarrel: ``sev cost``, at most 1.

    Parameters
    ----------
    severity : float
        How grave the war or quarrel is, 0..1.
    cost : float
        What full help would cost the member, in units of a full stake; counts up to 1.
    """
    world.entrapment[state, treaty] = min(1.0, world.entrapment[state, treaty] + severity * min(1.0, cost))


@rule
def entangle_members(world: World, p: Parameters, case: Case) -> None:
    """Entangle the members that owe help to a guarantor which calls for it as the victim of an attack or crisis."""
    for treaty in range(world.in_force.shape[0]):
        if not world.ladder[treaty] or world.guarantor[treaty] != case.victim:
            continue
        for member in range(world.capability.shape[0]):
            if obliged(world, case, member) and owes(world, member, case.victim, treaty):
                cost = total(burden_terms(world, p, case, member, world.overstretch[member]))
                entangle(world, p, member, treaty, case.severity, cost)


@rule
def entangle_promiser(world: World, p: Parameters, case: Case, member: int) -> None:
    """Let a promise of support to its guarantor entangle a member, by what was at stake and how firmly it promised."""
    for treaty in range(world.in_force.shape[0]):
        if world.ladder[treaty] and world.guarantor[treaty] == case.victim and bound(world, member, treaty):
            entangle(world, p, member, treaty, case.severity, case.promised)
