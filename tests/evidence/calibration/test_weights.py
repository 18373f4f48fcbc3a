"""Weights of members, against constant hazards computed by hand, and the cube of the fits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.evidence.calibration.cube import SHIFT, SHIFTED, coordinates, sets_of
from sim.evidence.calibration.forced_record import ALL_KINDS
from sim.evidence.calibration.weights import LARGEST, capped_weights, constant_hazards
from sim.experiments.parameters.priors import NAMES, prior_of, with_priors
from sim.model.parameters import PARAMETERS
from tests.evidence.calibration.test_forced_record import made


@given(st.lists(st.floats(0.01, 100.0), min_size=5, max_size=12))
def test_no_member_brings_more_than_its_share(brought):
    values = np.array(brought)
    weights = capped_weights(values)
    shares = weights * values / (weights * values).sum()
    assert weights.mean() == pytest.approx(1.0)
    assert shares.max() <= LARGEST * (1.0 + 1e-6)


def test_even_shares_leave_weights_alone_and_idle_members_count_in_the_mean():
    assert capped_weights(np.ones(8)) == pytest.approx(np.ones(8))
    assert capped_weights(np.array([0.0, 3.0, 3.0, 3.0, 3.0, 3.0])) == pytest.approx(np.ones(6))


def test_constant_hazards_of_calls_are_their_frequency():
    forced = made()
    weights = forced.forcing.call_weight
    made_calls = np.array([any(call.made for call in shock.calls) for shock in forced.setup.all_shocks])
    share = weights[made_calls].sum() / weights.sum()
    expected = weights[made_calls].sum() * np.log(share) + weights[~made_calls].sum() * np.log(1.0 - share)
    assert constant_hazards(forced)[:, ALL_KINDS.index("calls")].sum() == pytest.approx(expected)


def test_constant_hazards_of_courses_are_the_best_constants():
    forced = made()
    found = constant_hazards(forced)[:, ALL_KINDS.index("courses")]
    assert found[forced.members.index("RUS")] == 0.0
    assert found[forced.members.index("ARM")] < -10.0
    assert (found <= 0.0).all()


def test_the_middle_of_the_cube_is_the_median_of_every_prior():
    middle = sets_of(np.full((1, len(coordinates())), 0.5), shifted=True)[0]
    for name in with_priors():
        assert middle[NAMES.index(name)] == pytest.approx(float(prior_of(name).quantile(0.5)))
    for name, row in PARAMETERS.items():
        if not row.fitted:
            assert middle[NAMES.index(name)] == row.default


def test_a_shift_moves_its_parameter_alone_and_only_for_the_alliance():
    unit = np.full((2, len(coordinates())), 0.5)
    unit[1, len(with_priors())] = 0.8413447460685429  # one standard deviation
    both = sets_of(unit, shifted=True)
    changed = [NAMES[place] for place in np.flatnonzero(both[0] != both[1])]
    assert changed == [SHIFTED[0]]
    from scipy.stats import norm

    expected = prior_of(SHIFTED[0]).quantile(norm.cdf(SHIFT))
    assert both[1, NAMES.index(SHIFTED[0])] == pytest.approx(float(expected))
    assert (sets_of(unit, shifted=False)[0] == sets_of(unit, shifted=False)[1]).all()
