from pathlib import Path

import pandas as pd
import pytest

from sim.evidence.hindcast.model_forecast import recorded
from sim.evidence.record import Record, load_record
from sim.scenario import Scenario, load

HISTORY = Path(__file__).parents[3] / "scenarios" / "csto-history.toml"


@pytest.fixture(scope="session")
def record() -> Record:
    return load_record()


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load(HISTORY)


@pytest.fixture(scope="session")
def history(scenario: Scenario) -> Scenario:
    return recorded(scenario)


@pytest.fixture(scope="session")
def panel(record: Record) -> pd.DataFrame:
    return record.panel().drop(columns="RUS")
