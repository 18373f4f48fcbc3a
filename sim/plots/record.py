"""The parts of the coded record that figures show: members' postures and opinion polls."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Final

import pandas as pd

from sim.scenario import Scenario
from sim.scenario.observed import observed_course
from sim.words import POSTURES

TREATY: Final = "CSTO"
"""The treaty that the record is about."""


@dataclass(frozen=True)
class Spell:
    """A period during which a member held one recorded posture.

    Attributes
    ----------
    first, last : date
        First day, and the day on which the next spell begins or the record ends.
    posture : str
        Rung of the ladder.
    """

    first: date
    last: date
    posture: str


@lru_cache(maxsize=2)
def _table(name: str) -> pd.DataFrame:
    resource = files("sim") / "data" / "record" / f"{name}.csv"
    with resource.open(encoding="utf-8") as lines:
        table = pd.read_csv(lines, keep_default_na=False, na_values={"percent": [""], "n": [""]})
    return table.assign(date=pd.to_datetime(table["date"]).dt.date)


def known_until(name: str) -> str:
    """Return up to which day a table of the record is known, in words for a footer.

    Examples
    --------
    >>> known_until("postures")
    'known until 2026-06-30'
    """
    resource = files("sim") / "data" / "record" / "known-until.csv"
    with resource.open(encoding="utf-8") as lines:
        until = {row["table"]: row["until"] for row in csv.DictReader(lines)}
    return f"known until {until[name]}"


def has_postures(scenario: Scenario, focus: str) -> bool:
    """Return whether there are observed postures: of the scenario's own course, or of the alliance on record."""
    return bool(scenario.observed) or focus == TREATY


def observed_postures(scenario: Scenario, focus: str, state: str, first: date, last: date) -> tuple[Spell, ...]:
    """Return a member's postures in the scenario's observed course; without one, in the record of the alliance."""
    if scenario.observed:
        return _spells(observed_course(scenario, state), first, last)
    return postures(state, first, last) if focus == TREATY else ()


def source_of_postures(scenario: Scenario) -> str:
    """Return where the observed postures come from, for the foot of a figure."""
    on_file = f"coded in sim/data/record/postures.csv, {known_until('postures')}"
    where = "given in the scenario" if scenario.observed else on_file
    return f"postures on record as {where}"


def postures(state: str, first: date, last: date) -> tuple[Spell, ...]:
    """Return a member's recorded postures between two days, including the posture that already held on the first.

    Examples
    --------
    >>> [spell.posture for spell in postures("ARM", date(2024, 1, 1), date(2024, 2, 1))][:1]  # doctest: +SKIP
    ['reduce']
    """
    table = _table("postures")
    rows = table[table["state"] == state].sort_values("date", kind="stable")
    return _spells(zip(rows["date"], rows["posture"], strict=True), first, last)


def _spells(moves: Iterable[tuple[date, str]], first: date, last: date) -> tuple[Spell, ...]:
    recorded = [(max(day, first), posture) for day, posture in moves if day <= last]
    ends = [day for day, _ in recorded[1:]] + [last] * bool(recorded)
    return tuple(
        Spell(start, end, posture)
        for (start, posture), end in zip(recorded, ends, strict=True)
        if start < end and posture in POSTURES
    )


def polls(state: str, first: date, last: date) -> pd.DataFrame:
    """Return the polls taken in a state between two days, by date.

    The columns are those of the file: state, pollster, date, n, question, measure, percent, source,
    confidence.
    """
    table = _table("polls")
    inside = (table["state"] == state) & (table["date"] >= first) & (table["date"] <= last)
    return (
        table[inside & table["percent"].notna()].sort_values(["date", "measure"], kind="stable").reset_index(drop=True)
    )
