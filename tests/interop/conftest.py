from pathlib import Path

import pytest

from sim.result import Result, run
from sim.scenario import load

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"


@pytest.fixture(scope="session")
def result() -> Result:
    """Return a small result: four runs of three branches over a year of a made-up alliance."""
    return run(load(SMALL), engine="mesa")
