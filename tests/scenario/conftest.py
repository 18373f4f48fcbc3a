"""Files that tests of scenarios start from."""

from pathlib import Path

import pytest

from tests.scenario.small_scenario import SMALL, Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a text as a scenario file."""

    def write_file(text: str, name: str = "scenario.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write_file


@pytest.fixture
def small(write: Write) -> Path:
    """Return the path of the small scenario."""
    return write(SMALL, "small.toml")
