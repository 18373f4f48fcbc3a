"""Where the data of a result come from: every source that its scenario names."""

from collections.abc import Iterator
from typing import Any

from sim.scenario.schema import Scenario
from sim.version import __version__

_HEAD = f"""\
Data of this result

Version: the data shipped with csto-sim {__version__}, with what the scenario adds; scenario.json holds every
value in full.
Licence: facts as coded by the csto-sim authors, MIT, as the software; figures remain those of the sources
named below, whose own terms hold.
Citation: The csto-sim authors, csto-sim {__version__}; and for a figure, the source named beside it.

Sources, with the keys of the scenario that they stand for:
"""


def sources_text(scenario: Scenario) -> str:
    """Return the text of ``DATA-SOURCES.txt``: version, licence, citation, and each source with its keys.

    Parameters
    ----------
    scenario : Scenario
        The scenario that was run.
    """
    keys: dict[str, list[str]] = {}
    for key, source in _sources(scenario.model_dump(by_alias=True), ""):
        keys.setdefault(source, []).append(key)
    lines = [f"- {source}\n    {', '.join(where)}" for source, where in sorted(keys.items())]
    return _HEAD + "\n" + "\n".join(lines or ["- none named"]) + "\n"


def _sources(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    source = value.get("source")
    if isinstance(source, str) and source.strip():
        yield key, " ".join(source.split())
    for name, inner in value.items():
        yield from _sources(inner, f"{key}.{name}" if key else str(name))
