"""Layout of figures: blocks from top to bottom, measured in inches, so that nothing overlaps.

Text is wrapped by its measured width and the page grows with what is put on it.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, cast

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2DBase, ScaledTranslation, Transform

from sim.plots.style import (
    FAINT,
    FOOT_SIZE,
    INK,
    LABEL_SIZE,
    MARGIN,
    MUTED,
    NOTE_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    Sheet,
    new_figure,
)

_PITCH = 1.35
_GUTTER = 0.2
_NARROW = 5.0


_GLYPHS = TextToPath()


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width in inches of one line of text of ``size`` points in the current typeface."""
    return _width(text, size, weight, typefaces())


def typefaces() -> tuple[str, ...]:
    """Return the names of the current typefaces, the first choice first."""
    settings = cast("Mapping[str, list[str]]", mpl.rcParams)
    named = (settings.get(f"font.{family}", [family]) for family in settings["font.family"])
    return tuple(dict.fromkeys([*chain.from_iterable(named), *settings["font.sans-serif"]]))


@lru_cache(maxsize=4096)
def _width(text: str, size: float, weight: str, families: tuple[str, ...]) -> float:
    font = FontProperties(family=list(families), size=size, weight=weight)
    width, _, _ = _GLYPHS.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72


def ascent(size: float) -> float:
    """Return the distance in inches from the top of a line of type to its baseline."""
    return 0.98 * size / 72


def wrap(text: str, width: float, size: float, weight: str = "normal", lines: int | None = None) -> str:
    r"""Break text into lines no wider than ``width`` inches.

    Parameters
    ----------
    text : str
        Words; line breaks in it are kept.
    width, size : float
        Width in inches, and size of type in points.
    weight : str
        Weight of the type.
    lines : int, optional
        Most lines; the last one then ends in an ellipsis.

    Examples
    --------
    >>> wrap("trust in the guarantor", 0.9, 8.0)
    'trust in the\nguarantor'
    """
    wrapped = [line for paragraph in text.split("\n") for line in _lines(paragraph, width, size, weight)]
    if lines is not None and len(wrapped) > lines:
        last = wrapped[lines - 1]
        while last and text_width(f"{last}…", size, weight) > width:
            last = last[:-1]
        wrapped = [*wrapped[: lines - 1], f"{last.rstrip(' ,;:')}…"]
    return "\n".join(wrapped).replace("\N{NO-BREAK SPACE}%", " %")


def _lines(paragraph: str, width: float, size: float, weight: str) -> list[str]:
    """Return the lines of one paragraph, filled with as many words as fit; a word wider than a line is divided."""

    def fits(text: str) -> bool:
        return text_width(text, size, weight) <= width

    rest = " ".join(paragraph.split()).replace(" %", "\N{NO-BREAK SPACE}%")
    if fits(rest):
        return [rest]
    letters = int(len(rest) * width / text_width(rest, size, weight))
    lines = []
    while rest:
        words = rest.split(" ")
        line = _longest([" ".join(words[:count]) for count in range(1, len(words) + 1)], letters, fits)
        if not line:
            line = _longest([words[0][:count] for count in range(1, len(words[0]))], letters, fits) or words[0][0]
        lines.append(line)
        rest = rest[len(line) :].lstrip()
    return lines


def _longest(texts: Sequence[str], letters: int, fits: Callable[[str], bool]) -> str:
    """Return the longest of some texts that fits, or an empty one.

    Measuring is what takes time, so the search begins at the text of about as many letters as a line holds.

    Parameters
    ----------
    texts : sequence of str
        Each longer than the one before.
    letters : int
        How many letters fit, about.
    fits : callable
        Tells whether a text fits; where one does, all shorter ones do.
    """
    count = bisect_right(texts, letters, key=len)
    while count < len(texts) and fits(texts[count]):
        count += 1
    while count and not fits(texts[count - 1]):
        count -= 1
    return texts[count - 1] if count else ""


