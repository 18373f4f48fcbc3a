"""The elements of a report, independent of its file format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sim.plots.style import Sheet, encoded


@dataclass(frozen=True)
class Text:
    """A paragraph; strong paragraphs give the main points."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Listing:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Number:
    """A number in large type, with its label, value and interval."""

    label: str
    value: str
    spread: str = ""


@dataclass(frozen=True)
class Numbers:
    """Several numbers in large type, side by side."""

    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Grid:
    """A table of text.

    Attributes
    ----------
    title : str
        Stands above.
    heads : tuple of str
        Heads of the columns; the first column names the row.
    rows : tuple of tuple of str
        Cells.
    figures : sequence of int, optional
        Places of the columns that hold figures, which are set right; default: all but the first.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: Sequence[int] | None = None

    def sides(self) -> tuple[bool, ...]:
        """Whether each column is right-aligned."""
        right = range(1, len(self.heads)) if self.figures is None else self.figures
        return tuple(column in right for column in range(len(self.heads)))


@dataclass(frozen=True)
class Code:
    """Commands for the reader to type."""

    text: str


@dataclass(frozen=True)
class Figure:
    """A figure, drawn when it is first needed.

    Attributes
    ----------
    name : str
        Short and unique in the report, for files.
    caption : str
        A description of the figure; with the title, it is the text alternative for readers who cannot see it.
    draw : callable
        Returns the figure.
    source : str
        What it is drawn from, for the line below it.
    """

    name: str
    caption: str
    draw: Callable[[], Sheet]
    source: str = ""

    @cached_property
    def _sheet(self) -> Sheet:
        return self.draw()

    @property
    def title(self) -> str:
        """The title of the figure, as a sentence."""
        return str(self._sheet.get_label())

    def encoded(self, form: str) -> bytes:
        """Return the figure as the bytes of a file, ``svg`` or ``png``."""
        return encoded(self._sheet, form)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in CSS pixels."""
        width, height = self._sheet.get_size_inches()
        return round(96 * width), round(96 * height)


Block = Text | Listing | Numbers | Grid | Code | Figure


@dataclass(frozen=True)
class Section:
    """A section of a report.

    Attributes
    ----------
    name : str
        Short and unique, for links.
    title : str
        Its head.
    blocks : tuple of Block
        The content of the section.
    front : bool
        Whether it is on the two pages that come first, which are the short form of the report.
    elsewhere : str
        Where a long table is beside the report: on the page it is folded up, and in print this stands in its place.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    front: bool = False
    elsewhere: str = ""


@dataclass(frozen=True)
class Content:
    """The content of a whole report.

    Attributes
    ----------
    title, subtitle : str
        The subject of the scenario, and what is compared.
    made : str
        Author, date and settings of the run, and version.
    citation : str
        How to cite the report.
    sections : tuple of Section
        Its parts, in the order of reading; those of the first two pages come first.
    """

    title: str
    subtitle: str
    made: str
    citation: str
    sections: tuple[Section, ...]

    @property
    def front(self) -> tuple[Section, ...]:
        """The sections of the first two pages."""
        return tuple(section for section in self.sections if section.front)

    @property
    def behind(self) -> tuple[Section, ...]:
        """The sections behind them."""
        return tuple(section for section in self.sections if not section.front)

    def short(self) -> "Content":
        """Return the first two pages alone."""
        return replace(self, sections=self.front)
