"""Scorecard of a hindcast: forecasts from every origin, scored against naive baselines."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import pandas as pd

from sim.errors import InputError
from sim.evidence.hindcast.baselines import Chains
from sim.evidence.hindcast.covariates import Covariates
from sim.evidence.hindcast.draws import Sets, for_posterior
from sim.evidence.hindcast.helping import AllyCase, cases_of
from sim.evidence.hindcast.model_forecast import MODES, OBSERVED, SIMULATED, recorded
from sim.evidence.hindcast.origins import HORIZONS, SPLITS, Part, parts_of
from sim.evidence.hindcast.quantities import Measured, last_known, measured, quantity_row, quantity_rows
from sim.evidence.hindcast.questions import (
    COURSES,
    HELP,
    NAMES,
    RUNG,
    STAND_INS,
    Helpers,
    Questions,
    Timed,
    ask_about_courses,
    ask_about_help,
)
from sim.evidence.hindcast.rankings import false_alarms, rankings
from sim.evidence.hindcast.running import EVENTS, OriginForecast, OriginProgram
from sim.evidence.hindcast.score_tables import (
    ALL,
    SCORES,
    answered,
    difference_rows,
    forecast_table,
    headline,
    headline_rows,
    member_rows,
    reliability_rows,
    rung_table,
    score_rows,
    timing_rows,
)
from sim.evidence.record import Record, load_record
from sim.evidence.tables import ALLIANCE
from sim.experiments.parameters.priors import with_values
from sim.scenario import Scenario
from sim.words import POSTURES

HEADLINE: Final = "headline"
"""The mode of the scores that stand for a split: courses simulated whole, answers with the shocks observed."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Scorecard:
    """Tables of a hindcast's results; the first column of each is ``split``.

    Attributes
    ----------
    scores : DataFrame
        Mean scores: mode, target, score, horizon, name, value, n (questions), events (of them happened), and the
        parts of a Brier score.
    differences : DataFrame
        The model's score less each baseline's: mode, score, target, horizon, baseline, difference, low, high,
        origins, block (origins drawn together), overlap (those whose forecasts overlap; of shorter blocks the interval
        is too narrow), power.
    reliability : DataFrame
        How often it happened, by bin of chances.
    members : DataFrame
        Scores of each state's course: mode, state, score, horizon, name, value, n.
    forecasts : DataFrame
        Every yes-or-no question with its outcome and a column a forecaster.
    rungs : DataFrame
        Chances of every rung, one row a question and forecaster, with the rank reached.
    quantities : DataFrame
        Polls and shares of arms beside the runs.
    rankings, alarms : DataFrame
        The model's rankings of states; its false alarms.
    """

    scenario: Scenario
    splits: tuple[str, ...]
    seed: int
    replicates: int
    seconds: float
    scores: pd.DataFrame
    differences: pd.DataFrame
    reliability: pd.DataFrame
    members: pd.DataFrame
    forecasts: pd.DataFrame
    rungs: pd.DataFrame
    quantities: pd.DataFrame
    rankings: pd.DataFrame
    alarms: pd.DataFrame

    def headline(self) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
        """Return the headline scores by split, score, horizon and forecaster."""
        rows = self.scores[self.scores["mode"] == HEADLINE]
        scores: dict[str, dict[str, dict[str, dict[str, float]]]] = {split: {} for split in self.splits}
        for split in self.splits:
            for score in SCORES:
                here = rows[(rows["split"] == split) & (rows["score"] == score)]
                scores[split][score] = {
                    str(horizon): dict(zip(group["name"], group["value"], strict=True))
                    for horizon in HORIZONS
                    if not (group := here[here["horizon"] == horizon]).empty
                }
        return scores


