"""The differences between two branches: events left out, added or changed, and any other value."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from sim.model.base_event import BaseEvent
from sim.output.formatting import day_in_words, event_in_words
from sim.output.result import ResultData
from sim.report.blocks import Grid
from sim.scenario import BASE, resolve
from sim.scenario.schema import Scenario

HAPPENS: Final = "happens"
ABSENT: Final = "does not happen"

_LABELS: Final = ("note", "source")
_ASIDE: Final = ("events", "branches", "drop", "title", "description", "metrics")


def as_branch(result: ResultData, branch: str) -> Scenario:
    """Return the scenario with the changes of a branch."""
    return resolve(result.scenario, None if branch == BASE and not result.scenario.branches else branch)


class Change(NamedTuple):
    """One thing in which two branches differ.

    Attributes
    ----------
    what : str
        Event or key of the scenario.
    fields : tuple of (str, str, str)
        Name, value before and value after, as text; a change of the whole thing has no name.
    """

    what: str
    fields: tuple[tuple[str, str, str], ...]


def differences(result: ResultData, a: str, b: str) -> list[Change]:
    """Return the changes from one branch to another: events in the order of their dates, then other values."""
    first, second = as_branch(result, a), as_branch(result, b)
    return [*_events(result, first, second), *_values(first, second)]


def changes(result: ResultData, a: str, b: str) -> Grid | None:
    """Return a table of the differences from one branch to another, None if there are none.

    Parameters
    ----------
    result : ResultData
        The result.
    a, b : str
        Branches.
    """
    rows = [(change.what, _side(change, 1), _side(change, 2)) for change in differences(result, a, b)]
    if not rows:
        return None
    return Grid("What differs between the two branches", ("what", "from", "to"), tuple(rows), figures=())


def _side(change: Change, place: int) -> str:
    return ", ".join(f"{field[0]}: {field[place]}" if field[0] else field[place] for field in change.fields)


def _events(result: ResultData, first: Scenario, second: Scenario) -> Iterator[Change]:
    names = sorted(
        {*first.events, *second.events},
        key=lambda name: (first.events.get(name) or second.events[name]).date,
    )
    for name in names:
        before, after = first.events.get(name), second.events.get(name)
        if before is None or after is None:
            there = before or after
            if there is not None:
                yield Change(named(result, name, there), (("", _happens(before), _happens(after)),))
            continue
        old, new = _plain(before), _plain(after)
        fields = tuple((key, _text(old.get(key)), _text(new.get(key))) for key in _differing(old, new))
        if fields:
            yield Change(named(result, name, before), fields)


def named(result: ResultData, name: str, event: BaseEvent) -> str:
    """Return the date, kind and name of an event, as text."""
    what = event_in_words(event, result.scenario)
    return f"{day_in_words(event.date)}: {what[:1].upper()}{what[1:]} ({name})"


def _happens(event: BaseEvent | None) -> str:
    return ABSENT if event is None else HAPPENS


def _plain(event: BaseEvent) -> dict[str, Any]:
    table = event.model_dump(mode="json", by_alias=True)
    return {key: value for key, value in table.items() if key not in _LABELS}


def _values(first: Scenario, second: Scenario) -> Iterator[Change]:
    sides = [
        dict(_leaves({key: value for key, value in scenario.model_dump(mode="json", by_alias=True).items()
                      if key not in _ASIDE}))
        for scenario in (first, second)
    ]  # fmt: skip
    for key in _differing(*sides):
        before, after = (_text(side.get(key)) for side in sides)
        yield Change(key, (("", before, after),))


def _leaves(tables: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tables.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{name}.")
        elif key not in _LABELS:
            yield name, value


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
