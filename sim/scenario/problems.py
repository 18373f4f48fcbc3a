"""Problems in scenario files, printed in one line with file, line and key."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sim.errors import InputError, one_line, quoted
from sim.model import findings
from sim.model.findings import Finding, KeyPath, closest, listed

__all__ = ["Finding", "KeyPath", "Problem", "ScenarioError", "closest", "key_text", "listed", "show"]

LONGEST = 400
"""Characters of a part of a problem that are shown; of what is allowed four times as many."""

_MOST_DIGITS = 36
"""Digits of a number that are shown."""

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True)
class Problem:
    """One error in a scenario file, with its location.

    Attributes
    ----------
    file : str
        The file, or ``override`` for what came by ``--set`` or `with_overrides`.
    line : int or None
        The line, where one exists.
    key : str
        The dotted key, empty for the file as a whole.
    problem, allowed, nearest : str
        The error, the allowed values, and the known name closest to the given one.
    """

    file: str
    line: int | None
    key: str
    problem: str
    allowed: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        """Return ``file:line: key: problem; allowed: ...; did you mean 'x'?``."""
        file, problem = one_line(self.file, LONGEST), one_line(self.problem, LONGEST)
        position = file if self.line is None else f"{file}:{self.line}"
        text = f"{position}: {one_line(self.key, LONGEST)}: {problem}" if self.key else f"{position}: {problem}"
        if self.allowed:
            text += f"; allowed: {one_line(self.allowed, 4 * LONGEST)}"
        if self.nearest:
            text += f"; did you mean {quoted(self.nearest, LONGEST)}?"
        return text


class ScenarioError(InputError):
    """The error for an invalid scenario, with all problems found in it.

    Attributes
    ----------
    problems : tuple of Problem
        At least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Return the problems as text, one line for each."""
        return "\n".join(str(problem) for problem in self.problems)


def key_text(path: KeyPath) -> str:
    """Return a key path as it is written in a file: ``events.ukraine-war.value``, ``metrics[0]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.match(part) else json.dumps(part))
    return text


def show(value: object) -> str:
    """Return a short text of a value from a file, for messages; of a number with very many digits, the first.

    Examples
    --------
    >>> show(10**400)
    "'100000000000000000000000000000000000...' (401 digits)"
    """
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return findings.show(value)
    text = str(Decimal(value))
    digits = len(text.lstrip("-"))
    return text if digits <= _MOST_DIGITS else f"'{text[:_MOST_DIGITS]}...' ({digits} digits)"
