"""Branches: named variations of a scenario, and the scenario that each of them gives."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sim.errors import InputError
from sim.model.base_event import BaseEvent
from sim.model.events.call import CallEvent, Response
from sim.scenario.merging import dropped_with, merge
from sim.scenario.problems import closest, listed
from sim.scenario.schema import Branch, Scenario

BASE: Final = "base"
"""Name of the one branch that a scenario without branches has."""

_LABELS: Final = ("title", "note", "drop")
_NO_INPUTS: Final = ("title", "description", "drop", "branches", "replicates", "seed", "metrics", "story", "claims")
"""Keys of a scenario that no single run reads."""


def branch_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the branches in the order of the file; ``("base",)`` if the file has none."""
    return tuple(scenario.branches) or (BASE,)


def resolve(scenario: Scenario, branch: str | None) -> Scenario:
    """Return the scenario with the changes of one branch applied, without a table of branches and claims about them.

    Parameters
    ----------
    scenario : Scenario
        A checked scenario.
    branch : str or None
        A name of `branch_names`; None for the scenario without a branch.

    Returns
    -------
    Scenario
        With the branch's keys laid over it, without the events it drops and what is because of them, without
        events outside the period, and without responses and calls about an event that is gone.

    Raises
    ------
    InputError
        If there is no such branch.
    """
    if branch is None or (branch == BASE and not scenario.branches):
        return _settled(scenario)
    if branch not in scenario.branches:
        names = branch_names(scenario)
        near = closest(branch, names)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"there is no branch '{branch}'; allowed: {listed(names)}{hint}")
    return _settled(overlaid(scenario, scenario.branches[branch]))


def overlaid(scenario: Scenario, branch: Branch) -> Scenario:
    """Apply a branch to a scenario; the schema checks the changed keys."""
    data = {name: getattr(scenario, name) for name in scenario.model_fields_set}
    gone = dropped_with(scenario.events, branch.drop)
    events = {name: event for name, event in scenario.events.items() if name not in gone}
    overlay = overlay_of(scenario, branch)
    data = merge({**data, "events": events}, overlay)
    data |= {"drop": [*scenario.drop, *gone], "branches": {}, "claims": []}
    return Scenario.model_validate(data)


def overlay_of(scenario: Scenario, branch: Branch) -> dict[str, Any]:
    """Return the tables and settings that a branch overrides.

    Changes to an event that the scenario itself has dropped have nothing to change and are left out.
    """
    given = {
        name: value
        for name in branch.model_fields_set
        if name not in _LABELS and (value := getattr(branch, name)) is not None
    }
    events = {
        name: event
        for name, event in branch.events.items()
        if "kind" in event or name in scenario.events or name not in scenario.drop
    }
    return {**given, "events": events}


def acts_on(scenario: Scenario, event: BaseEvent) -> date:
    """Return the day on which an event takes effect; calls and responses take the day of their attack or crisis."""
    about = event.to if isinstance(event, CallEvent | Response) else None
    if isinstance(event, CallEvent):
        about = about or event.because_of
    shock = scenario.events.get(about or "")
    return event.date if shock is None else shock.date


def parting(scenario: Scenario, a: str, b: str) -> date | None:
    """Return the first day on which runs of two branches can differ; before it, all draws and states are equal.

    The first day on which an event acts that only one of them has, or has in this form; the start if anything but
    events differs; None if nothing does.
    """
    first, second = resolve(scenario, a), resolve(scenario, b)
    inputs = Scenario.model_fields.keys() - {"events", *_NO_INPUTS}
    if any(getattr(first, name) != getattr(second, name) for name in inputs):
        return scenario.start
    days = [
        acts_on(variant, variant.events[name])
        for variant in (first, second)
        for name in variant.events
        if _acting(first.events.get(name)) != _acting(second.events.get(name))
    ]
    return min(days, default=None)


def _acting(event: BaseEvent | None) -> BaseEvent | None:
    """Return an event without its labels, which do not affect a run."""
    return None if event is None else event.model_copy(update={"source": "", "note": ""})


