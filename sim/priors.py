"""Priors of parameters as distributions: the texts of the table, cut to the parameter's range.

The texts are those of `sim.parameters`: ``LN(m, s)`` lognormal with median m and log-sd s, ``N(m, s)`` normal,
``N(m, s)+`` the same cut at zero, ``HalfN(s)``, ``Beta(a, b)``, ``Exp(m)`` with mean m, ``U(a, b)``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from sim.errors import InputError
from sim.parameters import PARAMETERS

_TEXT: Final = re.compile(r"(?P<kind>LN|N|HalfN|Beta|Exp|U)\((?P<numbers>[^)]*)\)(?P<cut>\+?)")

_MAKERS: Final[dict[str, Callable[..., Any]]] = {
    "LN": lambda median, spread: stats.lognorm(spread, scale=median),
    "N": stats.norm,
    "N+": lambda middle, spread: stats.truncnorm(-middle / spread, np.inf, middle, spread),
    "HalfN": lambda spread: stats.halfnorm(scale=spread),
    "Beta": stats.beta,
    "Exp": lambda mean: stats.expon(scale=mean),
    "U": lambda low, high: stats.uniform(low, high - low),
}


@dataclass(frozen=True)
class Prior:
    """A prior, cut to the range that its parameter may have.

    Attributes
    ----------
    text : str
        As the table writes it.
    low, high : float
        The parameter's range.
    whole : scipy.stats distribution
        Before it is cut.
    """

    text: str
    low: float
    high: float
    whole: Any

    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Return quantiles of the cut distribution.

        Parameters
        ----------
        probability : array_like
            0..1, any shape.

        Returns
        -------
        array
            Values in ``low``..``high``, in the parameter's unit, of the same shape.

        Examples
        --------
        >>> float(prior_of("record_weight").quantile(0.25))
        0.25
        """
        below, above = self.whole.cdf([self.low, self.high])
        values = self.whole.ppf(below + np.asarray(probability, dtype=np.float64) * (above - below))
        return np.asarray(np.clip(values, self.low, self.high))

    def place(self, value: ArrayLike) -> NDArray[np.float64]:
        """Return the probability below values, the inverse of `quantile`.

        Parameters
        ----------
        value : array_like
            In the parameter's unit, any shape.

        Returns
        -------
        array
            Places in 0..1, of the same shape.

        Examples
        --------
        >>> float(prior_of("record_weight").place(0.25))
        0.25
        """
        below, above = self.whole.cdf([self.low, self.high])
        places = (self.whole.cdf(np.asarray(value, dtype=np.float64)) - below) / (above - below)
        return np.asarray(np.clip(places, 0.0, 1.0))

    def median(self) -> float:
        """Return the median before the cut, which the default of a parameter is."""
        return float(self.whole.median())


def read_prior(text: str, low: float, high: float) -> Prior:
    """Read a prior as the table of parameters writes it.

    Parameters
    ----------
    text : str
        Such as ``LN(60, 0.6)``.
    low, high : float
        Range that it is cut to.

    Raises
    ------
    ValueError
        If the text is none of the kinds.

    Examples
    --------
    >>> read_prior("N(-1, 0.5)", -3, 1).median()
    -1.0
    """
    found = _TEXT.fullmatch(text)
    maker = _MAKERS.get(found["kind"] + found["cut"]) if found else None
    if found is None or maker is None:
        raise ValueError(f"'{text}' is not a prior")
    return Prior(text, low, high, maker(*(float(number) for number in found["numbers"].split(","))))


@cache
def prior_of(name: str) -> Prior:
    """Return the prior of a parameter of the table.

    Raises
    ------
    InputError
        If the parameter is a constant without a prior.
    """
    row = PARAMETERS[name]
    if not row.fitted:
        raise InputError(f"parameters.{name} is a constant without a prior; give a range or values")
    return read_prior(row.prior, row.low, row.high)


def with_priors() -> tuple[str, ...]:
    """Return the names of the parameters that have a prior, in the order of the table."""
    return tuple(name for name, row in PARAMETERS.items() if row.fitted)
