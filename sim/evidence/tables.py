"""Tables of the coded record: their columns, and how their files are read."""

import csv
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from sim.errors import InputError
from sim.evidence.cells import CellError, Read, count, day, note, number, one_of, text, truth, year
from sim.model.quantity import CONFIDENCES
from sim.scenario.files import SHIPPED
from sim.scenario.problems import Problem, listed
from sim.scenario.schema import Coverage
from sim.words import POSTURES, RESPONSES

ALLIANCE: Final = "CSTO"
"""The treaty that the record is about; as a responder it stands for the members without a row of their own."""

GROUNDS: Final = tuple(name for name in Coverage.model_fields if name not in ("places", "recognised_away"))
"""What an attack falls on, as clauses read it: recognised territory, an undelimited border, unrest and so on."""

UNKNOWN: Final = "unknown"
"""Posture from the day on which the record ends."""

KNOWN_UNTIL: Final = "known-until"
"""The table that says, for each of the others, up to which day reports were found."""

PRECISIONS: Final = ("day", "month", "year")
MOVES: Final = (
    "membership", "policy", "speech", "coercion", "aid", "undertaking", "recognition", "protest", "refugees",
)  # fmt: skip
DIRECTIONS: Final = ("away", "closer", "other")
MEASURES: Final = ("approval", "exit_support", "trust", "other")

Row = dict[str, Any]


def columns(folder: Path) -> dict[str, dict[str, Read]]:
    """Return the columns of each table with their readers, using the names that the record declares."""
    actors = _actors(folder)
    members = tuple(code for code, member in actors.items() if member)
    actor, member = one_of(actors), one_of(members)
    nobody = one_of(actors, empty=True)
    law = _shipped("csto-treaties")
    said: dict[str, Read] = {"summary": text, "source": text, "confidence": one_of(CONFIDENCES), "doubt": note}
    when: dict[str, Read] = {"date": day, "precision": one_of(PRECISIONS)}
    tables: dict[str, dict[str, Read]] = {
        "attacks": {
            "event": text, **when, "kind": one_of(("attack", "crisis")), "aggressor": nobody, "victim": actor,
            "place": one_of(law["places"], empty=True), "ground": one_of(GROUNDS), **said,
        },
        "calls": {
            "event": text, **when, "state": member, "treaty": one_of(law["treaties"]), "article": note,
            "made": truth, **said,
        },
        "responses": {
            "event": text, **when, "state": one_of((*members, ALLIANCE)), "response": one_of(RESPONSES),
            "offered": one_of(RESPONSES, empty=True), **said,
        },
        "moves": {
            **when, "kind": one_of(MOVES), "state": actor, "target": nobody, "direction": one_of(DIRECTIONS), **said,
        },
        "postures": {
            "state": member, "date": day, "posture": one_of((*POSTURES, UNKNOWN)), "source": text,
            "confidence": one_of(CONFIDENCES), "rule": text, "doubt": note,
        },
        "polls": {
            "state": member, "pollster": one_of(_pollsters(folder)), "date": day, "n": count, "question": text,
            "measure": one_of(MEASURES), "percent": number(0.0, 100.0), "source": text,
            "confidence": one_of(CONFIDENCES),
        },
        "arms": {
            "state": member, "supplier": actor, "first": year, "last": year, "share": number(0.0, 1.0),
            "measure": one_of(("imports", "contracts")), "source": text, "confidence": one_of(CONFIDENCES),
            "doubt": note,
        },
    }  # fmt: skip
    return {**tables, KNOWN_UNTIL: {"table": one_of(tables), "until": day, "note": text}}


def read_table(path: Path, readers: Mapping[str, Read]) -> tuple[list[Row], list[Problem]]:
    """Read one file of the coded record.

    Returns
    -------
    tuple
        The rows that could be read, each with its ``line``; and what is wrong with the others.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    (_, heads), *lines = _lines(path) or [(1, [])]
    if heads != list(readers):
        return [], [Problem(path.name, 1, "", f"the columns are {listed(heads) or 'missing'}", listed(readers))]
    for line, cells in lines:
        if len(cells) != len(readers):
            problems.append(Problem(path.name, line, "", f"has {len(cells)} cells", f"{len(readers)} cells"))
            continue
        row: Row = {"line": line}
        for (name, read), cell in zip(readers.items(), cells, strict=True):
            try:
                row[name] = read(cell)
            except CellError as error:
                problems.append(Problem(path.name, line, name, error.problem, error.allowed, error.nearest))
        if len(row) == len(readers) + 1:
            rows.append(row)
    return rows, problems


def members_ever(folder: Path) -> tuple[str, ...]:
    """Return the codes of all states that were ever members."""
    return tuple(code for code, member in _actors(folder).items() if member)


def renewals() -> tuple[date, ...]:
    """Return the renewal dates, on which a member on any rung could let the treaty lapse without notice."""
    return tuple(_shipped("csto-1992")["treaties"][ALLIANCE]["renewals"])


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            return [(reader.line_num, cells) for cells in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name}: is not CSV text in UTF-8: {error}") from None


def _actors(folder: Path) -> dict[str, bool]:
    heads = ["code", "name", "member"]
    rows, problems = read_table(folder / "actors.csv", dict.fromkeys(heads, note))
    if problems:
        raise InputError("\n".join(str(problem) for problem in problems))
    return {row["code"]: row["member"] == "yes" for row in rows}


def _pollsters(folder: Path) -> tuple[str, ...]:
    path = folder / "sources.toml"
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).values()
    except ValueError as error:
        raise InputError(f"{path.name}: not valid TOML: {error}") from None
    return tuple(name for entry in entries for name in entry.get("pollsters", ()))


@cache
def _shipped(name: str) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
