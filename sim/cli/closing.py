"""The last lines of a command: where its files are, and what to do next."""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.cli.console import put, put_all
from sim.cli.tables import paragraph


def close(folder: Path | None, figures: Iterable[Path] = (), following: Sequence[str] = ()) -> None:
    """Print where a result and its figures are, and the command that follows.

    Parameters
    ----------
    folder : Path or None
        Folder of the result; None where there is no new one.
    figures : iterable of Path
        Files below a folder of figures; those that differ in their format alone count as one.
    following : sequence of str
        Words of the command after ``csto-sim``; none: nothing follows.
    """
    if folder is not None:
        put(f"Result: {folder}", whole=True)
    drawn = {path.stem: path for path in sorted(figures, reverse=True)}
    if len(drawn) == 1:
        put(f"Figure: {next(iter(drawn.values()))}", whole=True)
    elif drawn:
        put_all(paragraph(f"Figures: {next(iter(drawn.values())).parent}, of {', '.join(sorted(drawn))}"))
    if following:
        put(f"Next: csto-sim {shlex.join(following)}", whole=True)
