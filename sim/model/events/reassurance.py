"""Reassurance: a guarantor reassures a client."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, WorldEvent, different_states
from sim.model.changes import Effect
from sim.model.fields import Code, Unit
from sim.model.findings import Finding, KeyPath
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.guarantor import feel_reassurance
from sim.rules.registry import rule


@rule
def reassure(world: World, p: Parameters, source: int, target: int, k: int, severity: float) -> bool:
    """Add to the reassurance that a client feels from its guarantor; any source's is also weak evidence for it."""
    feel_reassurance(world, p, target, source, severity)
    return False


class Reassurance(WorldEvent):
    """A guarantor reassures a client."""

    kind: Literal["reassurance"]
    state: Code = Field(description="guarantor")
    target: Code = Field(description="client")
    severity: Unit = Field(description="how weighty, 0..1")

    order = 130
    sentence = "{state} reassures {target}"
    guide = (
        "Lifts approval in the target for a while, if its guarantor reassures it; in any case it is weak evidence for "
        "the source."
    )
    switch = "{who} reassures"
    marker = MarkerStyle(MarkerWeight(2.0, 2.0))
    apply = staticmethod(reassure)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: source, target and severity of reassurance."""
        return (Effect(self.kind, axes.state(self.state), axes.state(self.target), value=self.severity),)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a guarantor that reassures itself."""
        return different_states(self.state, self.target, path)