class FigurePage:
    """A figure that is filled with blocks from top to bottom.

    Attributes
    ----------
    figure : Sheet
        The matplotlib figure; its label is the title.
    width, right : float
        Width of the page, and distance of its right margin from the left edge, in inches.
    top : float
        Inches from the upper edge to where the next block goes.

    Parameters
    ----------
    title : str
        The title, as a sentence or a question.
    note : str
        A description of the drawing, in one or two lines under the title.
    """

    def __init__(self, title: str, note: str = "") -> None:
        self.figure: Sheet = new_figure(10.0)
        self.width = self.figure.get_figwidth()
        self.right = self.width - MARGIN
        self.figure.set_label(title)
        self.top = MARGIN
        self._axes: list[tuple[Axes, float, float, float, float]] = []
        self.text(title, size=TITLE_SIZE, weight="bold")
        self.top += 0.02
        if note:
            self.text(note, size=NOTE_SIZE, colour=MUTED)
            self.top += 0.05

    @property
    def inches(self) -> Transform:
        """The transform for points in inches from the upper left corner, with negative y downwards."""
        return self.figure.dpi_scale_trans + ScaledTranslation(0, 1, cast(Affine2DBase, self.figure.transFigure))

    def text(
        self,
        content: str,
        *,
        size: float = LABEL_SIZE,
        left: float = MARGIN,
        right: float | None = None,
        colour: str = INK,
        weight: str = "normal",
        lines: int | None = None,
    ) -> None:
        """Write wrapped text between two distances from the left edge, and move below it."""
        right = self.right if right is None else right
        for line in wrap(content, right - left, size, weight, lines).split("\n"):
            self.write(line, left, self.top + ascent(size), size=size, colour=colour, weight=weight)
            self.top += size * _PITCH / 72

    def write(self, content: str, x: float, y: float, *, colour: str = INK, **options: Any) -> Text:
        """Write one line of text with its baseline at a position in inches from the upper left corner."""
        return self.figure.text(x, -y, content, transform=self.inches, color=colour, **options)

    def aside(self, content: str, left: float, y: float) -> None:
        """Write the name of a strip at the left edge, level with the strip's middle."""
        self.write(content, left - 0.08, y, colour=MUTED, size=SMALL_SIZE, ha="right", va="center_baseline")

    def axes(self, height: float, left: float, right: float | None = None, **options: Any) -> Axes:
        """Add axes with a height, between two distances from the left edge; `below` moves on."""
        axes = self.figure.add_axes((0.1, 0.1, 0.8, 0.8), label=f"panel-{len(self._axes)}", **options)
        self._axes.append((axes, left, self.right if right is None else right, self.top, height))
        return axes

    def below(self, inches: float) -> None:
        """Move the position down by a number of inches."""
        self.top += inches

    def in_columns(self, count: int, draw: Callable[[int, float, float], None]) -> None:
        """Draw a list in two columns, or in one on a narrow page, and move below it.

        Parameters
        ----------
        count : int
            Rows.
        draw : callable
            Takes the index of a row and its left and right edges, draws it and moves below it.
        """
        columns = 2 if self.width > _NARROW else 1
        tall = -(-count // columns)
        width = (self.right - MARGIN - (columns - 1) * _GUTTER) / columns
        start = lowest = self.top
        for column in range(columns):
            self.top = start
            left = MARGIN + column * (width + _GUTTER)
            for row in range(column * tall, min(count, (column + 1) * tall)):
                draw(row, left, left + width)
            lowest = max(lowest, self.top)
        self.top = lowest

    def key(
        self,
        handles: Sequence[Artist],
        labels: Sequence[str],
        *,
        left: float = MARGIN,
        right: float | None = None,
        columns: int | None = None,
    ) -> None:
        """Add a legend in as few rows as possible, and move below it."""
        right = self.right if right is None else right
        for count in range(min(columns or len(handles), len(handles)), 0, -1):
            legend = self.figure.legend(
                handles,
                labels,
                loc="upper left",
                bbox_to_anchor=(left, -self.top),
                bbox_transform=self.inches,
                ncols=count,
                frameon=False,
                borderpad=0.0,
                borderaxespad=0.0,
                handlelength=1.6,
                handletextpad=0.5,
                columnspacing=1.4,
                labelspacing=0.35,
                fontsize=SMALL_SIZE,
            )
            extent = legend.get_window_extent()
            if extent.width / self.figure.dpi <= right - left or count == 1:
                break
            legend.remove()
        self.top += extent.height / self.figure.dpi + 0.1

    def finish(self, *footer: str) -> Sheet:
        """Add the footer, set the size of the page, and return the figure."""
        self.top += 0.05
        rule = Line2D(
            [MARGIN, self.right],
            [-self.top, -self.top],
            transform=self.inches,
            color=FAINT,
            linewidth=0.6,
        )
        self.figure.add_artist(rule)
        self.top += 0.05
        for line in footer:
            self.text(line, size=FOOT_SIZE, colour=MUTED)
        height = self.top + MARGIN - 0.03
        self.figure.set_size_inches(self.width, height)
        for axes, left, right, top, tall in self._axes:
            box = (left / self.width, 1 - (top + tall) / height, (right - left) / self.width, tall / height)
            axes.set_position(box)
            for axis in (axes.xaxis, axes.yaxis):  # ticks take the style that holds when they are made
                axis.get_major_ticks()
                axis.get_minor_ticks()
        return self.figure
