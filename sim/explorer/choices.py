"""Choices of a user on the page: which runs to make and which results to show, as a file and as a link."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode

from sim.errors import InputError
from sim.version import __version__

FORMAT: Final = "csto-sim-explorer"
"""Key of a saved page that tells what the file is, and its version."""

MOST_REPLICATES: Final = 5000
"""Runs that the page makes at most, as all of them are held in memory."""

LARGEST_PAGE: Final = 1_000_000
"""Bytes of a saved page at most; real ones have some hundreds."""

_CHOICES: Final = ("scenario", "branch", "events", "explanation", "parameters", "replicates", "seed")
_TABLES: Final = ("events", "parameters")

AGAINST: Final = ("main", "branch", "pinned")
"""What a page is compared with: the main branch as shipped, its own branch as shipped, or what was pinned."""

Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Choices:
    """Choices that define an ensemble: branch, events, explanation, parameters, runs and seed.

    Attributes
    ----------
    scenario, branch : str
        Name of a scenario on the shelf, and one of its branches.
    events : tuple of (str, str)
        Events whose setting differs from the branch's (`sim.explorer.switches`), by name.
    explanation : str
        Name of the explanation under which it runs (`sim.experiments.parameters.explanations`); empty for none.
    parameters : tuple of (str, float)
        Parameters whose value differs from the branch's, by name.
    replicates, seed : int
        Number of runs, and where their random numbers start.
    """

    scenario: str
    branch: str
    events: Pairs = ()
    explanation: str = ""
    parameters: Pairs = ()
    replicates: int = 1000
    seed: int = 1

    @property
    def changed(self) -> bool:
        """Whether events or parameters differ from those of the branch."""
        return bool(self.events or self.parameters)

    def with_event(self, name: str, setting: str | None) -> Self:
        """Return the choices with an event set, or reset to the branch's setting if None."""
        return replace(self, events=_with(self.events, name, setting))

    def with_parameter(self, name: str, value: float | None) -> Self:
        """Return the choices with a parameter set, or reset to the branch's value if None."""
        return replace(self, parameters=_with(self.parameters, name, value))

    def as_shipped(self) -> Self:
        """Return the choices without any changes to the branch."""
        return replace(self, events=(), explanation="", parameters=())


