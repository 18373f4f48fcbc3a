"""Sensitivity from any sample of points: delta, PAWN and RBD-FAST, computed by SALib.

The indices need no special design: delta (Borgonovo 2007; Plischke, Borgonovo & Smith 2013), PAWN (Pianosi & Wagener
2018) and first-order indices by RBD-FAST (Tarantola, Gatelli & Mara 2006; Plischke 2010).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from SALib.analyze import delta, pawn, rbd_fast
from scipy.stats import ks_2samp, norm, rankdata

from sim.analysis.bins import FEW
from sim.analysis.outcome import MetricOutcome, outcome
from sim.analysis.sentences import below_zero, chance_share, plain_list, unsettled
from sim.analysis.stored import StoredSweep
from sim.analysis.variance import SEED
from sim.errors import InputError
from sim.output.intervals import LEVEL
from sim.output.measuring import Floats

RESAMPLES: Final = 50
DUMMIES: Final = 20
"""Shuffles of a factor that show what its indices are without an effect."""

FEWEST: Final = 50
"""Points below which no index is computed."""

MOST: Final = 2_000
"""Points that are used at most."""

SLIDES: Final = 10
"""Conditioning intervals of PAWN."""

HARMONICS: Final = 10
"""Harmonics that RBD-FAST adds up."""

NAMES: Final = {"delta": "delta", "pawn": "PAWN", "rbd_fast": "RBD-FAST"}
"""The indices, with their names in words."""


@dataclass(frozen=True, eq=False)
class GivenDataIndices:
    """Sensitivity indices that need no special design.

    Attributes
    ----------
    metric, branch : str
        What is explained.
    indices : pandas.DataFrame
        One row a factor, largest ``delta`` first: ``factor``; ``delta`` (how far fixing the factor moves the whole
        distribution of the outcome, 0 to 1), ``pawn`` (median Kolmogorov-Smirnov distance when it is fixed) and
        ``rbd_fast`` (share of the variance that varying it alone makes), each with ``_low`` and ``_high`` of its 90 %
        bootstrap interval, and ``_dummy``, which 95 % of dummy factors stay below.
    points : int
        Points that were used.
    noise : float or None
        Share of the variance between points that is chance of the replicates.
    sentences, warnings : tuple of str
        What the indices say in words, and what limits them.
    """

    metric: str
    branch: str
    indices: pd.DataFrame
    points: int
    noise: float | None
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def given_data(sweep: StoredSweep, metric: str, branch: str | None = None) -> GivenDataIndices:
    """Estimate delta, PAWN and RBD-FAST indices of a metric's mean from the points of any design.

    Words, dates, and true or false are factors like numbers: a factor with at most twelve values is conditioned on
    each of its values. Intervals are from a bootstrap of the independent parts of the design. A dummy factor is the
    factor itself, shuffled among these parts, so that it has the same values and no effect.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep of any design with 50 points or more.
    metric : str
        A metric of the sweep, or a comparison of one.
    branch : str, optional
        Default: the first of the sweep.

    Raises
    ------
    InputError
        If the points are too few, or the metric gives nothing to explain.

    Examples
    --------
    >>> given_data(sweep, "ARM.trust[RUS]@end").indices  # doctest: +SKIP
    """
    what = outcome(sweep, metric, branch)
    size = int((sweep.blocks == 0).sum())
    parts = min(len(sweep.points), MOST) // size
    count = parts * size
    if count < FEWEST:
        raise InputError(f"delta, PAWN and RBD-FAST need {FEWEST} points or more; this sweep has {len(sweep.points)}")
    means, inputs = what.means()[:count], sweep.inputs()[:count]
    rows, constant = [], []
    for index, key in enumerate(sweep.keys):
        generator = np.random.default_rng([SEED, index])
        column = inputs[:, index]
        if np.ptp(column) == 0:
            continue
        rows.append({"factor": key, **_estimates(column, means, size, generator)})
        constant += [key] if _has_constant_class(column, means) else []
    if not rows:
        raise InputError("no factor has more than one value; there is nothing to explain")
    table = pd.DataFrame(rows).sort_values("delta", ascending=False, kind="stable", ignore_index=True)
    return GivenDataIndices(
        metric=what.metric,
        branch=what.branch,
        indices=table,
        points=count,
        noise=what.noise(),
        sentences=tuple(_sentences(what, table)),
        warnings=(
            *_cautions(what, count, len(sweep.points), parts, constant),
            *what.blindness(),
            *what.missing_values(),
        ),
    )


def _estimates(column: Floats, means: Floats, size: int, generator: np.random.Generator) -> dict[str, float]:
    """Return the three indices of one factor with their intervals and what a dummy factor has."""
    parts = len(means) // size
    positions = np.arange(len(means)).reshape(parts, size)
    drawn = [positions[generator.integers(parts, size=parts)].ravel() for _ in range(RESAMPLES)]
    shuffled = [column[positions[generator.permutation(parts)].ravel()] for _ in range(DUMMIES)]
    estimates: dict[str, float] = {}
    for name, index in _INDICES.items():
        value = index(column, means, generator)
        again = np.array([index(column[rows], means[rows], generator) for rows in drawn])
        without = np.array([index(dummy, means, generator) for dummy in shuffled])
        if name == "delta":  # it is biased upwards, and a bootstrap tells by how much (Plischke et al. 2013)
            value -= float(np.nanmean(again)) - value
            anew = [index(dummy[rows], means[rows], generator) for dummy, rows in zip(shuffled, drawn, strict=False)]
            without = without - float(np.nanmean(np.array(anew) - without))
        half = float(norm.ppf(0.5 + LEVEL / 2) * np.nanstd(again, ddof=1))
        estimates |= {
            name: value,
            f"{name}_low": value - half,
            f"{name}_high": value + half,
            f"{name}_dummy": float(np.nanquantile(without, 0.95)),
        }
    return estimates


def _by_value(column: Floats) -> list[NDArray[np.bool_]]:
    """Return the points of each value of a factor with few values; an empty list for others."""
    values = np.unique(column)
    return [column == value for value in values] if len(values) <= FEW else []


def _ranks(column: Floats, generator: np.random.Generator) -> Floats:
    """Return the ranks of the values, with ties in random order, since the order of points is that of the design."""
    order = generator.permutation(len(column))
    ranks = np.empty(len(column))
    ranks[order] = rankdata(column[order], method="ordinal")
    return ranks


def _edges(column: Floats) -> Floats:
    """Return the ranks at which the classes of delta end: those of each value, or as many as SALib takes."""
    count = len(column)
    classes = _by_value(column)
    if classes:
        return np.concatenate([[0.0], np.cumsum([float(rows.sum()) for rows in classes])])
    number = min(int(np.ceil(count ** (2 / (7 + np.tanh((1500 - count) / 500))))), 48)
    return np.linspace(0, count, number + 1)


def _delta(column: Floats, means: Floats, generator: np.random.Generator) -> float:
    if np.ptp(means) == 0:
        return np.nan
    grid = np.linspace(means.min(), means.max(), 100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that it leaves out, which `_has_constant_class` tells
        return float(delta.calc_delta(means, grid, _ranks(column, generator), _edges(column)))


def _pawn(column: Floats, means: Floats, generator: np.random.Generator) -> float:
    classes = _by_value(column)
    if classes:  # slides between quantiles would miss the greatest value
        return float(np.median([ks_2samp(means[rows], means, method="asymp").statistic for rows in classes]))
    problem = {"num_vars": 1, "names": ["x"], "bounds": [[0.0, 1.0]]}
    return float(pawn.analyze(problem, _ranks(column, generator)[:, None], means, S=SLIDES)["median"][0])


def _rbd_fast(column: Floats, means: Floats, generator: np.random.Generator) -> float:
    if np.ptp(means) == 0:
        return np.nan
    ordered = rbd_fast.permute_outputs(_ranks(column, generator), means)
    return float(rbd_fast.unskew_S1(rbd_fast.compute_first_order(ordered, HARMONICS), HARMONICS, len(means)))


_INDICES: Final[dict[str, Callable[[Floats, Floats, np.random.Generator], float]]] = {
    "delta": _delta,
    "pawn": _pawn,
    "rbd_fast": _rbd_fast,
}


def _has_constant_class(column: Floats, means: Floats) -> bool:
    """Return whether the outcome is the same throughout one of the classes of delta, which SALib then leaves out."""
    classes = np.searchsorted(_edges(column)[1:-1], rankdata(column, method="ordinal"), side="left")
    return any(np.ptp(means[classes == number]) == 0 for number in np.unique(classes))


def _sentences(what: MetricOutcome, table: pd.DataFrame) -> list[str]:
    hidden = [
        row["factor"]
        for row in table.to_dict("records")
        if all(not row[f"{name}_low"] > row[f"{name}_dummy"] for name in NAMES)
    ]
    sentences = []
    if hidden:
        sentences.append(
            f"No index of {plain_list(hidden)} stands out from a dummy factor: these points show no effect of "
            f"{'it' if len(hidden) == 1 else 'them'}, which is not to say that there is none."
        )
    sentences += below_zero(table, "rbd_fast", "RBD-FAST index")
    for name, words in NAMES.items():
        sentences += unsettled(table, name, f"{words} index", "points")
    return [*sentences, *chance_share(what)]


def _cautions(what: MetricOutcome, used: int, points: int, parts: int, constant: list[str]) -> tuple[str, ...]:
    cautions = []
    if used < points:
        cautions.append(f"delta, PAWN and RBD-FAST are from the first {used} of {points} points")
    if parts < FEWEST:
        cautions.append(f"{parts} independent parts of the design are few for intervals of delta, PAWN and RBD-FAST")
    if constant:
        cautions.append(
            f"'{what.metric}' is the same at all points of a class of {plain_list(constant)}, which delta leaves out; "
            "it is too low there, and PAWN is not"
        )
    return tuple(cautions)
