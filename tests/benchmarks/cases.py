"""What the benchmarks run: the shipped scenario in both engines and in mesa.batch_run, sweeps, children."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import mesa
import numpy as np
import pandas as pd

import sim
from sim.engine import kernel_cache
from sim.engine.ensemble import Program
from sim.engine.setup import Setup, prepare
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.chunks import Job, RunBatch
from sim.experiments.compiled import CompiledRunner, Layout
from sim.experiments.metrics import default_metrics, read_metrics
from sim.experiments.parameters.posteriors import load_posterior
from sim.experiments.plan import CHUNK_RUNS
from sim.experiments.result_axes import ResultAxes
from sim.output import manifest, store
from sim.output.checksums import BlockDigest
from sim.output.parts import parts_folder
from sim.output.quantiles import QUANTILES, date_quantiles
from sim.scenario import Scenario, load
from sim.scenario.expressions import Path as Variable
from tests.benchmarks.generated import generated

SCENARIO = Path(__file__).parents[2] / "scenarios" / "karabakh-2023.toml"
BRANCH = "as-happened"
COMMAND = Path(sys.executable).with_name("csto-sim")
MIB = 2**20


@cache
def scenario() -> Scenario:
    """Return the shipped scenario."""
    return load(SCENARIO)


@cache
def setup() -> Setup:
    """Return the branch that is measured: 84 months, all states."""
    return prepare(scenario(), BRANCH)


@cache
def job(*, series: bool) -> Job:
    """Return what an ensemble (with trajectories) or a sweep (with metrics) of the branch asks for."""
    cast = ResultAxes.of(scenario(), [BRANCH])
    metrics = read_metrics(default_metrics(scenario(), cast), scenario(), [BRANCH])
    return Job(scenario(), cast, 1, metrics, series=series, engine="compiled")


@cache
def program() -> Program:
    """Return the branch, compiled, with every variable that a result records."""
    return Program(setup(), Layout.of(job(series=True)).probes)


def ensemble(replicates: int, threads: int) -> np.ndarray:
    """Run replicates of the branch; return the recorded variables."""
    return program().run(1, np.arange(replicates), threads=threads).values


def fan(values: np.ndarray) -> np.ndarray:
    """Return the quantiles that a figure of the ensemble shows, of all recorded variables."""
    return date_quantiles(values, list(QUANTILES.values()))


def sweep_chunk(points: int, replicates: int, threads: int) -> np.ndarray:
    """Run a chunk of a sweep over a parameter; return the metrics of each run."""
    values = np.linspace(24.0, 120.0, points)
    pieces = [RunBatch(BRANCH, 0, replicates, (("parameters.memory_half_life", value),)) for value in values]
    return _runner(threads).run(pieces).metrics


@cache
def _runner(threads: int) -> CompiledRunner:
    return CompiledRunner(job(series=False), threads)


def mesa_run(built: Setup, ticks: int | None = None) -> AllianceModel:
    """Run one replicate in the Mesa engine, as an ensemble does; ``ticks`` ends it sooner."""
    model = AllianceModel(built, rng=1, replicate=0, collect=False, decisions=False)
    if ticks is None:
        model.run()
    for _ in range(ticks or 0):
        model.step()
    return model


def user_run(replicates: int) -> pd.DataFrame:
    """Run replicates of the branch by `sim.run`, with trajectories and answers; return the quantiles by date."""
    result = sim.run(scenario(), branches=[BRANCH], replicates=replicates, seed=1)
    assert len(result.answers) > replicates
    return result.quantiles()


def large_world() -> np.ndarray:
    """Run 1,000 replicates of 195 states and 100 treaties over 84 months; return what is read out."""
    program = Program(prepare(generated(195, years=7)), [Variable("T000", "credibility")])
    return program.run(1, np.arange(1000), threads=2).values


def command_run(out: Path, *, figures: bool) -> "Child":
    """Run every branch of the shipped scenario by ``csto-sim run``, with or without figures."""
    return run_child(["run", str(SCENARIO), "--out", str(out), *([] if figures else ["--no-plot"])])


def batch_run(replicates: int, processes: int) -> list[dict[str, object]]:
    """Run replicates of the branch with Mesa's own batch runner, last rows only."""
    fixed = {"scenario": [setup()], "rng": 1, "decisions": False, "replicate": range(replicates)}
    # mesa 3.3 runs one tick more than it is told; the model ends by itself
    rows: list[dict[str, object]] = mesa.batch_run(
        AllianceModel, fixed, number_processes=processes, display_progress=False, max_steps=len(setup().calendar.starts)
    )
    return rows


