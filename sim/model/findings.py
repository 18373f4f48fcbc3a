"""Findings: problems in a part of a scenario, before their position in a file is known."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from sim.model.parameters import PARAMETERS

KeyPath = tuple[str | int, ...]

_LONGEST = 40


@dataclass(frozen=True)
class Finding:
    """A problem in a scenario, before its position in a file is known.

    Attributes
    ----------
    path : tuple
        Keys and list positions from the top of the scenario.
    problem, allowed, nearest : str
        The problem; the allowed values; the known name closest to the given one.
    branch : str or None
        The branch with the problem, None for the scenario itself.
    """

    path: KeyPath
    problem: str
    allowed: str = ""
    nearest: str = ""
    branch: str | None = None


def unknown(what: str, name: str, known: Sequence[str], path: KeyPath) -> Iterator[Finding]:
    """Report a name that is not declared."""
    if name not in known:
        yield Finding(path, f"there is no {what} {show(name)}", listed(known), closest(name, known))


def parameter_findings(name: str, value: float, key: KeyPath, path: KeyPath) -> Iterator[Finding]:
    """Report a parameter (named at ``key``) that does not exist or whose value (at ``path``) is out of range."""
    if name not in PARAMETERS:
        known = "a name that 'csto-sim list parameters --all' shows"
        yield Finding(key, f"there is no parameter {show(name)}", known, closest(name, PARAMETERS))
        return
    parameter = PARAMETERS[name]
    if not parameter.low <= value <= parameter.high:
        allowed = f"{parameter.low:g}..{parameter.high:g} ({parameter.unit})"
        yield Finding(path, f"{value:g} is out of range", allowed)


def closest(word: object, known: Iterable[str]) -> str:
    """Return the known name closest to ``word``, or an empty text if none is close."""
    if not isinstance(word, str):
        return ""
    by_fold = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), by_fold, n=1)
    return by_fold[matches[0]] if matches else ""


def show(value: object) -> str:
    """Return a short text of a value from a file, for messages."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        text = f"'{text[1:-1]}'"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = "nothing"
    elif isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    elif isinstance(value, int | float | date):
        text = "a huge number" if isinstance(value, int) and abs(value) > 10**_LONGEST else str(value)
    else:
        return "a table"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}...'"


def listed(names: Iterable[str], most: int = 40) -> str:
    """Join names into a text of allowed values, cut off after ``most`` names."""
    words = list(names)
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")
