"""Names and meanings of the columns of exported tables; the names are valid in Stata."""

from typing import Final

from sim.model.variables import MEMBER_SERIES, VARIABLES
from sim.output.formatting import percent
from sim.output.quantiles import QUANTILES
from sim.words import FREEZE, POSTURES

MEASURES: Final = {
    "mean": "mean of the runs",
    **{name: f"{percent(probability)} quantile of the runs" for name, probability in QUANTILES.items()},
}
"""The meaning of a variable's columns, by the suffix of their names."""

FROZEN: Final = f"share_{POSTURES[FREEZE]}_or_more"

_CODES: Final = {
    "iso3": "code (ISO 3166-1 alpha-3 of states)",
    "cow": "Correlates of War number, empty if none",
    "gw": "Gleditsch-Ward number, empty if none",
}
_BEGIN: Final = {"branch": "branch of the scenario"}
_WHEN: Final = {
    "year": "year",
    "month": "month, 1 to 12",
    "date": "last day of the last tick in the month, of which the row tells",
    "runs": "runs that the figures are over",
}


def _measured(name: str, meaning: str) -> dict[str, str]:
    return {f"{name}_{measure}": f"{words}: {meaning}" for measure, words in MEASURES.items()}


def _codes(end: str, who: str) -> dict[str, str]:
    return {f"{name}{end}": f"{who}: {meaning}" for name, meaning in _CODES.items()}


COUNTRY_MONTH: Final[dict[str, str]] = {
    **_BEGIN,
    **_codes("", "the member"),
    **_WHEN,
    "treaty": "treaty that posture and publics are about",
    **_measured("trust", "trust in the guarantor, 0..1; empty for the guarantor itself"),
    **{
        name: meaning
        for variable in MEMBER_SERIES
        for name, meaning in _measured(variable, f"{VARIABLES[variable].meaning}, {VARIABLES[variable].unit}").items()
    },
    **{f"share_{posture}": f"share of the runs in which the posture is {posture}" for posture in POSTURES},
    FROZEN: f"share of the runs in which the posture is {POSTURES[FREEZE]} or beyond",
    "calls": "appeals for help in the month, mean over the runs",
}
"""Columns of the country-month table: a row for each branch, member of the focus treaty and month."""

DYAD_MONTH: Final[dict[str, str]] = {
    **_BEGIN,
    **_codes("_a", "who trusts"),
    **_codes("_b", "who is trusted"),
    **_WHEN,
    **_measured("trust", "trust of a in b, 0..1; empty where b never owes a help"),
    "calls": "appeals of a in the month that b had to answer, mean over the runs",
    "fulfilment": "share of the duty that b's answers fulfilled, mean; empty without appeals",
}
"""Columns of the dyad-month table: a row for each branch, member, other state and month; directed."""

MEANINGS: Final = {"country-month": COUNTRY_MONTH, "dyad-month": DYAD_MONTH}
"""The meaning of the columns of each table."""
