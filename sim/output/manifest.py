"""The manifest of a stored folder: the inputs and versions of a run, and the list of its files."""

import hashlib
import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, get_args

from sim.engine.draws import SCHEME
from sim.errors import InputError
from sim.output.staging import is_hidden
from sim.scenario.schema import Scenario
from sim.version import __version__

NAME = "manifest.json"
FORMAT = 1
REQUIRED = ("kind", "created", "id", "name", "title", "seed", "replicates", "seconds", "branches", "metrics")
"""What every manifest says, beside its format and files."""

PACKAGES = ("mesa", "numpy", "pandas", "pyarrow", "SALib", "scipy", "xarray")

Kind = Literal["result", "sweep", "hindcast", "calibration"]


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
        ``"result"``, ``"sweep"``, ``"hindcast"`` or ``"calibration"``.
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
        "files": {path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)} for path in files},
    }
    (folder / NAME).write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def versions() -> dict[str, Any]:
    """Return the versions of the software that determines the numbers of a run."""
    return {"csto-sim": __version__, "draws": SCHEME, "python": platform.python_version(), **_packages()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _packages() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def read(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder and check that all its files are complete.

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
        content = json.loads(path.read_text(encoding="utf-8"))
        files = {name: entry["bytes"] for name, entry in content["files"].items()}
        form = content["format"]
        whole = all(key in content for key in REQUIRED) and isinstance(content["created"], str)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: missing or damaged; run again") from error
    if form != FORMAT:
        raise InputError(f"{path}: format {form} is not known to csto-sim {__version__}; allowed: {FORMAT}")
    if not whole or content["kind"] not in get_args(Kind):
        raise InputError(f"{path}: missing or damaged; run again")
    for name, size in files.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise InputError(f"{file}: missing or damaged; run again")
    return dict(content)
