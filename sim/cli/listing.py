"""The command ``csto-sim list``: what is available, from scenarios to parameters."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.console import note, put, put_all, put_json
from sim.cli.options import Json
from sim.errors import InputError
from sim.given import read_text
from sim.library import OWN, scenario_files, scenario_folders, shipped_folder, sweep_folders

Rows = list[dict[str, Any]]


class What(StrEnum):
    """The kinds of things that can be listed."""

    SCENARIOS = "scenarios"
    SWEEPS = "sweeps"
    RESULTS = "results"
    PARAMETERS = "parameters"
    METRICS = "metrics"
    EVENTS = "events"
    RECORD = "record"
    POSTERIORS = "posteriors"
    EXPLANATIONS = "explanations"
    CASES = "cases"
    ALLIANCES = "alliances"


EXAMPLE = """\b
Examples:
  csto-sim list results
  csto-sim list parameters --all
  csto-sim list record --table postures --state ARM
"""

RECORD_COLUMNS = ("table", "date", "state", "what", "confidence", "source")


def list_(
    what: Annotated[What, typer.Argument(metavar="WHAT", help=", ".join(What), show_default=False)],
    everything: Annotated[bool, typer.Option("--all", help="All parameters, not only the main eight.")] = False,
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="One table of the record: attacks, calls, ... .")
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="CODE", help="Only rows of the record about this state.")
    ] = None,
    json: Json = False,
) -> None:
    """List scenarios, sweeps, results, parameters, metrics, events, the coded record, fits, cases or alliances."""
    if what is not What.RECORD and (table is not None or state is not None):
        raise InputError(f"--table and --state go with 'list record', not with 'list {what.value}'")
    gather: dict[What, Callable[[], Rows]] = {
        What.SCENARIOS: _scenarios,
        What.SWEEPS: _sweeps,
        What.RESULTS: _results,
        What.PARAMETERS: lambda: _parameters(everything),
        What.METRICS: _metrics,
        What.EVENTS: _events,
        What.RECORD: lambda: _record(table, state),
        What.POSTERIORS: _posteriors,
        What.EXPLANATIONS: _explanations,
        What.CASES: _cases,
        What.ALLIANCES: _alliances,
    }
    rows = gather[what]()
    known = _known_until(table) if what is What.RECORD else {}
    if json:
        put_json({what.value: rows} | ({"known_until": known} if known else {}))
        return
    from sim.cli.tables import paragraph, show

    if rows:
        heads = [head for head in (RECORD_COLUMNS if what is What.RECORD else rows[0]) if head != "file"]
        show(heads, [[_cell(head, row[head]) for head in heads] for row in rows], left=len(heads))
    else:
        put(f"no {what.value} here")
    if what in (What.SCENARIOS, What.SWEEPS):
        first = f"Those in ./{OWN} and in this folder come first"
        put_all(paragraph(f"{first}; the others ship with csto-sim, in {shipped_folder()}."))
    if what is What.METRICS:
        put(_FORMS)
    for day in dict.fromkeys(known.values()):
        put(f"known until {day}: {', '.join(name for name, until in known.items() if until == day)}")


def _cell(head: str, value: object) -> str:
    """Return a cell as text; a weight is a share."""
    from sim.output.formatting import share

    return share(value) if head == "weight" and isinstance(value, float) else str(value)


_FORMS = """\
A metric asks for a variable at a date, over a span, or when something first holds:
  ARM.posture@2024-12      ARM.trust[RUS]@start      CSTO.credibility@end
  mean(ARM.trust[RUS], 2021-01..2021-12)             first(ARM.posture >= freeze)
