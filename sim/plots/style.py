"""The common style of all figures: type, sizes, colours, and output to files.

Figures are made through `matplotlib.figure.Figure`, never through pyplot, and the settings hold only inside
`styled`: drawing changes neither the back-end nor anyone else's defaults. Equal figures give equal bytes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from sim.errors import InputError
from sim.plots.look import FORMATS, LOOK, MILLIMETRES, TYPE_SIZE, Look, styled_look
from sim.words import POSTURES, RESPONSES

MARGIN: Final = 0.12
"""White edge of every figure in inches."""

TITLE_SIZE: Final = 12.0
NOTE_SIZE: Final = 8.0
LABEL_SIZE: Final = TYPE_SIZE
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

MEMBER_COLOURS: Final = (SECOND, "#009e73", "#b5568f", "#4a4a4a", "#8a7300", "#3f93c6")
MEMBER_DASHES: Final = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))
"""Lines of the other members, after Okabe & Ito (2008); dashes separate lines of similar colours."""

POSTURE_COLOURS: Final = dict(
    zip(POSTURES, ("#8294a4", "#4489bb", "#4261bb", "#8c430a", "#5c301a", "#2d1e1d"), strict=True)
)
DARK_POSTURE_COLOURS: Final = dict(
    zip(POSTURES, ("#5e737d", "#4d8cdf", "#72a5c8", "#fca043", "#e2c895", "#f6eee1"), strict=True)
)
"""Blue while the member takes part, brown from freeze on, each rung further from the card than the last, also in grey.

