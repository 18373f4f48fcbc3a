"""Compilation of the kernel: once, then loaded from disk until any rule changes."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import numba

from sim.engine import compiler
from sim.engine.kernel import run_rows
from sim.engine.kernel_cache import alone, announce, is_compiled, kernel_folder, ready_file

_lock = Lock()


def run_compiled(*arguments: Any) -> bool:
    """Call the compiled `sim.engine.kernel.run_rows`; the first call compiles it, or loads it from disk."""
    with _lock:
        made = _dispatcher()
        if not made.signatures:
            compiler.wait()
            _compile(made, arguments)
    return bool(made(*arguments))


def _compile(made: Any, arguments: tuple[Any, ...]) -> None:
    types = tuple(numba.typeof(value) for value in arguments)
    if not is_compiled():
        announce()
        with alone():
            _make(made, types)
            ready_file().touch()
    else:
        _make(made, types)


def _make(made: Any, types: tuple[Any, ...]) -> None:
    collecting = gc.isenabled()
    gc.disable()  # a compiler keeps what it makes, and looking for garbage in it is a fifth of the wait
    try:
        with _configured(LOOP_VECTORIZE=0, SLP_VECTORIZE=0):  # loops over a dozen states gain nothing from it
            made.compile(types)  # loads what another process has compiled
    finally:
        if collecting:
            gc.enable()


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
