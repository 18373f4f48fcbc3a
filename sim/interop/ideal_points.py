"""Importer of ideal points from votes in the UN General Assembly (Bailey, Strezhnev and Voeten 2017), as ties.

Bailey, Michael A., Anton Strezhnev and Erik Voeten (2017). Estimating dynamic state preferences from United Nations
voting data. Journal of Conflict Resolution 61(2), 430-456.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.figures import StateFigures, figures
from sim.interop.fragment import ScenarioFragment, series
from sim.interop.gaps import REFUSED, Gaps
from sim.interop.reading import DataFile, read_file, spans

RULE: Final = "1 - 2 d / D: d the distance of the two ideal points, D the largest between any two states that year"


def ideal_points(
    path: Path, states: Sequence[StateCode], years: Sequence[int], gaps: Gaps = REFUSED
) -> ScenarioFragment:
    """Return the ties of each state to each other state by year, from the distance between their ideal points.

    Parameters
    ----------
    path : Path
        ``Idealpointestimates1946-2025`` or another year's, with commas or tabs; by year, or by session of the General
        Assembly (the first met in 1946).
    states, years : sequences
        The requested states and years.
    gaps : Gaps
        What to do about missing points.

    Returns
    -------
    ScenarioFragment
        ``dyads.*.*.ties`` in -1..1, equal both ways: 1 for two states that vote alike, -1 for the two farthest apart in
        the world. Votes are a weak sign of friendship: the confidence is low.

    Raises
    ------
    InputError
        If the file is another, or a state has no row in a year or no point at all.
    """
    if len(states) < 2:
        raise InputError("--states: ties need two states; allowed: two or more, such as RUS,ARM")
    data = read_file(path, "un-ideal-points")
    piece = ScenarioFragment(
        [f"Ties, {spans(years)}, after {path.name} (UNGA ideal points; Bailey, Strezhnev and Voeten 2017)."]
    )
    points = figures(data, states, years, "point", piece, gaps, low=-float("inf"))
    widest = _widest(data, years, points)
    source = f"UNGA ideal points, {path.name}"
    for first, second in permutations(points, 2):
        here, there = points[first], points[second]
        near = {
            year: 1.0 - 2.0 * _share(here.values[year] - there.values[year], widest[year])
            for year in years
            if year in here.values and year in there.values
        }
        if near:
            carried = [
                f"{code}, {of_state.rule}" for code, of_state in ((first, here), (second, there)) if of_state.rule
            ]
            piece.put(("dyads", first, second), "ties", series(near, source, "; ".join([RULE, *carried]), "low"))
    if not piece.tables:
        raise InputError(f"{path}: no two of these states have a point in one year; allowed: states that voted")
    return piece


def _widest(data: DataFile, years: Sequence[int], points: dict[str, StateFigures]) -> dict[int, float]:
    """Return the largest distance between any two points of each year, or of the last year before it with points."""
    by_year: dict[int, list[float]] = defaultdict(list)
    for row in data.rows():
        if not row.missing("point"):
            by_year[row.year].append(row.number("point"))
    widest = {}
    for year in years:
        last = max((earlier for earlier in by_year if earlier <= year), default=None)
        values = [mine.values[year] for mine in points.values() if year in mine.values]
        values += by_year[last] if last is not None else []
        widest[year] = max(values, default=0.0) - min(values, default=0.0)
    return widest


def _share(distance: float, widest: float) -> float:
    return abs(distance) / widest if widest > 0 else 0.0
