"""All variables that metrics, conditions, tables and figures can name, collected from their declarations."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

import sim.rules
from sim.model.declaring import COMPUTED, OWNERS, DeclarationError, Variable
from sim.model.world import FIELDS

for _module in iter_modules(sim.rules.__path__):
    import_module(f"sim.rules.{_module.name}")


def _gathered() -> dict[str, Variable]:
    """Return all variables, grouped by the unit that they describe, in the order of the world's fields."""
    variables: list[Variable] = []
    for field, _ in FIELDS.values():
        variables += [variable for variable in (field, *field.parts) if variable.unit]
    names = [variable.name for variable in variables]
    others = [*COMPUTED, *(part.name for field, _ in FIELDS.values() for part in field.parts)]
    for name in others:
        if name in FIELDS or others.count(name) > 1:
            raise DeclarationError(f"{name}: declared twice")
    waiting = sorted(COMPUTED)
    while waiting:
        placed = [name for name in waiting if not COMPUTED[name].before or COMPUTED[name].before in names]
        if not placed:
            name = waiting[0]
            raise DeclarationError(f"{name}: stands before '{COMPUTED[name].before}', which is no variable")
        for name in placed:
            waiting.remove(name)
            position = names.index(COMPUTED[name].before) if COMPUTED[name].before else len(names)
            names.insert(position, name)
            variables.insert(position, COMPUTED[name].variable)
    return {variable.name: variable for of in OWNERS.values() for variable in variables if variable.of == of}


VARIABLES: Final = _gathered()
"""Every variable of a run, by name."""


def _named(of: str) -> Iterator[str]:
    return (variable.name for variable in VARIABLES.values() if variable.of == of)


STATE_VARIABLES: Final = tuple(_named("state"))
DYAD_VARIABLES: Final = tuple(_named("dyad"))
MEMBER_VARIABLES: Final = tuple(_named("member"))
TREATY_VARIABLES: Final = tuple(_named("treaty"))

MEMBER_SERIES: Final = tuple(name for name in MEMBER_VARIABLES if VARIABLES[name].recorded)
"""Member variables beside the posture that results keep at every date, each for the focus treaty."""

RUNG_VARIABLES: Final = tuple(name for name in MEMBER_VARIABLES if VARIABLES[name].unit == VARIABLES["posture"].unit)
"""Member variables whose values are rungs of the ladder, by rank; -1 for states that are no members."""
