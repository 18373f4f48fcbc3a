from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
from sim.engine.setup import prepare
from sim.errors import CstoSimError, InputError
from sim.experiments import chunks as chunks_module
from sim.experiments import executors
from sim.experiments import plan as plan_module
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.chunks import MesaRunner, RunBatch
from sim.experiments.metrics import evaluate
from sim.experiments.plan import Plan
from sim.experiments.sweep import Shard, begin, chunks_left, kept_runs, run_left
from sim.output.parts import parts_folder
from sim.output.sweeps import column
from sim.result import Sweep, run, sweep
from sim.scenario import Scenario, load, with_overrides
from sim.scenario.expressions import parse_metric
from tests.experiments.conftest import SMALL
from tests.experiments.swept import FREEZES, TRUSTS, plan, sweep_file, tables

SEVERITY = "events.raid.severity=0.2:0.8:2"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Let chunks have four runs."""
    for engine in plan_module.CHUNK_RUNS:
        monkeypatch.setitem(plan_module.CHUNK_RUNS, engine, 4)


def swept(plan: Plan, folder: Path, **options) -> Sweep:
    return sweep(plan, out=folder, **{"workers": 1, **options})


def test_each_point_is_the_ensemble_of_that_scenario(scenario: Scenario, tmp_path: Path):
    keys = ("events.raid.severity", "parameters.memory_half_life")
    made = plan(
        scenario, SEVERITY, f"{keys[1]}=24,60", branches=["as-it-was", "they-decide"], replicates=3, seed=5,
        common_draws=True,
    )  # fmt: skip
    found = swept(made, tmp_path / "swept")
    assert len(found.table) == 2 * 2 * 2
    runs = found.runs()
    for number, row in enumerate(found.table.to_dict("records")):
        changed = with_overrides(scenario, {key: row[key] for key in keys})
        alone = run(changed, branches=[row["branch"]], replicates=3, seed=5, metrics=[TRUSTS], workers=1)
        trusts, freezes = (alone.values(row["branch"], text) for text in (TRUSTS, FREEZES))
        assert row[column(TRUSTS, "median")] == pytest.approx(np.median(trusts), abs=1e-9)
        assert row[column(FREEZES, "mean")] == pytest.approx(freezes.mean())
        assert row[column(FREEZES, "low")] <= freezes.mean() <= row[column(FREEZES, "high")]
        assert np.isnan(row[column(TRUSTS, "low")])
        assert row[column(TRUSTS, "n")] == 3
        own = runs[(runs["point"] == number // 2) & (runs["branch"] == row["branch"])]
        assert list(own["replicate"]) == list(range(3))
        np.testing.assert_array_equal(own[TRUSTS], trusts)
        np.testing.assert_array_equal(own[FREEZES], freezes)


def test_points_of_a_grid_share_their_draws_unless_they_are_to_have_their_own(scenario: Scenario, tmp_path: Path):
    options = {"replicates": 5, "metrics": [TRUSTS], "branches": ["they-decide"]}
    vary = "parameters.emulation_months=24,24.000000001"  # points that differ by chance alone
    common = swept(plan(scenario, vary, **options), tmp_path / "common").runs()
    own = swept(plan(scenario, vary, common_draws=False, **options), tmp_path / "own").runs()
    wide = {name: frame.pivot_table(index="replicate", columns="point", values=TRUSTS)
            for name, frame in (("common", common), ("own", own))}  # fmt: skip
    np.testing.assert_allclose(wide["common"][0], wide["common"][1], atol=1e-6)
    np.testing.assert_array_equal(wide["own"][0], wide["common"][0])
    assert not np.allclose(wide["own"][0], wide["own"][1], atol=1e-6)
    many = run(scenario, branches=["they-decide"], replicates=10, metrics=[TRUSTS], workers=1).values(
        "they-decide", TRUSTS
    )
    np.testing.assert_allclose(wide["own"][1], many[5:], atol=1e-6)


def test_points_that_differ_in_parameters_prepare_the_scenario_once(scenario: Scenario, monkeypatch):
    prepared = []
    monkeypatch.setattr(chunks_module, "prepare", lambda *given: prepared.append(given[1]) or prepare(*given))
    made = plan(scenario, "parameters.memory_half_life=24,60,90", "events.raid.severity=0.2,0.8", metrics=[TRUSTS])
    runner = MesaRunner(made.job())
    for chunk in range(made.chunks):
        runner.run(made.pieces(chunk))
    assert prepared == ["as-it-was"] * 2


def test_a_branch_keeps_the_parameters_that_it_sets(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_text(SMALL.read_text("utf-8") + "\n[branches.own]\nparameters.memory_half_life = 12\n", "utf-8")
    own = load(path)
    made = plan(own, "parameters.memory_half_life=24,60", branches=["as-it-was"], metrics=[TRUSTS])
    runner = MesaRunner(made.job())
    changes = (("parameters.memory_half_life", 60),)
    metric = parse_metric(TRUSTS)
    (value,) = runner.run([RunBatch("own", 0, 1, changes)]).metrics[:, 0]
    assert value == evaluate(metric, AllianceModel(own, "own", rng=3).run())
    (value,) = runner.run([RunBatch("as-it-was", 0, 1, changes)]).metrics[:, 0]
    assert value == evaluate(metric, AllianceModel(own, "as-it-was", rng=3, parameters={"memory_half_life": 60}).run())
    over = (("branches.own.parameters.memory_half_life", 120), *changes)
    (value,) = runner.run([RunBatch("own", 0, 1, over)]).metrics[:, 0]
    changed = with_overrides(own, dict(over))
    assert value == evaluate(metric, AllianceModel(changed, "own", rng=3).run())


def test_what_is_read_is_what_was_found(scenario: Scenario, tmp_path: Path):
    vary = ("events.answer.response=none,forces", "parameters.memory_half_life=24,60")
    metrics = [FREEZES, "first(BBB.posture >= voice)"]
    made = plan(scenario, *vary, metrics=metrics, replicates=5)
    found = swept(made, tmp_path / "swept")
    again = swept(made, tmp_path / "swept")
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.points, found.points)
    assert again.kinds == {metrics[0]: "chance", metrics[1]: "date"}
    assert (again.scenario, again.factors, again.design) == (found.scenario, found.factors, {"kind": "grid"})
    assert list(again.points.columns) == ["point", "events.answer.response", "parameters.memory_half_life"]
    assert list(again.points["events.answer.response"]) == ["none", "none", "forces", "forces"]
    assert again.folder == tmp_path / "swept"
    assert not parts_folder(tmp_path / "swept").exists()


def test_the_table_of_runs(scenario: Scenario, tmp_path: Path):
    metric = "first(BBB.posture >= voice)"
    found = swept(plan(scenario, SEVERITY, metrics=[FREEZES, metric], replicates=5), tmp_path / "swept")
    schema = pq.read_schema(tmp_path / "swept" / "runs.parquet")
    kinds = ["int32", "dictionary<values=string, indices=int32, ordered=0>", "int32", "double", "double"]
    assert [str(field.type) for field in schema] == kinds
    assert schema.names == ["point", "branch", "replicate", FREEZES, metric]
    runs = found.runs()
    assert list(runs["point"]) == [0] * 5 + [1] * 5
    assert set(runs[FREEZES]) <= {0.0, 1.0}
    assert list(runs[metric].isna()) == list(runs[FREEZES] == 0)
    assert list(found.runs(["point", metric]).columns) == ["point", metric]
    with pytest.raises(InputError, match="'nothing' is not in this sweep; allowed: point, branch, replicate"):
        found.runs(["nothing"])


def test_dates_never_reached_leave_cells_empty(scenario: Scenario, tmp_path: Path):
    metric = "first(CCC.posture >= notify)"
    vary = "events.raid.severity=0.1,0.2"
    found = swept(plan(scenario, vary, metrics=[metric], replicates=2), tmp_path / "swept")
    assert found.kinds == {metric: "date"}
    assert list(found.table[column(metric, "n")]) == [0, 0]
    assert found.rows()[0]["metrics"][metric]["median"] is None


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_processes_and_threads_give_the_same_bytes(scenario: Scenario, tmp_path: Path, monkeypatch, workers):
    mesa = plan(scenario, SEVERITY, replicates=9, engine="mesa")
    alone = tables(swept(mesa, tmp_path / "alone").folder)
    monkeypatch.setattr(executors, "START_UP", 0.0)
    assert tables(swept(mesa, tmp_path / "processes", workers=workers).folder) == alone
    compiled = plan(scenario, SEVERITY, replicates=9)
    assert tables(swept(compiled, tmp_path / "threads", workers=workers).folder) == alone


def test_the_size_of_chunks_changes_no_table(scenario: Scenario, tmp_path: Path, monkeypatch):
    found = []
    for size in (1, 4, 1000):
        monkeypatch.setitem(plan_module.CHUNK_RUNS, "compiled", size)
        found.append(tables(swept(plan(scenario, SEVERITY, replicates=5), tmp_path / str(size)).folder))
    assert found[0] == found[1] == found[2]


class StopError(Exception):
    """What stops a sweep in a test."""


def stopped_after(runs: int):
    def tell(done: int, _total: int) -> None:
        if done >= runs:
            raise StopError

    return tell


def test_a_stopped_sweep_goes_on_and_ends_with_the_same_bytes(scenario: Scenario, tmp_path: Path):
    made = plan(scenario, SEVERITY, replicates=9)
    whole = tables(swept(made, tmp_path / "whole").folder)
    folder = tmp_path / "stopped"
    with pytest.raises(StopError) as stop:
        swept(made, folder, progress=stopped_after(8))
    assert stop.value.__notes__ == ["8 of 18 runs are kept; the same command goes on from there"]
    assert not folder.exists()
    assert kept_runs(made, folder) == 8
    told = []
    swept(made, folder, progress=lambda done, total: told.append((done, total)))
    assert told == [(4, 10), (8, 10), (10, 10)]
    assert tables(folder) == whole


def test_damaged_chunks_are_run_again(scenario: Scenario, tmp_path: Path):
    made = plan(scenario, SEVERITY, replicates=9)
    whole = tables(swept(made, tmp_path / "whole").folder)
    folder = tmp_path / "damaged"
    parts = begin(made, folder)
    run_left(made, parts, workers=1)
    assert chunks_left(made, parts) == []
    files = [parts.folder / f"{chunk}.parquet" for chunk in range(made.chunks)]
    files[0].write_bytes(files[0].read_bytes()[:-20])
    content = bytearray(files[1].read_bytes())
    content[60] ^= 1
    files[1].write_bytes(content)
    files[2].unlink()
    files[3].write_bytes(files[4].read_bytes())
    assert chunks_left(made, parts) == [0, 1, 2, 3]
    assert tables(swept(made, folder).folder) == whole


def test_shards_cover_every_chunk_once_and_the_last_call_puts_them_together(scenario: Scenario, tmp_path: Path):
    made = plan(scenario, SEVERITY, replicates=9)
    whole = tables(swept(made, tmp_path / "whole").folder)
    folder = tmp_path / "sharded"
    for number in (2, 1):
        run_left(made, begin(made, folder), shard=Shard(number, 3), workers=1)
    parts = begin(made, folder)
    assert chunks_left(made, parts) == [2]
    assert not folder.exists()
    assert tables(swept(made, folder).folder) == whole


def test_chunks_and_results_of_another_design_are_refused(scenario: Scenario, tmp_path: Path):
    folder = tmp_path / "mine"
    with pytest.raises(StopError):
        swept(plan(scenario, SEVERITY, replicates=9), folder, progress=stopped_after(4))
    other = plan(scenario, SEVERITY, replicates=9, seed=8)
    with pytest.raises(InputError, match="holds chunks of another design"):
        swept(other, folder)
    swept(plan(scenario, SEVERITY, replicates=9), folder)
    with pytest.raises(InputError, match="holds the sweep of another design"):
        swept(other, folder)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="delete it and run again"):
        swept(other, folder)


def test_a_chunk_that_vanishes_while_tables_are_put_together_is_a_failure(scenario: Scenario, tmp_path: Path):
    made = plan(scenario, SEVERITY, replicates=9)

    def lose(done: int, total: int) -> None:
        if done == total:
            (parts_folder(tmp_path / "lost") / "0.parquet").unlink()

    with pytest.raises(CstoSimError, match="chunk 0 is gone or damaged; run the same command again"):
        swept(made, tmp_path / "lost", progress=lose)
    assert swept(made, tmp_path / "lost").folder == tmp_path / "lost"


def test_nothing_is_left_when_drawing_stops_but_the_chunks(scenario: Scenario, tmp_path: Path):
    def draw(_sweep: Sweep, folder: Path) -> None:
        (folder / "half.png").write_bytes(b"half")
        raise StopError

    with pytest.raises(StopError):
        swept(plan(scenario, SEVERITY, replicates=2), tmp_path / "swept", draw=draw)
    assert [path.name for path in tmp_path.iterdir()] == [".swept.parts"]


def test_a_file_is_a_sweep_in_one_line(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    factors = '"parameters.reach" = { prior = true }\n"events.raid.severity" = { from = 0.2, to = 0.8 }'
    path = sweep_file(tmp_path, 'kind = "morris"\nsamples = 2', factors)
    found = sim.sweep(path, workers=1, replicates=2, metrics=[TRUSTS])
    assert found.folder == Path("results/sweeps/sweep") / found.folder.name
    assert len(found.table) == 2 * 3
    assert found.design == {"kind": "morris", "samples": 2, "seed": 4, "levels": 4}
    assert found.factors["parameters.reach"] == {"prior": "LN(2, 0.5)", "low": 0.5, "high": 5.0}
    assert list(found.points.columns[-2:]) == ["unit:parameters.reach", "unit:events.raid.severity"]
    assert len(found.runs()) == 12
    with pytest.raises(InputError, match="a plan is settled; give replicates"):
        sim.sweep(plan(load(SMALL), SEVERITY), replicates=3)
