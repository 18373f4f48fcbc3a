"""Functions written from declarations, such as a chain of branches over all variables, for a compiler to take."""

from collections.abc import Iterable, Mapping
from linecache import cache
from typing import Any


def written(name: str, lines: Iterable[str], scope: Mapping[str, Any]) -> Any:
    """Return the function that some lines define, with a source that tracebacks can show.

    Parameters
    ----------
    name : str
        Name of the function, as in the lines.
    lines : iterable of str
        Its whole definition.
    scope : mapping
        What its names stand for, with ``__name__`` of the module that it belongs to.

    Examples
    --------
    >>> written("twice", ["def twice(x):", "    return 2 * x"], {"__name__": "example"})(4)
    8
    """
    text = "\n".join(lines) + "\n"
    file = f"<{name} of {scope['__name__']}, written from declarations>"
    made = dict(scope)
    exec(compile(text, file, "exec"), made)  # noqa: S102 - the text is this package's own
    cache[file] = len(text), None, text.splitlines(keepends=True), file
    return made[name]
