"""Texts of analysis figures: title, notes and names, supplied by the analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.plots.page import text_width, wrap
from sim.plots.style import MARGIN, TICK_SIZE

_WIDEST = 2.1


@dataclass(frozen=True)
class Caption:
    """The texts of a figure.

    Attributes
    ----------
    title : str
        The title, as a sentence or a question.
    note : str
        A description of the drawing.
    measure : str
        The label of the metric's axis.
    footer : tuple of str
        Where the figure is from, and how it was made.
    names : mapping
        Short names of factors.
    labels : mapping
        Full names of factors, with units, for axes.
    """

    title: str
    note: str
    measure: str
    footer: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def name(self, factor: str) -> str:
        """Return the short name of a factor."""
        return self.names.get(factor, factor)

    def label(self, factor: str) -> str:
        """Return the full name of a factor."""
        return self.labels.get(factor, factor)


def name_column(names: list[str], width: float) -> tuple[list[str], float]:
    """Wrap the names on the left of bars on a page of a width in inches; return them and the left edge of the axes."""
    widest = min(_WIDEST, 0.36 * width)
    wrapped = [wrap(name, widest, TICK_SIZE, lines=2 if widest == _WIDEST else 3) for name in names]
    longest = max((text_width(line, TICK_SIZE) for name in wrapped for line in name.split("\n")), default=0.0)
    return wrapped, min(MARGIN + longest + 0.16, width / 2)
