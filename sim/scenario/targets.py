"""Check that an override reaches an existing table, so that a misspelt name does not create a new entry."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel

from sim.scenario.problems import KeyPath, Problem, closest, key_text, listed
from sim.scenario.schema import Branch, Scenario

LABEL: Final = "override"
"""How messages name what comes by ``--set`` or `with_overrides`."""

NAMED: Final = ("states", "treaties", "places", "events", "branches")
_KNOWN_TABLES: Final = tuple(Scenario.model_fields)


def targets(data: Mapping[str, Any], given: Mapping[str, Any]) -> list[Problem]:
    """Check that overrides reach existing tables, so that a misspelt name does not create a new entry."""
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
    if top == "extends":
        return Problem(LABEL, None, "extends", "cannot be overridden", "a file of its own with extends")
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


def _unknown_name(data: Mapping[str, Any], path: tuple[str, ...], full: KeyPath | None = None) -> Problem | None:
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


def _parameter_names() -> tuple[str, ...]:
    from sim.model.parameters import PARAMETERS  # noqa: PLC0415 - only messages and checks need the table

    return tuple(PARAMETERS)
