"""Shapley values of games whose solution is known."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest

from sim.analysis.shapley import coalitions_along, exact_interactions, exact_shares, sampled_orders


def game(n, worth):
    """Return the worth of all coalitions, given as sets of players."""
    return np.array([float(worth({i for i in range(n) if mask >> i & 1})) for mask in range(2**n)])


def test_the_glove_game():
    # one left glove (player 0), two right ones: 2/3, 1/6, 1/6 (Osborne & Rubinstein 1994, ex. 292.1)
    values = game(3, lambda inside: 0 in inside and bool({1, 2} & inside))
    assert exact_shares(values) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_the_airport_game():
    # runways for planes that need 1, 2 and 4: each stretch is shared by those who need it (Littlechild & Owen 1973)
    values = game(3, lambda inside: max((2**i for i in inside), default=0))
    assert exact_shares(values) == pytest.approx([1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 2])


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_shares_add_up_to_the_total(n):
    values = np.random.default_rng(n).normal(size=(2**n, 7))
    np.testing.assert_allclose(exact_shares(values).sum(axis=0), values[-1] - values[0], atol=1e-12)


def test_a_dummy_gets_nothing_and_equals_get_equal_shares():
    weights = np.random.default_rng(3).normal(size=16)
    values = game(4, lambda inside: weights[len(inside & {0, 1}) + 4 * (2 in inside)])
    shares = exact_shares(values)
    assert shares[3] == pytest.approx(0.0, abs=1e-15)
    assert shares[0] == pytest.approx(shares[1])


def test_shares_are_those_of_all_orders():
    values = np.random.default_rng(1).normal(size=16)
    gains = np.zeros(4)
    for order in permutations(range(4)):
        masks = list(coalitions_along(np.array(order)))
        for player, before, after in zip(order, masks, masks[1:], strict=False):
            gains[player] += values[after] - values[before]
    assert exact_shares(values) == pytest.approx(gains / factorial(4))


def test_interactions_of_a_product_and_of_stand_ins():
    product = game(3, lambda inside: {0, 1} <= inside)
    assert {pair: float(value) for pair, value in exact_interactions(product).items()} == pytest.approx(
        {(0, 1): 1.0, (0, 2): 0.0, (1, 2): 0.0}
    )
    either = game(2, bool)
    assert exact_interactions(either)[0, 1] == pytest.approx(-1.0)
    added = game(3, lambda inside: sum(i + 1 for i in inside))
    assert list(exact_interactions(added).values()) == pytest.approx([0.0, 0.0, 0.0])


def test_sampled_orders_come_with_their_reverse_and_repeat():
    orders = sampled_orders(20, 5, 1)
    assert len(orders) == 10
    for order, back in zip(orders[::2], orders[1::2], strict=True):
        assert sorted(order.tolist()) == list(range(20))
        assert back.tolist() == order.tolist()[::-1]
    assert [order.tolist() for order in sampled_orders(20, 5, 1)] == [order.tolist() for order in orders]
    assert len({tuple(order.tolist()) for order in orders}) == 10


def test_many_players_are_no_overflow():
    last = list(coalitions_along(np.arange(90)))[-1]
    assert last == 2**90 - 1
