"""Labels and numbers for the axes of a sweep's figures, from its factors and metrics."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError
from sim.model.events.attack import Attack
from sim.model.events.call import Response
from sim.model.events.overstretch import Overstretch
from sim.model.parameters import PARAMETERS
from sim.model.variables import VARIABLES
from sim.output.formatting import month, possessive, state_in_sentence
from sim.output.sweeps import SweepData, column
from sim.report.wording import clause, noun, told_of
from sim.scenario import resolve
from sim.scenario.expressions import At, Compare, First, Metric, parse_metric
from sim.scenario.schema import Scenario
from sim.words import POSTURES

_MONTH_TICKS = 7
_MEDIAN = math.sqrt(math.pi / 2)


def is_numeric(values: Sequence[Any]) -> bool:
    """Return whether a factor's values are numbers, instead of words or dates."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def positions(values: Sequence[Any]) -> NDArray[np.float64]:
    """Return the axis positions of a factor's values: the numbers themselves, or steps of one for words."""
    if is_numeric(values):
        return np.array(values, dtype=np.float64)
    return np.arange(len(values), dtype=np.float64)


def factor_label(scenario: Scenario, key: str) -> str:
    """Return the label of a scenario key in words, with its unit or range."""
    parts = key.split(".")
    if parts[0] == "parameters" and parts[-1] in PARAMETERS:
        parameter = PARAMETERS[parts[-1]]
        return f"{parameter.meaning} ({parameter.unit})"
    if parts[0] == "states" and len(parts) == 3 and parts[1] in scenario.states:
        return f"{possessive(state_in_sentence(scenario, parts[1]))} {_plain(parts[2])}"
    if parts[0] == "treaties" and len(parts) == 3:
        return f"{_plain(parts[2])} of the {parts[1]}"
    event = scenario.events.get(parts[1]) if parts[0] == "events" and len(parts) == 3 else None
    if event is None:
        return _plain(parts[-1]) if len(parts) == 1 else key
    if isinstance(event, Overstretch) and parts[2] == "value":
        whose = possessive(state_in_sentence(scenario, event.state))
        return f"{whose} overstretch: share of its capability tied down, 0 to 1"
    if isinstance(event, Response) and parts[2] == "response":
        return f"response of {state_in_sentence(scenario, event.state)} to {_event(scenario, event.to)}"
    unit = ", 0 to 1" if parts[2] in ("coverage", "severity") else ""
    return f"{_plain(parts[2])} of {_event(scenario, parts[1])}{unit}"


def factor_name(scenario: Scenario, key: str) -> str:
    """Return the name of a scenario key in words for a row of a figure, without its unit."""
    return factor_label(scenario, key).partition(" (")[0].partition(":")[0].removesuffix(", 0 to 1")


def _event(scenario: Scenario, name: str) -> str:
    """Return an event in words, such as ``the attack of Sep 2022``."""
    event = scenario.events.get(name)
    return name if event is None else f"the {event.kind.replace('-', ' ')} of {month(event.date)}"


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def metric_label(sweep: SweepData, metric: str) -> str:
    """Return the label of a sweep's metric in words."""
    return expression_label(sweep.scenario, metric)


def expression_label(scenario: Scenario, metric: str) -> str:
    """Return the label of a metric in words."""
    parsed = parse_metric(metric)
    if isinstance(parsed, Compare):
        return _chance_label(scenario, parsed) or f"chance that {clause(told_of(scenario), parsed)}"
    if isinstance(parsed, First):
        return f"median of {noun(told_of(scenario), parsed)}"
    if isinstance(parsed, At) and parsed.path.variable == "trust" and parsed.path.other is not None:
        truster, trustee = (state_in_sentence(scenario, code) for code in (parsed.path.owner, parsed.path.other))
        return f"{possessive(truster)} trust in {trustee} ({_when(parsed)})"
    return noun(told_of(scenario), parsed)


def _chance_label(scenario: Scenario, metric: Compare) -> str:
    left = metric.left
    if isinstance(left, At) and left.path.variable == "posture" and metric.op == ">=":
        whose = possessive(state_in_sentence(scenario, left.path.owner))
        return f"{whose} chance of {_rung(metric.value)} ({_when(left)})"
    climbs = isinstance(left, First) and left.condition.path.variable == "posture" and left.condition.op == ">="
    if isinstance(left, First) and climbs and metric.op == "<=" and isinstance(metric.value, tuple):
        member = state_in_sentence(scenario, left.condition.path.owner)
        return f"{possessive(member)} chance of {_rung(left.condition.value)} by {month(date(*metric.value, 1))}"
    return ""


