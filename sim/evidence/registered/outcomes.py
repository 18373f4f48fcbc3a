"""Outcomes of registered questions: a table that people write, and its checks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.evidence.cells import text
from sim.evidence.registered.register import Registered, day, read_register
from sim.evidence.tables import read_table
from sim.scenario.problems import Problem, closest, listed

OUTCOMES: Final = "outcomes.csv"
VOID: Final = "void"
"""Outcome of a question that cannot be resolved by its own rule; it is not scored."""


@dataclass(frozen=True)
class QuestionOutcome:
    """Outcome of a question: the answer, the date when it became known, and its source."""

    outcome: str
    resolved_on: date
    source: str


def read_outcomes(folder: Path, forecasts: Sequence[Registered], today: date) -> Mapping[str, QuestionOutcome]:
    """Read the outcomes of registered questions, by id; empty if there is no file.

    Parameters
    ----------
    folder : Path
        Where ``outcomes.csv`` lies: id, resolved_on, outcome, source.
    forecasts : sequence of Registered
        From `sim.evidence.registered.register.read_register`.
    today : date
        No outcome is of a later day.

    Raises
    ------
    InputError
        With every problem found, one line each: file, line, what is wrong, what is allowed.
    """
    path = folder / OUTCOMES
    if not path.is_file():
        return {}
    rows, problems = read_table(path, {"id": text, "resolved_on": day, "outcome": text, "source": text})
    seen: set[str] = set()
    for row in rows:
        problems += _problems(path.name, row, forecasts, today)
        if row["id"] in seen:
            problems.append(
                Problem(path.name, row["line"], "id", f"'{row['id']}' stands there twice", "each question once")
            )
        seen.add(row["id"])
    if problems:
        ordered = sorted(problems, key=lambda problem: problem.line or 0)
        raise InputError("\n".join(f"{folder}/{problem}" for problem in ordered))
    return {row["id"]: QuestionOutcome(row["outcome"], row["resolved_on"], row["source"]) for row in rows}


def check_open(folder: Path, inputs: Mapping[str, Any]) -> None:
    """Refuse a new forecast that includes a resolved question.

    Raises
    ------
    InputError
        If it does, or what was registered or entered before is refused.
    """
    made_on = date.fromisoformat(inputs["made_on"])
    for name, resolved in read_outcomes(folder, read_register(folder), made_on).items():
        if name in inputs["questions"]:
            raise InputError(
                f"question '{name}': was resolved on {resolved.resolved_on}; leave it out of the questions"
            )


def _problems(file: str, row: Mapping[str, Any], forecasts: Sequence[Registered], today: date) -> Iterator[Problem]:
    name, line, when, outcome = row["id"], row["line"], row["resolved_on"], row["outcome"]
    asking = [forecast for forecast in forecasts if name in forecast.questions]
    if not asking:
        known = tuple(dict.fromkeys(name for forecast in forecasts for name in forecast.questions))
        yield Problem(file, line, "id", f"no registered forecast asks '{name}'", listed(known), closest(name, known))
        return
    options = (*asking[0].questions[name]["options"], VOID)
    if outcome not in options:
        yield Problem(
            file, line, "outcome", f"'{outcome}' is no answer to '{name}'", listed(options), closest(outcome, options)
        )
        return
    last = max(forecast.made_on for forecast in asking)
    due = date.fromisoformat(asking[0].questions[name]["resolves_on"])
    if not last <= when <= today:
        problem = f"{when} is before {last}, when '{name}' was registered" if when < last else f"{when} is not yet"
        yield Problem(file, line, "resolved_on", problem, f"{last} to {today}")
    elif outcome == "no" and when < due:
        problem = f"on {when} it can still happen"
        yield Problem(file, line, "resolved_on", problem, f"for 'no', from {due} on")
