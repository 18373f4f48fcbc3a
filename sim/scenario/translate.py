"""Translation of schema errors into plain words."""

from datetime import datetime
from sys import float_info
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.model.events import EVENT_KINDS
from sim.scenario.describe import DATE, Node, deref, follow, keys_of, words
from sim.scenario.problems import Finding, KeyPath, closest, listed, show

MOST: Final = 200
"""The maximum number of problems reported at once."""

_SAID = {
    **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), "{} is out of range"),
    **dict.fromkeys(("too_short", "too_long", "string_too_short", "string_too_long"), "{} has the wrong length"),
    "finite_number": "{} is not a finite number",
    "literal_error": "{} is not known",
    "string_pattern_mismatch": "{} cannot be used here",
    "int_from_float": "{} is not a whole number",
}


def findings_of(error: ValidationError, branch: str | None = None, root: Node | None = None) -> list[Finding]:
    """Translate all schema errors into findings, one for each key; ``root`` is the schema if not a scenario's."""
    findings: dict[KeyPath, Finding] = {}
    for detail in error.errors(include_url=False)[:MOST]:
        finding = _finding(detail, branch, root)
        findings.setdefault(finding.path, finding)
    if error.error_count() > MOST:
        findings[()] = Finding((), f"and {error.error_count() - MOST} more problems")
    return list(findings.values())


def _finding(detail: ErrorDetails, branch: str | None, root: Node | None) -> Finding:
    kind, given = detail["type"], detail.get("input")
    path, node = follow(detail["loc"], root)
    if kind == "extra_forbidden":
        return _unknown_key(detail["loc"], path, branch, root)
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _kind(path, given, branch)
    if kind == "missing":
        meaning = f": {node['description']}" if "description" in node else ""
        return Finding(path, "this key is missing", words(node) + meaning, branch=branch)
    if kind == "value_error":
        return _own_check(detail, path, branch, root)
    allowed = words(node)
    nearest = closest(given, deref(node).get("enum", ()))
    return Finding(path, _problem(kind, given, allowed, detail["msg"]), allowed, nearest, branch)


def _problem(kind: str, given: Any, allowed: str, message: str) -> str:
    if allowed == DATE and isinstance(given, str):
        return f"{show(given)} is text, not a date; write dates without quotes"
    if allowed == DATE and isinstance(given, datetime):
        return f"{show(given)} has a time of day"
    if kind in _SAID:
        return _SAID[kind].format(show(given))
    if kind.endswith("_type"):
        return _type_problem(given)
    return f"{show(given)} is refused: {message[:1].lower()}{message[1:]}"


def _type_problem(given: Any) -> str:
    if isinstance(given, str):
        return f"{show(given)} is text"
    if isinstance(given, int | float) and not isinstance(given, bool):
        too_large = isinstance(given, int) and abs(given) > float_info.max
        return f"{show(given)} is {'out of range' if too_large else 'a number'}"
    return f"{show(given)} cannot stand here"


def _unknown_key(loc: tuple[str | int, ...], path: KeyPath, branch: str | None, root: Node | None) -> Finding:
    _, table = follow(loc[:-1], root)
    known = list(keys_of(table))
    event = f" for an event of kind '{loc[2]}'" if loc[0] == "events" and len(loc) == 4 else ""
    full = path if path and path[-1] == loc[-1] else (*path, loc[-1])
    return Finding(full, f"unknown key{event}", listed(known), closest(loc[-1], known), branch)


def _kind(path: KeyPath, given: Any, branch: str | None) -> Finding:
    kinds = listed(EVENT_KINDS)
    kind = given.get("kind") if isinstance(given, dict) else None
    if kind is None:
        problem = "this key is missing, and no event of that name is there to build on"
        return Finding((*path, "kind"), problem, kinds, branch=branch)
    problem = f"unknown kind {show(kind)}"
    return Finding((*path, "kind"), problem, kinds, closest(kind, EVENT_KINDS), branch)


def _own_check(detail: ErrorDetails, path: KeyPath, branch: str | None, root: Node | None) -> Finding:
    problem = str(detail.get("ctx", {}).get("error", detail["msg"]))
    if not path:
        return Finding(("end",), problem, "a date after start", branch=branch)
    _, node = follow(detail["loc"], root)
    given = detail.get("input")
    value = f"{show(given)} " if isinstance(given, int | float | str) else ""
    allowed = "" if isinstance(given, dict) and words(node) == "a table" else words(node)
    return Finding(path, f"{value}{problem}", allowed, branch=branch)