def _rung(rank: Any) -> str:
    name = POSTURES[int(rank)]
    return name if name == POSTURES[-1] else f"{name} or beyond"


def _when(metric: At) -> str:
    if isinstance(metric.when, tuple):
        return month(date(*metric.when, 1))
    return {"start": "at the start", "end": "at the end"}[metric.when]


def branch_scenario(sweep: SweepData, branch: str) -> Scenario:
    """Return the scenario with a branch's changes."""
    return resolve(sweep.scenario, branch if branch in sweep.scenario.branches else None)


def own_value(sweep: SweepData, branch: str, key: str) -> float | None:
    """Return the number at a key in a branch itself, or None.

    The coverage of an attack on the victim's own recognised territory is 1 where the file sets no other.
    """
    scenario = branch_scenario(sweep, branch)
    parts = key.split(".")
    if parts[0] == "parameters" and parts[-1] in PARAMETERS:
        return float(scenario.parameters.get(parts[-1], PARAMETERS[parts[-1]].default))
    event = scenario.events.get(parts[1]) if parts[0] == "events" and len(parts) == 3 else None
    if event is None:
        return None
    value = getattr(event, parts[2], None)
    if value is None and parts[2] == "coverage" and isinstance(event, Attack):
        place = scenario.places.get(event.place or event.victim)
        own = place.owner == event.victim if place else event.place in (None, event.victim)
        return 1.0 if own and not (place and place.undelimited) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def chosen_metric(sweep: SweepData, metric: str | None) -> str:
    """Return the requested metric, by default the first that is a chance, else the first."""
    if metric is None:
        return next((name for name in sweep.metrics if sweep.kinds[name] == "chance"), sweep.metrics[0])
    if metric in sweep.metrics:
        return metric
    same = [name for name in sweep.metrics if _text(name) == _text(metric)]
    if not same:
        raise InputError(f"metric '{metric}' is not in this sweep; allowed: {', '.join(sweep.metrics)}")
    return same[0]


def _text(metric: str) -> str:
    parsed: Metric = parse_metric(metric)
    return parsed.text


def is_share(metric: str) -> bool:
    """Return whether a metric lies between 0 and 1: a chance, or a variable of that range."""
    parsed = parse_metric(metric)
    return isinstance(parsed, Compare) or (
        not isinstance(parsed, First) and VARIABLES[parsed.path.variable].ends == (0.0, 1.0)
    )


def noise(sweep: SweepData, rows: pd.DataFrame, metric: str) -> float:
    """Return the half width of the 90 % interval of a metric's central value at a point, the middle one of all points.

    That of a chance is in the table. That of a median follows from the spread of the runs as if they were normal, which
    makes it 1.25 times that of their mean.
    """
    low, high = (cells(sweep, rows, metric, cell) for cell in centre(sweep, metric)[1:])
    halves = (high - low) / 2
    if sweep.kinds[metric] != "chance":
        runs = rows[column(metric, "n")].to_numpy(dtype=np.float64)
        halves = _MEDIAN * halves / np.sqrt(np.maximum(runs, 1.0))
    known = halves[~np.isnan(halves)]
    return float(np.median(known)) if known.size else 0.0


def cells(sweep: SweepData, rows: pd.DataFrame, metric: str, cell: str) -> NDArray[np.float64]:
    """Return one statistic of a metric as numbers; months become decimal years, NaN for never."""
    values = rows[column(metric, cell)]
    if sweep.kinds[metric] != "date":
        return values.to_numpy(dtype=np.float64)
    return np.array([_year(value) for value in values], dtype=np.float64)


def _year(value: Any) -> float:
    if not isinstance(value, str):
        return float("nan")
    year, _, number = value.partition("-")
    return int(year) + (int(number) - 0.5) / 12


def month_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Return the positions and labels of at most eight month ticks between two decimal years.

    Examples
    --------
    >>> month_ticks(2022.0, 2022.5)[1]
    ['2022-01', '2022-02', '2022-03', '2022-04', '2022-05', '2022-06']
    """
    first, last = math.ceil(low * 12 - 0.5), math.floor(high * 12 - 0.5)
    every = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if (last - first) / n < _MONTH_TICKS), 600)
    months = [number for number in range(first, last + 1) if number % every == 0]
    return [(number + 0.5) / 12 for number in months], [f"{number // 12}-{number % 12 + 1:02d}" for number in months]


def centre(sweep: SweepData, metric: str) -> tuple[str, str, str]:
    """Return the columns of a metric's central value and its low and high end."""
    return ("mean", "low", "high") if sweep.kinds[metric] == "chance" else ("median", "q05", "q95")
