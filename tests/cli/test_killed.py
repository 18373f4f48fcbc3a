"""Commands that are killed or stopped at many moments, from a cold start on."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.output.store import read
from tests.cli.test_interrupted import alive, descendants, gone

ROOT = Path(__file__).parents[2]
RUN = ("run", "small.toml", "--replicates", "400", "--engine", "compiled", "--no-plot", "--out", "made")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc"),
]


@contextmanager
def started(
    place: Path, *arguments: str, module: str = "sim.cli.main", **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=60)


def done(place: Path, *arguments: str, **how: str) -> float:
    began = time.monotonic()
    with started(place, *arguments, **how) as process:
        assert process.wait(timeout=600) == 0
    return time.monotonic() - began


def hidden(place: Path) -> list[str]:
    return [path.name for path in place.rglob(".csto-sim-*")]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder; a manifest tells how long the work took, and its digest changes with it."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.stem != "manifest"}


@pytest.mark.parametrize("moment", [0.7 + 1.5 * step for step in range(20)])
def test_a_cold_start_stops_at_any_moment(place: Path, tmp_path_factory: pytest.TempPathFactory, moment: float):
    cache = tmp_path_factory.mktemp("cold")
    with started(place, *RUN, CSTO_SIM_CACHE=str(cache)) as process:
        time.sleep(moment)
        if process.poll() is not None:
            pytest.skip("the command was quicker")
        processes = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 143
        assert gone({pid for pid in processes if alive(pid)})
    assert not (place / "made").exists()
    assert hidden(place) == []


def test_two_cold_starts_at_once_both_finish(place: Path, tmp_path_factory: pytest.TempPathFactory):
    cache = str(tmp_path_factory.mktemp("cold"))
    with (
        started(place, *RUN[:-1], "one", CSTO_SIM_CACHE=cache) as one,
        started(place, *RUN[:-1], "other", CSTO_SIM_CACHE=cache) as other,
    ):
        assert (one.wait(timeout=900), other.wait(timeout=900)) == (0, 0)
    done(place, *RUN[:-1], "warm")
    for name in ("one", "other"):
        assert contents(place / name) == contents(place / "warm")


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "result", "--table", "dyad-month", "--out", "made.csv"),
        ("export", "result", "--table", "dyad-month", "--out", "made.parquet"),
        ("report", "result", "--out", "made.html"),
    ],
)
def test_what_is_killed_twenty_times_is_whole_in_the_end(place: Path, arguments: tuple[str, ...]):
    target = place / arguments[-1]
    done(place, *RUN[:-1], "result")
    seconds = done(place, *arguments)
    whole = target.read_bytes()
    for kill in range(20):
        target.unlink(missing_ok=True)
        with started(place, *arguments) as process:
            time.sleep(seconds * (0.05 + 0.045 * kill))
            process.kill()
        assert not target.exists() or target.read_bytes() == whole
    target.unlink(missing_ok=True)
    done(place, *arguments)
    assert target.read_bytes() == whole
    assert hidden(place) == []


def test_a_run_is_killed_while_it_writes(place: Path):
    seconds = done(place, *RUN)
    shutil.rmtree(place / "made")
    for kill in range(20):
        with started(place, *RUN) as process:
            time.sleep(seconds * (0.5 + 0.025 * kill))
            process.kill()
        if (place / "made").exists():
            read(place / "made")
            shutil.rmtree(place / "made")
    done(place, *RUN)
    assert hidden(place) == []
    assert {path.name for path in place.iterdir()} == {"small.toml", "made"}


def test_a_calibration_killed_twenty_times_ends_with_the_same_bytes(place: Path):
    """Thirteen kills fall on its steps, and seven on the folder that it fills."""
    words, module = ("--particles", "89", "--out"), "tests.cli.small_calibration"
    done(place, *words, "whole", "--steps", "steps", module=module)
    steps, files = len(list(place.glob("steps/*/*.npz"))), len(list((place / "whole").iterdir()))
    moments = [("kept/*/*.npz", 1 + kill * (steps - 1) // 12) for kill in range(13)]
    moments += [(".csto-sim-*/*", 1 + kill * (files - 3) // 6) for kill in range(7)]
    for pattern, count in moments:
        left = set(place.glob(".csto-sim-*"))  # by those that were killed before
        with started(place, *words, "made", "--steps", "kept", module=module) as process:
            while sum(path.parent not in left for path in place.glob(pattern)) < count:
                assert process.poll() is None
                time.sleep(0.001)
            process.kill()
        assert not (place / "made").exists()
    done(place, *words, "made", "--steps", "kept", module=module)
    assert contents(place / "made") == contents(place / "whole")
    assert hidden(place) == []
    assert {path.name for path in place.iterdir()} == {"small.toml", "steps", "kept", "whole", "made"}
