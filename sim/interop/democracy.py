"""Importer of V-Dem country-year files: electoral democracy (Coppedge and others; Pemstein and others)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.interop.codes import StateCode
from sim.interop.figures import figures
from sim.interop.fragment import ScenarioFragment, series
from sim.interop.reading import read_file, spans, state_years

WHAT: Final = "a V-Dem country-year file (V-Dem-CY-*.csv)"
INDEX: Final = "v2x_polyarchy"


def democracy(path: Path, states: Sequence[StateCode], years: Sequence[int]) -> ScenarioFragment:
    """Return the electoral democracy index of states by year.

    Parameters
    ----------
    path : Path
        ``V-Dem-CY-Core-v15.csv``, ``V-Dem-CY-Full+Others-v15.csv`` or a later version; only three of its columns
        are read.
    states, years : sequences
        The requested states and years.

    Returns
    -------
    ScenarioFragment
        ``states.*.democracy``, 0 autocracy .. 1 democracy; missing cells are left out and listed.

    Raises
    ------
    InputError
        If the file is another, or a state has no row in a year or no figure at all.
    """
    data = read_file(path, WHAT, ("cowcode", "year", INDEX))
    rows = state_years(data, states, years, "cowcode")
    piece = ScenarioFragment([f"Electoral democracy ({INDEX}), {spans(years)}, after {path.name} (V-Dem)."])
    for state in states:
        table = ("states", state.iso3)
        piece.notes[table] = state.name
        found = figures(piece, rows[state.iso3], INDEX, state, high=1.0)
        piece.put(table, "democracy", series(found, f"V-Dem, {path.name}"))
    return piece
