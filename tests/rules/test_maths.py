"""Small functions that every rule uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.maths import chance_per_tick, decay_factor, logistic, logit


@given(st.floats(-700, 700))
def test_logistic_and_logit_undo_each_other(x):
    assert 0.0 <= logistic(x) <= 1.0
    assert logit(logistic(x)) == pytest.approx(max(-6.0, min(6.0, x)), abs=1e-9)


@given(st.floats(0, 1), st.floats(0.01, 6))
def test_chances_over_ticks_compose(monthly, months):
    half = chance_per_tick(monthly, months / 2)
    assert chance_per_tick(monthly, months) == pytest.approx(1 - (1 - half) ** 2, abs=1e-12)


def test_fade_halves():
    assert decay_factor(6.0, 6.0) == 0.5
    assert decay_factor(6.0, 0.0) == 1.0
