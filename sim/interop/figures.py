"""Figures of states by year: missing ones are refused, left out by name or carried; those out of range are rejected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.fragment import ScenarioFragment
from sim.interop.gaps import Gaps
from sim.interop.reading import DataFile, Row, by_key, spans


@dataclass
class StateFigures:
    """The figures of one state by year.

    Attributes
    ----------
    values : dict
        Figures by the year for which they stand.
    carried : dict
        The year from which a figure is carried, by the year for which it stands.
    """

    values: dict[int, float] = field(default_factory=dict)
    carried: dict[int, int] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """Which figures are carried, for the note of the value.

        Examples
        --------
        >>> StateFigures({2017: 0.5, 2018: 0.5}, {2017: 2016, 2018: 2016}).rule
        'last known year: 2016 for 2017-2018'
        """
        sources = sorted(set(self.carried.values()))
        parts = (
            f"{source} for {spans([year for year, taken in sorted(self.carried.items()) if taken == source])}"
            for source in sources
        )
        return f"last known year: {', '.join(parts)}" if sources else ""


def figures(
    data: DataFile,
    states: Iterable[StateCode],
    years: Sequence[int],
    column: str,
    piece: ScenarioFragment,
    gaps: Gaps,
    *,
    low: float = 0.0,
    high: float = float("inf"),
    demanded: bool = True,
) -> dict[str, StateFigures]:
    """Return the figures of states by ISO code, for those that have any.

    Parameters
    ----------
    data : DataFile
        With columns of state and year.
    states, years : iterables
        The requested states and years.
    column : str
        Where the figures stand.
    piece : ScenarioFragment
        Gets a remark for each figure that is missing, left out or carried.
    gaps : Gaps
        What to do about missing figures.
    low, high : float
        Range of the figures.
    demanded : bool
        Whether each state must have a row in each year, and a figure in one; else missing figures are only remarked.

    Raises
    ------
    InputError
        If a figure is out of range, a row stands there twice, or a demanded one is missing and not to be left out; all
        missing ones are named at once.
    """
    states = list(states)
    rows = _rows(data, states)
    by_state: dict[str, StateFigures] = {}
    lacking: dict[str, list[str]] = {}
    for state in states:
        mine = rows[state.iso3]
        known = {year: row for year, row in mine.items() if not row.missing(column)}
        taken = {year: source for year in years if (source := _source(year, known, gaps.carry)) is not None}
        without = [year for year in years if year not in taken]
        no_row = [year for year in without if year not in mine]
        blank = [year for year in without if year in mine]
        if taken:
            values = {year: _value(known[source], column, state, low, high) for year, source in taken.items()}
            carried = {year: source for year, source in taken.items() if source != year}
            by_state[state.iso3] = StateFigures(values, carried)
            if carried:
                piece.remark("carried", f"{data.named(column)}, {by_state[state.iso3].rule}", state.iso3)
        if no_row and demanded:
            lacking.setdefault(f"no row in {spans(no_row)}", []).append(_known(state, mine))
        if blank and demanded and not taken:
            lacking.setdefault(f"{data.named(column)} is missing in {spans(blank)}", []).append(_known(state, known))
        elif blank:
            piece.leave_out(f"{data.named(column)} is missing", *(f"{state.iso3} {year}" for year in blank))
    if lacking and (not gaps.skip or not by_state):
        raise _refused(data, lacking, gaps)
    for why, which in lacking.items():
        piece.leave_out(why, *which)
    return by_state


def _rows(data: DataFile, states: Sequence[StateCode]) -> dict[str, dict[int, Row]]:
    """Return the rows about the given states by ISO code and year."""
    column = "state" if data.has("state") else "iso3"
    by_text = {str(state.cow) if column == "state" else state.iso3: state.iso3 for state in states}
    texts = data.frame[column].str.strip().str.removesuffix(".0")
    mine = DataFile(data.path, data.layout, data.frame[texts.isin(set(by_text))])
    keys = ((by_text[row[column].removesuffix(".0")], row.year, row) for row in mine.rows())
    by_state: dict[str, dict[int, Row]] = {state.iso3: {} for state in states}
    for (iso3, year), row in by_key(((iso3, year), row) for iso3, year, row in keys).items():
        by_state[iso3][year] = row
    return by_state


def _source(year: int, known: Mapping[int, Row], carry: int) -> int | None:
    """Return the latest year with a figure, that year or one up to ``carry`` years before."""
    return next((candidate for candidate in range(year, year - carry - 1, -1) if candidate in known), None)


def _value(row: Row, column: str, state: StateCode, low: float, high: float) -> float:
    value = row.number(column)
    if not low <= value <= high:
        allowed = f"{low:g}..{high:g}" if high < float("inf") else f"at least {low:g}"
        raise InputError(f"{row.file}:{row.line}: {row.name(column)} of {state} is {value:g}; allowed: {allowed}")
    return value


def _known(state: StateCode, there: Mapping[int, Row]) -> str:
    return f"{state.iso3} (has {spans(sorted(there))})" if there else f"{state.iso3} (COW {state.cow}, has none)"


def _refused(data: DataFile, lacking: Mapping[str, Sequence[str]], gaps: Gaps) -> InputError:
    problems = "; ".join(f"{why}: {', '.join(which)}" for why, which in lacking.items())
    ways = ["states and years of the file"]
    if not gaps.skip:
        ways.append("--skip-missing to leave out what is missing")
    ways.append("--carry-years for older years" if gaps.carry else "--carry to take the last known year")
    return InputError(f"{data.path}: {problems}; allowed: {', '.join(ways[:-1])} or {ways[-1]}")
