"""Floors of the compiled engine and its surroundings, in processor time, and the generated worlds of any size."""

import statistics
import time
from functools import partial

import numpy as np
import pytest

from sim.engine import kernel_cache
from sim.engine.ensemble import Program
from sim.engine.setup import prepare
from sim.experiments.plan import CHUNK_RUNS
from sim.output.quantiles import QUANTILES
from sim.scenario.expressions import Path
from tests.benchmarks import cases
from tests.benchmarks.generated import generated
from tests.benchmarks.measure import SIZES, _goal, growth, watching
from tests.benchmarks.stages import PARTS, shares
from tests.benchmarks.test_engine_speed import least_processor_time
from tests.benchmarks.timing import DRAWS, REFERENCE, Timed, calibrate, timed

RUN_DRAWS = 130_000
"""Draws in the time of which one compiled replicate of the shipped scenario is done: twice what it took."""

STEEPEST = 2.2
"""Power of the number of states with which time may grow: two, and a tenth for the noise of short runs."""


@pytest.fixture(scope="module")
def draw():
    """Seconds of processor time that a draw takes."""
    return least_processor_time(calibrate) / DRAWS


def test_an_ensemble(benchmark, draw):
    cases.ensemble(2, 1)
    values = benchmark.pedantic(partial(cases.ensemble, 128, 1), rounds=3)
    assert values.shape[:2] == (128, 85)
    took = least_processor_time(partial(cases.ensemble, 128, 1)) / 128
    assert took < RUN_DRAWS * draw


def test_quantiles_of_an_ensemble(benchmark):
    values = cases.ensemble(1000, 1)
    found = benchmark.pedantic(partial(cases.fan, values), rounds=3)
    assert found.shape == (5, *values.shape[1:])
    theirs = least_processor_time(partial(np.quantile, values, list(QUANTILES.values()), axis=0))
    assert least_processor_time(partial(cases.fan, values)) < theirs  # under half of it


def test_a_chunk_of_a_sweep(benchmark, draw):
    metrics = benchmark.pedantic(partial(cases.sweep_chunk, 4, 32, 1), rounds=3)
    assert metrics.shape == (128, len(cases.job(series=False).metrics))
    assert not (metrics[:32] == metrics[-32:]).all()
    took = least_processor_time(partial(cases.sweep_chunk, 4, 32, 1)) / 128
    assert took < 1.2 * RUN_DRAWS * draw


def test_the_best_round_is_kept_with_its_calibration():
    found = timed(lambda: sum(range(1000)), rounds=2)
    assert 0.0 < found.seconds < 0.1
    assert found.draw > 0.0
    assert Timed(2.0, 2 * REFERENCE).scaled == pytest.approx(1.0)


def test_a_goal_is_held_against_the_clock_unless_the_machine_is_slower():
    quick, slow = Timed(2.0, 0.5 * REFERENCE), Timed(2.0, 2 * REFERENCE)
    assert (quick.slow, quick.decisive) == (False, 2.0)
    assert (slow.slow, slow.decisive) == (True, pytest.approx(1.0))
    assert _goal("work", quick, "under 1.5 s", 1.5)[-1] == "**missed** by the clock"
    assert _goal("work", slow, "under 1.5 s", 1.5) == (
        "work", "2.000 s", "13.0", "1.000 s", "under 1.5 s", "met at 6.5 ns a draw",
    )  # fmt: skip


def test_growth_is_the_slope_over_logarithms():
    assert growth((1, 2, 8), (3.0, 12.0, 192.0)) == pytest.approx(2.0)


@pytest.mark.parametrize("states", [6, 17, 60])
def test_a_generated_world_runs_alike_in_both_engines(states):
    assert_alike(states, ticks=6)


@pytest.mark.slow
def test_195_states_and_100_treaties_run_alike_in_both_engines():
    built = assert_alike(195, ticks=3)
    assert len(built.treaties) == 100
    assert len({len(treaty.members) for treaty in built.scenario.treaties.values()}) > 5


def assert_alike(states, ticks):
    """Run the first ticks of a world in both engines and compare trust, postures and approval."""
    built = prepare(generated(states))
    assert len(built.codes) == states
    model = cases.mesa_run(built, ticks)
    treaty = built.treaties.index(built.focus)
    guarantor = built.codes[model.world.guarantor[treaty]]
    probes = [Path(code, "trust", guarantor) for code in built.codes]
    probes += [Path(code, name, built.focus) for name in ("posture", "approval", "pressure") for code in built.codes]
    found = Program(built, probes).run(1, np.arange(1)).values[0, ticks]
    world = model.world
    member = [getattr(world, name)[:, treaty] for name in ("posture", "approval", "pressure")]
    expected = np.concatenate([world.trust[:, world.guarantor[treaty]], *member])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert np.ptp(found[:states]) > 0.0
    return built


def test_worlds_are_equal_by_seed():
    assert generated(17, seed=3) == generated(17, seed=3)
    assert generated(17, seed=3) != generated(17, seed=4)


@pytest.mark.parametrize("sizes", [SIZES[:3], pytest.param(SIZES, marks=pytest.mark.slow)])
def test_cost_grows_no_faster_than_states_squared(sizes):
    seconds = []
    for states in sizes:
        program, count = watching(prepare(generated(states))), max(2, 120 // states)
        seconds.append(least_processor_time(partial(program.run, 1, np.arange(count))) / count)
    assert growth(sizes, seconds) < STEEPEST


@pytest.mark.slow
def test_memory_of_a_large_sweep_is_bounded_and_being_killed_changes_nothing(tmp_path):
    swept = cases.sweep_child(100_000, tmp_path / "whole")
    assert swept.memory < 600
    kept = cases.kill_sweep(100_000, tmp_path / "killed", 3)
    assert kept == sorted(set(kept))
    assert kept[0] > 0
    assert not (tmp_path / "killed").exists()
    again = cases.sweep_child(100_000, tmp_path / "killed")
    assert f"{kept[-1] * CHUNK_RUNS['compiled']} of 100000 runs were done before" in again.said
    assert (tmp_path / "killed" / "runs.parquet").is_file()
    assert cases.same_tables(tmp_path / "whole", tmp_path / "killed")


@pytest.mark.slow
def test_the_first_use_says_at_once_that_it_compiles(tmp_path):
    cold = cases.cold_child(tmp_path)
    assert kernel_cache.COMPILING in cold.said
    assert cold.first_word < cold.seconds / 3


@pytest.mark.slow
def test_the_compiled_engine_is_far_ahead_of_mesas_batch_runner():
    few, many = (timed(partial(cases.batch_run, count, 2), rounds=2, threads=2).seconds for count in (2, 22))
    cases.ensemble(2, 2)
    ours = timed(partial(cases.ensemble, 1000, 2), rounds=3, threads=2).seconds / 1000
    assert (many - few) / 20 / ours > 100


@pytest.mark.slow
@pytest.mark.parametrize("replicates", [1, 64, 65, 128, 700])
def test_two_threads_are_never_slower_than_one(replicates):
    cases.ensemble(2, 2)
    spent: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(7):
        for threads, seconds in spent.items():
            began = time.perf_counter()
            cases.ensemble(replicates, threads)
            seconds.append(time.perf_counter() - began)
    assert statistics.median(spent[2]) < 1.05 * statistics.median(spent[1])


@pytest.mark.slow
def test_stages_share_the_time_of_a_run():
    spent = shares(cases.program(), 50)
    assert tuple(spent) == PARTS
    assert sum(spent.values()) == pytest.approx(1.0)
    assert min(spent.values()) > 0.0
