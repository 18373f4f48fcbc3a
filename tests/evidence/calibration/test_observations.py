"""Polls and shares as observations: which count, where, and how much they say."""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.evidence.calibration.observations import (
    ERRORS,
    INDIRECT,
    Observation,
    before,
    drawn_at,
    log_densities,
    observations_of,
)
from sim.evidence.record import load_record
from sim.scenario.expressions import Path

OF = Path("ARM", "approval", "CSTO")


def logit(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


@pytest.mark.parametrize(("value", "model", "error", "weight"), [(0.3, 0.3, 0.4, 1.0), (0.3, 0.8, 0.8, 0.5)])
def test_the_density_is_students_on_the_scale_of_logits(value, model, error, weight):
    one = Observation(OF, "ARM", date(2020, 1, 1), value, error, weight)
    found = log_densities([one], np.array([[model]]))
    assert found[0, 0] == pytest.approx(
        weight * stats.t.logpdf((logit(model) - logit(value)) / error, 4) - weight * np.log(error)
    )


def test_certainty_is_not_infinite():
    one = Observation(OF, "ARM", date(2020, 1, 1), 0.0, 0.4, 1.0)
    assert np.isfinite(log_densities([one], np.array([[1.0]]))).all()


def test_polls_of_one_measure_on_one_day_share_a_weight_and_direct_questions_say_more():
    found = observations_of(load_record(), "RUS")
    day = [one for one in found if one.state == "ARM" and one.day == date(2022, 11, 12)]
    assert {one.path.text: one.weight for one in day} == {"ARM.trust[RUS]": 0.5, "ARM.exit_support[CSTO]": 1.0}
    assert {one.error for one in found if one.path.variable == "approval"} == {ERRORS["approval"], INDIRECT}


def test_other_measures_are_left_out_and_arms_count_in_the_middle_of_their_years():
    found, record = observations_of(load_record(), "RUS"), load_record()
    assert len(found) == int((record.polls["measure"] != "other").sum()) + len(record.arms)
    arms = next(one for one in found if one.path.text == "ARM.arms[RUS]")
    assert (arms.day, arms.value) == (date(2018, 7, 1), 0.94)


def test_a_span_of_time_is_cut_out():
    found = observations_of(load_record(), "RUS")
    kept = before(found, date(2019, 1, 1), date(2019, 12, 31))
    assert {one.day.year for one in kept} == {2019}
    assert len(kept) == 2


def test_drawn_observations_have_the_stated_error_around_the_runs_own_values():
    coded = [Observation(OF, "ARM", date(2020, 1, 1), 0.9, error, 0.5) for error in (0.4, 0.8)] * 5000
    own = np.tile([0.3, 0.6], 5000)
    drawn = drawn_at(coded, own, np.random.default_rng(1))
    away = np.array([(logit(one.value) - logit(value)) / one.error for one, value in zip(drawn, own, strict=True)])
    assert stats.kstest(away[::2], stats.t(4).cdf).pvalue > 0.01
    assert stats.kstest(away[1::2], stats.t(4).cdf).pvalue > 0.01
    assert {one.weight for one in drawn} == {1.0}
    assert {one.error for one in drawn} == {0.4, 0.8}
