"""Sweeps on a real Dask cluster: several worker processes, one of which is killed on the way."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest

from sim.errors import CstoSimError, InputError
from sim.experiments import executors
from sim.experiments import plan as plan_module
from sim.output.sweeps import code_digest
from sim.result import sweep
from sim.scenario import Scenario
from tests.experiments.swept import plan, tables

distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra 'cluster')")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Let chunks have four runs."""
    monkeypatch.setitem(plan_module.CHUNK_RUNS, "compiled", 4)


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(scenario: Scenario, tmp_path: Path):
    made = plan(scenario, "events.raid.severity=0.2:0.8:4", replicates=12)
    alone = tables(sweep(made, out=tmp_path / "alone", workers=1).folder)
    settings = {"n_workers": 3, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**settings) as cluster, distributed.Client(cluster, set_as_default=False) as client:
        before = client.run(os.getpid)
        killed: list[int] = []

        def kill_one(done: int, total: int) -> None:
            if not killed and done >= total / 4:
                killed.append(next(iter(before.values())))
                os.kill(killed[0], signal.SIGKILL)

        found = sweep(made, out=tmp_path / "cluster", scheduler=cluster.scheduler_address, progress=kill_one)
        assert killed
        assert killed[0] not in client.run(os.getpid).values()
        with pytest.raises(InputError, match="workers of its own"):
            sweep(made, out=tmp_path / "other", scheduler=cluster.scheduler_address, workers=2)
    assert tables(found.folder) == alone


@pytest.mark.slow
def test_a_local_cluster_is_started_and_stopped(scenario: Scenario, tmp_path: Path):
    made = plan(scenario, "events.raid.severity=0.2,0.8", replicates=6)
    alone = tables(sweep(made, out=tmp_path / "alone", workers=1).folder)
    found = sweep(made, out=tmp_path / "local", scheduler="local", workers=2)
    assert tables(found.folder) == alone


def test_an_address_without_a_scheduler_is_refused(scenario: Scenario, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(executors, "CLUSTER_PATIENCE", 0.5)
    made = plan(scenario, "events.raid.severity=0.2,0.8", replicates=2)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(InputError, match=f"--scheduler {address}: no Dask scheduler answers there"):
            sweep(made, out=tmp_path / "swept", scheduler=address)


def test_workers_with_other_code_are_refused(scenario: Scenario, tmp_path: Path, monkeypatch):
    theirs = code_digest()
    monkeypatch.setattr(executors, "code_digest", lambda: "another" if multiprocessing.parent_process() else theirs)
    made = plan(scenario, "events.raid.severity=0.2,0.8", replicates=2)
    with pytest.raises(CstoSimError, match="another version of csto-sim: tcp"):
        sweep(made, out=tmp_path / "swept", scheduler="local", workers=1)


def test_without_dask_the_extra_is_named(scenario: Scenario, tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    made = plan(scenario, "events.raid.severity=0.2,0.8", replicates=2)
    with pytest.raises(InputError, match=r"pip install 'csto-sim\[cluster\]'"):
        sweep(made, out=tmp_path / "swept", scheduler="local")
