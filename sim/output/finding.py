"""Stored results by name: a folder, ``latest``, or the name of a scenario or sweep, which means its newest result."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.output import manifest
from sim.output.manifest_schema import Kind
from sim.output.staging import is_hidden
from sim.output.store import RESULTS, stored
from sim.scenario.problems import closest

LATEST: Final = "latest"
"""Names the newest result."""


def find_result(given: str, kinds: Sequence[Kind] = ("result",)) -> Path:
    """Return the folder of a stored result.

    Parameters
    ----------
    given : str
        A folder; ``latest``; or the name of a scenario, sweep or stored folder below ./results.
    kinds : sequence of str
        What may be meant by a name: results of runs, sweeps, hindcasts, calibrations.

    Raises
    ------
    InputError
        If it is a name, and no such result is stored below ./results.
    """
    path = Path(given)
    if path.is_dir() or path.name != given or is_hidden(path):
        return path
    results = [(folder, content) for folder, content in stored() if content["kind"] in kinds]
    named = [folder for folder, content in results if given in (LATEST, content["name"], folder.name)]
    if named:
        return max(named, key=_when)
    known = {name for folder, content in results for name in (content["name"], folder.name)}
    near = closest(given, {*known, LATEST} if known else ())
    hint = f"did you mean '{near}'? " if near else ""
    what = " or ".join(kinds)
    raise InputError(f"there is no {what} '{given}' in ./{RESULTS}; {hint}`csto-sim list results` shows what there is")


def _when(folder: Path) -> tuple[str, int]:
    """Return when a folder was written, to the second by its manifest and then by the clock of the disk."""
    return manifest.read(folder)["created"], (folder / manifest.NAME).stat().st_mtime_ns
