"""What a stored sweep says of itself; how it is made stands with the experiments."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.experiments.factors import read_factors
from sim.experiments.plan import Plan
from sim.experiments.sweep_schema import Design
from sim.output import manifest, sweeps
from sim.output.store import read, save
from sim.output.sweeps import code_digest, column, read_sweep, stored_whole
from sim.result import Result, Sweep, sweep
from sim.scenario import Scenario

METRICS = ["BBB.posture@2021-12 >= voice", "first(BBB.posture >= voice)"]
VARY = ["events.answer.response=none,forces", "parameters.memory_half_life=24,60"]


@pytest.fixture(scope="module")
def swept(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    plan = Plan("small", scenario, Design(kind="grid"), read_factors(VARY), metrics=METRICS, replicates=5)
    return sweep(plan, out=tmp_path_factory.mktemp("stored") / "swept", workers=1)


def test_report_names_each_point(swept: Sweep, monkeypatch):
    report = swept.report(swept.folder)
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
    monkeypatch.setattr(sweeps, "MOST_REPORTED", 3)
    assert "points" not in swept.report(swept.folder)


def test_tables(swept: Sweep):
    labels = ["point", "events.answer.response", "parameters.memory_half_life", "branch"]
    cells = [column(metric, cell) for metric in METRICS for cell in sweeps.CELLS]
    assert list(swept.table.columns) == labels + cells
    types = {field.name: str(field.type) for field in pq.read_schema(swept.folder / "sweep.parquet")}
    assert types["events.answer.response"] == "string"
    assert types[column(METRICS[0], "median")] == types[column(METRICS[1], "mean")] == "double"
    assert (types[column(METRICS[1], "median")], types[column(METRICS[1], "n")]) == ("string", "int64")
    assert [str(field.type) for field in pq.read_schema(swept.folder / "design.parquet")] == [
        "int64",
        "string",
        "double",
    ]


def test_the_manifest_describes_the_design(swept: Sweep):
    content = manifest.read(swept.folder)
    assert content["design"] == {"kind": "grid"}
    assert content["factors"]["events.answer.response"] == {"values": ["none", "forces"]}
    assert (content["common_draws"], content["engine"], content["code"]) == (True, "compiled", code_digest())
    assert {"runs.parquet", "design.parquet", "sweep.parquet", "sweep.csv"} < set(content["files"])


def test_sweeps_and_results_are_told_apart(swept: Sweep, result: Result, tmp_path: Path):
    other = save(result, tmp_path / "ran")
    with pytest.raises(InputError, match="holds a sweep"):
        read(swept.folder)
    with pytest.raises(InputError, match="holds the result of a run, not a sweep"):
        read_sweep(other)
    identity = manifest.read(swept.folder)["id"]
    assert stored_whole(swept.folder, identity)
    assert not stored_whole(tmp_path / "nowhere", identity)
    with pytest.raises(InputError, match="holds a result, not this one"):
        stored_whole(other, identity)


def test_damage_is_told(swept: Sweep, tmp_path: Path):
    for path in swept.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / "sweep.parquet"
    table.write_bytes(bytes(table.stat().st_size))
    with pytest.raises(InputError, match="damaged"):
        read_sweep(tmp_path)


def test_a_sweep_of_the_first_version_is_told_as_such(swept: Sweep, tmp_path: Path):
    folder = shutil.copytree(swept.folder, tmp_path / "first")
    content = json.loads((folder / "manifest.json").read_text())
    del content["design"], content["common_draws"]
    content["factors"] = {key: [24.0, 60.0] for key in content["factors"]}
    (folder / "manifest.json").write_text(json.dumps(content))
    (folder / "manifest.sha256").unlink()
    with pytest.raises(InputError, match="stored this sweep, without its design; run the sweep again"):
        read_sweep(folder)


def test_a_sweep_that_is_not_stored_has_no_runs(swept: Sweep):
    from dataclasses import replace

    with pytest.raises(InputError, match="not stored"):
        replace(swept, folder=None).runs()


def test_the_code_has_a_digest():
    assert len(code_digest()) == 8
    int(code_digest(), 16)


def test_a_notebook_shows_the_table_and_the_figures(swept: Sweep, monkeypatch):
    shown = swept._repr_html_()
    assert shown.startswith("<p>small: 4 points, 5 runs a point and branch, seed 3, parameters at their defaults</p>")
    assert shown.count("<tr") == 1 + len(swept.table)
    assert repr(swept) == "<Sweep of small: 4 points, 5 runs a point and branch, seed 3, parameters at their defaults>"
    monkeypatch.setattr(sweeps, "SHOWN", 3)
    assert f"the first 3 of {len(swept.table)} rows" in swept._repr_html_()
    assert swept.plot.heatmap(metric=METRICS[0])._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="unknown kind of figure 'trust' of a sweep"):
        swept.plot.trust()