def score(
    scenario: Scenario,
    draws: Sets,
    *,
    splits: Sequence[str] = SPLITS,
    seed: int = 1,
    record: Record | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Scorecard:
    """Make and score a forecast from every origin with given parameters, next to naive baselines.

    Parameters
    ----------
    scenario : Scenario
        A history of the alliance by months, such as ``scenarios/csto-history.toml``; what it varies (parameters, an
        explanation, an ablation) is what is scored.
    draws : array (R, Q), or mapping of them
        Parameters of each run; one table for every posterior, or one for each by its name: ``posterior-2019`` for the
        splits in time, ``without-ARM`` and so on for members left out.
    splits : sequence of str
        Of `sim.evidence.hindcast.origins.SPLITS`.
    seed : int
        Of the model's random numbers and of resampling.
    record : Record, optional
        What came; default: the record that ships.
    threads : int
    progress : callable, optional
        Told the runs done and to do.

    Raises
    ------
    InputError
        If a split is unknown, draws are missing, or the history cannot be forecast.

    Examples
    --------
    >>> from sim.evidence.hindcast.draws import draws_of
    >>> card = score(sim.load("scenarios/csto-history.toml"), draws_of("prior", 200, 1))  # doctest: +SKIP
    >>> card.headline()["test"]["brier"]["12"]["model"]  # doctest: +SKIP
    """
    began = time.perf_counter()
    ground = _Ground(scenario, record or load_record())
    parts = parts_of(splits, ground.states)
    runs = _Runs(ground, parts, draws, seed, threads, progress)
    tables = _Tables()
    for split in (split for split in SPLITS if split in splits):
        _fill(tables, split, [part for part in parts if part.split == split], ground, runs, seed)
    forecasts = _joined(tables.forecasts)
    return Scorecard(
        scenario=scenario,
        splits=tuple(split for split in SPLITS if split in splits),
        seed=seed,
        replicates=runs.replicates,
        seconds=time.perf_counter() - began,
        scores=pd.DataFrame(tables.scores, columns=list(SCORE_COLUMNS)),
        differences=pd.DataFrame(tables.differences),
        reliability=pd.DataFrame(tables.reliability),
        members=pd.DataFrame(tables.members),
        forecasts=forecasts,
        rungs=_joined(tables.rungs),
        quantities=pd.DataFrame(tables.quantities),
        rankings=rankings(forecasts, seed),
        alarms=false_alarms(forecasts),
    )


SCORE_COLUMNS = (
    "split", "mode", "target", "score", "horizon", "name", "value", "n", "events", "reliability", "resolution",
    "uncertainty", "within",
)  # fmt: skip


class _Ground:
    """Data common to all parts of a hindcast: the history, its outcomes, and the covariates of baselines."""

    def __init__(self, scenario: Scenario, record: Record) -> None:
        self.history = recorded(scenario, record.members)
        treaty = self.history.treaties[ALLIANCE]
        if treaty.guarantor is None:
            raise InputError(f"a hindcast needs treaties.{ALLIANCE}.guarantor")
        self.guarantor = treaty.guarantor
        self.states = tuple(code for code in record.members if code != self.guarantor)
        self.panel = record.panel()[list(self.states)]
        self.notice = treaty.notice_months
        self.cases: tuple[AllyCase, ...] = cases_of(record, self.history)
        self.numbers: tuple[Measured, ...] = measured(record, self.guarantor)
        self.covariates = Covariates(record, self.history, self.guarantor)


class _Runs:
    """Cache of the model's forecasts, so that parts with equal parameter draws run only once."""

    def __init__(
        self, ground: _Ground, parts: Sequence[Part], draws: Sets, seed: int, threads: int, progress: Progress | None
    ) -> None:
        self._ground, self._seed, self._threads, self._progress = ground, seed, threads, progress
        chosen = {part.draws: for_posterior(draws, part.draws) for part in parts}
        settled = {id(table): with_values(table, ground.history.parameters) for table in chosen.values()}
        self._draws = {name: settled[id(table)] for name, table in chosen.items()}
        self._kept: dict[tuple[int, pd.Period, str], OriginForecast] = {}
        self._programs: dict[tuple[pd.Period, str], OriginProgram] = {}
        wanted = {
            (id(self._draws[part.draws]), origin, mode): len(self._draws[part.draws])
            for part in parts
            for origin in part.origins(min(HORIZONS))
            for mode in MODES
        }
        self._total = sum(wanted.values())
        self._done = 0
        self.replicates = max(map(len, self._draws.values()))

    def forecast(self, part: Part, origin: pd.Period, mode: str) -> OriginForecast:
        parameters = self._draws[part.draws]
        key = (id(parameters), origin, mode)
        if key not in self._kept:
            self._kept[key] = self._program(origin, mode).run(parameters, self._seed, self._threads)
            self._done += len(parameters)
            if self._progress is not None:
                self._progress(self._done, self._total)
        return self._kept[key]

    def _program(self, origin: pd.Period, mode: str) -> OriginProgram:
        if (origin, mode) not in self._programs:
            ground = self._ground
            self._programs[origin, mode] = OriginProgram(
                ground.history, ground.panel, origin, mode, ground.states,
                cases=ground.cases if mode == OBSERVED else (), numbers=ground.numbers,
            )  # fmt: skip
        return self._programs[origin, mode]


@dataclass
class _Tables:
    scores: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    reliability: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    forecasts: list[pd.DataFrame] = field(default_factory=list)
    rungs: list[pd.DataFrame] = field(default_factory=list)
    quantities: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _Mode:
    """Questions of a split in one mode, grouped by kind, with an item for each part."""

    events: list[Questions] = field(default_factory=list)
    rungs: list[Questions] = field(default_factory=list)
    answers: list[Questions] = field(default_factory=list)
    timed: list[Timed] = field(default_factory=list)
    quantities: list[dict[str, Any]] = field(default_factory=list)


def _fill(tables: _Tables, split: str, parts: Sequence[Part], ground: _Ground, runs: _Runs, seed: int) -> None:
    """Fill the score tables of one split: make the forecasts, and score them."""
    naive = [
        (
            part,
            Chains(ground.panel, part, ground.covariates, ground.notice),
            Helpers(ground.cases, part, ground.covariates),
        )
        for part in parts
    ]
    asked = {mode: _ask(naive, ground, runs, mode) for mode in MODES}
    for mode, collected in asked.items():
        here = {"split": split, "mode": mode}
        events, rungs, answers = answered(collected.events), answered(collected.rungs), answered(collected.answers)
        rows = chain(score_rows(events, EVENTS), score_rows(rungs, [RUNG]), score_rows(answers, [HELP]))
        tables.scores += [{**here, **row} for row in chain(rows, timing_rows(collected.timed))]
        lines = chain(reliability_rows(events, EVENTS), reliability_rows(answers, [HELP]))
        tables.reliability += [{**here, **row} for row in lines]
        both = [forecast_table(questions) for questions in (events, answers) if len(questions)]
        tables.forecasts += [table.assign(**here) for table in both]
        tables.members += [{**here, **row} for row in member_rows(events, rungs)]
        tables.rungs.append(rung_table(rungs, POSTURES).assign(**here))
        tables.quantities += [{**here, **row} for row in collected.quantities]
        tables.scores += [{**here, **row} for row in quantity_rows(collected.quantities)]
    courses, answers = answered(asked[SIMULATED].events), answered(asked[OBSERVED].answers)
    rungs, joined = answered(asked[SIMULATED].rungs), headline(courses, answers)
    here = {"split": split, "mode": HEADLINE}
    tables.scores += [{**here, **row} for row in headline_rows(joined)]
    ranked = list(score_rows(rungs, [RUNG]))
    tables.scores += [
        {**here, **row, "name": name} for name in NAMES for row in ranked if STAND_INS.get(name, name) == row["name"]
    ]
    compared = chain(
        difference_rows(joined, ["brier", "log"], ALL, seed),
        difference_rows(rungs, ["rps"], RUNG, seed),
        *(difference_rows(courses, ["brier", "log"], event, seed) for event in EVENTS),
        difference_rows(answers, ["brier", "log"], HELP, seed),
    )
    tables.differences += [{**here, **row} for row in compared]


def _ask(naive: Sequence[tuple[Part, Chains, Helpers]], ground: _Ground, runs: _Runs, mode: str) -> _Mode:
    """Collect all questions and forecasts of a split in one mode."""
    collected = _Mode()
    for part, chains, helpers in naive:
        events, rungs, answers, timed = Questions(COURSES), Questions(COURSES), Questions(NAMES), Timed()
        for origin in part.origins(min(HORIZONS)):
            said = runs.forecast(part, origin, mode)
            ask_about_courses(part, origin, said, ground.states, ground.panel, chains, events, rungs, timed)
            ask_about_help(part, origin, said, helpers, answers)
            collected.quantities += [
                quantity_row(number, horizon, origin, sample, last_known(ground.numbers, number, origin))
                for (number, horizon), sample in said.samples.items()
                if number.state in part.states and number.last <= part.last
            ]
        collected.events.append(events)
        collected.rungs.append(rungs)
        collected.answers.append(answers)
        collected.timed.append(timed)
    return collected


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(tables, ignore_index=True)
    first = ["split", "mode"]
    return whole[[*first, *(name for name in whole.columns if name not in first)]]
