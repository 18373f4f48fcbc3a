"""Importer of V-Dem country-year files: electoral democracy (Coppedge and others; Pemstein and others)."""

from collections.abc import Sequence
from pathlib import Path

from sim.interop.codes import StateCode
from sim.interop.figures import figures
from sim.interop.fragment import ScenarioFragment, series
from sim.interop.gaps import REFUSED, Gaps
from sim.interop.reading import read_file, spans


def democracy(path: Path, states: Sequence[StateCode], years: Sequence[int], gaps: Gaps = REFUSED) -> ScenarioFragment:
    """Return the electoral democracy index of states by year.

    Parameters
    ----------
    path : Path
        ``V-Dem-CY-Core-v15.csv``, ``V-Dem-CY-Full+Others-v15.csv`` or another version; only three of its columns
        are read. States are matched by COW number, or by V-Dem's letters in a file without these.
    states, years : sequences
        The requested states and years.
    gaps : Gaps
        What to do about missing rows.

    Returns
    -------
    ScenarioFragment
        ``states.*.democracy``, 0 autocracy .. 1 democracy; missing cells are left out and listed.

    Raises
    ------
    InputError
        If the file is another, or a state has no row in a year or no figure at all.
    """
    data = read_file(path, "v-dem")
    index = data.named("democracy")
    piece = ScenarioFragment([f"Electoral democracy ({index}), {spans(years)}, after {path.name} (V-Dem)."])
    by_state = figures(data, states, years, "democracy", piece, gaps, high=1.0)
    for state in states:
        if mine := by_state.get(state.iso3):
            table = ("states", state.iso3)
            piece.notes[table] = state.name
            piece.put(table, "democracy", series(mine.values, f"V-Dem, {path.name}", mine.rule))
    return piece
