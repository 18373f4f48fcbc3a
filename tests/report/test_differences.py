import pytest

from sim.report.differences import difference
from tests.report.conftest import FROZE, by_hand, counts

A, B = "as-happened", "help-comes"


def test_a_difference_is_that_of_the_result():
    result = by_hand({A: counts(60, 100), B: counts(30, 100)})
    found, asked = difference(result, A, B, FROZE), result.compare(A, B, FROZE)
    assert (found.value, found.low, found.high) == (asked["difference"], asked["low"], asked["high"])
    assert (found.pairs, found.differing, found.alike, found.tells) == (100, 30, False, True)


def test_pairs_that_all_agree_leave_the_exact_binomial_bound():
    found = difference(by_hand({A: counts(5, 100), B: counts(5, 100)}), A, B, FROZE)
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 100))
    assert found.low == pytest.approx(-(found.high or 0.0))
    assert found.alike
    assert not found.tells


def test_pairs_that_all_differ_alike_keep_their_sign_and_are_not_certain():
    found = difference(by_hand({A: counts(20, 20), B: counts(0, 20)}), A, B, FROZE)
    assert (found.value, found.low) == (-1.0, -1.0)
    assert -1.0 < (found.high or 0.0) < 0.0
    assert found.tells


def test_numbers_that_all_agree_claim_no_certainty():
    found = difference(by_hand({A: counts(5, 9), B: counts(5, 9)}), A, B, "ARM.posture@end")
    assert (found.value, found.differing, found.alike) == (0.0, 0, True)
    assert found.low is None or found.low < 0


def test_dates_are_compared_where_both_come():
    found = difference(by_hand({A: counts(5, 9), B: counts(3, 9)}), A, B, "first(ARM.posture >= freeze)")
    assert (found.pairs, found.value) == (3, 0.0)
