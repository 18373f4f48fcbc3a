"""The kernel is compiled once and kept; a changed rule never meets a stale one."""

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.typing.templates import builtin_registry

import sim
from sim import digests
from sim.engine import kernel_cache
from sim.engine.kernel import run_rows
from sim.output.sweeps import code_digest

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


DIGESTS = (kernel_cache.source_digest, code_digest)


@pytest.mark.parametrize("digest", DIGESTS)
def test_the_digest_follows_rules_at_any_depth(monkeypatch, copy, digest):
    def now():
        digest.cache_clear()
        return digest()

    before = now()
    monkeypatch.setattr(digests, "files", lambda _: copy / "sim")
    assert now() == before
    found = {before}
    rules = copy / "sim" / "rules"
    rule = rules / "audience.py"
    rule.write_text(rule.read_text() + "\n# changed\n")
    found.add(now())
    nested = rules / "publics" / "opinion" / "audience.py"
    nested.parent.mkdir(parents=True)
    rule.rename(nested)
    found.add(now())
    nested.write_text(nested.read_text() + "# and again\n")
    found.add(now())
    assert len(found) == 4
    monkeypatch.undo()
    digest.cache_clear()


def test_the_digest_covers_every_file_that_is_compiled():
    package = Path(sim.__file__).parent
    functions = [run_rows, *(entry for entry, _ in builtin_registry.globals)]
    compiled = [each for each in functions if inspect.isfunction(each) and each.__module__.startswith("sim.")]
    needed = {home_of(function) for function in compiled}
    assert len(needed) > 20
    needed |= {path for function in compiled for path in used_by(function, package)}
    assert package / "model" / "world.py" in needed
    covered = [package / name for name in digests.COMPILED]
    assert [path for path in sorted(needed) if not any(path.is_relative_to(place) for place in covered)] == []


def home_of(function):
    """Return the file of the module of a function, also of one that is written from declarations."""
    return Path(sys.modules[function.__module__].__file__)


def used_by(function, package):
    """Return the files of the package from which a function has the names that it uses."""
    for node in ast.walk(ast.parse(home_of(function).read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.module.startswith("sim."):
            continue
        if {alias.asname or alias.name for alias in node.names} & set(function.__code__.co_names):
            place = package.joinpath(*node.module.split(".")[1:])
            yield place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


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
