"""Protests: people turn against the alliance."""

from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, MarkerStyle, MarkerWeight, WorldEvent
from sim.model.changes import Effect
from sim.model.fields import Code, Unit
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.registry import rule


@rule
def protest(world: World, p: Parameters, state: int, j: int, k: int, severity: float) -> bool:
    """Add the severity to a state's protest and to its attention to security, at most 1 each."""
    world.protest[state] = min(1.0, world.protest[state] + severity)
    world.attention[state] = min(1.0, world.attention[state] + severity)
    return False


class Protest(WorldEvent):
    """Protests against the alliance."""

    kind: Literal["protest"]
    state: Code = Field(description="where people protest")
    severity: Unit = Field(description="how large, 0..1")

    order = 70
    sentence = "Protests in {state}"
    guide = "Adds attention to security and support for leaving the alliance; both fade."
    switch = "{who} sees protests"
    marker = MarkerStyle(MarkerWeight(1.5, 1.0))
    apply = staticmethod(protest)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: the state and the severity of protest."""
        return (Effect(self.kind, i=axes.state(self.state), value=self.severity),)
