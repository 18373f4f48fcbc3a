"""The ridge logit is that of scikit-learn, and predicts rows as it predicts one."""

import numpy as np
import pytest

from sim.evidence.logit import fit_logit


@pytest.mark.parametrize("held_back", [1.0, 4.0])
def test_the_logit_is_that_of_a_library(held_back: float) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    generator = np.random.default_rng(2)
    inputs = generator.normal(size=(300, 3)) * [1.0, 2.0, 0.5] + [0.0, 1.0, 3.0]
    happened = (generator.random(300) < 1 / (1 + np.exp(2 - inputs[:, 0]))).astype(float)
    mine = fit_logit(inputs, happened, held_back)
    scaled = (inputs - mine.centre) / mine.scale
    other = linear.LogisticRegression(C=1.0 / held_back, tol=1e-8).fit(scaled, happened)
    np.testing.assert_allclose(mine.slopes, other.coef_[0], atol=1e-4)
    assert mine.intercept == pytest.approx(other.intercept_[0], abs=1e-4)
    np.testing.assert_allclose(mine.chances(inputs), other.predict_proba(scaled)[:, 1], atol=1e-4)


def test_rows_are_predicted_as_one_is() -> None:
    fitted = fit_logit(np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]]), np.array([0.0, 1.0, 1.0]))
    rows = np.array([[0.5, 0.5], [2.0, 0.0]])
    assert fitted.chances(rows).tolist() == pytest.approx([fitted.chance((0.5, 0.5)), fitted.chance((2.0, 0.0))])
