"""Prior distributions of parameters, truncated to each parameter's range, and samples of parameter sets.

The notation is that of `sim.model.parameters`: ``LN(m, s)`` lognormal with median m and log-sd s, ``N(m, s)`` normal,
``N(m, s)+`` normal truncated at zero, ``HalfN(s)``, ``Beta(a, b)``, ``Exp(m)`` with mean m, ``U(a, b)``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import InputError
from sim.model.parameters import PARAMETERS, Parameters
from sim.output.measuring import Floats

_TEXT: Final = re.compile(r"(?P<kind>LN|N|HalfN|Beta|Exp|U)\((?P<numbers>[^)]*)\)(?P<cut>\+?)")

NAMES: Final = Parameters._fields
"""Parameters in the order of every array of sets."""


@dataclass(frozen=True)
class Prior:
    """A prior distribution, truncated to the range of its parameter.

    Attributes
    ----------
    text : str
        The prior in the notation of the table.
    low, high : float
        The parameter's range.
    whole : scipy.stats distribution
        Before it is cut.
    """

    text: str
    low: float
    high: float
    whole: Any

    def quantile(self, probability: ArrayLike) -> Floats:
        """Return quantiles of the truncated distribution.

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

    def place(self, value: ArrayLike) -> Floats:
        """Return the cumulative probability of values, the inverse of `quantile`.

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
        """Return the median before truncation, which is the parameter's default."""
        return float(self.whole.median())


def read_prior(text: str, low: float, high: float) -> Prior:
    """Parse a prior as it is written in the table of parameters.

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
    from scipy import stats  # noqa: PLC0415 - takes half a second

    makers: dict[str, Callable[..., Any]] = {
        "LN": lambda median, spread: stats.lognorm(spread, scale=median),
        "N": stats.norm,
        "N+": lambda middle, spread: stats.truncnorm(-middle / spread, np.inf, middle, spread),
        "HalfN": lambda spread: stats.halfnorm(scale=spread),
        "Beta": stats.beta,
        "Exp": lambda mean: stats.expon(scale=mean),
        "U": lambda low, high: stats.uniform(low, high - low),
    }
    match = _TEXT.fullmatch(text)
    maker = makers.get(match["kind"] + match["cut"]) if match else None
    if match is None or maker is None:
        raise ValueError(f"'{text}' is not a prior")
    return Prior(text, low, high, maker(*(float(number) for number in match["numbers"].split(","))))


@cache
def prior_of(name: str) -> Prior:
    """Return the prior of a parameter.

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


def from_unit(unit: Floats) -> Floats:
    """Convert points of the unit cube to parameter sets.

    Parameters
    ----------
    unit : array (D, parameters with a prior)
        Places in 0..1, in the order of `with_priors`; each becomes a quantile of the prior.

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
    """Convert parameter sets to points of the unit cube, the inverse of `from_unit`."""
    return np.column_stack([prior_of(name).place(sets[:, NAMES.index(name)]) for name in with_priors()])


def prior_draws(count: int, seed: int) -> Floats:
    """Draw parameter sets from the priors by a Latin hypercube (McKay, Beckman & Conover 1979).

    Examples
    --------
    >>> prior_draws(4, seed=1).shape == (4, len(NAMES))
    True
    """
    from scipy.stats.qmc import LatinHypercube  # noqa: PLC0415 - takes half a second

    return from_unit(np.asarray(LatinHypercube(len(with_priors()), rng=seed).random(count)))


def with_values(sets: Floats, values: Mapping[str, float]) -> Floats:
    """Return parameter sets with some parameters fixed."""
    fixed = sets.copy()
    for name, value in values.items():
        fixed[:, NAMES.index(name)] = value
    return fixed
