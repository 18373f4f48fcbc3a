"""Our rule of beliefs against the Beta reputation system (Josang & Ismail 2002).

Their rating after r good and s bad outcomes from a flat prior is (r + 1) / (r + s + 2), with 0.8 after seven good and
one bad as the worked example; with a forgetting factor the older of n outcomes count ``factor ** (n - i)``. Here an
outcome is a full response to a covered attack, or none; excuses, which are ours, are switched off.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.learning import decay_beliefs
from sim.words import FORCES, NONE
from tests.worlds import attack, built, learn

FLAT = {"initial_trust": 0.5, "initial_confidence": 2.0, "evidence_weight": 1.0}
OUTCOMES = st.lists(st.booleans(), max_size=20)


def rating(outcomes: Sequence[bool], factor: float = 1.0) -> float:
    """Return the victim's trust in the guarantor after some outcomes, the last one just seen."""
    setup, world, p = built(parameters=FLAT, belief_rule="beta")
    p = p._replace(excuse_base=-1000.0)
    victim, guarantor = setup.codes.index("VIC"), setup.codes.index("BIG")
    for good in outcomes:
        decay_beliefs(world, factor)
        learn(world, p, attack(setup), guarantor, victim, FORCES if good else NONE, False, True)
    return float(world.trust[victim, guarantor])


def test_seven_good_outcomes_and_a_bad_one():
    assert rating([True] * 7 + [False]) == pytest.approx(0.8, abs=1e-12)


@given(OUTCOMES)
def test_the_rating_is_theirs_in_any_order(outcomes: list[bool]):
    good = sum(outcomes)
    assert rating(outcomes) == pytest.approx((good + 1) / (len(outcomes) + 2), abs=1e-12)


@given(OUTCOMES, st.floats(1e-3, 1.0))
def test_forgetting_is_theirs(outcomes: list[bool], factor: float):
    counted = [factor ** (len(outcomes) - i) for i in range(1, len(outcomes) + 1)]
    good = sum(weight for weight, outcome in zip(counted, outcomes, strict=True) if outcome)
    assert rating(outcomes, factor) == pytest.approx((good + 1) / (sum(counted) + 2), abs=1e-12)


def test_without_memory_only_the_last_outcome_counts():
    assert rating([False] * 5 + [True], 1e-13) == pytest.approx(2 / 3, abs=1e-12)
    assert rating([True] * 5 + [False], 1e-13) == pytest.approx(1 / 3, abs=1e-12)
