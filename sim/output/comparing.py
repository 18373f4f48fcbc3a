"""Comparison of two branches, run by run on equal random draws: differences of metrics, and their course by date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.model.variables import VARIABLES
from sim.output.formatting import percent, plural
from sim.output.intervals import mean_interval, mean_intervals, unpaired_bootstrap, unseen, wilson
from sim.output.measuring import Cell, Floats, Kind, compared, horizon, kind_of, summarise
from sim.scenario.branches import parting
from sim.scenario.expressions import At, Compare, Condition, First, Metric, Span, parse_metric

if TYPE_CHECKING:
    from sim.output.result import ResultData

_DIRECTIONS: Final = {">=": 1, ">": 1, "<=": -1, "<": -1}
_BANDS: Final = (0.05, 0.25, 0.75, 0.95)


class Difference(dict[str, Cell]):
    """The paired difference of one metric between two branches.

    A dictionary of ``from``, ``to`` (means; for dates the median month), ``difference`` (second minus first; for dates
    in months), ``low`` and ``high`` (its 90 % interval), with what else there is to say as attributes.

    Attributes
    ----------
    metric : str
        The expression.
    pairs : int
        Pairs that have a value on both sides; 0 for runs that share no draws.
    worse, better, same : float or None
        Shares of the pairs in which the second branch ends worse for the alliance, better, or equal
        (`sim.model.declaring.Variable.worse`); a date that never comes is the latest. None where the metric has no
        direction.
    unpaired : tuple of float
        The interval that independent draws would give.
    narrowed : float or None
        Share by which pairing narrows the interval: one less the ratio of the standard errors.
    note : str
        A note on the interval if the differences of all pairs are equal, else empty.
    """

    def __init__(
        self, metric: str, first: Floats, second: Floats, *, reach: float | None, certain: bool, paired: bool = True
    ) -> None:
        """Compare the values of a metric in two branches, pair by pair or as two samples.

        Parameters
        ----------
        metric : str
            The expression.
        first, second : array
            The values, as `Result.values` returns them.
        reach : float or None
            Largest size of a difference; None if it is not known.
        certain : bool
            Whether the metric is settled before the branches can differ, so that both values are equal in every run.
        paired : bool
            Whether the n-th values belong together; else the interval is that of two independent samples.
        """
        parsed = parse_metric(metric)
        kind = kind_of(parsed)
        self.metric = metric
        self.worse, self.better, self.same = _shares(parsed, first, second) if paired else (None, None, None)
        shown = "median" if kind == "date" else "mean"
        if kind == "date":
            dated = ~np.isnan(first), ~np.isnan(second)
            both = (dated[0] & dated[1],) * 2 if paired else dated
            first, second = first[both[0]], second[both[1]]
        ends = {"from": summarise(first, kind)[shown], "to": summarise(second, kind)[shown]}
        if kind == "date":
            first, second = _months(first), _months(second)
        self.note = ""
        self.unpaired = (float("nan"), float("nan"))
        self.narrowed: float | None = None
        if not paired:
            self.pairs = 0
            self.unpaired = _apart(first, second, kind)
            whole = not (np.isnan(first).all() or np.isnan(second).all())
            apart = float(np.nanmean(second) - np.nanmean(first)) if whole else float("nan")
            if whole and np.isnan(self.unpaired[0]):
                self.note = "all runs of each side are alike or alone, so that no interval is known"
            named = zip(("difference", "low", "high"), (apart, *self.unpaired), strict=True)
            super().__init__(ends | {name: _plain(end) for name, end in named})
            return
        known = (second - first)[~np.isnan(second - first)]
        self.pairs = int(known.size)
        low, high = (0.0, 0.0) if certain and known.size else self._interval(known, reach)
        mean = float(known.mean()) if known.size else float("nan")
        super().__init__(
            ends | {name: _plain(end) for name, end in (("difference", mean), ("low", low), ("high", high))}
        )
        if known.size and not self.note and not certain:
            self.unpaired = unpaired_bootstrap(first, second)
            self.narrowed = _narrowed(first, second)

    def _interval(self, known: Floats, reach: float | None) -> tuple[float, float]:
        low, high, alike = mean_interval(known, reach)
        if alike:
            share = percent(unseen(known.size))
            what = "no pair differs" if known[0] == 0 else f"all pairs differ by {known[0]:.4g}"
            reason = "no range is known" if reach is None else "exact binomial bound, not a bootstrap"
            self.note = (
                f"{what}: with {plural(known.size, 'pair')}, up to {share} of pairs could be otherwise ({reason})"
            )
        return low, high

    def _repr_html_(self) -> str:
        cells = {**self, "pairs": self.pairs, "worse": self.worse, "narrowed": self.narrowed}
        table = pd.DataFrame([cells], index=[self.metric])
        return table.to_html() + (f"<p>{escape(self.note)}</p>" if self.note else "")


@dataclass(frozen=True, eq=False)
class ComparisonData:
    """A comparison of two branches of a result; `sim.result.Comparison` adds the figure.

    Attributes
    ----------
    result : ResultData
        The result that contains the branches.
    a, b : str
        Branches; differences are b minus a.
    metrics : tuple of str
        The metrics to compare.
    """

    result: "ResultData"
    a: str
    b: str
    metrics: tuple[str, ...]

    @cached_property
    def differences(self) -> dict[str, Difference]:
        """The paired difference of each metric."""
        return {text: self.result.compare(self.a, self.b, text) for text in self.metrics}

    def table(self) -> pd.DataFrame:
        """Return the differences as a table, one row for each metric.

        Columns ``metric``, ``from``, ``to``, ``difference``, ``low``, ``high``, ``pairs``, ``worse``, ``better``,
        ``same``, ``unpaired_low``, ``unpaired_high``, ``narrowed``, ``note`` (`Difference`).
        """
        return pd.DataFrame(
            [
                {
                    "metric": text, **difference, "pairs": difference.pairs,
                    "worse": difference.worse, "better": difference.better, "same": difference.same,
                    "unpaired_low": difference.unpaired[0], "unpaired_high": difference.unpaired[1],
                    "narrowed": difference.narrowed, "note": difference.note,
                }
                for text, difference in self.differences.items()
            ]
        )  # fmt: skip

    def report(self) -> dict[str, Any]:
        """Return the content of ``compare --json``."""
        return {"from": self.a, "to": self.b, "metrics": self.differences}

    @cached_property
    def courses(self) -> tuple["Course", ...]:
        """The time courses of the differences in the recorded variables of the metrics, each listed once."""
        asked: dict[str, Metric] = {}
        for metric in map(parse_metric, self.metrics):
            asked.setdefault(course_of(metric)[0], metric)
        return tuple(
            course(self.result, self.a, self.b, metric) for metric in asked.values() if _recorded(self, metric)
        )

    @cached_property
    def unrecorded(self) -> tuple[str, ...]:
        """The metrics whose variable was not recorded by date; their differences use the stored metric values."""
        return tuple(text for text in self.metrics if not _recorded(self, parse_metric(text)))

    def over_time(self) -> pd.DataFrame:
        """Return the differences by date, one row for each course and date.

        Columns ``course``, ``date``, ``difference``, ``low``, ``high`` (90 % interval of the mean) and, for numbers,
        the quantiles over pairs ``q05``, ``q25``, ``q75``, ``q95``.
        """
        columns = ["course", "date", "difference", "low", "high"]
        return pd.concat([pd.DataFrame(columns=columns), *(series.table for series in self.courses)], ignore_index=True)

    def _repr_html_(self) -> str:
        title = f"From {self.a} to {self.b}: {self.result.replicates} pairs of runs on the same random draws"
        return f"<p>{escape(title)}</p>{self.table().to_html(index=False)}"


@dataclass(frozen=True, eq=False)
class Course:
    """The difference of a variable or chance between two branches, by date.

    Attributes
    ----------
    label : str
        The variable or condition, as an expression.
    metric : Metric
        The metric that it is the time series of.
    chance : bool
        Whether it is true or false in each run.
    table : pandas.DataFrame
        The rows of `Comparison.over_time`.
    """

    label: str
    metric: Metric
    chance: bool
    table: pd.DataFrame


def course_of(metric: Metric) -> tuple[str, Callable[[Floats], Floats] | None]:
    """Return the time series behind a metric, as a label and a function of the variable (replicate, date).

    A variable for numbers; a condition for comparisons; whether a condition has held by each date for ``first``. The
    second is None where it is the variable itself.
    """
    if isinstance(metric, At | Span):
        return metric.path.text, None
    if isinstance(metric, Compare) and not isinstance(metric.left, First):
        condition = Condition(metric.path, metric.op, float(metric.value))  # type: ignore[arg-type]
        return condition.text, lambda values: compared(values, condition.op, condition.value)
    first = metric.left if isinstance(metric, Compare) else metric
    held = first.condition  # type: ignore[union-attr]
    return (
        f"{held.text}, reached by then",
        lambda values: np.maximum.accumulate(compared(values, held.op, held.value), axis=-1),
    )


def _recorded(comparison: ComparisonData, metric: Metric) -> bool:
    try:
        comparison.result.series(comparison.a, metric.path)
    except InputError:
        return False
    return True


def course(result: "ResultData", a: str, b: str, metric: Metric) -> Course:
    """Return the difference between two branches in the time series behind a metric, by date.

    Raises
    ------
    InputError
        If the variable is not recorded in the result.
    """
    label, made = course_of(metric)
    values = []
    for branch in (a, b):
        series = result.series(branch, metric.path)
        values.append(series if made is None else made(series))
    differences = values[1] - values[0]
    reach = 1.0 if made is not None else reach_of(metric, result.days)
    low, high = _intervals(differences, reach, same_dates(result, a, b))
    known = ~np.isnan(differences).all(axis=0)
    table = pd.DataFrame(
        {"course": label, "date": result.days, "difference": _mean(differences), "low": low, "high": high}
    )
    if made is None:
        for share in _BANDS:
            table[f"q{100 * share:02.0f}"] = np.nan
            table.loc[known, f"q{100 * share:02.0f}"] = np.nanquantile(differences[:, known], share, axis=0)
    return Course(label, metric, made is not None, table)


def _intervals(differences: Floats, reach: float | None, same: int) -> tuple[Floats, Floats]:
    """Return the interval of the mean difference at each date, a single point at the first ``same`` dates."""
    low, high = np.full((2, differences.shape[1]), np.nan)
    low[:same] = high[:same] = _mean(differences[:, :same])
    later = np.arange(differences.shape[1]) >= same
    whole = later & ~np.isnan(differences).any(axis=0) & (np.ptp(differences, axis=0) > 0)
    if whole.any():
        low[whole], high[whole] = mean_intervals(differences[:, whole])
    for column in np.flatnonzero(later & ~whole):
        low[column], high[column], _ = mean_interval(differences[:, column], reach)
    return low, high


def same_dates(result: "ResultData", a: str, b: str) -> int:
    """Return the number of dates, from the start, at which two branches must be equal in every run."""
    day = parting(result.scenario, a, b)
    return len(result.days) if day is None else int(np.searchsorted(result.dates, np.datetime64(day, "D")))


def are_same(result: "ResultData", a: str, b: str, metric: str) -> bool:
    """Return whether a metric is settled before two branches can differ."""
    return horizon(parse_metric(metric), result.days) < same_dates(result, a, b)


def _mean(differences: Floats) -> Floats:
    count = (~np.isnan(differences)).sum(axis=0)
    means = np.divide(np.nansum(differences, axis=0), count, out=np.full(len(count), np.nan), where=count > 0)
    return np.asarray(means)


def reach_of(metric: Metric, days: Sequence[date]) -> float | None:
    """Return the largest possible size of a metric's difference, in months for dates; None if it is unbounded."""
    kind = kind_of(metric)
    if kind == "chance":
        return 1.0
    if kind == "date":
        return float(_month_number(days[-1]) - _month_number(days[0]))
    ends = VARIABLES[metric.path.variable].ends
    return None if ends is None else ends[1] - ends[0]


