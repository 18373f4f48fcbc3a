"""Shapley values and interactions of players that can be switched on and off in a simulation.

A coalition is a bit mask: bit ``i`` is set where player ``i`` is in. Values may have further axes, such as one for
replicates, over which everything is linear.
"""

from collections.abc import Iterator
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.output.measuring import Floats

Ints = NDArray[np.int64]

MOST_EXACT: Final = 12
"""Players up to which all coalitions are taken; above, permutations are sampled."""


def exact_shares(values: Floats) -> Floats:
    """Return the Shapley value of each player (Shapley 1953).

    Parameters
    ----------
    values : array, shape (2**n, ...)
        Worth of each coalition, by its bit mask.

    Returns
    -------
    array, shape (n, ...)
        They add up to the worth of all players less that of none.

    Examples
    --------
    >>> exact_shares(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    n = _players(values)
    sizes = _sizes(n)
    gain = np.array([factorial(size) * factorial(n - size - 1) / factorial(n) for size in range(n)])
    weights = np.empty((n, 2**n))
    for player in range(n):
        inside = _holds(n, player)
        weights[player] = np.where(inside, gain[np.maximum(sizes - 1, 0)], -gain[np.minimum(sizes, n - 1)])
    return np.asarray(np.tensordot(weights, values, axes=1))


def exact_interactions(values: Floats) -> dict[tuple[int, int], Floats]:
    """Return the Shapley interaction index of each pair of players (Grabisch & Roubens 1999).

    What two players make together beyond what each makes without the other, averaged over coalitions of the rest:
    negative where one stands in for the other.

    Parameters
    ----------
    values : array, shape (2**n, ...)
        As for `exact_shares`.

    Examples
    --------
    >>> exact_interactions(np.array([0.0, 1.0, 2.0, 5.0]))[0, 1].item()
    2.0
    """
    n = _players(values)
    sizes = _sizes(n)
    interactions = {}
    for i in range(n):
        for j in range(i + 1, n):
            has_first, has_second = _holds(n, i), _holds(n, j)
            rest = sizes - has_first - has_second
            share = np.array([factorial(s) * factorial(n - s - 2) / factorial(n - 1) for s in range(n - 1)])
            weights = np.where(has_first == has_second, 1.0, -1.0) * share[rest]
            interactions[i, j] = np.asarray(np.tensordot(weights, values, axes=1))
    return interactions


def sampled_orders(n: int, pairs: int, seed: int) -> list[Ints]:
    """Return random orders of players, each followed by its reverse (antithetic sampling; Mitchell et al. 2022).

    Parameters
    ----------
    n : int
        Players.
    pairs : int
        Pairs of orders.
    seed : int
        Of the sampling.
    """
    generator = np.random.default_rng([seed, n])
    orders = []
    for _ in range(pairs):
        order = generator.permutation(n)
        orders += [order, order[::-1]]
    return orders


def coalitions_along(order: Ints) -> Iterator[int]:
    """Yield the coalitions that form as players join in an order, from the empty one on.

    Examples
    --------
    >>> list(coalitions_along(np.array([2, 0, 1])))
    [0, 4, 5, 7]
    """
    mask = 0
    yield mask
    for player in order.tolist():
        mask |= 1 << player
        yield mask


def _players(values: Floats) -> int:
    n = len(values).bit_length() - 1
    if len(values) != 2**n or n == 0:
        raise ValueError(f"{len(values)} coalitions are not all those of some players")
    return n


def _sizes(n: int) -> Ints:
    return np.array([mask.bit_count() for mask in range(2**n)], dtype=np.int64)


def _holds(n: int, player: int) -> NDArray[np.bool_]:
    return (np.arange(2**n) >> player & 1).astype(np.bool_)
