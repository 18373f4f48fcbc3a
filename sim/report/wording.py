"""Metrics in words."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol

from sim.model.variables import RUNG_VARIABLES, VARIABLES
from sim.output.formatting import month, possessive, state_in_sentence
from sim.scenario import Scenario, focus_of
from sim.scenario.expressions import At, Compare, Condition, First, Metric, Path, Span
from sim.words import POSTURES

_RANKS: Final = {
    ">=": "{} or beyond", ">": "a rung beyond {}", "<=": "{} or below", "<": "a rung below {}", "==": "{}",
    "!=": "a rung other than {}",
}  # fmt: skip
_NUMBERS: Final = {
    ">=": "at least {}", ">": "above {}", "<=": "at most {}", "<": "below {}", "==": "exactly {}",
    "!=": "other than {}",
}  # fmt: skip
_MONTHS: Final = {
    "<=": "by {}", "<": "before {}", ">=": "in {} or later, not earlier", ">": "after {}, not earlier",
    "==": "in {} for the first time", "!=": "for the first time, and not in {}",
}  # fmt: skip
_LOGIT: Final = re.compile(r"\blogits?\b")
_MINUS: Final = re.compile(r"(?<![^\s(])-(?=\d)")
_SPANS: Final = {"mean": "mean of ", "min": "lowest value of ", "max": "highest value of "}


def plain(text: str) -> str:
    """Return a unit, source or sentence with log odds in place of logits, and minus signs in front of negative numbers.

    Examples
    --------
    >>> plain("moved by 0.7 logits")
    'moved by 0.7 log odds'
    """
    return _MINUS.sub("\N{MINUS SIGN}", _LOGIT.sub("log odds", text))


class Told(Protocol):
    """What metrics in words are about: a result, or a scenario that is yet to run (`told_of`)."""

    @property
    def scenario(self) -> Scenario:
        """The source of the names of states."""

    @property
    def focus(self) -> str:
        """The treaty that is not named."""

    @property
    def guarantor(self) -> str:
        """Its guarantor."""

    @property
    def days(self) -> Sequence[date]:
        """The start and the ends of ticks."""


class _Unrun(NamedTuple):
    scenario: Scenario
    focus: str
    guarantor: str
    days: tuple[date, date]


def told_of(scenario: Scenario) -> Told:
    """Return the names, treaty and days of a scenario that words about its metrics need."""
    focus = focus_of(scenario) or ""
    treaty = scenario.treaties.get(focus)
    return _Unrun(scenario, focus, (treaty and treaty.guarantor) or "", (scenario.start, scenario.end))


def noun(result: Told, metric: Metric) -> str:
    """Return a metric as a noun phrase, such as ``Armenia's trust in Russia in Dec 2023``.

    Parameters
    ----------
    result : Told
        The source of the names of states.
    metric : Metric
        From `sim.scenario.expressions.parse_metric`.
    """
    if isinstance(metric, At):
        return f"{_variable(result, metric.path)} {_when(result, metric)}"
    if isinstance(metric, Span):
        first, last = month(date(*metric.first, 1)), month(date(*metric.last, 1))
        return f"{_SPANS[metric.kind]}{_variable(result, metric.path)} from {first} to {last}"
    if isinstance(metric, First):
        return f"the month in which {_held(result, metric.condition, 'first ')}"
    return f"chance that {clause(result, metric)}"


def course_words(result: Told, metric: Metric) -> str:
    """Return the time series behind a metric in words, such as ``chance that Armenia has reached freeze by then``."""
    if isinstance(metric, At | Span):
        return _variable(result, metric.path)
    left = metric.left if isinstance(metric, Compare) else metric
    if isinstance(left, First):
        return f"chance that {_held(result, left.condition, 'has ')} by then"
    return f"chance that {_is(result, left.path, metric.op, float(metric.value))}"  # type: ignore[arg-type, union-attr]


def clause(result: Told, metric: Compare) -> str:
    """Return a true-or-false metric as a clause, such as ``Armenia has reached freeze or beyond by Dec 2024``.

    Parameters
    ----------
    result : Told
        The source of the names of states.
    metric : Compare
        From `sim.scenario.expressions.parse_metric`.
    """
    left = metric.left
    if isinstance(left, First) and isinstance(metric.value, tuple):
        when = _MONTHS[metric.op].format(month(date(*metric.value, 1)))
        return f"{_held(result, left.condition, 'has ')} {when}"
    value = float(metric.value)  # type: ignore[arg-type]
    if isinstance(left, At) and left.path.variable in RUNG_VARIABLES:
        return _is(result, left.path, metric.op, value, f" {_when(result, left)}")
    return f"{noun(result, left)} is {_NUMBERS[metric.op].format(f'{value:g}')}"


def _is(result: Told, path: Path, op: str, value: float, when: str = "") -> str:
    """Return a comparison of a variable with a number as a clause."""
    if path.variable not in RUNG_VARIABLES:
        return f"{_variable(result, path)}{when} is {_NUMBERS[op].format(f'{value:g}')}"
    stands = "stands at" if path.variable == "posture" else "has reached or tried"
    return f"{state_in_sentence(result.scenario, path.owner)} {stands} {_rung(op, value)}{when}{_in(result, path)}"


def _held(result: Told, condition: Condition, verb: str) -> str:
    """Return a condition as a verb phrase; ``verb`` is ``has`` or ``first``, with a space at its end."""
    path = condition.path
    perfect = verb == "has "
    if path.variable in RUNG_VARIABLES:
        reach = "reached" if perfect else "reaches"
        if path.variable != "posture":
            reach += " or tried" if perfect else " or tries"
        return (
            f"{state_in_sentence(result.scenario, path.owner)} {verb}{reach} {_rung(condition.op, condition.value)}"
            + _in(result, path)
        )
    number = _NUMBERS[condition.op].format(f"{condition.value:g}")
    return f"{_variable(result, path)} {verb}{'been' if perfect else 'is'} {number}"


def _rung(op: str, value: float) -> str:
    if value != int(value) or not 0 <= value < len(POSTURES):
        return f"rung {_NUMBERS[op].format(f'{value:g}')}"
    if op == ">=" and value == len(POSTURES) - 1:
        return POSTURES[-1]
    return _RANKS[op].format(POSTURES[int(value)])


def _in(result: Told, path: Path) -> str:
    """Return the phrase that names a treaty other than the focus treaty."""
    return f" in {path.other}" if path.other not in (None, result.focus) else ""


def _variable(result: Told, path: Path) -> str:
    owner, guarantor = (
        state_in_sentence(result.scenario, path.owner),
        state_in_sentence(result.scenario, result.guarantor),
    )
    phrase = VARIABLES[path.variable].phrase
    if phrase:
        other = "" if path.other is None else state_in_sentence(result.scenario, path.other)
        named = phrase.replace("{owner}'s", possessive(owner).replace("{", "{{").replace("}", "}}"))
        return named.format(owner=owner, other=other, treaty=path.other or result.focus, guarantor=guarantor)
    name = path.variable.replace("_", " ")
    if path.variable == "posture" or path.other is None:
        return f"{possessive(owner)} {name}{_in(result, path)}"
    return f"{possessive(owner)} {name} ({state_in_sentence(result.scenario, path.other)})"


def _when(result: Told, metric: At) -> str:
    if metric.when == "start":
        return f"at the start ({month(result.days[0])})"
    if metric.when == "end":
        return f"at the end ({month(result.days[-1])})"
    return f"in {month(date(*metric.when, 1))}"
