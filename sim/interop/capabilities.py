"""Importer of COW National Material Capabilities: capability and population of states.

Singer, Bremer and Stuckey (1972); the abridged and the supplementary form of versions 6 and 7 have equal columns.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.interop.codes import StateCode
from sim.interop.figures import figures
from sim.interop.fragment import ScenarioFragment, series
from sim.interop.reading import read_file, spans, state_years

WHAT: Final = "COW National Material Capabilities (NMC-*-abridged.csv)"
MISSING: Final = ("-9",)
THOUSANDS: Final = 1000.0
"""The file counts people in thousands, scenarios in millions."""


def capabilities(path: Path, states: Sequence[StateCode], years: Sequence[int]) -> ScenarioFragment:
    """Return the capability (CINC share) and population of states by year.

    Parameters
    ----------
    path : Path
        ``NMC-60-abridged.csv``, ``NMC-70-abridged.csv`` or the supplementary form.
    states, years : sequences
        The requested states and years.

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
    data = read_file(path, WHAT, ("ccode", "year", "cinc", "tpop"))
    rows = state_years(data, states, years, "ccode")
    piece = ScenarioFragment([f"Capability and population, {spans(years)}, after {path.name} (COW NMC)."])
    source = f"COW NMC, {path.name}"
    for state in states:
        table, mine = ("states", state.iso3), rows[state.iso3]
        piece.notes[table] = state.name
        piece.put(table, "capability", series(figures(piece, mine, "cinc", state, marks=MISSING, high=1.0), source))
        people = figures(piece, mine, "tpop", state, marks=MISSING, demanded=False)
        if people:
            piece.put(table, "population", series({year: all_ / THOUSANDS for year, all_ in people.items()}, source))
    return piece
