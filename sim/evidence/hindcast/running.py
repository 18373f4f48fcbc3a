"""Model forecasts: the history runs with recorded postures to an origin, then with the agents' choices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine import ensemble
from sim.evidence.hindcast.helping import AllyCase, helped
from sim.evidence.hindcast.model_forecast import known_at, pinned
from sim.evidence.hindcast.origins import LONGEST
from sim.evidence.hindcast.quantities import Measured, due
from sim.scenario import Scenario
from sim.scenario.expressions import Path
from sim.words import FREEZE, LOYAL, NOTIFY, OUT, POSTURES

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

EVENTS = ("freeze", "exit", "step-up")
"""What may happen to a member within a horizon: it steps to freeze or beyond; gives notice or leaves; takes any step
up. Who stands there already, or is out, is not asked about."""


@dataclass(frozen=True)
class OriginForecast:
    """Forecast of the model from one origin.

    Attributes
    ----------
    rungs : array (R, M + 1, S)
        Rung of each state in each run at the origin and after 1..M months; M is less than the longest horizon where
        the history ends.
    cases : tuple of AllyCase
        Cases after the origin that the runs were given.
    helped : array (cases, R)
    samples : dict
        Values of each number that is due, by number and horizon (R).
    """

    rungs: NDArray[np.int8]
    cases: tuple[AllyCase, ...]
    helped: Flags
    samples: dict[tuple[Measured, int], Floats]


class OriginProgram:
    """Program of a history with a forecast origin, ready to run with any parameters.

    Parameters
    ----------
    history : Scenario
        From `sim.evidence.hindcast.model_forecast.recorded`.
    panel : DataFrame
        Recorded rungs by month and state.
    origin : Period
    mode : str
        Of `sim.evidence.hindcast.model_forecast.MODES`.
    states : sequence of str
        Whose rungs are wanted, in this order.
    cases : tuple of AllyCase
        Answers to look for; those after the origin that the runs are given are kept.
    numbers : tuple of Measured
        Numbers on record; those that are due from this origin are read out.
    """

    def __init__(
        self,
        history: Scenario,
        panel: pd.DataFrame,
        origin: pd.Period,
        mode: str,
        states: Sequence[str],
        *,
        cases: tuple[AllyCase, ...] = (),
        numbers: tuple[Measured, ...] = (),
    ) -> None:
        setup = pinned(known_at(history, origin, mode), panel, origin)
        guarantor = setup.codes[setup.first.guarantor[setup.treaties.index(setup.focus)]]
        self._wanted = due(numbers, origin)
        probes = [Path(state, "posture", setup.focus) for state in states]
        probes += [number.path(guarantor, setup.focus) for number, _ in self._wanted]
        self._program = ensemble.Program(setup, probes)
        self._ends = [pd.Period(day, "M") for day in setup.calendar.ends]
        self._start, self._count = self._ends.index(origin) + 1, len(states)
        given = {shock.name for tick in setup.shocks for shock in tick}
        self._cases = tuple(case for case in cases if origin < case.month <= self._ends[-1] and case.event in given)

    def run(self, parameters: Floats, seed: int, threads: int = 1) -> OriginForecast:
        """Run the model with the given parameters and return its forecast.

        Parameters
        ----------
        parameters : array (R, Q)
            Of each run; run r has the random numbers of replicate r.
        seed : int
        threads : int
        """
        replicates = np.arange(len(parameters))
        batch = self._program.run(seed, replicates, parameters, answers=bool(self._cases), threads=threads)
        months = slice(self._start, self._start + LONGEST + 1)
        rungs = batch.values[:, months, : self._count].astype(np.int8)
        samples = {}
        for column, key in enumerate(self._wanted):
            rows = [row + 1 for row, month in enumerate(self._ends) if key[0].first <= month <= key[0].last]
            samples[key] = batch.values[:, rows, self._count + column].mean(axis=1)
        return OriginForecast(rungs, self._cases, helped(self._program.setup, batch, self._cases), samples)


def asked(rung: int, event: str) -> bool:
    """Return whether an event can still happen to a state on a given rung."""
    return LOYAL <= rung < {"freeze": FREEZE, "exit": NOTIFY, "step-up": OUT}[event]


def happened(rungs: NDArray[np.int8], event: str) -> Flags:
    """Return whether an event has happened by each month (..., M + 1), given rungs from an origin on."""
    top = np.maximum.accumulate(rungs, axis=-1)
    if event == "step-up":
        return np.asarray(top > rungs[..., :1])
    return np.asarray(top >= (FREEZE if event == "freeze" else NOTIFY))


def shares(rungs: NDArray[np.int8]) -> Floats:
    """Return the share of runs on each rung (..., K), given rungs (R, ...)."""
    return np.stack([(rungs == rank).mean(axis=0) for rank in range(len(POSTURES))], axis=-1)
