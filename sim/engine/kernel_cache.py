"""Where the compiled kernel is kept, and whether it is there; asked before anything heavy is loaded.

numba's own cache looks only at the file of the compiled function, so a changed rule in another file would meet a
stale kernel. Each digest of the sources of rules and engine therefore has a cache folder of its own.
"""

import hashlib
import logging
import os
import platform
import tempfile
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path

CACHE_VARIABLE = "CSTO_SIM_CACHE"
"""Environment variable that names another cache folder."""

COLD_RUNS = 60
"""Runs up to which the Mesa engine is quicker than waiting for a compilation."""

READY = "ready"
"""Name of the file that tells that a whole kernel lies in a folder."""

COMPILING = "compiling the model for this machine, once; it takes about half a minute"

_SOURCES = ("words.py", "parameters.py", "world.py", "model", "rules", "engine")
_log = logging.getLogger(__name__)


@cache
def source_digest() -> str:
    """Return the digest of everything that the kernel is compiled from, and with."""
    package = Path(str(files("sim")))
    found = hashlib.sha256()
    for name in _SOURCES:
        place = package / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found.update(path.name.encode() + path.read_bytes())
    for name in ("numba", "llvmlite", "numpy"):
        found.update(f"{name} {version(name)}".encode())
    found.update(platform.python_version().encode())
    return found.hexdigest()[:12]


@cache
def kernel_folder() -> Path:
    """Return the folder of this kernel: in the user's cache, or below the temporary one if that cannot be written."""
    given = os.environ.get(CACHE_VARIABLE)
    own = Path(given) if given else user_cache_path("csto-sim")
    for root in (own, Path(tempfile.gettempdir()) / f"csto-sim-{os.getuid() if hasattr(os, 'getuid') else 0}"):
        folder = root / f"kernel-{source_digest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="csto-sim-"))


def is_compiled() -> bool:
    """Tell whether the kernel need not be compiled first."""
    return (kernel_folder() / READY).is_file()


def prefers_compiled(runs: int) -> bool:
    """Tell whether the compiled engine is done first with so many runs, a compilation included."""
    return runs > COLD_RUNS or is_compiled()


@cache
def announce() -> None:
    """Say, once in a process, that a compilation is to come, if one is."""
    if not is_compiled():
        _log.warning(COMPILING)
