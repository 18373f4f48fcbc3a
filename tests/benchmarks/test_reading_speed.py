"""What it costs to check stored files while they are read."""

from pathlib import Path

import pytest

from tests.benchmarks import cases
from tests.benchmarks.measure import CHECKING_LIMIT


@pytest.mark.slow
def test_digests_take_a_small_part_of_reading(tmp_path: Path):
    """The share was 1.3 to 1.6 %, and depends little on the machine and its load; 3 % are allowed."""
    folder = cases.stored(tmp_path)
    assert sum(path.stat().st_size for path in folder.iterdir()) > 17e6
    assert cases.checking_share(folder) < CHECKING_LIMIT
