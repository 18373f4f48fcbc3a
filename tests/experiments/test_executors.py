import multiprocessing
import os
import subprocess
import sys

import pytest

from sim.experiments import executors
from sim.experiments.chunks import Job, RunBatch
from sim.experiments.executors import cut, run_branches
from sim.experiments.metrics import read_metrics
from sim.experiments.result_axes import ResultAxes
from sim.machine import processors
from sim.scenario import Scenario
from tests.experiments.conftest import SMALL


def job(scenario: Scenario) -> Job:
    metrics = read_metrics(["BBB.trust[AAA]@end"], scenario, ["as-it-was"])
    return Job(scenario, ResultAxes.of(scenario, ["as-it-was"]), 3, metrics, series=False)


def test_cutting_covers_every_replicate_once():
    pieces = [RunBatch("a", 0, 7), RunBatch("b", 4, 3, (("k", 1),))]
    assert list(cut(pieces, lambda: 3)) == [
        RunBatch("a", 0, 3), RunBatch("a", 3, 3), RunBatch("a", 6, 1), RunBatch("b", 4, 3, (("k", 1),)),
    ]  # fmt: skip


def test_a_chunk_is_cut_when_it_is_asked_for_to_the_size_of_that_moment():
    size = 1
    chunks = cut([RunBatch("a", 0, 1), RunBatch("b", 5, 10**12)], lambda: size)
    assert [next(chunks) for _ in range(2)] == [RunBatch("a", 0, 1), RunBatch("b", 5, 1)]
    size = 2
    assert [next(chunks) for _ in range(2)] == [RunBatch("b", 6, 2), RunBatch("b", 8, 2)]


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_every_run_is_done_once(scenario: Scenario, monkeypatch, workers):
    monkeypatch.setattr(executors, "START_UP", 0.0)
    told = []
    done = run_branches(job(scenario), ["as-it-was"], 8, 3, workers, lambda *counts: told.append(counts))
    chunks = [chunk for chunk, _ in done]
    assert sorted(chunk.first + i for chunk in chunks for i in range(chunk.count)) == list(range(8))
    assert told == sorted(told)
    assert told[-1] == (8, 8)


def test_workers_are_gone_when_the_caller_stops_early(scenario: Scenario, monkeypatch):
    monkeypatch.setattr(executors, "START_UP", 0.0)
    before = set(multiprocessing.active_children())
    outcomes = run_branches(job(scenario), ["as-it-was"], 400, 0, 2)
    for _ in range(3):
        next(outcomes)
    started = set(multiprocessing.active_children()) - before
    assert started
    outcomes.close()
    assert not any(child.is_alive() for child in started)


def test_processors_respect_affinity():
    assert processors() == len(os.sched_getaffinity(0))


def test_a_plain_script_needs_no_guard_for_its_main_module(tmp_path):
    script = tmp_path / "plain.py"
    script.write_text(
        "import sys\n"
        "import sim\n"
        "import sim.experiments.executors as executors\n"
        "executors.START_UP = 0.0\n"
        f"result = sim.run({str(SMALL)!r}, replicates=12, workers=2, parameters='defaults')\n"
        "print(result.replicates, sys.modules['__main__'].__file__)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=600)
    assert done.stderr == ""
    assert done.stdout.split() == ["12", str(script)]
