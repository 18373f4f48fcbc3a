"""Single keys written over from outside a file: ``events.ukraine-war.value=0.5``."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from sim.scenario.checking import findings_between
from sim.scenario.files import Source, own_dates, place
from sim.scenario.merging import merge
from sim.scenario.problems import KeyPath, Problem, ScenarioError, closest, key_text, listed
from sim.scenario.schema import Branch, Scenario
from sim.scenario.translate import findings_of

LABEL: Final = "override"
NAMED: Final = ("states", "treaties", "places", "events", "branches")

_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^."'\[\]]+?)\s*(\.|\Z)""")
_KNOWN_TABLES: Final = tuple(Scenario.model_fields)


def as_source(overrides: Mapping[str, object] | Sequence[str]) -> Source:
    """Turn overrides into a source that lies over the files.

    Parameters
    ----------
    overrides : mapping of dotted key to value, or sequence of ``KEY=VALUE``

    Raises
    ------
    ScenarioError
        If one is not ``KEY=VALUE``, or two of them contradict each other.
    """
    pairs = overrides.items() if isinstance(overrides, Mapping) else map(split, overrides)
    data: dict[str, Any] = {}
    for key, value in pairs:
        path = key_path(key)
        table = data
        for part in path[:-1]:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                raise _refused(key, "another override gives a value where this one needs a table")
        if path[-1] in table:
            raise _refused(key, "is overridden twice", "each key once")
        table[path[-1]] = _plain(value)
    return Source(LABEL, data)


def with_overrides(scenario: Scenario, overrides: Mapping[str, object] | Sequence[str]) -> Scenario:
    """Return a checked scenario with single keys written over, as sweeps do.

    Parameters
    ----------
    scenario : Scenario
        As `load` gives it.
    overrides : mapping of dotted key to value, or sequence of ``KEY=VALUE``
        Only what they touch is read again; branches are checked again unless all values are numbers.

    Raises
    ------
    ScenarioError
        If a key does not exist or its value cannot stand there.
    """
    source = as_source(overrides)
    held = {name: getattr(scenario, name) for name in scenario.model_fields_set}
    unreached = targets(dict(scenario), source.data)
    if unreached:
        raise ScenarioError(unreached)
    try:
        changed = Scenario.model_validate(merge(held, source.data))
    except ValidationError as error:
        raise ScenarioError([place(finding, (source,)) for finding in findings_of(error)]) from None
    findings = findings_between(changed, own_dates((source,)), branches=not _numbers_only(source.data))
    if findings:
        raise ScenarioError(list(dict.fromkeys(place(finding, (source,)) for finding in findings)))
    return changed


def split(text: str) -> tuple[str, object]:
    """Split ``KEY=VALUE``; the value is read as TOML, and as text where it is not TOML.

    Examples
    --------
    >>> split("events.ukraine-war.value=0.5")
    ('events.ukraine-war.value', 0.5)
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise _refused(text.strip(), "is not KEY=VALUE", "such as events.ukraine-war.value=0.5")
    return key.strip(), _read_value(value.strip())


def key_path(key: str) -> tuple[str, ...]:
    """Split a dotted key; parts with dots stand in quotes."""
    parts: list[str] = []
    position = 0
    while position <= len(key):
        found = _PART.match(key, position)
        if found is None:
            raise _refused(key, "is not a key", "dotted names such as events.ukraine-war.value")
        part = found[1]
        parts.append(part[1:-1] if part[0] in "\"'" else part)
        position = found.end()
        if found[2] == "":
            return tuple(parts)
    raise _refused(key, "is not a key", "dotted names such as events.ukraine-war.value")


def targets(data: Mapping[str, Any], given: Mapping[str, Any]) -> list[Problem]:
    """Check that overrides reach into tables that exist, so that a misspelt name is not a new entry."""
    problems = []
    for path, value in _leaves(given, ()):
        problem = _target_problem(data, path, value)
        if problem is not None:
            problems.append(problem)
    return problems


def _target_problem(data: Mapping[str, Any], path: tuple[str, ...], value: object) -> Problem | None:
    top = path[0]
    if top not in _KNOWN_TABLES:
        parameters = _parameter_names()
        nearest = f"parameters.{top}" if top in parameters else closest(top, _KNOWN_TABLES)
        return Problem(LABEL, None, key_text(path), "unknown key", listed(_KNOWN_TABLES), nearest)
    if top in NAMED and len(path) > 1:
        unknown = _unknown_name(data, path)
        if unknown is not None and len(path) > 2:
            return unknown
        if top == "branches" and len(path) > 4 and path[2] in NAMED and path[2] in Branch.model_fields:
            names = [*_names(data, path[2]), *_branch_names(data, path[1], path[2])]
            inside = {path[2]: list(dict.fromkeys(names))}
            return _unknown_name(inside, path[2:], path)
    held: object = data
    for depth, part in enumerate(path):
        held = _get(held, part)
        if held is not None and depth < len(path) - 1 and not isinstance(held, Mapping | BaseModel):
            return Problem(LABEL, None, key_text(path), f"{key_text(path[: depth + 1])} is not a table")
    return None


def _unknown_name(
    data: Mapping[str, Any], path: tuple[str, ...], full: KeyPath | None = None
) -> Problem | None:
    names = _names(data, path[0])
    if path[1] in names:
        return None
    problem = f"there is no '{path[1]}' in {path[0]}"
    return Problem(LABEL, None, key_text(full or path), problem, listed(names), closest(path[1], names))


def _branch_names(data: Mapping[str, Any], branch: str, table: str) -> list[str]:
    held = _get(_get(_get(data, "branches"), branch), table)
    return list(held) if isinstance(held, Mapping) else []


def _names(data: Mapping[str, Any], table: str) -> list[str]:
    held = data.get(table)
    return list(held) if isinstance(held, Iterable) else []


def _get(held: object, part: str) -> object:
    if isinstance(held, Mapping):
        return held.get(part)
    return getattr(held, part, None) if isinstance(held, BaseModel) else None


def _leaves(given: Mapping[str, Any], above: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], object]]:
    for key, value in given.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _numbers_only(table: Mapping[str, Any]) -> bool:
    return all(
        _numbers_only(value)
        if isinstance(value, Mapping)
        else isinstance(value, int | float) and not isinstance(value, bool)
        for value in table.values()
    )


def _parameter_names() -> tuple[str, ...]:
    from sim.parameters import PARAMETERS  # noqa: PLC0415 - only messages and checks need the table

    return tuple(PARAMETERS)


def _read_value(text: str) -> object:
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return read["value"] if len(read) == 1 else text


def _plain(value: object) -> object:
    """Turn numbers of other libraries into Python's own."""
    if isinstance(value, str | bool | int | float | date | list | dict):
        return value
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def _refused(key: str, problem: str, allowed: str = "") -> ScenarioError:
    return ScenarioError([Problem(LABEL, None, key, problem, allowed)])
