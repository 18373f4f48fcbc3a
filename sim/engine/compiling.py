"""The compiled kernel: made once, kept in the user's cache folder, made anew when any rule changes.

numba's own cache looks only at the file of the compiled function, so a changed rule in another file would meet a
stale kernel. Each digest of the sources of rules and engine therefore has a cache folder of its own.
"""

import gc
import hashlib
import logging
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import numba
from platformdirs import user_cache_path

from sim.engine.kernel import run_rows

CACHE_VARIABLE = "CSTO_SIM_CACHE"
"""Environment variable that names another cache folder."""

READY = "ready"
"""Name of the file that tells that a whole kernel lies in a folder."""

COMPILING = "compiling the model for this machine, once; it takes about half a minute"

_SOURCES = ("words.py", "parameters.py", "world.py", "rules", "engine")
_lock = Lock()
_log = logging.getLogger(__name__)


@cache
def source_digest() -> str:
    """Return the digest of everything that the kernel is compiled from, and with."""
    package = Path(str(files("sim")))
    found = hashlib.sha256()
    for name in _SOURCES:
        place = package / name
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
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


def run_compiled(*arguments: Any) -> bool:
    """Call the compiled `sim.engine.kernel.run_rows`; the first call compiles it, or loads what was compiled before."""
    made = _dispatcher()
    if not made.signatures:
        with _lock:
            _compile(made, arguments)
    return bool(made(*arguments))


def _compile(made: Any, arguments: tuple[Any, ...]) -> None:
    if made.signatures:
        return
    if not is_compiled():
        _log.warning(COMPILING)
    collecting = gc.isenabled()
    gc.disable()  # a compiler keeps what it makes, and looking for garbage in it is a fifth of the wait
    try:
        with _configured(LOOP_VECTORIZE=0, SLP_VECTORIZE=0):  # loops over a dozen states gain nothing from it
            made.compile(tuple(numba.typeof(value) for value in arguments))
    finally:
        if collecting:
            gc.enable()
    (kernel_folder() / READY).touch()


@cache
def _dispatcher() -> Any:
    with _configured(CACHE_DIR=str(kernel_folder())):
        return numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(run_rows)


@contextmanager
def _configured(**settings: Any) -> Iterator[None]:
    before = {name: getattr(numba.config, name) for name in settings}
    vars(numba.config).update(settings)
    try:
        yield
    finally:
        vars(numba.config).update(before)
