"""Statistics of the history: metrics, appeals and responses in three branches with different parts recorded.

======================  =============================  =========================
branch                  given beside the shocks        asked for
======================  =============================  =========================
as-answered             appeals and answers            courses, publics, arms
answers-free            appeals                        answers
agents-decide           nothing                        appeals
======================  =============================  =========================
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from sim.engine.ensemble import Batch, Program
from sim.engine.setup import Setup, prepare
from sim.errors import InputError
from sim.evidence.calibration.averages import ratio
from sim.evidence.calibration.patterns import ANY, Pattern
from sim.model.events.call import CallEvent
from sim.model.variables import RUNG_VARIABLES
from sim.model.world import Ints
from sim.output.measuring import Floats, measure
from sim.scenario import check_metric, resolve
from sim.scenario.expressions import First, Metric, Path
from sim.scenario.problems import closest, listed
from sim.scenario.schema import Scenario
from sim.words import RESPONSES

COURSES: Final = "as-answered"
FREE: Final = "agents-decide"
"""Branches of the history that have appeals and answers as recorded, and neither."""

_SHOCK, _MADE, _ALLY, _LEVEL = 1, 5, 6, 9


class HistoryPrograms:
    """Branches of the history, ready to run for a set of patterns.

    Parameters
    ----------
    scenario : Scenario
        With branches `COURSES` and `FREE`.
    patterns : sequence of Pattern
        Those of the panel are measured, in their order.

    Raises
    ------
    InputError
        If the scenario lacks a branch, or a pattern asks for what it does not have.
    """

    def __init__(self, scenario: Scenario, patterns: Sequence[Pattern]) -> None:
        for branch in (COURSES, FREE):
            if branch not in scenario.branches:
                raise InputError(
                    f"calibration needs a history with branches {COURSES} and {FREE}; this one has "
                    f"{listed(scenario.branches) or 'none'}"
                )
        self.patterns = tuple(pattern for pattern in patterns if pattern.tier == "panel")
        scenarios = (resolve(scenario, COURSES), answers_free(scenario), resolve(scenario, FREE))
        self._setups = tuple(prepare(history) for history in scenarios)
        self._metrics = {
            pattern.name: _metric(scenarios[0], pattern) for pattern in self.patterns if pattern.source == "metric"
        }
        self._probes = tuple(dict.fromkeys(_path(metric) for metric in self._metrics.values()))
        self._programs = (
            Program(self._setups[0], self._probes), Program(self._setups[1], ()), Program(self._setups[2], ()),
        )  # fmt: skip
        for pattern in self.patterns:
            _check(pattern, self._setups[0])

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Branches as separate scenarios, in the order in which they run."""
        return tuple(setup.scenario for setup in self._setups)

    def values(self, seed: int, replicates: Ints, parameters: Floats, threads: int) -> Floats:
        """Run replicates and return each pattern's value in each run.

        Returns
        -------
        array (R, patterns)
            0 or 1 for what happens or does not; NaN where a metric is null.
        """
        courses, answers, free = (
            program.run(seed, replicates, parameters, answers=number > 0, threads=threads)
            for number, program in enumerate(self._programs)
        )
        values = np.full((len(replicates), len(self.patterns)), np.nan)
        for column, pattern in enumerate(self.patterns):
            if pattern.source == "metric":
                values[:, column] = self._measured(self._metrics[pattern.name], courses)
            elif pattern.source == "answer":
                values[:, column] = _answered(self._setups[1], answers, pattern)
            else:
                values[:, column] = _called(self._setups[2], free, pattern)
        return values

    def null(self) -> Floats:
        """Return the pattern values of a history without events: unchanged postures, no appeals, no responses."""
        batch = self._programs[0].run(0, np.zeros(1, dtype=np.int64))
        still = replace(batch, values=np.repeat(batch.values[:, :1], batch.values.shape[1], axis=1))
        return np.array(
            [
                self._measured(self._metrics[pattern.name], still)[0] if pattern.source == "metric" else 0.0
                for pattern in self.patterns
            ]
        )

    def _measured(self, metric: Metric, batch: Batch) -> Floats:
        def series(path: Path) -> Floats:
            values = batch.values[:, :, self._probes.index(path)]
            return np.where(values < 0, np.nan, values) if path.variable in RUNG_VARIABLES else values

        return measure(metric, self._setups[0].calendar.dates, series)


def answers_free(scenario: Scenario) -> Scenario:
    """Return the history with appeals as recorded and responses chosen by the agents."""
    free = scenario.branches[FREE]
    dropped = [name for name in free.drop if not isinstance(scenario.events[name], CallEvent)]
    return resolve(scenario.model_copy(update={"branches": {FREE: free.model_copy(update={"drop": dropped})}}), FREE)


def _metric(scenario: Scenario, pattern: Pattern) -> Metric:
    try:
        return check_metric(scenario, str(pattern.about))
    except InputError as error:
        raise InputError(f"pattern {pattern.name}: {error}") from None


def _path(metric: Metric) -> Path:
    return metric.condition.path if isinstance(metric, First) else metric.path


def _events(setup: Setup) -> tuple[str, ...]:
    return tuple(shock.name for tick in setup.shocks for shock in tick if not shock.is_promise)


def _check(pattern: Pattern, setup: Setup) -> None:
    if pattern.source not in ("answer", "call"):
        return
    event = pattern.about if isinstance(pattern.about, str) else pattern.about[0]
    known = _events(setup)
    if event not in known:
        near = closest(event, known)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"pattern {pattern.name}: the history has no attack or crisis '{event}'{hint}")
    if not isinstance(pattern.about, str) and pattern.about[1] not in (ANY, *setup.codes):
        raise InputError(f"pattern {pattern.name}: there is no state '{pattern.about[1]}'")


def _called(setup: Setup, batch: Batch, pattern: Pattern) -> Floats:
    rows = batch.answers[:, _SHOCK] == _events(setup).index(str(pattern.about))
    made = np.zeros(len(batch.values))
    np.maximum.at(made, batch.answered[rows], batch.answers[rows, _MADE])
    return made


def _answered(setup: Setup, batch: Batch, pattern: Pattern) -> Floats:
    """Return the share of the pattern's allies with that response or a higher one; 0 if none has a duty left."""
    event, ally, level = tuple(pattern.about)
    rows = batch.answers[:, _SHOCK] == _events(setup).index(event)
    if ally == ANY:
        focus = setup.treaties.index(setup.focus)
        rows &= batch.answers[:, _ALLY] != setup.first.guarantor[focus]
    else:
        rows &= batch.answers[:, _ALLY] == setup.codes.index(ally)
    runs = len(batch.values)
    given = batch.answers[rows, _LEVEL] >= RESPONSES.index(level)
    came = np.bincount(batch.answered[rows], weights=given, minlength=runs)
    asked = np.bincount(batch.answered[rows], minlength=runs)
    return np.nan_to_num(ratio(came, asked))
