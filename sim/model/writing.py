"""Functions generated as source text from declarations, for the compiler."""

from collections.abc import Iterable, Mapping
from linecache import cache
from typing import Any


def written(name: str, lines: Iterable[str], scope: Mapping[str, Any]) -> Any:
    """Return the function defined by lines of source text, which tracebacks can show.

    Parameters
    ----------
    name : str
        Name of the function, as in the lines.
    lines : iterable of str
        Its complete definition.
    scope : mapping
        Namespace of its global names, with the ``__name__`` of its module.

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
