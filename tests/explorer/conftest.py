import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from sim.explorer.ensembles import Ensembles
from sim.explorer.library import Library
from sim.explorer.story import Story

ROOT = Path(__file__).parents[2]
FIRST_STEPS = ROOT / "scenarios" / "first-steps.toml"
KARABAKH = ROOT / "scenarios" / "karabakh-2023.toml"
SMALL = ROOT / "tests" / "experiments" / "small.toml"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from tests.explorer.serving import CHROMIUM, FLAGS  # which needs the paths above

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


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
