"""Coded record of the alliance, 1992-2026: loading, checks, and two views for comparison with models.

The rules by which it was coded stand in ``docs/record.md``.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.evidence.agreement import disagreements
from sim.evidence.tables import ALLIANCE, KNOWN_UNTIL, UNKNOWN, Row, columns, members_ever, read_table
from sim.scenario.files import SHIPPED
from sim.scenario.problems import Problem
from sim.words import OUT, POSTURES

RECORD: Final = SHIPPED / "record"
KINDS: Final = ("attacks", "calls", "responses", "moves", "postures", "polls", "arms")
"""The tables of the record, each a file of that name."""

NO_MEMBER: Final = -1
"""Rung in the panel before a state has signed."""


@dataclass(frozen=True)
class Record:
    """Coded record of the alliance; every table has one row for each entry, in the order of its file.

    Attributes
    ----------
    attacks : DataFrame
        Attacks and crises: event, date, precision, kind, aggressor (empty in a crisis), victim, place, ground (what it
        falls on, as clauses read it), summary, source, confidence, doubt.
    calls : DataFrame
        Whether the victim appealed (``made``), under which treaty and article.
    responses : DataFrame
        The highest level delivered within 90 days, and what was offered beyond it; the alliance stands for the
        members without a row of their own.
    moves : DataFrame
        What members and others did and said; to compare with, never an input.
    postures : DataFrame
        Changes of posture, by state and day.
    polls, arms : DataFrame
        Opinion in percent; shares of arms in 0..1 over a span of years.
    members : tuple of str
        All states that ever were members, by code.
    known_until : dict of str to date
        For each table, the day up to which reports were found; nothing that happened later is on record.
    """

    attacks: pd.DataFrame
    calls: pd.DataFrame
    responses: pd.DataFrame
    moves: pd.DataFrame
    postures: pd.DataFrame
    polls: pd.DataFrame
    arms: pd.DataFrame
    members: tuple[str, ...]
    known_until: dict[str, date]

    def panel(self) -> pd.DataFrame:
        """Return each member's rung at the end of each month in the record.

        Returns
        -------
        DataFrame
            Rows are months (periods), columns states; ranks 0 (loyal) to 5 (out), -1 before a state has signed.

        Examples
        --------
        >>> int(load_record().panel().loc["2024-12", "ARM"])
        3
        """
        ends = self.postures.loc[self.postures["posture"] == UNKNOWN, "date"]
        months = pd.period_range("1992-01", pd.Period(min(ends), "M") - 1, freq="M")
        table = pd.DataFrame(np.int8(NO_MEMBER), index=months, columns=list(self.members))
        for row in _rows(self.postures):
            if row["posture"] in POSTURES:
                table.loc[months >= pd.Period(row["date"], "M"), row["state"]] = POSTURES.index(row["posture"])
        return table

    def rung(self, state: str, day: date) -> int:
        """Return a state's rung on a day: 0 to 5, -1 before it has signed; after the end, the last known one."""
        return next((rung for since, rung in reversed(self._courses.get(state, ())) if since <= day), NO_MEMBER)

    @cached_property
    def _courses(self) -> dict[str, list[tuple[date, int]]]:
        """Known rungs of each state, with the days from which they hold."""
        courses: dict[str, list[tuple[date, int]]] = {}
        for row in _rows(self.postures):
            if row["posture"] in POSTURES:
                courses.setdefault(row["state"], []).append((row["date"], POSTURES.index(row["posture"])))
        return courses

    def answers(self) -> pd.DataFrame:
        """Return each ally's response to each attack or crisis, with collective responses assigned to every member.

        Returns
        -------
        DataFrame
            One row an event and ally: event, date, state, response, offered, confidence, doubt, and ``collective``
            where the alliance's row stands for the ally. Victim and aggressor have none.

        Examples
        --------
        >>> answers = load_record().answers()
        >>> answers[(answers["event"] == "kursk-2024") & (answers["state"] == "BLR")]["response"].item()
        'none'
        """
        sides = {row["event"]: (row["date"], row["victim"], row["aggressor"]) for row in _rows(self.attacks)}
        own = {(row["event"], row["state"]) for row in _rows(self.responses)}
        rows = []
        for row in _rows(self.responses):
            day, *parties = sides[row["event"]]
            collective = row["state"] == ALLIANCE
            allies = [row["state"]]
            if collective:
                allies = [
                    code
                    for code in self.members
                    if code not in parties and (row["event"], code) not in own and 0 <= self.rung(code, day) < OUT
                ]
            rows += [{**row, "state": ally, "collective": collective} for ally in allies]
        heads = ["event", "date", "state", "response", "offered", "confidence", "doubt", "collective"]
        return pd.DataFrame(rows, columns=heads)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")  # type: ignore[return-value]


def load_record(folder: str | Path = RECORD) -> Record:
    """Load the coded record and check it.

    Parameters
    ----------
    folder : str or Path
        Where its files lie; default: those that ship.

    Returns
    -------
    Record

    Raises
    ------
    InputError
        With every problem found, one line each: file, line, column, what is wrong, what is allowed.

    Examples
    --------
    >>> load_record().members
    ('ARM', 'AZE', 'BLR', 'GEO', 'KAZ', 'KGZ', 'RUS', 'TJK', 'UZB')
    """
    path = Path(folder)
    missing = [f"{name}.csv" for name in ("actors", KNOWN_UNTIL, *KINDS) if not (path / f"{name}.csv").is_file()]
    missing += ["sources.toml"] if not (path / "sources.toml").is_file() else []
    if missing:
        raise InputError(f"{path}: no coded record: {', '.join(missing)} missing")
    tables: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    known = columns(path)
    for name, readers in known.items():
        tables[name], wrong = read_table(path / f"{name}.csv", readers)
        problems += wrong
    problems += disagreements(tables) if not problems else ()
    if problems:
        raise InputError("\n".join(str(problem) for problem in problems))
    frames = {name: pd.DataFrame(tables[name], columns=list(known[name])) for name in KINDS}
    frames["polls"] = frames["polls"].astype({"n": "Int64"})
    known_until = {row["table"]: row["until"] for row in tables[KNOWN_UNTIL]}
    return Record(**frames, members=members_ever(path), known_until=known_until)