def worse_direction(metric: Metric) -> int:
    """Return 1 if a higher value is worse for the alliance, -1 if a lower value is worse, 0 if neither.

    Examples
    --------
    >>> worse_direction(parse_metric("first(ARM.posture >= freeze) <= 2024-12"))
    1
    >>> worse_direction(parse_metric("first(ARM.posture >= freeze)"))
    -1
    """
    if isinstance(metric, Compare):
        return worse_direction(metric.left) * _DIRECTIONS.get(metric.op, 0)
    if isinstance(metric, First):
        return -VARIABLES[metric.path.variable].worse * _DIRECTIONS.get(metric.condition.op, 0)
    return VARIABLES[metric.path.variable].worse


def _shares(metric: Metric, first: Floats, second: Floats) -> tuple[float | None, float | None, float | None]:
    """Return the shares of pairs in which the second value is worse than the first, better, and equal."""
    direction = worse_direction(metric)
    if kind_of(metric) == "date":
        first, second = (np.nan_to_num(values, nan=np.inf) for values in (first, second))
    known = ~np.isnan(first) & ~np.isnan(second)
    if direction == 0 or not known.any():
        return None, None, None
    worse = float((direction * second[known] > direction * first[known]).mean())
    better = float((direction * second[known] < direction * first[known]).mean())
    return worse, better, float((second[known] == first[known]).mean())


