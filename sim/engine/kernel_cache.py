"""The cache folder of the compiled kernel, and whether it is filled; imports nothing heavy.

numba's own cache checks only the file of the compiled function, so a change of a rule in another file would leave a
stale kernel in use. Each digest of the sources of rules and engine therefore has its own cache folder.
"""

import hashlib
import logging
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path

from sim.digests import COMPILED, digest_sources

CACHE_VARIABLE = "CSTO_SIM_CACHE"
"""Environment variable that names another cache folder."""

COMPILING = "compiling the model for this machine, once; it takes about half a minute"

LOCK = "lock"
"""Name of the file that is locked by the process that compiles; the system unlocks it when the process ends."""

_log = logging.getLogger(__name__)


@cache
def source_digest() -> str:
    """Return the digest of the sources, libraries and Python version that determine the compiled kernel."""
    content = hashlib.sha256(digest_sources(COMPILED).encode())
    for name in ("numba", "llvmlite", "numpy"):
        content.update(f"{name} {version(name)}".encode())
    content.update(platform.python_version().encode())
    return content.hexdigest()[:12]


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


@cache
def ready_file() -> Path:
    """Return the file that tells that a whole kernel lies in the folder.

    numba keeps a kernel for each place and time of the file of the compiled function; so does the name of this one.
    """
    source = Path(str(files("sim"))) / "engine" / "kernel.py"
    origin = hashlib.sha256(f"{source} {source.stat().st_mtime}".encode()).hexdigest()
    return kernel_folder() / f"ready-{origin[:12]}"


def is_compiled() -> bool:
    """Return whether a compiled kernel is in the cache."""
    return ready_file().is_file()


@contextmanager
def alone() -> Iterator[None]:
    """Keep other processes from compiling the same kernel meanwhile, where the system has locks on files."""
    with (kernel_folder() / LOCK).open("a") as file:
        with suppress(ImportError, OSError):
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def announce() -> None:
    """Log a message, once in a process, if the kernel has to be compiled."""
    if not is_compiled():
        _log.warning(COMPILING)
