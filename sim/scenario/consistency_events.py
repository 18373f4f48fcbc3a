"""Consistency checks between an event and the rest of a scenario."""

from collections.abc import Iterator

from sim.model.base_event import BaseEvent, Facts
from sim.model.events.call import CallEvent, Response
from sim.model.findings import Finding, KeyPath, show, unknown
from sim.scenario.names import DeclaredNames, ever_members, has_ladder
from sim.scenario.schema import Scenario


def event_findings(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    """Check every event against the states, treaties, places and other events."""
    facts = Facts(
        states=names.states,
        treaties=names.treaties,
        places=names.places,
        names=names.events,
        events=scenario.events,
        members={treaty: ever_members(scenario, treaty) for treaty in scenario.treaties},
        articles={
            name: tuple(clause.article for clause in treaty.clauses.values())
            for name, treaty in scenario.treaties.items()
        },
        dropped=tuple(scenario.drop),
        ladders={name: treaty.guarantor for name, treaty in scenario.treaties.items() if has_ladder(treaty)},
    )
    for name, event in scenario.events.items():
        path: KeyPath = ("events", name)
        for key in ("state", "aggressor", "victim", "target"):
            code = getattr(event, key, None)
            if code is not None and not isinstance(event, Response):
                yield from unknown("state", code, names.states, (*path, key))
        yield from _cause(name, event, facts)
        yield from event.check(path, facts)
    yield from _circles(scenario)
    yield from _repeated(scenario)


def _cause(name: str, event: BaseEvent, facts: Facts) -> Iterator[Finding]:
    if event.because_of is None:
        return
    path = ("events", name, "because_of")
    yield from unknown("event", event.because_of, facts.names, path)
    cause = facts.events.get(event.because_of)
    if cause is not None and cause.date > event.date:
        problem = f"the cause {show(event.because_of)} ({cause.date}) is later than its effect ({event.date})"
        yield Finding(path, problem, "an event not later than this one")


def _circles(scenario: Scenario) -> Iterator[Finding]:
    done: set[str] = set()
    for first in scenario.events:
        chain: dict[str, None] = {}
        name: str | None = first
        while name is not None and name in scenario.events and name not in done and name not in chain:
            chain[name] = None
            name = scenario.events[name].because_of
        if name in chain:
            steps = list(chain)
            circle = " -> ".join([*steps[steps.index(str(name)) :], str(name)])
            path = ("events", str(name), "because_of")
            yield Finding(path, f"causes go in a circle: {circle}", "an event that does not follow from this one")
        done.update(chain)


def _repeated(scenario: Scenario) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], str] = {}
    for name, event in scenario.events.items():
        if event.only_if is not None:
            continue
        if isinstance(event, Response):
            key, what = ("response", event.state, event.to), "the response"
        elif isinstance(event, CallEvent) and (about := event.to or event.because_of):
            key, what = ("call", event.treaty, about), "the call"
        else:
            continue
        if key in seen:
            problem = f"{what} of {show(event.state)} is already given by {show(seen[key])}"
            yield Finding(("events", name), problem, f"one {key[0]} each, the highest level delivered")
        seen.setdefault(key, name)
