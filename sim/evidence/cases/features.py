"""Codings of a case as named numbers, for regressions and for choosing near misses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

EXCUSES: Final = ("overstretch", "legal", "both_allies")
DEPENDENCES: Final = ("arms", "energy", "trade", "base")
OUTSIDE: Final = ("rival_patron", "safe_exit", "self_help")


@dataclass(frozen=True)
class Feature:
    """One coding of a case.

    Attributes
    ----------
    read : callable
        Takes a case as its file has it, returns the number.
    event, context : bool
        Whether it belongs to the key event, and to the context.
    """

    read: Callable[[Mapping[str, Any]], float]
    event: bool = False
    context: bool = False


def _excuse(name: str) -> Feature:
    return Feature(lambda case: case["key_event"]["excuse"] == name, event=True)


def _context(*path: str) -> Feature:
    def read(case: Mapping[str, Any]) -> float:
        value: Any = case["context"]
        for key in path:
            value = value[key]
        return float(value)

    return Feature(read, context=True)


def _overstretch(case: Mapping[str, Any]) -> float:
    """Return the guarantor's overstretch in the year of the key event, or the last one coded before it."""
    years: Mapping[str, Any] = case["context"]["guarantor_overstretch"]
    return float(years[max(year for year in years if year <= case["key_event"]["date"][:4])])


def _strength(clause: str) -> Feature:
    return Feature(lambda case: case["treaty_obligations"][clause]["strength"])


FEATURES: Final[Mapping[str, Feature]] = {
    "given": Feature(lambda case: case["key_event"]["given"], event=True),
    "owed": Feature(lambda case: case["key_event"]["owed"], event=True),
    "shortfall": Feature(lambda case: case["key_event"]["owed"] - case["key_event"]["given"], event=True),
    **{f"excuse {name}": _excuse(name) for name in EXCUSES},
    "rung at key": Feature(lambda case: case["rung_at_key"], event=True, context=True),
    "threat before": _context("threat_to_subject", "before"),
    "threat after": _context("threat_to_subject", "after"),
    **{f"dependence {name}": _context("dependence_on_guarantor", name) for name in DEPENDENCES},
    **{f"outside {name}": _context("outside_option_components", name) for name in OUTSIDE},
    "overstretch": Feature(_overstretch, context=True),
    "capability ratio": _context("subject_capability_ratio_to_challenger"),
    "regime distance": _context("regime_distance_to_guarantor"),
    "salience": _context("public_salience"),
    **{f"strength {name}": _strength(name) for name in ("defence", "consultation", "exclusivity")},
}
"""Every feature by name. The rung at key counts as event and as context; strengths of the treaty as neither."""

EVENT: Final = tuple(name for name, feature in FEATURES.items() if feature.event)
CONTEXT: Final = tuple(name for name, feature in FEATURES.items() if feature.context)


def features_of(cases: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the features of cases, one row for each case, with a column for each of `FEATURES`.

    Parameters
    ----------
    cases : iterable of mapping
        Cases as their file has them; only codings known at the key event are read.
    """
    rows = [{name: float(feature.read(case)) for name, feature in FEATURES.items()} for case in cases]
    return pd.DataFrame(rows, columns=list(FEATURES), dtype="float64")
