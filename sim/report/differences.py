"""The difference of a metric between two branches, as reports use it."""

from dataclasses import dataclass

import numpy as np

from sim.output.measuring import Cell, Kind, kind_of
from sim.output.result import ResultData
from sim.scenario.expressions import parse_metric


@dataclass(frozen=True)
class ReportedDifference:
    """The paired difference of a metric between two branches (second minus first).

    Attributes
    ----------
    metric : str
        The expression.
    kind : str
        ``number``, ``chance`` or ``date``.
    first, second : float, str or None
        Means (for dates the median month) over the pairs, None where no run has a value.
    value, low, high : float or None
        Mean difference (for dates in months) and its 90 % interval; the interval is missing where nothing is known of
        how wide it is.
    pairs, differing : int
        Pairs of runs with a value on both sides, and those in which the two values differ.
    alike : bool
        Whether the differences of all pairs are equal, so that the interval is a bound and not a bootstrap.
    """

    metric: str
    kind: Kind
    first: Cell
    second: Cell
    value: float | None
    low: float | None
    high: float | None
    pairs: int
    differing: int
    alike: bool

    @property
    def tells(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def difference(result: ResultData, a: str, b: str, metric: str) -> ReportedDifference:
    """Compare a metric between two branches, run by run with equal random draws.

    Where all differences are alike, the interval is the bound that `sim.output.comparing` gives.

    Parameters
    ----------
    result : ResultData
        The result.
    a, b : str
        Branches.
    metric : str
        A metric expression.
    """
    comparison = result.compare(a, b, metric)
    kind = kind_of(parse_metric(metric))
    apart = result.values(b, metric) - result.values(a, metric)
    known = apart[~np.isnan(apart)]
    alike = bool(known.size and np.ptp(known) == 0)
    value, low, high = (_number(comparison[key]) for key in ("difference", "low", "high"))
    return ReportedDifference(
        metric=metric,
        kind=kind,
        first=comparison["from"],
        second=comparison["to"],
        value=value,
        low=low,
        high=high,
        pairs=int(known.size),
        differing=int((known != 0).sum()),
        alike=alike,
    )


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None
