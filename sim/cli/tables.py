"""Plain tables on standard output, as wide as the terminal: words fold, and no figure or name is ever cropped."""

import sys
from collections.abc import Iterator, Sequence
from typing import Final

from sim.cli.console import WIDTH, folded, put, terminal_width
from sim.errors import printable

GAP: Final = 2
"""Blanks between columns."""


def show(heads: Sequence[str], rows: Sequence[Sequence[str]], title: str = "", left: int = 1) -> None:
    """Print a table with a title, column heads and rows.

    Parameters
    ----------
    heads : sequence of str
        Heads of the columns.
    rows : sequence of sequences of str
        Cells.
    title : str
        Stands above.
    left : int
        How many columns, from the first, hold words; the rest are set right.
    """
    for line in paragraph(title):
        put(line, bold=sys.stdout.isatty())
    cells = [[printable(cell) for cell in row] for row in rows]
    for line in laid_out([printable(head) for head in heads], cells, left, terminal_width()):
        put(line, whole=True)
    put("")


def paragraph(text: str) -> list[str]:
    """Return a text in lines as wide as the terminal, broken between words."""
    return folded(text, terminal_width() or WIDTH)


def laid_out(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int, room: int | None) -> Iterator[str]:
    """Yield the lines of a table, in which every word and every figure of every cell is whole.

    A table that is too wide is split into tables that each begin with the first columns; where these leave no room for
    others, each row is printed as a list.

    Parameters
    ----------
    heads, rows, left
        As for `show`.
    room : int or None
        Longest line; None: `WIDTH`, or what the longest words and figures need.

    Examples
    --------
    >>> for line in laid_out(("state", "trust", "posture"), [("ARM", "0.31", "freeze")], 1, 14):
    ...     print(line)
    state  trust
    ────────────
    ARM     0.31
    <BLANKLINE>
    state  posture
    ──────────────
    ARM     freeze
    """
    columns = [[head, *(row[index] for row in rows)] for index, head in enumerate(heads)]
    least = [
        max(_longest_word(column), 0 if index < left else max(map(len, column[1:]), default=0))
        for index, column in enumerate(columns)
    ]
    most = [max(map(len, column)) for column in columns]
    every = range(len(columns))
    width = room or max(WIDTH, _total(least, every))
    keys = range(left if left < len(columns) else 1)
    if any(_total(least, [*keys, index]) > width for index in every[len(keys) :]):
        yield from _as_lists(heads, rows, width)
        return
    for number, indices in enumerate(_parts(least, keys, width)):
        if number:
            yield ""
        widths = _widened(least, most, indices, width)
        yield from _row([heads[index] for index in indices], indices, widths, left)
        yield "─" * _total(widths, indices)
        for row in rows:
            yield from _row([row[index] for index in indices], indices, widths, left)


def _parts(least: Sequence[int], keys: range, width: int) -> Iterator[list[int]]:
    """Yield the columns of each part of a table that is split where it is too wide: the keys, then as many as fit."""
    part = list(keys)
    for index in range(len(keys), len(least)):
        if len(part) > len(keys) and _total(least, [*part, index]) > width:
            yield part
            part = list(keys)
        part.append(index)
    yield part


def _widened(least: Sequence[int], most: Sequence[int], indices: Sequence[int], width: int) -> list[int]:
    """Return the widths of columns, each at least what its words need, with the room left given to the narrowest."""
    widths = list(least)
    for _ in range(width - _total(widths, indices)):
        lacking = [index for index in indices if widths[index] < most[index]]
        if not lacking:
            break
        widths[min(lacking, key=lambda index: widths[index])] += 1
    return widths


def _total(widths: Sequence[int], indices: Sequence[int]) -> int:
    return sum(widths[index] for index in indices) + GAP * (len(indices) - 1)


def _row(cells: Sequence[str], indices: Sequence[int], widths: Sequence[int], left: int) -> Iterator[str]:
    """Yield the lines of one row, whose cells are folded to the widths of their columns."""
    columns = [folded(cell, widths[index]) for cell, index in zip(cells, indices, strict=True)]
    for line in range(max(1, *map(len, columns))):
        parts = [(cell[line] if line < len(cell) else "", index) for cell, index in zip(columns, indices, strict=True)]
        set_ = [text.ljust(widths[index]) if index < left else text.rjust(widths[index]) for text, index in parts]
        yield (" " * GAP).join(set_).rstrip()


def _as_lists(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield each row as lines of a head and a cell, with a line between rows."""
    for number, row in enumerate(rows):
        if number:
            yield ""
        for head, cell in zip(heads, row, strict=True):
            first, *more = folded(f"{head}: {cell}" if head else cell, width) or [f"{head}:"]
            yield first
            yield from (f"{' ' * GAP}{line}" for text in more for line in folded(text, width - GAP))


def _longest_word(cells: Sequence[str]) -> int:
    return max((len(line) for cell in cells for line in folded(cell, 1)), default=0)
