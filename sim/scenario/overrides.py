"""Overrides: values of single keys set from outside a file, such as ``events.ukraine-war.value=0.5``."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from sim.scenario.checking import findings_between
from sim.scenario.combining import combine
from sim.scenario.files import MAX_DEPTH, Source, nests_deeply, own_dates, place
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.schema import Scenario
from sim.scenario.targets import LABEL
from sim.scenario.translate import findings_of

_PART = re.compile(r"""\s*+("(?:[^"\\]|\\.)*+"|'[^']*+'|[^."'\[\]]++)\s*+(\.|\Z)""")


def as_source(overrides: Mapping[str, object] | Sequence[str]) -> Source:
    """Return overrides as a source that takes precedence over the files.

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
    """Return a checked scenario in which single keys have new values, as in sweeps.

    Parameters
    ----------
    scenario : Scenario
        The checked scenario, as `load` returns it.
    overrides : mapping of dotted key to value, or sequence of ``KEY=VALUE``
        Only what they touch is read again; branches are checked again unless all values are numbers and
        none is a branch's.

    Raises
    ------
    ScenarioError
        If a key does not exist or its value cannot stand there.
    """
    source = as_source(overrides)
    held = {name: getattr(scenario, name) for name in scenario.model_fields_set}
    data, findings = combine((source,), held)
    try:
        changed = Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError([place(finding, (source,)) for finding in findings_of(error)]) from None
    branches = "branches" in source.data or not _numbers_only(source.data)
    findings += findings_between(changed, own_dates((source,)), branches=branches)
    if findings:
        raise ScenarioError(list(dict.fromkeys(place(finding, (source,)) for finding in findings)))
    return changed


def split(text: str) -> tuple[str, object]:
    """Split ``KEY=VALUE``; the value is parsed as TOML, or kept as text if it is not valid TOML.

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
    """Split a dotted key into its parts; parts that contain dots are written in quotes."""
    parts: list[str] = []
    position = 0
    while position <= len(key):
        match = _PART.match(key, position)
        if match is None:
            raise _refused(key, "is not a key", "dotted names such as events.ukraine-war.value")
        part = match[1]
        parts.append(part[1:-1] if part[0] in "\"'" else part.rstrip())
        position = match.end()
        if len(parts) > MAX_DEPTH:
            raise _refused(key, "is nested too deeply", f"at most {MAX_DEPTH} names")
        if match[2] == "":
            return tuple(parts)
    raise _refused(key, "is not a key", "dotted names such as events.ukraine-war.value")


def _numbers_only(table: Mapping[str, Any]) -> bool:
    return all(
        _numbers_only(value)
        if isinstance(value, Mapping)
        else isinstance(value, int | float) and not isinstance(value, bool)
        for value in table.values()
    )


def _read_value(text: str) -> object:
    if nests_deeply(text):
        return text
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return read["value"] if len(read) == 1 else text


def _plain(value: object) -> object:
    """Copy a value and convert numbers of other libraries to Python numbers."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, str | bool | int | float | date):
        return value
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def _refused(key: str, problem: str, allowed: str = "") -> ScenarioError:
    return ScenarioError([Problem(LABEL, None, key, problem, allowed)])
