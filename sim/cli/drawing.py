"""Options on how figures are set, which every command that draws some takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, Final

import typer


class FigureFormat(StrEnum):
    """The file formats of figures."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


Format = Annotated[
    list[FigureFormat] | None,
    typer.Option("--format", metavar="png|svg|pdf", help="Format of figures; default: png and svg. Repeatable."),
]
Width = Annotated[
    float | None, typer.Option("--width", metavar="MM", help="Width of figures in millimetres; default: 183.")
]
FontSize = Annotated[
    float | None,
    typer.Option(
        "--font-size", metavar="POINTS", help="Size of labels in figures, which all type follows; default: 8."
    ),
]
Dpi = Annotated[float | None, typer.Option("--dpi", metavar="N", help="Dots per inch of png files; default: 200.")]
Style = Annotated[
    str | None,
    typer.Option(
        "--style",
        metavar="STYLE",
        help="A matplotlib style, by name or file, for typefaces, sizes, ticks and grids; refused if it sets more.",
    ),
]

OPTIONS: Final[dict[str, Any]] = {
    "format_": Format, "width": Width, "font_size": FontSize, "dpi": Dpi, "style": Style,
}  # fmt: skip
"""The options by the name of their parameter; None is the default of each."""


def drawing(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes the options on how figures are set, and draws so."""

    @wraps(command)
    def made(*given: Any, **options: Any) -> None:
        asked = {name: options.pop(name, None) for name in OPTIONS}
        with _set(**asked):
            command(*given, **options)

    sign = signature(command)
    added = [Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind) for name, kind in OPTIONS.items()]
    vars(made)["__signature__"] = sign.replace(parameters=[*sign.parameters.values(), *added])
    made.__annotations__ = {**command.__annotations__, **OPTIONS}
    return made


def figures_in(folder: Path) -> Iterator[Path]:
    """Yield the figures in a folder."""
    endings = {f".{kind.value}" for kind in FigureFormat}
    return (path for path in folder.iterdir() if path.suffix in endings)


@contextmanager
def _set(
    *,
    format_: list[FigureFormat] | None,
    width: float | None,
    font_size: float | None,
    dpi: float | None,
    style: str | None,
) -> Iterator[None]:
    if (format_, width, font_size, dpi, style) == (None,) * len(OPTIONS):
        yield  # and no command that draws nothing waits for matplotlib
        return
    from sim.plots.style import styled_over

    formats = None if format_ is None else [chosen.value for chosen in format_]
    with styled_over(style or "", formats=formats, width=width, dpi=dpi, size=font_size):
        yield
