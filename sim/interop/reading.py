"""Reader of official data files: the columns that an importer asks for, under its own names for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import pandas as pd

from sim.errors import InputError
from sim.interop.layouts import FILES, LAYOUTS, FileLayout, layouts
from sim.interop.tables import (
    Head,
    check_kind,
    damage,
    is_stata,
    stata_cells,
    stata_head,
    text_above,
    text_cells,
    text_heads,
)
from sim.scenario.problems import listed, show

K = TypeVar("K", bound=tuple[object, ...])

MISSING: Final = frozenset({"", "NA", ".", ". .", "..", "xxx"})
"""Cells that say nothing, in any of the files."""

BEFORE_FIRST_SESSION: Final = 1945
"""The first session of the UN General Assembly met in 1946."""


@dataclass(frozen=True)
class Row:
    """One row of a data file: its line, and its cells by the importer's names for the columns."""

    file: Path
    line: int
    cells: Mapping[str, str]
    layout: FileLayout

    def __getitem__(self, column: str) -> str:
        """Return the text of a cell without surrounding blanks."""
        return self.cells[column].strip()

    def missing(self, column: str, marks: Iterable[str] = ()) -> bool:
        """Return whether a cell is missing: blank, in `MISSING`, a mark of the publisher, or one of ``marks``."""
        cell = self[column]
        return cell in MISSING or cell in self.layout.missing or cell in marks

    def number(self, column: str) -> float:
        """Return the value of a cell as a number."""
        try:
            value = float(self[column])
        except ValueError:
            raise self._refused(column, "a number") from None
        if not abs(value) < float("inf"):
            raise self._refused(column, "a number")
        return value

    def whole(self, column: str) -> int:
        """Return the value of a cell as a whole number; some programs write ``365.0`` for 365."""
        value = self.number(column)
        if value != int(value):
            raise self._refused(column, "a whole number")
        return int(value)

    def flag(self, column: str) -> bool:
        """Return a 0-or-1 cell as a boolean; a blank is false, and codes above 1 (such as degrees) are true."""
        return not self.missing(column) and self.whole(column) > 0

    @property
    def year(self) -> int:
        """The year, or that in which the session of the UN General Assembly began."""
        return self.whole("year") if "year" in self.cells else BEFORE_FIRST_SESSION + self.whole("session")

    def name(self, column: str) -> str:
        """Return the file's name of a column."""
        return self.layout.named(column)

    def _refused(self, column: str, allowed: str) -> InputError:
        cell = self[column]
        said = f" ({fault})" if (fault := damage(cell)) else ""
        return InputError(
            f"{self.file}:{self.line}: {self.name(column)}: '{cell[:40]}' cannot be read{said}; allowed: {allowed}"
        )


@dataclass(frozen=True)
class DataFile:
    """A data file in a known layout, and the lines above its head."""

    path: Path
    layout: FileLayout
    frame: pd.DataFrame
    above: tuple[str, ...] = field(default=())

    def has(self, column: str) -> bool:
        """Return whether the file has a column, by the importer's name for it."""
        return column in self.frame.columns

    def named(self, column: str) -> str:
        """Return the file's name of a column."""
        return self.layout.named(column)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not blank."""
        names = list(self.frame.columns)
        for line, *cells in self.frame.itertuples(name=None):
            if any(cell.strip() for cell in cells):
                yield Row(self.path, line, dict(zip(names, cells, strict=True)), self.layout)


def read_file(path: Path, data_set: str) -> DataFile:
    """Read the file of a data set in whichever of its layouts it has, every cell as text.

    Parameters
    ----------
    path : Path
        A text table with a head, where lines before the head are passed over, or a Stata file.
    data_set : str
        Name of the data set, a key of `sim.interop.layouts.FILES`.

    Returns
    -------
    DataFile
        Columns under the names of the layout, rows by their line.

    Raises
    ------
    InputError
        If the file cannot be read, or fits no layout.
    """
    what = FILES[data_set]
    check_kind(path, what)
    stata = is_stata(path)
    heads = [stata_head(path, what)] if stata else list(text_heads(path, what))
    head, layout = _fitting(path, heads, data_set)
    wanted = {column: name for name, column in {**layout.columns, **layout.optional}.items()}
    for column in wanted:
        if head.cells.count(column) > 1:
            raise InputError(f"{path}: the column '{column}' stands there twice; allowed: {what}, as published")
    positions = [position for position, column in enumerate(head.cells) if column in wanted]
    frame = stata_cells(path, what, positions) if stata else text_cells(path, what, head, positions)
    if frame.empty:
        raise InputError(f"{path}: has no rows below its head; allowed: {what}, as published")
    frame.columns = pd.Index([wanted[head.cells[position]] for position in positions])
    return DataFile(path, layout, frame, () if stata else text_above(path, head))


def by_key(rows: Iterable[tuple[K, Row]]) -> dict[K, Row]:
    """Return rows by a key, such as state and year.

    Raises
    ------
    InputError
        If two rows have equal keys.
    """
    unique: dict[K, Row] = {}
    for key, row in rows:
        if key in unique:
            name = " ".join(str(part) for part in key)
            raise InputError(
                f"{row.file}: {name} stands there twice, in lines {unique[key].line} and {row.line}; allowed: once"
            )
        unique[key] = row
    return unique


def spans(years: Sequence[int]) -> str:
    """Return ascending years as short text with ranges.

    Examples
    --------
    >>> spans([1991, 1992, 1993, 2000])
    '1991-1993, 2000'
    """
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)


def _fitting(path: Path, heads: Sequence[Head], data_set: str) -> tuple[Head, FileLayout]:
    """Return the head of the table and the layout that it fits."""

    def fit(pair: tuple[Head, FileLayout]) -> tuple[bool, int, bool]:
        head, layout = pair
        lacking = len(layout.lacking(head.cells))
        return not lacking, len(layout.columns) - lacking if lacking else 0, len(head.cells) > 1

    head, layout = max(((head, layout) for head in heads for layout in layouts(data_set)), key=fit)
    lacking = layout.lacking(head.cells)
    taken = f"line {head.line}, taken for the head" if head.line else "its variables"
    if head.damaged:
        raise InputError(
            f"{path}: {taken}, ends in empty cells with semicolons: a spreadsheet has split the lines and saved them; "
            f"allowed: {FILES[data_set]}, as downloaded"
        )
    if lacking:
        raise InputError(
            f"{path}: no column {listed(lacking)} in {taken} ({show(head.text)}){_other(heads, data_set)}; allowed: "
            f"{FILES[data_set]}, with columns {'; or '.join(_columns(candidate) for candidate in layouts(data_set))}"
        )
    return head, layout


def _columns(layout: FileLayout) -> str:
    return ", ".join(layout.columns.values())


def _other(heads: Sequence[Head], data_set: str) -> str:
    """Return which other data set a file belongs to, if any."""
    others = (layout.data_set for layout in LAYOUTS if any(not layout.lacking(head.cells) for head in heads))
    other = next((name for name in others if name != data_set), "")
    return f"; this is {FILES[other]}, for 'csto-sim import {other}'" if other else ""
