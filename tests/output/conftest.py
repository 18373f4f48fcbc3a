from pathlib import Path

import pytest

from sim.result import Result, run
from sim.scenario import Scenario, load

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load(SMALL)


@pytest.fixture(scope="session")
def result(scenario: Scenario) -> Result:
    return run(scenario, replicates=12, metrics=["BBB.trust[AAA]@2021-06"], workers=1, name="small")
