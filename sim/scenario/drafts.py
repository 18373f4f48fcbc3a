"""Drafts of scenario files: copies of scenarios and cases, and scenarios of living alliances."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Final

from pydantic import Field

from sim.errors import InputError
from sim.library import find_scenario, shipped_folder
from sim.model.fields import Code, Day, Name, ScenarioTable
from sim.scenario.files import SHIPPED, extended
from sim.scenario.problems import closest, listed

PLACEHOLDER: Final = 0.005
"""Capability of a state for which the package has no figure."""

YEARS: Final = 5
"""Length of the period of a draft."""

_SCHEMA: Final = "#:schema"


class LivingAlliance(ScenarioTable):
    """A living alliance, as far as its treaty says."""

    treaty: Name = Field(description="short name, as metrics write it")
    name: str = Field(description="name of the treaty")
    signed: date = Field(description="day of signature")
    in_force: date = Field(description="day of entry into force")
    guarantor: Code = Field(description="whose help the others count on")
    defence: str = Field(description="article that owes help")
    consultation: str = Field(description="article that owes consultation")
    exit: str = Field("", description="article on leaving")
    notice: Annotated[float, Field(ge=0, le=120)] | None = Field(None, description="months from notice to exit")
    obligors: list[Code] = Field(default_factory=list, description="members that owe help, if not all")
    members: dict[Code, Day] | list[Code] = Field(description="states bound, with the day where it is known")
    address: str = Field(description="where the text can be read")
    doubt: str = Field(description="what is disputed or unclear")


@cache
def alliances() -> Mapping[str, LivingAlliance]:
    """Return the living alliances by key, from ``alliances.toml`` of the package."""
    table = tomllib.loads((SHIPPED / "alliances.toml").read_text(encoding="utf-8"))
    return {key: LivingAlliance.model_validate(row) for key, row in table.items()}


def copied(name: str, source: str) -> str:
    """Return the text of a scenario or case with a new title and no references to files beside it.

    Parameters
    ----------
    name : str
        Name of the new file, which becomes its title.
    source : str
        A scenario or case, by name or file.
    """
    path = find_scenario(source)
    text = path.read_text(encoding="utf-8")
    beside = {file.name for file in shipped_folder().glob("*.toml")} if path.parent == shipped_folder() else set()
    for other in extended(tomllib.loads(text)):
        if other in beside:
            text = text.replace(f'"{other}"', f'"{other.removesuffix(".toml")}"')
    lines = [line for line in text.splitlines() if not line.startswith(_SCHEMA)]
    at = next(number for number, line in enumerate(lines) if line.startswith("title"))
    was, lines[at] = lines[at], f"title = {json.dumps(name, ensure_ascii=False)}"
    head = f"# A copy of {path.stem} ({was}), to change: `csto-sim validate` checks it, `csto-sim run {name}` runs it."
    return "\n".join([head, *lines]) + "\n"


def of_alliance(name: str, key: str, first: date) -> str:
    """Return the text of a scenario of a living alliance: an attack on a member, and two answers of its guarantor.

    Parameters
    ----------
    name : str
        Name of the new file.
    key : str
        Key of the alliance in ``alliances.toml``.
    first : date
        First day of the period.

    Raises
    ------
    InputError
        If there is no such alliance.
    """
    if key not in alliances():
        near = closest(key, alliances())
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"there is no alliance '{key}'; allowed: {listed(alliances())}{hint}")
    alliance = alliances()[key]
    treaty, guarantor = alliance.treaty, alliance.guarantor
    member = _member_to_ask(alliance)
    names = _names()
    last = date(first.year + YEARS - 1, 12, 31)
    hit = date(first.year, 6, 1)
    after = date(first.year + 1, 12, 1)
    lines = [
        f"# A draft about {alliance.name}, to change: `csto-sim validate` checks it, `csto-sim run {name}` runs it.",
        "# What is marked as a placeholder is no figure: `csto-sim import` reads figures from official files.",
        f"# Doubt: {alliance.doubt}",
        f'title = "{name}: an attack on {names[member]}, and two answers"',
        f'description = "Does the course of {names[member]} depend on whether its guarantor sends forces?"',
        f"start = {first}",
        f"end = {last}",
        f'focus = "{treaty}"',
        "replicates = 200",
        "seed = 1",
        f'metrics = ["{member}.trust[{guarantor}]@{after:%Y-%m}", "{member}.posture@{after:%Y-%m} >= reduce"]',
        "",
        "[states]",
        *(_state(code, names[code]) for code in alliance.members),
        'FOE = { name = "A challenger", capability = 0.05, source = "placeholder" }',
        "",
        f"[treaties.{treaty}]",
        f"name = {json.dumps(alliance.name)}",
        f"members = {json.dumps(list(alliance.members))}{_since(alliance)}",
        f'guarantor = "{guarantor}"',
        *([f"obligors = {json.dumps(alliance.obligors)}"] if alliance.obligors else []),
        "ladder = true",
        *([f"notice_months = {alliance.notice:g}    # article {alliance.exit}"] if alliance.notice is not None else []),
        f'source = "signed {alliance.signed}, in force {alliance.in_force}; {alliance.address}"',
        "",
        f"[treaties.{treaty}.clauses]",
        f'defence = {{ article = "{alliance.defence}", obligation = "defend" }}',
        f'consultation = {{ article = "{alliance.consultation}", obligation = "consult" }}',
        "",
        "[dyads]    # placeholders: what the member fears, and what it has from its guarantor",
        f'{member}.FOE = {{ threat = 0.5, contiguous = true, source = "placeholder" }}',
        f'{member}.{guarantor} = {{ ties = 0.5, arms = 0.5, source = "placeholder" }}',
        "",
        "[events]",
        f'attack = {{ date = {hit}, kind = "attack", aggressor = "FOE", victim = "{member}", severity = 0.5 }}',
        f'call = {{ date = {hit}, kind = "call", state = "{member}", treaty = "{treaty}", because_of = "attack" }}',
        f'answer = {{ date = {hit}, kind = "response", state = "{guarantor}", to = "attack", response = "materiel" }}',
        "",
        "[branches.materiel]",
        'title = "The guarantor sends materiel"',
        "",
        "[branches.forces]",
        'title = "The guarantor sends forces"',
        "",
        "[branches.forces.events]",
        'answer = { response = "forces" }',
    ]
    return "\n".join(lines) + "\n"


def _member_to_ask(alliance: LivingAlliance) -> str:
    """Return the member that a draft asks about: the one bound last, among those that are not the guarantor."""
    return [code for code in alliance.members if code != alliance.guarantor][-1]


def _state(code: str, name: str) -> str:
    figures = _figures().get(code, {}).get("capability")
    if figures is None:
        return f'{code} = {{ name = "{name}", capability = {PLACEHOLDER}, source = "placeholder" }}'
    year, value = next((year, value) for year, value in figures.items() if year != "source")
    return f'{code} = {{ name = "{name}", capability = {value}, source = "{figures["source"]}, {year}" }}'


def _since(alliance: LivingAlliance) -> str:
    if not isinstance(alliance.members, dict):
        return ""
    later = [f"{code} {day}" for code, day in alliance.members.items() if day > alliance.in_force]
    return f"    # bound later: {', '.join(later)}" if later else ""


@cache
def _figures() -> dict[str, dict[str, Any]]:
    states: dict[str, dict[str, Any]] = tomllib.loads((SHIPPED / "csto-figures.toml").read_text("utf-8"))["states"]
    return states


@cache
def _names() -> dict[str, str]:
    lines = (SHIPPED / "codes.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {code: name for code, name, *_ in (line.split(",") for line in lines)}
