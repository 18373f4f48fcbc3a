"""Force: a guarantor with forces at hand can stop a member's step to `freeze` or beyond.

Forces are at hand where the guarantor has a combat base on the member's soil or a common border with it, as in Hungary
in 1956. Each such step is stopped with chance ``phi_f``.
"""

from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.registry import rule
from sim.words import BASE, FREEZE


@rule
def hosts_combat_base(world: World, p: Parameters, state: int, guarantor: int) -> bool:
    """Return whether the guarantor has a combat base on a state's soil."""
    return bool(world.portfolio[state, guarantor, BASE] >= p.combat_base)


@rule
def may_be_stopped(world: World, p: Parameters, state: int, treaty: int, rung: int) -> bool:
    """Return whether the guarantor's force can stop a member's step to a rung: one up, to `freeze` or beyond."""
    if rung < FREEZE or rung <= world.posture[state, treaty]:
        return False
    guarantor = world.guarantor[treaty]
    return bool(hosts_combat_base(world, p, state, guarantor) or world.contiguous[state, guarantor])


@rule
def stops_step(p: Parameters, draw: float) -> bool:
    """Decide by chance whether a guarantor with forces at hand stops a step."""
    return draw < p.force_chance
