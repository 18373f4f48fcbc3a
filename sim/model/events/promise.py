"""Promises kept or broken where nobody was attacked."""

from collections.abc import Callable, Iterator
from typing import Final, Literal

from pydantic import Field

from sim.model.base_event import AxisNames, EvidenceEvent, Facts, MarkerStyle, MarkerWeight, different_states
from sim.model.fields import Code, Unit
from sim.model.findings import Finding, KeyPath, unknown
from sim.model.world import NOBODY, Case

KEPT_FROM: Final = 0.5
"""Least share delivered with which sentences call a promise kept; it has no effect on a run."""


class Promise(EvidenceEvent):
    """A promise that a state keeps or breaks where nobody was attacked."""

    kind: Literal["promise"]
    state: Code = Field(description="who promised")
    target: Code = Field(description="to whom")
    owed: Unit = Field(description="how firmly: 0 not at all, 0.3 a hint, 0.5 a public pledge, 1 the text of a treaty")
    given: Unit = Field(description="share of what was promised that was delivered, 0..1")
    severity: Unit = Field(description="how much was at stake, 0..1")
    coverage: Unit = Field(1.0, description="how clearly it was due in law, 0..1")
    watched_by: list[Code] | None = Field(None, description="states that learn of it; default: all")

    order = 75
    sentence = "{state} keeps a promise to {target}"
    guide = (
        "A promise that was kept or broken where nobody was attacked: troops withdrawn or sent, arms cancelled or "
        "delivered, talks refused, a deal with the rival, a pledge renewed. Evidence like an ally's response, for the "
        "states that learn of it and their publics, but neither a threat nor a call. With `owed = 0` it is no evidence."
    )
    switch = "{who} and a promise"
    marker = MarkerStyle(MarkerWeight(2.0, 3.0), MarkerWeight(0.8, 1.5))

    def words(self) -> str:
        """Return a sentence for a promise that is kept, or for one that is broken."""
        return self.sentence if self.given >= KEPT_FROM else "{state} breaks a promise to {target}"

    def as_cause(self, name_of: Callable[[str], str]) -> str:
        """Name both sides, and whether the promise was kept, in a phrase."""
        did = "kept" if self.given >= KEPT_FROM else "broke"
        return f"{name_of(self.state)} {did} a promise to {name_of(self.target)}"

    def case(self, axes: AxisNames) -> Case:
        """Return the promise as a case without an attacker or a place, with the coverage that the file gives."""
        target = axes.state(self.target)
        return Case(target, NOBODY, NOBODY, self.severity, False, False, False, self.coverage, promised=self.owed)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a promise to oneself, and states that cannot learn of it."""
        yield from different_states(self.state, self.target, path)
        if self.watched_by is None:
            return
        where = (*path, "watched_by")
        if not self.watched_by:
            yield Finding(where, "nobody learns of the promise", "one state or more; without the key, all")
        for position, code in enumerate(self.watched_by):
            yield from unknown("state", code, facts.states, (*where, position))
            if code == self.state:
                yield Finding((*where, position), f"{code} learns nothing from its own promise", "other states")
            if code in self.watched_by[:position]:
                yield Finding((*where, position), f"'{code}' stands there twice", "each state once")
        members = {code for group in facts.members.values() for code in group}
        whole = len(facts.members) == len(facts.treaties)
        if whole and self.watched_by and not members.intersection(self.watched_by):
            yield Finding(where, "no state that learns of the promise is ever a member of a treaty", "a member or more")
