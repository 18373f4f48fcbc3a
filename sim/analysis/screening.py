"""Morris screening of factors: elementary effects (Morris 1991; Campolongo et al. 2007), computed by SALib."""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import pandas as pd
from SALib.analyze import morris as salib
from SALib.util import ResultDict

from sim.analysis.outcome import outcome
from sim.analysis.sentences import plain_list
from sim.analysis.stored import StoredSweep
from sim.analysis.variance import SEED
from sim.errors import InputError
from sim.output.intervals import LEVEL

RESAMPLES = 1000
FEW = 10
"""Trajectories below which the ranking is called unsure."""


@dataclass(frozen=True, eq=False)
class MorrisEffects:
    """Elementary effects: changes in a metric's mean over the full range of a factor, at the slope of one step.

    Attributes
    ----------
    metric, branch : str
        What is explained.
    effects : pandas.DataFrame
        One row a factor, or a group of them, largest ``mu_star`` first: ``rank``, ``factor``, ``mu`` (mean effect),
        ``mu_star`` (mean size of the effect) with ``mu_star_low`` and ``mu_star_high`` of its 90 % bootstrap
        interval, and ``sigma`` (spread of the effect: bends and interactions); groups have ``mu_star`` alone.
    trajectories, levels : int
        Of the design.
    chance_effect : float or None
        The ``mu_star`` that chance of the replicates makes of a factor without effect.
    sentences, warnings : tuple of str
        What the effects say in words, and what limits the estimate.
    salib : SALib.util.ResultDict
        The effects as SALib returns them, with ``to_df`` and ``plot``.
    """

    metric: str
    branch: str
    effects: pd.DataFrame
    trajectories: int
    levels: int
    chance_effect: float | None
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    salib: ResultDict


def morris(sweep: StoredSweep, metric: str, branch: str | None = None) -> MorrisEffects:
    """Estimate the elementary effects of factors on a metric's mean.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep with a ``morris`` design.
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
    >>> morris(sweep, "ARM.trust[RUS]@end").effects  # doctest: +SKIP
    """
    if sweep.kind != "morris":
        raise InputError(f"Morris effects need a morris design; this sweep is a {sweep.kind}")
    what = outcome(sweep, metric, branch)
    levels, trajectories = int(sweep.design["levels"]), int(sweep.design["samples"])
    keys = list(sweep.keys)
    estimates = salib.analyze(
        {**sweep.problem(), "bounds": [[0.0, 1.0]] * len(keys)},
        sweep.unit[keys].to_numpy(dtype=np.float64),
        what.means(),
        num_resamples=RESAMPLES,
        conf_level=LEVEL,
        num_levels=levels,
        seed=SEED,
    )
    lone = np.full(len(sweep.moved), "groups" not in sweep.design)
    size, half = np.asarray(estimates["mu_star"]), np.asarray(estimates["mu_star_conf"])
    effects = pd.DataFrame(
        {
            "factor": sweep.moved,
            "mu": np.where(lone, np.asarray(estimates["mu"]), np.nan),
            "mu_star": size,
            "mu_star_low": np.maximum(0.0, size - half),
            "mu_star_high": size + half,
            "sigma": np.where(lone, np.ma.filled(np.ma.asarray(estimates["sigma"], dtype=np.float64), np.nan), np.nan),
        }
    ).sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
    effects.insert(0, "rank", np.arange(1, len(effects) + 1))
    chance = what.chance_variance()
    step = levels / (2 * (levels - 1))
    size_of_chance = None if chance is None else 2 * sqrt(chance / pi) / step
    few = f"{trajectories} trajectories are few; the ranking is unsure below {FEW}"
    return MorrisEffects(
        metric=what.metric,
        branch=what.branch,
        effects=effects,
        trajectories=trajectories,
        levels=levels,
        chance_effect=size_of_chance,
        sentences=tuple(_sentences(effects, size_of_chance)),
        warnings=(*((few,) if trajectories < FEW else ()), *what.blindness(), *what.missing_values()),
        salib=estimates,
    )


def _sentences(effects: pd.DataFrame, chance: float | None) -> list[str]:
    """Return a sentence on the factors whose effects are no larger than what chance of the replicates makes."""
    if chance is None:
        return []
    alone = f"Chance of the replicates alone would make a mu* of {chance:.3g}"
    hidden = list(effects["factor"][effects["mu_star_low"] <= chance])
    if not hidden:
        return [f"{alone}; every factor stands above it."]
    return [f"{alone}, from which {plain_list(hidden)} cannot be told."]
