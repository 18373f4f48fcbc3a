"""The command line of the current command, stored in manifests so that its tables can be reproduced."""

from enum import Enum
from typing import Any, Final

import typer

from sim.cli.drawing import OPTIONS

IRRELEVANT: Final = frozenset({"out", "no_plot", "json", "workers", "quiet", "tables", *OPTIONS})
"""Options that change where results go, what is printed and drawn and how fast, not what results are."""


def invocation(context: typer.Context, **settled: Any) -> list[str]:
    """Return the words of the command line that reproduces the current command.

    Parameters
    ----------
    context : typer.Context
        The context of the command.
    **settled
        Final values that replace the given ones.

    Returns
    -------
    list of str
        ``csto-sim``, the command, its arguments, and all given options except `IRRELEVANT` ones.
    """
    words = ["csto-sim", str(context.info_name)]
    given = {**context.params, **settled}
    for parameter in context.command.params:
        value = given.get(parameter.name or "")
        values = value if isinstance(value, list | tuple) else [value]
        if parameter.name in IRRELEVANT or all(item is None or item is False for item in values):
            continue
        if parameter.param_type_name == "argument":
            words += map(_text, values)
        elif value is True:
            words.append(parameter.opts[0])
        else:
            words += [word for item in values for word in (parameter.opts[0], _text(item))]
    return words


def _text(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)
