"""The line of a member's government towards its guarantor, which outlasts what its public and its record tell.

A line lies between 1, away from the guarantor, and -1, towards it. Scenarios give it by events. After the record, an
election or a change of leader may bring a government whose line is drawn (Leeds, Mattes & Vogel 2009).
"""

from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.maths import normal
from sim.rules.registry import rule
from sim.words import LOYAL


@rule
def set_line(world: World, state: int, treaty: int, line: float) -> None:
    """Set the line of a state's government in one treaty with a ladder, or in all (`NOBODY`)."""
    for column in range(world.in_force.shape[0]):
        if world.ladder[column] and treaty in (NOBODY, column):
            world.government_line[state, column] = line


@rule
def has_guarantor(world: World, state: int) -> bool:
    """Return whether a state is or was a member, and not the guarantor, of a treaty with a ladder."""
    for treaty in range(world.in_force.shape[0]):
        if world.ladder[treaty] and world.posture[state, treaty] >= LOYAL and state != world.guarantor[treaty]:
            return True
    return False


@rule
def changes_government(p: Parameters, draw: float) -> bool:
    """Return whether an election or a change of leader brings a government with another line."""
    return draw < p.government_hazard


@rule
def drawn_line(p: Parameters, draw: float, angle: float) -> float:
    """Return the line of a government that is not known: N(0, `government_spread`), within -1..1.

    Parameters
    ----------
    draw, angle : float
        Two uniform numbers in [0, 1), from which the normal one is made.
    """
    return min(1.0, max(-1.0, p.government_spread * normal(draw, angle)))
