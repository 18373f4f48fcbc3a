"""Plain tables on standard output, at most 100 columns wide unless the numbers need more."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import printable

if TYPE_CHECKING:
    from rich.console import JustifyMethod

WIDTH = 100
LONG = 14
"""Longest words that are never broken over lines; figures never are, heads may be."""


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
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False)
    longest = [max((len(row[position]) for row in rows), default=0) for position in range(len(heads))]
    needed = sum(min(length, LONG) if position < left else length + 2 for position, length in enumerate(longest))
    if not console.is_terminal or console.width > WIDTH:
        console = Console(file=sys.stdout, highlight=False, width=max(WIDTH, needed + 2 * left))
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), collapse_padding=True)
    for position, head in enumerate(heads):
        side: JustifyMethod = "left" if position < left else "right"
        least = longest[position] if side == "right" else min(longest[position], LONG)
        table.add_column(Text(printable(head)), justify=side, overflow="fold", min_width=least)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    if title:
        console.print(Text(printable(title), style="bold"), soft_wrap=True)
    console.print(table)
    console.print()
