"""Loading of a scenario: from a file on disk to a checked object."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sim.checked import checked
from sim.library import find_scenario
from sim.scenario.checking import check, schema_findings
from sim.scenario.combining import combine
from sim.scenario.files import Source, gather, is_sweep, own_dates, place
from sim.scenario.overrides import as_source
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.schema import Scenario


@checked()
def load(path: str | Path, overrides: Mapping[str, object] | Sequence[str] = ()) -> Scenario:
    """Read a scenario file with all files that it extends, and check its content.

    Parameters
    ----------
    path : str or Path
        A ``.toml`` file, or the name of one as text (`sim.library.find_scenario`).
    overrides : mapping of dotted key to value, or sequence of ``KEY=VALUE``
        Keys written over what the files say, such as ``{"events.ukraine-war.value": 0.5}``.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        If there are problems; the error lists all of them with file, line and key.
    InputError
        If it is a name that no file has.

    Examples
    --------
    >>> load("first-steps", {"replicates": 50}).replicates
    50
    """
    sources, problems = gather(find_scenario(path) if isinstance(path, str) else path)
    if is_sweep(sources[-1].data):
        command = f"csto-sim sweep {shlex.quote(sources[-1].label)}"
        raise ScenarioError([Problem(sources[-1].label, None, "", f"this is a sweep: {command}")])
    try:
        sources = (*sources, as_source(overrides)) if overrides else sources
    except ScenarioError as refused:
        problems.extend(refused.problems)
    data, findings = combine(sources)
    if problems:  # what is not there cannot be missed
        raise ScenarioError([*problems, *(place(finding, sources) for finding in schema_findings(data))])
    scenario, more = check(data, own_dates(sources))
    problems = [place(finding, sources) for finding in (*findings, *more)]
    if scenario is None or problems:
        raise ScenarioError(_in_order(problems, sources))
    return scenario


def check_files(paths: Iterable[str | Path]) -> list[Problem]:
    """Return every problem in every file; an empty result means that all files can be run."""
    problems: list[Problem] = []
    for path in paths:
        try:
            load(path)
        except ScenarioError as error:
            problems.extend(error.problems)
    return problems


def _in_order(problems: list[Problem], sources: tuple[Source, ...]) -> list[Problem]:
    files = [source.label for source in reversed(sources)]
    return sorted(dict.fromkeys(problems), key=lambda problem: (files.index(problem.file), problem.line or 0))
