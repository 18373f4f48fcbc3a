"""Removal of events from a prepared branch, with the effect of `drop` but without a new reading of the scenario."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from sim.engine.setup import Setup
from sim.engine.timetable import Shock, changes_by_tick, shocks_by_tick
from sim.model.base_event import BaseEvent
from sim.model.events.call import Response
from sim.scenario.branches import acts_on, gone_with
from sim.scenario.calendar import Calendar


def shortened(setup: Setup, ticks: int) -> Setup:
    """Return a branch that ends after a given number of ticks and is unchanged before that.

    Parameters
    ----------
    setup : Setup
        From `sim.engine.setup.prepare`.
    ticks : int
        1 or more; with at least the branch's number of ticks, nothing changes.
    """
    calendar = setup.calendar
    return replace(
        setup,
        calendar=Calendar(calendar.starts[:ticks], calendar.ends[:ticks], calendar.months),
        changes=setup.changes[:ticks],
        shocks=setup.shocks[:ticks],
        attacks_on=setup.attacks_on[:ticks],
        choices_on=setup.choices_on[:ticks],
    )


class Masking:
    """A prepared branch from which sets of events can be removed repeatedly.

    As with `drop`, removing an event also removes its consequences and the calls and responses about it. An ally whose
    response is removed decides by the built-in rule; the row for the whole treaty, which applies to members without
    their own row, does not apply to it.

    Parameters
    ----------
    setup : Setup
        The branch; a `shortened` one ignores events after its end.

    Attributes
    ----------
    acting : frozenset of str
        Events that act before the end.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        events = setup.scenario.events
        last = setup.calendar.ends[-1]
        self.acting = frozenset(name for name, event in events.items() if acts_on(setup.scenario, event) <= last)

    def gone(self, names: Iterable[str]) -> frozenset[str]:
        """Return the events in effect that disappear when ``names`` are removed; equal sets give equal runs."""
        return frozenset(gone_with(self.setup.scenario, names)) & self.acting

    def without(self, gone: Collection[str]) -> Setup:
        """Return the branch without the given events, which come from `gone`."""
        setup = self.setup
        remaining = {name: event for name, event in setup.scenario.events.items() if name not in gone}
        scenario = setup.scenario.model_copy(update={"events": remaining})
        names = setup.codes, setup.treaties, setup.places, setup.calendar
        freed = self._freed(gone, remaining)
        shocks = tuple(
            tuple(_with_choice(shock, freed[shock.name]) for shock in tick) for tick in shocks_by_tick(scenario, *names)
        )
        return replace(setup, scenario=scenario, changes=changes_by_tick(scenario, *names), shocks=shocks)

    def _freed(self, gone: Collection[str], remaining: dict[str, BaseEvent]) -> defaultdict[str, set[int]]:
        """Return the allies, by index, whose response is removed, for each attack or crisis."""
        freed: defaultdict[str, set[int]] = defaultdict(set)
        still = {(event.to, event.state) for event in remaining.values() if isinstance(event, Response)}
        for name in gone:
            event = self.setup.scenario.events[name]
            if isinstance(event, Response) and event.state in self.setup.codes and (event.to, event.state) not in still:
                freed[event.to].add(self.setup.codes.index(event.state))
        return freed


def _with_choice(shock: Shock, allies: set[int]) -> Shock:
    return replace(shock, fixed=tuple(row for row in shock.fixed if row.ally not in allies)) if allies else shock