@dataclass(frozen=True)
class Child:
    """A command that was run: seconds until its first message and in all, and its peak memory in MiB."""

    first_word: float
    seconds: float
    memory: float
    said: str


def run_child(arguments: Sequence[str], cache_folder: Path | None = None) -> Child:
    """Run csto-sim in a process of its own.

    Parameters
    ----------
    arguments : sequence of str
    cache_folder : Path, optional
        Where its compiled kernel is kept, if not where ours is.

    Raises
    ------
    AssertionError
        If it fails.
    """
    environment = dict(os.environ)
    if cache_folder is not None:
        environment[kernel_cache.CACHE_VARIABLE] = str(cache_folder)
    watch = "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
    watch += "print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(code)"
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", watch, str(COMMAND), *arguments],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        first = process.stderr.readline()
        first_word = time.perf_counter() - began
        said = first + process.stderr.read()
    seconds = time.perf_counter() - began
    assert process.returncode == 0, said
    peak = int(said.rstrip().splitlines()[-1].split()[1]) * (1 if sys.platform == "darwin" else 1024)
    return Child(first_word, seconds, peak / MIB, said)


def sweep_child(runs: int, out: Path) -> Child:
    """Run a sweep of so many runs, 1,000 a point, without figures; go on with one that was stopped."""
    return run_child(_sweep(runs, out))


def _sweep(runs: int, out: Path) -> list[str]:
    return [
        "sweep", str(SCENARIO), "--branch", BRANCH, "--vary", f"parameters.memory_half_life=24:120:{runs // 1000}",
        "--replicates", "1000", "--metric", "ARM.trust[RUS]@end", "--no-plot", "--out", str(out),
    ]  # fmt: skip


def kill_sweep(runs: int, out: Path, times: int) -> list[int]:
    """Begin a sweep and go on with it so many times, and kill it each time, a share of its way further on.

    Returns
    -------
    list of int
        Chunks that were there after each kill.

    Raises
    ------
    AssertionError
        If it is done before.
    """
    kept = []
    for turn in range(1, times + 1):
        wanted = turn * (runs // CHUNK_RUNS["compiled"]) // (times + 1)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen([str(COMMAND), *_sweep(runs, out)], **quiet) as process:  # type: ignore[call-overload]
            while len(list(parts_folder(out).glob("*.parquet"))) < wanted:
                assert process.poll() is None, "the sweep was done before it could be killed"
                time.sleep(0.01)
            process.kill()
        kept.append(len(list(parts_folder(out).glob("*.parquet"))))
    return kept


def stored(folder: Path) -> Path:
    """Store a result of all branches of the shipped scenario, of about 20 MB; return its folder."""
    return store.save(
        sim.run(scenario(), replicates=60, seed=1, parameters=load_posterior("posterior-full")), folder / "stored"
    )


def checking_share(folder: Path, rounds: int = 15) -> float:
    """Return the share of the processor time of reading a stored result that its digests take, in the median."""
    spent = 0.0

    class Timed(BlockDigest):
        def update(self, piece: bytes | memoryview) -> None:
            nonlocal spent
            began = time.thread_time()
            super().update(piece)
            spent += time.thread_time() - began

    shares = []
    with patch.object(manifest, "BlockDigest", Timed):
        for _ in range(rounds):
            began, spent = time.process_time(), 0.0
            store.read(folder)
            shares.append(spent / (time.process_time() - began))
    assert min(shares) > 0.0
    return float(np.median(shares))


def same_tables(one: Path, other: Path) -> bool:
    """Tell whether two stored sweeps hold the same bytes, save for the times in their manifests."""
    names, others = (
        sorted(path.name for path in folder.iterdir() if path.name not in (manifest.NAME, manifest.SEAL))
        for folder in (one, other)
    )
    return names == others and all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def cold_child(folder: Path) -> Child:
    """Run an ensemble with no kernel kept anywhere."""
    few = ["run", str(SCENARIO), "--branch", BRANCH, "--replicates", "100", "--no-plot"]
    return run_child([*few, "--out", str(folder / "out")], folder / "cache")