Compared with a number, a posture or a month it is true or false in each run:
  ARM.posture@2024-12 >= freeze                      first(ARM.posture >= freeze) <= 2024-12"""


def _files(folders: tuple[Path, ...]) -> Iterator[tuple[Path, dict[str, Any]]]:
    import tomllib

    for path in scenario_files(folders):
        try:
            yield path, tomllib.loads(read_text(path))
        except (OSError, ValueError):
            yield path, {"title": "(cannot be read; csto-sim validate says why)"}


def _scenarios() -> Rows:
    *folders, _ = scenario_folders()  # the cases have a list of their own
    return [
        {
            "name": path.stem,
            "title": str(content.get("title", "")),
            "period": f"{content.get('start', '')}..{content.get('end', '')}",
            "branches": len(branches) if isinstance(branches := content.get("branches"), dict) else 0,
            "file": str(path),
        }
        for path, content in _files(tuple(folders))
        if path.parent != Path() or not {"start", "extends"}.isdisjoint(content)
    ]


def _sweeps() -> Rows:
    return [
        {
            "name": path.stem,
            "title": str(content.get("title", "")),
            "design": _kind(content.get("design")),
            "file": str(path),
        }
        for path, content in _files(sweep_folders())
    ]


def _kind(design: object) -> str:
    return str(design.get("kind", "")) if isinstance(design, dict) else ""


def _results() -> Rows:
    from sim.output.store import stored

    return [
        {
            "folder": str(folder),
            "what": content["kind"],
            "title": content["title"],
            "runs": content["replicates"],
            "seed": content["seed"],
        }
        for folder, content in stored()
    ]


def _parameters(everything: bool) -> Rows:
    from sim.model.parameters import KEY_PARAMETERS, PARAMETERS

    return [
        {
            "parameter": name,
            "symbol": parameter.symbol,
            "default": parameter.default,
            "range": f"{parameter.low:g}..{parameter.high:g}",
            "unit": parameter.unit,
            "meaning": parameter.meaning,
        }
        for name, parameter in PARAMETERS.items()
        if everything or name in KEY_PARAMETERS
    ]


def _metrics() -> Rows:
    from sim.model.variables import VARIABLES

    forms = {
        "state": "STATE.{}",
        "dyad": "STATE.{}[STATE]",
        "member": "STATE.{}[TREATY]",
        "treaty": "TREATY.{}",
    }
    return [
        {"variable": forms[variable.of].format(name), "unit": variable.unit, "meaning": variable.meaning}
        for name, variable in VARIABLES.items()
    ]


def _cases() -> Rows:
    from sim.evidence.cases.listing import listed_cases

    return listed_cases()


def _alliances() -> Rows:
    from sim.scenario.drafts import alliances

    return [
        {
            "name": key,
            "treaty": alliance.name,
            "members": len(alliance.members),
            "in force": f"{alliance.in_force}",
            "help": alliance.defence,
            "doubt": alliance.doubt,
            "address": alliance.address,
        }
        for key, alliance in alliances().items()
    ]


def _events() -> Rows:
    from sim.model.base_event import BaseEvent
    from sim.model.events import EVENT_KINDS

    rows = []
    shared = {*BaseEvent.model_fields, "kind"}
    for word, kind in EVENT_KINDS.items():
        own = {name: field for name, field in kind.model_fields.items() if name not in shared}
        keys = [f"{field.alias or name}{'' if field.is_required() else '?'}" for name, field in own.items()]
        rows.append({"kind": word, "keys (? may be left out)": ", ".join(keys), "meaning": kind.__doc__ or ""})
    return rows


def _record(table: str | None, state: str | None) -> Rows:
    from sim.evidence.entries import entries
    from sim.evidence.record import load_record

    return entries(load_record(), table, state)


def _known_until(table: str | None) -> dict[str, str]:
    from sim.evidence.record import load_record

    return {name: f"{day}" for name, day in load_record().known_until.items() if table in (None, name)}


def _posteriors() -> Rows:
    from sim.experiments.parameters.posteriors import (
        DEFAULTS,
        PRIOR,
        default_posterior,
        load_posterior,
        prior_predictive,
        shipped_posteriors,
    )
    from sim.experiments.parameters.sources import OTHERS, OWN_FITS
    from sim.report.fits import fitted_to

    meanings = {
        DEFAULTS: "the parameter table's own defaults",
        PRIOR: "draws from the priors of the parameter table",
    }
    used = {OTHERS: "others"} | {fit: alliance for alliance, fit in OWN_FITS.items()}
    posteriors = [default_posterior(), prior_predictive(), *(load_posterior(name) for name in shipped_posteriors())]
    return [
        {
            "name": posterior.name,
            "draws": len(posterior.weights),
            "effective size": round(posterior.effective_size, 1),
            "default of": used.get(posterior.name, ""),
            "meaning": meanings.get(posterior.name) or f"fitted to {fitted_to(posterior.name)}",
        }
        for posterior in posteriors
    ]


def _explanations() -> Rows:
    from sim.experiments.parameters.explanations import explanation_weights, load_explanations
    from sim.experiments.parameters.sources import unscored_note

    if older := unscored_note():
        note(older)
    weights = explanation_weights()
    return [
        {"name": name, "weight": round(weights.get(name, 0.0), 4), "meaning": variant.meaning}
        for name, variant in load_explanations().items()
    ]
