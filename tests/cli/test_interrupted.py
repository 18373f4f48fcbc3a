import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

import pytest

from sim.experiments.plan import CHUNK_RUNS
from tests.experiments.swept import tables

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")


PATIENCE = 300
"""Seconds within which a command is at work, however busy the machine is; what it does when stopped must be quick."""


def descendants(pid: int) -> set[int]:
    found = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            for child in map(int, path.read_text().split()):
                found |= {child, *descendants(child)}
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Started:
    """A csto-sim command that runs in the background, in a process group of its own."""

    def __init__(self, place: Path, *arguments: str) -> None:
        self.said = place / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sim.cli.main", *arguments],
                cwd=place, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=30)

    def until(self, ready: Callable[[], bool]) -> set[int]:
        """Wait until something holds of the running command and return the processes at work for it."""
        deadline = time.monotonic() + PATIENCE
        while not ready():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.02)
        return descendants(self.process.pid)

    def until_in_the_middle(self, workers: int) -> set[int]:
        """Wait until runs are done, by all workers if there are several."""
        started = workers + 2 if workers > 1 else 0  # the workers, their forkserver, its resource tracker

        def ready() -> bool:
            return " runs, " in self.said.read_text() and len(descendants(self.process.pid)) >= started

        self.until(ready)
        if workers > 1:
            time.sleep(0.5)  # one may have begun later than another
        return descendants(self.process.pid)

    def end(self) -> tuple[int, str]:
        return self.process.wait(timeout=30), self.said.read_text()


def gone(processes: set[int]) -> bool:
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def long_run(place: Path, workers: int, engine: str = "mesa") -> Started:
    options = ("--no-plot", "--workers", str(workers), "--engine", engine)
    return Started(place, "run", "small.toml", "--replicates", "1000000", *options)


@pytest.mark.parametrize(
    ("engine", "workers", "stop", "code"),
    [
        pytest.param("mesa", 1, signal.SIGINT, 130, marks=pytest.mark.slow),
        pytest.param("mesa", 2, signal.SIGTERM, 143, marks=pytest.mark.slow),
        ("compiled", 2, signal.SIGINT, 130),
        pytest.param("mesa", 1, signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param("mesa", 2, signal.SIGINT, 130, marks=pytest.mark.slow),
        pytest.param("compiled", 2, signal.SIGTERM, 143, marks=pytest.mark.slow),
    ],
)
def test_a_stopped_run_leaves_nothing_behind(place: Path, engine: str, workers: int, stop: signal.Signals, code: int):
    with long_run(place, workers, engine) as started:
        processes = started.until_in_the_middle(workers if engine == "mesa" else 1)
        if stop is signal.SIGINT:
            os.killpg(started.process.pid, stop)  # a terminal sends Ctrl-C to the whole group
        else:
            started.process.send_signal(stop)
        ended, said = started.end()
        assert ended == code
        assert "Traceback" not in said
        assert said.splitlines()[-1] == "csto-sim: interrupted; nothing was written"
        assert gone(processes)
    assert {path.name for path in place.iterdir()} == {"small.toml", "said"}


@pytest.mark.slow
def test_ctrl_c_while_workers_start_is_clean(place: Path):
    with long_run(place, 2) as started:
        processes = started.until(lambda: bool(descendants(started.process.pid)))
        os.killpg(started.process.pid, signal.SIGINT)
        code, said = started.end()
        assert (code, "Traceback" in said) == (130, False)
        assert gone(processes)


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_parent(place: Path):
    with long_run(place, 2) as started:
        processes = started.until_in_the_middle(2)
        started.process.kill()
        assert started.end()[0] == -signal.SIGKILL
        assert gone(processes)


def test_a_killed_worker_is_a_failure_with_a_message(place: Path):
    with long_run(place, 2) as started:
        processes = started.until_in_the_middle(2)
        os.kill(max(processes), signal.SIGKILL)
        code, said = started.end()
        assert code == 1
        assert "a worker process died" in said
        assert "Traceback" not in said
    assert {path.name for path in place.iterdir()} == {"small.toml", "said"}


def long_sweep(place: Path, replicates: int, engine: str) -> Started:
    vary, metric = "events.raid.severity=0:1:11", "BBB.posture@end"
    options = ("--vary", vary, "--metric", metric, "--replicates", str(replicates), "--no-plot", "--workers", "2")
    options += ("--engine", engine)
    return Started(place, "sweep", "small.toml", *options, "--out", "mine")


@pytest.mark.parametrize(
    ("engine", "stop"),
    [
        pytest.param("mesa", signal.SIGINT, marks=pytest.mark.slow),
        ("compiled", signal.SIGTERM),
        pytest.param("mesa", signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param("compiled", signal.SIGINT, marks=pytest.mark.slow),
    ],
)
def test_a_stopped_sweep_leaves_what_it_goes_on_from(place: Path, stop: signal.Signals, engine: str):
    with long_sweep(place, 200000, engine) as started:
        processes = started.until_in_the_middle(2 if engine == "mesa" else 1)
        os.killpg(started.process.pid, stop)
        code, said = started.end()
        assert code == 128 + stop
        assert "Traceback" not in said
        assert gone(processes)
    kept = len(list((place / ".mine.parts").glob("*.parquet"))) * CHUNK_RUNS[engine]
    last = f"csto-sim: interrupted; {kept} of 2200000 runs are kept; the same command goes on from there"
    assert said.splitlines()[-1] == last
    assert kept
    assert {path.name for path in place.iterdir()} == {"small.toml", "said", ".mine.parts"}


def holds_more_than(parts: Path, count: int) -> bool:
    return len(list(parts.glob("*.parquet"))) > count


def sweep_killed_and_resumed(place: Path, replicates: int, kills: int, engine: str) -> None:
    """Hold the tables of a sweep killed several times to those of an undisturbed one."""
    with long_sweep(place, replicates, engine) as started:
        assert started.process.wait(timeout=600) == 0
    (place / "mine").rename(place / "whole")
    parts = place / ".mine.parts"
    chunks = 11 * replicates // CHUNK_RUNS[engine]
    for enough in (chunks * kill // (kills + 2) for kill in range(1, kills + 1)):
        with long_sweep(place, replicates, engine) as started:
            started.until(partial(holds_more_than, parts, enough))
            started.process.kill()
            assert started.end()[0] == -signal.SIGKILL
        assert not (place / "mine").exists()
    with long_sweep(place, replicates, engine) as started:
        assert started.process.wait(timeout=600) == 0
        assert "were done before" in started.said.read_text()
    assert tables(place / "mine") == tables(place / "whole")
    assert not parts.exists()


@pytest.mark.slow
def test_a_sweep_killed_twice_ends_with_the_same_bytes(place: Path):
    sweep_killed_and_resumed(place, 20, 2, "mesa")


@pytest.mark.slow
def test_a_large_sweep_killed_three_times_ends_with_the_same_bytes(place: Path):
    sweep_killed_and_resumed(place, 40_000, 3, "compiled")
