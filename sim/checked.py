"""Checks of the types that public functions are given, by their annotations."""

import builtins
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import cache, wraps
from inspect import Parameter, signature
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, Final, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from sim.errors import InputError

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

LONGEST: Final = 40
"""Characters of a value that a message shows."""

_WORDS: Final[dict[Any, str]] = {
    str: "a text", Path: "a path", int: "a whole number", float: "a number", bool: "True or False", date: "a date",
    NoneType: "None",
}  # fmt: skip

_SIMPLE: Final[dict[Any, Callable[[Any], bool]]] = {
    int: lambda value: isinstance(value, Integral) and not isinstance(value, bool),
    float: lambda value: isinstance(value, Real) and not isinstance(value, bool),
    bool: lambda value: type(value).__name__ in ("bool", "bool_"),
    Path: lambda value: isinstance(value, os.PathLike),
    Callable: callable,
    Any: lambda value: True,
}  # fmt: skip
"""What fits an annotation, where that is not being an instance of it."""


def checked(*names: str) -> Callable[[Callable[Given, Returned]], Callable[Given, Returned]]:
    """Return a decorator that checks arguments against the annotations of a function before it does anything.

    Parameters
    ----------
    *names : str
        The parameters to check; default: all. Those left out are checked by the function itself.

    Examples
    --------
    >>> @checked()
    ... def twice(text: str | None) -> str:
    ...     return 2 * (text or "")
    >>> twice(5)
    Traceback (most recent call last):
    sim.errors.InputError: text is 5 (int); give a text or None
    """

    def decorate(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
        sign = signature(function)

        @wraps(function)
        def made(*args: Given.args, **options: Given.kwargs) -> Returned:
            try:
                bound = sign.bind(*args, **options)
            except TypeError:
                return function(*args, **options)  # which says which argument is missing, or is one too many
            hints = _hints(function)
            for name, value in bound.arguments.items():
                variadic = sign.parameters[name].kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
                if name in hints and not variadic and (not names or name in names) and not _fits(value, hints[name]):
                    raise InputError(f"{name} is {shown(value)}; give {_in_words(hints[name])}")
            return function(*args, **options)

        return made

    return decorate


def shown(value: object) -> str:
    """Return a value and its type as text.

    Examples
    --------
    >>> shown(5)
    '5 (int)'
    """
    text = repr(value)
    return f"{text if len(text) <= LONGEST else text[: LONGEST - 3] + '...'} ({type(value).__name__})"


class _KnownNames(dict[str, Any]):
    """The names of a module; what it imports for type checkers alone is anything."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, Any)


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of the parameters of a function."""
    own = {name: hint for name, hint in function.__annotations__.items() if name != "return"}
    names = _KnownNames(getattr(function, "__globals__", {}))
    return get_type_hints(SimpleNamespace(__annotations__=own), globalns={}, localns=names)


def _fits(value: object, hint: Any) -> bool:
    origin, inside = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, option) for option in inside)
    if origin in _SIMPLE:
        return _SIMPLE[origin](value)
    if not isinstance(origin, type):
        return True  # anything, or a variable of types
    if _is_list(origin):
        return _is_list_of(value, inside[0] if inside else Any)
    if getattr(origin, "_is_protocol", False):
        return all(hasattr(value, name) for name in vars(origin) if not name.startswith("_"))
    return isinstance(value, origin)


def _is_list_of(value: object, hint: Any) -> bool:
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
        return False
    return not isinstance(value, Collection) or all(_fits(item, hint) for item in value)


def _is_list(origin: type) -> bool:
    return issubclass(origin, Iterable) and not issubclass(origin, str | bytes | Mapping) and origin.__module__ in (
        "collections.abc", "builtins",
    )  # fmt: skip


def _in_words(hint: Any) -> str:
    """Return in words which values an annotation allows.

    Examples
    --------
    >>> _in_words(str | date | None), _in_words(list[str]), _in_words(Mapping[str, int] | None)
    ('a text, a date or None', 'a list of texts', 'a mapping or None')
    """
    origin, inside = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, UnionType):
        *first, last = dict.fromkeys(_in_words(option) for option in inside)
        return f"{', '.join(first)} or {last}" if first else last
    if origin in _WORDS:
        return _WORDS[origin]
    if origin is Callable:
        return "a function"
    if not isinstance(origin, type):
        return str(hint)
    if issubclass(origin, Mapping):
        return "a mapping"
    if _is_list(origin):
        element = _in_words(inside[0]).partition(" ")[2] if inside and inside[0] in _WORDS else ""
        return f"a list of {element}s" if element else "a list"
    return f"a {origin.__name__}"
