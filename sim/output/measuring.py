"""Evaluation of metrics: one expression over the dates of one run or of many runs.

The functions work for a single trajectory and for an ensemble: all axes before time are kept.
"Null" (a date that never came, a state that was never a member) is NaN.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.scenario.expressions import At, Compare, Condition, First, Metric, Path, Span

Floats = NDArray[np.float64]
Lookup = Callable[[Path], Floats]
"""A function that returns the values of a variable with time as the last axis, NaN where there is no value."""

Kind = Literal["number", "chance", "date"]
Cell = float | str | int | None

_QUANTILES = {"median": 0.5, "q05": 0.05, "q95": 0.95}

_OPERATIONS: dict[str, Callable[[Floats, float], NDArray[np.bool_]]] = {
    ">=": lambda values, bound: values >= bound,
    "<=": lambda values, bound: values <= bound,
    ">": lambda values, bound: values > bound,
    "<": lambda values, bound: values < bound,
    "==": lambda values, bound: values == bound,
    "!=": lambda values, bound: values != bound,
}


def kind_of(metric: Metric) -> Kind:
    """Return the kind of a metric: a number, a date, or true or false in each run (a chance over runs)."""
    if isinstance(metric, Compare):
        return "chance"
    return "date" if isinstance(metric, First) else "number"


def measure(metric: Metric, dates: Sequence[date], lookup: Lookup) -> Floats:
    """Evaluate a metric in one run or in many runs.

    Parameters
    ----------
    metric : Metric
        From `sim.scenario.expressions.parse_metric`.
    dates : sequence of date
        The start, then the last day of each tick.
    lookup : callable
        A function that returns the values of a path with time as the last axis.

    Returns
    -------
    array
        Without the time axis: numbers; 0 and 1 for what is true or false; ordinals of the last day of a tick
        for dates. NaN is null; a comparison with null is false.
    """
    if isinstance(metric, At):
        return lookup(metric.path)[..., _position(metric, dates)]
    if isinstance(metric, Span):
        return _over_span(metric, dates, lookup)
    if isinstance(metric, First):
        return _first(metric.condition, dates, lookup)
    return _compare(metric, dates, lookup)


def horizon(metric: Metric, dates: Sequence[date]) -> int:
    """Return the number of ticks after which the value of a metric is settled in every run.

    Parameters
    ----------
    metric : Metric
        From `sim.scenario.expressions.parse_metric`.
    dates : sequence of date
        The start, then the last day of each tick.

    Examples
    --------
    >>> from sim.scenario.expressions import parse_metric
    >>> days = [date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    >>> horizon(parse_metric("ARM.posture@2024-02"), days)
    2
    >>> horizon(parse_metric("first(ARM.posture >= freeze) <= 2024-02"), days)
    2
    >>> horizon(parse_metric("first(ARM.posture >= freeze) > 2024-02"), days)
    3
    """
    if isinstance(metric, At):
        return _position(metric, dates)
    if isinstance(metric, Span):
        return _ticks_of(metric, dates)[-1]
    if isinstance(metric, Compare) and not isinstance(metric.left, First):
        return horizon(metric.left, dates)
    if isinstance(metric, Compare) and isinstance(metric.value, tuple) and metric.op in ("<=", "<", "=="):
        bound = metric.value[0] * 12 + metric.value[1]
        return max((tick for tick, day in enumerate(dates) if _month(day) <= bound), default=0)
    return len(dates) - 1


def _month(day: date) -> int:
    return day.year * 12 + day.month


def _position(metric: At, dates: Sequence[date]) -> int:
    if metric.when == "start":
        return 0
    if metric.when == "end":
        return len(dates) - 1
    year, month = metric.when
    ticks = [i for i, day in enumerate(dates) if i and (day.year, day.month) == (year, month)]
    if not ticks:
        raise _outside(metric, dates)
    return ticks[-1]


def _outside(metric: At | Span, dates: Sequence[date]) -> InputError:
    return InputError(
        f"metric '{metric.text}': no tick ends then; allowed: {dates[1]:%Y-%m}..{dates[-1]:%Y-%m}, start, end"
    )


def _ticks_of(metric: Span, dates: Sequence[date]) -> list[int]:
    ticks = [i for i, day in enumerate(dates) if i and metric.first <= (day.year, day.month) <= metric.last]
    if not ticks:
        raise _outside(metric, dates)
    return ticks


def _over_span(metric: Span, dates: Sequence[date], lookup: Lookup) -> Floats:
    values = lookup(metric.path)[..., _ticks_of(metric, dates)]
    if metric.kind == "mean":
        return np.asarray(values.mean(axis=-1))
    return np.asarray(values.min(axis=-1) if metric.kind == "min" else values.max(axis=-1))


def _first(condition: Condition, dates: Sequence[date], lookup: Lookup) -> Floats:
    values = lookup(condition.path)
    held = ~np.isnan(values) & _OPERATIONS[condition.op](values, condition.value)
    ordinals = np.array([day.toordinal() for day in dates], dtype=np.float64)
    return np.where(held.any(axis=-1), ordinals[held.argmax(axis=-1)], np.nan)


def _compare(metric: Compare, dates: Sequence[date], lookup: Lookup) -> Floats:
    return compared(measure(metric.left, dates, lookup), metric.op, metric.value)


def compared(values: Floats, op: str, value: float | tuple[int, int]) -> Floats:
    """Return 1 where a comparison holds and 0 where it does not; a comparison with null never holds.

    Parameters
    ----------
    values : array
        Numbers, or ordinals of days where ``value`` is a month; NaN is null.
    op : str
        One of ``>=``, ``<=``, ``>``, ``<``, ``==``, ``!=``.
    value : float or tuple of int
        A number, or year and month.

    Examples
    --------
    >>> compared(np.array([0.2, 0.7, np.nan]), ">=", 0.5).tolist()
    [0.0, 1.0, 0.0]
    >>> compared(np.array([float(date(2024, 12, 31).toordinal()), np.nan]), "<=", (2024, 12)).tolist()
    [1.0, 0.0]
    """
    known = ~np.isnan(values)
    if isinstance(value, tuple):
        days, day_index = np.unique(values[known], return_inverse=True)
        months = np.array([_month(date.fromordinal(int(day))) for day in days], dtype=np.float64)
        left = np.full(values.shape, np.nan)
        left[known] = months[day_index]
        bound = float(value[0] * 12 + value[1])
    else:
        left, bound = values, float(value)
    return np.asarray(known & _OPERATIONS[op](left, bound), dtype=np.float64)


def summarise(values: Floats, kind: Kind) -> dict[str, Cell]:
    """Return the mean, median, 5 and 95 percent quantiles, and the number of runs that have a value.

    Dates are written ``YYYY-MM``; their mean is left out (None), as is everything when no run has a value.

    Examples
    --------
    >>> summarise(np.array([0.0, 1.0, 1.0, 1.0]), "chance")
    {'mean': 0.75, 'median': 1.0, 'q05': 0.15, 'q95': 1.0, 'n': 4}
    """
    runs = values[np.newaxis] if values.size else np.full((1, 1), np.nan)
    cells = {name: column[0] for name, column in summaries(runs, kind).items()}
    return {name: _plain(cell) for name, cell in cells.items()}


def summaries(values: Floats, kind: Kind) -> dict[str, NDArray[Any]]:
    """Return the statistics of `summarise` for many ensembles at once.

    Parameters
    ----------
    values : array, shape (ensembles, runs)
        At least one run; NaN where a run has no value.
    kind : str
        ``number``, ``chance`` or ``date``.

    Returns
    -------
    dict of array
        ``mean``, ``median``, ``q05``, ``q95`` (floats, NaN where there is none; quantiles of dates ``YYYY-MM`` or
        None) and ``n``, one entry an ensemble.
    """
    runs = values.shape[1]
    ordered = np.sort(values, axis=1)
    n = runs - np.isnan(ordered).sum(axis=1)
    cells: dict[str, NDArray[Any]] = {}
    if kind == "date":
        cells["mean"] = np.full(len(values), np.nan)
        cells |= {name: _as_months(_observed(ordered, n, share)) for name, share in _QUANTILES.items()}
    else:
        totals = np.nansum(values, axis=1)
        cells["mean"] = np.divide(totals, n, out=np.full(len(values), np.nan), where=n > 0).round(12)
        cells |= {name: _between(ordered, n, share).round(12) for name, share in _QUANTILES.items()}
    return cells | {"n": n}


def _observed(ordered: Floats, n: NDArray[np.int_], share: float) -> Floats:
    """Return a quantile as an observed value; the rows are sorted with missing values last."""
    index = np.clip(np.ceil(n * share - 1), 0, None).astype(np.int64)
    return _at(ordered, index)


def _between(ordered: Floats, n: NDArray[np.int_], share: float) -> Floats:
    """Return quantiles with linear interpolation, as `numpy.quantile` computes them."""
    position = np.clip((n - 1) * share, 0, None)
    below = np.floor(position).astype(np.int64)
    low, high = _at(ordered, below), _at(ordered, np.minimum(below + 1, np.maximum(n - 1, 0)))
    part = position - below
    step = high - low
    return np.asarray(np.where(part < 0.5, low + step * part, high - step * (1 - part)))


def _at(ordered: Floats, index: NDArray[np.int64]) -> Floats:
    return np.asarray(np.take_along_axis(ordered, index[:, np.newaxis], axis=1)[:, 0])


def _as_months(ordinals: Floats) -> NDArray[Any]:
    """Return dates as text ``YYYY-MM``, None where a date is missing."""
    known, numbers = np.unique(ordinals, return_inverse=True)
    texts = [None if np.isnan(day) else f"{date.fromordinal(int(day)):%Y-%m}" for day in known]
    return np.array(texts, dtype=object)[numbers]


def _plain(cell: Any) -> Cell:
    if cell is None or isinstance(cell, str):
        return cell
    return None if np.isnan(cell) else cell.item()
