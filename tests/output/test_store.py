import errno
import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.experiments import executors
from sim.output import store
from sim.output.checksums import BlockDigest
from sim.output.intervals import wilson
from sim.output.manifest import open_folder
from sim.output.store import read, save, stored
from sim.output.tables import write_csv
from sim.result import Result, run
from sim.scenario import Scenario, resolve

TABLES = (
    "summary.csv",
    "trust.csv",
    "postures.csv",
    "quantiles.parquet",
    "trajectories.parquet",
    "metrics.parquet",
    "responses.parquet",
)


@pytest.fixture
def folder(result: Result, tmp_path: Path) -> Path:
    return save(result, tmp_path / "stored")


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name not in ("manifest.json", "manifest.sha256")
    }


def test_what_is_read_is_what_was_saved(result: Result, folder: Path):
    again = read(folder)
    assert again.data.identical(result.data)
    assert again.metrics.identical(result.metrics)
    assert again.scenario == result.scenario
    for branch in result.branches:
        assert resolve(again.scenario, branch) == resolve(result.scenario, branch)
    for name in ("name", "seed", "replicates", "branches", "codes", "members", "focus", "guarantor"):
        assert getattr(again, name) == getattr(result, name)
    assert again.folder == folder
    pd.testing.assert_frame_equal(again.responses, result.responses, check_dtype=False)
    metric = "BBB.posture@2021-12 >= voice"
    assert again.compare("as-it-was", "help-comes", metric) == result.compare("as-it-was", "help-comes", metric)


def test_a_stored_scenario_runs_again_to_the_same_tables(result: Result, folder: Path, tmp_path: Path):
    again = run(read(folder).scenario, replicates=12, metrics=["BBB.trust[AAA]@2021-06"], workers=1, name="small")
    second = save(again, tmp_path / "second")
    first, other = digests(folder), digests(second)
    assert {name: first[name] for name in TABLES} == {name: other[name] for name in TABLES}


def test_all_files_are_there(folder: Path):
    names = {path.name for path in folder.iterdir()}
    assert names == {*TABLES, "manifest.json", "manifest.sha256", "scenario.json", "DATA-SOURCES.txt"}


@pytest.mark.parametrize("replicates", [7])
def test_every_table_has_the_same_bytes_whatever_the_workers(scenario, monkeypatch, tmp_path, replicates):
    alone = save(run(scenario, replicates=replicates, workers=1), tmp_path / "alone")
    monkeypatch.setattr(executors, "START_UP", 0.0)
    shared = save(run(scenario, replicates=replicates, workers=2), tmp_path / "shared")
    assert digests(alone) == digests(shared)
    other = save(run(scenario, replicates=replicates, seed=99, workers=1), tmp_path / "other")
    assert digests(other)["trajectories.parquet"] != digests(alone)["trajectories.parquet"]


def test_trajectories_are_tidy(result: Result, folder: Path):
    table = pq.read_table(folder / "trajectories.parquet").to_pandas()
    assert len(table) == 3 * 12 * 13 * 3
    row = table.query("branch == 'they-decide' and replicate == 4 and state == 'BBB'").iloc[6]
    place = {"branch": "they-decide", "replicate": 4}
    assert str(row["date"]) == "2021-06-30"
    assert row["posture"] == result.posture.sel(**place, state="BBB", date="2021-06-30")
    assert row["trust_AAA"] == result.trust.sel(**place, truster="BBB", trustee="AAA", date="2021-06-30")
    assert row["approval"] == result.approval.sel(**place, state="BBB", date="2021-06-30")
    assert row["credibility"] == result.credibility.sel(**place, date="2021-06-30")


def test_trust_table_holds_quantiles_over_replicates(result: Result, folder: Path):
    table = pd.read_csv(folder / "trust.csv")
    assert list(table.columns) == [
        "branch", "date", "truster", "trustee", "mean", "q05", "q25", "median", "q75", "q95",
    ]  # fmt: skip
    place = "branch == 'they-decide' and date == '2021-12-31' and truster == 'BBB' and trustee == 'AAA'"
    row = table.query(place).iloc[0]
    values = result.trust.sel(branch="they-decide", truster="BBB", trustee="AAA").values[:, -1]
    assert row["median"] == pytest.approx(np.median(values), rel=1e-5)
    assert row["q95"] == pytest.approx(np.quantile(values, 0.95), rel=1e-5)
    assert set(table["trustee"]) == {"AAA", "BBB", "CCC"}
    assert not (table["truster"] == table["trustee"]).any()


