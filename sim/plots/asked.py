"""The metrics that figures answer, in the order of their weight, with their values and the record beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.model.variables import VARIABLES
from sim.output.comparing import course_of
from sim.output.formatting import percent
from sim.output.intervals import LEVEL, median_interval, quantile, wilson
from sim.output.measuring import Kind, kind_of
from sim.output.result import ResultData
from sim.output.stated import in_words, stated
from sim.output.subjects import clients
from sim.plots.record import observed_postures
from sim.report.wording import clause, course_words, noun
from sim.scenario.expressions import At, Compare, First, Metric, parse_metric
from sim.words import POSTURES


@dataclass(frozen=True)
class Asked:
    """One metric of a result, as figures draw it.

    Attributes
    ----------
    result : ResultData
        The result.
    text : str
        The expression.
    """

    result: ResultData
    text: str

    @property
    def metric(self) -> Metric:
        """The parsed expression."""
        return parse_metric(self.text)

    @property
    def kind(self) -> Kind:
        """Whether it is a number, a date, or true or false."""
        return kind_of(self.metric)

    @property
    def words(self) -> str:
        """The metric in words, such as ``chance that Armenia has reached freeze or beyond by Dec 2024``."""
        metric = self.metric
        return (
            f"chance that {clause(self.result, metric)}" if isinstance(metric, Compare) else noun(self.result, metric)
        )

    @property
    def course(self) -> str:
        """The time series behind the metric in words."""
        return course_words(self.result, self.metric)

    @property
    def whole(self) -> bool:
        """Whether its values lie between 0 and 1."""
        return self.kind != "number" or VARIABLES[self.metric.path.variable].ends == (0.0, 1.0)

    @property
    def chance(self) -> bool:
        """Whether its time series is a chance."""
        return course_of(self.metric)[1] is not None

    @property
    def day(self) -> date | None:
        """The day of the run that it asks about; None where it names none."""
        metric = self.metric
        left = metric.left if isinstance(metric, Compare) else metric
        when = metric.value if isinstance(metric, Compare) and isinstance(left, First) else getattr(left, "when", None)
        days = self.result.days
        if when in ("start", "end"):
            return days[0 if when == "start" else -1]
        if not isinstance(when, tuple):
            return None
        year, number = when
        last = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        ticks = [day for day in days[1:] if day <= last]
        return ticks[-1] if ticks else None

    def number(self, value: float) -> str:
        """Return a value of its time series as text: chances in percent, shares with two decimals."""
        return percent(value) if self.chance else in_words(self.metric, value)

    def value(self, branch: str) -> tuple[str, str]:
        """Return its chance, median number or median month in a branch, and the 90 % interval or range, as text."""
        statement = stated(self.result.values(branch, self.text), self.metric)
        if self.kind == "date" and statement.known:
            return statement.value, f"{statement.spread}, in {percent(statement.known / statement.runs)} of runs"
        return statement.value, statement.spread

    def middle(self, branch: str) -> float:
        """Return the chance, median number or median date (as an ordinal) in a branch; NaN where there is none."""
        values = self.result.values(branch, self.text)
        return float(values.mean()) if self.kind == "chance" else quantile(values[~np.isnan(values)], 0.5)

    def over_time(self, branch: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return its time series in a branch: the chance or median at each date, and its 90 % interval."""
        made = course_of(self.metric)[1]
        values = self.result.series(branch, self.metric.path)
        if made is None:
            return median_interval(values)
        held = made(values)
        counts = held.sum(axis=0)
        ends = np.array([wilson(float(count), len(held), LEVEL) for count in counts])
        return counts / len(held), ends[:, 0], ends[:, 1]

    @property
    def member(self) -> str | None:
        """The member that it is about; None where it is about no client of the guarantor."""
        owner = self.metric.path.owner
        return owner if owner in clients(self.result) else None

    @property
    def rung(self) -> int | None:
        """The rung that it asks whether its member reaches; None where it asks nothing of the kind."""
        metric = self.metric
        if isinstance(metric, Compare) and isinstance(metric.left, First):
            metric = metric.left
        if metric.path.variable != "posture" or metric.path.other not in (None, self.result.focus):
            return None
        if isinstance(metric, First):
            condition, op = metric.condition.value, metric.condition.op
        elif isinstance(metric, Compare) and isinstance(metric.left, At):
            condition, op = float(metric.value), metric.op  # type: ignore[arg-type]
        else:
            return None
        return int(condition) if op == ">=" and condition in range(1, len(POSTURES)) else None

    def happened(self) -> tuple[list[date], NDArray[np.float64]] | None:
        """Return the record of its time series, as dates and values; None where there is none."""
        path, result = self.metric.path, self.result
        if path.variable != "posture" or self.member is None or path.other not in (None, result.focus):
            return None
        until = result.scenario.recorded_until(result.days[-1])
        spells = observed_postures(result.scenario, result.focus, self.member, result.days[0], until)
        days = [day for day in result.days if day <= until and spells and day >= spells[0].first]
        if not days:
            return None
        rungs = [max((s for s in spells if s.first <= day), key=lambda s: s.first).posture for day in days]
        values = np.array([[POSTURES.index(rung) for rung in rungs]], dtype=np.float64)
        made = course_of(self.metric)[1]
        return days, (values if made is None else made(values))[0]


def asked(result: ResultData, metrics: Sequence[str] = ()) -> tuple[Asked, ...]:
    """Return the metrics that a result was asked, the one that answers first.

    Parameters
    ----------
    result : ResultData
        The result.
    metrics : sequence of str
        Metric expressions; default: those of the scenario, else all of the result, the first that is true or false
        before the others.

    Raises
    ------
    InputError
        If a metric is not in the result.
    """
    given = tuple(dict.fromkeys(metrics or result.scenario.metrics or result.expressions))
    if not metrics:
        chances = [text for text in given if kind_of(parse_metric(text)) == "chance"]
        given = tuple(dict.fromkeys([*chances[:1], *given]))
    for text in given:
        result.values(result.branches[0], text)
    return tuple(Asked(result, text) for text in given)
