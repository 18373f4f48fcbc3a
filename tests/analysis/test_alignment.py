"""Landscapes by hand, by brute force, and what must hold whatever the figures are."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.alignment import MOST_ACTORS, Landscape, make_landscape
from sim.errors import InputError

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, n: int | None = None) -> Landscape:
    rng = np.random.default_rng(seed)
    n = n or int(rng.integers(2, 8))
    return make_landscape("ABCDEFGHIJ"[:n], rng.uniform(0.1, 5.0, n), rng.uniform(-1.0, 1.0, (n, n)))


def all_sides(landscape: Landscape):
    """Give every configuration once, as the side that actor 0 is not on."""
    for count in range(len(landscape.actors)):
        yield from map(frozenset, combinations(landscape.actors[1:], count))


def energy_of(landscape: Landscape, side: frozenset[str]) -> float:
    """Return the energy pair by pair, as the article writes it."""
    total = 0.0
    for i, one in enumerate(landscape.actors):
        for j, other in enumerate(landscape.actors):
            if (one in side) != (other in side):
                total += landscape.sizes[i] * landscape.sizes[j] * landscape.propensities[i, j]
    return total


def test_three_by_hand():
    landscape = make_landscape("ABC", [2, 1, 1], [[0, 1, -1], [1, 0, -0.5], [-1, -0.5, 0]])
    assert [landscape.energy(side) for side in ("", "A", "B", "C", "AB", "ABC")] == [0.0, 0.0, 3.0, -5.0, -5.0, 0.0]
    (only,) = landscape.minima()
    assert (only.sides, only.energy, only.basin) == ((("A", "B"), ("C",)), -5.0, 4)
    assert only.holds == {"A": 2.0, "B": 2.5, "C": 2.5}


@given(SEEDS)
def test_energies_are_those_of_the_pairs(seed: int):
    landscape = drawn(seed)
    for side in all_sides(landscape):
        assert landscape.energy(side) == pytest.approx(energy_of(landscape, side), abs=1e-9)
        assert landscape.energy(side) == landscape.energy(frozenset(landscape.actors) - side)


@given(SEEDS)
def test_minima_are_those_that_nobody_would_leave(seed: int):
    landscape = drawn(seed)
    stable = {
        side
        for side in all_sides(landscape)
        if all(landscape.energy(side ^ {actor}) > landscape.energy(side) for actor in landscape.actors)
    }
    first = landscape.actors[0]
    found = [frozenset(next(side for side in each.sides if first not in side)) for each in landscape.minima()]
    assert set(found) == stable
    assert len(found) == len(stable)
    energies = [each.energy for each in landscape.minima()]
    assert energies == sorted(energies)
    assert sum(each.basin for each in landscape.minima()) == landscape.energies.size


@given(SEEDS)
def test_what_holds_an_actor_is_what_its_move_would_cost(seed: int):
    landscape = drawn(seed)
    for each in landscape.minima():
        for actor, size in zip(landscape.actors, landscape.sizes, strict=True):
            cost = landscape.energy(frozenset(each.sides[0]) ^ {actor}) - each.energy
            assert each.holds[actor] >= 0.0
            assert cost == pytest.approx(2.0 * size * each.holds[actor], abs=1e-9)


@given(SEEDS)
def test_the_descent_takes_the_steepest_way(seed: int):
    landscape = drawn(seed, 5)
    places = np.arange(landscape.energies.size)
    for place in places:
        at = place
        while True:
            near = [at ^ (places.size - 1), *(at ^ (1 << bit) for bit in range(4))]
            best = min(near, key=lambda other: landscape.energies[other])
            if landscape.energies[best] >= landscape.energies[at]:
                break
            at = best
        assert landscape.ends[place] == at


@given(SEEDS)
def test_order_and_units_change_nothing(seed: int):
    landscape = drawn(seed, 6)
    order = np.random.default_rng(seed).permutation(6)
    again = make_landscape(
        [landscape.actors[i] for i in order],
        3.0 * landscape.sizes[order],
        2.0 * landscape.propensities[np.ix_(order, order)],
    )
    for one, other in zip(landscape.minima(), again.minima(), strict=True):
        assert set(map(frozenset, one.sides)) == set(map(frozenset, other.sides))
        assert other.energy == pytest.approx(18.0 * one.energy)
        assert one.basin == other.basin


def test_one_sided_propensities_count_by_their_mean():
    lopsided = make_landscape("AB", [1, 1], [[0, -1], [0.5, 0]])
    assert lopsided.energy("A") == -0.5
    assert make_landscape("AB", [1, 1], [[7, -0.25], [-0.25, 7]]).energy("A") == -0.5


def test_friends_stand_together():
    (only,) = make_landscape("ABC", [1, 2, 3], np.ones((3, 3))).minima()
    assert (only.sides, only.energy, only.basin) == ((("A", "B", "C"), ()), 0.0, 4)


def test_an_actor_without_propensities_has_one_place_and_nothing_that_holds_it():
    (only,) = make_landscape("ABC", [1, 1, 1], [[0, -1, 0], [-1, 0, 0], [0, 0, 0]]).minima()
    assert only.holds == {"A": 1.0, "B": 1.0, "C": 0.0}
    assert only.basin == 4
    (flat,) = make_landscape("ABC", [1, 1, 1], np.zeros((3, 3))).minima()
    assert flat.sides == (("A", "B", "C"), ())


@settings(max_examples=20)
@given(SEEDS)
def test_flat_landscapes_end_too(seed: int):
    rng = np.random.default_rng(seed)
    p = rng.integers(-1, 2, (8, 8))
    landscape = make_landscape("ABCDEFGH", rng.integers(1, 3, 8), p + p.T)
    found = landscape.minima()
    assert found
    assert all(hold >= 0.0 for each in found for hold in each.holds.values())
    assert sum(each.basin for each in found) == 128


@pytest.mark.parametrize(
    ("actors", "sizes", "propensities", "said"),
    [
        ("A", [1], [[0]], "1 actors"),
        ("AB", [1], np.zeros((2, 2)), "a size each"),
        ("AB", [1, 1], np.zeros((2, 3)), "a propensity to each other"),
        ("AA", [1, 1], np.zeros((2, 2)), "names of their own"),
        ("AB", [1, 0], np.zeros((2, 2)), "above 0"),
        ("AB", [1, 1], [[0, np.nan], [0, 0]], "propensities numbers"),
        ([str(i) for i in range(MOST_ACTORS + 1)], [1], [[0]], f"2 to {MOST_ACTORS}"),
    ],
)
def test_what_is_no_landscape(actors, sizes, propensities, said: str):
    with pytest.raises(InputError, match=said):
        make_landscape(actors, sizes, propensities)


def test_an_energy_of_nobody_known():
    with pytest.raises(KeyError, match="Z"):
        drawn(1).energy({"Z"})
