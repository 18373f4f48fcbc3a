"""Merging of scenario files and overrides, each after its dropped entries are removed."""

from collections.abc import Mapping
from typing import Any

from sim.scenario.files import UNCHANGED_KEYS, Source
from sim.scenario.merging import dropped_with, merge
from sim.scenario.problems import Finding, ScenarioError, closest, listed, show
from sim.scenario.targets import targets


def combine(sources: tuple[Source, ...], base: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[Finding]]:
    """Merge the sources in order, after removing the entries that each source drops.

    Overrides remove the story and the claims, which are about the scenario as its file has it.

    Parameters
    ----------
    sources : tuple of Source
        The most basic first.
    base : mapping, optional
        Tables, or parts of a checked scenario, to which all sources are applied.

    Returns
    -------
    tuple
        The merged tables, whose ``drop`` names every removed event, and the drops of events that do not exist.

    Raises
    ------
    ScenarioError
        If an override refers to a table that does not exist.
    """
    data = dict(base or {})
    gone = dict.fromkeys(data.get("drop", ()))
    findings: list[Finding] = []
    for source in sources:
        events = _table(data, "events")
        names = _names(source.data.get("drop"))
        for position, name in enumerate(names):
            if name not in events and name not in gone:
                nearest = closest(name, events)
                problem = f"there is no event {show(name)} to drop in what is extended"
                findings.append(Finding(("drop", position), problem, listed(events), nearest))
        dropped = dropped_with(events, names)
        gone |= dict.fromkeys(dropped)
        if dropped:
            data["events"] = {name: event for name, event in events.items() if name not in dropped}
        if not source.text:
            unreached = targets(data, source.data)
            if unreached:
                raise ScenarioError(unreached)
            data = {key: value for key, value in data.items() if key not in UNCHANGED_KEYS}
        if source.data.get("drop_branches") is True:
            data.pop("branches", None)
        data = merge(data, source.data)
    if gone and data.get("drop") == _names(data.get("drop")):
        data["drop"] = [name for name in gone if name not in _table(data, "events")]
    return data, findings


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    held = data.get(key)
    return held if isinstance(held, Mapping) else {}


def _names(given: Any) -> list[str]:
    return [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