def _apart(first: Floats, second: Floats, kind: Kind) -> tuple[float, float]:
    """Return the interval of the difference between two independent samples.

    Chances have the hybrid score interval (Newcombe 1998, method 10), which has a width where no run differs; other
    metrics a bootstrap, and no interval where all runs of each side are alike.
    """
    if kind != "chance":
        low, high = unpaired_bootstrap(first, second)
        return (low, high) if low < high else (float("nan"), float("nan"))
    ends = []
    for values in (first, second):
        known = values[~np.isnan(values)]
        if not known.size:
            return float("nan"), float("nan")
        ends.append((float(known.mean()), *wilson(float(known.sum()), known.size)))
    (before, before_low, before_high), (after, after_low, after_high) = ends
    down = float(np.hypot(after - after_low, before_high - before))
    up = float(np.hypot(after_high - after, before - before_low))
    return after - before - down, after - before + up


def _narrowed(first: Floats, second: Floats) -> float | None:
    apart = sum(float(np.nanvar(side)) / (~np.isnan(side)).sum() for side in (first, second))
    differences = second - first
    together = float(np.nanvar(differences)) / (~np.isnan(differences)).sum()
    return float(1 - np.sqrt(together / apart)) if apart > 0 else None


def check_pair(result: "ResultData", a: str, b: str) -> None:
    """Reject branches that a result does not have.

    Raises
    ------
    InputError
        Naming the branch, and those there are.
    """
    for branch in (a, b):
        if branch not in result.branches:
            raise InputError(f"unknown branch '{branch}'; allowed: {', '.join(result.branches)}")


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value


def _months(ordinals: Floats) -> Floats:
    return np.array([_month_number(date.fromordinal(int(day))) for day in ordinals], dtype=np.float64)


def _month_number(day: date) -> float:
    return float(day.year * 12 + day.month)
