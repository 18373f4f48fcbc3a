import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.output import staging
from sim.output.staging import check_target, replacing, staged, staged_file
from sim.output.staging import staging as numbered_staging

ROOT = Path(__file__).parents[2]

KILLED = """
import os, pathlib, signal, sys
from sim.output import staging
target = pathlib.Path(sys.argv[2])
with getattr(staging, sys.argv[1])(target) as hidden:
    (hidden / "table" if hidden.is_dir() else hidden).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def kill_while_writing(how: str, target: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, how, str(target)], check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode < 0


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def write(target: Path) -> None:
    with staged(target) as folder:
        (folder / "table.csv").write_text("a,b")
        (folder / "figures").mkdir()


@pytest.mark.parametrize("given", [".", "", "../here", "link"])
def test_an_empty_folder_is_filled_however_it_is_named(tmp_path: Path, given: str):
    here = tmp_path / "here"
    here.mkdir()
    if given == "link":
        target = tmp_path / "link"
        target.symlink_to(here)
    else:
        target = Path(given)
    inode = here.stat().st_ino
    with inside(here):
        check_target(target)
        write(target)
    assert names(here) == ["figures", "table.csv"]
    assert here.stat().st_ino == inode  # a mount point stays one


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_empty_folder_in_one_that_is_read_only_is_filled(tmp_path: Path):
    above = tmp_path / "above"
    (above / "empty").mkdir(parents=True)
    above.chmod(0o555)
    try:
        write(above / "empty")
    finally:
        above.chmod(0o755)
    assert names(above / "empty") == ["figures", "table.csv"]


def test_an_empty_folder_is_filled_from_inside_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing is made or renamed in the folder above, which may be read-only."""
    (tmp_path / "empty").mkdir()
    made = []
    make = staging._make
    monkeypatch.setattr(staging, "_make", lambda folder, *more: made.append(folder) or make(folder, *more))
    write(tmp_path / "empty")
    assert made == [tmp_path / "empty"]


def test_a_folder_that_is_filled_meanwhile_is_left_as_it_is(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    made = staged(tmp_path / "empty")
    folder = made.__enter__()
    (folder / "table.csv").write_text("mine")
    (tmp_path / "empty" / "table.csv").write_text("theirs")
    with pytest.raises(InputError, match="in the meantime"):
        made.__exit__(None, None, None)
    assert names(tmp_path / "empty") == ["table.csv"]
    assert (tmp_path / "empty" / "table.csv").read_text() == "theirs"


def test_a_file_that_is_written_meanwhile_is_left_as_it_is(tmp_path: Path):
    made = staged_file(tmp_path / "table")
    made.__enter__().write_text("mine")
    (tmp_path / "table").write_text("theirs")
    with pytest.raises(InputError, match="in the meantime"):
        made.__exit__(None, None, None)
    assert (tmp_path / "table").read_text() == "theirs"
    assert names(tmp_path) == ["table"]


@pytest.mark.parametrize("target", ["a" * 300, "here/" + "b" * 300, "nul\0"])
def test_what_can_be_no_folder_is_refused(tmp_path: Path, target: str):
    with pytest.raises(InputError, match="is no place for a folder"):
        check_target(tmp_path / target)


def test_a_name_that_goes_up_is_no_new_folder(tmp_path: Path):
    with pytest.raises(InputError, match="names no new folder"):
        check_target(tmp_path / "nowhere" / "..")


def test_three_folders_of_one_name_begun_at_once_are_all_kept(tmp_path: Path):
    begun = threading.Barrier(3)

    def store(number: int) -> Path:
        with numbered_staging(tmp_path / "results" / "same", numbered=True) as made:
            (made.folder / "number").write_text(str(number))
            begun.wait(timeout=30)
        return made.target

    with ThreadPoolExecutor(3) as pool:
        targets = list(pool.map(store, range(3)))
    assert names(tmp_path / "results") == ["same", "same-2", "same-3"]
    assert [(target / "number").read_text() for target in targets] == ["0", "1", "2"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")
@pytest.mark.parametrize("how", ["staged", "replacing", "staged_file"])
def test_what_a_killed_process_leaves_is_removed_by_the_next(tmp_path: Path, how: str):
    target = tmp_path / "target"
    kill_while_writing(how, target)
    place = target if how == "replacing" else tmp_path
    assert len([name for name in names(place) if name.startswith(".csto-sim-")]) == 1
    with replacing(place) as folder:
        (folder / "mine").write_text("mine")
    assert names(place) == ["mine"]


def test_what_another_process_is_writing_is_not_removed(tmp_path: Path):
    waiting = KILLED.replace("os.kill(os.getpid(), signal.SIGKILL)", "print(flush=True); sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", waiting, "staged", str(tmp_path / "theirs")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as other:  # fmt: skip
        assert other.stdout is not None
        other.stdout.readline()
        with staged_file(tmp_path / "mine") as hidden:
            hidden.write_text("mine")
        other.communicate()
    assert other.returncode == 0
    assert names(tmp_path) == ["mine", "theirs"]


def test_hidden_files_of_others_are_left_alone(tmp_path: Path):
    for name in (".csto-sim-mine.part", ".download-abcd1234.part", ".csto-sim-ABCD1234.part"):
        (tmp_path / name).write_text("mine")
    write(tmp_path / "new")
    assert len(names(tmp_path)) == 4


def test_abandoned_work_is_removed_with_the_folders_made_for_it(tmp_path: Path):
    hidden = staging._make(tmp_path, [])
    (hidden / "half").write_text("half")
    staging.abandon()
    assert names(tmp_path) == []
