"""Consistency checks between the tables of a scenario; events and expressions have their own modules."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from sim.model.findings import parameter_findings, unknown
from sim.scenario.consistency_events import event_findings
from sim.scenario.consistency_expressions import (
    claim_findings,
    condition_findings,
    metric_findings,
    story_findings,
)
from sim.scenario.consistency_observed import observed_findings
from sim.scenario.names import DeclaredNames, focus_of, guarantor_of, has_ladder
from sim.scenario.problems import Finding, closest, listed, show
from sim.scenario.schema import Scenario, Treaty
from sim.words import LOYAL, POSTURES


def consistency(scenario: Scenario, names: DeclaredNames, branch: str | None = None) -> list[Finding]:
    """Return every contradiction between the tables of a scenario.

    Parameters
    ----------
    scenario : Scenario
        The scenario, without tables that could not be parsed.
    names : DeclaredNames
        All declared names, so that a table with an error is not also reported as missing.
    branch : str, optional
        Name of the branch that ``scenario`` is.
    """
    findings = chain(
        _size(names),
        _parameters(scenario),
        _record(scenario),
        _places(scenario, names),
        _treaties(scenario, names),
        _dyads(scenario, names),
        _beliefs(scenario, names),
        _focus(scenario, names),
        observed_findings(scenario, names),
        event_findings(scenario, names),
        metric_findings(scenario, names),
        condition_findings(scenario, names),
        story_findings(scenario, names),
        () if branch is not None else claim_findings(scenario, names),
    )
    return [replace(finding, branch=branch) for finding in findings]


def _size(names: DeclaredNames) -> Iterator[Finding]:
    if len(names.states) < 2:
        problem = "a scenario needs at least two states"
        yield Finding(("states",), problem, 'tables such as [states.ARM], or extends = "csto"')
    if not names.treaties:
        problem = "a scenario needs a treaty"
        yield Finding(("treaties",), problem, 'tables such as [treaties.CSTO], or extends = "csto"')


def _parameters(scenario: Scenario) -> Iterator[Finding]:
    for name, value in scenario.parameters.items():
        path = ("parameters", name)
        yield from parameter_findings(name, value, path, path)


def _record(scenario: Scenario) -> Iterator[Finding]:
    for key in ("endogenous_attacks", "guarantor_choices"):
        if getattr(scenario, key) == "after-record" and scenario.record_end is None:
            yield Finding((key,), "there is no record_end after which it could begin", "record_end = a date, or always")


def _places(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    for name, place in scenario.places.items():
        at = ("places", name)
        if name in names.states:
            yield Finding(at, f"{show(name)} is also a state's code", "a name of its own")
        yield from unknown("state", place.owner, names.states, (*at, "owner"))
        for reader, owner in place.eyes.items():
            yield from unknown("state", reader, names.states, (*at, "eyes", reader))
            yield from unknown("state", owner, names.states, (*at, "eyes", reader))
        for position, code in enumerate(place.disputed_by):
            yield from unknown("state", code, names.states, (*at, "disputed_by", position))


def _treaties(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    for name, treaty in scenario.treaties.items():
        at = ("treaties", name)
        if name in names.states:
            yield Finding(at, f"{show(name)} is also a state's code", "a name of its own")
        if len(set(treaty.members)) < 2:
            yield Finding((*at, "members"), "a treaty needs at least two members", "two or more states' codes")
        yield from _members(treaty, names, name)
        yield from _clauses(treaty, names, name)
        yield from _postures(scenario, treaty, name)
        for position, rival in enumerate(treaty.rivals):
            if rival == name:
                yield Finding((*at, "rivals", position), "a treaty is not its own rival", "another treaty")
            yield from unknown("treaty", rival, names.treaties, (*at, "rivals", position))
        for day, count in Counter(treaty.renewals).items():
            if count > 1:
                problem = f"{day} stands there {count} times"
                yield Finding((*at, "renewals", treaty.renewals.index(day)), problem, "each date once")
        if treaty.in_force is not None and treaty.expires is not None and treaty.expires <= treaty.in_force:
            problem = f"{treaty.expires} is not after in_force ({treaty.in_force})"
            yield Finding((*at, "expires"), problem, "a later date")


def _members(treaty: Treaty, names: DeclaredNames, name: str) -> Iterator[Finding]:
    at = ("treaties", name)
    for position, code in enumerate(treaty.members):
        yield from unknown("state", code, names.states, (*at, "members", position))
        if code in treaty.members[:position]:
            yield Finding((*at, "members", position), f"{show(code)} stands there twice", "each member once")
    for position, code in enumerate(treaty.obligors):
        if code not in treaty.members:
            yield _not_member(code, treaty, (*at, "obligors", position))
    if treaty.guarantor is not None and treaty.guarantor not in treaty.members:
        yield _not_member(treaty.guarantor, treaty, (*at, "guarantor"))


def _postures(scenario: Scenario, treaty: Treaty, name: str) -> Iterator[Finding]:
    at = ("treaties", name, "postures")
    if treaty.postures and not has_ladder(treaty):
        problem = f"{show(name)} has no ladder for its members"
        yield Finding(at, problem, f"a treaty with more than two members, or treaties.{name}.ladder = true")
        return
    known = all(code in scenario.states for code in treaty.members)
    for code, posture in treaty.postures.items():
        if code not in treaty.members:
            yield _not_member(code, treaty, (*at, code))
        elif known and code == guarantor_of(scenario, treaty) and posture != POSTURES[LOYAL]:
            problem = f"{code} is the guarantor, which does not climb the ladder"
            yield Finding((*at, code), problem, "members other than the guarantor")


def _not_member(code: str, treaty: Treaty, path: tuple[str | int, ...]) -> Finding:
    problem = f"{show(code)} is not a member of the treaty"
    return Finding(path, problem, listed(treaty.members), closest(code, treaty.members))


def _clauses(treaty: Treaty, names: DeclaredNames, name: str) -> Iterator[Finding]:
    for clause_id, clause in treaty.clauses.items():
        at = ("treaties", name, "clauses", clause_id, "coverage", "places")
        for place in clause.coverage.places:
            yield from unknown("place", place, names.lands, (*at, place))


def _dyads(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    for first, others in scenario.dyads.items():
        yield from unknown("state", first, names.states, ("dyads", first))
        for second, dyad in others.items():
            at = ("dyads", first, second)
            yield from unknown("state", second, names.states, at)
            yield from _not_itself(first, second, at)
            back = scenario.dyads.get(second, {}).get(first)
            for key in ("distance", "contiguous", "fought"):
                here = getattr(dyad, key)
                there = getattr(back, key, None)
                if first < second and None not in (here, there) and here != there:
                    problem = f"differs from dyads.{second}.{first}.{key}, and holds both ways"
                    yield Finding((*at, key), problem, "the same value, or one of them only")


def _beliefs(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    for first, others in scenario.beliefs.items():
        yield from unknown("state", first, names.states, ("beliefs", first))
        for second in others:
            at = ("beliefs", first, second)
            yield from unknown("state", second, names.states, at)
            yield from _not_itself(first, second, at)


def _not_itself(first: str, second: str, path: tuple[str | int, ...]) -> Iterator[Finding]:
    if first == second:
        yield Finding(path, "a state has no such table with itself", "two different states")


def _focus(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    focus = focus_of(scenario)
    if focus is None:
        if scenario.treaties and len(scenario.treaties) == len(names.treaties):
            problem = "no treaty has a ladder, so there is no focus"
            yield Finding(("focus",), problem, "more than two members, or ladder = true in a treaty")
        return
    yield from unknown("treaty", focus, names.treaties, ("focus",))
    if focus in scenario.treaties and not has_ladder(scenario.treaties[focus]):
        problem = f"{show(focus)} has no ladder for its members"
        yield Finding(("focus",), problem, f"a treaty with more than two members, or treaties.{focus}.ladder = true")
