"""Overstretch: a state's forces are tied down elsewhere."""

from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, MarkerStyle, MarkerWeight, WorldEvent
from sim.model.changes import Effect
from sim.model.fields import Code, Unit
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.registry import rule


@rule
def tie_down(world: World, p: Parameters, state: int, j: int, k: int, share: float) -> bool:
    """Set the share of a state's capability that is tied down elsewhere."""
    world.overstretch[state] = share
    return False


class Overstretch(WorldEvent):
    """A state's capability is tied down elsewhere from now on."""

    kind: Literal["overstretch"]
    state: Code = Field(description="state whose forces are tied down")
    value: Unit = Field(description="share of its capability that is tied down, 0..1")

    order = 50
    sentence = "{state} tied down elsewhere ({value:.2g} of its capability)"
    guide = "Sets the share of a state's capability that is tied down elsewhere."
    switch = "{who} is tied down elsewhere"
    marker = MarkerStyle(on_guarantor=MarkerWeight(3.0, 1.0), beside_note="")
    apply = staticmethod(tie_down)
    bears_on_interest = True

    def overwrites(self) -> tuple[str, ...]:
        """Return the key of the state's overstretch."""
        return (f"states.{self.state}.overstretch",)

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: the state and the share of its capability that is tied down."""
        return (Effect(self.kind, i=axes.state(self.state), value=self.value),)
