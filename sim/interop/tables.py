"""Tables in files: what kind of file it is, where its head stands, and its cells as text."""

import csv
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TextIO, TypeVar

import pandas as pd

from sim.errors import InputError
from sim.given import PIPE, is_pipe

T = TypeVar("T")

SEPARATORS: Final = (",", "\t", ";")
MOST_HEAD: Final = 60
"""Lines in which the head of a table is looked for; SIPRI's exports begin with a dozen lines of notes."""

MOST_LINE: Final = 2**20
"""Bytes of a line; those of V-Dem's table of 4,600 columns have a twentieth."""

_OTHER_KINDS: Final = {
    b"PK": "is a zip archive or workbook; allowed: {what}, unpacked, as text (csv)",
    b"\x1f\x8b": "is a gzip archive; allowed: {what}, unpacked, as text (csv)",
    b"version https://git-lfs": "is a Git LFS pointer, not the file ('git lfs pull' fetches it); allowed: {what}",
    b"<!doctype": "is a web page; allowed: {what}, as published",
    b"<html": "is a web page; allowed: {what}, as published",
}
"""What is wrong with files that begin so, in any case and after blanks."""

_STATA: Final = b"<stata_dta>"
_UNREADABLE: Final = (ValueError, KeyError, struct.error, OSError, EOFError, OverflowError, MemoryError)
_SPLIT: Final = re.compile(r";{2,}\s*\Z")
_DAMAGED: Final = {
    re.compile(r"#[A-Z]+[A-Z/0]*[!?]?|#+"): "an error of a spreadsheet",
    re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?"): "a decimal comma, as spreadsheets write",
    re.compile(r"\d{1,2}[-.][A-Za-z]{3}|[A-Za-z]{3}[-.]\d{2}"): "a date that a spreadsheet has made of it",
}


@dataclass(frozen=True)
class Head:
    """A line that may be the head of a table: its number, its text, its cells in lower case."""

    line: int
    text: str
    cells: tuple[str, ...]
    separator: str

    @property
    def damaged(self) -> bool:
        """Whether a spreadsheet has split the lines of the file at semicolons and saved them so."""
        return self.separator != ";" and _SPLIT.search(self.text) is not None


def damage(cell: str) -> str:
    """Return how a spreadsheet has damaged a number, an empty text if it has not.

    Examples
    --------
    >>> damage("0,0397")
    'a decimal comma, as spreadsheets write'
    """
    return next((what for pattern, what in _DAMAGED.items() if pattern.fullmatch(cell)), "")


def is_stata(path: Path) -> bool:
    """Return whether a file is one of Stata's."""
    if path.suffix.lower() == ".dta":
        return True
    with path.open("rb") as file:
        return file.read(len(_STATA)) == _STATA


