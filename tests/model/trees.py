"""Copies of the package that a test may change, and programs run in them."""

import os
import shutil
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import NamedTemporaryFile

from tests.model.launcher import launched

ROOT = Path(__file__).parents[2]
UNFINISHED = shutil.ignore_patterns("*.pyc.*")
"""Compiled files that another process is just writing."""


def copied(folder: Path) -> Path:
    """Return a folder with a copy of the package, the scenarios and the documents, and the results as they are.

    What Python has compiled is copied too, so that only files that a test changes are compiled again.
    """
    for name in ("sim", "scenarios", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=UNFINISHED)
    shutil.copy(ROOT / "README.md", folder)
    (folder / "results").symlink_to(ROOT / "results")
    return folder


def replaced(path: Path, old: str, new: str) -> None:
    """Replace a text that a file holds once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path}: {text.count(old)} times {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def ran(tree: Path, *arguments: str, **environment: str) -> CompletedProcess[str]:
    """Run Python in a copy of the package."""
    with NamedTemporaryFile("r") as out, NamedTemporaryFile("r") as err:
        code = launched(
            arguments=arguments, folder=str(tree), out=out.name, err=err.name,
            environment={**os.environ, "PYTHONPATH": str(tree), "MPLBACKEND": "agg", **environment},
        )  # fmt: skip
        return CompletedProcess(arguments, code, out.read(), err.read())


def printed(tree: Path, *arguments: str, **environment: str) -> str:
    """Run Python in a copy of the package and return what it printed."""
    done = ran(tree, *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(tree: Path, *arguments: str, **environment: str) -> str:
    """Run csto-sim in a copy of the package and return what it printed."""
    return printed(tree, "-c", "from sim.cli.main import main; main()", *arguments, **environment)
