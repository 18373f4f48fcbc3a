"""Membership: a state joins, leaves or is suspended from a treaty by decision of others."""

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, WorldEvent
from sim.model.changes import Effect
from sim.model.fields import Code, Name
from sim.model.findings import Finding, KeyPath, unknown
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.posture import move_to
from sim.rules.registry import rule
from sim.words import FREEZE, LOYAL, OUT

ACTIONS: Final = ("join", "leave", "suspend")

JOIN, LEAVE, SUSPEND = range(3)


@rule
def change_membership(world: World, p: Parameters, state: int, treaty: int, action: int, value: float) -> bool:
    """Apply a change of membership: a state joins (as loyal), leaves, or is suspended (frozen).

    Joining has no effect for a present member, or for a member of a treaty that excludes this one in full.
    """
    present = LOYAL <= world.posture[state, treaty] < OUT
    if action == JOIN:
        if present:
            return True
        for other in range(world.in_force.shape[0]):
            if world.bars[other, treaty] and LOYAL <= world.posture[state, other] < OUT:
                return True
        world.obligor[state, treaty] = True
        move_to(world, state, treaty, LOYAL)
    elif present:
        move_to(world, state, treaty, OUT if action == LEAVE else FREEZE)
    return True


class Membership(WorldEvent):
    """A state joins, leaves or is suspended from a treaty by decision of others."""

    kind: Literal["membership"]
    state: Code = Field(description="who joins, leaves or is suspended")
    treaty: Name = Field(description="which treaty")
    action: Literal["join", "leave", "suspend"] = Field(description="what happens")

    order = 160
    sentence = "{state} and {treaty}: {action}"
    guide = (
        "A state joins (`loyal`), leaves (`out`) or is suspended (`freeze`) by decision of others. A suspended member "
        "is still bound, and still owed help. From then on it moves as it chooses, so it may step back down."
    )
    switch = "{who} joins or leaves"
    marker = MarkerStyle(MarkerWeight(3.5), MarkerWeight(1.6))
    apply = staticmethod(change_membership)
    bears_on_interest = True

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: state, treaty and action."""
        return (Effect(self.kind, axes.state(self.state), axes.treaty(self.treaty), ACTIONS.index(self.action)),)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report an unknown treaty, and a state that cannot leave a treaty."""
        yield from unknown("treaty", self.treaty, facts.treaties, (*path, "treaty"))
        if self.action != "join":
            yield from facts.not_member(self.state, self.treaty, (*path, "state"))
