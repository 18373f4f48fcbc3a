"""Logit models with a ridge penalty, for yes-or-no outcomes with few cases."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]

HELD_BACK: Final = 1.0
"""Precision of the normal prior on the slopes, standardised: with a dozen moves a free fit has none."""


@dataclass(frozen=True)
class Logit:
    """Fitted logit model: an intercept, and slopes on standardised covariates."""

    intercept: float
    slopes: Floats
    centre: Floats
    scale: Floats

    def chance(self, covariates: tuple[float, ...]) -> float:
        """Return the predicted probability for given covariates."""
        return float(self.chances(np.array(covariates)))

    def chances(self, covariates: Floats) -> Floats:
        """Return the predicted probabilities for rows of covariates (..., C)."""
        return np.asarray(expit(self.intercept + ((covariates - self.centre) / self.scale) @ self.slopes))


def fit_logit(covariates: Floats, happened: Floats, held_back: float = HELD_BACK) -> Logit:
    """Fit a logit model with a ridge penalty on the slopes (le Cessie & van Houwelingen 1992).

    Parameters
    ----------
    covariates : array (n, C)
    happened : array (n)
        1 where it happened, else 0.
    held_back : float
        Precision of the prior on the slopes; 1 / C in scikit-learn's terms.
    """
    centre, scale = covariates.mean(axis=0), covariates.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    inputs = np.column_stack([np.ones(len(covariates)), (covariates - centre) / scale])
    held = np.array([0.0, *[held_back] * covariates.shape[1]])
    share = (happened.sum() + 0.5) / (len(happened) + 1.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        pull = inputs @ weights
        value = np.logaddexp(0.0, pull).sum() - happened @ pull + 0.5 * held @ weights**2
        return float(value), inputs.T @ (expit(pull) - happened) + held * weights

    start = np.array([np.log(share / (1.0 - share)), *[0.0] * covariates.shape[1]])
    fitted = minimize(loss, start, jac=True, method="BFGS").x
    return Logit(float(fitted[0]), fitted[1:], centre, scale)