def check_kind(path: Path, what: str) -> None:
    """Reject a file that is no table: a directory, an archive, a pointer, a web page.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What is expected, for messages.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory; allowed: {what}")
    if is_pipe(path):
        raise InputError(f"{path}: {PIPE}")
    if not path.is_file():
        raise InputError(f"{path}: no such file; allowed: {what}")
    with path.open("rb") as file:
        start = file.read(64)
    for sign, said in _OTHER_KINDS.items():
        if start.startswith(sign) or start.lower().lstrip(b"\xef\xbb\xbf \r\n").startswith(sign):
            raise InputError(f"{path}: {said.format(what=what)}")
    if is_stata(path):
        return
    with path.open(encoding="latin-1") as text:  # in which lines may end as on old Macintoshes
        while line := text.readline(MOST_LINE):
            if len(line) == MOST_LINE:
                raise InputError(f"{path}: has a line of more than {MOST_LINE / 1e6:.0f} MB; allowed: {what}")


def text_heads(path: Path, what: str) -> Iterator[Head]:
    """Yield each of the first lines of a text, split at each separator."""
    lines = _decoded(path, lambda text: list(islice(text, MOST_HEAD)))
    if not any(line.strip() for line in lines):
        raise InputError(f"{path}: is empty; allowed: {what}")
    for number, line in enumerate(lines, 1):
        for separator in SEPARATORS:
            cells = tuple(cell.strip().strip('"').strip().lower() for cell in line.split(separator))
            yield Head(number, line.rstrip("\n"), cells, separator)


def text_cells(path: Path, what: str, head: Head, positions: Sequence[int]) -> pd.DataFrame:
    """Return the cells below a head, in the columns at the given places, by line."""

    def read(text: TextIO) -> pd.DataFrame:
        for _ in range(head.line):
            text.readline()
        return pd.read_csv(
            text, sep=head.separator, header=None, names=range(len(head.cells)), usecols=list(positions),
            dtype=object, na_filter=False, index_col=False, skip_blank_lines=False,
        )  # fmt: skip

    _decoded(path, lambda text: _check_widths(path, what, head, text))
    try:
        frame = _decoded(path, read).fillna("")
    except (pd.errors.ParserError, MemoryError) as error:
        raise InputError(f"{path}: cannot be read as a table ({error}); allowed: {what}, as published") from None
    frame.index = pd.RangeIndex(head.line + 1, head.line + 1 + len(frame))
    return frame


def _check_widths(path: Path, what: str, head: Head, text: TextIO) -> None:
    """Reject lines with more cells than the head, as they are where quotes around a comma are lost."""
    width = len(head.cells)
    for number, line in enumerate(text, 1):
        if number <= head.line or line.count(head.separator) < width or line.count('"') % 2:
            continue
        try:
            cells = next(csv.reader([line], delimiter=head.separator))
        except csv.Error as error:
            raise InputError(f"{path}:{number}: cannot be read ({error}); allowed: {what}, as published") from None
        if any(cell.strip() for cell in cells[width:]):
            raise InputError(
                f"{path}:{number}: has {len(cells)} cells, and the head in line {head.line} has {width}; "
                f"allowed: {what}, as published"
            )


def text_above(path: Path, head: Head) -> tuple[str, ...]:
    """Return the lines above a head."""
    return tuple(_decoded(path, lambda text: [line.rstrip("\n") for line in islice(text, head.line - 1)]))


def stata_head(path: Path, what: str) -> Head:
    """Return the names of the variables of a Stata file."""
    names = _stata_names(path, what)
    return Head(0, ", ".join(names), tuple(name.lower() for name in names), ",")


def stata_cells(path: Path, what: str, positions: Sequence[int]) -> pd.DataFrame:
    """Return the values of some variables of a Stata file as text, by observation."""
    all_names = _stata_names(path, what)
    names = [all_names[position] for position in positions]
    try:
        frame = pd.read_stata(path, columns=names, convert_categoricals=False, convert_dates=False)
    except _UNREADABLE as error:
        raise _unreadable(path, what, error) from None
    cells = frame.astype(str).astype(object).where(frame.notna(), "")
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return cells


def _stata_names(path: Path, what: str) -> list[str]:
    try:
        with pd.read_stata(path, iterator=True) as reader:
            return list(reader.variable_labels())
    except _UNREADABLE as error:
        raise _unreadable(path, what, error) from None


def _unreadable(path: Path, what: str, error: Exception) -> InputError:
    return InputError(
        f"{path}: cannot be read as a Stata file ({str(error)[:120]}); allowed: {what}, as text or Stata file"
    )


def _decoded(path: Path, read: Callable[[TextIO], T]) -> T:
    """Return the result of ``read`` for a file in UTF-8, or in latin-1 (used by ATOP and SIPRI) if it is not UTF-8."""
    try:
        with path.open(encoding="utf-8-sig") as text:
            return read(text)
    except UnicodeDecodeError:
        with path.open(encoding="latin-1") as text:
            return read(text)
