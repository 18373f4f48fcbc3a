"""From a file on disk to a checked scenario."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.scenario.checking import check
from sim.scenario.files import Source, gather, own_dates, place
from sim.scenario.merging import dropped_with, merge
from sim.scenario.overrides import as_source, targets
from sim.scenario.problems import Finding, Problem, ScenarioError, closest, listed, show
from sim.scenario.schema import Scenario


def load(path: str | Path, overrides: Mapping[str, object] | Sequence[str] = ()) -> Scenario:
    """Read a scenario file, with all that it extends, and check everything in it.

    Parameters
    ----------
    path : str or Path
        A ``.toml`` file.
    overrides : mapping of dotted key to value, or sequence of ``KEY=VALUE``
        Keys written over what the files say, such as ``{"events.ukraine-war.value": 0.5}``.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem found, each with file, line and key.

    Examples
    --------
    >>> load("scenarios/first-steps.toml", {"replicates": 50}).replicates
    50
    """
    sources = gather(path)
    if overrides:
        sources = (*sources, as_source(overrides))
    data, findings = combine(sources)
    scenario, more = check(data, own_dates(sources))
    problems = [place(finding, sources) for finding in (*findings, *more)]
    if scenario is None or problems:
        raise ScenarioError(_in_order(problems, sources))
    return scenario


def check_files(paths: Iterable[str | Path]) -> list[Problem]:
    """Return every problem of every file; none means that all can be run."""
    problems: list[Problem] = []
    for path in paths:
        try:
            load(path)
        except ScenarioError as error:
            problems.extend(error.problems)
    return problems


def combine(sources: tuple[Source, ...]) -> tuple[dict[str, Any], list[Finding]]:
    """Lay the sources over each other in turn, each after dropping what it drops.

    Raises
    ------
    ScenarioError
        If an override reaches into a table that is not there.
    """
    data: dict[str, Any] = {}
    findings: list[Finding] = []
    gone: dict[str, None] = {}
    for source in sources:
        events = data.get("events")
        events = events if isinstance(events, dict) else {}
        names = [name for name in _list_of(source.data.get("drop")) if isinstance(name, str)]
        for position, name in enumerate(names):
            if name not in events and name not in gone:
                nearest = closest(name, events)
                problem = f"there is no event {show(name)} to drop in what is extended"
                findings.append(Finding(("drop", position), problem, listed(events), nearest))
        dropped = dropped_with(events, names)
        gone |= dict.fromkeys(dropped)
        if dropped:
            data = {**data, "events": {name: events[name] for name in events if name not in dropped}}
        if not source.text:
            unreached = targets(data, source.data)
            if unreached:
                raise ScenarioError(unreached)
        data = merge(data, source.data)
    if gone:
        events = data.get("events", {})
        data["drop"] = [name for name in gone if name not in events]
    return data, findings


def _in_order(problems: list[Problem], sources: tuple[Source, ...]) -> list[Problem]:
    files = [source.label for source in reversed(sources)]
    return sorted(dict.fromkeys(problems), key=lambda problem: (files.index(problem.file), problem.line or 0))


def _list_of(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []
