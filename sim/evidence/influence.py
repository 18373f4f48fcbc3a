"""Influence of parameters on the patterns: Morris screening (Morris 1991; Campolongo et al. 2007) by SALib."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from SALib.analyze import morris as analyze
from SALib.sample import morris as sample

from sim.evidence.patterns import Pattern, weights
from sim.experiments.design import sampling_seed
from sim.experiments.parameters.priors import from_unit, with_priors
from sim.output.measuring import Floats

LEVELS: Final = 4
MARGIN: Final = 0.05
"""Share of the prior's mass left out at either end, so that extremes do not decide what matters."""

CARRIED: Final = 0.9
"""Share of all influence that the parameters that are kept carry together."""


def screening_design(trajectories: int, seed: int) -> tuple[Floats, Floats]:
    """Return a Morris design: points in the unit cube, and the parameter sets (trajectories (P + 1), Q)."""
    unit = np.asarray(sample.sample(_problem(), trajectories, num_levels=LEVELS, seed=sampling_seed(seed)))
    return unit, from_unit(MARGIN + (1.0 - 2.0 * MARGIN) * unit)


def _problem() -> dict[str, object]:
    names = list(with_priors())
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def screen(unit: Floats, values: Floats, patterns: Sequence[Pattern], seed: int) -> pd.DataFrame:
    """Return each parameter's influence on the patterns.

    Parameters
    ----------
    unit : array (D, P)
        The design.
    values : array (D, patterns)
        Statistics; a missing one is taken for the mean of its column.
    patterns : sequence of Pattern
    seed : int

    Returns
    -------
    DataFrame
        One row a parameter, most influential first: ``rank``, ``parameter``, ``influence`` (mean elementary effect over
        the patterns, by weight, in half-widths of their intervals), ``share`` of all influence, ``kept``, ``pattern``
        that it moves most and ``effect`` on it, in half-widths.
    """
    effects = np.empty((len(with_priors()), len(patterns)))
    for column, one in enumerate(patterns):
        known = ~np.isnan(values[:, column])
        filled = np.where(known, values[:, column], values[known, column].mean() if known.any() else 0.0)
        found = analyze.analyze(_problem(), unit, filled, num_levels=LEVELS, num_resamples=2, seed=sampling_seed(seed))
        effects[:, column] = np.nan_to_num(np.asarray(found["mu_star"])) / (0.5 * (one.high - one.low))
    influence = effects @ weights(patterns)
    order = np.argsort(-influence, kind="stable")
    share = influence[order] / influence.sum() if influence.sum() > 0 else np.zeros(len(order))
    kept = np.concatenate([[0.0], np.cumsum(share)[:-1]]) < CARRIED
    most = effects[order].argmax(axis=1)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "parameter": [with_priors()[place] for place in order],
            "influence": influence[order],
            "share": share,
            "kept": kept,
            "pattern": [patterns[place].name for place in most],
            "effect": effects[order, most],
        }
    )
