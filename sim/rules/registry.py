"""The list of rule functions: pure Python here, compiled as they are by an engine that wants speed."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

RULES: list[Callable[..., Any]] = []
"""Every rule function, in the order of definition; a function comes after those that it calls."""


def rule(function: F) -> F:
    """Enter a function in the list of rules and return it unchanged."""
    RULES.append(function)
    return function
