"""Hindcasts of a scenario with an observed course: forecasts from several origins, beside naive forecasters."""

import time
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError
from sim.evidence.hindcast.baselines import ANYWHERE, Chains
from sim.evidence.hindcast.model_forecast import MODES, SIMULATED
from sim.evidence.hindcast.origins import EVERY, HORIZONS, Part
from sim.evidence.hindcast.quantities import QUANTITY_COLUMNS
from sim.evidence.hindcast.questions import MODEL, NAMES, RUNG, Questions, Timed, ask_about_courses
from sim.evidence.hindcast.rankings import false_alarms, rankings
from sim.evidence.hindcast.running import EVENTS, OriginProgram
from sim.evidence.hindcast.score_tables import (
    ALL,
    Answered,
    answered,
    difference_rows,
    forecast_table,
    headline_rows,
    member_rows,
    reliability_rows,
    rung_table,
    score_rows,
    timing_rows,
)
from sim.evidence.hindcast.scorecard import HEADLINE, SCORE_COLUMNS, Progress, Scorecard
from sim.experiments.parameters.priors import with_values
from sim.scenario import Scenario, focus_of, resolve
from sim.scenario.observed import observed_rungs
from sim.words import POSTURES

Floats = NDArray[np.float64]

COURSE: Final = "course"
"""The one split of such a hindcast."""

FORECASTERS: Final = (MODEL, *ANYWHERE)
LEFT_OUT: Final = tuple(name for name in NAMES if name not in FORECASTERS)
"""Naive forecasters that need the coded record's cases."""


def score_course(
    scenario: Scenario,
    draws: Floats,
    *,
    every: int = EVERY,
    seed: int = 1,
    threads: int = 1,
    progress: Progress | None = None,
) -> Scorecard:
    """Make and score forecasts of a scenario's observed course from several origins.

    From each origin members stand where the course says until then and choose afterwards. Naive forecasters are fitted
    to the course up to the origin.

    Parameters
    ----------
    scenario : Scenario
        One with an observed course; its branches are left out, and its ticks are months.
    draws : array (R, Q)
        Parameters of each run.
    every : int
        Months from the start to the first origin, and from one origin to the next.
    seed : int
        Of the model's random numbers and of resampling.
    threads : int
    progress : callable, optional
        Told the runs done and to do.

    Returns
    -------
    Scorecard
        Of the one split `COURSE`; without quantities and rankings.

    Raises
    ------
    InputError
        If there is no observed course, or it is too short for a forecast.
    """
    began = time.perf_counter()
    history = resolve(scenario, None).model_copy(update={"step": "month"})
    panel = panel_of(history)
    origins = origins_of(panel, every)
    parameters = with_values(draws, history.parameters)
    asked = {mode: _Asked(mode) for mode in MODES}
    done = 0
    for questions in asked.values():
        for origin in origins:
            questions.add(history, panel, origin, parameters, seed, threads)
            done += len(parameters)
            if progress is not None:
                progress(done, len(MODES) * len(origins) * len(parameters))
    scores: list[dict[str, Any]] = []
    reliability: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    forecasts, rungs = [], []
    for mode, questions in asked.items():
        here = {"split": COURSE, "mode": mode}
        events, places = questions.answered
        rows = chain(score_rows(events, EVENTS), score_rows(places, [RUNG]), timing_rows([questions.timed]))
        scores += [{**here, **row} for row in rows]
        reliability += [{**here, **row} for row in reliability_rows(events, EVENTS)]
        members += [{**here, **row} for row in member_rows(events, places)]
        forecasts.append(forecast_table(events, FORECASTERS).assign(**here))
        rungs.append(rung_table(places, POSTURES).assign(**here))
    events, places = asked[SIMULATED].answered
    here = {"split": COURSE, "mode": HEADLINE}
    scores += [{**here, **row} for row in chain(headline_rows(events), score_rows(places, [RUNG]))]
    compared = chain(
        difference_rows(events, ["brier", "log"], ALL, seed, every),
        difference_rows(places, ["rps"], RUNG, seed, every),
        *(difference_rows(events, ["brier", "log"], event, seed, every) for event in EVENTS),
    )
    every_forecast = pd.concat(forecasts, ignore_index=True)
    return Scorecard(
        scenario=scenario,
        splits=(COURSE,),
        seed=seed,
        replicates=len(parameters),
        seconds=time.perf_counter() - began,
        scores=pd.DataFrame(scores, columns=list(SCORE_COLUMNS)),
        differences=pd.DataFrame({**here, **row} for row in compared),
        reliability=pd.DataFrame(reliability),
        members=pd.DataFrame(members),
        forecasts=every_forecast,
        rungs=pd.concat(rungs, ignore_index=True),
        quantities=pd.DataFrame(columns=list(QUANTITY_COLUMNS)),
        rankings=rankings(every_forecast.iloc[:0], seed),
        alarms=false_alarms(every_forecast),
    )


def panel_of(scenario: Scenario) -> pd.DataFrame:
    """Return the observed rung of each state at the end of each month, -1 where it has none.

    Raises
    ------
    InputError
        If there is no observed course.
    """
    if not scenario.observed:
        raise InputError(f"'{scenario.title}' has no observed course; give it tables such as [observed.ARM]")
    months = pd.period_range(scenario.start, scenario.recorded_until(scenario.end), freq="M")
    days = [min(month.end_time.date(), scenario.end) for month in months]
    rungs = {
        state: [-1 if rung is None else rung for rung in observed_rungs(scenario, state, days)]
        for state in scenario.observed
    }
    return pd.DataFrame(rungs, index=months, dtype="int8")


def origins_of(panel: pd.DataFrame, every: int) -> list[pd.Period]:
    """Return the months at whose ends forecasts are made: those whose shortest forecast ends within the course.

    Raises
    ------
    InputError
        If there is no such month.
    """
    origins = list(panel.index[every - 1 : -min(HORIZONS) : every])
    if not origins:
        raise InputError(
            f"the observed course has {len(panel)} months; a forecast from month {every} needs {every + min(HORIZONS)}"
        )
    return origins


class _Asked:
    """Questions about the courses from all origins in one mode, with every forecaster's answer."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.events, self.rungs, self.timed = Questions(FORECASTERS), Questions(FORECASTERS), Timed()

    def add(
        self, history: Scenario, panel: pd.DataFrame, origin: pd.Period, parameters: Floats, seed: int, threads: int
    ) -> None:
        states = tuple(panel.columns)
        part = Part(COURSE, "", states, first=origin, last=panel.index[-1], fitted=origin)
        notice = history.treaties[focus_of(history) or ""].notice_months
        chains = Chains(panel, part, None, notice, since=panel.index[0])
        said = OriginProgram(history, panel, origin, self.mode, states).run(parameters, seed, threads)
        ask_about_courses(part, origin, said, states, panel, chains, self.events, self.rungs, self.timed)

    @property
    def answered(self) -> tuple[Answered, Answered]:
        """The questions about events, and those about rungs."""
        return answered([self.events]), answered([self.rungs])
