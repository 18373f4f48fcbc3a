"""Scenario fragments: imported tables with the sources of their values, and a list of missing data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import tomlkit

from sim.scenario.problems import listed

Key = tuple[str, ...]

DIGITS: Final = 9
"""Significant digits of figures that are computed."""
MOST_CASES: Final = 12
"""Cases of one reason that a message names."""


@dataclass
class ScenarioFragment:
    """A scenario fragment: the output of an import.

    Attributes
    ----------
    head : list of str
        Lines above: the file, the year, the rule.
    tables : dict
        Keys and values of each table, by its path, such as ``("states", "ARM")``; in the order in which they are
        written.
    remarks : dict
        What was done to the data (``left out``, ``joined``, ``carried``) and why, with every case.
    notes : dict
        Remarks beside the heads of tables, by path.
    """

    head: list[str]
    tables: dict[Key, dict[str, Any]] = field(default_factory=dict)
    remarks: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    notes: dict[Key, str] = field(default_factory=dict)

    def put(self, path: Key, key: str, value: Any) -> None:
        """Set one key of a table in the fragment."""
        self.tables.setdefault(path, {})[key] = value

    def remark(self, done: str, why: str, *cases: str) -> None:
        """Note what was done to some cases of the data; those of one reason form one line."""
        self.remarks.setdefault((done, why), []).extend(cases)

    def leave_out(self, why: str, *cases: str) -> None:
        """Note which cases are left out."""
        self.remark("left out", why, *cases)

    @property
    def left_out(self) -> list[str]:
        """What is left out, a line for each reason with all its cases."""
        return [f"{', '.join(cases)}: {why}" for (done, why), cases in self.remarks.items() if done == "left out"]

    def said(self) -> list[str]:
        """Return all remarks for a message, a line for each reason with at most `MOST_CASES` cases."""
        return [f"{done}: {listed(cases, MOST_CASES)}: {why}" for (done, why), cases in self.remarks.items()]

    def text(self) -> str:
        """Return the fragment as TOML, with all remarks in comments.

        Examples
        --------
        >>> tables = {("states", "ARM"): {"capability": series({2016: 0.5}, "it")}}
        >>> print(ScenarioFragment(["a made-up file"], tables).text())
        # a made-up file
        <BLANKLINE>
        [states.ARM]
        capability = {value = 0.5, source = "it, 2016"}
        <BLANKLINE>
        """
        remarks = (f"{done}: {', '.join(cases)}: {why}" for (done, why), cases in self.remarks.items())
        comments = [*self.head, *(f"{line[0].upper()}{line[1:]}" for line in remarks)]
        parts = ["".join(f"# {_one_line(line)}\n" for line in comments)]
        for path, table in self.tables.items():
            name = ".".join(map(_key, path))
            note = f"  # {self.notes[path]}" if path in self.notes else ""
            body = "".join(f"{_key(key)} = {_toml(value)}\n" for key, value in table.items())
            parts.append(f"[{name}]{note}\n{body}")
        return "\n".join(parts)


def series(values: Mapping[int, float], source: str, rule: str = "", confidence: str = "") -> dict[str, Any]:
    """Return a value as scenario files write it: a series for several years, a single value for one year.

    A single value replaces the series of an extended scenario; a series adds its years to those of the extended one.
    """
    if len(values) == 1:
        ((year, value),) = values.items()
        numbers, source = {"value": rounded(value)}, f"{source}, {year}"
    else:
        numbers = {str(year): rounded(value) for year, value in values.items()}
    notes = {"source": source, "rule": rule, "confidence": confidence}
    return {**numbers, **{key: note for key, note in notes.items() if note}}


def rounded(value: float) -> float:
    """Return a number with `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS}g}")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))


@cache
def _key(name: str) -> str:
    return tomlkit.key(name).as_string()


@cache
def _string(text: str) -> str:
    return tomlkit.string(text).as_string()


def _toml(value: Any) -> str:
    """Return a value as TOML; tomlkit takes minutes over the pairs of all states."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)} = {_toml(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"{value!r} has no form in a scenario file")
