"""Forecasts of cases: each runs in the compiled engine, and shares of runs by library rung are its chances."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sim.engine.ensemble import Program
from sim.engine.setup import prepare
from sim.evidence.cases.coding import ANONYMOUS, first_month, scenario_of
from sim.evidence.cases.reading import MEMBER, YEARS, AllianceCase
from sim.evidence.cases.rungs import BREAK, RIVAL, library_rung
from sim.evidence.cases.scores import CaseForecasts
from sim.experiments.parameters.priors import with_values
from sim.model.world import Ints
from sim.output.measuring import Floats
from sim.scenario.expressions import Path as Variable

MONTHS: Final = 12
PROBES: Final = tuple(
    Variable(ANONYMOUS.codes[MEMBER], name, ANONYMOUS.treaty) for name in ("posture", "diversified", "pact")
)
"""The variables that make up a library rung."""


@dataclass(frozen=True)
class Forecast:
    """The forecast of a case: chances of library rungs.

    Attributes
    ----------
    rungs : dict
        Chances of the library rungs 0..6 in force at each anniversary of `YEARS`.
    exit5 : float
        Chance of rung 4 or more at the end of any month from that of the key event to five years later.
    """

    rungs: dict[int, tuple[float, ...]]
    exit5: float

    @property
    def entry(self) -> dict[str, list[float] | float]:
        """The forecast as it is written: chances by year, and ``exit5``."""
        return {**{str(year): list(chances) for year, chances in self.rungs.items()}, "exit5": self.exit5}


def case_runs(case: AllianceCase, sets: Floats, replicates: int, seed: int, *, threads: int = 1) -> Ints:
    """Run a case and return the library rung of the member at the end of each month from that of the key event.

    Parameters
    ----------
    case : AllianceCase
    sets : array (D, Q)
        Parameters.
    replicates : int
        Runs of each set; run ``r`` of set ``d`` has the same random numbers in every case.
    seed : int
    threads : int

    Returns
    -------
    array (D, replicates, 61)
    """
    scenario = scenario_of(case)
    program = Program(prepare(scenario), PROBES)
    runs = np.arange(len(sets) * replicates)
    rows = np.repeat(with_values(sets, scenario.parameters), replicates, axis=0)
    values = program.run(seed, runs, rows, threads=threads).values
    since = values[:, 1 - first_month(case) :]  # the first value is that of the start
    rungs = library_rung(*np.moveaxis(since, 2, 0))
    return rungs.reshape(len(sets), replicates, -1)


def forecast_of(rungs: Ints) -> Forecast:
    """Return the forecast of a case from its runs: shares of runs are chances.

    Parameters
    ----------
    rungs : array (..., 61)
        Library rungs at the ends of months 0 to 60.
    """
    runs = rungs.reshape(-1, rungs.shape[-1])
    shares = {
        year: tuple(float(share) for share in np.bincount(runs[:, MONTHS * year], minlength=RIVAL + 1) / len(runs))
        for year in YEARS
    }
    return Forecast(shares, float((runs >= BREAK).any(axis=1).mean()))


def forecast_cases(
    cases: Mapping[str, AllianceCase],
    sets: Floats,
    *,
    replicates: int = 1,
    seed: int = 1,
    threads: int = 1,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, Forecast]:
    """Return the forecast of each case under given draws of parameters.

    Parameters
    ----------
    cases : mapping
        By id.
    sets : array (D, Q)
        Draws of parameters; what a scenario of a case fixes takes precedence.
    replicates, seed, threads
        As for `case_runs`.
    progress : callable, optional
        Called with the number of cases done, and of all.
    """
    forecasts = {}
    for done, (name, case) in enumerate(cases.items(), 1):
        forecasts[name] = forecast_of(case_runs(case, sets, replicates, seed, threads=threads))
        if progress is not None:
            progress(done, len(cases))
    return forecasts


def as_arrays(forecasts: Mapping[str, Forecast]) -> CaseForecasts:
    """Return forecasts as the arrays that scores take, in their order."""
    rungs = [[list(forecast.rungs[year]) for year in YEARS] for forecast in forecasts.values()]
    return CaseForecasts(np.array(rungs), np.array([forecast.exit5 for forecast in forecasts.values()]))


def write_forecasts(forecasts: Mapping[str, Forecast], path: Path) -> None:
    """Write forecasts as JSON: by id, chances of the seven rungs at 1, 3 and 5 years, and ``exit5``."""
    lines = [f"{json.dumps(name)}: {json.dumps(forecast.entry)}" for name, forecast in forecasts.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
