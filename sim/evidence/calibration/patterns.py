"""Patterns that the model is checked by: a measure and its accepted interval."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from sim.errors import InputError
from sim.model.quantity import CONFIDENCES
from sim.scenario.expressions import ExpressionError, parse_metric
from sim.scenario.files import SHIPPED
from sim.scenario.problems import closest, listed, show
from sim.words import RESPONSES

CALIBRATION: Final = SHIPPED / "calibration"
"""Where patterns lie."""

ANY: Final = "ANY"
"""Stands for the mean of all allies but the guarantor."""

TIERS: Final = ("world", "panel")
SOURCES: Final = ("world", "metric", "answer", "call")

Source = Literal["world", "metric", "answer", "call"]


@dataclass(frozen=True)
class Pattern:
    """Pattern with its acceptance interval.

    Attributes
    ----------
    name, fact, tier : str
        Its id, the stylised fact (A1-A14), and ``world`` or ``panel``.
    source : str
        ``world`` (a statistic of generic worlds), ``metric`` (of the history), ``answer`` or ``call``.
    about : str or tuple of str
        Name of the statistic, metric expression, (event, ally, level), or event.
    low, high : float
        Accepted values, both included.
    discrepancy : float
        Standard deviation that the model may be off for reasons outside it.
    member : str
        Whose behaviour it is; empty in generic worlds.
    until : date or None
        Last day of the data that it rests on; None where none is of this alliance.
    basis, where, confidence : str
        How the interval was judged, source, and how sure.
    """

    name: str
    fact: str
    tier: str
    source: Source
    about: str | tuple[str, str, str]
    low: float
    high: float
    discrepancy: float
    member: str = ""
    until: date | None = None
    basis: str = ""
    where: str = ""
    confidence: str = "medium"


@dataclass(frozen=True)
class _Row:
    name: str
    table: Mapping[str, Any]
    problems: list[str] = field(default_factory=list)

    def refuse(self, key: str, problem: str, allowed: str = "") -> None:
        self.problems.append(f"[{self.name}] {key}: {problem}" + (f"; allowed: {allowed}" if allowed else ""))

    def number(self, key: str) -> float:
        value = self.table.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
            return float(value)
        self.refuse(key, f"{show(value)} is no number", "a number")
        return 0.0

    def word(self, key: str, allowed: Sequence[str] = ()) -> str:
        value = self.table.get(key, "")
        if isinstance(value, str) and value and (not allowed or value in allowed):
            return value
        self.refuse(key, f"{show(value)} cannot stand here", listed(allowed) or "text")
        return ""


KEYS: Final = (
    "fact", "tier", "what", "low", "high", "discrepancy", "member", "until", "source", "basis", "confidence",
)  # fmt: skip


def load_patterns(path: Path | None = None) -> tuple[Pattern, ...]:
    """Load the patterns.

    Parameters
    ----------
    path : Path, optional
        Default: the file that ships.

    Raises
    ------
    InputError
        With every problem found, one a line.

    Examples
    --------
    >>> load_patterns()[0].name
    'honoured-strict'
    """
    file = path or CALIBRATION / "patterns.toml"
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
    problems: list[str] = []
    patterns = []
    for name, table in tables.items():
        row = _Row(name, table if isinstance(table, Mapping) else {}, problems)
        patterns.append(_pattern(row))
    if problems:
        raise InputError("\n".join(f"{file}: {problem}" for problem in problems))
    return tuple(patterns)


def _pattern(row: _Row) -> Pattern:
    for key in row.table:
        if key not in KEYS:
            near = closest(key, KEYS)
            row.refuse(key, "is not known" + (f"; did you mean '{near}'?" if near else ""), listed(KEYS))
    source, about = _what(row)
    low, high = row.number("low"), row.number("high")
    if low >= high:
        row.refuse("high", f"{high:g} is not above low, {low:g}")
    discrepancy = row.number("discrepancy")
    if discrepancy < 0:
        row.refuse("discrepancy", f"{discrepancy:g} is negative", "0 or more")
    tier = row.word("tier", TIERS)
    if (tier == "world") != (source == "world"):
        row.refuse("tier", f"'{tier}' does not go with what = {{ {source} = ... }}")
    until = row.table.get("until")
    if tier == "panel" and not isinstance(until, date):
        row.refuse("until", f"{show(until)} is no date", "the last day of the data")
    return Pattern(
        name=row.name,
        fact=row.word("fact"),
        tier=tier,
        source=source,
        about=about,
        low=low,
        high=high,
        discrepancy=discrepancy,
        member=row.word("member") if tier == "panel" else "",
        until=until if isinstance(until, date) else None,
        basis=row.word("basis"),
        where=row.word("source"),
        confidence=row.word("confidence", CONFIDENCES),
    )


def _what(row: _Row) -> tuple[Source, str | tuple[str, str, str]]:
    what = row.table.get("what")
    names: list[Source] = [name for name in SOURCES if isinstance(what, Mapping) and name in what]
    if not isinstance(what, Mapping) or len(names) != 1 or len(what) != 1:
        row.refuse("what", "must say one thing that is measured", listed(SOURCES))
        return "world", ""
    (name,) = names
    about = what[name]
    if name == "answer":
        if isinstance(about, list) and len(about) == 3 and all(isinstance(part, str) for part in about):
            if about[2] not in RESPONSES:
                row.refuse("what", f"{show(about[2])} is no response", listed(RESPONSES))
            return name, (about[0], about[1], about[2])
        row.refuse("what", "an answer has an event, an ally and a level", '["attack-2022", "RUS", "materiel"]')
        return name, ("", "", "")
    if not isinstance(about, str):
        row.refuse("what", f"{show(about)} is no text")
        return name, ""
    if name == "metric":
        try:
            parse_metric(about)
        except ExpressionError as error:
            row.refuse("what", str(error))
    return name, about
