"""The names that a scenario declares, and facts that follow from its treaties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sim.model.events.membership import Membership
from sim.scenario.schema import Scenario, Treaty


@dataclass(frozen=True)
class DeclaredNames:
    """The names that a scenario declares, including names in tables that contain errors."""

    states: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]
    events: tuple[str, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "DeclaredNames":
        """Collect the names from merged tables."""
        return cls(*(_keys(data.get(table)) for table in ("states", "treaties", "places", "events")))

    def of_branch(self, whole: Scenario, outcome: Scenario) -> "DeclaredNames":
        """Return the names that a branch declares, including entries that could not be parsed."""
        unread = (name for name in self.events if name not in whole.events)
        return replace(
            self,
            states=_joined(self.states, outcome.states),
            treaties=_joined(self.treaties, outcome.treaties),
            places=_joined(self.places, outcome.places),
            events=_joined(outcome.events, unread),
        )

    @property
    def lands(self) -> tuple[str, ...]:
        """The possible locations of an attack: places, and states for their recognised territory."""
        return (*self.places, *self.states)


def has_ladder(treaty: Treaty) -> bool:
    """Return whether members of a treaty climb its posture ladder; by default, if it has more than two members."""
    return treaty.ladder if treaty.ladder is not None else len(treaty.members) > 2


def guarantor_of(scenario: Scenario, treaty: Treaty) -> str:
    """Return the guarantor of a treaty: the one named, else the member that is most capable when the run starts."""
    if treaty.guarantor is not None:
        return treaty.guarantor
    year = scenario.start.year
    return max(sorted(treaty.members), key=lambda code: scenario.states[code].capability.at(year))


def focus_of(scenario: Scenario) -> str | None:
    """Return the default treaty: the focus, else the largest treaty with a ladder, else the first by name."""
    if scenario.focus is not None:
        return scenario.focus
    laddered = {name: len(treaty.members) for name, treaty in scenario.treaties.items() if has_ladder(treaty)}
    return max(sorted(laddered), key=laddered.__getitem__, default=None)


def ever_members(scenario: Scenario, treaty: str) -> tuple[str, ...]:
    """Return the states that are treaty members at the start or join the treaty by an event."""
    joined = [
        event.state
        for event in scenario.events.values()
        if isinstance(event, Membership) and event.action == "join" and event.treaty == treaty
    ]
    return tuple(dict.fromkeys((*scenario.treaties[treaty].members, *joined)))


def owing(scenario: Scenario) -> frozenset[tuple[str, str]]:
    """Return every pair of states of which the second may ever owe the first help, under any treaty.

    A treaty counts if it is in force at any time of the run, for all its members and those that join; its guarantor
    counts as owing help. In other pairs trust is a prior that nothing can bear out.

    Parameters
    ----------
    scenario : Scenario
        A scenario with a branch applied, as `sim.scenario.resolve` returns it.
    """
    pairs: set[tuple[str, str]] = set()
    for name, treaty in scenario.treaties.items():
        later = treaty.in_force is not None and treaty.in_force > scenario.end
        ended = treaty.expires is not None and treaty.expires <= scenario.start
        if later or ended:
            continue
        members = ever_members(scenario, name)
        joined = set(members) - set(treaty.members)
        obliged = {*(treaty.obligors or treaty.members), *joined, guarantor_of(scenario, treaty)}
        pairs |= {(member, ally) for member in members for ally in obliged if member != ally}
    return frozenset(pairs)


def _joined(names: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *more)))


def _keys(table: Any) -> tuple[str, ...]:
    return tuple(table) if isinstance(table, dict) else ()
