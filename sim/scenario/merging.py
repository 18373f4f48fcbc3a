"""Merging of two tables, and the events that are removed together with a dropped event."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel


def merge(base: Any, given: Any) -> Any:
    """Merge ``given`` into ``base``: tables merge key by key, any other value replaces the old one.

    ``base`` may contain parts of a checked scenario in place of tables; only those that ``given`` changes are
    converted back to tables. A ``value`` replaces numbers by year, and vice versa.
    """
    if not isinstance(given, Mapping):
        return given
    held = base.model_dump(by_alias=True, exclude_unset=True) if isinstance(base, BaseModel) else base
    if not isinstance(held, Mapping):
        return dict(given)
    merged = dict(held)
    if "value" in given:
        merged = {key: value for key, value in merged.items() if not _is_year(key)}
    elif any(map(_is_year, given)):
        merged.pop("value", None)
    for key, value in given.items():
        merged[key] = merge(merged.get(key), value)
    return merged


def _is_year(key: str) -> bool:
    return len(key) == 4 and key.isdigit()


def dropped_with(events: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return ``names`` and all events caused by them, in the order of ``events``.

    ``events`` may hold tables as read or checked events.
    """
    effects: dict[str, list[str]] = {}
    for name, event in events.items():
        cause = cause_of(event)
        if cause is not None:
            effects.setdefault(cause, []).append(name)
    gone: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name not in gone:
            gone.add(name)
            ahead += effects.get(name, ())
    return [name for name in events if name in gone]


def cause_of(event: Any) -> str | None:
    """Return the event named in ``because_of``, None if the key holds no name."""
    cause = event.get("because_of") if isinstance(event, Mapping) else getattr(event, "because_of", None)
    return cause if isinstance(cause, str) else None
