"""Dispatch of dated changes: one chain of conditions, generated from all kinds of change.

Compiled code cannot look up a rule in a table, so the chain is generated as source text, with one condition per kind
in the order of names, and compiled like any other rule.
"""

from collections.abc import Callable, Iterable
from typing import Final

from sim.model.base_event import WorldEvent
from sim.model.changes import OTHER_CHANGES, PARAMETER, RENEWAL, ChangeKind
from sim.model.event_registry import EventClass, kind_of
from sim.model.events import EVENT_KINDS
from sim.model.parameters import Parameters
from sim.model.world import World
from sim.model.writing import written
from sim.rules.registry import rule


def changes_of(kinds: Iterable[EventClass]) -> dict[str, ChangeKind]:
    """Return every kind of change by name, from events and other sources, in the order of names."""
    own = [
        ChangeKind(kind_of(kind), kind.apply, kind.bears_on_interest)
        for kind in kinds
        if issubclass(kind, WorldEvent) and kind.apply is not None
    ]
    return {change.name: change for change in sorted((*own, *OTHER_CHANGES), key=lambda change: change.name)}


def bearing_lines(changes: dict[str, ChangeKind]) -> list[str]:
    """Return the source lines of `bears_on_interest`, where a kind's code is its position in the order of names."""
    bearing = [f"kind == {code}" for code, change in enumerate(changes.values()) if change.bears_on_interest]
    return [
        "def bears_on_interest(kind):",
        '    """Tell whether a change may move what a guarantor weighs beside its stake."""',
        f"    return {' or '.join(bearing)}",
    ]


def applying_lines(changes: dict[str, ChangeKind]) -> list[str]:
    """Return the source lines of `apply_change`, with one condition for each kind that has a rule."""
    lines = [
        "def apply_change(world, p, kind, i, j, k, value):",
        '    """Apply one change to the world; tell whether membership or validity of a treaty changed."""',
    ]
    for code, change in enumerate(changes.values()):
        if change.apply is not None:
            lines.append(f"    if kind == {code}:  # {change.name}")
            lines.append(f"        return {_word(change)}(world, p, i, j, k, value)")
    return [*lines, "    return False"]


def _word(change: ChangeKind) -> str:
    return f"apply_{change.name.replace('-', '_')}"


CHANGES: Final = changes_of(EVENT_KINDS.values())
"""Every kind of change, in the order of names."""

CODES: Final = {name: code for code, name in enumerate(CHANGES)}
"""Code of each kind in compiled code; it is never written to a file."""

SET_PARAMETER: Final = CODES[PARAMETER.name]
RENEW: Final = CODES[RENEWAL.name]
"""Kinds of change without a rule, which the engine applies."""

_SCOPE: Final = {"__name__": __name__} | {_word(change): change.apply for change in CHANGES.values() if change.apply}

bears_on_interest: Final[Callable[[int], bool]] = rule(written("bears_on_interest", bearing_lines(CHANGES), _SCOPE))
apply_change: Final[Callable[[World, Parameters, int, int, int, int, float], bool]] = rule(
    written("apply_change", applying_lines(CHANGES), _SCOPE)
)
