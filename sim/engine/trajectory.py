"""The trajectory of one replicate: every variable by date, and every call with its responses."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.readout import ASKED, READ, ask, read_dates
from sim.model.world import World


@dataclass(frozen=True)
class ResponseRecord:
    """Record of one ally's response to a call.

    Attributes
    ----------
    ally : str
    treaties : tuple of str
        Treaties that bind the ally to the victim.
    coverage : float
        Legal coverage of the case as the ally perceives it, 0..1.
    choice, level : int
        Own choice, and level delivered, 0..4.
    fulfilment : float
        Share of the duty that was fulfilled, 0..1.
    fixed, vetoed, spoken : bool
        Set by the record; held back by an objection; False where nobody called and the ally did nothing.
    offered : int
        Level offered and not delivered, -1 if none.
    """

    ally: str
    treaties: tuple[str, ...]
    coverage: float
    choice: int
    level: int
    fulfilment: float
    fixed: bool
    vetoed: bool
    spoken: bool
    offered: int


@dataclass(frozen=True)
class CallRecord:
    """Record of one attack or crisis: the states, severity, call, and the allies' responses."""

    date: date
    event: str
    kind: str
    victim: str
    aggressor: str
    severity: float
    made: bool
    article: str
    treaties: tuple[str, ...]
    coverage_victim: float
    coverage_guarantor: float
    responses: tuple[ResponseRecord, ...]


@dataclass(frozen=True)
class Trajectory:
    """The trajectory of one replicate: all variables by date and all calls.

    Attributes
    ----------
    codes, treaties : tuple of str
        States and treaties in the order of the axes.
    focus : str
        Default treaty where none is named.
    dates : tuple of date
        The start of the run, then the last day of each tick.
    values : dict of arrays
        By variable (`sim.model.variables.VARIABLES`): state (T + 1, N), dyad (T + 1, N, N), member (T + 1, N, K),
        treaty (T + 1, K); the posture by rank, -1 for states that are no members.
    calls : tuple of CallRecord
    """

    codes: tuple[str, ...]
    treaties: tuple[str, ...]
    focus: str
    dates: tuple[date, ...]
    values: dict[str, NDArray[Any]]
    calls: tuple[CallRecord, ...]


class Recorder:
    """Collector of the variables of a run, with one row per date.

    At each date it copies the fields of the world that variables are read from, so that variables computed from them
    are computed once, for all dates together.
    """

    def __init__(self, dates: int, world: World) -> None:
        self._row = 0
        self._world = world
        self._fields = {name: _rows(dates, getattr(world, name)) for name in READ}
        self._asked = {name: _rows(dates, ask(world, name)) for name in ASKED}

    def add(self, world: World) -> None:
        """Record the present state of the world."""
        for name, rows in self._fields.items():
            rows[self._row] = getattr(world, name)
        for name, rows in self._asked.items():
            rows[self._row] = ask(world, name)
        self._row += 1

    def values(self) -> dict[str, NDArray[Any]]:
        """Return the rows recorded so far, by variable."""
        fields: dict[str, Any] = {name: rows[: self._row] for name, rows in self._fields.items()}
        asked = {name: rows[: self._row] for name, rows in self._asked.items()}
        return read_dates(self._world._replace(**fields), asked)


def _rows(dates: int, array: NDArray[Any]) -> NDArray[Any]:
    """Return rows for a variable or field at each date."""
    return np.zeros((dates, *array.shape), dtype=array.dtype)
