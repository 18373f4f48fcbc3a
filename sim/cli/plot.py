"""The command ``csto-sim plot``: draw the figures of stored results again."""

from enum import StrEnum
from typing import Annotated

import typer

from sim.cli.console import put


class FigureFormat(StrEnum):
    """The file formats of figures."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


EXAMPLE = """\b
Example:
  csto-sim plot karabakh-2023 --kind trust --state ARM --format pdf
"""


def plot(
    results: Annotated[
        list[str],
        typer.Argument(
            metavar="RESULT...",
            help="Results, sweeps or hindcasts: folders, `latest`, or names, for the newest.",
            show_default=False,
        ),
    ],
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Figure to draw; default: all. Repeatable."),
    ] = None,
    state: Annotated[str | None, typer.Option("--state", metavar="CODE", help="Member shown in the figures.")] = None,
    format_: Annotated[
        list[FigureFormat] | None, typer.Option("--format", help="File format; default: png and svg. Repeatable.")
    ] = None,
    style: Annotated[
        str,
        typer.Option("--style", metavar="STYLE", help="A matplotlib style, by name or file, applied over the default."),
    ] = "",
) -> None:
    """Draw the figures of stored results again and save them in the folders of the results."""
    from sim.output import manifest
    from sim.output.finding import find_result
    from sim.output.staging import replacing
    from sim.output.store import FIGURES, read
    from sim.output.sweeps import read_sweep
    from sim.plots.gallery import draw_all, draw_sweep
    from sim.plots.style import styled_over

    formats = [chosen.value for chosen in format_ or (FigureFormat.PNG, FigureFormat.SVG)]
    for folder in [find_result(each, ("result", "sweep", "hindcast")) for each in results]:
        what = manifest.read(folder)["kind"]
        with styled_over(style), replacing(folder / FIGURES) as drawn:
            if what == "sweep":
                draw_sweep(read_sweep(folder), drawn, formats, kinds=kind)
            elif what == "hindcast":
                from sim.evidence.hindcast.writing import read_card
                from sim.plots.hindcast import draw_card

                draw_card(read_card(folder), drawn, formats, kinds=kind)
            else:
                draw_all(read(folder), drawn, formats, kinds=kind, state=state)
            names = sorted(path.name for path in drawn.iterdir())
        for name in names:
            put(str(folder / FIGURES / name))
