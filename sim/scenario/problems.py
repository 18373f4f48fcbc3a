"""What is wrong with a scenario, and where: one line a problem."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from sim.errors import InputError

KeyPath = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_LONGEST = 40


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a scenario file.

    Attributes
    ----------
    file : str
        The file, or ``override`` for what came by ``--set`` or `with_overrides`.
    line : int or None
        The line, where one exists.
    key : str
        The dotted key, empty for the file as a whole.
    problem, allowed, nearest : str
        What is wrong; what may stand there; the known name closest to the one given.
    """

    file: str
    line: int | None
    key: str
    problem: str
    allowed: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        """Return ``file:line: key: problem; allowed: ...; did you mean 'x'?``."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        text = f"{place}: {self.key}: {self.problem}" if self.key else f"{place}: {self.problem}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.nearest:
            text += f"; did you mean '{self.nearest}'?"
        return text


class ScenarioError(InputError):
    """A scenario that is refused, with every problem found in it.

    Attributes
    ----------
    problems : tuple of Problem
        At least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Return one line a problem."""
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(frozen=True)
class Finding:
    """A problem before its place in a file is known.

    Attributes
    ----------
    path : tuple
        Keys and list positions from the top of the scenario.
    problem, allowed, nearest : str
        As in `Problem`.
    branch : str or None
        The branch in which it shows, None for the scenario itself.
    """

    path: KeyPath
    problem: str
    allowed: str = ""
    nearest: str = ""
    branch: str | None = None


def key_text(path: KeyPath) -> str:
    """Write a key path as a file would: ``events.ukraine-war.value``, ``metrics[0]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.match(part) else json.dumps(part))
    return text


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
