"""Signals stop a command whatever it is doing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")

HEAD = """
import ctypes, os, pathlib, signal, sys, time
from sim import stopping
from sim.output import staging
from sim.stopping import Stopped, stoppable
stopping.AGAIN, stopping.GRACE = 0.2, 0.5
folder = pathlib.Path(sys.argv[1])
number = getattr(signal, sys.argv[2])
signal.signal(number, signal.SIG_DFL)  # the tests may run under nohup
"""

SWALLOWED = """
@ctypes.CFUNCTYPE(None)
def callback():
    os.kill(os.getpid(), number)
    time.sleep(0)
sys.unraisablehook = lambda _: None

with stoppable(staging.abandon), staging.staged(folder / "mine") as hidden:
    (hidden / "half").write_text("half")
    callback()                    # drops what the signal raises, as a compiler does
    for _ in range(500):
        time.sleep(0.01)
    (folder / "went-on").touch()
"""

DEAF = """
import hashlib
with stoppable(staging.abandon), staging.staged(folder / "mine") as hidden:
    (hidden / "half").write_text("half")
    print("ready", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"one", b"long", 2**30)  # one call of minutes
"""

WHOLE = """
begin, times = staging._make, []

def slow(*given, **options):
    path = begin(*given, **options)
    os.kill(os.getpid(), number)  # the folder is there, but nobody knows of it yet
    return path

slow.__name__ = "_make"
slow.__code__ = slow.__code__.replace(co_name="_make")
slow.__globals__["__name__"] = "sim.output.staging"
staging._make = slow
try:
    with stoppable(staging.abandon), staging.staged(folder / "mine") as hidden:
        for _ in range(500):
            time.sleep(0.01)
finally:
    print(sorted(path.name for path in folder.iterdir()), flush=True)
"""

CLEANING = """
with stoppable(staging.abandon):
    try:
        os.kill(os.getpid(), number)
        time.sleep(5)
    finally:
        for _ in range(60):       # longer than it takes until a lost signal is raised again
            time.sleep(0.01)
        (folder / "cleaned").touch()
"""


def started(code: str, folder: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + code, str(folder), name],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def ended(code: str, folder: Path, name: str) -> int:
    with started(code, folder, name) as process:
        process.communicate(timeout=120)
        return process.returncode


@pytest.mark.parametrize(("name", "expected"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)])
def test_a_signal_that_a_library_swallows_stops_all_the_same(tmp_path: Path, name: str, expected: int):
    assert ended(SWALLOWED, tmp_path, name) == expected
    assert list(tmp_path.iterdir()) == []


def test_a_main_thread_that_hears_nothing_is_ended(tmp_path: Path):
    with started(DEAF, tmp_path, "SIGTERM") as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.2)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
    assert process.returncode == 143
    assert time.monotonic() - began < 15
    assert list(tmp_path.iterdir()) == []


def test_a_signal_while_a_folder_is_made_leaves_none(tmp_path: Path):
    assert ended(WHOLE, tmp_path, "SIGTERM") == 143
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_raised_again_while_the_program_cleans_up(tmp_path: Path):
    assert ended(CLEANING, tmp_path, "SIGTERM") == 143
    assert [path.name for path in tmp_path.iterdir()] == ["cleaned"]


def test_a_signal_that_was_ignored_from_the_start_stays_ignored(tmp_path: Path):
    code = "os.kill(os.getpid(), number); (folder / 'went-on').touch()"
    body = f"signal.signal(number, signal.SIG_IGN)\nwith stoppable(staging.abandon):\n    {code}\n"
    assert ended(body, tmp_path, "SIGHUP") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["went-on"]
