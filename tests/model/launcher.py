"""Starts programs in processes that have the libraries loaded: a short program spends most of its time importing them.

Run as a script, it reads one program a line from standard input, as JSON, and answers with its exit code. A program
imports the package anew, from the first folder on its own path that has it; only the libraries are there already.
"""

import atexit
import json
import os
import runpy
import subprocess
import sys
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

LIBRARIES = (
    "dask.array", "jinja2", "matplotlib.pyplot", "mesa", "numba", "pandas", "pyarrow.parquet", "pydantic", "rich.table",
    "scipy.stats", "tomlkit", "typer", "xarray",
)  # fmt: skip


@cache
def launcher() -> "subprocess.Popen[str]":
    """Return the process that starts programs; it ends with this one."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [sys.executable, "-P", __file__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own | {"MPLBACKEND": "agg"},
    )  # fmt: skip
    atexit.register(process.communicate)
    return process


def launched(**program: Any) -> int:
    """Run a program and return its exit code.

    Parameters
    ----------
    arguments : list of str
        What follows ``python``: ``-c`` and a program, or ``-m`` and the name of a module; then the words for it.
    folder : str
        Where it runs.
    environment : dict of str
        Its environment; it looks for modules in its PYTHONPATH first.
    out, err : str
        Files for its standard output and standard error.
    """
    process = launcher()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{json.dumps(program)}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def serve() -> None:
    """Start programs until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(**json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def become(arguments: list[str], folder: str, environment: dict[str, str], out: str, err: str) -> NoReturn:
    """Turn this process into one that Python has just been started in."""
    for number, name in enumerate((os.devnull, out, err)):
        file = os.open(name, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = ["", *environment["PYTHONPATH"].split(os.pathsep)]
    kind, what, *words = arguments
    sys.argv[:] = [kind, *words]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<program>", "exec"), {"__name__": "__main__"})  # noqa: S102 (the program is ours)
    sys.exit()


if __name__ == "__main__":
    for library in LIBRARIES:
        import_module(library)
    serve()
