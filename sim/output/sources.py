"""The data sources of a result: data sets with licence and citation, and all single sources."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

from sim.model.fields import ScenarioTable
from sim.model.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.version import __version__

_RECORD = "sim/data/record"

TERMS: Final = {
    "Version": f"the data shipped with csto-sim {__version__}, with what the scenario adds; scenario.json holds every "
    "value in full.",
    "Licence": "the coding is MIT, as the software; figures from elsewhere are under their publishers' terms.",
    "Citation": f"The csto-sim authors, csto-sim {__version__}; and for a figure, the source named with it.",
}
"""Version, licence and citation of the data of a result."""


def sources_text(scenario: Scenario) -> str:
    """Return the text of ``DATA-SOURCES.txt``.

    Parameters
    ----------
    scenario : Scenario
        The scenario that was run; data sets are those that its sources name, and with them those of the coded
        record that figures show.
    """
    keys = _keys_by_source(scenario)
    text = "Data of this result\n\n" + "".join(f"{what}: {terms}\n" for what, terms in TERMS.items())
    sets = _data_sets(list(keys))
    if sets:
        text += "\nData sets\n\n" + "\n".join(_data_set_lines(entry) for entry in sets)
    lines = [f"- {source}\n    {', '.join(where)}" for source, where in sorted(keys.items())]
    text += "\nSingle sources, with the keys of the scenario that they stand for\n\n"
    text += "\n".join(lines or ["- none named"]) + "\n"
    late = carried_back(scenario)
    if late:
        year = scenario.start.year
        text += f"\nCarried back: these {len(late)} figures are of years after {year}, where the run starts\n\n"
        text += "\n".join(f"- {key}: {first}" for key, first in late) + "\n"
    return text


def carried_back(scenario: Scenario) -> list[tuple[str, int]]:
    """Return the keys of values whose first year is after the start of the run, with that year."""
    tables: dict[str, ScenarioTable] = {f"states.{code}": state for code, state in scenario.states.items()}
    for code, others in scenario.dyads.items():
        tables |= {f"dyads.{code}.{other}": dyad for other, dyad in others.items()}
    for code, believed in scenario.beliefs.items():
        tables |= {f"beliefs.{code}.{other}": belief for other, belief in believed.items()}
    return sorted(
        (f"{key}.{name}", value.years[0])
        for key, table in tables.items()
        for name, value in table
        if isinstance(value, Quantity) and value.carried_at(scenario.start.year)
    )


def data_sets(scenario: Scenario) -> list[dict[str, str]]:
    """Return the data sets named in a scenario's sources, with name, version, licence, citation and URL."""
    return _data_sets(list(_keys_by_source(scenario)))


def _keys_by_source(scenario: Scenario) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for key, source in _sources(scenario.model_dump(by_alias=True, exclude={"story"}), ""):
        keys.setdefault(source, []).append(key)
    return keys


def _data_sets(sources: list[str]) -> list[dict[str, str]]:
    known = tomllib.loads((files("sim") / "data" / "record" / "sources.toml").read_text(encoding="utf-8"))
    named = [entry for entry in known.values() if entry["match"] and _names(sources, entry["match"])]
    return [entry for entry in known.values() if entry in named or (named and _RECORD in entry["used_for"])]


def _names(sources: list[str], word: str) -> bool:
    pattern = re.compile(rf"\b{re.escape(word)}\b")
    return any(pattern.search(source) for source in sources)


def _data_set_lines(entry: dict[str, str]) -> str:
    lines = [f"- {entry['name']}"]
    lines += [f"    {what}: {entry[what]}" for what in ("version", "licence", "citation", "url") if entry.get(what)]
    return "\n".join(lines)


def _sources(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    source = value.get("source")
    if isinstance(source, str) and source.strip():
        yield key, " ".join(source.split())
    for name, inner in value.items():
        yield from _sources(inner, f"{key}.{name}" if key else str(name))
