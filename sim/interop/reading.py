"""Reader of official data files: text tables with various separators, encodings and headers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TextIO, TypeVar

import pandas as pd

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.scenario.problems import listed

K = TypeVar("K", bound=tuple[object, ...])
T = TypeVar("T")

SEPARATORS: Final = (",", "\t", ";")
MOST_HEAD: Final = 60
"""Lines in which the head of a table is looked for; SIPRI's exports begin with a dozen lines of notes."""

MISSING: Final = frozenset({"", "NA", ".", ". .", "..", "xxx"})
"""Cells that say nothing, in any of the files."""

_PACKED: Final = {b"PK": "a zip archive or workbook", b"\x1f\x8b": "a gzip archive"}


@dataclass(frozen=True)
class Row:
    """One row of a data file: its cells by column name in lower case, and its line."""

    file: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the text of a cell without surrounding blanks."""
        return self.cells[column].strip()

    def missing(self, column: str, marks: Iterable[str] = ()) -> bool:
        """Return whether a cell is missing: blank, in `MISSING`, or one of ``marks``."""
        return self[column] in MISSING or self[column] in marks

    def number(self, column: str) -> float:
        """Return the value of a cell as a number."""
        try:
            found = float(self[column])
        except ValueError:
            raise self._refused(column, "a number") from None
        if not abs(found) < float("inf"):
            raise self._refused(column, "a number")
        return found

    def whole(self, column: str) -> int:
        """Return the value of a cell as a whole number; some programs write ``365.0`` for 365."""
        found = self.number(column)
        if found != int(found):
            raise self._refused(column, "a whole number")
        return int(found)

    def flag(self, column: str) -> bool:
        """Return a 0-or-1 cell as a boolean; a blank is false, and codes above 1 (such as degrees) are true."""
        return not self.missing(column) and self.whole(column) > 0

    def _refused(self, column: str, allowed: str) -> InputError:
        return InputError(
            f"{self.file}:{self.line}: {column}: '{self[column][:40]}' cannot be read; allowed: {allowed}"
        )


@dataclass(frozen=True)
class DataFile:
    """A data file with the requested columns, and the lines above its header."""

    path: Path
    frame: pd.DataFrame
    above: tuple[str, ...] = ()

    def has(self, column: str) -> bool:
        """Return whether the file has a column."""
        return column in self.frame.columns

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not blank."""
        names = list(self.frame.columns)
        for line, *cells in self.frame.itertuples(name=None):
            if any(cell.strip() for cell in cells):
                yield Row(self.path, line, dict(zip(names, cells, strict=True)))


def read_file(path: Path, what: str, needed: Sequence[str], optional: Sequence[str] = ()) -> DataFile:
    """Read the requested columns of a file, every cell as text.

    Parameters
    ----------
    path : Path
        A text table with a head; lines before the head are passed over.
    what : str
        The expected kind of file, for messages.
    needed, optional : sequences of str
        Columns that must and may be there, in any case.

    Returns
    -------
    DataFile
        Columns in small letters, rows by their line.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks a column.
    """
    head, above, separator = _head(path, what, needed)
    wanted = {*needed, *optional}
    positions = [place for place, name in enumerate(head) if name in wanted]
    for name in wanted:
        if head.count(name) > 1:
            raise InputError(f"{path}: the column '{name}' stands there twice; allowed: {what}, as published")
    try:
        frame = _decoded(path, lambda text: _cells(text, len(above), separator, positions, len(head)))
    except (pd.errors.ParserError, MemoryError) as error:
        raise InputError(f"{path}: cannot be read as a table ({error}); allowed: {what}, as published") from None
    if frame.empty:
        raise InputError(f"{path}: has no rows below its head; allowed: {what}, as published")
    frame = frame.fillna("")
    frame.columns = pd.Index([head[place] for place in positions])
    frame.index = pd.RangeIndex(len(above) + 2, len(above) + 2 + len(frame))
    return DataFile(path, frame, above)


