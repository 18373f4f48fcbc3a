"""Scenario fragments: imported tables with the sources of their values, and a list of missing data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import tomlkit

Key = tuple[str, ...]

DIGITS: Final = 9
"""Significant digits of figures that are computed."""


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
    left_out : list of str
        Data in the file that the fragment leaves out, one line for each case.
    notes : dict
        Remarks beside the heads of tables, by path.
    """

    head: list[str]
    tables: dict[Key, dict[str, Any]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    notes: dict[Key, str] = field(default_factory=dict)

    def put(self, path: Key, key: str, value: Any) -> None:
        """Set one key of a table in the fragment."""
        self.tables.setdefault(path, {})[key] = value

    def text(self) -> str:
        """Return the fragment as TOML, with missing data listed in comments.

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
        comments = [*self.head, *(f"Left out: {line}" for line in self.left_out)]
        parts = ["".join(f"# {_one_line(line)}\n" for line in comments)]
        for path, table in self.tables.items():
            name = ".".join(tomlkit.key(part).as_string() for part in path)
            note = f"  # {self.notes[path]}" if path in self.notes else ""
            body = tomlkit.dumps({key: _value(value) for key, value in table.items()})
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


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        inline.update({key: _value(inner) for key, inner in value.items()})
        return inline
    if isinstance(value, str | bool | int | float | date | list):
        return value
    raise TypeError(f"{value!r} has no form in a scenario file")
