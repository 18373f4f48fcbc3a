"""Importer of COW National Material Capabilities: capability and population of states.

Singer, Bremer and Stuckey (1972); the abridged and the supplementary form of versions 6 and 7 have equal columns.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.interop.codes import StateCode
from sim.interop.figures import figures
from sim.interop.fragment import ScenarioFragment, series
from sim.interop.gaps import REFUSED, Gaps
from sim.interop.reading import read_file, spans

THOUSANDS: Final = 1000.0
"""The file counts people in thousands, scenarios in millions."""


def capabilities(
    path: Path, states: Sequence[StateCode], years: Sequence[int], gaps: Gaps = REFUSED
) -> ScenarioFragment:
    """Return the capability (CINC share) and population of states by year.

    Parameters
    ----------
    path : Path
        ``NMC-60-abridged.csv``, ``NMC-70-abridged.csv``, ``NMC_5_0.csv`` or the supplementary form.
    states, years : sequences
        The requested states and years.
    gaps : Gaps
        What to do about missing rows.

    Returns
    -------
    ScenarioFragment
        ``states.*.capability`` as the share of the world, ``states.*.population`` in millions. Missing cells (-9) are
        left out and listed.

    Raises
    ------
    InputError
        If the file is another, or a state has no row in a year or no capability at all.
    """
    data = read_file(path, "cow-nmc")
    piece = ScenarioFragment([f"Capability and population, {spans(years)}, after {path.name} (COW NMC)."])
    shares = figures(data, states, years, "capability", piece, gaps, high=1.0)
    there = [state for state in states if state.iso3 in shares]
    people = figures(data, there, years, "population", piece, gaps, demanded=False)
    source = f"COW NMC, {path.name}"
    for state in there:
        table = ("states", state.iso3)
        piece.notes[table] = state.name
        piece.put(table, "capability", series(shares[state.iso3].values, source, shares[state.iso3].rule))
        if mine := people.get(state.iso3):
            millions = {year: count / THOUSANDS for year, count in mine.values.items()}
            piece.put(table, "population", series(millions, source, mine.rule))
    return piece
