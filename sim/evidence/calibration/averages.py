"""Ratios and means that ignore missing values."""

import numpy as np
from numpy.typing import ArrayLike

from sim.output.measuring import Floats


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Return ``part / whole``, NaN unless the whole is above 0.

    Examples
    --------
    >>> ratio([1.0, 1.0], [2.0, 0.0]).tolist()
    [0.5, nan]
    """
    above, below = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))


def known_mean(values: Floats, axis: int) -> Floats:
    """Return the mean of the non-missing values along an axis, NaN if all are missing.

    Examples
    --------
    >>> known_mean(np.array([[1.0, np.nan], [3.0, np.nan]]), axis=0).tolist()
    [2.0, nan]
    """
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0.0).sum(axis=axis), known.sum(axis=axis))
