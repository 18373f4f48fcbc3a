"""Landscape theory: the alignments that sizes and propensities imply (Axelrod & Bennett 1993).

Actors take one of two sides. Each is frustrated by standing with those it has a negative propensity to work with, and
apart from those it has a positive one; the more so, the larger they are. The energy of a configuration X,

``E(X) = sum over ordered pairs of s_i s_j p_ij d_ij(X)``, d 1 on different sides and else 0,

falls with every move of one actor that lessens its frustration, so alignments settle in its local minima. Nothing is
fitted and nothing is drawn: all configurations are enumerated.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ACTORS = 22
"""More actors than these have too many configurations to look at each: 2 ** 21 here."""

ROUNDING = 1e-12
"""Energies closer than this share of all that is at stake are equal."""


@dataclass(frozen=True)
class Alignment:
    """Local minimum of the energy: an alignment in which no actor can lower the energy by changing sides alone.

    Attributes
    ----------
    sides : tuple of two tuples of str
        The actors of each side in the order of the landscape, the side of the larger sizes first; the second may
        be empty.
    energy : float
        E, in the units of sizes squared times propensity.
    basin : int
        Configurations from which the steepest descent, one actor at a time, ends here.
    holds : dict of str to float
        For each actor what keeps it on its side, in the units of size times propensity: the sum of s_j p_ij over its
        own side less that over the other. Its move would raise the energy by twice that times its size; at 0 it might
        as well stand on the other side.
    """

    sides: tuple[tuple[str, ...], tuple[str, ...]]
    energy: float
    basin: int
    holds: dict[str, float]


@dataclass(frozen=True, eq=False)
class Landscape:
    """Energies of all alignments of a set of actors in two sides; built by `make_landscape`.

    Attributes
    ----------
    actors : tuple of str
        Names of the n actors.
    sizes : array
        (n,), above 0.
    propensities : array
        (n, n), symmetric, its diagonal 0.
    energies : array
        (2 ** (n - 1),), by configuration: bit i - 1 is set where actor i stands apart from actor 0.
    ends : array
        (2 ** (n - 1),): the configuration in which the steepest descent from each ends.
    """

    actors: tuple[str, ...]
    sizes: Floats
    propensities: Floats
    energies: Floats
    ends: Ints

    def energy(self, side: Collection[str]) -> float:
        """Return the energy of the alignment in which ``side`` opposes all other actors.

        Raises
        ------
        KeyError
            If one of them is no actor of the landscape.
        """
        unknown = sorted(set(side) - set(self.actors))
        if unknown:
            raise KeyError(", ".join(unknown))
        apart = np.array([(actor in side) != (self.actors[0] in side) for actor in self.actors])
        return float(self.energies[int(apart[1:] @ (1 << np.arange(len(self.actors) - 1)))])

    def minima(self) -> tuple[Alignment, ...]:
        """Return the local minima, ordered from the lowest energy."""
        places, basins = np.unique(self.ends, return_counts=True)
        order = np.lexsort((places, self.energies[places]))
        return tuple(self._alignment(int(places[i]), int(basins[i])) for i in order)

    def _alignment(self, partition: int, basin: int) -> Alignment:
        apart = np.array([False, *((partition >> bit) & 1 == 1 for bit in range(len(self.actors) - 1))])
        first = apart if self.sizes[apart].sum() > self.sizes[~apart].sum() else ~apart
        first_members, second_members = (tuple(np.array(self.actors, dtype=object)[side]) for side in (first, ~first))
        signs = np.where(apart, -1.0, 1.0)
        holds = signs * (self.propensities @ (self.sizes * signs))
        by_actor = dict(zip(self.actors, holds.tolist(), strict=True))
        return Alignment((first_members, second_members), float(self.energies[partition]), basin, by_actor)


def make_landscape(actors: Sequence[str], sizes: Any, propensities: Any) -> Landscape:
    """Compute the energies of all alignments, and the local minimum that descent from each of them reaches.

    Parameters
    ----------
    actors : sequence of str
        Names, 2 to `MOST_ACTORS`.
    sizes : array_like
        s (n,), above 0.
    propensities : array_like
        p (n, n), what each actor is inclined to with each other, below 0 against it; the diagonal is not read. Where
        two actors differ, their mean counts: the theory is one of symmetric propensities.

    Raises
    ------
    InputError
        If there are too few or too many actors, or the arrays do not fit them.

    Examples
    --------
    >>> landscape = make_landscape("ABC", [1, 1, 1], [[0, 1, -1], [1, 0, -1], [-1, -1, 0]])
    >>> [minimum.sides for minimum in landscape.minima()]
    [(('A', 'B'), ('C',))]
    """
    names = tuple(actors)
    if not 2 <= len(names) <= MOST_ACTORS:
        raise InputError(f"{len(names)} actors; allowed: 2 to {MOST_ACTORS}, whose every configuration is looked at")
    size, given = np.asarray(sizes, dtype=np.float64), np.asarray(propensities, dtype=np.float64)
    if len(set(names)) < len(names) or size.shape != (len(names),) or given.shape != 2 * size.shape:
        raise InputError("actors need names of their own, a size each and a propensity to each other")
    if not (np.isfinite(size).all() and np.isfinite(given).all() and (size > 0.0).all()):
        raise InputError("sizes must be numbers above 0, and propensities numbers")
    mean = (given + given.T) / 2.0
    np.fill_diagonal(mean, 0.0)
    stakes = 2.0 * np.outer(size, size) * mean
    energies = _energies(stakes)
    return Landscape(names, size, mean, energies, _descend(energies, ROUNDING * float(np.abs(stakes).sum())))


def _energies(stakes: Floats) -> Floats:
    """Return the energy of each alignment, given the energy lost for each pair of actors on opposite sides (n, n).

    Actors are added one by one: either half of what is known so far is continued with the new actor on actor 0's
    side, or apart from it.
    """
    energies = np.zeros(1)
    for actor in range(1, len(stakes)):
        lost = np.zeros(1)
        for earlier in range(1, actor):
            lost = np.concatenate([lost, lost + stakes[actor, earlier]])
        energies = np.concatenate([energies + lost, energies + (stakes[actor, :actor].sum() - lost)])
    return energies


def _descend(energies: Floats, rounding: float) -> Ints:
    """Return the local minimum that steepest descent reaches from each alignment, moving one actor at a time.

    Of two configurations of equal energy the one that stands earlier counts as lower, so that a flat stretch is
    crossed and ends once.
    """
    levels = np.rint(energies / rounding) if rounding > 0.0 else np.zeros(len(energies))
    places = np.arange(len(energies))
    lowest, following = levels.copy(), places.copy()
    moves = [len(energies) - 1, *(1 << bit for bit in range(len(energies).bit_length() - 1))]
    for move in moves:
        moved = places ^ move
        level = levels[moved]
        better = (level < lowest) | ((level == lowest) & (moved < following))
        following[better] = moved[better]
        lowest[better] = level[better]
    while not np.array_equal(ends := following[following], following):
        following = ends
    return ends
