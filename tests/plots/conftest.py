"""Made-up results and sweeps to draw with."""

import numpy as np
import pytest

from sim.result import Result, Sweep
from tests.plots.making import COVERAGE, OVERSTRETCH, result, sweep


@pytest.fixture(scope="session")
def made() -> Result:
    return result()


@pytest.fixture(scope="session")
def steep() -> Result:
    """A result in which trust falls far and members climb to the top of the ladder."""
    return result(drop=2.5)


@pytest.fixture(scope="session")
def plane() -> Sweep:
    """A sweep over overstretch and coverage."""
    values = {
        OVERSTRETCH: tuple(float(x) for x in np.linspace(0, 0.9, 10)),
        COVERAGE: tuple(float(y) for y in np.linspace(0, 1, 11)),
    }
    return sweep(values)


@pytest.fixture(scope="session")
def line() -> Sweep:
    """A sweep over overstretch in three branches."""
    values = {OVERSTRETCH: tuple(float(x) for x in np.linspace(0, 0.9, 10))}
    return sweep(values, branches=("as-happened", "agents-decide", "russia-intervenes"))
