"""The kernel is compiled once and kept; a changed rule never meets a stale one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.engine import kernel_cache

RUN = """
import numpy as np, sim
from sim.engine.ensemble import Program
from sim.engine.setup import prepare
from sim.scenario.expressions import Path
setup = prepare(sim.load({scenario!r}), "as-happened")
print(Program(setup, [Path("ARM", "trust", "RUS")]).run(7, np.arange(2)).values[1, -1, 0])
"""
SCENARIO = str(Path("scenarios/first-steps.toml").absolute())


def run(cache, where=None):
    """Run two replicates in a process of its own; return what it printed and said."""
    environment = {**os.environ, kernel_cache.CACHE_VARIABLE: str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(scenario=SCENARIO)],
        env=environment, cwd=where, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout), done.stderr


@pytest.fixture
def copy(tmp_path):
    """Return a folder with a copy of the package, to be changed."""
    shutil.copytree("sim", tmp_path / "copy" / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


@pytest.mark.parametrize("source", ["rules/audience.py", "world.py", "model/declaring.py"])
def test_the_digest_follows_the_sources(monkeypatch, copy, source):
    def digest():
        kernel_cache.source_digest.cache_clear()
        return kernel_cache.source_digest()

    before = digest()
    monkeypatch.setattr(kernel_cache, "files", lambda _: copy / "sim")
    assert digest() == before
    changed = copy / "sim" / source
    changed.write_text(changed.read_text() + "\n# changed\n")
    assert digest() != before
    monkeypatch.undo()
    kernel_cache.source_digest.cache_clear()


def test_a_folder_that_cannot_be_written_is_passed_over(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv(kernel_cache.CACHE_VARIABLE, str(blocked / "cache"))
    kernel_cache.kernel_folder.cache_clear()
    try:
        folder = kernel_cache.kernel_folder()
        assert folder.is_dir()
        assert blocked not in folder.parents
    finally:
        monkeypatch.undo()
        kernel_cache.kernel_folder.cache_clear()


@pytest.mark.slow
def test_it_compiles_once_with_a_message_and_again_only_after_a_change(tmp_path, copy):
    cache = tmp_path / "cache"
    first, said = run(cache, copy)
    assert kernel_cache.COMPILING in said
    again, said = run(cache, copy)
    assert (again, said) == (first, "")
    for path in (copy / "sim").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert run(cache, copy) == (first, "")
    rule = copy / "sim" / "rules" / "maths.py"
    rule.parent.chmod(0o755)
    rule.chmod(0o644)
    text = rule.read_text()
    rule.write_text(re.sub(r"return float\(2\.0 \*\*", "return float(1.5 **", text))
    assert rule.read_text() != text
    changed, said = run(cache, copy)
    assert kernel_cache.COMPILING in said
    assert changed != first
