"""The width, resolution, size of type and matplotlib style of figures, as a journal or a reader asks for them."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

from sim.errors import InputError

WIDTH: Final = 7.2
"""Usual width of a figure in inches: the type area of a two-column page."""

DPI: Final = 200
"""Usual resolution of PNG files in dots per inch."""

TYPE_SIZE: Final = 8.0
"""Usual size in points of labels, which all other sizes follow."""

MILLIMETRES: Final = 25.4
"""In an inch."""

FORMATS: Final = ("png", "svg", "pdf")
"""Formats that figures are written in."""

BOTH: Final = ("png", "svg")
"""The usual formats of a figure."""

NARROWEST: Final = 3.4
"""Least width in inches on which figures fit in type of the usual size."""

WIDEST: Final = 20.0
"""Most width in inches, in type of the usual size."""

_RESOLUTIONS: Final = (50.0, 1200.0)
_SIZES: Final = (4.0, 24.0)

_OBEYED: Final = (
    "font.family", "font.serif", "font.sans-serif", "font.cursive", "font.fantasy", "font.monospace",
    "axes.edgecolor", "axes.labelcolor", "axes.linewidth", "axes.spines.", "axes.grid", "axes.axisbelow", "grid.",
    "xtick.color", "xtick.labelcolor", "xtick.direction", "xtick.major.", "xtick.minor.",
    "ytick.color", "ytick.labelcolor", "ytick.direction", "ytick.major.", "ytick.minor.",
    "svg.fonttype", "pdf.fonttype",
)  # fmt: skip
_SIZES_OF_FILES: Final = ("figure.figsize", "figure.dpi", "savefig.dpi", "font.size")


@dataclass(frozen=True)
class Look:
    """Width, resolution, size of type and style of figures.

    Attributes
    ----------
    width : float
        Inches.
    dpi : float
        Dots per inch of PNG files.
    size : float
        Size of labels in points; all type, lines and marks follow it.
    formats : tuple of str
        Of `FORMATS`, those that a figure is written in.
    settings : mapping
        What a matplotlib style sets beside these.
    """

    width: float = WIDTH
    dpi: float = DPI
    size: float = TYPE_SIZE
    formats: tuple[str, ...] = BOTH
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scale(self) -> float:
        """By how much a figure is enlarged after it has been laid out in type of the usual size."""
        return self.size / TYPE_SIZE

    @property
    def page(self) -> float:
        """The width in inches on which a figure is laid out."""
        return self.width / self.scale

    def checked(self) -> "Look":
        """Return this look, or raise an error if figures cannot be drawn with it.

        Raises
        ------
        InputError
            Naming what is out of range, and the range.
        """
        for value, (low, high), name in ((self.dpi, _RESOLUTIONS, "dots per inch"), (self.size, _SIZES, "points")):
            if not low <= value <= high:
                raise InputError(f"{value:g} {name}: allowed {low:g} to {high:g}")
        low, high = (MILLIMETRES * ends * self.scale for ends in (NARROWEST, WIDEST))
        if not low <= self.width * MILLIMETRES <= high:
            raise InputError(
                f"a figure {self.width * MILLIMETRES:g} mm wide in type of {self.size:g} points: allowed "
                f"{low:.0f} to {high:.0f} mm, and less in smaller type"
            )
        return self


LOOK: Final[ContextVar[Look]] = ContextVar("look", default=Look())  # noqa: B039 - frozen
"""How the figures that are drawn now are set."""


def styled_look(style: str) -> Look:
    """Return the look that a matplotlib style asks for.

    Its figure size gives the width (the height follows from what is drawn), its resolution and size of type theirs.
    Typefaces, ticks, spines and grids are as it has them.

    Parameters
    ----------
    style : str
        Name of a matplotlib style, or the path of a style file; empty for the usual look.

    Raises
    ------
    InputError
        If there is no such style, or if it sets anything that figures do not follow.
    """
    settings = _settings(style) if style else {}
    refused = [key for key in settings if not key.startswith((*_OBEYED, *_SIZES_OF_FILES))]
    if refused:
        raise InputError(
            f"style '{style}' sets {', '.join(sorted(refused))}, which figures do not follow, as their colours and "
            "sizes carry meaning; take these lines out. Followed: figure.figsize (width), figure.dpi, savefig.dpi, "
            "typefaces and size (font), spines, ticks, grids, svg.fonttype and pdf.fonttype"
        )
    look = Look(settings={key: value for key, value in settings.items() if key not in _SIZES_OF_FILES})
    if "figure.figsize" in settings:
        look = replace(look, width=float(settings["figure.figsize"][0]))
    if "font.size" in settings:
        look = replace(look, size=float(settings["font.size"]))
    for key in ("figure.dpi", "savefig.dpi"):
        if isinstance(settings.get(key), int | float):
            look = replace(look, dpi=float(settings[key]))
    return look


def _settings(style: str) -> dict[str, Any]:
    from matplotlib.style import available, library  # noqa: PLC0415 - reads every style file there is

    if style in available:
        return {str(key): value for key, value in library[style].items()}
    if not Path(style).is_file():
        raise InputError(f"there is no style '{style}'; allowed: a style file, {', '.join(available)}")
    try:
        read = mpl.rc_params_from_file(style, fail_on_error=True, use_default_template=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{style}: {error}") from error
    return {str(key): value for key, value in read.items()}
