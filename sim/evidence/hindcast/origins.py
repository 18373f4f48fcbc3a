"""Forecast origins, horizons, and the splits that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import pandas as pd

from sim.errors import InputError

HORIZONS: Final = (6, 12, 24)
"""Months that forecasts reach."""

LONGEST: Final = max(HORIZONS)

EVERY: Final = 6
"""Months from one origin to the next."""

FIRST: Final = pd.Period("1994-06", "M")
"""First origin: the treaty binds nobody before April 1994, so that nobody could have moved."""

LAST_RECORDED: Final = pd.Period("2026-06", "M")
"""Last month of the record."""

SPLITS: Final = ("tune", "test", "leave-one-out")
FITTED: Final = pd.Period("2019-12", "M")
"""Parameters of the splits in time are fitted to the record up to here."""

TUNED: Final = pd.Period("2021-12", "M")
"""What is chosen by trial is chosen on the months up to here; the test begins after it."""


@dataclass(frozen=True)
class Part:
    """Part of a split: forecasts with common parameters and common naive fits.

    Attributes
    ----------
    split : str
    draws : str
        Name of the posterior whose draws the model has.
    states : tuple of str
        Whose courses are forecast.
    first, last : Period
        First origin, and last month that a forecast may reach.
    fitted : Period
        Last month that naive fits may use.
    without : str
        Member that nothing is fitted to; empty in the splits in time.
    """

    split: str
    draws: str
    states: tuple[str, ...]
    first: pd.Period
    last: pd.Period
    fitted: pd.Period
    without: str = ""

    def origins(self, horizon: int) -> list[pd.Period]:
        """Return the origins whose forecasts over a horizon in months end within the part."""
        return [origin for origin in origins() if self.first <= origin and self.reaches(origin, horizon)]

    def reaches(self, origin: pd.Period, horizon: int) -> bool:
        """Return whether a forecast over a horizon in months ends within the part."""
        return bool(origin + horizon <= self.last)


@cache
def origins() -> tuple[pd.Period, ...]:
    """Return every origin: forecasts are made at the end of June and December."""
    return tuple(pd.period_range(FIRST, LAST_RECORDED - EVERY, freq="M")[::EVERY])


def parts_of(splits: Sequence[str], states: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts of the given splits.

    Parameters
    ----------
    splits : sequence of str
        Of `SPLITS`.
    states : sequence of str
        All that ever were members, the guarantor excepted.

    Raises
    ------
    InputError
        If there is no such split.

    Examples
    --------
    >>> [part.draws for part in parts_of(["tune", "leave-one-out"], ["ARM", "BLR"])]
    ['posterior-2019', 'without-ARM', 'without-BLR']
    """
    for split in splits:
        if split not in SPLITS:
            raise InputError(f"there is no split '{split}'; allowed: {', '.join(SPLITS)}")
    whole = tuple(states)
    parts: list[Part] = []
    if "tune" in splits:
        parts.append(Part("tune", "posterior-2019", whole, FITTED, TUNED, FITTED))
    if "test" in splits:
        parts.append(Part("test", "posterior-2019", whole, TUNED, LAST_RECORDED, TUNED))
    if "leave-one-out" in splits:
        parts += [
            Part("leave-one-out", f"without-{state}", (state,), FIRST, LAST_RECORDED, LAST_RECORDED, state)
            for state in whole
        ]
    return tuple(parts)
