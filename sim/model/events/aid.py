"""Aid: a state helps another in one channel."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, WorldEvent, different_states
from sim.model.changes import Effect
from sim.model.fields import Code, Unit
from sim.model.findings import Finding, KeyPath
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.learning import add_evidence
from sim.rules.patronage import FULL_EFFECT_MONTHS, adjustment_rate, shift_share
from sim.rules.registry import rule
from sim.words import CHANNELS


@rule
def give_aid(world: World, p: Parameters, giver: int, receiver: int, channel: int, value: float) -> bool:
    """Count help as evidence of the giver's reliability, and shift the receiver's dependence in the channel to it."""
    add_evidence(world, p, receiver, giver, p.evidence_weight * value, 0.0)
    shift_share(world, receiver, channel, giver, min(1.0, value * adjustment_rate(p, channel) * FULL_EFFECT_MONTHS))
    return False


class Aid(WorldEvent):
    """A state helps another in one channel."""

    kind: Literal["aid"]
    state: Code = Field(description="giver")
    target: Code = Field(description="receiver")
    channel: Literal[CHANNELS] = Field("arms", description="channel that moves towards the giver")  # type: ignore[valid-type]
    value: Unit = Field(description="weight of the aid, 0..1")

    order = 100
    sentence = "{state} helps {target}"
    guide = (
        "Evidence for the giver's reliability in the eyes of the receiver; moves a channel of the receiver's "
        "dependence towards the giver."
    )
    switch = "{who} helps"
    marker = MarkerStyle(MarkerWeight(1.5, 2.0))
    apply = staticmethod(give_aid)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: giver, receiver, channel and amount of help."""
        sides = axes.state(self.state), axes.state(self.target)
        return (Effect(self.kind, *sides, CHANNELS.index(self.channel), self.value),)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a state that helps itself."""
        return different_states(self.state, self.target, path)
