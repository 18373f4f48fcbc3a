"""Findings: what is wrong with a part of a scenario, before its place in a file is known."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from sim.parameters import PARAMETERS

KeyPath = tuple[str | int, ...]

_LONGEST = 40


@dataclass(frozen=True)
class Finding:
    """A problem before its place in a file is known.

    Attributes
    ----------
    path : tuple
        Keys and list positions from the top of the scenario.
    problem, allowed, nearest : str
        What is wrong; what may stand there; the known name closest to the one given.
    branch : str or None
        The branch in which it shows, None for the scenario itself.
    """

    path: KeyPath
    problem: str
    allowed: str = ""
    nearest: str = ""
    branch: str | None = None


def unknown(what: str, name: str, known: Sequence[str], path: KeyPath) -> Iterator[Finding]:
    """Report a name that nothing declares."""
    if name not in known:
        yield Finding(path, f"there is no {what} {show(name)}", listed(known), closest(name, known))


def parameter_findings(name: str, value: float, key: KeyPath, place: KeyPath) -> Iterator[Finding]:
    """Check that a parameter (named at ``key``) exists and its value (at ``place``) lies in its range."""
    if name not in PARAMETERS:
        known = "a name that 'csto-sim list parameters --all' shows"
        yield Finding(key, f"there is no parameter {show(name)}", known, closest(name, PARAMETERS))
        return
    parameter = PARAMETERS[name]
    if not parameter.low <= value <= parameter.high:
        allowed = f"{parameter.low:g}..{parameter.high:g} ({parameter.unit})"
        yield Finding(place, f"{value:g} is out of range", allowed)


def closest(word: object, known: Iterable[str]) -> str:
    """Return the known name nearest to ``word``, or nothing if none is near."""
    if not isinstance(word, str):
        return ""
    by_fold = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_fold, n=1)
    return by_fold[found[0]] if found else ""


def show(value: object) -> str:
    """Write a value of a file shortly, for messages."""
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
    """Join names for the list of what is allowed, cut after ``most``."""
    words = list(names)
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")
