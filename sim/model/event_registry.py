"""Registry of event kinds, with a check that each kind is complete."""

import dis
import inspect
from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Final, get_args

from pydantic.fields import FieldInfo

from sim.model.base_event import BaseEvent, EvidenceEvent, ShockEvent, WorldEvent
from sim.model.changes import OTHER_CHANGES
from sim.words import ON_RECORD

EventClass = type[BaseEvent]

_WORDS: Final = {
    "sentence": "what happened, with its keys in braces",
    "guide": "what an event of the kind does, for docs/scenarios.md",
    "switch": "its words as a switch of the explorer",
    "marker": "a MarkerStyle: how it stands among the events of a figure",
}
_ARGUMENTS: Final = 6
"""Number of arguments of a rule: world, parameters, i, j, k and value."""


def event_kinds(package: ModuleType) -> dict[str, EventClass]:
    """Import every module of a package and return its event kinds, in list order.

    Raises
    ------
    TypeError
        If a module declares no kind, two declare the same, or a kind lacks a part.
    """
    classes: list[EventClass] = []
    for entry in iter_modules(package.__path__, f"{package.__name__}."):
        module = import_module(entry.name)
        own = [member for _, member in inspect.getmembers(module, _is_kind) if member.__module__ == entry.name]
        if not own:
            raise TypeError(f"{entry.name} declares no kind of event: it needs a class with kind: Literal[...]")
        classes += own
    return checked(classes)


def checked(classes: Iterable[EventClass]) -> dict[str, EventClass]:
    """Return event classes by kind, in list order; refuse an incomplete or duplicate kind."""
    kinds: dict[str, EventClass] = {}
    for event in sorted(classes, key=lambda event: (event.order, kind_of(event))):
        kind = kind_of(event)
        if kind in kinds:
            raise TypeError(f"event kind '{kind}' is declared twice: {_place(kinds[kind])} and {_place(event)}")
        lacks = list(_lacks(kind, event))
        if lacks:
            raise TypeError(f"event kind '{kind}' ({_place(event)}) lacks {'; '.join(lacks)}")
        kinds[kind] = event
    return kinds


def kind_of(event: EventClass) -> str:
    """Return the value of ``kind`` in events of a class."""
    (word,) = get_args(event.model_fields["kind"].annotation)
    return str(word)


def _is_kind(member: object) -> bool:
    return isinstance(member, type) and issubclass(member, BaseEvent) and "kind" in member.model_fields


def _place(event: EventClass) -> str:
    return f"{event.__module__}.{event.__name__}"


def _lacks(kind: str, event: EventClass) -> Iterator[str]:
    if not kind.replace("-", "_").isidentifier():
        yield "a kind of letters, digits and dashes"
    if not event.__dict__.get("__doc__"):
        yield "a docstring: one sentence that says what it is"
    yield from (f"'{part}': {meaning}" for part, meaning in _WORDS.items() if not getattr(event, part, None))
    yield from (f"a description of '{name}'" for name, field in _own_fields(event) if not field.description)
    if issubclass(event, WorldEvent):
        yield from _lacks_of_change(kind, event)
    elif issubclass(event, ShockEvent):
        if event.case is ShockEvent.case:
            yield "'case': what treaties are asked to cover"
    elif issubclass(event, EvidenceEvent):
        if event.case is EvidenceEvent.case:
            yield "'case': what was promised, and to whom"
    elif kind not in ON_RECORD:
        yield "an effect: it must be a WorldEvent, a ShockEvent or an EvidenceEvent"


def _lacks_of_change(kind: str, event: type[WorldEvent]) -> Iterator[str]:
    if event.effects is WorldEvent.effects:
        yield "'effects': the changes that an event of the kind is"
    if kind in {change.name for change in OTHER_CHANGES}:
        yield f"a name of its own: there is a change '{kind}' that is no event"
    if not hasattr(event, "apply"):
        yield "'apply': the rule of its change, or None where it acts through other changes"
    elif event.apply is None:
        if not event.acts_through:
            yield "an effect: 'apply' is None, and it acts through no other change"
    else:
        if not isinstance(getattr(event, "bears_on_interest", None), bool):
            yield "'bears_on_interest': whether its change may move what a guarantor weighs"
        if len(inspect.signature(event.apply).parameters) != _ARGUMENTS:
            yield "a rule that takes (world, p, i, j, k, value)"
        if not any(step.opname.startswith(("STORE_SUBSCR", "CALL")) for step in dis.get_instructions(event.apply)):
            yield "an effect: its rule changes nothing of the world"


def _own_fields(event: EventClass) -> list[tuple[str, FieldInfo]]:
    return [item for item in event.model_fields.items() if item[0] != "kind"]
