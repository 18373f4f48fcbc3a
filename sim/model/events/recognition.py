"""Recognition: a state's view of which state a place belongs to."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, WorldEvent
from sim.model.changes import Effect
from sim.model.fields import Code, Name
from sim.model.findings import Finding, KeyPath, unknown
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.registry import rule


@rule
def recognise(world: World, p: Parameters, state: int, place: int, owner: int, value: float) -> bool:
    """Set one state's view of which state a place belongs to."""
    world.recognised[state, place] = owner
    return False


class Recognition(WorldEvent):
    """A state recognises whose land a place is."""

    kind: Literal["recognition"]
    state: Code = Field(description="state that recognises")
    place: Name = Field(description="whose land is recognised")
    as_: Code = Field(alias="as", description="owner from now on in that state's eyes")

    order = 60
    sentence = "{state} recognises {place} as {as_}'s"
    guide = "Changes whose land a place is in one state's eyes, and with it what treaties cover."
    switch = "{who} recognises a border"
    marker = MarkerStyle(MarkerWeight(3.2))
    apply = staticmethod(recognise)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: state, place and recognised owner."""
        return (Effect(self.kind, axes.state(self.state), axes.place(self.place), axes.state(self.as_)),)

    def overwrites(self) -> tuple[str, ...]:
        """Return the key of the state's view of the place."""
        return (f"places.{self.place}.eyes.{self.state}",)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report an undeclared place or owner."""
        yield from unknown("place", self.place, facts.places, (*path, "place"))
        yield from unknown("state", self.as_, facts.states, (*path, "as"))
