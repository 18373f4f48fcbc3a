"""Offer: protection that an outside partner offers in place of the alliance."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, WorldEvent, different_states
from sim.model.changes import Effect
from sim.model.fields import Code, Unit
from sim.model.findings import Finding, KeyPath
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.patronage import make_offer
from sim.rules.registry import rule


@rule
def offer(world: World, p: Parameters, patron: int, target: int, k: int, share: float) -> bool:
    """Set the share of an alliance's protection that an outside partner offers."""
    make_offer(world, target, patron, share)
    return False


class Offer(WorldEvent):
    """An outside partner's offer, standing until changed."""

    kind: Literal["offer"]
    state: Code = Field(description="who offers")
    target: Code = Field(description="to whom")
    value: Unit = Field(description="share of an alliance's protection on offer, 0..1")

    order = 110
    sentence = "{state} courts {target}"
    guide = "Sets an outside option: the share of an alliance's protection that another state offers, until changed."
    switch = "{who} makes an offer"
    marker = MarkerStyle(MarkerWeight(1.5, 2.0))
    apply = staticmethod(offer)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: patron, target and share of protection."""
        return (Effect(self.kind, axes.state(self.state), axes.state(self.target), value=self.value),)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a state that makes itself an offer."""
        return different_states(self.state, self.target, path)
