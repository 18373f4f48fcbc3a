"""Broken files at the command line: exit 2, one message, no traceback, nothing written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.main import main
from tests.scenario.broken import BROKEN, Broken
from tests.scenario.small_scenario import ROOT, SMALL

REAL = ("empty", "binary", "10 MB of junk", "unknown key", "extends itself", "dangling branch target")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", ["validate", "run"])
@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_broken_files_end_with_2_and_leave_nothing(
    command: str, case: Broken, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenario.toml").write_bytes(case.content)
    with pytest.raises(SystemExit) as ended:
        main([command, "scenario.toml"])
    shown = "".join(capsys.readouterr())
    assert ended.value.code == 2
    place = "scenario.toml" if case.line is None else f"scenario.toml:{case.line}"
    assert f"{place}: {case.key}" in shown
    assert "Traceback" not in shown
    assert "defect" not in shown
    assert [path.name for path in folder.iterdir()] == ["scenario.toml"]


@pytest.mark.parametrize("path", ["missing.toml", ".", "scenario.tml"])
@pytest.mark.parametrize("command", ["validate", "run"])
def test_what_is_no_file_ends_with_2(command: str, path: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "scenario.toml").write_text(SMALL, "utf-8")
    with pytest.raises(SystemExit) as ended:
        main([command, path])
    assert ended.value.code == 2
    assert path in "".join(capsys.readouterr())
    assert [each.name for each in folder.iterdir()] == ["scenario.toml"]


@pytest.mark.parametrize(
    "options",
    [
        ["--set", "events.rade.severity=0.5"],
        ["--set", "events.raid.severity=7"],
        ["--set", "nonsense"],
        ["--branch", "nowhere"],
        ["--metric", "CLA.postur@end"],
        ["--metric", "CAL.posture@end"],
        ["--metric", "CLA.posture@2035-01"],
    ],
    ids=" ".join,
)
def test_bad_options_of_run_end_with_2(options: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "scenario.toml").write_text(SMALL, "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["run", "scenario.toml", "--replicates", "1", *options])
    shown = "".join(capsys.readouterr())
    assert ended.value.code == 2
    assert "Traceback" not in shown
    assert [each.name for each in folder.iterdir()] == ["scenario.toml"]


def test_real_commands_refuse_many_files_at_once(tmp_path: Path) -> None:
    names = []
    for number, name in enumerate(REAL):
        path = tmp_path / f"{number}.toml"
        path.write_bytes(BROKEN[name].content)
        names.append(str(path))
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli.main", "validate", "--json", *names],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    problems = json.loads(done.stdout)
    assert {problem["file"] for problem in problems} == set(names)
    assert {"file", "line", "key", "problem", "allowed"} == set(problems[0])


def test_a_valid_file_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "scenario.toml").write_text(SMALL, "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["validate", "scenario.toml"])
    assert ended.value.code == 0
    assert "no problems" in "".join(capsys.readouterr())
