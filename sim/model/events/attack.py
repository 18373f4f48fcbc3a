"""Attacks and crises: the shocks about which victims and their allies decide."""

from collections.abc import Callable, Iterator
from math import nan
from typing import Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, MarkerWeight, ShockEvent
from sim.model.fields import Code, Name, Unit
from sim.model.findings import Finding, KeyPath, unknown
from sim.model.world import NOBODY, Case


class Attack(ShockEvent):
    """A state attacks another."""

    kind: Literal["attack"]
    aggressor: Code = Field(description="state that attacks")
    victim: Code = Field(description="state that is attacked")
    place: Name | None = Field(None, description="place, or a state's code; default: the victim's recognised territory")
    severity: Unit = Field(description="how grave, 0..1")
    coverage: Unit | None = Field(None, description="override of what the clauses say, 0..1")
    owed: Unit | None = Field(None, description="how firmly help is owed, 0..1; default: the strength of the clauses")

    order = 10
    sentence = "{aggressor} attacks {victim}"
    guide = (
        "A state attacks another. Place, treaty clauses and who attacks whom decide how clearly treaties cover it. "
        "Allies decide about help, and everybody learns from what they do. Attention to security rises by the severity."
    )
    switch = "{who} attacks {victim}"
    marker = MarkerStyle(MarkerWeight(2.0, 4.0), MarkerWeight(1.2, 2.5), beside_note="Attack on {victim}")

    def case(self, axes: AxisNames, *, consult: bool) -> Case:
        """Return the attack as a case for legal coverage, with its location."""
        place = NOBODY if self.place in (None, self.victim) else axes.place(self.place or "")
        override = nan if self.coverage is None else self.coverage
        sides = axes.state(self.victim), axes.state(self.aggressor)
        strength = nan if self.owed is None else self.owed
        return Case(*sides, place, self.severity, False, False, consult, override, strength=strength)

    def as_cause(self, name_of: Callable[[str], str]) -> str:
        """Name attacker, victim and place in a phrase."""
        where = "" if self.place is None else f" ({self.place})"
        return f"{name_of(self.aggressor)} attacked {name_of(self.victim)}{where}"

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report an attack by a state on itself, and an unknown place."""
        if self.aggressor == self.victim:
            yield Finding((*path, "victim"), "aggressor and victim are the same state", "two different states")
        if self.place is not None:
            yield from unknown("place", self.place, (*facts.places, *facts.states), (*path, "place"))


class Crisis(ShockEvent):
    """Unrest or a threat without a state attacker."""

    kind: Literal["crisis"]
    victim: Code = Field(description="state that is in trouble")
    severity: Unit = Field(description="how grave, 0..1")
    foreign: bool = Field(False, description="whether a foreign element is alleged")
    coverage: Unit | None = Field(None, description="override of what the clauses say, 0..1")

    order = 20
    sentence = "Crisis in {victim}"
    guide = "The same without a state attacker: unrest, with `foreign = true` if a foreign hand is alleged."
    switch = "Crisis in {victim}"
    marker = MarkerStyle(MarkerWeight(2.0, 4.0), MarkerWeight(1.2, 2.5))

    def case(self, axes: AxisNames, *, consult: bool) -> Case:
        """Return the crisis as a case for legal coverage, without an attacker or a place."""
        override = nan if self.coverage is None else self.coverage
        return Case(axes.state(self.victim), NOBODY, NOBODY, self.severity, True, self.foreign, consult, override)

    def as_cause(self, name_of: Callable[[str], str]) -> str:
        """Name the state in crisis in a phrase."""
        return f"crisis in {name_of(self.victim)}"
