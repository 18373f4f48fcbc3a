"""The manifest of a stored folder: the inputs and versions of a run, and the sizes and digests of its files."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import ValidationError
from pydantic_core import from_json

from sim.engine.draws import SCHEME
from sim.errors import InputError
from sim.output.checksums import PIECE, BlockDigest
from sim.output.manifest_schema import KINDS, SCHEMAS, Kind
from sim.output.parquet import read_parquet
from sim.output.staging import is_hidden
from sim.scenario.describe import Node, whole_node
from sim.scenario.problems import key_text
from sim.scenario.schema import Scenario
from sim.scenario.translate import findings_of
from sim.version import __version__

NAME = "manifest.json"
SEAL = "manifest.sha256"
"""The file with the digest of the manifest, which ``sha256sum --check`` reads too."""

FORMAT = 1
MOST_BYTES = 2**26
"""The size up to which a manifest is read."""

MOST_TOLD = 5
"""The number of problems of a manifest that are told."""

PACKAGES = ("mesa", "numpy", "pandas", "pyarrow", "SALib", "scipy", "xarray")


def digest(inputs: Mapping[str, Any]) -> str:
    """Return a digest of the inputs as eight hexadecimal digits.

    Examples
    --------
    >>> digest({"seed": 1}) == digest({"seed": 1}) != digest({"seed": 2})
    True
    """
    return full_digest(inputs)[:8]


def full_digest(inputs: Mapping[str, Any]) -> str:
    """Return the SHA-256 digest of inputs as 64 hexadecimal digits; the order of keys does not matter."""
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def scenario_inputs(scenario: Scenario) -> dict[str, Any]:
    """Return a complete scenario as plain data."""
    return scenario.model_dump(mode="json", by_alias=True)


def write(folder: Path, kind: Kind, fields: Mapping[str, Any]) -> None:
    """Write the manifest of a folder after all other files.

    Parameters
    ----------
    folder : Path
        Folder being written.
    kind : str
        ``"result"``, ``"sweep"``, ``"hindcast"``, ``"calibration"`` or ``"audit"``.
    fields : mapping
        The description of the run.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    content = {
        "format": FORMAT,
        "kind": kind,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        **fields,
        "versions": versions(),
        "platform": platform.platform(),
        "files": {path.name: _entry(path) for path in files},
    }
    text = (json.dumps(content, indent=2, allow_nan=False) + "\n").encode()
    (folder / NAME).write_bytes(text)
    (folder / SEAL).write_bytes(seal(NAME, text))


def versions() -> dict[str, Any]:
    """Return the versions of the software that determines the numbers of a run."""
    return {"csto-sim": __version__, "draws": SCHEME, "python": platform.python_version(), **_packages()}


def _entry(path: Path) -> dict[str, Any]:
    """Return the size of a file and its digests: the one that programs know, and the one that is checked."""
    full, blocks = hashlib.sha256(), BlockDigest()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            full.update(piece)
            blocks.update(piece)
        return {"bytes": file.tell(), "sha256": full.hexdigest(), "block_digest": blocks.hexdigest()}


