"""The wheel and the source archive, built and unpacked: an install in an empty folder has every scenario by name."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "scenarios"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what the package is built from, with a test beside it."""
    source = tmp_path_factory.mktemp("source")
    for name in ("sim", "scenarios"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"):
        shutil.copy(ROOT / name, source)
    (source / "tests").mkdir()
    shutil.copy(__file__, source / "tests")
    return source


def built_wheel(source: Path, folder: Path) -> Path:
    """Return a wheel, built in a folder from a source tree."""
    enough = int(version("setuptools").split(".")[0]) >= 77
    isolated = ["--no-build-isolation"] if enough else []
    build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--quiet", "--wheel-dir", str(folder), *isolated]
    done = subprocess.run(build, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel."""
    return built_wheel(source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Return a folder with what the wheel holds."""
    site = wheel.parent / "site"
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(site)
    return site


def outside(installed: Path, folder: Path, *arguments: str) -> str:
    """Run Python with the unpacked wheel, far from the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_every_scenario_case_and_sweep(installed: Path):
    files = {path.relative_to(SHIPPED): path.read_bytes() for path in SHIPPED.rglob("*.toml")}
    held = installed / "sim" / "data" / "scenarios"
    assert {path.relative_to(held): path.read_bytes() for path in held.rglob("*.toml")} == files
    assert len(files) > 100
    assert sorted(path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")) == ["sim"]


def test_all_are_found_by_name_from_any_folder(installed: Path, tmp_path: Path):
    code = (
        "import json, sim; from sim.library import *; from sim.experiments.sweep_file import read_plan\n"
        f"assert sim.__file__.startswith({str(installed)!r})\n"
        "*folders, cases = scenario_folders()\n"
        "names = [path.stem for path in scenario_files(tuple(folders))]\n"
        "titles = {name: sim.load(name).title for name in (*names, 'turkey_nato_patriot_2012')}\n"
        "points = {path.stem: len(read_plan(path.stem).points) for path in scenario_files(sweep_folders())}\n"
        "print(json.dumps([titles, points]))"
    )
    titles, points = json.loads(outside(installed, tmp_path, "-c", code))
    assert sorted(titles) == sorted([*(path.stem for path in SHIPPED.glob("*.toml")), "turkey_nato_patriot_2012"])
    assert sorted(points) == sorted(path.stem for path in (SHIPPED / "sweeps").glob("*.toml"))


@pytest.mark.slow
def test_commands_work_in_an_empty_folder(installed: Path, tmp_path: Path):
    few = ("--replicates", "2", "--engine", "mesa", "--workers", "1", "--no-plot")
    for name in ("first-steps", "turkey_nato_patriot_2012"):
        outside(installed, tmp_path, "-m", "sim", "run", name, *few)
        assert len(list((tmp_path / "results" / name).iterdir())) == 1
    listed = json.loads(outside(installed, tmp_path, "-m", "sim", "list", "scenarios", "--json"))["scenarios"]
    assert {row["name"] for row in listed} >= {"karabakh-2023", "csto-history"}


@pytest.mark.slow
def test_the_source_archive_builds_the_same_wheel_and_holds_no_tests(source: Path, wheel: Path, tmp_path: Path):
    pytest.importorskip("setuptools", minversion="77")
    code = f"from setuptools import build_meta; build_meta.build_sdist({str(tmp_path)!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    unpacked = tmp_path / archive.name.removesuffix(".tar.gz")
    assert not (unpacked / "tests").exists()
    assert {"CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md"} <= {path.name for path in unpacked.iterdir()}
    assert contents(built_wheel(unpacked, tmp_path)) == contents(wheel)


def contents(wheel: Path) -> dict[str, int]:
    """Return the checksums of the files of a wheel, by name."""
    with zipfile.ZipFile(wheel) as opened:
        return {file.filename: file.CRC for file in opened.infolist()}
