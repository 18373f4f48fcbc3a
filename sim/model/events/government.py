"""Government: a state's government takes a line towards its guarantor, by election, by coup or by revolution."""

from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, WorldEvent
from sim.model.changes import Effect
from sim.model.events.leader import LEADER_MONTHS
from sim.model.events.window import open_windows
from sim.model.fields import Code, Name, Tone
from sim.model.findings import Finding, KeyPath, listed, show, unknown
from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.government import set_line
from sim.rules.registry import rule


@rule
def form_government(world: World, p: Parameters, state: int, treaty: int, k: int, value: float) -> bool:
    """Set the line of a state's government; a revolution (``k`` above 0) is a full line and opens full windows."""
    line = value
    if k > 0:
        line = 1.0 if value > 0.0 else -1.0
        open_windows(world, state, treaty, 1.0, LEADER_MONTHS)
    set_line(world, state, treaty, line)
    return False


class Government(WorldEvent):
    """A state has a government with a line towards its guarantor."""

    kind: Literal["government"]
    state: Code = Field(description="whose government it is")
    line: Tone = Field(description="from -1, towards the guarantor, to 1, away from it")
    treaty: Name | None = Field(None, description="towards this treaty's guarantor only; default: towards all")
    revolution: bool = Field(False, description="whether it is a full line, 1 or -1, with an open window")

    order = 155
    sentence = "{state} has a government with a line of {line}"
    guide = (
        "From then on the government pushes the state up the ladder (`line` up to 1, away from the guarantor) or down "
        "(to -1, towards it), until the next government. `revolution = true` is a full line, 1 or -1 by the sign of "
        "`line`, and opens a window of full width for three months. After `record_end`, or at any time without one, "
        "an election (a `window`) or a change of leader (`leader`) may bring a line of its own by chance, unless a "
        "`government` of that state has the same date."
    )
    switch = "Government of {who}"
    marker = MarkerStyle(MarkerWeight(3.0))
    apply = staticmethod(form_government)
    bears_on_interest = False

    def words(self) -> str:
        """Return a sentence for the government, or for the revolution that brings it."""
        return "Revolution in {state}" if self.revolution else self.sentence

    def as_cause(self, name_of: Callable[[str], str]) -> str:
        """Name the government or the revolution in a phrase."""
        return f"{'revolution' if self.revolution else 'government'} in {name_of(self.state)}"

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the change of the world: the state, the treaty or none, whether by revolution, and the line."""
        treaty = NOBODY if self.treaty is None else axes.treaty(self.treaty)
        return (Effect(self.kind, axes.state(self.state), treaty, int(self.revolution), self.line),)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a revolution without a direction, and a state without a guarantor towards whom a line could be."""
        if self.revolution and self.line == 0.0:
            yield Finding((*path, "line"), "a revolution with a line of 0 has no direction", "below or above 0")
        if self.treaty is None:
            yield from self._any_treaty(path, facts)
        else:
            yield from unknown("treaty", self.treaty, facts.treaties, (*path, "treaty"))
            yield from facts.not_member(self.state, self.treaty, (*path, "state"))
            if self.treaty in facts.members and self.treaty not in facts.ladders:
                problem = f"members of {show(self.treaty)} climb no ladder"
                yield Finding((*path, "treaty"), problem, listed(facts.ladders))
            elif facts.ladders.get(self.treaty) == self.state:
                yield _is_guarantor(self.state, self.treaty, path)

    def _any_treaty(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        own = [treaty for treaty in facts.ladders if self.state in facts.members.get(treaty, ())]
        whole = len(facts.members) == len(facts.treaties)
        if whole and self.state in facts.states and not own:
            problem = f"{self.state} is in no treaty whose members climb a ladder, so it has no guarantor"
            yield Finding((*path, "state"), problem, listed(_clients(facts)) or "no state")
        elif own and all(facts.ladders[treaty] == self.state for treaty in own):
            yield _is_guarantor(self.state, own[0], path)


def _is_guarantor(state: str, treaty: str, path: KeyPath) -> Finding:
    return Finding((*path, "state"), f"{state} is the guarantor of {show(treaty)}", "another member")


def _clients(facts: Facts) -> list[str]:
    clients = [
        code for treaty, guarantor in facts.ladders.items() for code in facts.members[treaty] if code != guarantor
    ]
    return list(dict.fromkeys(clients))
