"""The factors of a sweep: keys of the scenario and their values."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, one_line
from sim.experiments.parameters.priors import prior_of
from sim.model.parameters import PARAMETERS
from sim.scenario import Scenario, resolve, with_overrides
from sim.scenario.overrides import split
from sim.scenario.problems import show

FIXED: Final = (
    "title", "description", "extends", "start", "end", "step", "focus", "replicates", "seed", "metrics",
    "drop",
)  # fmt: skip
"""Keys that a sweep cannot vary."""

PARAMETER: Final = "parameters."
MOST_SPACED: Final = 100_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Listed:
    """A factor with a list of values; columns hold the numbers of the values in the list.

    Attributes
    ----------
    key : str
    values : tuple
        Numbers, words, true and false, dates; each once.
    group : str
        The group that it is varied with; empty for a factor that is varied by itself.
    """

    key: str
    values: tuple[Any, ...]
    group: str = ""

    def from_unit(self, places: Floats) -> NDArray[np.int64]:
        """Return list positions for points in 0..1, with equal shares for all values."""
        return np.minimum((places * len(self.values)).astype(np.int64), len(self.values) - 1)

    def value(self, number: Any) -> Any:
        """Return the scenario value for one entry of a column."""
        return self.values[int(number)]

    def shown(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return the values of a column as they appear in tables: numbers, booleans or words."""
        return np.asarray(np.array(self.plain())[column])

    def plain(self) -> list[Any]:
        """Return the values as they appear in tables and manifests."""
        if all(isinstance(value, bool) for value in self.values):
            return list(self.values)
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values):
            return [float(value) for value in self.values]
        return [str(value).lower() if isinstance(value, bool) else str(value) for value in self.values]

    def described(self) -> dict[str, Any]:
        """Return the factor as it is written in a manifest."""
        return {"values": self.plain()}

    def telling(self) -> tuple[Any, ...]:
        """Return the values to validate: the extremes of numbers, because limits are ranges, and all other values."""
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values):
            return tuple(dict.fromkeys((min(self.values), max(self.values))))
        return self.values


