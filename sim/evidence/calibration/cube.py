"""The unit cube in which fits move: one coordinate for each parameter with a prior, and shifts for the alliance.

A coordinate is a parameter's place in its prior, 0..1. A few parameters may differ between the library of alliances and
the CSTO, since the two were coded by other rules: their places move on the scale of a standard normal by a shift of
mean 0 and standard deviation `SHIFT`.
"""

from typing import Final

import numpy as np

from sim.experiments.parameters.priors import from_unit, with_priors
from sim.model.world import Floats

SHIFT: Final = 0.3

SHIFTED: Final = ("required_reliability", "ladder_tempo", "ladder_precision")
"""Parameters that may differ: how soon, how sharply and against what standard members move depends on where coders drew
the borders between rungs."""


def coordinates() -> tuple[str, ...]:
    """Return the names of the coordinates: parameters with priors, then shifts."""
    return (*with_priors(), *(f"shift of {name}" for name in SHIFTED))


def sets_of(unit: Floats, *, shifted: bool) -> Floats:
    """Return parameter sets of points of the cube.

    Parameters
    ----------
    unit : array (D, C)
        By `coordinates`.
    shifted : bool
        Whether the alliance's shifts are applied.

    Returns
    -------
    array (D, Q)
        In the order of the table; constants at their defaults.
    """
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - takes a while

    names = with_priors()
    places = np.array(unit[:, : len(names)])
    if shifted:
        for number, name in enumerate(SHIFTED):
            column = names.index(name)
            places[:, column] = ndtr(ndtri(places[:, column]) + SHIFT * ndtri(unit[:, len(names) + number]))
    return from_unit(places)
