"""The package `sim` under a name of its own: ``import csto_sim`` says so where another `sim` is in the way."""

from importlib.util import find_spec
from pathlib import Path

_found, _own = find_spec("sim"), Path(__file__).with_name("sim") / "__init__.py"
if _found is None or _found.origin is None or Path(_found.origin).resolve() != _own.resolve():
    _where = "" if _found is None else _found.origin or str(list(_found.submodule_search_locations or ()))
    raise ImportError(
        f"another 'sim' stands before csto-sim's on Python's path: {_where}; rename it, or start Python elsewhere"
    )

import sim  # noqa: E402 - after it is known to be the right one


def __getattr__(name: str) -> object:
    return getattr(sim, name)


def __dir__() -> list[str]:
    return dir(sim)
