"""The common style of all figures: type, sizes, colours, and output to files.

Figures are made through `matplotlib.figure.Figure`, never through pyplot, and the settings hold only inside
`styled`: drawing changes neither the back-end nor anyone else's defaults. Equal figures give equal bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from sim.errors import InputError
from sim.words import POSTURES, RESPONSES

WIDTH: Final = 7.2
"""Width of every figure in inches: the type area of a two-column page."""

MARGIN: Final = 0.12
"""White edge of every figure in inches."""

DPI: Final = 200
"""Dots per inch of PNG files."""

FORMATS: Final = ("png", "svg", "pdf")
"""Formats that figures are written in."""

TITLE_SIZE: Final = 12.0
NOTE_SIZE: Final = 8.0
LABEL_SIZE: Final = 8.0
TICK_SIZE: Final = 7.5
SMALL_SIZE: Final = 7.0
FOOT_SIZE: Final = 6.5
"""Sizes of type in points; nothing is set smaller than the footer."""

INK: Final = "#1a1a1a"
MUTED: Final = "#555555"
FAINT: Final = "#d9d9d9"
REST: Final = "#b0b0b0"
UNKNOWN: Final = "#ececec"
"""Text and axes; secondary text; guide lines; what stands beside the subject of a figure; what has no record."""

HATCH: Final[dict[str, Any]] = {
    "facecolor": "white",
    "edgecolor": REST,
    "hatch": "/////",
    "linewidth": 0.0,
}
"""Patches for what has no record, where grey would read as a colour of the scale."""

HALO: Final = (Stroke(linewidth=2.2, foreground="white"), Normal())
"""White edge of lines and dots that lie on coloured areas."""

ACCENT: Final = "#c44e00"
SECOND: Final = "#0072b2"
"""The colour of the figure's subject, and that of everything else."""

MEMBER_COLOURS: Final = (SECOND, "#009e73", "#b5568f", "#4a4a4a", "#8a7300", "#4ca3d8")
MEMBER_DASHES: Final = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))
"""Lines of the other members, after Okabe & Ito (2008); dashes separate lines of similar colours."""

POSTURE_COLOURS: Final = dict(
    zip(POSTURES, ("#eef3f8", "#c9dae8", "#9dbad1", "#e08a3c", "#a84a17", "#4f1608"), strict=True)
)
"""Blue while the member takes part, brown from freeze on; each rung is darker than the last, also in grey."""

RESPONSE_COLOURS: Final = dict(zip(RESPONSES, ("#fbf3e6", "#f3d9a4", "#a9cfc0", "#4f9a94", "#12565e"), strict=True))
"""From nothing to forces, each darker than the one before."""

CHANCE: Final = LinearSegmentedColormap.from_list(
    "chance",
    [
        (0.0, "#f5f8fb"),
        (0.25, "#c9dae8"),
        (0.499, "#9dbad1"),
        (0.501, "#e0a268"),
        (0.67, "#c66d2b"),
        (0.84, "#933c12"),
        (1.0, "#4f1608"),
    ],
    N=512,
)
"""0 to 1 for chances, blue below one half and brown above, darker throughout."""

TRUST: Final = LinearSegmentedColormap.from_list("trust", ["#fdf6e7", "#cfe0c3", "#7fb8a4", "#33808a", "#123f5a"])
"""0 to 1 for trust, darker with more of it."""

_RC: Final[Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": LABEL_SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": LABEL_SIZE,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": TICK_SIZE,
    "ytick.labelsize": TICK_SIZE,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.minor.size": 1.8,
    "lines.solid_capstyle": "butt",
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.bbox": None,
    "svg.fonttype": "path",
    "svg.hashsalt": "csto-sim",
    "pdf.fonttype": 42,
}

_METADATA: Final[dict[str, dict[str, Any]]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "csto-sim"},
    "pdf": {"CreationDate": None, "Creator": "csto-sim", "Producer": "csto-sim"},
}


class Sheet(Figure):
    """A matplotlib figure that notebooks display without pyplot."""

    def _repr_png_(self) -> bytes:
        return encoded(self, "png")


_OVER: Final[ContextVar[str]] = ContextVar("over", default="")


@contextmanager
def styled() -> Iterator[None]:
    """Apply the figure style inside a ``with`` block."""
    with mpl.rc_context(_RC), _matplotlib_style(_OVER.get()) if _OVER.get() else nullcontext():
        yield


@contextmanager
def styled_over(style: str) -> Iterator[None]:
    """Apply a matplotlib style over the figure style inside a ``with`` block.

    Parameters
    ----------
    style : str
        Name of a matplotlib style, or the path of a style file; empty for ours alone.

    Raises
    ------
    InputError
        If there is no such style.
    """
    if style:
        with _matplotlib_style(style):
            pass
    before = _OVER.set(style)
    try:
        yield
    finally:
        _OVER.reset(before)


def _matplotlib_style(style: str) -> AbstractContextManager[None]:
    from matplotlib.style import available, context  # noqa: PLC0415 - reads every style file there is

    if style not in available and not Path(style).is_file():
        raise InputError(f"there is no style '{style}'; allowed: a style file, {', '.join(available)}")
    return context(style)


def new_figure(width: float, height: float) -> Sheet:
    """Return an empty figure of a given size in inches, drawn by Agg."""
    figure = Sheet(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def encoded(figure: Figure, form: str) -> bytes:
    """Return a figure as the bytes of a file; equal figures give equal bytes.

    Parameters
    ----------
    figure : Figure
        From any function of `sim.plots`.
    form : str
        ``png``, ``svg`` or ``pdf``.
    """
    return _drawn(figure, form)()


def save(figure: Figure, stem: Path, formats: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Write a figure to one file for each format, and return the files.

    Parameters
    ----------
    figure : Figure
        From any function of `sim.plots`.
    stem : Path
        File name without its ending; the folder must exist.
    formats : sequence of str
        Of ``png``, ``svg``, ``pdf``.
    """
    paths = [stem.with_name(f"{stem.name}.{form}") for form in formats]
    with ThreadPoolExecutor(1) as pool:  # compresses the pixels while the next format is drawn
        files = [pool.submit(_drawn(figure, form)) for form in formats]
        for path, file in zip(paths, files, strict=True):
            path.write_bytes(file.result())
    return paths


def _drawn(figure: Figure, form: str) -> Callable[[], bytes]:
    """Draw a figure and return what gives the file's bytes, which any thread may call."""
    if form not in FORMATS:
        raise InputError(f"unknown figure format '{form}'; allowed: {', '.join(FORMATS)}")
    buffer = BytesIO()
    with styled():
        if form != "png":
            figure.savefig(buffer, format=form, dpi=DPI, metadata=_METADATA[form])
            return buffer.getvalue
        figure.savefig(buffer, format="rgba", dpi=DPI)
        width, height = figure.canvas.get_width_height()
    return partial(_compressed, np.frombuffer(buffer.getbuffer(), np.uint8).reshape(height, width, 4))


def _compressed(pixels: NDArray[np.uint8]) -> bytes:
    buffer = BytesIO()
    imsave(buffer, pixels, origin="upper", format="png", dpi=DPI, metadata=_METADATA["png"])
    return buffer.getvalue()


def member_line(position: int) -> tuple[str, Any]:
    """Return the colour and dashes of a member's line, by its position among the others."""
    colours = len(MEMBER_COLOURS)
    return MEMBER_COLOURS[position % colours], MEMBER_DASHES[(position // colours) % len(MEMBER_DASHES)]
