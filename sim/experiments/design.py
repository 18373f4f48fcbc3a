"""The design of a sweep: factors, the values they take, and the grid of points."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.errors import InputError
from sim.scenario import Scenario, resolve, with_overrides
from sim.scenario.overrides import split

FIXED: Final = (
    "title", "description", "extends", "start", "end", "step", "focus", "replicates", "seed", "metrics",
    "drop",
)  # fmt: skip
"""Keys that are the same at every point of a sweep."""

MOST_POINTS: Final = 100_000

Point = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Factor:
    """A key of the scenario and the values it takes."""

    key: str
    values: tuple[Any, ...]


def read_factor(text: str) -> Factor:
    """Read what ``--vary`` says.

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
    key, given = key.strip(), given.strip()
    if not equals or not key or not given:
        raise InputError(f"--vary {text}: not KEY=VALUES; allowed: KEY=from:to:n or KEY=a,b,c")
    top = key.partition(".")[0]
    if top in FIXED:
        raise InputError(f"--vary {text}: '{top}' is the same at every point of a sweep; vary another key")
    values = _spaced(text, given) if ":" in given else _listed(text, key, given)
    if len(set(values)) != len(values):
        raise InputError(f"--vary {text}: a value stands there twice; give each value once")
    return Factor(key, values)


def _spaced(text: str, given: str) -> tuple[float, ...]:
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
    if not 2 <= count <= MOST_POINTS:
        raise InputError(f"--vary {text}: {count} values; {allowed} to {MOST_POINTS}")
    return tuple(float(f"{value:.12g}") for value in np.linspace(low, high, count))


def _listed(text: str, key: str, given: str) -> tuple[Any, ...]:
    parts = [part.strip() for part in given.split(",")]
    if "" in parts:
        raise InputError(f"--vary {text}: a value is empty; allowed: KEY=a,b,c")
    values = tuple(split(f"{key}={part}")[1] for part in parts)
    if any(isinstance(value, list | dict) for value in values):
        raise InputError(f"--vary {text}: a value is a table or a list; allowed: numbers, words, true, false, dates")
    return values


def grid(factors: Sequence[Factor]) -> tuple[Point, ...]:
    """Return every combination of the factors' values, the last factor changing fastest.

    Examples
    --------
    >>> grid([Factor("a", (1, 2)), Factor("b", (3,))])
    ((('a', 1), ('b', 3)), (('a', 2), ('b', 3)))
    """
    keys = [factor.key for factor in factors]
    return tuple(
        tuple(zip(keys, values, strict=True)) for values in itertools.product(*(factor.values for factor in factors))
    )


def read_factors(texts: Sequence[str]) -> tuple[Factor, ...]:
    """Read the factors of a sweep: at least one, each key once, no more points than can be held."""
    factors = tuple(read_factor(text) for text in texts)
    if not factors:
        raise InputError("nothing to vary; give --vary KEY=from:to:n or --vary KEY=a,b,c at least once")
    keys = [factor.key for factor in factors]
    if len(set(keys)) != len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputError(f"--vary {twice}: is varied twice; give each key once, with all its values")
    points = math.prod(len(factor.values) for factor in factors)
    if points > MOST_POINTS:
        raise InputError(f"the design has {points} points; allowed: {MOST_POINTS} at most")
    return factors


def check_factors(scenario: Scenario, factors: Sequence[Factor], branches: Sequence[str]) -> None:
    """Refuse keys and values that the scenario does not take, and keys that change nothing in any branch.

    Raises
    ------
    InputError
        As `ScenarioError` with the nearest known key; or if all the branches drop or write over what a factor
        varies.
    """
    for factor in factors:
        variants = [with_overrides(scenario, {factor.key: value}) for value in _telling(factor.values)]
        if len(variants) > 1 and all(
            resolve(variants[0], branch) == resolve(variants[-1], branch) for branch in branches
        ):
            names = ", ".join(branches)
            raise InputError(
                f"--vary {factor.key}: changes nothing in {names}, which drops it or writes over it; "
                "give another --branch, or a key branches.NAME..."
            )


def _telling(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values that must be checked: of numbers the ends, since what is allowed are ranges."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return (min(values), max(values)) if len(values) > 1 else values
    return values