def by_key(rows: Iterable[tuple[K, Row]]) -> dict[K, Row]:
    """Return rows by a key, such as state and year.

    Raises
    ------
    InputError
        If two rows have equal keys.
    """
    found: dict[K, Row] = {}
    for key, row in rows:
        if key in found:
            name = " ".join(str(part) for part in key)
            raise InputError(
                f"{row.file}: {name} stands there twice, in lines {found[key].line} and {row.line}; allowed: once"
            )
        found[key] = row
    return found


def state_years(data: DataFile, states: Sequence[StateCode], years: Sequence[int], code: str) -> dict[str, list[Row]]:
    """Return the rows about the given states in the given years.

    Parameters
    ----------
    data : DataFile
        With a column ``year``.
    states, years : sequences
        The requested states and years.
    code : str
        Column with COW numbers.

    Returns
    -------
    dict
        By ISO code, a row a year, in the order of ``years``.

    Raises
    ------
    InputError
        If a row is missing or stands there twice.
    """
    by_number = {str(state.cow): state for state in states}
    texts = data.frame[code].str.strip().str.removesuffix(".0")
    mine = DataFile(data.path, data.frame[texts.isin(set(by_number))])
    found = by_key(((by_number[str(row.whole(code))].iso3, row.whole("year")), row) for row in mine.rows())
    for state in states:
        lacking = [year for year in years if (state.iso3, year) not in found]
        if lacking:
            there = sorted(year for iso3, year in found if iso3 == state.iso3 and isinstance(year, int))
            span = f"its years are {spans(there)}" if there else f"it has no {state}"
            raise InputError(f"{data.path}: no row for {state} in {spans(lacking)}; allowed: what the file has; {span}")
    return {state.iso3: [found[state.iso3, year] for year in years] for state in states}


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


def _head(path: Path, what: str, needed: Sequence[str]) -> tuple[list[str], tuple[str, ...], str]:
    """Return the column names in lower case, the lines above the header, and the separator."""
    lines = _first_lines(path, what)
    first: list[str] = []
    for number, line in enumerate(lines):
        for separator in SEPARATORS:
            cells = [cell.strip().strip('"').strip().lower() for cell in line.split(separator)]
            first = first or (cells if len(cells) > 1 else [])
            if set(needed) <= set(cells):
                return cells, tuple(lines[:number]), separator
    lacking = [name for name in needed if name not in first]
    raise InputError(f"{path}: no column {listed(lacking)}; allowed: {what}, with columns {listed(needed)}")


def _first_lines(path: Path, what: str) -> list[str]:
    if path.is_dir():
        raise InputError(f"{path}: is a directory; allowed: {what}")
    if not path.is_file():
        raise InputError(f"{path}: no such file; allowed: {what}")
    with path.open("rb") as file:
        start = file.read(2)
    if start in _PACKED:
        raise InputError(f"{path}: is {_PACKED[start]}; allowed: {what}, unpacked, as text (csv)")
    lines = _decoded(path, lambda text: list(islice(text, MOST_HEAD)))
    if not any(line.strip() for line in lines):
        raise InputError(f"{path}: is empty; allowed: {what}")
    return [line.rstrip("\n") for line in lines]


def _cells(text: TextIO, skip: int, separator: str, positions: list[int], width: int) -> pd.DataFrame:
    for _ in range(skip + 1):
        text.readline()
    return pd.read_csv(
        text, sep=separator, header=None, names=range(width), usecols=positions,
        dtype=object, na_filter=False, index_col=False, skip_blank_lines=False,
    )  # fmt: skip


def _decoded(path: Path, read: Callable[[TextIO], T]) -> T:
    """Return the result of ``read`` for a file in UTF-8, or in latin-1 (used by ATOP and SIPRI) if it is not UTF-8."""
    try:
        with path.open(encoding="utf-8-sig") as text:
            return read(text)
    except UnicodeDecodeError:
        with path.open(encoding="latin-1") as text:
            return read(text)
