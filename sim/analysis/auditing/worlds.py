"""The two branches of a claim, and what an audit changes in them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np

from sim.engine.draws import name_code, uniform
from sim.engine.setup import Setup, prepare
from sim.experiments.chunks import Engine, Job
from sim.experiments.executors import run_branches
from sim.experiments.masking import shortened
from sim.experiments.parameters.sources import Draws
from sim.experiments.result_axes import ResultAxes
from sim.model.events.set_value import Set
from sim.model.fields import TINY
from sim.model.variables import MEMBER_SERIES
from sim.output.measuring import Floats, horizon
from sim.scenario.expressions import At, Metric, Month, Path, Span, parse_metric
from sim.scenario.names import ever_members, focus_of
from sim.scenario.schema import Dyad, Scenario

Tables = dict[str, Any]
Change = Callable[[Scenario], Scenario]
Direction = Callable[[str], int]
"""A function of the key of a judged figure: 1 moves it up, -1 down, 0 not at all."""

REACH: Final = {"high": 0.05, "medium": 0.1, "low": 0.2}
"""How far a judged figure may lie from the coded one, by the confidence that its file states."""

UNSTATED: Final = 0.1
"""The same for figures without a stated confidence, such as the severities of events."""

CLAIMED: Final = "the metric"
"""Stands for the metric of the claim among what tells runs apart."""

_CODE: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Z][A-Z0-9]{1,7}(?![A-Za-z0-9_-])")


@dataclass(frozen=True)
class ClaimWorlds:
    """The two branches of a claim as separate scenarios, with the settings of their runs.

    Attributes
    ----------
    sides : tuple of str
        Names of the branches: the one with the higher value, and the other.
    branches : tuple of Scenario
        The branches, each as a whole scenario (`sim.scenario.resolve`).
    metric : str
        The metric of the claim.
    seed, replicates : int
        Replicate ``n`` of both uses the same random numbers.
    draws : Draws or None
        Where each replicate has its parameters from, as far as the scenarios do not set them.
    engine : str
    workers : int or None
        Threads of the compiled engine.
    parts : date or None
        First day on which the branches can differ.
    names : mapping
        States that have another name, by the new name; their draws stay those of the old one.
    """

    sides: tuple[str, str]
    branches: tuple[Scenario, Scenario]
    metric: str
    seed: int
    replicates: int
    draws: Draws | None = None
    engine: Engine = "compiled"
    workers: int | None = None
    parts: date | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def changed(self, change: Change) -> "ClaimWorlds":
        """Return the worlds with both branches changed in the same way."""
        first, second = self.branches
        return replace(self, branches=(change(first), change(second)))

    def with_parameters(self, values: Mapping[str, float]) -> "ClaimWorlds":
        """Return the worlds with parameters set in both branches and every replicate."""
        return self.changed(lambda one: one.model_copy(update={"parameters": {**one.parameters, **values}}))

    def values(self) -> Floats:
        """Run both branches; return the metric by branch and replicate, NaN for null."""
        return self.measured({self.metric: parse_metric(self.metric)})[:, :, 0]

    def measured(self, metrics: Mapping[str, Metric]) -> Floats:
        """Run both branches up to the tick that settles all metrics; return values (branch, replicate, metric)."""
        setups = {side: self._prepared(side, metrics) for side in self.sides}
        job = Job(
            self.branches[0], ResultAxes.of_setups(list(setups.values())), self.seed, metrics, series=False,
            engine=self.engine, draws=self.draws, setups=setups,
        )  # fmt: skip
        values = np.empty((len(self.sides), self.replicates, len(metrics)))
        workers = (
            self.workers if self.engine == "compiled" else 1
        )  # other processes would prepare branches of their own
        for piece, outcome in run_branches(job, self.sides, self.replicates, 0, workers):
            values[self.sides.index(piece.branch), piece.first : piece.first + piece.count] = outcome.metrics
        return values

    def _prepared(self, side: str, metrics: Mapping[str, Metric]) -> Setup:
        setup = replace(prepare(self.branches[self.sides.index(side)]), branch=side)
        ticks = max(horizon(metric, setup.calendar.dates) for metric in metrics.values())
        setup = shortened(setup, max(1, ticks))
        if not self.names:
            return setup
        return replace(setup, state_codes=tuple(name_code(self.names.get(code, code)) for code in setup.codes))

    def fingerprint(self, before: date | None = None) -> dict[str, Floats]:
        """Run both branches; return the metric and the course of each member's variables, by name: (branch, replicate).

        Of each variable the least, the greatest and the last value, which no order of summation can change.

        Parameters
        ----------
        before : date, optional
            Only months that end before this day count, and the metric is left out.
        """
        parsed = parse_metric(self.metric)
        dates = prepare(self.branches[0]).calendar.dates
        days = dates[1 : max(1, horizon(parsed, dates)) + 1]
        if before is not None:
            days = tuple(day for day in days if (day.year, day.month) < (before.year, before.month))
        metrics: dict[str, Metric] = {} if before is not None else {CLAIMED: parsed}
        if days:
            metrics |= dict(sorted(self._courses(_month(days[0]), _month(days[-1]))))
        if not metrics:
            return {}
        values = self.measured(metrics)
        return {name: values[:, :, index] for index, name in enumerate(metrics)}

    def _courses(self, first: Month, last: Month) -> Iterator[tuple[str, Metric]]:
        for path in _watched(self.branches[0]):
            label = Path(self._old(path.owner), path.variable, path.other and self._old(path.other)).text
            yield f"{label} at the end", At(path, last)
            yield f"least {label}", Span("min", path, first, last)
            yield f"greatest {label}", Span("max", path, first, last)

    def _old(self, name: str) -> str:
        return self.names.get(name, name)


def _month(day: date) -> Month:
    return day.year, day.month


def _watched(scenario: Scenario) -> Iterator[Path]:
    """Yield the variables of the focus treaty and its members that results store."""
    focus = focus_of(scenario)
    if focus is None:
        return
    yield Path(focus, "credibility")
    members = ever_members(scenario, focus)
    for member in members:
        for name in ("posture", *MEMBER_SERIES):
            yield Path(member, name, focus)
        for other in members:
            if other != member:
                yield Path(member, "trust", other)


def by_week(scenario: Scenario) -> Scenario:
    """Return a scenario in steps of a week."""
    return scenario.model_copy(update={"step": "week"})


def with_belief_rule(rule: str) -> Change:
    """Return the change to another rule of beliefs."""
    return lambda scenario: scenario.model_copy(update={"belief_rule": rule})


def turned_round(scenario: Scenario) -> Scenario:
    """Return a scenario with the entries of every table and list of names in reverse order."""
    return _read(_reversed(_tables(scenario)))


def with_idle_state(scenario: Scenario) -> Scenario:
    """Return a scenario with a further state that has neither treaty, relations nor power, first in the alphabet."""
    code = min(f"A{'0' * zeros}" for zeros in range(1, 8) if f"A{'0' * zeros}" not in scenario.states)
    idle = {"name": "a state without relations", "capability": TINY, "population": TINY}
    tables = _tables(scenario)
    return _read({**tables, "states": {**tables["states"], code: idle}})


def new_names(worlds: ClaimWorlds) -> dict[str, str]:
    """Return a new code for each state of both branches, in reverse order of the old ones."""
    codes = sorted({code for branch in worlds.branches for code in branch.states})
    return {code: f"Z{len(codes) - number:04d}" for number, code in enumerate(codes)}


def share_a_name(worlds: ClaimWorlds) -> bool:
    """Return whether a treaty or an event has the code of a state, so that states cannot be renamed alone."""
    return any(branch.states.keys() & {*branch.treaties, *branch.events} for branch in worlds.branches)


def renamed(worlds: ClaimWorlds, *, with_draws: bool) -> ClaimWorlds:
    """Return the worlds with other names of states, in another order; their draws stay or, with the names, change."""
    names = new_names(worlds)
    changed = worlds.changed(lambda scenario: _read(_renamed(_tables(scenario), names)))
    metric = _written(worlds.metric, names)
    old_names = {} if with_draws else {new: old for old, new in names.items()}
    return replace(changed, metric=metric, names=old_names)


def moved(scenario: Scenario, severities: Direction, ties: Direction) -> Scenario:
    """Return a scenario in which the values that rest on judgement are moved by their full margin of doubt.

    Parameters
    ----------
    scenario : Scenario
    severities, ties : callable
        A function of a figure's key that returns 1, -1 or 0: up, down, or not at all.
    """
    events = {}
    for name, event in scenario.events.items():
        changes = {}
        severity = getattr(event, "severity", None)
        if severity is not None:
            changes["severity"] = _clipped(severity + UNSTATED * severities(name), 0.0)
        if isinstance(event, Set) and event.key.endswith(".ties"):
            changes["value"] = _clipped(event.value + UNSTATED * ties(name), -1.0)
        events[name] = event.model_copy(update=changes)
    dyads = {
        state: {other: _with_ties(dyad, ties(f"{state}.{other}")) for other, dyad in others.items()}
        for state, others in scenario.dyads.items()
    }
    return scenario.model_copy(update={"events": events, "dyads": dyads})


def up(_: str) -> int:
    """Return 1 for every figure."""
    return 1


def down(_: str) -> int:
    """Return -1 for every figure."""
    return -1


def fixed(_: str) -> int:
    """Return 0 for every figure."""
    return 0


def either(seed: int) -> Direction:
    """Return a function that moves each figure up or down at random, always in one direction for a seed."""
    return lambda key: 1 if uniform(seed, 0, 0, 0, name_code(key), 0, name_code("judgement")) < 0.5 else -1


def _with_ties(dyad: Dyad, direction: int) -> Dyad:
    if dyad.ties is None:
        return dyad
    shift = direction * REACH.get(dyad.ties.confidence, UNSTATED)
    values = tuple(_clipped(value + shift, -1.0) for value in dyad.ties.values)
    return dyad.model_copy(update={"ties": dyad.ties.model_copy(update={"values": values})})


def _clipped(value: float, least: float) -> float:
    return min(1.0, max(least, value))


def _tables(scenario: Scenario) -> Tables:
    return scenario.model_dump(by_alias=True, exclude_unset=True)


def _read(tables: Tables) -> Scenario:
    return Scenario.model_validate(tables)


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(inner) for key, inner in reversed(value.items())}
    if isinstance(value, list | tuple) and all(isinstance(inner, str) for inner in value):
        return list(reversed(value))
    return value


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {_written(key, names): _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(inner, names) for inner in value]
    return _written(value, names) if isinstance(value, str) else value


def _written(text: str, names: Mapping[str, str]) -> str:
    """Return a name, a key or an expression with other names of states."""
    if text in names:
        return names[text]
    return _CODE.sub(lambda found: names.get(found[0], found[0]), text) if "." in text else text
