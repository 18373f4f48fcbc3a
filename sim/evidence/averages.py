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


def known_mean(values: Floats, axis: int, weight: Floats | None = None) -> Floats:
    """Return the mean of the non-missing values along an axis, NaN if all are missing.

    Parameters
    ----------
    values : array
    axis : int
    weight : array, optional
        Along that axis, 0 or more; default: all the same.

    Examples
    --------
    >>> known_mean(np.array([[1.0, np.nan], [3.0, np.nan]]), axis=0).tolist()
    [2.0, nan]
    """
    known = ~np.isnan(values)
    shape = [1] * values.ndim
    shape[axis] = -1
    counted = known * (1.0 if weight is None else weight.reshape(shape))
    return ratio((np.where(known, values, 0.0) * counted).sum(axis=axis), counted.sum(axis=axis))
