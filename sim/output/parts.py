"""The finished chunks of an unfinished sweep: a hidden folder beside the target, with one file for each chunk."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import InputError
from sim.output.parquet import read_parquet, write_parquet
from sim.output.staging import PARTS, clear_leftovers, staged_file

PLAN: Final = "plan.json"

_PART: Final = re.compile(r"(\d+)\.parquet\Z")
_MARK: Final = b"csto-sim chunk"
_ERROR: Final = "failed: why"
"""Column of errors, whose name is no expression of a metric."""

_NO_ERRORS: Final[Mapping[int, str]] = {}


class Parts:
    """The stored chunks of one sweep design; each file is complete or absent.

    Parameters
    ----------
    target : Path
        Where the sweep will lie.
    identity : str
        Digest of the design.
    metrics : sequence of str
        Names of the columns.
    """

    def __init__(self, target: Path, identity: str, metrics: Sequence[str]) -> None:
        self.folder = parts_folder(target)
        self.identity, self.metrics = identity, tuple(metrics)
        self.about: dict[str, Any] = {}
        self.written = False
        self.made: list[Path] = []

    def check(self) -> None:
        """Reject a folder that contains chunks of another design.

        Raises
        ------
        InputError
            With what to do about it.
        """
        if not self.folder.exists():
            return
        try:
            held = json.loads((self.folder / PLAN).read_text(encoding="utf-8"))["id"]
        except (OSError, ValueError, KeyError, TypeError):
            held = "unknown" if self.there() else self.identity
        if held != self.identity:
            raise InputError(
                f"{self.folder}: holds chunks of another design ({held}, not {self.identity}); "
                "give another --out, or delete that folder"
            )

    def open(self, about: dict[str, Any]) -> None:
        """Create the folder with a file that explains its purpose.

        Parameters
        ----------
        about : dict
            What ``plan.json`` says beside the digest.
        """
        self.check()
        clear_leftovers(self.folder)
        self.about = about
        self._begin()

    def write(self, chunk: int, values: NDArray[np.float64], errors: Mapping[int, str] = _NO_ERRORS) -> None:
        """Write a finished chunk as one row for each run and one column for each metric, and the errors of runs.

        Raises
        ------
        FileNotFoundError
            If another process has removed the folder since this one wrote to it.
        """
        if not self.written:  # another process, which was refused, may have removed the empty folder
            self._begin()
            self.written = True
        columns = {name: pa.array(values[:, number]) for number, name in enumerate(self.metrics)}
        if errors:
            columns[_ERROR] = pa.array([errors.get(row) for row in range(len(values))], type=pa.string())
        table = pa.table(columns).replace_schema_metadata({_MARK: self._mark(chunk)})
        self._put(f"{chunk}.parquet", lambda path: write_parquet(table, path))

    def read(self, chunk: int, runs: int) -> NDArray[np.float64] | None:
        """Return a stored chunk, or None if its file is missing, damaged, or of another chunk.

        Parameters
        ----------
        chunk, runs : int
            Its number, and the runs that it must have.
        """
        path = self.folder / f"{chunk}.parquet"
        if not path.is_file():
            return None
        try:
            table = read_parquet(path)
        except (OSError, ValueError, pa.ArrowException):
            return None
        if (table.schema.metadata or {}).get(_MARK) != self._mark(chunk) or table.num_rows != runs:
            return None
        return np.column_stack([table[name].to_numpy() for name in self.metrics])

    def errors(self, chunk: int) -> dict[int, str]:
        """Return the errors of the runs of a stored chunk that failed, by their position in the chunk."""
        path = self.folder / f"{chunk}.parquet"
        if _ERROR not in pq.read_schema(path).names:
            return {}
        table = read_parquet(path)
        return {row: text for row, text in enumerate(table[_ERROR].to_pylist()) if text is not None}

    def there(self) -> frozenset[int]:
        """Return the numbers of the chunks that have a file."""
        return frozenset(self._numbers())

    def remove(self) -> None:
        """Delete the folder of chunks."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def remove_if_empty(self) -> None:
        """Delete the folder if it has no chunk, and the folders that were made to hold it."""
        if self.there():
            return
        self.remove()
        for folder in self.made:
            with suppress(OSError):
                folder.rmdir()

    def _begin(self) -> None:
        self.made += [folder for folder in self.folder.absolute().parents if not folder.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"id": self.identity, **self.about}, indent=1) + "\n"
        self._put(PLAN, lambda path: path.write_text(text, encoding="utf-8"))

    def _numbers(self) -> Iterator[int]:
        for path in self.folder.glob("*.parquet"):
            if match := _PART.match(path.name):
                yield int(match[1])

    def _put(self, name: str, write: Callable[[Path], object]) -> None:
        with staged_file(self.folder / name, replace=True) as hidden:
            write(hidden)

    def _mark(self, chunk: int) -> bytes:
        return f"{self.identity} {chunk}".encode()


def parts_folder(target: Path) -> Path:
    """Return the hidden folder for the chunks of a sweep: beside the target, or inside if that is an empty folder.

    Examples
    --------
    >>> parts_folder(Path("results/sweeps/mine/0a1b2c3d")).name
    '.0a1b2c3d.parts'
    """
    beside = target.parent / f".{target.name}.parts"
    return target / PARTS if target.is_dir() and not beside.exists() else beside
