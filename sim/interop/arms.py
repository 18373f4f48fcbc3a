"""Importer of the SIPRI Arms Transfers Database (trade register): shares of each state's arms by supplier.

The register is exported in two layouts since 2024, both after a dozen lines of notes and with a trend-indicator value
(TIV): a row a deal, with all its years of delivery, or a row a delivery, with one year. Deliveries of one deal are put
together again, so that both layouts give the same figure.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from unicodedata import combining, normalize

from sim.errors import InputError
from sim.interop.codes import StateCode, state_codes
from sim.interop.fragment import ScenarioFragment, rounded
from sim.interop.reading import DataFile, Row, read_file, spans
from sim.scenario.problems import listed

RULE: Final = (
    "share of the value (SIPRI TIV) delivered from all suppliers; a deal's value in equal parts over its years"
)
FIRST_YEAR: Final = 1950
"""The register begins with the deliveries of 1950."""

_YEAR: Final = re.compile(r"\b(?:1[89]|2[01])\d\d\b")
_RANGE: Final = re.compile(r"year range\s+'?(?:(\d{4})'?\s+to\s+'?(\d{4})|not specified)", re.IGNORECASE)
_GENERATED: Final = re.compile(r"data generated:.*?\b(\d{4})\b", re.IGNORECASE)


@dataclass
class Deal:
    """One deal: its first line, its states as named in the file, its years of delivery, and what was delivered."""

    line: int
    recipient: str
    supplier: str
    years: set[int]
    value: float | None


def arms(path: Path, states: Sequence[StateCode], years: Sequence[int]) -> ScenarioFragment:
    """Return the share of each state's arms imports that each supplier delivered over a span of years.

    Parameters
    ----------
    path : Path
        The export, with a row a deal or a row a delivery.
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
    data = read_file(path, "sipri-arms")
    _check_covered(data, years)
    asked = {state.iso3 for state in states}
    piece = ScenarioFragment(
        [f"Arms by supplier, deliveries of {spans(years)}, after {path.name} (SIPRI trade register)."]
    )
    delivered: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for deal in _deals(data):
        recipient = _state(deal.recipient)
        if recipient in asked:
            value = _value_within(deal, years, recipient, piece)
            if value > 0:
                delivered[recipient][_state(deal.supplier) or deal.supplier] += value
    if not delivered:
        names = listed(state.name for state in states)
        raise InputError(f"{path}: no delivery to {names} in {spans(years)}; allowed: recipients and years in the file")
    _put_shares(piece, delivered, states, f"SIPRI trade register, {path.name}, deliveries {spans(years)}")
    return piece


def _deals(data: DataFile) -> Iterator[Deal]:
    """Yield the deals of a file; rows with the same number, recipient and supplier are deliveries of one deal."""
    numbered: dict[tuple[str, str, str], Deal] = {}
    for row in data.rows():
        value = None if row.missing("value") else row.number("value")
        deal = Deal(row.line, row["recipient"], row["supplier"], set(_years(row)), value)
        if not data.has("deal") or row.missing("deal"):
            yield deal
            continue
        known = numbered.setdefault((row["deal"], deal.recipient, deal.supplier), deal)
        if known is not deal:
            known.years |= deal.years
            if value is not None:
                known.value = (known.value or 0.0) + value
    yield from numbered.values()


def _check_covered(data: DataFile, years: Sequence[int]) -> None:
    """Reject years outside the export: its range by the notes, or from the first to the last delivery without notes.

    A range that is not specified is the whole register, up to the year before the export.
    """
    above = " ".join(data.above)
    named, generated = _RANGE.search(above), _GENERATED.search(above)
    delivered = [year for row in data.rows() for year in _years(row)]
    if named and named[1]:
        first, last = int(named[1]), int(named[2])
    elif not delivered:
        raise InputError(f"{data.path}: has no year of delivery; allowed: an export with deliveries")
    else:
        first, last = min(delivered), max(delivered)
        if named:
            first, last = FIRST_YEAR, max(last, int(generated[1]) - 1 if generated else last)
    if years[0] < first or years[-1] > last:
        raise InputError(
            f"--year {spans(years)}: {data.path} covers {first}-{last}; allowed: years that the export covers"
        )


def _years(row: Row) -> list[int]:
    return [int(year) for year in _YEAR.findall(row["years"])]


def _put_shares(
    piece: ScenarioFragment, delivered: Mapping[str, Mapping[str, float]], states: Sequence[StateCode], source: str
) -> None:
    for state in states:
        got = delivered.get(state.iso3)
        if got is None:
            piece.leave_out("no delivery in these years", state.iso3)
            continue
        strange = sorted(supplier for supplier in got if supplier not in state_codes())
        if strange:
            piece.leave_out("suppliers that are no state of today, only counted", f"{state.iso3} ({listed(strange)})")
        whole = sum(got.values())
        for supplier in states:
            if supplier is not state:
                figure = {"value": rounded(got.get(supplier.iso3, 0.0) / whole), "source": source, "rule": RULE}
                piece.put(("dyads", state.iso3, supplier.iso3), "arms", figure)


def _value_within(deal: Deal, years: Sequence[int], recipient: str, piece: ScenarioFragment) -> float:
    """Return the part of a deal's value that falls within the requested years."""
    where = f"{recipient} from {deal.supplier}, line {deal.line}"
    if not deal.years:
        if deal.value:  # an order of which nothing was delivered yet has neither
            piece.leave_out("no year of delivery", where)
        return 0.0
    within = len(deal.years.intersection(years))
    if not within:
        return 0.0
    if deal.value is None:
        piece.leave_out("no value of what was delivered", where)
        return 0.0
    return deal.value * within / len(deal.years)


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
