import shutil
from pathlib import Path

import pytest

from sim.explorer.ensembles import Ensembles
from sim.explorer.library import Library
from sim.explorer.story import Story

ROOT = Path(__file__).parents[2]
FIRST_STEPS = ROOT / "scenarios" / "first-steps.toml"
KARABAKH = ROOT / "scenarios" / "karabakh-2023.toml"
SMALL = ROOT / "tests" / "experiments" / "small.toml"


@pytest.fixture(scope="session")
def story() -> Story:
    return Story(FIRST_STEPS)


@pytest.fixture(scope="session")
def karabakh() -> Story:
    return Story(KARABAKH)


@pytest.fixture
def ensembles(story: Story) -> Ensembles:
    return Ensembles(story, threads=2)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for path in (FIRST_STEPS, SMALL):
        shutil.copy(path, tmp_path)
    return Library.beside(tmp_path / FIRST_STEPS.name)
