"""The registry of rule functions, which are plain Python and can also be compiled for speed."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

RULES: list[Callable[..., Any]] = []
"""Every rule function, in the order of definition; a function comes after those that it calls."""


def rule(function: F) -> F:
    """Register a function as a rule of the model and return it unchanged."""
    RULES.append(function)
    return function
