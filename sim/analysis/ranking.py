"""Which branch holds up over all draws of what is not known: regret, how often each is best, where the order turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.analysis.discovery import FEWEST, Discovery, find_rule
from sim.analysis.outcome import MetricOutcome, outcome
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from sim.output.comparing import worse_direction
from sim.output.formatting import percent, plural
from sim.output.intervals import LEVEL, wilson
from sim.output.measuring import Floats
from sim.scenario.expressions import parse_metric

BETTER: Final = ("higher", "lower")
"""Which values of a metric are better."""

TIE: Final = 1e-12
"""Difference of means, relative to the largest, up to which two branches are equally good."""


@dataclass(frozen=True, eq=False)
class RobustRanking:
    """Branches ranked over all points of a sweep or draws of a run, each being one draw of what is not known.

    Attributes
    ----------
    metric : str
        What is compared.
    better : str
        ``higher`` or ``lower``: which values are better.
    ranking : pandas.DataFrame
        One row a branch, least mean regret first: ``branch``; ``mean`` over the points with ``q05`` and ``q95`` of
        these; ``regret`` (how much worse than the best branch at the point, on average) with ``regret_q95`` and
        ``regret_most``; ``best`` (share of the points at which no branch is better) with the 90 % interval
        ``best_low`` and ``best_high``; ``alone`` (share at which all others are worse), and ``clear`` (share at which
        they are by more than chance of the replicates makes at 90 %; missing with one replicate).
    by_point : pandas.DataFrame
        One row a point and branch: ``point``, the factors, ``branch``, ``value``, ``regret``.
    first, second : str
        The branch of least mean regret, and the one that is better than it at most points.
    turned : float
        Share of the points at which ``second`` is better than ``first``.
    turning : Discovery or None
        The region of the factors in which it is, if there are points enough to look for one.
    sentences, warnings : tuple of str
        What was found in words, and what limits it.
    """

    metric: str
    better: str
    ranking: pd.DataFrame
    by_point: pd.DataFrame
    first: str
    second: str
    turned: float
    turning: Discovery | None
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def robust(sweep: StoredSweep, metric: str, better: str | None = None, method: str | None = None) -> RobustRanking:
    """Rank the branches of a sweep over all of its points, or those of a run over all draws of its parameters.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep of any design, or a run (`sim.analysis.open_branches`), of two branches or more.
    metric : str
        One of its metrics, or a comparison of one.
    better : str, optional
        ``higher`` or ``lower``; default: what is better for the alliance, if the metric has such a direction.
    method : str, optional
        ``prim`` or ``cart``, for the region in which the order turns; default: the first whose package is installed.

    Raises
    ------
    InputError
        If the sweep has one branch only, or it is not known which values are better.

    Examples
    --------
    >>> robust(sweep, "ARM.trust[RUS]@end").ranking  # doctest: +SKIP
    """
    if len(sweep.branches) < 2:
        raise InputError(
            f"a ranking of branches needs two or more; there is {sweep.branches[0]} alone: run it with --branch once "
            "for each"
        )
    of_branch = {branch: outcome(sweep, metric, branch) for branch in sweep.branches}
    text = next(iter(of_branch.values())).metric
    better = _direction(text, better)
    runs = np.stack([what.values for what in of_branch.values()])
    means = np.stack([what.point_means() for what in of_branch.values()])
    order = _Order(sweep.branches, means if better == "higher" else -means)
    ranking = _ranked(order, means, _clear(runs if better == "higher" else -runs))
    first = str(ranking["branch"][0])
    second, turned = order.overtaking(first)
    turning, why = _turning(sweep, f"{second} better than {first}", turned, method)
    blind = next(iter(of_branch.values())).blindness(sweep.counted)
    missing = tuple(dict.fromkeys(text for what in of_branch.values() for text in what.missing_values()))
    return RobustRanking(
        metric=text,
        better=better,
        ranking=ranking,
        by_point=_by_point(sweep, means, order.regret),
        first=first,
        second=second,
        turned=float(turned.mean()),
        turning=turning,
        sentences=tuple(_sentences(ranking, first, second, turned, why, sweep.counted)),
        warnings=(*(turning.warnings if turning is not None else ()), *blind, *missing),
    )


def _direction(metric: str, better: str | None) -> str:
    if better is not None and better not in BETTER:
        raise InputError(f"better '{better}' is not known; allowed: {', '.join(BETTER)}")
    worse = worse_direction(parse_metric(metric))
    if better is None and not worse:
        raise InputError(f"'{metric}' has no direction that is better for the alliance; give --better higher or lower")
    return better or ("lower" if worse > 0 else "higher")


class _Order:
    """The order of the branches at every point of a sweep, by gains (branches, points): the higher, the better.

    Attributes
    ----------
    regret : array
        How much worse than the best branch each is.
    best, alone : array
        Where no branch is better, and where all others are worse.
    """

    def __init__(self, branches: Sequence[str], gains: Floats) -> None:
        self.branches, self._gains = branches, gains
        self._tie = TIE * max(1.0, float(np.abs(gains).max()))
        self.regret = gains.max(axis=0) - gains
        self.best = self.regret <= self._tie
        self.alone = self.best & (self.best.sum(axis=0) == 1)

    def overtaking(self, first: str) -> tuple[str, NDArray[np.bool_]]:
        """Return the branch that is better than one at most points, of equals the one with less regret, and where."""
        leader = self.branches.index(first)
        ahead = (self._gains > self._gains[leader] + self._tie) & ~self.best[leader]
        others = [index for index in range(len(ahead)) if index != leader]
        second = min(others, key=lambda index: (-int(ahead[index].sum()), float(self.regret[index].mean())))
        return self.branches[second], ahead[second]


def _ranked(order: _Order, means: Floats, clear: NDArray[np.bool_] | None) -> pd.DataFrame:
    """Return one row a branch, least mean regret first."""
    rows = []
    for index, branch in enumerate(order.branches):
        regret, best, alone = order.regret[index], order.best[index], order.alone[index]
        low, high = wilson(float(best.sum()), best.size)
        rows.append(
            {
                "branch": branch,
                "mean": float(means[index].mean()),
                "q05": float(np.quantile(means[index], 0.05)),
                "q95": float(np.quantile(means[index], 0.95)),
                "regret": float(regret.mean()),
                "regret_q95": float(np.quantile(regret, 0.95)),
                "regret_most": float(regret.max()),
                "best": float(best.mean()),
                "best_low": low,
                "best_high": high,
                "alone": float(alone.mean()),
                "clear": np.nan if clear is None else float((clear[index] & alone).mean()),
            }
        )
    ranking = pd.DataFrame(rows).sort_values(["regret", "best"], ascending=[True, False], kind="stable")
    return ranking.reset_index(drop=True)


def _clear(gains: Floats) -> NDArray[np.bool_] | None:
    """Return where a branch is better than each other one by more than chance of the replicates (branches, points)."""
    count = gains.shape[2]
    if count < 2:
        return None
    reach = float(stats.t.ppf(0.5 + LEVEL / 2, count - 1)) / np.sqrt(count)
    sure = np.ones(gains.shape[:2], dtype=np.bool_)
    for branch in range(len(gains)):
        for other in range(len(gains)):
            if branch != other:
                differences = gains[branch] - gains[other]
                known = ~np.isnan(differences).any(axis=1)
                middle, spread = differences.mean(axis=1), differences.std(axis=1, ddof=1)
                sure[branch] &= known & (middle > reach * spread)
    return sure


def _turning(
    sweep: StoredSweep, case: str, turned: NDArray[np.bool_], method: str | None
) -> tuple[Discovery | None, str]:
    """Return the region of the factors in which the order turns, or the reason why none is looked for."""
    what = MetricOutcome(case, ", ".join(sweep.branches), True, turned[:, None].astype(np.float64), sweep.common_draws)
    fewer = int(min(turned.sum(), (~turned).sum()))
    if not turned.any():
        return None, ""
    if fewer < FEWEST:
        return None, f"{plural(fewer, sweep.counted)} of one kind are too few to say where ({FEWEST} are needed)"
    try:
        return find_rule(sweep, what, method, unit=f"{sweep.counted}s"), ""
    except InputError as error:
        return None, str(error)


def _by_point(sweep: StoredSweep, means: Floats, regret: Floats) -> pd.DataFrame:
    parts = [
        sweep.points.assign(branch=branch, value=means[index], regret=regret[index])
        for index, branch in enumerate(sweep.branches)
    ]
    for part in parts:
        part.insert(0, "point", np.arange(len(part)))
    return pd.concat(parts).sort_values("point", kind="stable", ignore_index=True)


def _sentences(
    ranking: pd.DataFrame, first: str, second: str, turned: NDArray[np.bool_], why: str, counted: str
) -> list[str]:
    row = ranking.iloc[0]
    best = f"'{first}' has the least regret on average, and is best at {percent(row['best'])} of the {counted}s"
    if not np.isnan(row["clear"]):
        best += f" ({percent(row['clear'])} by more than chance of the replicates)"
    if not turned.any():
        return [f"{best}.", f"The order of '{first}' and '{second}' turns at none of the {len(turned)} {counted}s."]
    turns = f"'{second}' is better at {percent(float(turned.mean()))} of the {counted}s"
    return [f"{best}.", f"{turns}; {why}." if why else f"{turns}."]