@dataclass(frozen=True)
class Range:
    """A factor that varies over a range, evenly or by the parameter's prior; columns hold its values.

    Attributes
    ----------
    key : str
    low, high : float
    prior : str
        Text of the prior; empty for a uniform distribution over the range.
    group : str
        As for `Listed`.
    """

    key: str
    low: float
    high: float
    prior: str = ""
    group: str = ""

    def from_unit(self, places: Floats) -> Floats:
        """Return values for points in 0..1: quantiles of the prior, or shares of the range."""
        if self.prior:
            return prior_of(self.key.removeprefix(PARAMETER)).quantile(places)
        return self.low + places * (self.high - self.low)

    def value(self, number: Any) -> float:
        """Return the scenario value for one entry of a column."""
        return float(number)

    def shown(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return the numbers of a column."""
        return column

    def described(self) -> dict[str, Any]:
        """Return the factor as it is written in a manifest."""
        ends = {"low": self.low, "high": self.high}
        return {"prior": self.prior, **ends} if self.prior else ends

    def telling(self) -> tuple[float, ...]:
        """Return the values to validate."""
        return self.low, self.high


Factor = Listed | Range


def read_factor(text: str) -> Listed:
    """Parse one ``--vary`` option.

    Parameters
    ----------
    text : str
        ``KEY=from:to:n`` for n evenly spaced numbers, both ends included, or ``KEY=a,b,c``.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> read_factor("events.ukraine-war.value=0:0.9:4").values
    (0.0, 0.3, 0.6, 0.9)
    >>> read_factor("parameters.memory_half_life=24,60,120").values
    (24, 60, 120)
    """
    key, equals, given = text.partition("=")
    key, given, text = key.strip(), given.strip(), one_line(text, 200)
    if not equals or not key or not given:
        raise InputError(f"--vary {text}: not KEY=VALUES; allowed: KEY=from:to:n or KEY=a,b,c")
    values = _range(text, given) if ":" in given else _listed(text, key, given)
    if len(set(values)) != len(values):
        raise InputError(f"--vary {text}: a value stands there twice; give each value once")
    return Listed(key, values)


def read_factors(texts: Sequence[str]) -> tuple[Listed, ...]:
    """Parse the factors of a grid: at least one, and each key only once."""
    factors = tuple(read_factor(text) for text in texts)
    if not factors:
        raise InputError(
            "nothing to vary; give --vary KEY=from:to:n or --vary KEY=a,b,c at least once, or a sweep file"
        )
    keys = [factor.key for factor in factors]
    if len(set(keys)) != len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputError(f"--vary {twice}: is varied twice; give each key once, with all its values")
    return factors


def spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """Return evenly spaced numbers, both ends included."""
    return tuple(float(f"{value:.12g}") for value in np.linspace(low, high, count))


def _range(text: str, given: str) -> tuple[float, ...]:
    allowed = "allowed: KEY=from:to:n with numbers from and to, and a whole number n from 2"
    parts = given.split(":")
    if len(parts) != 3:
        raise InputError(f"--vary {text}: not a range; {allowed}")
    try:
        low, high, count = float(parts[0]), float(parts[1]), int(parts[2])
    except ValueError:
        raise InputError(f"--vary {text}: not a range of numbers; {allowed}") from None
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"--vary {text}: the ends must be finite; {allowed}")
    if not 2 <= count <= MOST_SPACED:
        raise InputError(f"--vary {text}: {show(count)} values; {allowed} to {MOST_SPACED}")
    return spaced(low, high, count)


def _listed(text: str, key: str, given: str) -> tuple[Any, ...]:
    parts = [part.strip() for part in given.split(",")]
    if "" in parts:
        raise InputError(f"--vary {text}: a value is empty; allowed: KEY=a,b,c")
    values = tuple(split(f"{key}={part}")[1] for part in parts)
    if any(isinstance(value, list | dict) for value in values):
        raise InputError(f"--vary {text}: a value is a table or a list; allowed: numbers, words, true, false, dates")
    return values


def refusals(
    scenario: Scenario, factors: Sequence[Factor], branches: Sequence[str]
) -> Iterator[tuple[Factor, InputError]]:
    """Yield the factors that the scenario rejects, or that change nothing in any branch.

    Parameters
    ----------
    scenario : Scenario
        The scenario of the sweep.
    factors : sequence of Factor
        Each is checked by itself.
    branches : sequence of str
        The branches that are run.

    Yields
    ------
    tuple
        A factor, and what is wrong with it: a `ScenarioError` with the nearest known key, or that all the
        branches drop or write over what it varies.
    """
    for factor in factors:
        try:
            _check(scenario, factor, branches)
        except InputError as error:
            yield factor, error


def _check(scenario: Scenario, factor: Factor, branches: Sequence[str]) -> None:
    top = factor.key.partition(".")[0].strip()
    if top in FIXED:
        raise InputError(f"{factor.key}: '{top}' is the same at every point of a sweep; vary another key")
    values = factor.telling()
    if _known_parameter(factor):
        name = factor.key.removeprefix(PARAMETER)
        changed = not all(name in _own_parameters(scenario, branch) for branch in branches)
    else:
        variants = [with_overrides(scenario, {factor.key: value}) for value in values]
        changed = any(resolve(variants[0], branch) != resolve(variants[-1], branch) for branch in branches)
    if len(values) > 1 and not changed:
        names = ", ".join(branches)
        raise InputError(
            f"{factor.key}: changes nothing in {names}, which drops it or writes over it; "
            "give another branch, or a key branches.NAME..."
        )


def _known_parameter(factor: Factor) -> bool:
    """Return whether a factor is a parameter with all values in its range, which needs no further check."""
    row = PARAMETERS.get(factor.key.removeprefix(PARAMETER)) if factor.key.startswith(PARAMETER) else None
    return row is not None and all(
        isinstance(value, int | float) and not isinstance(value, bool) and row.low <= value <= row.high
        for value in factor.telling()
    )


def _own_parameters(scenario: Scenario, branch: str) -> dict[str, Any]:
    held = scenario.branches.get(branch)
    return held.parameters if held is not None else {}
