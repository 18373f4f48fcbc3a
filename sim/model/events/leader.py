"""Leader: a change of leader opens windows of opportunity in all treaties of a state."""

from typing import Final, Literal

from pydantic import Field

from sim.model.base_event import AxisNames, MarkerStyle, WorldEvent
from sim.model.changes import Effect
from sim.model.events.window import open_windows
from sim.model.fields import Code
from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.registry import rule

LEADER_MONTHS: Final = 3.0
"""How long a change of leader leaves a window open."""


@rule
def change_leader(world: World, p: Parameters, state: int, j: int, k: int, value: float) -> bool:
    """Open windows in all treaties of a state, wider in less democratic states."""
    open_windows(world, state, NOBODY, 1.0 - world.democracy[state], LEADER_MONTHS)
    return False


class Leader(WorldEvent):
    """A change of leader or of the coalition behind the leader."""

    kind: Literal["leader"]
    state: Code = Field(description="where the leader changes")

    order = 150
    sentence = "{state} changes its leader"
    guide = "A change of leader opens such a window for three months, the wider the less democratic the state."
    switch = "{who} changes its leader"
    marker = MarkerStyle()
    apply = staticmethod(change_leader)
    bears_on_interest = False

    @property
    def turnover(self) -> bool:
        """Return True: each change of leader may bring a government with another line."""
        return True

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: the state with a new leader."""
        return (Effect(self.kind, i=axes.state(self.state)),)
