"""Consistency checks of the observed course and of the date up to which a run follows it."""

from collections.abc import Iterator

from sim.model.findings import unknown
from sim.scenario.names import DeclaredNames, ever_members, focus_of, guarantor_of
from sim.scenario.problems import Finding, closest, listed, show
from sim.scenario.schema import Scenario


def observed_findings(scenario: Scenario, names: DeclaredNames) -> Iterator[Finding]:
    """Yield what is wrong with the observed course of a scenario, and with the day until which it is followed."""
    for code in scenario.observed:
        yield from unknown("state", code, names.states, ("observed", code))
    focus = focus_of(scenario)
    if focus in scenario.treaties and all(code in scenario.states for code in scenario.treaties[focus].members):
        yield from _not_on_the_ladder(scenario, focus)
    for code in scenario.observed:
        before: tuple[str | None, ...] = ()
        for day, move in sorted(scenario.observed[code].items()):
            now = (move.posture, move.diversified_to, move.pact_with)
            if now == before:
                problem = f"{code} stands at {move.posture} already"
                yield Finding(("observed", code, day), problem, "dates on which the rung changes")
            before = now
            yield from _partners(scenario, names, code, day)
    yield from _pinned(scenario)


def _partners(scenario: Scenario, names: DeclaredNames, code: str, day: str) -> Iterator[Finding]:
    """Yield outside partners that do not exist or are members of the alliance."""
    focus = focus_of(scenario)
    members = ever_members(scenario, focus) if focus in scenario.treaties else ()
    for kind in ("diversified_to", "pact_with"):
        partner = getattr(scenario.observed[code][day], kind)
        if partner is None:
            continue
        where = ("observed", code, day, kind)
        yield from unknown("state", partner, names.states, where)
        if partner in members:
            yield Finding(where, f"{partner} is a member of the alliance", "states outside it")


def _not_on_the_ladder(scenario: Scenario, focus: str) -> Iterator[Finding]:
    members, guarantor = ever_members(scenario, focus), guarantor_of(scenario, scenario.treaties[focus])
    for code in scenario.observed:
        if code == guarantor:
            problem = f"{code} is the guarantor, which does not climb the ladder"
            yield Finding(("observed", code), problem, "members other than the guarantor")
        elif code in scenario.states and code not in members:
            problem = f"{show(code)} is never a member of {focus}"
            climbers = [member for member in members if member != guarantor]
            yield Finding(("observed", code), problem, listed(climbers), closest(code, climbers))


def _pinned(scenario: Scenario) -> Iterator[Finding]:
    day, last = scenario.pinned_until, scenario.recorded_until(scenario.end)
    if day is None:
        return
    if not scenario.observed:
        yield Finding(("pinned_until",), "there is no observed course to follow", "tables such as [observed.ARM]")
    elif not scenario.start <= day <= last:
        problem = f"{day} lies outside the observed period"
        yield Finding(("pinned_until",), problem, f"{scenario.start}..{last}")
