"""What must agree between an event and the rest of a scenario."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sim.scenario.names import Names, ever_members, parameter_findings, unknown
from sim.scenario.problems import Finding, KeyPath, closest, listed, show
from sim.scenario.schema import (
    Aid,
    Attack,
    Call,
    Coercion,
    Crisis,
    Event,
    Membership,
    Offer,
    Reassurance,
    Recognition,
    Response,
    Rhetoric,
    Scenario,
    Set,
    Window,
)

RESPONSE_DAYS: Final = 90
"""A response is the highest level delivered within so many days of the attack."""

STATE_KEYS: Final = {
    "capability": (0.0, 1e12),
    "population": (0.0, 1e12),
    "democracy": (0.0, 1.0),
    "overstretch": (0.0, 1.0),
    "attention": (0.0, 1.0),
}
DYAD_KEYS: Final = {"ties": (-1.0, 1.0)} | dict.fromkeys(
    ("threat", "claim", "arms", "trade", "energy", "remittances", "base"), (0.0, 1.0)
)
"""World values that a ``set`` event can change, with their ranges."""


class Facts(NamedTuple):
    """What the checks of events look up."""

    scenario: Scenario
    names: Names
    members: dict[str, tuple[str, ...]]
    attacks: tuple[str, ...]


_Check = Callable[[Any, KeyPath, Facts], Iterator[Finding]]


def event_findings(scenario: Scenario, names: Names) -> Iterator[Finding]:
    """Check every event against the states, treaties, places and other events."""
    events = scenario.events.items()
    attacks = tuple(name for name, event in events if isinstance(event, Attack | Crisis))
    members = {treaty: ever_members(scenario, treaty) for treaty in scenario.treaties}
    facts = Facts(scenario, names, members, attacks)
    for name, event in events:
        path: KeyPath = ("events", name)
        for key in ("state", "aggressor", "victim", "target"):
            code = getattr(event, key, None)
            if code is not None and not isinstance(event, Response):
                yield from unknown("state", code, names.states, (*path, key))
        yield from _cause(name, event, facts)
        check = _CHECKS.get(type(event))
        if check is not None:
            yield from check(event, path, facts)
    yield from _circles(scenario)
    yield from _repeated(scenario)


def _cause(name: str, event: Event, facts: Facts) -> Iterator[Finding]:
    if event.because_of is None:
        return
    path = ("events", name, "because_of")
    yield from unknown("event", event.because_of, facts.names.events, path)
    cause = facts.scenario.events.get(event.because_of)
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
        elif isinstance(event, Call) and (about := event.to or event.because_of):
            key, what = ("call", event.treaty, about), "the call"
        else:
            continue
        if key in seen:
            problem = f"{what} of {show(event.state)} is already given by {show(seen[key])}"
            yield Finding(("events", name), problem, f"one {key[0]} each, the highest level delivered")
        seen.setdefault(key, name)


def _attack(event: Attack, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    if event.aggressor == event.victim:
        yield Finding((*path, "victim"), "aggressor and victim are the same state", "two different states")
    if event.place is not None:
        yield from unknown("place", event.place, facts.names.lands, (*path, "place"))


def _target_differs(event: Any, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    del facts
    if event.state == event.target:
        yield Finding((*path, "target"), "state and target are the same state", "two different states")


def _call(event: Call, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    yield from unknown("treaty", event.treaty, facts.names.treaties, (*path, "treaty"))
    yield from _member(event.state, event.treaty, (*path, "state"), facts)
    yield from _article(event, path, facts)
    key = "to" if event.to is not None else "because_of"
    about = event.to if event.to is not None else event.because_of
    if about is None:
        yield Finding((*path, "to"), "the call names no attack or crisis", listed(facts.attacks))
        return
    if key == "to":
        yield from _known_target(about, (*path, "to"), facts)
    target = facts.scenario.events.get(about)
    if target is None:
        return
    if not isinstance(target, Attack | Crisis):
        if key == "because_of":
            problem = f"the call names no attack or crisis: {show(about)} is of kind '{target.kind}'"
            yield Finding((*path, "to"), problem, listed(facts.attacks))
        return
    if target.victim != event.state:
        problem = f"{show(about)} has the victim {target.victim}, who alone can call or stay silent"
        yield Finding((*path, "state"), problem, target.victim)
    yield from _not_before(event, about, target, path)


def _article(event: Call, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    treaty = facts.scenario.treaties.get(event.treaty)
    if event.article is None or treaty is None or not treaty.clauses:
        return
    articles = [clause.article for clause in treaty.clauses.values()]
    if str(event.article) not in articles:
        problem = f"{show(event.treaty)} has no clause with article {event.article}"
        yield Finding((*path, "article"), problem, listed(articles))


def _response(event: Response, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    responders = (*facts.names.states, *facts.names.treaties)
    yield from unknown("state or treaty", event.state, responders, (*path, "state"))
    yield from _known_target(event.to, (*path, "to"), facts)
    target = facts.scenario.events.get(event.to)
    if not isinstance(target, Attack | Crisis):
        return
    yield from _not_before(event, event.to, target, path)
    if event.date > target.date + timedelta(days=RESPONSE_DAYS):
        problem = f"{event.date} is more than {RESPONSE_DAYS} days after {show(event.to)} ({target.date})"
        yield Finding((*path, "date"), problem, f"what was delivered within {RESPONSE_DAYS} days")
    yield from _responder(event, target, path, facts)


def _responder(event: Response, target: Attack | Crisis, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    where = (*path, "state")
    victim = target.victim
    if event.state in facts.scenario.treaties:
        yield from _member(victim, event.state, where, facts)
        return
    if event.state not in facts.names.states:
        return
    if event.state == victim or event.state == getattr(target, "aggressor", None):
        role = "victim" if event.state == victim else "aggressor"
        yield Finding(where, f"{show(event.state)} is the {role} of {show(event.to)}", "an ally of the victim")
        return
    whole = len(facts.scenario.treaties) == len(facts.names.treaties)
    allies = _allies(victim, facts)
    if whole and event.state not in allies:
        problem = f"{event.state} shares no treaty with the victim {victim}, so it owes no response"
        yield Finding(where, problem, listed(allies) or "nobody: the victim has no treaty")


def _window(event: Window, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    yield from unknown("treaty", event.treaty, facts.names.treaties, (*path, "treaty"))
    if event.state is not None:
        yield from _member(event.state, event.treaty, (*path, "state"), facts)
    if event.until is not None and event.until < event.date:
        yield Finding((*path, "until"), f"{event.until} is before the window opens ({event.date})", "a later date")


def _membership(event: Membership, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    yield from unknown("treaty", event.treaty, facts.names.treaties, (*path, "treaty"))
    if event.action != "join":
        yield from _member(event.state, event.treaty, (*path, "state"), facts)


def _recognition(event: Recognition, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    yield from unknown("place", event.place, facts.names.places, (*path, "place"))
    yield from unknown("state", event.as_, facts.names.states, (*path, "as"))


AT_START: Final = ("initial_trust", "initial_confidence")
"""Parameters that matter only where a run begins."""


def _set(event: Set, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    match event.key.split("."):
        case ["parameters", name] if name in AT_START:
            yield Finding((*path, "key"), f"{name} holds at the start only", f"[parameters] with {name}")
        case ["parameters", name]:
            yield from parameter_findings(name, event.value, (*path, "key"), (*path, "value"))
        case ["states", code, key]:
            yield from unknown("state", code, facts.names.states, (*path, "key"))
            yield from _settable(event, key, STATE_KEYS, path)
        case ["dyads", first, second, key]:
            for code in (first, second):
                yield from unknown("state", code, facts.names.states, (*path, "key"))
            yield from _settable(event, key, DYAD_KEYS, path)
        case _:
            shapes = "states.CODE.KEY, dyads.CODE.CODE.KEY, parameters.NAME"
            yield Finding((*path, "key"), f"{show(event.key)} cannot be set", shapes)


def _settable(event: Set, key: str, ranges: dict[str, tuple[float, float]], path: KeyPath) -> Iterator[Finding]:
    if key not in ranges:
        yield Finding((*path, "key"), f"{show(key)} cannot be set", listed(ranges), closest(key, ranges))
        return
    low, high = ranges[key]
    if not low <= event.value <= high:
        yield Finding((*path, "value"), f"{event.value:g} is out of range", f"{low:g}..{high:g}")


def _member(code: str, treaty: str, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    if treaty not in facts.scenario.treaties:
        return
    members = facts.members[treaty]
    if code not in members:
        problem = f"{code} is not a member of {show(treaty)}"
        yield Finding(path, problem, listed(members), closest(code, members))


def _known_target(name: str, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    if name in facts.scenario.drop and name not in facts.names.events:
        return
    attacks = facts.attacks
    if name not in facts.names.events:
        yield Finding(path, f"there is no event {show(name)}", listed(attacks), closest(name, attacks))
    elif name in facts.scenario.events and name not in attacks:
        problem = f"{show(name)} is of kind '{facts.scenario.events[name].kind}', not an attack or crisis"
        yield Finding(path, problem, listed(attacks))


def _not_before(event: Call | Response, about: str, target: Attack | Crisis, path: KeyPath) -> Iterator[Finding]:
    if event.date < target.date:
        problem = f"{event.date} is before {show(about)} ({target.date})"
        yield Finding((*path, "date"), problem, f"{target.date} or later")


def _allies(victim: str, facts: Facts) -> tuple[str, ...]:
    shared = [members for members in facts.members.values() if victim in members]
    return tuple(dict.fromkeys(code for members in shared for code in members if code != victim))


_CHECKS: Final[dict[type, _Check]] = {
    Attack: _attack,
    Call: _call,
    Response: _response,
    Window: _window,
    Membership: _membership,
    Recognition: _recognition,
    Set: _set,
    Rhetoric: _target_differs,
    Aid: _target_differs,
    Offer: _target_differs,
    Coercion: _target_differs,
    Reassurance: _target_differs,
}
