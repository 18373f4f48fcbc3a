"""Forecast questions: events that happen to a member within a horizon, its posture, and the allies that help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence.hindcast.baselines import NAIVE, Chains, places, rate, reached
from sim.evidence.hindcast.covariates import Covariates
from sim.evidence.hindcast.helping import BASE_RATE, AllyCase
from sim.evidence.hindcast.origins import HORIZONS, LONGEST, Part
from sim.evidence.hindcast.running import EVENTS, OriginForecast, asked, happened, shares
from sim.evidence.logit import Logit, fit_logit

Floats = NDArray[np.float64]

MODEL: Final = "model"
HELP: Final = "help"
"""The question about answers: whether an ally delivers materiel or forces."""

TARGETS: Final = (*EVENTS, HELP)
RUNG: Final = "rung"
COURSES: Final = (MODEL, *NAIVE)
"""Who forecasts courses."""

NAMES: Final = (*COURSES, "never-helps", "base-rate")
"""Who forecasts answers."""

STAND_INS: Final = {"never-helps": "persistence", "base-rate": "hazard"}
"""Whose word on courses those take who have none of their own."""

COLUMNS: Final = ("origin", "horizon", "state", "target", "event")


@dataclass
class Questions:
    """Questions of one kind, in one part and mode, with the forecasts of all forecasters.

    Attributes
    ----------
    rows : list of tuple
        `COLUMNS` of each question; ``state`` is the member or the responding ally, ``event`` the case.
    outcomes : list
        1 or 0; of ``rung`` the rank reached.
    chances : dict
        By forecaster: a chance; of ``rung`` the chances of all ranks.
    worlds : list of array (R)
        What came in each run of the model, in the place of the record.
    """

    names: Sequence[str]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    outcomes: list[float] = field(default_factory=list)
    chances: dict[str, list[Any]] = field(default_factory=dict)
    worlds: list[NDArray[Any]] = field(default_factory=list)

    def add(self, row: tuple[Any, ...], outcome: float, chances: Mapping[str, Any], world: NDArray[Any]) -> None:
        """Add a question with its outcome, the forecasts and the model's runs."""
        self.rows.append(row)
        self.outcomes.append(float(outcome))
        self.worlds.append(world)
        for name in self.names:
            self.chances.setdefault(name, []).append(chances[name])


@dataclass
class Timed:
    """Times of events, with each forecaster's probability by month that the event has happened."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    when: list[float] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    curves: dict[str, list[Floats]] = field(default_factory=dict)


def ask_about_courses(
    part: Part, origin: pd.Period, forecast: OriginForecast, states: Sequence[str], panel: pd.DataFrame, chains: Chains,
    events: Questions, rungs: Questions, timed: Timed,
) -> None:  # fmt: skip
    """Add the questions about the postures of a part's states, from one origin.

    Parameters
    ----------
    states : sequence of str
        Of the last axis of ``forecast.rungs``.
    panel : DataFrame
        Recorded rungs by month and state.
    events, rungs : Questions
        Take yes-or-no questions, and those about the rung.
    timed : Timed
        Takes the times of events.
    """
    horizons = [horizon for horizon in HORIZONS if part.reaches(origin, horizon)]
    seen = min(LONGEST, int((part.last - origin).n))
    for state in part.states:
        record = panel.loc[origin : origin + seen, state].to_numpy(dtype=np.int8)
        start = int(record[0])
        if start < 0:
            continue
        runs = forecast.rungs[:, :, states.index(state)]
        moves = {name: chains.moves(name, state, origin) for name in chains.names}
        ways = {name: places(chain, start, LONGEST) for name, chain in moves.items()}
        model = shares(runs)
        for horizon in horizons:
            said = {MODEL: model[horizon], **{name: way[horizon] for name, way in ways.items()}}
            row = (str(origin), horizon, state, RUNG, "")
            rungs.add(row, record[horizon], said, runs[:, horizon])
        for event in (event for event in EVENTS if asked(start, event)):
            came, fact = happened(runs, event), happened(record, event)
            curves = {MODEL: came.mean(axis=0)}
            curves |= {name: reached(chain, start, event, LONGEST) for name, chain in moves.items()}
            for horizon in horizons:
                row = (str(origin), horizon, state, event, "")
                chances = {name: float(curve[horizon]) for name, curve in curves.items()}
                events.add(row, fact[horizon], chances, came[:, horizon])
            timed.rows.append((str(origin), state, event))
            timed.when.append(float(np.argmax(fact)) if fact.any() else float("nan"))
            timed.seen.append(seen)
            for name, curve in curves.items():
                timed.curves.setdefault(name, []).append(_held(curve)[1:])


def _held(curve: Floats) -> Floats:
    """Extend a curve to all months by its last value; months past the end of the record have weight 0."""
    return np.concatenate([curve, np.full(LONGEST + 1 - len(curve), curve[-1])])


class Helpers:
    """Naive forecasts of allies' responses for one part.

    Parameters
    ----------
    cases : tuple of AllyCase
        All on record, by date.
    part : Part
    covariates : Covariates
    """

    def __init__(self, cases: tuple[AllyCase, ...], part: Part, covariates: Covariates) -> None:
        self._cases, self._covariates = cases, covariates
        known = [case for case in cases if case.month <= part.fitted and case.victim != part.without]
        self.share = rate(sum(case.helped for case in known), len(known))
        seen = [covariates.at(case.victim, case.month) for case in known]
        self.logit: Logit | None = None
        if known:
            self.logit = fit_logit(np.array(seen), np.array([case.helped for case in known], dtype=np.float64))

    def chances(self, case: AllyCase, origin: pd.Period) -> dict[str, float]:
        """Return the probability of help in a case by each naive forecaster, from an earlier origin."""
        before = [earlier for earlier in self._cases if earlier.month <= origin]
        own = [earlier.helped for earlier in before if earlier.ally == case.ally]
        year = [earlier.helped for earlier in before if earlier.month > origin - 12]
        here = self._covariates.at(case.victim, origin)
        return {
            "persistence": float(own[-1]) if own else 0.0,
            "hazard": self.share,
            "last12": float(np.mean(year)) if year else self.share,
            "logit": self.share if self.logit is None else self.logit.chance(here),
            "never-helps": 0.0,
            "base-rate": BASE_RATE,
        }


def ask_about_help(
    part: Part, origin: pd.Period, forecast: OriginForecast, helpers: Helpers, answers: Questions
) -> None:
    """Add the questions about help in the cases after one origin; for a left-out member, only its cases as victim."""
    for horizon in (horizon for horizon in HORIZONS if part.reaches(origin, horizon)):
        for case, world in zip(forecast.cases, forecast.helped, strict=True):
            if case.month <= origin + horizon and part.without in ("", case.victim):
                row = (str(origin), horizon, case.ally, HELP, case.event)
                chances = {MODEL: float(world.mean()), **helpers.chances(case, origin)}
                answers.add(row, case.helped, chances, world)
