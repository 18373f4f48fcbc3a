"""Coercion: a state puts pressure on another."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, WorldEvent, different_states
from sim.model.changes import Effect
from sim.model.fields import Code, Unit
from sim.model.findings import Finding, KeyPath
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.guarantor import feel_coercion
from sim.rules.patronage import FULL_EFFECT_MONTHS, adjustment_rate
from sim.rules.registry import rule
from sim.words import CHANNELS


@rule
def coerce(world: World, p: Parameters, source: int, target: int, channel: int, severity: float) -> bool:
    """Add to the coercion felt from a guarantor, and cut the channel with the source by up to a year's adjustment."""
    feel_coercion(world, p, target, source, severity)
    world.portfolio[target, source, channel] *= 1.0 - min(
        1.0, severity * adjustment_rate(p, channel) * FULL_EFFECT_MONTHS
    )
    return False


class Coercion(WorldEvent):
    """A state puts pressure on another."""

    kind: Literal["coercion"]
    state: Code = Field(description="who presses")
    target: Code = Field(description="who is pressed")
    channel: Literal[CHANNELS] = Field("trade", description="channel that it cuts")  # type: ignore[valid-type]
    severity: Unit = Field(description="how hard, 0..1")

    order = 120
    sentence = "{state} puts pressure on {target}"
    guide = (
        "Adds to the coercion that the target feels from its guarantor, which halves every six months. While felt it "
        "raises the feared price of leaving, lowers approval and quickens the search for other partners. Coercion by "
        "any other state is not felt so, and moves no member away from its own guarantor. It cuts the channel used; "
        "for military cooperation, such as exercises or intelligence, `arms` comes nearest."
    )
    switch = "{who} applies pressure"
    marker = MarkerStyle(MarkerWeight(2.0, 2.0))
    apply = staticmethod(coerce)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: source, target, channel and severity of coercion."""
        sides = axes.state(self.state), axes.state(self.target)
        return (Effect(self.kind, *sides, CHANNELS.index(self.channel), self.severity),)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a state that coerces itself."""
        return different_states(self.state, self.target, path)
