"""Outcome of a sweep: a metric in one branch at every point, and the share of its variance due to chance."""

from dataclasses import dataclass

import numpy as np

from sim.analysis.stored import StoredSweep, suggestion
from sim.errors import InputError
from sim.output.measuring import Floats, compared
from sim.scenario.expressions import Compare, ExpressionError, parse_metric


@dataclass(frozen=True, eq=False)
class MetricOutcome:
    """Metric of a sweep in one branch, at every point and replicate.

    Attributes
    ----------
    metric : str
        The expression.
    branch : str
        The branch.
    chance : bool
        Whether it is true or false in each run; else it is a number.
    values : array
        (points, replicates); 0 and 1 for what is true or false; NaN for null.
    common_draws : bool
        Whether replicate n draws the same random numbers at every point.
    """

    metric: str
    branch: str
    chance: bool
    values: Floats
    common_draws: bool

    @property
    def missing(self) -> int:
        """Number of runs without a value."""
        return int(np.isnan(self.values).sum())

    def point_means(self) -> Floats:
        """Mean at each point over the replicates that have a value (points,).

        Raises
        ------
        InputError
            If no replicate of some point has a value.
        """
        known = ~np.isnan(self.values)
        if not known.any(axis=1).all():
            empty = int((~known.any(axis=1)).sum())
            raise InputError(
                f"'{self.metric}' has no value in any run at {empty} of {len(known)} points; "
                "compare it with a number: a comparison is false where there is no value"
            )
        return np.asarray(np.nanmean(self.values, axis=1), dtype=np.float64)

    def means(self) -> Floats:
        """Mean at each point, as `point_means`, if the points differ.

        Raises
        ------
        InputError
            If all points have the same mean too: then there is nothing that indices could be computed from.
        """
        means = self.point_means()
        if np.ptp(means) <= 1e-12 * max(1.0, float(np.abs(means).max())):
            raise InputError(f"'{self.metric}' is the same at every point; there is nothing to explain")
        return means

    def chance_variance(self) -> float | None:
        """Variance of a point's mean due to random replicates, None if it cannot be estimated.

        Mean variance within points over the number of replicates. With common draws what the replicates share
        at all points is taken out first (two-way analysis of variance), since it cancels between points.
        """
        values = self.values
        if values.shape[1] < 2:
            return None
        known = ~np.isnan(values)
        within = values - np.nanmean(values, axis=1, keepdims=True)
        freedom = float(known.sum() - known.any(axis=1).sum())
        if self.common_draws:
            seen = known.any(axis=0)
            shared = np.zeros(values.shape[1])
            shared[seen] = np.nanmean(within[:, seen], axis=0)
            within = within - shared
            freedom *= 1 - 1 / len(values)
        counts = known.sum(axis=1)
        return float(np.nansum(within**2) / freedom / counts.mean()) if freedom > 0 else None

    def noise(self) -> float | None:
        """Share of the variance between point means that is due to random replicates, 0..1."""
        chance = self.chance_variance()
        if chance is None:
            return None
        return min(1.0, chance / float(np.var(self.means(), ddof=1)))

    def missing_values(self) -> tuple[str, ...]:
        """Return a warning if some runs have no value of the metric."""
        if not self.missing:
            return ()
        counted = f"{self.missing} of {self.values.size} runs have no value"
        return (f"'{self.metric}': {counted}; means are over the other runs of each point",)

    def blindness(self, counted: str = "point") -> tuple[str, ...]:
        """Return a warning if chance cannot be separated from the effects of factors; ``counted`` names a point."""
        if self.chance_variance() is not None:
            return ()
        return (f"one replicate a {counted}: what is chance and what the factors do cannot be told apart",)


def outcome(sweep: StoredSweep, metric: str, branch: str | None = None) -> MetricOutcome:
    """Return a metric of a branch at every point of a sweep.

    Parameters
    ----------
    sweep : StoredSweep
        From `sim.analysis.stored.open_sweep`.
    metric : str
        A metric of the sweep, or one compared with a number, a posture or a month.
    branch : str, optional
        Default: the first of the sweep.

    Raises
    ------
    InputError
        If the sweep does not have it, or it is a date: dates that never come have no mean.

    Examples
    --------
    >>> outcome(sweep, "ARM.trust[RUS]@end < 0.4").chance  # doctest: +SKIP
    True
    """
    chosen = sweep.branch(branch)
    text, compare = find_metric(sweep, metric)
    values = sweep.column(text, chosen)
    if compare is not None:
        held = np.where(sweep.failed(chosen), np.nan, compared(values, compare.op, compare.value))
        return MetricOutcome(metric, chosen, True, held, sweep.common_draws)
    if sweep.kinds[text] == "date":
        raise InputError(
            f"'{text}' is a date, which has no mean where it never comes; compare it with a month, "
            f"such as --metric '{text} <= {sweep.scenario.end:%Y-%m}'"
        )
    return MetricOutcome(text, chosen, sweep.kinds[text] == "chance", values, sweep.common_draws)


def find_metric(sweep: StoredSweep, metric: str) -> tuple[str, Compare | None]:
    """Find the sweep's metric that an expression names, and the comparison that the expression makes, if any."""
    if metric in sweep.metrics:
        return metric, None
    texts = {parse_metric(text).text: text for text in sweep.metrics}
    try:
        parsed = parse_metric(metric)
    except ExpressionError:
        parsed = None
    if parsed is not None and parsed.text in texts:
        return texts[parsed.text], None
    if isinstance(parsed, Compare) and parsed.left.text in texts:
        return texts[parsed.left.text], parsed
    raise InputError(
        f"metric '{metric}' is not in this sweep; allowed: {', '.join(sweep.metrics)}, or a comparison of one "
        f"that is a number or a date{suggestion(metric, sweep.metrics)}"
    )