@dataclass(frozen=True)
class PageState:
    """State of a whole page: the ensemble, the view of it, and the comparison.

    Attributes
    ----------
    choices : Choices
    state : str
        Selected member; empty for the scenario's protagonist.
    day : date or None
        Where the time cursor stands; None for the end of the record.
    pinned : Choices or None
        What was pinned, to be compared with.
    against : str
        What it is compared with (`AGAINST`).
    """

    choices: Choices
    state: str = ""
    day: date | None = None
    pinned: Choices | None = None
    against: str = AGAINST[0]

    def to_table(self) -> dict[str, Any]:
        """Return the page as plain tables, without values at their defaults."""
        table = _choices_table(self.choices)
        table |= {"state": self.state} if self.state else {}
        table |= {"day": self.day.isoformat()} if self.day else {}
        table |= {"against": self.against} if self.against != AGAINST[0] else {}
        return table | ({"pinned": _choices_table(self.pinned)} if self.pinned else {})

    def to_json(self) -> str:
        """Return the page as the text of a file."""
        return json.dumps({FORMAT: __version__, **self.to_table()}, indent=2) + "\n"

    def to_query(self) -> str:
        """Return the page as the readable query of a link: ``scenario=...&events.russia-2022=forces``."""
        return urlencode(self.to_pairs())

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return the keys and values of the query."""
        return _flat(self.to_table(), "")

    @classmethod
    def from_table(cls, table: Mapping[str, Any], where: str) -> Self:
        """Read a page from the tables that `to_table` returns.

        Raises
        ------
        InputError
            If a key is not known or its value cannot stand there; ``where`` names the file or link.
        """
        known = (*_CHOICES, "state", "day", "against", "pinned")
        _refuse_unknown(table, known, where)
        pinned = table.get("pinned")
        if pinned is not None and not isinstance(pinned, Mapping):
            raise InputError(f"{where}: pinned: is not a table")
        day = table.get("day")
        against = table.get("against", AGAINST[0])
        if against not in AGAINST or (against == "pinned" and pinned is None):
            allowed = ", ".join(AGAINST if pinned is not None else AGAINST[:-1])
            raise InputError(f"{where}: against: '{against}' is not possible; allowed: {allowed}")
        return cls(
            _read_choices(table, where),
            _text(table, "state", where) if "state" in table else "",
            None if day is None else _day(day, where),
            None if pinned is None else _read_choices(pinned, f"{where}: pinned"),
            against,
        )

    @classmethod
    def from_file(cls, held: bytes, where: str) -> Self:
        """Read a page from the bytes of a file, of which no more than `LARGEST_PAGE` and one need to be read.

        Raises
        ------
        InputError
            If it is too large or no saved page.
        """
        if len(held) > LARGEST_PAGE:
            raise InputError(f"{where}: is too large for a saved page; allowed: {LARGEST_PAGE:,} bytes")
        try:
            text = held.decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(f"{where}: is not a saved page of the explorer; allowed: a file that it saved") from None
        return cls.from_json(text, where)

    @classmethod
    def from_json(cls, text: str, where: str) -> Self:
        """Read a page from the text that `to_json` returns; raises `InputError` if it is invalid."""
        try:
            table = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: is not JSON: {error}") from None
        if not isinstance(table, dict) or FORMAT not in table:
            raise InputError(f"{where}: is not a saved page of the explorer; allowed: a file that it saved")
        return cls.from_table({key: value for key, value in table.items() if key != FORMAT}, where)

    @classmethod
    def from_query(cls, query: str, where: str = "link") -> Self:
        """Read a page from the query that `to_query` returns; raises `InputError` if it is invalid."""
        table: dict[str, Any] = {}
        for key, text in parse_qsl(query):
            *path, name = key.split(".", 2) if key.startswith("pinned.") else key.split(".", 1)
            inner = table
            for part in path:
                inner = inner.setdefault(part, {})
                if not isinstance(inner, dict):
                    raise InputError(f"{where}: {key}: '{part}' is given twice")
            inner[name] = _number(text) if path[-1:] == ["parameters"] or name in ("replicates", "seed") else text
        return cls.from_table(table, where)


def _with(pairs: Pairs, name: str, value: Any) -> Pairs:
    table = dict(pairs)
    table.pop(name, None)
    return tuple(sorted({**table, **({} if value is None else {name: value})}.items()))


def _choices_table(choices: Choices) -> dict[str, Any]:
    table = asdict(choices)
    for name in _TABLES:
        table[name] = dict(table[name])
    return {key: value for key, value in table.items() if value not in ({}, "")}


def _flat(table: Mapping[str, Any], above: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{above}{key}.")
        else:
            rows.append((f"{above}{key}", str(value)))
    return rows


def _read_choices(table: Mapping[str, Any], where: str) -> Choices:
    if where.endswith("pinned"):
        _refuse_unknown(table, _CHOICES, where)
    events = _table(table, "events", str, "text", where)
    parameters = _table(table, "parameters", (int, float), "a number", where)
    replicates = _whole(table, "replicates", 1000, where)
    if not 1 <= replicates <= MOST_REPLICATES:
        raise InputError(f"{where}: replicates: {replicates} is not allowed; allowed: 1..{MOST_REPLICATES}")
    seed = _whole(table, "seed", 1, where)
    if not 0 <= seed < 2**53:
        raise InputError(f"{where}: seed: {seed} is not allowed; allowed: whole numbers from 0 below 2**53")
    return Choices(
        _text(table, "scenario", where),
        _text(table, "branch", where),
        tuple(sorted(events.items())),
        _text(table, "explanation", where) if "explanation" in table else "",
        tuple(sorted((name, float(value)) for name, value in parameters.items())),
        replicates,
        seed,
    )


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key '{key}'; allowed: {', '.join(known)}")


def _table(table: Mapping[str, Any], key: str, kind: Any, what: str, where: str) -> dict[str, Any]:
    held = table.get(key, {})
    if not isinstance(held, dict):
        raise InputError(f"{where}: {key}: is not a table")
    for name, value in held.items():
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(f"{where}: {key}.{name}: is not {what}")
    return held


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f"{where}: {key}: a name is needed")
    return value


def _whole(table: Mapping[str, Any], key: str, otherwise: int, where: str) -> int:
    value = table.get(key, otherwise)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{where}: {key}: is not a whole number")
    return value


def _day(value: Any, where: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(f"{where}: day: '{value}' is no date; allowed: such as 2024-12-31") from None


def _number(text: str) -> Any:
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return text
