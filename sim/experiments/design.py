"""The points of a sweep's design, stored as columns: grids, samples of the unit cube, and lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiments.chunks import Changes
from sim.experiments.factors import Factor, Floats, Listed
from sim.experiments.sweep_schema import Design

MOST_POINTS: Final = 1_000_000
MOST_VALUES: Final = 20_000_000
"""The numbers of points, and of points times keys, above which a design is rejected."""

UNIT: Final = "unit:"
"""Begins the names of columns that hold places in the unit cube."""


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a design.

    Attributes
    ----------
    factors : tuple of Factor
    columns : tuple of array
        One of each factor, with an entry a point: numbers of its listed values, or its values themselves.
    unit : tuple of array
        Where the points lie in the unit cube, by factor; only of Morris's designs, whose analysis needs it.
    """

    factors: tuple[Factor, ...]
    columns: tuple[NDArray[Any], ...]
    unit: tuple[Floats, ...] = ()

    def __len__(self) -> int:
        return len(self.columns[0])

    def point(self, number: int) -> Changes:
        """Return the keys and values of one point, counted from 0."""
        pairs = zip(self.factors, self.columns, strict=True)
        return tuple((factor.key, factor.value(column[number])) for factor, column in pairs)

    def shown(self) -> dict[str, NDArray[Any]]:
        """Return the columns as they appear in tables, by key: numbers, booleans or words."""
        pairs = zip(self.factors, self.columns, strict=True)
        table = {factor.key: factor.shown(column) for factor, column in pairs}
        return table | {f"{UNIT}{factor.key}": unit for factor, unit in zip(self.factors, self.unit, strict=False)}


def sampling_seed(seed: int) -> int:
    """Return the seed of a sampled design: from 1, because SALib treats 0 as no seed, and below 2**32.

    Examples
    --------
    >>> sampling_seed(0), sampling_seed(7)
    (1, 8)
    """
    return 1 + seed % (2**32 - 2)


def described(design: Design, seed: int, factors: Sequence[Factor]) -> dict[str, Any]:
    """Return a design as it is written in a manifest, with the entries that apply to its kind."""
    entries: dict[str, dict[str, Any]] = {
        "latin-hypercube": {"samples": design.samples, "seed": sampling_seed(seed)},
        "sobol": {"samples": design.samples, "seed": sampling_seed(seed), "second_order": design.second_order},
        "morris": {"samples": design.samples, "seed": sampling_seed(seed), "levels": design.levels},
    }
    groups = {"groups": [factor.group for factor in factors]} if design.groups else {}
    return {"kind": design.kind, **entries.get(design.kind, {}), **groups}


def lay_out(design: Design, factors: Sequence[Factor], seed: int) -> Points:
    """Return the points of a grid or of a sampled design.

    Parameters
    ----------
    design : Design
        The kind, and the number of samples. A grid takes every combination of listed values, the last factor
        changing fastest; the others take points of the unit cube: a Latin hypercube (McKay, Beckman & Conover
        1979), Saltelli's extension of a Sobol sequence (Saltelli 2002), Morris's trajectories (Morris 1991). The
        last two move the factors of a group together, if there are groups.
    factors : sequence of Factor
        The varied keys; a place in 0..1 becomes a quantile of the prior, or a share of the range.
    seed : int
        The sweep's seed.

    Raises
    ------
    InputError
        If there are too many points.

    Examples
    --------
    >>> points = lay_out(Design(kind="grid"), [Listed("a", (1, 2)), Listed("b", (3,))], seed=1)
    >>> points.point(1)
    (('a', 2), ('b', 3))
    """
    count = _count(design, factors)
    if count > MOST_POINTS or count * len(factors) > MOST_VALUES:
        raise InputError(
            f"the design has {count} points of {len(factors)} keys; "
            f"allowed: {MOST_POINTS} points and {MOST_VALUES} values at most"
        )
    if design.kind == "grid":
        sizes = [len(factor.values) for factor in factors if isinstance(factor, Listed)]
        return Points(tuple(factors), tuple(np.unravel_index(np.arange(count), sizes)))
    unit = _unit(design, factors, sampling_seed(seed))
    places = tuple(np.ascontiguousarray(unit[:, number]) for number in range(len(factors)))
    columns = tuple(factor.from_unit(column) for factor, column in zip(factors, places, strict=True))
    return Points(tuple(factors), columns, places if design.kind == "morris" else ())


def _count(design: Design, factors: Sequence[Factor]) -> int:
    if design.kind == "grid":
        return prod(len(factor.values) for factor in factors if isinstance(factor, Listed))
    moved = len({factor.group for factor in factors}) if design.groups else len(factors)
    rows = {
        "latin-hypercube": 1,
        "sobol": 2 * moved + 2 if design.second_order else moved + 2,
        "morris": moved + 1,
    }
    return rows[design.kind] * (design.samples or 0)


def _unit(design: Design, factors: Sequence[Factor], seed: int) -> Floats:
    """Return points of the unit cube, one in each row."""
    size = len(factors)
    if design.kind == "latin-hypercube":
        from scipy.stats.qmc import LatinHypercube  # noqa: PLC0415 - slow to import

        return np.asarray(LatinHypercube(size, rng=seed).random(design.samples))
    from SALib.sample import morris, sobol  # noqa: PLC0415 - slow to import

    problem = {"num_vars": size, "names": [f"x{number}" for number in range(size)], "bounds": [[0, 1]] * size}
    if design.groups:
        problem["groups"] = [factor.group for factor in factors]
    if design.kind == "sobol":
        return np.asarray(sobol.sample(problem, design.samples, calc_second_order=design.second_order, seed=seed))
    return np.asarray(morris.sample(problem, design.samples, num_levels=design.levels, seed=seed))
