"""Importer of the SIPRI Arms Transfers Database (trade register): shares of each state's arms by supplier.

The register as exported since 2024: a dozen lines of notes, then a row a deal with recipient, supplier, years of
delivery and the trend-indicator value (TIV) of what was delivered in the years that the export covers.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final
from unicodedata import combining, normalize

from sim.errors import InputError
from sim.interop.codes import StateCode, state_codes
from sim.interop.fragment import ScenarioFragment, rounded
from sim.interop.reading import DataFile, Row, read_file, spans
from sim.scenario.problems import listed

WHAT: Final = "the trade register of SIPRI's arms transfers, exported as csv"
RECIPIENT, SUPPLIER, YEARS, VALUE = "recipient", "supplier", "year(s) of delivery", "sipri tiv of delivered weapons"
RULE: Final = (
    "share of the value (SIPRI TIV) delivered from all suppliers; a deal's value in equal parts over its years"
)

_YEAR: Final = re.compile(r"\b(?:1[89]|2[01])\d\d\b")
_RANGE: Final = re.compile(r"year range (\d{4}) to (\d{4})")


def arms(path: Path, states: Sequence[StateCode], years: Sequence[int]) -> ScenarioFragment:
    """Return the share of each state's arms imports that each supplier delivered over a span of years.

    Parameters
    ----------
    path : Path
        The export.
    states, years : sequences
        The requested states and years; shares are over all years together, because single years contain few deals.

    Returns
    -------
    ScenarioFragment
        ``dyads.*.*.arms`` in 0..1; suppliers outside the list are in the denominator. A supplier of the list that
        delivered nothing has 0. States without a delivery are left out and listed, as are deals without years or
        value.

    Raises
    ------
    InputError
        If the file is another or does not cover all the years, or no state of the list got anything in them.
    """
    data = read_file(path, WHAT, (RECIPIENT, SUPPLIER, YEARS, VALUE))
    _check_covered(data, years)
    asked = {state.iso3 for state in states}
    piece = ScenarioFragment(
        [f"Arms by supplier, deliveries of {spans(years)}, after {path.name} (SIPRI trade register)."]
    )
    delivered: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in data.rows():
        recipient = _state(row[RECIPIENT])
        if recipient in asked:
            value = _value_within(row, years, recipient, piece)
            if value > 0:
                delivered[recipient][_state(row[SUPPLIER]) or row[SUPPLIER]] += value
    if not delivered:
        names = ", ".join(state.name for state in states)
        raise InputError(f"{path}: no delivery to {names} in {spans(years)}; allowed: recipients and years in the file")
    _put_shares(piece, delivered, states, f"SIPRI trade register, {path.name}, deliveries {spans(years)}")
    return piece


def _check_covered(data: DataFile, years: Sequence[int]) -> None:
    """Reject years outside the export, as given in its notes or, without notes, by its first and last delivery."""
    named = _RANGE.search(" ".join(data.above))
    covered = [int(named[1]), int(named[2])] if named else [y for row in data.rows() for y in _years(row)]
    if not covered or years[0] < min(covered) or years[-1] > max(covered):
        span = f"{min(covered)}-{max(covered)}" if covered else "no year"
        raise InputError(f"--year {spans(years)}: {data.path} covers {span}; allowed: years that the export covers")


def _years(row: Row) -> list[int]:
    return [int(year) for year in _YEAR.findall(row[YEARS])]


def _put_shares(
    piece: ScenarioFragment, delivered: Mapping[str, Mapping[str, float]], states: Sequence[StateCode], source: str
) -> None:
    for state in states:
        got = delivered.get(state.iso3)
        if got is None:
            piece.left_out.append(f"{state.iso3}: no delivery in these years")
            continue
        strange = sorted(supplier for supplier in got if supplier not in state_codes())
        if strange:
            piece.left_out.append(
                f"{state.iso3}: suppliers that are no state of today, only counted: {listed(strange)}"
            )
        whole = sum(got.values())
        for supplier in states:
            if supplier is not state:
                figure = {"value": rounded(got.get(supplier.iso3, 0.0) / whole), "source": source, "rule": RULE}
                piece.put(("dyads", state.iso3, supplier.iso3), "arms", figure)


def _value_within(row: Row, years: Sequence[int], recipient: str, piece: ScenarioFragment) -> float:
    """Return the part of a deal's value that falls within the requested years."""
    when = _years(row)
    if not when:
        piece.left_out.append(f"{recipient} from {row[SUPPLIER]}, line {row.line}: no year of delivery")
        return 0.0
    within = sum(year in years for year in when)
    if not within:
        return 0.0
    if row.missing(VALUE):
        piece.left_out.append(f"{recipient} from {row[SUPPLIER]}, line {row.line}: no value of what was delivered")
        return 0.0
    return row.number(VALUE) * within / len(when)


def _state(cell: str) -> str | None:
    """Return the code of a state by its SIPRI name, with or without marks such as ``Russia (?)``; None for others."""
    return _codes_by_name().get(_folded(cell.replace("(?)", "")))


@cache
def _codes_by_name() -> dict[str, str]:
    """Return state codes by SIPRI's current names and by this package's names, which older exports use (``Turkey``)."""
    return {_folded(name): state.iso3 for state in state_codes().values() for name in (state.name, state.sipri)}


def _folded(name: str) -> str:
    """Return a name in lower case without accents."""
    letters = normalize("NFKD", name)
    return "".join(letter for letter in letters if not combining(letter)).strip().casefold()
