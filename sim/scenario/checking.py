"""Everything that is checked once the tables are merged: the schema, then what must agree."""

from datetime import date
from typing import Any

from pydantic import ValidationError

from sim.scenario.branches import overlaid, resolve
from sim.scenario.consistency import consistency
from sim.scenario.names import Names
from sim.scenario.problems import Finding, closest, listed, show
from sim.scenario.schema import Branch, Scenario
from sim.scenario.translate import findings_of

_ENTRY_DEPTH = {"dyads": 3, "beliefs": 3}


def check(data: dict[str, Any], own_dates: frozenset[str]) -> tuple[Scenario | None, list[Finding]]:
    """Check merged tables.

    Parameters
    ----------
    data : dict
        The tables of a scenario.
    own_dates : frozenset of str
        Events whose date the file itself gives, so that it must lie inside the period; events that come
        from elsewhere are left out of a run instead.

    Returns
    -------
    tuple
        The scenario, or None where nothing could be made of it; and all findings.
    """
    scenario, findings = _checked(data)
    if scenario is None:
        return None, findings
    return scenario, findings + findings_between(scenario, own_dates, Names.of(data))


def findings_between(
    scenario: Scenario, own_dates: frozenset[str], names: Names | None = None, *, branches: bool = True
) -> list[Finding]:
    """Check what must agree between the tables, in the scenario and in each of its branches.

    ``names`` are all names declared, where some tables could not be read.
    """
    names = names if names is not None else Names.of(dict(scenario))
    findings = [*consistency(scenario, names), *_outside_period(scenario, own_dates)]
    seen = {(finding.path, finding.problem) for finding in findings}
    for name, branch in scenario.branches.items() if branches else ():
        new = _branch_findings(scenario, name, branch, names)
        findings += [finding for finding in new if (finding.path, finding.problem) not in seen]
    return findings


def _branch_findings(scenario: Scenario, name: str, branch: Branch, names: Names) -> list[Finding]:
    """Check a branch: what it drops and changes exists, and the outcome holds together."""
    findings = _dangling(scenario, name, branch, names)
    hopeless = {finding.path[3] for finding in findings if finding.path[2:3] == ("events",)}
    kept = {key: event for key, event in branch.events.items() if key not in hopeless}
    branch = branch.model_copy(update={"events": kept})
    for _ in range(3):
        try:
            result = overlaid(scenario, branch)
        except ValidationError as error:
            new = findings_of(error, name)
            findings += new
            branch = Branch.model_validate(_without_all(branch.model_dump(exclude_unset=True), new))
        else:
            return findings + _outcome_findings(result, name, branch, names)
    return findings


def _outcome_findings(result: Scenario, name: str, branch: Branch, names: Names) -> list[Finding]:
    checked = resolve(result, None)
    own_dates = frozenset(event for event, given in branch.events.items() if "date" in given)
    return [
        *consistency(checked, names.of_branch(checked), name),
        *_outside_period(result, own_dates, name),
    ]


def _checked(data: dict[str, Any]) -> tuple[Scenario | None, list[Finding]]:
    """Read the tables; what cannot be read is reported and taken out, so that the rest is checked too."""
    findings: list[Finding] = []
    for _ in range(3):
        try:
            return Scenario.model_validate(data), findings
        except ValidationError as error:
            new = findings_of(error)
            findings += [finding for finding in new if finding not in findings]
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
        return {**data, "start": date.min, "end": date.max}
    depth = min(_ENTRY_DEPTH.get(top, 2), len(path))
    return _cut(data, [str(part) for part in path[:depth]])


def _cut(table: dict[str, Any], path: list[str]) -> dict[str, Any]:
    key, rest = path[0], path[1:]
    inner = table.get(key)
    if rest and isinstance(inner, dict):
        return {**table, key: _cut(inner, rest)}
    return {name: value for name, value in table.items() if name != key}


def _outside_period(scenario: Scenario, own: frozenset[str], branch: str | None = None) -> list[Finding]:
    start, end = scenario.start, scenario.end
    return [
        Finding(
            ("events", name, "date"), f"{event.date} lies outside the period", f"{start}..{end}", "", branch
        )
        for name, event in scenario.events.items()
        if name in own and not start <= event.date <= end
    ]


def _dangling(scenario: Scenario, name: str, branch: Branch, names: Names) -> list[Finding]:
    findings = []
    there = tuple(dict.fromkeys((*names.events, *scenario.drop)))
    for position, event in enumerate(branch.drop):
        if event not in there:
            path = ("branches", name, "drop", position)
            problem = f"there is no event {show(event)} to drop"
            findings.append(Finding(path, problem, listed(names.events), closest(event, names.events)))
    for table, known in (("events", there), ("states", names.states), ("treaties", names.treaties),
                         ("places", names.places)):  # fmt: skip
        for key, given in getattr(branch, table).items():
            dropped = table == "events" and key in branch.drop and "kind" not in given
            is_new = key not in known and not _could_be_new(table, given)
            if dropped or is_new:
                what = "dropped by the same branch" if dropped else f"not in {table}, so it cannot be changed"
                nearest = "" if dropped else closest(key, known)
                path = ("branches", name, table, key)
                findings.append(Finding(path, f"{show(key)} is {what}", listed(known), nearest))
    return findings


def _could_be_new(table: str, given: dict[str, Any]) -> bool:
    marks = {"events": "kind", "states": "capability", "treaties": "members", "places": "owner"}
    return marks[table] in given
