"""Where the compiled kernel is kept, and whether it is there; asked before anything heavy is loaded.

numba's own cache looks only at the file of the compiled function, so a changed rule in another file would meet a
stale kernel. Each digest of the sources of rules and engine therefore has a cache folder of its own.
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
    """Return the digest of everything that the kernel is compiled from, and with."""
    found = hashlib.sha256(digest_sources(COMPILED).encode())
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


@cache
def ready_file() -> Path:
    """Return the file that tells that a whole kernel lies in the folder.

    numba keeps a kernel for each place and time of the file of the compiled function; so does the name of this one.
    """
    source = Path(str(files("sim"))) / "engine" / "kernel.py"
    origin = hashlib.sha256(f"{source} {source.stat().st_mtime}".encode()).hexdigest()
    return kernel_folder() / f"ready-{origin[:12]}"


def is_compiled() -> bool:
    """Tell whether the kernel need not be compiled first."""
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
    """Say, once in a process, that a compilation is to come, if one is."""
    if not is_compiled():
        _log.warning(COMPILING)
