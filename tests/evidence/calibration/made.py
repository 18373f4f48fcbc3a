"""A made-up calibration for tests of its files and tables."""

import numpy as np
import pandas as pd

from sim.evidence.calibration.calibrating import EARLY, FULL, GENERAL, Calibration
from sim.evidence.calibration.cube import coordinates
from sim.evidence.calibration.fits import Fit

NARROW = "record_weight"
"""The only parameter that the made-up fits identify."""


def fit_of(name: str, seed: int, draws: int = 400) -> Fit:
    """Return a fit whose draws are those of the prior, except for one parameter in the second tenth of its prior."""
    unit = np.random.default_rng(seed).random((draws, len(coordinates())))
    unit[:, coordinates().index(NARROW)] = 0.1 + 0.1 * unit[:, coordinates().index(NARROW)]
    notes = {"evaluations": 1000, "log_evidence": -10.0, "tail": -np.inf}
    return Fit(name, 0.4, unit, np.full(draws, 1.0 / draws), record=name != GENERAL, notes=notes)


def calibration() -> Calibration:
    """Return a calibration with the main fits, one without a member, and one of an explanation."""
    names = (GENERAL, EARLY, FULL, "without-ARM", "explanation-overstretched-2019")
    exponents = pd.DataFrame(
        {
            "factor": ["library", "record"],
            "forecast": ["clusters left out", "2015-2019"],
            "exponent": [0.4, 0.1],
            "score": [-5.25, -3.5],
            "tail": [0.3, np.nan],
            "without_armenia": [np.nan, -3.0],
        }
    )
    members = pd.DataFrame(
        {
            "member": ["ARM", "KGZ", "UZB"],
            "kind": ["courses", "calls", "observations"],
            "year": [2024, 2010, 1999],
            "log_likelihood": [-2.5, -0.5, -4.0],
        }
    )
    return Calibration({name: fit_of(name, seed) for seed, name in enumerate(names)}, exponents, members)


def patterns() -> pd.DataFrame:
    """Return a table of checks with one pattern of each tier."""
    return pd.DataFrame(
        {
            "pattern": ["honoured-strict", "armenia-freezes-2024"],
            "fact": ["A2", "A9"],
            "tier": ["world", "panel"],
            "member": ["", "ARM"],
            "until": ["", "2024-12-31"],
            "low": [0.0, 0.25],
            "high": [0.1, 1.0],
            "prior": [0.2, 0.5],
            "prior verdict": ["miss", "pass"],
            "null": [np.nan, 0.0],
            "null verdict": ["-", "miss"],
        }
    )
