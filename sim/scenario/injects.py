"""Injects: further events for a scenario from a table, such as a teacher's, with the checks of any other event.

The file is CSV with a head and the columns `COLUMNS`. A row is one event: its ``states`` are codes with blanks between
them, in the order in which the kind names them (an attack: aggressor, victim), and ``value`` is the one number of the
kind, such as the severity of an attack. Kinds that need more than that are written in a scenario file.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from sim.given import read_text
from sim.model.base_event import BaseEvent
from sim.model.events import EVENT_KINDS
from sim.scenario.checking import findings_between
from sim.scenario.loading import load
from sim.scenario.problems import Finding, Problem, ScenarioError, closest, listed, show
from sim.scenario.schema import Scenario
from sim.scenario.translate import findings_of

COLUMNS: Final = ("date", "kind", "states", "value", "note")
"""The columns of a file of injects; the note may be left out or empty, and so may the value where a kind has none."""

MOST: Final = 1000
"""Rows of a file at most."""

_CODES: Final = {1: "a code, such as ARM", 2: "two codes with a blank between them, such as AZE ARM"}
_PREFIX: Final = "inject-"
_NOT_ASKED: Final = ("kind", "date")


class Shape(NamedTuple):
    """The keys of an event kind that a row fills: those of states, in order, and the one of its number."""

    states: tuple[str, ...]
    value: str | None


def shape(kind: type[BaseEvent]) -> Shape | None:
    """Return the keys that a row fills; None if the kind needs others.

    Examples
    --------
    >>> shape(EVENT_KINDS["attack"]), shape(EVENT_KINDS["call"])
    (Shape(states=('aggressor', 'victim'), value='severity'), None)
    """
    needed = {
        name: field for name, field in kind.model_fields.items() if field.is_required() and name not in _NOT_ASKED
    }
    states = tuple(name for name in needed if name in ("state", "target", "aggressor", "victim"))
    numbers = [name for name, field in needed.items() if field.annotation is float]
    if len(states) + len(numbers) < len(needed) or len(numbers) > 1 or not states:
        return None
    return Shape(states, numbers[0] if numbers else None)


INJECTED: Final = {name: found for name, kind in EVENT_KINDS.items() if (found := shape(kind)) is not None}
"""The kinds of events that a row can be, with the keys that it fills."""


def with_injects(scenario: Scenario, file: Path) -> Scenario:
    """Return a scenario with the events of a file of injects.

    Parameters
    ----------
    scenario : Scenario
    file : Path
        The CSV file.

    Raises
    ------
    ScenarioError
        If there are problems; it lists all of them, each with file, line and column.
    """
    rows = list(_rows(file))
    problems = [problem for row in rows for problem in row.problems]
    events = {row.name: row.event for row in rows if not row.problems}
    data = {name: getattr(scenario, name) for name in scenario.model_fields_set}
    findings: list[Finding] = []
    while True:
        try:
            changed = Scenario.model_validate({**data, "events": {**scenario.events, **events}})
            break
        except ValidationError as error:
            refused = [finding for finding in findings_of(error) if finding.path[1:2] and finding.path[1] in events]
            if not refused:
                raise
            findings += refused
            events = {
                name: event for name, event in events.items() if name not in {finding.path[1] for finding in refused}
            }
    own = frozenset((None, name) for name in events)
    findings += [
        finding for finding in findings_between(changed, own) if finding.path[1:2] and finding.path[1] in events
    ]
    where = {row.name: row for row in rows}
    problems += dict.fromkeys(_placed(finding, file, where[str(finding.path[1])]) for finding in findings)
    if problems:
        raise ScenarioError(sorted(problems, key=lambda problem: problem.line or 0))
    return changed


def check_injects(scenarios: Iterable[Path], file: Path) -> list[Problem]:
    """Return every problem of a file of injects with the scenarios that it is for."""
    problems: list[Problem] = []
    for path in scenarios:
        try:
            with_injects(load(path), file)
        except ScenarioError as error:
            problems += error.problems
    return list(dict.fromkeys(problems))


class _InjectRow(NamedTuple):
    """One row of the file: the event that it gives, and the problems by which it gives none."""

    name: str
    line: int
    event: dict[str, Any]
    problems: list[Problem]


def _rows(file: Path) -> Iterator[_InjectRow]:
    text = _text(file)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        head = [name.strip() for name in next(reader, [])]
        if tuple(head) != COLUMNS and tuple(head) != COLUMNS[:-1]:
            raise ScenarioError([Problem(str(file), 1, "", "the head is not known", ",".join(COLUMNS))])
        line = reader.line_num + 1
        for count, cells in enumerate(reader, start=1):
            if count > MOST:
                raise ScenarioError([Problem(str(file), line, "", "there are too many rows", f"at most {MOST}")])
            if any(cell.strip() for cell in cells):
                yield _row(file, line, [cell.strip() for cell in cells], len(head))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ScenarioError([Problem(str(file), line, "", f"is not valid CSV: {error}", ",".join(COLUMNS))]) from None


def _text(file: Path) -> str:
    try:
        return read_text(file)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except ValueError:
        problem = "is not UTF-8 text"
    raise ScenarioError([Problem(str(file), None, "", problem, f"a CSV file with the columns {', '.join(COLUMNS)}")])


def _row(file: Path, line: int, cells: list[str], width: int) -> _InjectRow:
    problems: list[Problem] = []
    event: dict[str, Any] = {"source": f"{file.name}, line {line}"}

    def refuse(column: str, problem: str, allowed: str = "", nearest: str = "") -> None:
        problems.append(Problem(str(file), line, column, problem, allowed, nearest))

    name = f"{_PREFIX}{line}"
    if len(cells) != width:
        refuse("", f"the row has {len(cells)} cells", f"{width}, as the head has")
        return _InjectRow(name, line, event, problems)
    given = dict(zip(COLUMNS, (*cells, ""), strict=False))
    try:
        event["date"] = date.fromisoformat(given["date"])
    except ValueError:
        refuse("date", f"{show(given['date'])} is no day", "a day such as 2026-03-01")
    event |= {"kind": given["kind"], "note": given["note"]}
    keys = INJECTED.get(given["kind"])
    if keys is None:
        known = given["kind"] in EVENT_KINDS
        problem = "needs more than a table has; write it in a scenario file" if known else "is no kind of event"
        near = "" if known else closest(given["kind"], INJECTED)
        refuse("kind", f"{show(given['kind'])} {problem}", listed(INJECTED), near)
        return _InjectRow(name, line, event, problems)
    states = given["states"].replace(";", " ").split()
    if len(states) != len(keys.states):
        refuse("states", f"{show(given['states'])} does not name {' and '.join(keys.states)}", _CODES[len(keys.states)])
    event |= dict(zip(keys.states, states, strict=False))
    if keys.value is None:
        if given["value"]:
            refuse("value", f"an event of kind '{given['kind']}' has no number", "nothing")
    else:
        try:
            event[keys.value] = float(given["value"])
        except ValueError:
            refuse("value", f"{show(given['value'])} is no number", f"the {keys.value}, such as 0.5")
    return _InjectRow(name, line, event, problems)


def _placed(finding: Finding, file: Path, row: _InjectRow) -> Problem:
    """Return a finding as a problem with the line and column from which its key came."""
    key = str(finding.path[2]) if len(finding.path) > 2 else ""
    keys = INJECTED[row.event["kind"]]
    column = "states" if key in keys.states else "value" if key == keys.value else key
    return Problem(str(file), row.line, column, finding.problem, finding.allowed, finding.nearest)
