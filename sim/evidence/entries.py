"""Entries of the coded record for lists: all entries, those of one table, or those that concern a state."""

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from sim.errors import InputError
from sim.evidence.record import KINDS, Record
from sim.evidence.tables import ALLIANCE
from sim.scenario.problems import closest, listed

Row = dict[str, Any]

PARTIES: Final = ("state", "victim", "aggressor", "target", "supplier")
"""Columns that name who is concerned."""


def entries(record: Record, table: str | None = None, state: str | None = None) -> list[Row]:
    """Return entries of the record in the order of its tables.

    Parameters
    ----------
    record : Record
    table : str, optional
        One of `KINDS`; default: all.
    state : str, optional
        Code of a state or organisation that the entries touch; answers of the alliance touch those members for
        which they stand.

    Returns
    -------
    list of dict
        ``table``, ``date`` and ``state`` (the victim of an attack, the first year of a span), ``what`` (the entry in
        a few words), and all columns of that table.

    Raises
    ------
    InputError
        If there is no such table, or the record has nothing about the state.

    Examples
    --------
    >>> from sim.evidence.record import load_record
    >>> entries(load_record(), "postures", "UZB")[-2]["what"]
    'out: leaves, or lets the treaty lapse'
    """
    if table is not None and table not in KINDS:
        raise InputError(_unknown("table", table, KINDS))
    frames = {name: getattr(record, name) for name in KINDS}
    if state is not None:
        known = sorted({code for frame in frames.values() for code in _codes(frame) if code})
        if state not in known:
            raise InputError(_unknown("state", state, known))
        frames = {name: frame[_touches(record, name, frame, state)] for name, frame in frames.items()}
    return [
        {"table": name, "date": row.get("first"), "state": row.get("victim"), "what": _IN_WORDS[name](row), **row}
        for name in KINDS
        if table in (None, name)
        for row in frames[name].astype(object).where(frames[name].notna(), None).to_dict("records")
    ]


def _unknown(what: str, given: str, known: tuple[str, ...] | list[str]) -> str:
    near = closest(given, known)
    return f"the record has no {what} '{given}'; allowed: {listed(known)}" + (
        f"; did you mean '{near}'?" if near else ""
    )


def _codes(frame: pd.DataFrame) -> list[str]:
    return [code for column in PARTIES if column in frame for code in frame[column]]


def _touches(record: Record, name: str, frame: pd.DataFrame, state: str) -> "pd.Series[bool]":
    touched = pd.Series(False, index=frame.index)
    for column in PARTIES:
        if column in frame:
            touched |= frame[column] == state
    if name == "responses":
        answers = record.answers()
        stood_for = answers.loc[answers["collective"] & (answers["state"] == state), "event"]
        touched |= (frame["state"] == ALLIANCE) & frame["event"].isin(stood_for)
    return touched


def _attack(row: Row) -> str:
    who = f"{row['aggressor']} attacks {row['victim']}" if row["aggressor"] else f"crisis in {row['victim']}"
    return f"{who}, {row['ground'].replace('_', ' ')}: {row['summary']}"


def _call(row: Row) -> str:
    article = f" {row['article']}" if row["article"] else ""
    return f"{'appeal' if row['made'] else 'no appeal'} under {row['treaty']}{article}: {row['summary']}"


def _response(row: Row) -> str:
    offered = f" ({row['offered']} offered)" if row["offered"] else ""
    return f"{row['response']}{offered}: {row['summary']}"


def _move(row: Row) -> str:
    target = f" towards {row['target']}" if row["target"] else ""
    return f"{row['kind']}{target}, {row['direction']}: {row['summary']}"


def _arms(row: Row) -> str:
    span = f"{row['first']}-{row['last']}" if row["last"] > row["first"] else f"{row['first']}"
    return f"{row['share']:g} of {row['measure']} from {row['supplier']}, {span}"


_IN_WORDS: Final[dict[str, Callable[[Row], str]]] = {
    "attacks": _attack,
    "calls": _call,
    "responses": _response,
    "moves": _move,
    "postures": lambda row: f"{row['posture']}: {row['rule']}",
    "polls": lambda row: f"{row['percent']:g} %: {row['question']} ({row['pollster']})",
    "arms": _arms,
}
