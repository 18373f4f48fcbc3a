"""Results as RO-Crates, read back by rocrate."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

import sim
from sim.errors import InputError
from sim.interop.crate import write_crate
from sim.output import manifest
from sim.scenario import load
from tests.analysis.making import MEMORY, TRUST, grid_design, write_sweep
from tests.experiments.conftest import SMALL


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = sim.run(load(SMALL), replicates=2, parameters="prior", engine="mesa")
    folder = result.save(tmp_path_factory.mktemp("stored") / "run")
    (folder / "figures").mkdir()
    (folder / "figures" / "one.svg").write_text("<svg/>")
    return folder


def test_a_crate_has_every_file_and_says_what_was_run(stored: Path, tmp_path: Path) -> None:
    count = write_crate(stored, tmp_path / "crate")
    read, said = ROCrate(tmp_path / "crate"), manifest.read(stored)
    names = {path.relative_to(stored).as_posix() for path in stored.rglob("*") if path.is_file()}
    files = {each.id: each for each in read.data_entities}
    assert set(files) == names
    assert count == len(names)
    assert files["metrics.parquet"]["sha256"] == said["files"]["metrics.parquet"]["sha256"]
    assert files["figures/one.svg"]["encodingFormat"] == "image/svg+xml"
    assert (read.name, read.root_dataset["identifier"]) == (said["title"], said["id"])
    assert read.license.id == "DATA-SOURCES.txt"
    described = json.loads((tmp_path / "crate" / "ro-crate-metadata.json").read_text("utf-8"))
    assert described["@context"] == ["https://w3id.org/ro/crate/1.1/context", {"sha256": "http://schema.org/sha256"}]
    action: Any = read.dereference(f"#{said['id']}")
    assert action["instrument"]["softwareVersion"] == said["versions"]["csto-sim"]
    assert read.root_dataset["mentions"] == action
    assert action["object"].id == "scenario.json"
    assert {each.id for each in action["result"]} == names - {"scenario.json", "DATA-SOURCES.txt"}


def test_a_crate_is_read_like_the_result(stored: Path, tmp_path: Path) -> None:
    write_crate(stored, tmp_path / "crate")
    again, before = sim.Result.read(tmp_path / "crate"), sim.Result.read(stored)
    assert again.metrics.equals(before.metrics)


def test_a_crate_can_be_an_archive_and_hold_a_sweep(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "swept", grid_design({MEMORY: [6.0, 7.0]}), {TRUST: lambda f, _: f[MEMORY]})
    write_crate(folder, tmp_path / "swept.zip")
    with zipfile.ZipFile(tmp_path / "swept.zip") as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "unpacked")
    assert names == {path.name for path in folder.iterdir()} | {"ro-crate-metadata.json"}
    assert ROCrate(tmp_path / "unpacked").root_dataset["license"] == "The terms of use of its data are not stated."


def test_what_is_no_result_or_is_there_already_is_refused(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a finished result"):
        write_crate(tmp_path, tmp_path / "crate")
    (tmp_path / "there.zip").write_text("")
    with pytest.raises(InputError, match=r"there\.zip: exists"):
        write_crate(stored, tmp_path / "there.zip")


def test_without_the_package_it_is_said_what_to_install(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rocrate.rocrate", None)
    with pytest.raises(InputError, match=r"pip install 'csto-sim\[crate\]'"):
        write_crate(stored, tmp_path / "crate")
    assert not (tmp_path / "crate").exists()
