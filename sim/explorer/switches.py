"""Events as switches: their possible settings, and a branch with settings applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sim.errors import InputError
from sim.model.base_event import BaseEvent, ShockEvent
from sim.model.events.call import CallEvent, Response
from sim.scenario import Scenario, resolve
from sim.scenario.merging import dropped_with
from sim.scenario.problems import closest, listed
from sim.scenario.schema import Branch
from sim.words import FULFILMENT, RESPONSES

ON: Final = "on"
OFF: Final = "off"
DECIDE: Final = "decide"
"""Not fixed: the agents decide in each run."""

MADE: Final = "made"
SILENT: Final = "silent"

EXPLORED: Final = "explored"
"""Name of the branch that holds what was chosen on the page."""


@dataclass(frozen=True)
class Switch:
    """Switch of one event, with its possible settings.

    Attributes
    ----------
    name : str
        The event's name in the scenario, or the name that an answer gets which no event holds yet.
    kind : str
        Kind of the event; ``response`` and ``call`` are settled per attack or crisis.
    day : date
    about : str
        The attack or crisis that it answers; empty for what answers none.
    who : str
        State or treaty that acts; empty where nobody does.
    victim : str
        State that an attack or crisis hits; empty for other kinds.
    note : str
        What happened, in a few words.
    shipped : str
        Its setting in the branch as shipped.
    settings : tuple of str
        What it can be set to.
    """

    name: str
    kind: str
    day: date
    about: str
    who: str
    victim: str
    note: str
    shipped: str
    settings: tuple[str, ...]


def switches_of(scenario: Scenario, branch: str, guarantor: str) -> dict[str, Switch]:
    """Return every event of a branch as a switch, by date and name.

    Events that the branch drops are switched off; each attack or crisis has an answer of the guarantor, whether the
    file fixes it or not, unless the guarantor is a party to it.
    """
    present = resolve(scenario, branch).events
    known = {**scenario.events, **present}
    switches = [
        _switch(name, event, present) for name, event in known.items() if scenario.start <= event.date <= scenario.end
    ]
    answered = {switch.about for switch in switches if switch.kind == "response" and switch.who == guarantor}
    switches += [
        Switch(
            _answer_name(name, guarantor), "response", event.date, name, guarantor, "", "", DECIDE, (*RESPONSES, DECIDE)
        )
        for name, event in known.items()
        if isinstance(event, ShockEvent)
        and scenario.start <= event.date <= scenario.end
        and name not in answered
        and guarantor not in (event.victim, getattr(event, "aggressor", ""))
    ]
    return {switch.name: switch for switch in sorted(switches, key=lambda switch: (switch.day, switch.name))}


def _switch(name: str, event: BaseEvent, present: Mapping[str, BaseEvent]) -> Switch:
    who = getattr(event, "aggressor", getattr(event, "state", ""))
    victim = event.victim if isinstance(event, ShockEvent) else ""
    about, here = "", present.get(name)
    settings: tuple[str, ...] = (ON, OFF)
    shipped = OFF if here is None else ON
    if isinstance(event, Response):
        about, settings = event.to, (*RESPONSES, DECIDE)
        shipped = here.level if isinstance(here, Response) else DECIDE
    elif isinstance(event, CallEvent):
        about, settings = event.to or event.because_of or "", (MADE, SILENT, DECIDE)
        shipped = DECIDE if not isinstance(here, CallEvent) else MADE if here.made else SILENT
    return Switch(name, event.kind, event.date, about, who or "", victim, (here or event).note, shipped, settings)


def _answer_name(shock: str, guarantor: str) -> str:
    return f"{guarantor}-answers-{shock}"[:80]


def check_settings(settings: Mapping[str, str], switches: Mapping[str, Switch], where: str) -> None:
    """Refuse settings for unknown events, and settings that an event cannot have."""
    for name, setting in settings.items():
        if name not in switches:
            near = closest(name, switches)
            hint = f"; did you mean '{near}'?" if near else ""
            raise InputError(f"{where}: events.{name}: there is no such event; allowed: {listed(switches)}{hint}")
        allowed = switches[name].settings
        if setting not in allowed:
            raise InputError(f"{where}: events.{name}: '{setting}' is not known; allowed: {', '.join(allowed)}")


def explored(
    scenario: Scenario,
    branch: str,
    settings: Mapping[str, str],
    parameters: Mapping[str, float],
    switches: Mapping[str, Switch],
    title: str = "",
) -> dict[str, Any]:
    """Return a branch with settings and parameters applied, as a table of a scenario file."""
    held = scenario.branches.get(branch, Branch())
    table = held.model_dump(by_alias=True, exclude_unset=True)
    drop: list[str] = list(table.get("drop", ()))
    events: dict[str, dict[str, Any]] = dict(table.get("events", {}))
    for name, setting in settings.items():
        drop = [dropped for dropped in drop if dropped != name]
        if setting in (OFF, DECIDE):
            events.pop(name, None)
            drop += [name] if name in scenario.events else []
        elif setting != ON:
            events[name] = {**events.get(name, {}), **_fixed(scenario, switches[name], setting)}
    gone = dropped_with(scenario.events, drop)
    events = {name: event for name, event in events.items() if name not in gone or "kind" in event}
    given = {**table.get("parameters", {}), **parameters}
    return {
        **table,
        "title": title or held.title or branch,
        "drop": drop,
        "events": events,
        **({"parameters": given} if given else {}),
    }


def _fixed(scenario: Scenario, switch: Switch, setting: str) -> dict[str, Any]:
    """Return the fields that a setting fixes in an event, or the whole event if the scenario lacks it."""
    if switch.kind == "call":
        return {"made": setting == MADE}
    fixed: dict[str, Any] = {"response": setting}
    if switch.name not in scenario.events:
        return {"date": switch.day, "kind": "response", "state": switch.who, "to": switch.about, **fixed}
    shipped = scenario.events[switch.name]
    if getattr(shipped, "offered", None):
        fixed["offered"] = "none"
    if getattr(shipped, "delivered", None) is not None:
        fixed["delivered"] = FULFILMENT[RESPONSES.index(setting)]
    return fixed


def with_explored(scenario: Scenario, table: Mapping[str, Any], keep: Sequence[str] | None = None) -> Scenario:
    """Return a scenario without claims and with the branch `EXPLORED`; ``keep`` names others, by default all."""
    names = scenario.branches if keep is None else [name for name in keep if name in scenario.branches]
    branches = {name: scenario.branches[name] for name in names}
    explored = Branch.model_validate(dict(table))
    return scenario.model_copy(update={"branches": {**branches, EXPLORED: explored}, "claims": []})
