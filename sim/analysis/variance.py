"""Variance-based sensitivity: Sobol indices (Sobol 2001; Saltelli et al. 2010), computed by SALib."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from SALib.analyze import sobol as salib
from SALib.util import ResultDict
from scipy.stats import norm

from sim.analysis.outcome import MetricOutcome, outcome
from sim.analysis.sentences import WIDE, below_zero, chance_share, unsettled
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from sim.output.formatting import percent
from sim.output.intervals import LEVEL

SEED = 1
"""Of resampling; SALib takes 0 for no seed."""

RESAMPLES = 200
NOISY = 0.05
"""Share of chance in the variance between points above which indices are called biased."""


@dataclass(frozen=True, eq=False)
class SobolIndices:
    """Sobol indices: shares of the variance between points, by factor.

    Attributes
    ----------
    metric, branch : str
        What is explained.
    indices : pandas.DataFrame
        One row a factor, or a group of them, largest total first: ``factor``, ``first`` (share that varying it alone
        makes), ``total`` (share in which it takes part), each with ``_low`` and ``_high`` of its 90 % bootstrap
        interval.
    pairs : pandas.DataFrame or None
        One row a pair, if the design has them: ``factor_a``, ``factor_b``, ``second`` (share that varying both
        makes beyond each alone), ``second_low``, ``second_high``.
    samples : int
        Base points of the Saltelli sample.
    noise : float or None
        Share of the variance between points that is chance of the replicates.
    sentences, warnings : tuple of str
        What the indices say in words, and what limits the estimate.
    salib : SALib.util.ResultDict
        The indices as SALib returns them, with ``to_df`` and ``plot``.
    """

    metric: str
    branch: str
    indices: pd.DataFrame
    pairs: pd.DataFrame | None
    samples: int
    noise: float | None
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    salib: ResultDict


def sobol(sweep: StoredSweep, metric: str, branch: str | None = None) -> SobolIndices:
    """Estimate the Sobol indices of a metric's mean.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep with a ``sobol`` design.
    metric : str
        A metric of the sweep, or a comparison of one.
    branch : str, optional
        Default: the first of the sweep.

    Raises
    ------
    InputError
        If the design is of another kind, or the metric gives nothing to explain.

    Examples
    --------
    >>> sobol(sweep, "ARM.posture@2024-12 >= freeze").indices  # doctest: +SKIP
    """
    if sweep.kind != "sobol":
        raise InputError(f"Sobol indices need a sobol design; this sweep is a {sweep.kind}")
    what = outcome(sweep, metric, branch)
    second, samples = bool(sweep.design["second_order"]), int(sweep.design["samples"])
    estimates = salib.analyze(
        sweep.problem(),
        what.means(),
        calc_second_order=second,
        num_resamples=RESAMPLES,
        conf_level=LEVEL,
        keep_resamples=True,
        seed=SEED,
    )
    indices = pd.DataFrame({"factor": sweep.moved})
    for name, key in (("first", "S1"), ("total", "ST")):
        _put(indices, name, estimates[key], estimates[f"{key}_conf"])
    half_of_sum = float(norm.ppf(0.5 + LEVEL / 2) * estimates["S1_conf_all"].sum(axis=1).std(ddof=1))
    indices = indices.sort_values("total", ascending=False, kind="stable", ignore_index=True)
    pairs = _pairs(sweep.moved, estimates["S2"], estimates["S2_conf"]) if second and len(sweep.moved) > 1 else None
    return SobolIndices(
        metric=what.metric,
        branch=what.branch,
        indices=indices,
        pairs=pairs,
        samples=samples,
        noise=what.noise(),
        sentences=tuple(_sentences(what, indices, pairs)),
        warnings=(
            *_cautions(what, indices, half_of_sum, samples),
            *_noise(what),
            *what.blindness(),
            *what.missing_values(),
        ),
        salib=estimates,
    )


def _put(table: pd.DataFrame, name: str, value: np.ndarray, half: np.ndarray) -> None:
    table[name], table[f"{name}_low"], table[f"{name}_high"] = value, value - half, value + half


def _pairs(keys: tuple[str, ...], second: np.ndarray, half: np.ndarray) -> pd.DataFrame:
    upper = np.triu_indices(len(keys), 1)
    table = pd.DataFrame({"factor_a": [keys[i] for i in upper[0]], "factor_b": [keys[j] for j in upper[1]]})
    _put(table, "second", second[upper], half[upper])
    return table.sort_values("second", ascending=False, kind="stable", ignore_index=True)


def _sentences(what: MetricOutcome, indices: pd.DataFrame, pairs: pd.DataFrame | None) -> list[str]:
    sentences = below_zero(indices, "first", "first-order index")
    for name, words in (("first", "first-order index"), ("total", "total index")):
        sentences += unsettled(indices, name, words, "samples")
    if pairs is not None:
        couples = pairs.assign(factor=pairs["factor_a"] + " with " + pairs["factor_b"])
        sentences += below_zero(couples, "second", "second-order index")
        sentences += unsettled(couples, "second", "second-order index", "samples")
    return sentences if _noise(what) else [*sentences, *chance_share(what)]


def _cautions(what: MetricOutcome, indices: pd.DataFrame, half_of_sum: float, samples: int) -> tuple[str, ...]:
    cautions = []
    widths = {
        (factor, name): (high - low) / 2
        for name in ("first", "total")
        for factor, low, high in zip(indices["factor"], indices[f"{name}_low"], indices[f"{name}_high"], strict=True)
    }
    factor, name = max(widths, key=lambda key: widths[key])
    if widths[factor, name] > WIDE:
        cautions.append(
            f"'{what.metric}': {samples} samples are few: intervals reach ±{widths[factor, name]:.2f} "
            f"({name} index of {factor}); run more samples"
        )
    total = float(indices["first"].sum())
    if total > 1 + half_of_sum:
        cautions.append(
            f"'{what.metric}': first-order indices add up to {total:.2f} ± {half_of_sum:.2f}, more than all there is; "
            "run more samples"
        )
    if samples & (samples - 1):
        cautions.append(f"{samples} samples are not a power of two, which the sequence of Sobol needs to be balanced")
    return tuple(cautions)


def _noise(what: MetricOutcome) -> tuple[str, ...]:
    noise = what.noise()
    if noise is None or noise <= NOISY:
        return ()
    share = f"{percent(noise)} of the variance between points is chance of the replicates"
    bias = "first-order indices are too low by about that share, total ones too high"
    return (f"'{what.metric}': {share}; {bias}; run more replicates",)
