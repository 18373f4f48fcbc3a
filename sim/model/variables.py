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
    found: list[Variable] = []
    for field, _ in FIELDS.values():
        found += [each for each in (field, *field.parts) if each.unit]
    names = [each.name for each in found]
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
            place = names.index(COMPUTED[name].before) if COMPUTED[name].before else len(names)
            names.insert(place, name)
            found.insert(place, COMPUTED[name].variable)
    return {each.name: each for of in OWNERS.values() for each in found if each.of == of}


VARIABLES: Final = _gathered()
"""Every variable of a run, by name."""


def _named(of: str) -> Iterator[str]:
    return (each.name for each in VARIABLES.values() if each.of == of)


STATE_VARIABLES: Final = tuple(_named("state"))
DYAD_VARIABLES: Final = tuple(_named("dyad"))
MEMBER_VARIABLES: Final = tuple(_named("member"))
TREATY_VARIABLES: Final = tuple(_named("treaty"))

MEMBER_SERIES: Final = tuple(name for name in MEMBER_VARIABLES if VARIABLES[name].recorded)
"""Member variables beside the posture that results keep at every date, each for the focus treaty."""

RUNG_VARIABLES: Final = tuple(name for name in MEMBER_VARIABLES if VARIABLES[name].unit == VARIABLES["posture"].unit)
"""Member variables whose values are rungs of the ladder, by rank; -1 for states that are no members."""