On its card, white or dark, each stands out 3 to 1, text on it (`ink_on`) 4.5 to 1, and all can be told apart by readers
with deuteranopia and protanopia.
"""

RESPONSE_COLOURS: Final = dict(zip(RESPONSES, ("#ab8c68", "#b67337", "#1e7484", "#23544d", "#0c2b43"), strict=True))
DARK_RESPONSE_COLOURS: Final = dict(
    zip(RESPONSES, ("#85694b", "#be7b08", "#6cb497", "#3ed7f1", "#cff3e6"), strict=True)
)
"""From nothing to forces, each further from the card than the one before; as with `POSTURE_COLOURS`."""

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
    "text.hinting": "none",
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
    "svg.fonttype": "none",
    "svg.hashsalt": "csto-sim",
    "pdf.fonttype": 42,
}

_METADATA: Final[dict[str, dict[str, Any]]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "csto-sim"},
    "pdf": {"CreationDate": None, "Creator": "csto-sim", "Producer": "csto-sim"},
}


_SCREEN: Final = 144.0
"""Dots per inch at most where a notebook shows a figure: two for each point of a screen."""

_SIZE: Final = re.compile(rb'\b(width|height)="([\d.]+)pt"')


class Sheet(Figure):
    """A matplotlib figure that notebooks display without pyplot.

    Attributes
    ----------
    look : Look
        How it is set; the figure itself is laid out in type of the usual size, and enlarged when it is written.
    """

    look = Look()

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        dots = min(self.look.dpi, _SCREEN) * self.look.scale
        with styled(self.look):
            self.savefig(buffer, format="png", dpi=dots, metadata=_METADATA["png"])
        return buffer.getvalue()


@contextmanager
def styled(look: Look | None = None) -> Iterator[None]:
    """Apply the figure style, with the settings of a look (default: the current one), inside a ``with`` block."""
    settings: Any = {**_RC, **(look or LOOK.get()).settings}
    with mpl.rc_context(settings):
        yield


@contextmanager
def styled_over(
    style: str = "",
    *,
    formats: Sequence[str] | None = None,
    width: float | None = None,
    dpi: float | None = None,
    size: float | None = None,
) -> Iterator[None]:
    """Draw figures in other formats, sizes or resolutions, or in a matplotlib style, inside a ``with`` block.

    Parameters
    ----------
    style : str
        Name of a matplotlib style, or the path of a style file; empty for ours alone.
    formats : sequence of str, optional
        Of ``png``, ``svg``, ``pdf``; default: the first two.
    width : float, optional
        Width in millimetres; default: that of the style, else 183.
    dpi : float, optional
        Dots per inch of PNG files; default: that of the style, else 200.
    size : float, optional
        Size of labels in points, which all type follows; default: that of the style, else 8.

    Raises
    ------
    InputError
        If there is no such style, if it sets what figures do not follow, or if nothing can be drawn so.
    """
    look = styled_look(style)
    if formats is not None:
        look = replace(look, formats=tuple(dict.fromkeys(formats)))
    if width is not None:
        look = replace(look, width=width / MILLIMETRES)
    if dpi is not None:
        look = replace(look, dpi=dpi)
    if size is not None:
        look = replace(look, size=size)
    before = LOOK.set(look.checked())
    try:
        yield
    finally:
        LOOK.reset(before)


def new_figure(height: float) -> Sheet:
    """Return an empty figure of the width of the current look and a height in inches, drawn by Agg."""
    look = LOOK.get()
    figure = Sheet(figsize=(look.page, height), dpi=look.dpi * look.scale)
    figure.look = look
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


def save(figure: Figure, stem: Path, formats: Sequence[str] | None = None) -> list[Path]:
    """Write a figure to one file for each format, and return the files.

    Parameters
    ----------
    figure : Figure
        From any function of `sim.plots`.
    stem : Path
        File name without its ending; the folder must exist.
    formats : sequence of str, optional
        Of ``png``, ``svg``, ``pdf``; default: those of the current look.
    """
    formats = LOOK.get().formats if formats is None else formats
    paths = [stem.with_name(f"{stem.name}.{form}") for form in formats]
    with ThreadPoolExecutor(1) as pool:  # compresses the pixels while the next format is drawn
        files = [pool.submit(_drawn(figure, form)) for form in formats]
        for path, file in zip(paths, files, strict=True):
            path.write_bytes(file.result())
    return paths


def _drawn(figure: Figure, form: str) -> Callable[[], bytes]:
    """Draw a figure and return a function for the bytes of its file, which any thread may call."""
    if form not in FORMATS:
        raise InputError(f"unknown figure format '{form}'; allowed: {', '.join(FORMATS)}")
    look = figure.look if isinstance(figure, Sheet) else Look()
    dots = look.dpi * look.scale
    buffer = BytesIO()
    with styled(look):
        if form == "svg":
            figure.savefig(buffer, format=form, dpi=dots, metadata=_METADATA[form])
            return partial(_enlarged, buffer.getvalue(), look.scale)
        if form == "pdf":
            return partial(bytes, _pdf(figure, look.scale))
        figure.savefig(buffer, format="rgba", dpi=dots)
        width, height = figure.canvas.get_width_height()
    return partial(_compressed, np.frombuffer(buffer.getbuffer(), np.uint8).reshape(height, width, 4), look.dpi)


def _compressed(pixels: NDArray[np.uint8], dpi: float) -> bytes:
    buffer = BytesIO()
    imsave(buffer, pixels, origin="upper", format="png", dpi=dpi, metadata=_METADATA["png"])
    return buffer.getvalue()


def _enlarged(svg: bytes, scale: float) -> bytes:
    """Return a drawing in another size: what is drawn keeps its own coordinates."""
    if scale == 1.0:
        return svg
    return _SIZE.sub(lambda found: b'%s="%.6gpt"' % (found[1], scale * float(found[2])), svg, count=2)


def _pdf(figure: Figure, scale: float) -> bytes:
    """Return a figure as a PDF file of one page, enlarged."""
    from matplotlib.backends.backend_pdf import Op, PdfPages  # noqa: PLC0415 - takes a while

    buffer = BytesIO()
    with PdfPages(buffer, metadata=_METADATA["pdf"]) as pages:
        file = pages._ensure_file()
        new_page = file.newPage

        def enlarged(width: float, height: float) -> None:
            new_page(scale * width, scale * height)
            file.output(scale, 0, 0, scale, 0, 0, Op.concat_matrix)

        file.newPage = enlarged
        figure.savefig(pages, format="pdf")
    return buffer.getvalue()


def member_line(position: int) -> tuple[str, Any]:
    """Return the colour and dashes of a member's line, by its position among the others."""
    colours = len(MEMBER_COLOURS)
    return MEMBER_COLOURS[position % colours], MEMBER_DASHES[(position // colours) % len(MEMBER_DASHES)]


def branch_line(position: int) -> tuple[str, Any]:
    """Return the colour and dashes of a branch's line, by its position among the branches."""
    colours = (ACCENT, *MEMBER_COLOURS[:3])
    return colours[position % len(colours)], MEMBER_DASHES[position // len(colours)]


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, success criterion 1.4.3).

    Examples
    --------
    >>> round(contrast("#ffffff", "#000000"), 1)
    21.0
    """
    low, high = sorted(_luminance(colour) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def ink_on(colour: str) -> str:
    """Return the colour of text on an area: ink or white, whichever stands out more."""
    return max((INK, "white"), key=lambda ink: contrast(ink, colour))
