"""Recorded polls and arms-import shares to compare with variables of the model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.hindcast.origins import HORIZONS, origins
from sim.evidence.hindcast.scores import crps
from sim.evidence.record import Record
from sim.scenario.expressions import Path
from sim.words import ARMS, CHANNELS, OUT

Floats = NDArray[np.float64]
POLLED: Final = ("approval", "exit_support", "trust")
"""Measures of polls that the model has a variable for."""


@dataclass(frozen=True)
class Measured:
    """Recorded number: a poll, or a share over a span of years.

    Attributes
    ----------
    first, last : Period
        Months over which the model's value is averaged; equal for a poll.
    series : str
        What must be alike for an earlier number to be the naive forecast: pollster and question, or measure.
    """

    state: str
    measure: str
    first: pd.Period
    last: pd.Period
    value: float
    series: str

    def path(self, guarantor: str, treaty: str) -> Path:
        """Return the path of the model's variable that corresponds to the number."""
        if self.measure == "trust":
            return Path(self.state, "trust", guarantor)
        if self.measure == CHANNELS[ARMS]:
            return Path(self.state, CHANNELS[ARMS], guarantor)
        return Path(self.state, self.measure, treaty)


def measured(record: Record, guarantor: str) -> tuple[Measured, ...]:
    """Return members' polls that correspond to a variable of the model, and the guarantor's arms shares, by date."""
    polls = [
        Measured(
            row["state"], row["measure"], *2 * (pd.Period(row["date"], "M"),), row["percent"] / 100,
            f"{row['pollster']}: {row['question']}",
        )
        for row in _rows(record.polls)
        if row["measure"] in POLLED
    ]  # fmt: skip
    arms = [
        Measured(
            row["state"], CHANNELS[ARMS], pd.Period(f"{row['first']}-01", "M"), pd.Period(f"{row['last']}-12", "M"),
            row["share"], "share",
        )
        for row in _rows(record.arms)
        if row["supplier"] == guarantor
    ]  # fmt: skip
    members = [
        number for number in (*polls, *arms) if 0 <= record.rung(number.state, number.last.end_time.date()) < OUT
    ]
    return tuple(sorted(members, key=lambda number: (number.last, number.state, number.measure, number.series)))


@cache
def forecast_from(number: Measured, horizon: int) -> pd.Period | None:
    """Return the first origin from which a number's last month is within a horizon in months; None if there is none."""
    return next((origin for origin in origins() if origin < number.last <= origin + horizon), None)


def due(numbers: tuple[Measured, ...], origin: pd.Period) -> list[tuple[Measured, int]]:
    """Return pairs of number and horizon to forecast from an origin."""
    return [(number, horizon) for number in numbers for horizon in HORIZONS if forecast_from(number, horizon) == origin]


def last_known(numbers: tuple[Measured, ...], number: Measured, origin: pd.Period) -> float:
    """Return the last number of a state, measure and series known at an origin, NaN if there is none."""
    same = [
        other.value
        for other in numbers
        if (other.state, other.measure, other.series) == (number.state, number.measure, number.series)
        and other.last <= origin
    ]
    return same[-1] if same else float("nan")


QUANTITY_COLUMNS: Final = (
    "split", "mode", "origin", "horizon", "state", "measure", "first", "last", "series", "value", "mean", "sd", "crps",
    "persistence", "persistence_error",
)  # fmt: skip
"""Columns of the table of numbers forecast."""


def quantity_row(number: Measured, horizon: int, origin: pd.Period, sample: Floats, before: float) -> dict[str, Any]:
    """Return a row with the forecast of a number and its scores; the naive forecast is the last known number."""
    return {
        "origin": str(origin),
        "horizon": horizon,
        "state": number.state,
        "measure": number.measure,
        "first": str(number.first),
        "last": str(number.last),
        "series": number.series,
        "value": number.value,
        "mean": float(sample.mean()),
        "sd": float(sample.std()),
        "crps": crps(sample, number.value),
        "persistence": before,
        "persistence_error": abs(before - number.value),
    }


def quantity_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the mean CRPS by measure and horizon, over numbers with an earlier number for the naive forecast."""
    table = pd.DataFrame([row for row in rows if not np.isnan(row["persistence"])])
    for (measure, horizon), group in table.groupby(["measure", "horizon"]) if len(table) else ():
        for name, column in (("model", "crps"), ("persistence", "persistence_error")):
            yield {
                "target": measure, "score": "crps", "horizon": horizon, "name": name, "n": len(group),
                "value": float(group[column].mean()),
            }  # fmt: skip


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")  # type: ignore[return-value]
