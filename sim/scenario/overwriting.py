"""Changed values that an event of the scenario replaces later, so that the change matters less than it seems."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sim.scenario.branches import branch_names, resolve
from sim.scenario.schema import Branch, Scenario

_TABLES: Final = ("states", "places", "dyads", "parameters")
_BRANCHES: Final = "branches."


def overwriting(scenario: Scenario, keys: Iterable[str], branches: Iterable[str]) -> list[str]:
    """Return a warning for each changed key that an event sets anew during the runs of the given branches.

    Parameters
    ----------
    scenario : Scenario
    keys : iterable of str
        Keys that ``--set``, a sweep or a branch changes, such as ``states.RUS.overstretch``.
    branches : iterable of str
        The branches that are run; a key ``branches.NAME...`` matters in that branch alone.
    """
    given, names = tuple(keys), tuple(branches)
    branches_of: dict[str, list[str]] = {}
    for branch in names:
        own = f"{_BRANCHES}{branch}."
        held = [key.removeprefix(own) for key in given if key.startswith(own) or not key.startswith(_BRANCHES)]
        for line in _overwritten(scenario, branch, held):
            branches_of.setdefault(line, []).append(branch)
    return [
        line if len(where) == len(names) else f"{line} (in {', '.join(where)})" for line, where in branches_of.items()
    ]


def overwritten_by_branches(scenario: Scenario) -> list[str]:
    """Return a warning for each value of a branch that an event sets anew during its runs."""
    keys = [f"{_BRANCHES}{name}.{key}" for name, branch in scenario.branches.items() for key in _keys_of(branch)]
    return overwriting(scenario, keys, branch_names(scenario)) if keys else []


def _overwritten(scenario: Scenario, branch: str, keys: Iterable[str]) -> Iterator[str]:
    first: dict[str, str] = {}
    for name, event in sorted(resolve(scenario, branch).events.items(), key=lambda item: item[1].date):
        for key in event.overwrites():
            sets = "may set" if event.only_if else "sets"
            first.setdefault(key, f"{key} holds up to {event.date} only: event '{name}' {sets} it anew")
    return (first[key] for key in keys if key in first)


def _keys_of(branch: Branch) -> Iterator[str]:
    for table in _TABLES:
        yield from _leaves(getattr(branch, table), table)


def _leaves(table: Mapping[str, Any], above: str) -> Iterator[str]:
    for name, value in table.items():
        key = f"{above}.{name}"
        yield key
        if isinstance(value, Mapping):
            yield from _leaves(value, key)