def test_posture_shares_add_up_and_carry_their_interval(result: Result, folder: Path):
    table = pd.read_csv(folder / "postures.csv")
    sums = table.groupby(["branch", "date", "state"])["share"].sum()
    assert np.allclose(sums, 1.0, atol=1e-5)
    place = "branch == 'as-it-was' and date == '2021-12-31' and state == 'BBB' and posture == 'voice'"
    row = table.query(place).iloc[0]
    count = int((result.posture.sel(branch="as-it-was", state="BBB").values[:, -1] == 1).sum())
    assert row["share"] == pytest.approx(count / 12, rel=1e-5)
    assert (row["low"], row["high"]) == pytest.approx(wilson(count, 12), rel=1e-4)


def test_metrics_table_has_nulls_for_what_never_happened(result: Result, folder: Path):
    table = pq.read_table(folder / "metrics.parquet")
    assert table.num_rows == 3 * len(result.expressions) * 12
    never = table.to_pandas().query("metric == 'first(CCC.posture >= freeze)' and branch == 'as-it-was'")
    assert never["value"].isna().all()
    assert never["date"].isna().all()
    for value, day in table.select(["value", "date"]).to_pandas().dropna().itertuples(index=False):
        assert day.toordinal() == value
    assert table["date"].null_count < table.num_rows


def test_manifest_says_what_was_run(result: Result, folder: Path):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["seed"], manifest["replicates"]) == (3, 12)
    assert manifest["parameters"]["memory_half_life"] == 60.0
    assert {"csto-sim", "python", "numpy", "mesa"} <= manifest["versions"].keys()
    for name, entry in manifest["files"].items():
        content = (folder / name).read_bytes()
        blocks = BlockDigest()
        blocks.update(content)
        digests = {"sha256": hashlib.sha256(content).hexdigest(), "block_digest": blocks.hexdigest()}
        assert entry == {"bytes": len(content), **digests}
    assert set(TABLES) <= manifest["files"].keys()


