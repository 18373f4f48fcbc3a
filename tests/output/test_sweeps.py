from pathlib import Path

import pandas as pd
import pytest

from sim.errors import InputError
from sim.experiments import workers as workers_module
from sim.experiments.design import read_factors
from sim.experiments.sweep import Plan, run_sweep
from sim.output.result import Result
from sim.output.store import read, save
from sim.output.sweeps import Sweep, code_digest, column, read_sweep, save_sweep, stored_whole
from sim.scenario import Scenario

METRICS = ["BBB.posture@2021-12 >= voice", "first(BBB.posture >= voice)"]
VARY = ["events.answer.response=none,forces", "parameters.memory_half_life=24,60"]


def swept(scenario: Scenario, workers: int = 1) -> Sweep:
    return run_sweep(Plan("small", scenario, read_factors(VARY), metrics=METRICS, replicates=5), workers=workers)


def test_what_is_read_is_what_was_saved(scenario: Scenario, tmp_path: Path):
    sweep = swept(scenario)
    again = read_sweep(save_sweep(sweep, tmp_path / "swept"))
    pd.testing.assert_frame_equal(again.table, sweep.table, check_dtype=False)
    pd.testing.assert_frame_equal(again.runs, sweep.runs, check_dtype=False)
    assert again.factors == sweep.factors
    assert again.kinds == {METRICS[0]: "chance", METRICS[1]: "date"}
    assert again.scenario == sweep.scenario
    assert again.points() == sweep.points()


def test_tables_have_the_same_bytes_whatever_the_workers(scenario: Scenario, monkeypatch, tmp_path: Path):
    alone = save_sweep(swept(scenario), tmp_path / "alone")
    monkeypatch.setattr(workers_module, "START_UP", 0.0)
    shared = save_sweep(swept(scenario, 2), tmp_path / "shared")
    for name in ("sweep.parquet", "sweep.csv", "metrics.parquet", "scenario.json"):
        assert (alone / name).read_bytes() == (shared / name).read_bytes()


def test_report_names_each_point(scenario: Scenario, tmp_path: Path):
    report = swept(scenario).report(tmp_path)
    assert report["factors"] == {
        "events.answer.response": ["none", "forces"],
        "parameters.memory_half_life": [24, 60],
    }
    assert len(report["points"]) == 4
    assert report["points"][3]["factors"] == {
        "events.answer.response": "forces",
        "parameters.memory_half_life": 60,
    }
    assert report["points"][0]["metrics"][METRICS[0]]["n"] == 5


def test_columns(scenario: Scenario):
    table = swept(scenario).table
    assert list(table.columns[:3]) == ["events.answer.response", "parameters.memory_half_life", "branch"]
    assert column(METRICS[0], "low") in table


def test_sweeps_and_results_are_told_apart(scenario: Scenario, result: Result, tmp_path: Path):
    sweep, other = save_sweep(swept(scenario), tmp_path / "swept"), save(result, tmp_path / "ran")
    with pytest.raises(InputError, match="holds a sweep"):
        read(sweep)
    with pytest.raises(InputError, match="holds a result"):
        read_sweep(other)
    assert stored_whole(sweep)
    assert not stored_whole(tmp_path / "nowhere")


def test_nothing_is_left_when_drawing_stops(scenario: Scenario, tmp_path: Path):
    def draw(_sweep: Sweep, folder: Path) -> None:
        (folder / "half.png").write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_sweep(swept(scenario), tmp_path / "swept", draw)
    assert list(tmp_path.iterdir()) == []


def test_the_code_has_a_digest():
    assert len(code_digest()) == 8
    int(code_digest(), 16)
