from pathlib import Path

import pytest

from sim.experiments.ensemble import run
from sim.output.result import Result
from sim.scenario import Scenario, load

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load(SMALL)


@pytest.fixture(scope="session")
def result(scenario: Scenario) -> Result:
    return run(scenario, replicates=12, metrics=["BBB.trust[AAA]@2021-06"], workers=1, name="small")
