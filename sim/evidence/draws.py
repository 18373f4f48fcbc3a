"""Sets of parameters laid out over the priors."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy.stats.qmc import LatinHypercube

from sim.output.measuring import Floats
from sim.parameters import Parameters
from sim.priors import prior_of, with_priors

NAMES: Final = Parameters._fields
"""Parameters in the order of every array of sets."""


def from_unit(unit: Floats) -> Floats:
    """Turn places in the unit cube into sets of parameters.

    Parameters
    ----------
    unit : array (D, parameters with a prior)
        Places in 0..1, in the order of `sim.priors.with_priors`; each becomes a quantile of the prior.

    Returns
    -------
    array (D, Q)
        All parameters in the order of `NAMES`; those without a prior have their default.
    """
    sets = np.tile(np.array(Parameters(), dtype=np.float64), (len(unit), 1))
    for column, name in enumerate(with_priors()):
        sets[:, NAMES.index(name)] = prior_of(name).quantile(unit[:, column])
    return sets


def to_unit(sets: Floats) -> Floats:
    """Return the places of sets of parameters in the unit cube, the inverse of `from_unit`."""
    return np.column_stack([prior_of(name).place(sets[:, NAMES.index(name)]) for name in with_priors()])


def prior_draws(count: int, seed: int) -> Floats:
    """Draw sets of parameters from the priors by a Latin hypercube (McKay, Beckman & Conover 1979).

    Examples
    --------
    >>> prior_draws(4, seed=1).shape == (4, len(NAMES))
    True
    """
    return from_unit(np.asarray(LatinHypercube(len(with_priors()), rng=seed).random(count)))


def with_values(sets: Floats, values: Mapping[str, float]) -> Floats:
    """Return sets of parameters with some of them fixed."""
    fixed = sets.copy()
    for name, value in values.items():
        fixed[:, NAMES.index(name)] = value
    return fixed
