"""Files of the publishers, which are not shipped: tests that read them are skipped where they are not at hand."""

import os
from pathlib import Path

import pytest

FOLDER = "CSTO_SIM_OFFICIAL_FILES"
"""Environment variable that names the folder of the publishers' files."""


def official_file(name: str) -> Path:
    """Return the path of a publisher's file, or skip the test."""
    path = Path(os.environ.get(FOLDER, "")) / name
    if not path.is_file():
        pytest.skip(f"no {name} in the folder that {FOLDER} names")
    return path
