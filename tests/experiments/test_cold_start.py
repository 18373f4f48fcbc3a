"""While the kernel is compiled, runs go on in the Mesa engine; whichever is done first, the result is the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numba
import numpy as np
import pandas as pd
import pytest

from sim.cli.main import main
from sim.engine import compiler, ensemble, kernel_cache
from sim.engine.setup import prepare
from sim.experiments import executors
from sim.output.parts import parts_folder
from sim.output.result import ResultData
from sim.result import run
from sim.scenario import Scenario
from sim.scenario.expressions import Path as Variable
from tests.experiments.conftest import SMALL
from tests.experiments.swept import tables

REPLICATES = 20
RUNS = 3 * REPLICATES


@pytest.fixture(scope="module")
def warm(scenario: Scenario) -> ResultData:
    """Return what the compiled engine gives; its kernel stays in this process, whatever lies in the cache."""
    return run(scenario, replicates=REPLICATES, engine="compiled", keep=[1])


@pytest.fixture
def cold(warm: ResultData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the file that tells that the kernel is there; it is not, and the compiler only sleeps."""
    del warm
    ready = tmp_path / "ready"
    monkeypatch.setattr(kernel_cache, "ready_file", lambda: ready)
    monkeypatch.setattr(compiler, "kernel_folder", lambda: tmp_path)
    monkeypatch.setattr(compiler, "_process", None)
    monkeypatch.setattr(compiler, "COMMAND", "import time; time.sleep(600)")
    kernel_cache.announce.cache_clear()
    compiler._warn.cache_clear()
    yield ready
    compiler.stop()


def run_cold(scenario: Scenario, first: Callable[[], object] = lambda: None, **options: object) -> ResultData:
    """Run with a progress that never falls and ends with all runs; ``first`` is called when the first run is done."""
    told: list[int] = []

    def tell(done: int, total: int) -> None:
        assert total == RUNS
        told.append(done)
        if len(told) == 1:
            first()

    found = run(scenario, replicates=REPLICATES, keep=[1], progress=tell, **options)
    assert told == sorted(set(told))
    assert told[-1] == RUNS
    return found


def assert_equal(one: ResultData, other: ResultData) -> None:
    assert one.data.identical(other.data)
    assert one.metrics.identical(other.metrics)
    pd.testing.assert_frame_equal(one.responses, other.responses, check_exact=True)
    pd.testing.assert_frame_equal(one.kept, other.kept, check_exact=True)


@pytest.mark.slow
def test_runs_that_are_done_first_do_not_wait_for_the_compiler(scenario, warm, cold, caplog):
    found = run_cold(scenario)
    assert found.engine == "mesa"
    assert_equal(found, warm)
    assert caplog.messages == [kernel_cache.COMPILING]
    assert not compiler.is_done()  # its kernel is for the next command


def test_the_compiled_engine_does_everything_once_its_kernel_is_there(scenario, warm, cold):
    found = run_cold(scenario, cold.touch)
    assert found.engine == "compiled"
    assert_equal(found, warm)


def test_other_processes_stop_too_when_the_kernel_is_there(scenario, warm, cold, monkeypatch):
    monkeypatch.setattr(executors, "START_UP", 0.0)
    seen, asked = executors.in_processes, []

    def in_processes(job, work, count):
        asked.append(count)
        cold.touch()  # in other processes the true kernel is there
        return seen(job, work, count)

    monkeypatch.setattr(executors, "in_processes", in_processes)
    found = run_cold(scenario, workers=3)
    assert asked == [2]  # one is left to the compiler
    assert found.engine == "compiled"
    assert_equal(found, warm)


def test_a_compiler_that_dies_is_told_of_and_replaced(scenario, warm, cold, monkeypatch, caplog):
    monkeypatch.setattr(compiler, "COMMAND", "import sys; sys.exit('no room')")

    def stopped() -> None:
        compiler._process.wait()

    found = run_cold(scenario, stopped)
    assert found.engine == "compiled"
    assert_equal(found, warm)
    compiler.wait()
    assert caplog.messages[0] == kernel_cache.COMPILING
    assert [text for text in caplog.messages if "the compiler stopped with 1" in text] == caplog.messages[1:]
    assert (cold.parent / compiler.LOG).read_text().strip() == "no room"


