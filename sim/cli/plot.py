"""The command ``csto-sim plot``: draw the figures of stored results again."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from sim.cli.console import put
from sim.cli.drawing import drawing

EXAMPLE = """\b
Examples:
  csto-sim plot karabakh-2023 --kind trust --state ARM --format pdf
  csto-sim plot latest --metric "ARM.trust[RUS]@2023-12" --width 89 \\
      --font-size 7 --dpi 600 --out figures-for-journal
"""


@drawing
def plot(
    results: Annotated[
        list[str],
        typer.Argument(
            metavar="RESULT",
            help="Results, sweeps or hindcasts: folders, `latest`, or names, for the newest.",
            show_default=False,
        ),
    ],
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Figure to draw, such as trust or map; default: all. Repeatable."),
    ] = None,
    state: Annotated[str | None, typer.Option("--state", metavar="CODE", help="Member shown in the figures.")] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="EXPRESSION",
            help="Metric that the figures answer; default: those of the scenario. Repeatable.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="New or empty folder; default: figures in the result's folder, or figures-2 and so on, so that none "
            "is written over.",
        ),
    ] = None,
) -> None:
    """Draw the figures of stored results again, as a journal or a reader asks for them."""
    from sim.output.finding import find_result
    from sim.output.staging import check_target, replacing, staged
    from sim.output.store import FIGURES

    folders = [find_result(given, ("result", "sweep", "hindcast")) for given in results]
    targets = {folder: out if out is None or len(folders) == 1 else out / folder.name for folder in folders}
    if out is not None:
        check_target(out)
    for folder, target in targets.items():
        with TemporaryDirectory() as hidden:
            drawn = _draw(folder, Path(hidden), kinds=kind, state=state, metrics=metric or ())
            destination = target or _free(folder, FIGURES, drawn)
            with replacing(destination) if target is None else staged(destination) as staging:
                for name in drawn:
                    copyfile(Path(hidden) / name, staging / name)
        for name in drawn:
            put(str(destination / name))


def _draw(
    folder: Path,
    drawn: Path,
    *,
    kinds: list[str] | None,
    state: str | None,
    metrics: Sequence[str],
) -> list[str]:
    """Draw the figures of what is stored in a folder, and return the names of the files."""
    from sim.output import manifest

    what = manifest.read(folder)["kind"]
    if what == "sweep":
        from sim.output.sweeps import read_sweep
        from sim.plots.gallery import draw_sweep

        draw_sweep(read_sweep(folder), drawn, kinds=kinds, metrics=metrics)
    elif what == "hindcast":
        from sim.evidence.hindcast.writing import read_card
        from sim.plots.hindcast import draw_card

        draw_card(read_card(folder), drawn, kinds=kinds)
    else:
        from sim.output.store import read
        from sim.plots.gallery import draw_all

        draw_all(read(folder), drawn, kinds=kinds, state=state, metrics=metrics)
    return sorted(path.name for path in drawn.iterdir())


def _free(folder: Path, name: str, drawn: Sequence[str]) -> Path:
    """Return the first folder of ``figures``, ``figures-2`` and so on that has no file of the names drawn."""
    places = (folder / (name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(candidate for candidate in places if not any((candidate / file).exists() for file in drawn))
