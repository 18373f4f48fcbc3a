"""Checks of imported state-year values: missing values are listed, values out of range are rejected."""

from collections.abc import Iterable, Sequence

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.fragment import ScenarioFragment
from sim.interop.reading import Row


def figures(
    piece: ScenarioFragment,
    rows: Sequence[Row],
    column: str,
    state: StateCode,
    *,
    marks: Iterable[str] = (),
    low: float = 0.0,
    high: float = float("inf"),
    demanded: bool = True,
) -> dict[int, float]:
    """Return the values of one state by year.

    Parameters
    ----------
    piece : ScenarioFragment
        Gets a line for each missing cell.
    rows : sequence of Row
        One a year, with a column ``year``.
    column : str
        Where the figures stand.
    state : StateCode
        The state whose values are read.
    marks : iterable of str
        The file's marks for missing values, in addition to blanks.
    low, high : float
        Range of the figures.
    demanded : bool
        Whether at least one year must have a figure.

    Raises
    ------
    InputError
        If a figure is out of range, or all are missing where one is demanded.
    """
    found: dict[int, float] = {}
    for row in rows:
        year = row.whole("year")
        if row.missing(column, marks):
            piece.left_out.append(f"{state.iso3} {year}: {column} is missing")
            continue
        value = row.number(column)
        if not low <= value <= high:
            allowed = f"{low:g}..{high:g}" if high < float("inf") else f"at least {low:g}"
            raise InputError(f"{row.file}:{row.line}: {column} of {state} is {value:g}; allowed: {allowed}")
        found[year] = value
    if demanded and not found:
        years = ", ".join(row["year"] for row in rows)
        raise InputError(f"{rows[0].file}: {column} of {state} is missing in {years}; allowed: a year that has it")
    return found