def scenario_warnings(scenario: Scenario) -> list[str]:
    """Return warnings about the events and changes that a run leaves out, one line for each group."""
    lines = _left_out(scenario, "")
    for name, branch in scenario.branches.items():
        remaining = overlay_of(scenario, branch)["events"]
        unmet = [event for event in branch.events if event not in remaining]
        if unmet:
            lines.append(f"changes are left out, their events are dropped: {listed(unmet)} (in branch '{name}')")
        lines += [
            line for line in _left_out(overlaid(scenario, branch), f" (in branch '{name}')")
            if line.removesuffix(f" (in branch '{name}')") not in lines
        ]  # fmt: skip
    return lines


def hazard_in_words(scenario: Scenario) -> str:
    """Return a sentence that says whether rivals attack at random in a run of a scenario, and from when."""
    when, end = scenario.endogenous_attacks, scenario.record_end
    if when == "always":
        return "rivals attack at random throughout, beside the dates in the file"
    if when == "never":
        return "rivals attack on the dates in the file alone, never at random"
    if end is None or end >= scenario.end:
        return "rivals attack on the dates in the file alone; the coded record covers the whole period"
    return f"rivals attack on the dates in the file, and at random once the coded record ends, on {end.day} {end:%b %Y}"


def hazards(scenario: Scenario) -> list[str]:
    """Return `hazard_in_words` of a scenario, and of each branch in which it differs."""
    plain = hazard_in_words(scenario)
    branches = {name: hazard_in_words(resolve(scenario, name)) for name in scenario.branches}
    return [plain, *(f"{words} (in branch '{name}')" for name, words in branches.items() if words != plain)]


def outside(scenario: Scenario) -> list[str]:
    """Return the events dated outside the period of the scenario."""
    return [name for name, event in scenario.events.items() if not _inside(scenario, event)]


def _inside(scenario: Scenario, event: BaseEvent) -> bool:
    return scenario.start <= event.date <= scenario.end


def _settled(scenario: Scenario) -> Scenario:
    gone = gone_with(scenario)
    if not gone and not scenario.branches:
        return scenario
    events = {name: event for name, event in scenario.events.items() if name not in gone}
    return scenario.model_copy(update={"events": events, "branches": {}, "claims": []})


def gone_with(scenario: Scenario, names: Iterable[str] = ()) -> set[str]:
    """Return the events that a run leaves out: ``names``, void events, those outside the period, and all their effects.

    Parameters
    ----------
    scenario : Scenario
        A scenario, usually with a branch applied (`resolve`).
    names : iterable of str
        Events to take out.

    Examples
    --------
    >>> gone_with(scenario, ["offensive-2023"])  # doctest: +SKIP
    {'offensive-2023', 'russia-2023', 'exodus-2023', ...}
    """
    gone = set(dropped_with(scenario.events, [*outside(scenario), *names]))
    while void := _void(scenario, gone):
        gone |= set(dropped_with(scenario.events, void))
    return gone


def _void(scenario: Scenario, gone: Iterable[str]) -> list[str]:
    left = scenario.events.keys() - set(gone)
    return [
        name
        for name, event in scenario.events.items()
        if name in left and isinstance(event, CallEvent | Response) and event.to and event.to not in left
    ]


def _left_out(scenario: Scenario, where: str) -> list[str]:
    gone = dropped_with(scenario.events, outside(scenario))
    lines = []
    if gone:
        period = f"{scenario.start}..{scenario.end}"
        lines.append(f"left out, outside {period} or because of such an event: {listed(gone)}{where}")
    void = _void(scenario, gone)
    for name in void:
        event = scenario.events[name]
        lines.append(f"'{name}' is void: '{getattr(event, 'to', '')}', which it is about, is gone{where}")
    because = gone_with(scenario) - {*gone, *void}
    lines += [f"'{name}' is left out, because of a void event{where}" for name in scenario.events if name in because]
    return lines
