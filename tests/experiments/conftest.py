from pathlib import Path

import pytest

from sim.scenario import Scenario, load

SMALL = Path(__file__).with_name("small.toml")


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load(SMALL)
