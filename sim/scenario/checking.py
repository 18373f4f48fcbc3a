"""All checks of a merged scenario: first the schema, then the agreement between tables."""

from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from sim.model.quantity import FIRST_YEAR, LAST_YEAR
from sim.scenario.branches import outside, overlaid, resolve
from sim.scenario.consistency import consistency
from sim.scenario.files import Dated
from sim.scenario.names import DeclaredNames
from sim.scenario.problems import Finding, closest, listed, show
from sim.scenario.schema import Branch, Scenario
from sim.scenario.translate import MOST, findings_of

_ENTRY_DEPTH = {"dyads": 3, "beliefs": 3, "observed": 3}
_MARKS = {"events": "kind", "states": "capability", "treaties": "members", "places": "owner"}
"""The key by which an entry of a branch is recognised as new and not as a change."""


def check(data: dict[str, Any], own_dates: frozenset[Dated]) -> tuple[Scenario | None, list[Finding]]:
    """Check merged tables and return the scenario with the problems found.

    Parameters
    ----------
    data : dict
        The tables of a scenario.
    own_dates : frozenset of tuple
        Branch (or None) and event, where the file itself gives the date, so that it must lie inside the
        period; events that come from elsewhere are left out of a run instead. Likewise a state and a date of its
        observed course.

    Returns
    -------
    tuple
        The scenario, or None where nothing could be made of it; and all findings.
    """
    scenario, findings = _checked(data)
    unread = any(len(finding.path) == 1 and finding.path[0] in _MARKS for finding in findings)
    if scenario is None or unread:
        return scenario, findings
    return scenario, findings + findings_between(scenario, own_dates, DeclaredNames.of(data))


def schema_findings(data: dict[str, Any]) -> list[Finding]:
    """Return the findings of the schema in tables that are incomplete, except keys that are missing."""
    return [finding for finding in _checked(data)[1] if not finding.problem.startswith("this key is missing")]


def findings_between(
    scenario: Scenario, own_dates: frozenset[Dated], names: DeclaredNames | None = None, *, branches: bool = True
) -> list[Finding]:
    """Check that tables agree with each other, in the scenario and in each branch.

    ``names`` are all names declared, where some tables could not be read.
    """
    names = names if names is not None else DeclaredNames.of(dict(scenario))
    findings = [*consistency(scenario, names), *_outside_period(scenario, own_dates)]
    seen = {(finding.path, finding.problem) for finding in findings}
    for name, branch in scenario.branches.items() if branches else ():
        new = _branch_findings(scenario, name, branch, names, own_dates)
        findings += [finding for finding in new if (finding.path, finding.problem) not in seen]
    return findings


def _branch_findings(
    scenario: Scenario, name: str, branch: Branch, names: DeclaredNames, own_dates: frozenset[Dated]
) -> list[Finding]:
    """Check that a branch drops and changes existing entries only, and that the changed scenario is consistent."""
    findings = _dangling(scenario, name, branch, names)
    branch = branch.model_copy(update={table: _founded(scenario, branch, table) for table in _MARKS})
    for _ in range(3):
        try:
            result = overlaid(scenario, branch)
        except ValidationError as error:
            new = findings_of(error, name)
            findings += new
            branch = Branch.model_validate(_without_all(branch.model_dump(exclude_unset=True), new))
        else:
            checked = resolve(result, None)
            findings += consistency(checked, names.of_branch(scenario, checked), name)
            return findings + _outside_period(result, own_dates, name)
    return findings


def _checked(data: dict[str, Any]) -> tuple[Scenario | None, list[Finding]]:
    """Validate tables; report and remove invalid entries so that the rest can still be checked."""
    findings: list[Finding] = []
    for _ in range(3):
        try:
            return Scenario.model_validate(data), findings
        except ValidationError as error:
            new = findings_of(error)
            findings += [finding for finding in new if finding not in findings]
            if error.error_count() > MOST:
                break
            data = _without_all(data, new)
    return None, findings


def _without_all(data: dict[str, Any], findings: list[Finding]) -> dict[str, Any]:
    for finding in findings:
        data = _without(data, finding)
    return data


def _without(data: dict[str, Any], finding: Finding) -> dict[str, Any]:
    path = finding.path
    top = str(path[0])
    if top == "title":
        return {**data, "title": "untitled"}
    if top in ("start", "end"):
        return {**data, "start": date(FIRST_YEAR, 1, 1), "end": date(LAST_YEAR, 12, 31)}
    depth = min(_ENTRY_DEPTH.get(top, 2), len(path))
    return _cut(data, [str(part) for part in path[:depth]])


def _cut(table: dict[str, Any], path: list[str]) -> dict[str, Any]:
    key, rest = path[0], path[1:]
    inner = table.get(key)
    if rest and isinstance(inner, dict):
        return {**table, key: _cut(inner, rest)}
    return {name: value for name, value in table.items() if name != key}


def _outside_period(scenario: Scenario, own_dates: frozenset[Dated], branch: str | None = None) -> list[Finding]:
    period = f"{scenario.start}..{scenario.end}"
    late = [
        Finding(("observed", code, day), f"{day} lies after the period", f"dates up to {scenario.end}", branch=branch)
        for code, moves in scenario.observed.items()
        for day in moves
        if (code, day) in own_dates and date.fromisoformat(day) > scenario.end
    ]
    return late + [
        Finding(
            ("events", name, "date"),
            f"{scenario.events[name].date} lies outside the period",
            period,
            branch=branch,
        )
        for name in outside(scenario)
        if (branch, name) in own_dates
    ]


def _dangling(scenario: Scenario, name: str, branch: Branch, names: DeclaredNames) -> list[Finding]:
    findings = []
    there = tuple(dict.fromkeys((*names.events, *scenario.drop)))
    for position, event in enumerate(branch.drop):
        if event not in there:
            path = ("branches", name, "drop", position)
            problem = f"there is no event {show(event)} to drop"
            findings.append(Finding(path, problem, listed(names.events), closest(event, names.events)))
    for table in _MARKS:
        known = there if table == "events" else getattr(names, table)
        for key, given in getattr(branch, table).items():
            finding = _unfounded((table, key), given, known, branch)
            if finding is not None:
                findings.append(replace(finding, path=("branches", name, table, key)))
    return findings


def _founded(scenario: Scenario, branch: Branch, table: str) -> dict[str, Any]:
    """Return the entries of a branch that are new or that change existing entries."""
    there = {*getattr(scenario, table), *scenario.drop} - set(branch.drop)
    entries = getattr(branch, table).items()
    return {key: given for key, given in entries if key in there or _MARKS[table] in given}


def _unfounded(entry: tuple[str, str], given: dict[str, Any], known: tuple[str, ...], branch: Branch) -> Finding | None:
    """Return a finding if a branch changes an entry that does not exist."""
    table, key = entry
    if _MARKS[table] in given:
        return None
    if key not in known:
        problem = f"{show(key)} is not in {table}, so it cannot be changed"
        return Finding(entry, problem, listed(known), closest(key, known))
    if table == "events" and key in branch.drop:
        return Finding(entry, f"{show(key)} is dropped by the same branch", "one of the two")
    return None
