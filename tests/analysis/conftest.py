"""Sweeps of known functions, written once."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.analysis import open_sweep
from sim.analysis.stored import StoredSweep
from tests.analysis.making import (
    AWAY,
    BOX,
    FIRST,
    ISHIGAMI,
    MEMORY,
    SEVERITY,
    TRUST,
    VOICED,
    cube_design,
    grid_design,
    ishigami,
    planted,
    sobol_design,
    write_sweep,
)

JULY = float(date(2021, 7, 31).toordinal())


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for sweeps that several tests read."""
    return tmp_path_factory.mktemp("sweeps")


@pytest.fixture(scope="session")
def ishigamis(shelf: Path) -> StoredSweep:
    """Return Ishigami's function on a Saltelli sample."""
    return open_sweep(write_sweep(shelf / "ishigami", sobol_design(ISHIGAMI, 1024), {TRUST: ishigami}))


@pytest.fixture(scope="session")
def cube(shelf: Path) -> StoredSweep:
    """Return a Latin hypercube with a planted box, a number, and dates some of which never come."""
    metrics = {
        VOICED: planted(5),
        TRUST: lambda factors, _: factors[SEVERITY] - 0.25 * factors[AWAY],
        FIRST: lambda factors, _: np.where(factors[SEVERITY] > 0.5, JULY, np.nan),
    }
    design = cube_design(BOX, 400)
    return open_sweep(write_sweep(shelf / "cube", design, metrics, replicates=5, common_draws=False))


@pytest.fixture(scope="session")
def grid(shelf: Path) -> StoredSweep:
    """Return a grid over two numbers and words, whose metric is a sum and a draw that all points share."""
    design = grid_design({MEMORY: [24.0, 60.0, 120.0], "events.answer.response": ["none", "forces"], AWAY: [0.0, 0.5]})

    def total(factors, generator):
        words = np.where(factors["events.answer.response"] == "none", 0.0, 1.0)
        return factors[MEMORY] / 120 + words + generator.normal(0, 0.3, (1, 6))

    return open_sweep(write_sweep(shelf / "grid", design, {TRUST: total}, replicates=6))