def changed(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_result_without_block_digests_is_read_and_held_to_its_sha256(folder: Path):
    content = json.loads((folder / "manifest.json").read_text())
    for entry in content["files"].values():
        del entry["block_digest"]
    (folder / "manifest.json").write_text(json.dumps(content))
    (folder / "manifest.sha256").unlink()
    before = read(folder)
    table = folder / "trajectories.parquet"
    changed(table, -1)  # in the last letters, which no checksum of a page covers
    with pytest.raises(InputError, match=r"trajectories\.parquet: .* its digest is not the one in manifest\.json"):
        read(folder)
    changed(table, -1)
    assert read(folder).data.identical(before.data)


def test_what_is_not_read_is_not_checked(folder: Path):
    held = open_folder(folder, "result")
    changed(folder / "trajectories.parquet", 1000)
    assert held.table("metrics.parquet", ["value"]).num_columns == 1
    with pytest.raises(InputError, match=r"trajectories\.parquet: .* its digest"):
        held.table("trajectories.parquet", ["posture"])


def test_what_changes_after_the_folder_was_opened_is_refused(folder: Path):
    held = open_folder(folder, "result")
    metrics = folder / "metrics.parquet"
    metrics.write_bytes(metrics.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"metrics\.parquet: .* its digest"):
        held.table("metrics.parquet")
    metrics.unlink()
    with pytest.raises(InputError, match=r"metrics\.parquet: cannot be read"):
        held.table("metrics.parquet")


def test_sources_are_named_with_their_keys(folder: Path):
    text = (folder / "DATA-SOURCES.txt").read_text(encoding="utf-8")
    assert "- a made-up war\n    events.away" in text
    for word in ("Version", "Licence", "Citation"):
        assert word in text


def test_default_folder_is_named_by_scenario_time_and_inputs(result: Result, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    first, second = save(result), save(result)
    assert first.parent == Path("results/small")
    assert first != second
    identities = {json.loads((path / "manifest.json").read_text())["id"] for path in (first, second)}
    assert len(identities) == 1
    assert identities.pop() in first.name
    assert [path for path, _ in stored()] == sorted([first, second])


@pytest.mark.parametrize("left", ["file", "folder"])
def test_a_folder_in_use_is_refused_and_left_as_it_is(result: Result, tmp_path, left):
    target = tmp_path / "mine"
    if left == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="mine"):
        save(result, target)
    assert (target if left == "file" else target / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_empty_folder_is_taken(result: Result, tmp_path):
    (tmp_path / "empty").mkdir()
    assert read(save(result, tmp_path / "empty")).seed == 3


@pytest.mark.parametrize(
    "place",
    [
        "sim.output.store.write_trajectories",
        "sim.output.store.quantile_table",
        "sim.output.store.trust_table",
        "sim.output.store.write_parquet",
        "sim.output.manifest.write",
        "pathlib.Path.rename",
    ],
)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt(), SystemExit(143)])
def test_nothing_is_left_when_writing_stops(result: Result, monkeypatch, tmp_path, place, error):
    def stop(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(place, stop)
    with pytest.raises(type(error)):
        save(result, tmp_path / "deep" / "down" / "stored")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_drawing_stops(result: Result, tmp_path):
    def draw(_result: Result, folder: Path) -> None:
        (folder / "half.png").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left")

    with pytest.raises(OSError, match="No space left"):
        save(result, tmp_path / "stored", draw)
    assert list(tmp_path.iterdir()) == []


def test_figures_are_drawn_before_the_folder_appears(result: Result, tmp_path):
    def draw(_result: Result, folder: Path) -> None:
        assert not (tmp_path / "stored").exists()
        (folder / "whole.png").write_bytes(b"whole")

    folder = save(result, tmp_path / "stored", draw)
    assert (folder / "figures" / "whole.png").read_bytes() == b"whole"


@pytest.mark.parametrize("harm", ["manifest gone", "manifest cut", "table gone", "table cut", "hidden", "garbled"])
def test_what_is_not_whole_is_neither_read_nor_listed(folder: Path, harm):
    manifest, table = folder / "manifest.json", folder / "trajectories.parquet"
    if harm == "manifest gone":
        manifest.unlink()
    elif harm == "manifest cut":
        manifest.write_bytes(manifest.read_bytes()[:100])
    elif harm == "table gone":
        table.unlink()
    elif harm == "table cut":
        table.write_bytes(table.read_bytes()[:-10])
    elif harm == "hidden":
        folder = folder.rename(folder.with_name(".stored-abc.part"))
    else:
        manifest.write_text("[]")
    with pytest.raises(InputError, match=str(folder)):
        read(folder)
    assert list(stored(folder.parent)) == []


def test_damage_inside_a_table_is_named(folder: Path):
    table = folder / "trajectories.parquet"
    table.write_bytes(b"x" * table.stat().st_size)
    with pytest.raises(InputError, match="damaged"):
        read(folder)


def test_what_is_elsewhere_is_no_result(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match="not a finished result"):
        read(tmp_path)


def test_results_of_another_format_are_refused(folder: Path):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(InputError, match="format 99"):
        read(folder)


def test_what_another_process_removes_meanwhile_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(folder, folder.with_name("gone"))
    scan = os.scandir

    def removed_first(place: object) -> object:
        if str(place).endswith("/gone"):
            shutil.rmtree(str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", removed_first)
    assert [path for path, _ in stored(folder.parent)] == [folder]
    assert not folder.with_name("gone").exists()


def test_a_manifest_that_goes_while_it_is_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def gone(_path: Path) -> bytes:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(Path, "read_bytes", gone)
    with pytest.raises(InputError, match=r"manifest\.json: cannot be read \(No such file or directory\)"):
        read(folder)
    assert list(stored(folder.parent)) == []


def test_left_over_folders_are_passed_over(folder: Path):
    shutil.copytree(folder, folder.with_name(".stored-old.part"))
    assert [path for path, _ in stored(folder.parent)] == [folder]


def test_dates_inside_branches_come_back_as_dates(scenario: Scenario):
    moved = store._dated({"events": {"raid": {"date": "2021-05-01", "note": "2021-05-01", "renewals": ["2021-06-01"]}}})
    raid = moved["events"]["raid"]
    assert raid["date"].year == raid["renewals"][0].year == 2021
    assert raid["note"] == "2021-05-01"


@pytest.mark.parametrize("key", ["kind", "created", "title", "replicates"])
def test_a_manifest_without_a_key_is_damaged_and_not_listed(folder: Path, key: str):
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    del content[key]
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="missing or damaged"):
        read(folder)
    assert list(stored(folder.parent)) == []


def test_tables_are_written_as_pandas_writes_them(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "words": ["a", 'b, "c"', "ü"],
            "numbers": [1 / 3, np.nan, 1e-7],
            "mixed": [0.1 + 0.2, None, "2021-02"],
            "whole": [1, 2, 3],
            "flags": [True, False, True],
        }
    )
    write_csv(frame, tmp_path / "table.csv")
    expected = frame.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    assert (tmp_path / "table.csv").read_bytes() == expected.encode()
