"""Refugees: people arrive in a state and lower public approval."""

from typing import Annotated, Final, Literal

from pydantic import Field

from sim.model.base_event import AxisNames, MarkerStyle, MarkerWeight, WorldEvent
from sim.model.changes import Effect
from sim.model.fields import Code
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.audience import receive_refugees
from sim.rules.registry import rule

REFUGEE_ATTENTION: Final = 10.0
"""Attention gained for each share of the population that arrives."""


@rule
def take_in(world: World, p: Parameters, state: int, j: int, k: int, people: float) -> bool:
    """Lower approval, and raise attention to security, in proportion to arrivals per head of population."""
    receive_refugees(world, p, state, people)
    arrived = people / (1e6 * world.population[state])
    world.attention[state] = min(1.0, world.attention[state] + REFUGEE_ATTENTION * arrived)
    return False


class Refugees(WorldEvent):
    """People arrive in a state as refugees."""

    kind: Literal["refugees"]
    state: Code = Field(description="where they arrive")
    value: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = Field(description="people")

    order = 90
    sentence = "{value:,.0f} refugees reach {state}"
    guide = "Lower approval of the alliance by the share of the population that arrives, and add attention."
    switch = "{who} takes in refugees"
    marker = MarkerStyle(MarkerWeight(3.5))
    apply = staticmethod(take_in)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: the state and the number of arrivals."""
        return (Effect(self.kind, i=axes.state(self.state), value=self.value),)
