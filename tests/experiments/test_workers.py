import multiprocessing
import os
import subprocess
import sys

import pytest

from sim.experiments import workers as workers_module
from sim.experiments.chunks import Job, RunBatch
from sim.experiments.metrics import read_metrics
from sim.experiments.result_axes import ResultAxes
from sim.experiments.workers import cut, execute, singles, without
from sim.machine import processors
from sim.scenario import Scenario
from tests.experiments.conftest import SMALL


def job(scenario: Scenario) -> Job:
    metrics = read_metrics(["BBB.trust[AAA]@end"], scenario, ["as-it-was"])
    return Job(scenario, ResultAxes.of(scenario, ["as-it-was"]), 3, metrics, series=False)


def test_cutting_covers_every_replicate_once():
    pieces = [RunBatch("a", 0, 7), RunBatch("b", 0, 3)]
    chunks = list(cut(pieces, 3))
    assert all(chunk.count <= 3 for chunk in chunks)
    runs = [(chunk.branch, chunk.first + i) for chunk in chunks for i in range(chunk.count)]
    assert runs == [("a", i) for i in range(7)] + [("b", i) for i in range(3)]


def test_a_chunk_is_cut_when_it_is_asked_for():
    chunks = cut([RunBatch("a", 0, 10**12)], 2)
    assert [next(chunks) for _ in range(2)] == [RunBatch("a", 0, 2), RunBatch("a", 2, 2)]


def test_a_trial_makes_no_chunk_that_it_does_not_run():
    ones = singles([RunBatch("a", 0, 1), RunBatch("b", 5, 10**12)])
    assert [next(ones) for _ in range(3)] == [RunBatch("a", 0, 1), RunBatch("b", 5, 1), RunBatch("b", 6, 1)]


def test_what_a_trial_did_is_left_out():
    pieces = [RunBatch("a", 0, 4), RunBatch("b", 0, 1), RunBatch("b", 0, 2, (("k", 1),))]
    assert without(pieces, [RunBatch("a", 0, 1), RunBatch("a", 1, 1)]) == [RunBatch("a", 2, 2), *pieces[1:]]
    assert without(pieces[1:], [RunBatch("b", 0, 1), RunBatch("b", 0, 1, (("k", 1),))]) == [
        RunBatch("b", 1, 1, (("k", 1),))
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_run_is_done_once(scenario: Scenario, monkeypatch, workers):
    monkeypatch.setattr(workers_module, "START_UP", 0.0)
    chunks = [chunk for chunk, _ in execute(job(scenario), [RunBatch("as-it-was", 0, 8)], workers)]
    assert sorted(chunk.first + i for chunk in chunks for i in range(chunk.count)) == list(range(8))


def test_workers_are_gone_when_the_caller_stops_early(scenario: Scenario, monkeypatch):
    monkeypatch.setattr(workers_module, "START_UP", 0.0)
    before = set(multiprocessing.active_children())
    outcomes = execute(job(scenario), [RunBatch("as-it-was", 0, 400)], 2)
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
        "import sim.experiments.workers as workers\n"
        "workers.START_UP = 0.0\n"
        f"result = sim.run({str(SMALL)!r}, replicates=12, workers=2, parameters='defaults')\n"
        "print(result.replicates, sys.modules['__main__'].__file__)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=600)
    assert done.stderr == ""
    assert done.stdout.split() == ["12", str(script)]
