"""The dispatch of dated changes: one chain of conditions, written from the kinds there are.

Compiled code cannot look a rule up in a table, so the chain is written as source text, one condition a kind in the
order of names, and handed to the compiler like any other rule.
"""

import linecache
from collections.abc import Callable, Iterable
from typing import Any, Final

from sim.model.base_event import WorldEvent
from sim.model.changes import OTHER_CHANGES, PARAMETER, RENEWAL, ChangeKind
from sim.model.event_registry import EventClass, kind_of
from sim.model.events import EVENT_KINDS
from sim.parameters import Parameters
from sim.rules.registry import rule
from sim.world import World

FILE: Final = f"<{__name__}>"
"""Where tracebacks find the written text."""


def changes_of(kinds: Iterable[EventClass]) -> dict[str, ChangeKind]:
    """Return every kind of change by name, in the order of names: those of events, and the others."""
    own = [
        ChangeKind(kind_of(each), each.apply, each.bears_on_interest)
        for each in kinds
        if issubclass(each, WorldEvent) and each.apply is not None
    ]
    return {change.name: change for change in sorted((*own, *OTHER_CHANGES), key=lambda change: change.name)}


def dispatch_text(changes: dict[str, ChangeKind]) -> str:
    """Return the source text of the functions that tell changes apart by code, their place in the order of names."""
    bearing = [f"kind == {code}" for code, change in enumerate(changes.values()) if change.bears_on_interest]
    applied = "\n".join(
        f"    if kind == {code}:  # {change.name}\n        return {_word(change)}(world, p, i, j, k, value)"
        for code, change in enumerate(changes.values())
        if change.apply is not None
    )
    return f'''\
def bears_on_interest(kind):
    """Tell whether a change may move what a guarantor weighs beside its stake."""
    return {" or ".join(bearing)}


def apply_change(world, p, kind, i, j, k, value):
    """Apply one change to the world; tell whether membership or validity of a treaty changed."""
{applied}
    return False
'''


def _word(change: ChangeKind) -> str:
    return f"apply_{change.name.replace('-', '_')}"


def _written(text: str, changes: dict[str, ChangeKind]) -> dict[str, Any]:
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    scope: dict[str, Any] = {"__name__": __name__}
    scope |= {_word(change): change.apply for change in changes.values() if change.apply is not None}
    exec(compile(text, FILE, "exec"), scope)  # noqa: S102 - the text is written above
    return scope


CHANGES: Final = changes_of(EVENT_KINDS.values())
"""Every kind of change, in the order of names."""

CODES: Final = {name: code for code, name in enumerate(CHANGES)}
"""Code of each kind in compiled code; it is kept nowhere."""

SET_PARAMETER: Final = CODES[PARAMETER.name]
RENEW: Final = CODES[RENEWAL.name]
"""Changes that the engine applies."""

_SCOPE: Final = _written(dispatch_text(CHANGES), CHANGES)

bears_on_interest: Final[Callable[[int], bool]] = rule(_SCOPE["bears_on_interest"])
apply_change: Final[Callable[[World, Parameters, int, int, int, int, float], bool]] = rule(_SCOPE["apply_change"])
