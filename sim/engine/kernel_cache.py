"""The cache folder of the compiled kernel, and whether it is filled; imports nothing heavy.

numba's own cache checks only the file of the compiled function, so a change of a rule in another file would leave a
stale kernel in use. Each digest of the sources of rules and engine therefore has its own cache folder.
"""

import hashlib
import logging
import os
import platform
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from sim.digests import COMPILED, digest_sources

CACHE_VARIABLE = "CSTO_SIM_CACHE"
"""Environment variable that names another cache folder."""

COLD_RUNS = 60
"""Runs up to which the Mesa engine is quicker than waiting for a compilation."""

READY = "ready"
"""Name of the file that marks a folder with a complete kernel."""

COMPILING = "compiling the model for this machine, once; it takes about half a minute"

_log = logging.getLogger(__name__)


@cache
def source_digest() -> str:
    """Return the digest of the sources, libraries and Python version that determine the compiled kernel."""
    found = hashlib.sha256(digest_sources(COMPILED).encode())
    for name in ("numba", "llvmlite", "numpy"):
        found.update(f"{name} {version(name)}".encode())
    found.update(platform.python_version().encode())
    return found.hexdigest()[:12]


@cache
def kernel_folder() -> Path:
    """Return the kernel's cache folder: in the user's cache, or a temporary folder if that is not writable."""
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
    """Return whether a compiled kernel is in the cache."""
    return (kernel_folder() / READY).is_file()


def prefers_compiled(runs: int) -> bool:
    """Return whether the compiled engine is expected to finish a number of runs sooner, compilation included."""
    return runs > COLD_RUNS or is_compiled()


@cache
def announce() -> None:
    """Log a message, once in a process, if the kernel has to be compiled."""
    if not is_compiled():
        _log.warning(COMPILING)
