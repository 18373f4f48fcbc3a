"""The language of metrics and conditions: its parser and syntax tree.

A path names a variable: ``ARM.posture``, ``ARM.trust[RUS]``, ``CSTO.credibility``. A metric asks for it at a
date (``@2024-12``, ``@start``, ``@end``), over a span (``mean(PATH, 2021-01..2021-12)``, also ``min`` and
``max``), or asks when a condition first holds (``first(ARM.posture >= freeze)``); each may be compared with a
number, a posture or a month. A condition compares a path with a number or a posture and is evaluated at one tick.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Final, Literal, NoReturn

from sim.errors import InputError, one_line, quoted
from sim.model.variables import RUNG_VARIABLES, VARIABLES
from sim.words import POSTURES

Month = tuple[int, int]
When = Literal["start", "end"] | Month

OPERATORS: Final = (">=", "<=", "==", "!=", ">", "<")
FUNCTIONS: Final = ("first", "mean", "min", "max")

_PATH = re.compile(
    r"\s*+(?P<owner>[A-Za-z0-9][A-Za-z0-9_ -]*+)\s*+\.\s*+(?P<variable>\w++)\s*+(?:\[(?P<other>[^\]]*+)\])?\s*+"
)
"""A path; no part gives back what it has matched, so that the time is linear in the length of the text."""

_FUNCTION = re.compile(r"\s*+(?P<name>\w++)\s*+\(")
_OPERATOR = re.compile(r"\s*+(?P<op>>=|<=|==|!=|>|<)\s*+")
_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(?![\d-])")
_NUMBER = re.compile(r"[+-]?(\d++(\.\d*+)?|\.\d++)([eE][+-]?\d++)?\Z")


class ExpressionError(InputError):
    """An error in the text of a metric or condition.

    Attributes
    ----------
    message : str
        A description of the error.
    allowed : str
        The allowed text.
    nearest : str
        The known word closest to the one given, or empty.
    """

    def __init__(self, message: str, allowed: str = "", nearest: str = "") -> None:
        super().__init__(message, allowed, nearest)
        self.message = message
        self.allowed = allowed
        self.nearest = nearest

    def __str__(self) -> str:
        """Return the full error message in one line."""
        parts = [self.message]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.nearest:
            parts.append(f"did you mean '{self.nearest}'?")
        return "; ".join(parts)


@dataclass(frozen=True)
class Path:
    """The path to a variable of a state, a pair of states, a member of a treaty, or a treaty."""

    owner: str
    variable: str
    other: str | None = None

    @property
    def text(self) -> str:
        """The path as written in expressions."""
        return f"{self.owner}.{self.variable}" + (f"[{self.other}]" if self.other is not None else "")


@dataclass(frozen=True)
class Condition:
    """A comparison of a variable with a number; postures compare by rank."""

    path: Path
    op: str
    value: float

    @property
    def text(self) -> str:
        """The condition in canonical form."""
        return f"{self.path.text} {self.op} {_value_text(self.path, self.value)}"


@dataclass(frozen=True)
class At:
    """A metric: the value of a variable at a date."""

    path: Path
    when: When

    @property
    def text(self) -> str:
        """The metric in canonical form."""
        return f"{self.path.text}@{self.when if isinstance(self.when, str) else month_text(self.when)}"


@dataclass(frozen=True)
class Span:
    """A metric: the mean, minimum or maximum of a variable from one month to another, both included."""

    kind: Literal["mean", "min", "max"]
    path: Path
    first: Month
    last: Month

    @property
    def text(self) -> str:
        """The metric in canonical form."""
        return f"{self.kind}({self.path.text}, {month_text(self.first)}..{month_text(self.last)})"


@dataclass(frozen=True)
class First:
    """A metric: the date on which a condition first holds."""

    condition: Condition

    @property
    def path(self) -> Path:
        """The path to the variable in the condition."""
        return self.condition.path

    @property
    def text(self) -> str:
        """The metric in canonical form."""
        return f"first({self.condition.text})"


@dataclass(frozen=True)
class Compare:
    """A metric that is true or false: it compares a value with a number, or a date with a month."""

    left: At | Span | First
    op: str
    value: float | Month

    @property
    def path(self) -> Path:
        """The path to the variable on the left side."""
        return self.left.path

    @property
    def text(self) -> str:
        """The metric in canonical form."""
        value = month_text(self.value) if isinstance(self.value, tuple) else _value_text(self.path, self.value)
        return f"{self.left.text} {self.op} {value}"


Metric = At | Span | First | Compare


def month_text(month: Month) -> str:
    """Return a month as text, such as ``2024-12``."""
    return f"{month[0]:04d}-{month[1]:02d}"


def parse_metric(text: str) -> Metric:
    """Parse the text of a metric.

    Parameters
    ----------
    text : str
        Such as ``"ARM.posture@2024-12 >= freeze"``.

    Returns
    -------
    At, Span, First or Compare

    Raises
    ------
    ExpressionError
        If the text is not a metric; names of states and treaties are not checked here.

    Examples
    --------
    >>> parse_metric("first(ARM.posture>=freeze)<=2024-12").text
    'first(ARM.posture >= freeze) <= 2024-12'
    """
    left, rest = _term(text)
    if not rest.strip():
        return left
    op, value = _comparison(rest)
    if isinstance(left, First):
        month = _whole_month(value)
        if month is None:
            _refuse(f"first(...) is a date and cannot be compared with {quoted(value)}", "a month such as 2024-12")
        return Compare(left, op, month)
    if _whole_month(value) is not None:
        _refuse(f"{quoted(left.text)} is a number and cannot be compared with the month {value}", "a number")
    return Compare(left, op, _number(left.path, value))


def parse_condition(text: str) -> Condition:
    """Parse the text of a condition, as written in ``only_if`` and ``first(...)``.

    Raises
    ------
    ExpressionError
        If the text is not a condition; names of states and treaties are not checked here.

    Examples
    --------
    >>> parse_condition("ARM.posture >= voice").value
    1.0
    """
    path, rest = _path(text)
    if rest.startswith("@"):
        _refuse("a condition is asked at its own date", "a path without '@', such as ARM.posture >= voice")
    op, value = _comparison(rest)
    return Condition(path, op, _number(path, value))


def _term(text: str) -> tuple[At | Span | First, str]:
    function = _FUNCTION.match(text)
    if function is None:
        path, rest = _path(text)
        return _at(path, rest)
    name = function["name"]
    if name not in FUNCTIONS:
        _refuse(f"unknown function {quoted(name)}", ", ".join(FUNCTIONS), _closest(name, FUNCTIONS))
    inside, closed, rest = text[function.end() :].partition(")")
    if not closed:
        _refuse(f"'{name}(' is not closed", "a closing ')'")
    if name == "first":
        return First(parse_condition(inside)), rest
    return _span(name, inside), rest


def _at(path: Path, rest: str) -> tuple[At, str]:
    text = one_line(path.text)
    dates = f"{text}@2024-12, {text}@start or {text}@end"
    if not rest.startswith("@"):
        _refuse(f"'{text}' says no date", f"{dates}, mean/min/max({text}, 2021-01..2021-12)")
    rest = rest[1:].lstrip()
    for word in ("start", "end"):
        if re.match(rf"{word}\b", rest):
            return At(path, "start" if word == "start" else "end"), rest[len(word) :]
    match = _MONTH.match(rest)
    if match is None:
        _refuse(f"{quoted(f'@{rest}')} is not a date", dates)
    return At(path, _month(match)), rest[match.end() :]


def _span(kind: str, inside: str) -> Span:
    path, rest = _path(inside)
    first, _, last = rest.removeprefix(",").partition("..")
    begin, finish = _whole_month(first.strip()), _whole_month(last.strip())
    if not rest.startswith(",") or begin is None or finish is None:
        said = quoted(f"{kind}({inside.strip()})")
        _refuse(f"{said} says no span", f"{kind}({one_line(path.text)}, 2021-01..2021-12)")
    if begin > finish:
        _refuse(f"the span {first.strip()}..{last.strip()} ends before it begins", "FIRST..LAST")
    return Span("mean" if kind == "mean" else "min" if kind == "min" else "max", path, begin, finish)


def _path(text: str) -> tuple[Path, str]:
    match = _PATH.match(text)
    if match is None:
        _refuse(
            f"{quoted(text.strip())} does not begin with a variable",
            "STATE.variable, STATE.variable[OTHER] or TREATY.variable, such as ARM.posture or ARM.trust[RUS]",
        )
    variable = match["variable"]
    if variable not in VARIABLES:
        _refuse(f"unknown variable {quoted(variable)}", ", ".join(VARIABLES), _closest(variable, tuple(VARIABLES)))
    other = match["other"]
    path = Path(match["owner"].strip(), variable, other.strip() if other is not None else None)
    return path, text[match.end() :]


def _comparison(text: str) -> tuple[str, str]:
    match = _OPERATOR.match(text)
    if match is None:
        _refuse(
            f"expected a comparison, not {quoted(text.strip())}" if text.strip() else "a comparison is missing",
            f"{' '.join(OPERATORS)} and a value",
        )
    value = text[match.end() :].strip()
    if not value:
        _refuse(f"nothing stands after '{match['op']}'", "a number, a posture or a month")
    return match["op"], value


def _number(path: Path, value: str) -> float:
    if path.variable in RUNG_VARIABLES and value in POSTURES:
        return float(POSTURES.index(value))
    if not _NUMBER.match(value) or not isfinite(float(value)):
        if path.variable in RUNG_VARIABLES:
            _refuse(f"{quoted(value)} is not a posture", ", ".join(POSTURES), _closest(value, POSTURES))
        _refuse(f"{quoted(value)} is not a number", "a number such as 0.5")
    return float(value)


def _whole_month(text: str) -> Month | None:
    match = _MONTH.fullmatch(text)
    return _month(match) if match is not None else None


def _month(match: re.Match[str]) -> Month:
    year, month = int(match["year"]), int(match["month"])
    if not (1 <= month <= 12 and year >= 1):
        _refuse(f"there is no month {match[0]}", "YYYY-MM with a month 01..12")
    return year, month


def _value_text(path: Path, value: float) -> str:
    if path.variable in RUNG_VARIABLES and value in range(len(POSTURES)):
        return POSTURES[int(value)]
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _closest(word: str, known: tuple[str, ...]) -> str:
    return next(iter(get_close_matches(word, known, n=1)), "")


def _refuse(message: str, allowed: str = "", nearest: str = "") -> NoReturn:
    raise ExpressionError(message, allowed, nearest)