def test_a_compiler_that_cannot_be_started_is_told_of(scenario, warm, cold, monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", str(cold.parent / "nothing"))
    found = run_cold(scenario)
    assert found.engine == "compiled"
    assert_equal(found, warm)
    assert "no process could be started" in caplog.messages[-1]


def test_an_engine_that_was_asked_for_is_taken(scenario, warm, cold):
    for engine in ("mesa", "compiled"):
        found = run_cold(scenario, engine=engine)
        assert found.engine == engine
        assert_equal(found, warm)
    assert compiler._process is None


def test_an_interrupt_stops_the_compiler(scenario, cold):
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cold(scenario, interrupt)
    assert compiler._process.returncode == -signal.SIGKILL


def test_an_interrupt_of_the_compiler_is_one_of_the_run(cold):
    compiler.begin()
    compiler._process.send_signal(signal.SIGKILL)
    compiler.wait()
    compiler._process.returncode = -signal.SIGINT
    with pytest.raises(KeyboardInterrupt):
        compiler.wait()


SWEEP = ["sweep", str(SMALL), "--vary", "events.raid.severity=0.2,0.8", "--metric", "BBB.trust[AAA]@end", "--no-plot"]


def sweep_by_command(out: Path, *options: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*SWEEP, "--replicates", "3", "--out", str(out), *options])
    return ended.value.code or 0


def test_a_sweep_compiles_in_a_process_of_its_own(cold, tmp_path, monkeypatch):
    monkeypatch.setattr(compiler, "COMMAND", f"import pathlib; pathlib.Path({str(cold)!r}).touch()")
    assert sweep_by_command(tmp_path / "plain", "--engine", "mesa") == 0
    assert compiler._process is None
    assert sweep_by_command(tmp_path / "cold") == 0
    assert compiler._process.wait(timeout=60) == 0
    assert sweep_by_command(tmp_path / "warm") == 0
    assert tables(tmp_path / "cold") == tables(tmp_path / "warm")


def test_an_interrupt_while_a_sweep_waits_for_its_kernel_is_clean(cold, tmp_path, monkeypatch, capsys):
    interrupt = f"""
import os, pathlib, signal, time
while not pathlib.Path({str(parts_folder(tmp_path / "swept"))!r}).exists():
    time.sleep(0.02)
os.kill(os.getppid(), signal.SIGINT)
time.sleep(600)
"""
    monkeypatch.setattr(compiler, "COMMAND", interrupt)
    assert sweep_by_command(tmp_path / "swept") == 130
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "csto-sim: interrupted; 0 of 6 runs are kept; the same command goes on from there"
    assert compiler._process.returncode == -signal.SIGKILL


def test_one_process_at_a_time_compiles(tmp_path, monkeypatch):
    monkeypatch.setenv(kernel_cache.CACHE_VARIABLE, str(tmp_path))  # other commands may hold the user's own lock
    monkeypatch.setattr(kernel_cache, "kernel_folder", kernel_cache.kernel_folder.__wrapped__)
    code = "from sim.engine.kernel_cache import alone\nwith alone(): print('mine')"
    with kernel_cache.alone():
        other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=3)
    assert other.communicate()[0] == "mine\n"


def test_the_kernel_is_the_same_for_every_scenario(scenario, monkeypatch):
    seen = []
    monkeypatch.setattr(
        ensemble, "run_compiled", lambda *given: seen.append([numba.typeof(each) for each in given]) or 1
    )
    programs = ensemble.smallest_program(), ensemble.Program(prepare(scenario), [Variable("AAA", "trust", "BBB")])
    for program in programs:
        program.run(0, np.zeros(1, dtype=np.int64))
    assert seen[0] == seen[1]


@pytest.mark.slow
def test_a_command_from_cold_compiles_beside_its_runs_for_itself_and_the_next(tmp_path):
    environment = {**os.environ, kernel_cache.CACHE_VARIABLE: str(tmp_path / "cache")}

    def command(name: str) -> tuple[str, str]:
        words = ["run", str(SMALL), "--replicates", "20", "--no-plot", "--out", str(tmp_path / name)]
        done = subprocess.run(
            [sys.executable, "-m", "sim.cli.main", *words], env=environment, capture_output=True, text=True, check=True
        )
        return json.loads((tmp_path / name / "manifest.json").read_text())["engine"], done.stderr

    _, said = command("cold")
    assert said.startswith(kernel_cache.COMPILING)
    assert "the compiler stopped" not in said
    (folder,) = (tmp_path / "cache").iterdir()
    ends = time.monotonic() + 600
    while not list(folder.glob("ready-*")):
        assert time.monotonic() < ends
        time.sleep(0.2)
    kernels = sorted(folder.rglob("*.nbc"))
    engine, said = command("warm")
    assert (engine, kernel_cache.COMPILING in said) == ("compiled", False)
    assert sorted(folder.rglob("*.nbc")) == kernels
    for table in ("metrics.parquet", "responses.parquet", "trajectories.parquet"):
        assert (tmp_path / "cold" / table).read_bytes() == (tmp_path / "warm" / table).read_bytes()