def seal(name: str, content: bytes) -> bytes:
    """Return the line with the SHA-256 digest of a file, as ``sha256sum`` writes it."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()


def _packages() -> dict[str, str]:
    installed = {}
    for package in PACKAGES:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed


@dataclass(frozen=True)
class StoredFolder:
    """A stored folder with a checked manifest; its files are read by name, and their digests checked.

    Attributes
    ----------
    folder : Path
    content : dict
        What the manifest says.
    """

    folder: Path
    content: dict[str, Any]

    def has(self, name: str) -> bool:
        """Return whether the manifest lists a file."""
        return name in self.content["files"]

    def read(self, name: str) -> memoryview:
        """Read a file, whose content is as it was written.

        Raises
        ------
        InputError
            If the manifest does not list it, or its digest is another.
        """
        path = self.folder / name
        if not self.has(name):
            raise InputError(f"{self.folder / NAME}: files: lists no {name}; run again")
        entry = self.content["files"][name]
        kind = "block_digest" if "block_digest" in entry else "sha256"  # of an older version
        actual = BlockDigest() if kind == "block_digest" else hashlib.sha256()
        content = np.empty(entry["bytes"], dtype=np.uint8).data
        try:
            with path.open("rb") as file:
                for start in range(0, len(content), PIECE):
                    piece = content[start : start + PIECE]
                    file.readinto(piece)
                    actual.update(piece)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); run again") from None
        if actual.hexdigest() != entry[kind]:
            raise InputError(f"{path}: missing or damaged; its digest is not the one in {NAME}; run again")
        return content

    def text(self, name: str) -> str:
        """Read a text."""
        return str(self.read(name), "utf-8")

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a Parquet table, or some of its columns."""
        content = self.read(name)
        try:
            return read_parquet(pa.BufferReader(content), columns, check_pages=False)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise InputError(f"{self.folder / name}: damaged ({error}); run again") from None

    def csv(self, name: str) -> pd.DataFrame:
        """Read a table of comma-separated values."""
        return pd.read_csv(BytesIO(self.read(name)))

    @contextmanager
    def assembling(self) -> Iterator[None]:
        """Turn an error in the content of a stored folder into an `InputError` that names the folder."""
        try:
            yield
        except (ValueError, KeyError, IndexError, TypeError, OSError, pa.ArrowException) as error:
            raise InputError(f"{self.folder}: damaged ({error}); run again") from error


def open_folder(folder: Path | str, kind: Kind) -> StoredFolder:
    """Open a stored folder of a kind.

    Raises
    ------
    InputError
        If it is none, or holds something else.
    """
    folder = Path(folder)
    content = read(folder)
    if content["kind"] != kind:
        held = {"result": "the result of a run"}
        raise InputError(
            f"{folder}: holds {held.get(content['kind'], 'a ' + content['kind'])}, not {held.get(kind, 'a ' + kind)}"
        )
    return StoredFolder(folder, content)


def read(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder; check its digest, what it says, and that all its files have their sizes.

    Raises
    ------
    InputError
        If the folder is none of ours, was not finished, or has lost something.
    """
    path = folder / NAME
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; `csto-sim list results` shows what there is")
    if is_hidden(folder) or not path.is_file():
        raise InputError(f"{folder}: not a finished result (no {NAME}); `csto-sim list results` shows what there is")
    try:
        content = _content(path)
        for name, entry in content["files"].items():
            file = folder / name
            if not file.is_file() or file.stat().st_size != entry["bytes"]:
                raise InputError(f"{file}: missing or damaged; run again")
    except OSError as error:  # another process may remove it meanwhile
        raise InputError(f"{path}: cannot be read ({error.strerror}); run again") from None
    return content


def _content(path: Path) -> dict[str, Any]:
    """Return the content of a manifest after all checks of its text."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: has {path.stat().st_size / 1e6:.0f} MB; allowed: {MOST_BYTES / 1e6:.0f} MB")
        raw = path.read_bytes()
        content = from_json(raw)
    except ValueError as error:
        raise InputError(f"{path}: missing or damaged ({error}); run again") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: missing or damaged; allowed: a table; run again")
    form, kind = content.get("format"), content.get("kind")
    if form != FORMAT:
        raise InputError(f"{path}: format {form!r:.40} is not known to csto-sim {__version__}; allowed: {FORMAT}")
    if kind not in KINDS:
        raise InputError(f"{path}: kind: {kind!r:.40} is missing or damaged; allowed: {', '.join(KINDS)}; run again")
    sealed = path.with_name(SEAL)
    if sealed.is_file() and sealed.read_bytes() != seal(NAME, raw):
        raise InputError(f"{path}: missing or damaged; its digest is not the one in {SEAL}; run again")
    if kind == "sweep" and isinstance(content.get("factors"), dict) and "design" not in content:
        raise InputError(f"{path}: the first csto-sim 0.1.0 stored this sweep, without its design; run the sweep again")
    try:
        SCHEMAS[kind].model_validate_json(raw)
    except ValidationError as error:
        lines = [
            f"{path}: {key_text(finding.path)}: {finding.problem}; allowed: {finding.allowed}"
            for finding in findings_of(error, root=_node(kind))[:MOST_TOLD]
        ]
        raise InputError("\n".join([*lines[:-1], f"{lines[-1]}; missing or damaged, run again"])) from None
    return content


@cache
def _node(kind: str) -> Node:
    return whole_node(SCHEMAS[kind])
