"""A metric's value as text: one form in the terminal, in tables, figures, reports and notebooks."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sim.model.variables import VARIABLES
from sim.output.formatting import month, percent, percents, share, shown
from sim.output.intervals import quantile, wilson
from sim.output.measuring import Floats, Kind, kind_of
from sim.scenario.expressions import Metric
from sim.words import POSTURES

_ENDS: Final = (0.05, 0.95)


@dataclass(frozen=True)
class Stated:
    """The value of a metric over many runs, and its 90 % interval or range.

    Attributes
    ----------
    metric : Metric
        The metric.
    middle, low, high : float
        A chance and its 90 % interval; or the median number or date (an ordinal) and the range of 90 % of the runs.
        NaN where no run has a value.
    known, runs : int
        Runs with a value, and all runs.
    """

    metric: Metric
    middle: float
    low: float
    high: float
    known: int
    runs: int

    @property
    def kind(self) -> Kind:
        """Whether it is a number, a chance or a date."""
        return kind_of(self.metric)

    @property
    def value(self) -> str:
        """The chance or median as text."""
        if np.isnan(self.middle):
            return "never" if self.kind == "date" else "no value"
        return in_words(self.metric, self.middle)

    @property
    def spread(self) -> str:
        """The interval or range as text; empty where no run has a value."""
        if np.isnan(self.middle):
            return ""
        return in_words_between(self.metric, self.low, self.high)


def stated(values: Floats, metric: Metric) -> Stated:
    """Return the chance or median of a metric over runs, with its 90 % interval or range.

    Examples
    --------
    >>> from sim.scenario.expressions import parse_metric
    >>> told = stated(np.array([0.0, 1.0, 1.0, 1.0]), parse_metric("ARM.posture@end >= freeze"))
    >>> told.value, told.spread
    ('75 %', '36 to 94 %')
    >>> told = stated(np.array([0.2, 0.3, 0.7, np.nan]), parse_metric("ARM.trust[RUS]@end"))
    >>> told.value, told.spread, told.known, told.runs
    ('0.30', '0.21 to 0.66', 3, 4)
    """
    known = values[~np.isnan(values)]
    if kind_of(metric) == "chance":
        low, high = wilson(float(values.sum()), values.size)
        return Stated(metric, float(values.mean()), low, high, known.size, values.size)
    if known.size == 0:
        return Stated(metric, np.nan, np.nan, np.nan, 0, values.size)
    steps = kind_of(metric) == "date"
    rungs = not steps and metric.path.variable == "posture"
    middle = quantile(known, 0.5, observed=steps)
    low, high = (quantile(known, end, observed=steps or rungs) for end in _ENDS)
    return Stated(metric, middle, low, high, known.size, values.size)


def in_words(metric: Metric, value: float) -> str:
    """Return a value of a metric as text: chances in percent, days as months, postures by name.

    Shares have two decimals, and other numbers too.
    """
    match kind_of(metric):
        case "chance":
            return percent(value)
        case "date":
            return month(date.fromordinal(int(value)))
    return of_variable(metric.path.variable, value)


def mean_in_words(metric: Metric, value: float) -> str:
    """Return a mean of a metric as text; that of postures is a number, as a mean lies between the rungs.

    Examples
    --------
    >>> from sim.scenario.expressions import parse_metric
    >>> mean_in_words(parse_metric("ARM.posture@end"), 2.48)
    '2.48'
    >>> mean_in_words(parse_metric("ARM.posture@end >= freeze"), 0.5)
    '50 %'
    """
    if kind_of(metric) == "number" and metric.path.variable == "posture":
        return shown(value, 2)
    return in_words(metric, value)


def of_variable(variable: str, value: float) -> str:
    """Return a value of a variable as text: a posture by its name or the two it lies between, a share or a number.

    Examples
    --------
    >>> of_variable("posture", 2.5), of_variable("trust", 0.9991)
    ('reduce to freeze', '>0.99')
    """
    if variable == "posture":
        return " to ".join(dict.fromkeys(POSTURES[int(end)] for end in (np.floor(value), np.ceil(value))))
    return share(value) if VARIABLES[variable].ends == (0.0, 1.0) else shown(value, 2)


def in_words_between(metric: Metric, low: float, high: float) -> str:
    """Return a range of values of a metric as text."""
    return (
        percents(low, high) if kind_of(metric) == "chance" else f"{in_words(metric, low)} to {in_words(metric, high)}"
    )
