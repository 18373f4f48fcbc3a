"""Importer of ideal points from votes in the UN General Assembly (Bailey, Strezhnev and Voeten 2017), as ties.

Bailey, Michael A., Anton Strezhnev and Erik Voeten (2017). Estimating dynamic state preferences from United Nations
voting data. Journal of Conflict Resolution 61(2), 430-456.
"""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.fragment import ScenarioFragment, series
from sim.interop.reading import read_file, spans, state_years

WHAT: Final = "UNGA ideal points (Idealpointestimates*.csv or .tab)"
POINT: Final = "idealpointfp"
RULE: Final = "1 - 2 d / D: d the distance of the two ideal points, D the largest between any two states that year"


def ideal_points(path: Path, states: Sequence[StateCode], years: Sequence[int]) -> ScenarioFragment:
    """Return the ties of each state to each other state by year, from the distance between their ideal points.

    Parameters
    ----------
    path : Path
        ``Idealpointestimates1946-2025`` or another year's, with commas or tabs.
    states, years : sequences
        The requested states and years.

    Returns
    -------
    ScenarioFragment
        ``dyads.*.*.ties`` in -1..1, equal both ways: 1 for two states that vote alike, -1 for the two farthest apart in
        the world. Votes are a weak sign of friendship: the confidence is low.

    Raises
    ------
    InputError
        If the file is another, or a state has no row or no point in a year.
    """
    if len(states) < 2:
        raise InputError("--states: ties need two states; allowed: two or more, such as RUS,ARM")
    data = read_file(path, WHAT, ("ccode", "year", POINT))
    rows = state_years(data, states, years, "ccode")
    points: dict[str, dict[int, float]] = {}
    for code, mine in rows.items():
        for row, year in zip(mine, years, strict=True):
            if row.missing(POINT):
                raise InputError(f"{path}:{row.line}: {code} has no point in {year}; allowed: a year that has one")
            points.setdefault(code, {})[year] = row.number(POINT)
    spread: dict[int, list[float]] = {year: [] for year in years}
    for row in data.rows():
        if not row.missing(POINT) and row.whole("year") in spread:
            spread[row.whole("year")].append(row.number(POINT))
    widest = {year: max(values) - min(values) for year, values in spread.items()}
    piece = ScenarioFragment(
        [f"Ties, {spans(years)}, after {path.name} (UNGA ideal points; Bailey, Strezhnev and Voeten 2017)."]
    )
    for one, other in permutations([state.iso3 for state in states], 2):
        near = {year: 1.0 - 2.0 * _share(points[one][year] - points[other][year], widest[year]) for year in years}
        piece.put(("dyads", one, other), "ties", series(near, f"UNGA ideal points, {path.name}", RULE, "low"))
    return piece


def _share(distance: float, widest: float) -> float:
    return abs(distance) / widest if widest > 0 else 0.0
