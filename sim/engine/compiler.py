"""Compile the kernel in a separate process, so that the calling process need not wait for it.

Imports nothing heavy: a command starts the compiler before it loads anything else.
"""

import logging
import signal
import subprocess
import sys
import time
from functools import cache

from sim.engine.kernel_cache import announce, is_compiled, kernel_folder

COMMAND = "import sys; sys.path[:] = {path!r}; from sim.engine.ensemble import compile_kernel; compile_kernel()"
"""What the process runs, with the search path of this one."""

LOG = "compiler.log"
"""Name of the file, beside the kernel, that takes what the compiler says."""

_PAUSE = 0.02

_log = logging.getLogger(__name__)
_process: subprocess.Popen[bytes] | None = None


class KernelReady(Exception):  # noqa: N818 - nothing went wrong
    """The compiler is done, so that runs beside it can stop."""


def begin() -> bool:
    """Start the compiler, with a message, unless the kernel is there; only once in a process.

    The compiler outlives this process, so that the next one finds the kernel; several wait for each other and compile
    once.

    Returns
    -------
    bool
        Whether a compiler of this process is at work.
    """
    global _process  # noqa: PLW0603 - one a process, as the kernel
    if _process is None and not is_compiled():
        announce()
        command = [sys.executable, "-c", COMMAND.format(path=sys.path)]
        try:
            with (kernel_folder() / LOG).open("wb") as log:
                _process = subprocess.Popen(  # noqa: S603 - our own interpreter
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log
                )
        except OSError as error:
            _log.warning("no process could be started to compile in (%s)", error)
    return not is_done()


def is_done() -> bool:
    """Return whether the kernel is compiled, or this process has no compiler at work."""
    return is_compiled() or not _alive()


def wait() -> None:
    """Wait until the compiler that this process has started, if any, is done; log a warning if it failed.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C has reached the compiler.
    """
    try:
        while not is_done():
            time.sleep(_PAUSE)
    except BaseException:
        stop()
        raise
    if _process is None or is_compiled():
        return
    if _process.returncode == -signal.SIGINT:
        raise KeyboardInterrupt
    _warn(_process.returncode)


def stop() -> None:
    """Stop the compiler if this process has started one that is still at work."""
    if _process is not None and _alive():
        _process.kill()
        _process.wait()


@cache
def _warn(code: int) -> None:
    _log.warning("the compiler stopped with %s (see %s); compiling in this process", code, kernel_folder() / LOG)


def _alive() -> bool:
    return _process is not None and _process.poll() is None
