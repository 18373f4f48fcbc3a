"""Simulation-based check: whether known parameters are recovered from synthetic histories of the same length.

Truths are drawn from the bank; each lives through one history, from which patterns are made as they were from the
record; the rest of the bank is fitted to them. Ranks of the truths in their posteriors are uniform where the fit is
honest (Talts et al. 2018), and posteriors no narrower than the prior mean that the patterns say nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from sim.evidence.bank import BankSection
from sim.evidence.bench import Bench
from sim.evidence.fits import Pool
from sim.evidence.patterns import Pattern
from sim.evidence.weighing import kernel_weights, weighted_quantile
from sim.experiments.parameters.posteriors import Posterior
from sim.experiments.parameters.priors import NAMES, to_unit, with_priors
from sim.output.measuring import Floats

TRUTHS: Final = 50
NARROW: Final = 0.8
"""Ratio of posterior to prior width up to which a parameter is called identifiable."""

RELATED: Final = 0.5
"""Correlation of truths and posterior means from which it is."""

HAPPENED, NOT = (0.25, 1.0), (0.0, 0.35)
"""Accepted chances of what happened in one history, and of what did not: as in the patterns' file."""

COVER: Final = 0.9


def synthetic_patterns(patterns: Sequence[Pattern], history: Floats, world: Floats) -> tuple[Pattern, ...]:
    """Make patterns of a synthetic history, by the rules of the record's.

    Parameters
    ----------
    patterns : sequence of Pattern
    history : array (patterns)
        Values in one history; NaN where there is none, and in generic worlds.
    world : array (patterns)
        Statistics of generic worlds.

    Returns
    -------
    tuple of Pattern
        What happened gets the interval of what happened, a number one of the pattern's own width around it.
    """
    made = []
    for one, value, expected in zip(patterns, history, world, strict=True):
        seen = expected if one.tier == "world" else value
        if np.isnan(seen):
            continue
        if one.chance and one.tier == "panel":
            low, high = HAPPENED if seen >= 0.5 else NOT
        else:
            half = 0.5 * (one.high - one.low)
            low, high = seen - half, seen + half
        made.append(replace(one, low=float(low), high=float(high)))
    return tuple(made)


def recovery(
    bench: Bench, section: BankSection, share: float, seed: int, truths: int = TRUTHS, threads: int = 1
) -> pd.DataFrame:
    """Fit synthetic histories, and say of each parameter how it was recovered.

    Parameters
    ----------
    bench : Bench
    section : BankSection
        Draws from the prior; truths are taken from them, evenly spread, and left out of their own fits.
    share : float
        Share of the sets that is accepted.
    seed, truths, threads : int

    Returns
    -------
    DataFrame
        One row a parameter: ``parameter``, ``width`` (posterior over prior standard deviation, mean over truths),
        ``correlation`` of truths and posterior means, ``coverage`` of the central 90 % interval, ``rank_p`` (p-value of
        the ranks' uniformity, Kolmogorov-Smirnov), ``identifiable``.
    """
    places = np.linspace(0, len(section) - 1, min(truths, len(section))).astype(int)
    numbers = np.arange(len(places), dtype=np.int64)
    histories = bench.single(section.parameters[places], numbers, seed + 1, threads)
    unit, means = to_unit(section.parameters), section.means
    pool = Pool.of([section])
    ranks, centres, widths = (np.empty((len(places), unit.shape[1])) for _ in range(3))
    for number, (place, history) in enumerate(zip(places, histories, strict=True)):
        patterns = synthetic_patterns(section.patterns, history, means[place])
        others = np.arange(len(section)) != place
        weight = kernel_weights(pool.distances(patterns)[others], share)
        centres[number] = weight @ unit[others]
        widths[number] = np.sqrt(np.maximum(0.0, weight @ (unit[others] - centres[number]) ** 2))
        ranks[number] = weight @ (unit[others] < unit[place])
    return _table(ranks, centres, widths, unit[places], unit.std(axis=0))


def _table(ranks: Floats, centres: Floats, widths: Floats, truths: Floats, prior: Floats) -> pd.DataFrame:
    width = widths.mean(axis=0) / prior
    with np.errstate(invalid="ignore"):
        correlation = np.array([np.corrcoef(one, other)[0, 1] for one, other in zip(centres.T, truths.T, strict=True)])
    edge = 0.5 * (1.0 - COVER)
    return pd.DataFrame(
        {
            "parameter": with_priors(),
            "width": width,
            "correlation": np.nan_to_num(correlation),
            "coverage": ((ranks > edge) & (ranks < 1.0 - edge)).mean(axis=0),
            "rank_p": [float(stats.kstest(column, "uniform").pvalue) for column in ranks.T],
            "identifiable": (width <= NARROW) & (np.nan_to_num(correlation) >= RELATED),
        }
    )


def posterior_widths(posterior: Posterior) -> pd.DataFrame:
    """Return posterior quantiles of each parameter, and its width beside the prior's.

    Returns
    -------
    DataFrame
        ``parameter``, ``q05``, ``median``, ``q95`` in the parameter's unit, and ``narrowed``: standard deviation of the
        places in the prior over that of the prior itself, 1 where nothing was learnt.
    """
    unit = to_unit(posterior.values)
    rows = []
    for column, name in enumerate(with_priors()):
        middle = posterior.weights @ unit[:, column]
        spread = float(np.sqrt(np.maximum(0.0, posterior.weights @ (unit[:, column] - middle) ** 2)))
        values = posterior.values[:, NAMES.index(name)]
        quantiles = [weighted_quantile(values, posterior.weights, level) for level in (0.05, 0.5, 0.95)]
        rows.append((name, *quantiles, spread * np.sqrt(12.0)))
    return pd.DataFrame(rows, columns=["parameter", "q05", "median", "q95", "narrowed"])
