"""Rhetoric: kind or hostile words of one state about another."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, WorldEvent, different_states
from sim.model.changes import Effect
from sim.model.fields import Code, Tone
from sim.model.findings import Finding, KeyPath
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.learning import learn_from_words
from sim.rules.registry import rule


@rule
def speak(world: World, p: Parameters, speaker: int, target: int, k: int, tone: float) -> bool:
    """Count a speaker's words as weak evidence about it for their target."""
    learn_from_words(world, p, target, speaker, tone)
    return False


class Rhetoric(WorldEvent):
    """Words of one state about another, kind or hostile."""

    kind: Literal["rhetoric"]
    state: Code = Field(description="who speaks")
    target: Code = Field(description="about whom, and who hears it")
    tone: Tone = Field(description="-1 hostile .. 1 kind")

    order = 80
    sentence = "{state} speaks about {target}"
    guide = (
        "A state speaks of another. Kind words are a tenth of an event of evidence for the speaker in the eyes of the "
        "target, hostile words against."
    )
    switch = "{who} speaks"
    marker = MarkerStyle()
    apply = staticmethod(speak)
    bears_on_interest = False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: speaker, target and tone."""
        return (Effect(self.kind, axes.state(self.state), axes.state(self.target), value=self.tone),)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a state that speaks about itself."""
        return different_states(self.state, self.target, path)
