"""The command ``csto-sim new``: a new scenario file to edit."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import put, put_json
from sim.cli.options import Json, scenario_names
from sim.errors import InputError

EXAMPLE = """\b
Examples:
  csto-sim new mine
  csto-sim new mine --from turkey_nato_patriot_2012
  csto-sim new mine --alliance nato
"""

FIRST = "first-steps"
"""Scenario that is copied unless another is named."""


def alliance_names(incomplete: str) -> list[str]:
    """Return the keys of living alliances that begin so, for shell completion."""
    from sim.scenario.drafts import alliances

    return [key for key in alliances() if key.startswith(incomplete)]


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the scenario: NAME.toml.", show_default=False)],
    *,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SCENARIO",
            help=f"Scenario or case to copy; default: {FIRST}.",
            autocompletion=scenario_names,
        ),
    ] = None,
    alliance: Annotated[
        str | None,
        typer.Option(
            "--alliance",
            metavar="KEY",
            help="Draft a scenario of a living alliance: nato, us-japan, anzus, rio, ... (`csto-sim list alliances`).",
            autocompletion=alliance_names,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Write a scenario file of your own, NAME.toml in this folder, which runs as it is and is there to be changed."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name) is None:
        raise InputError(f"'{name}' is no name for a scenario; allowed: letters, digits, - and _")
    if from_ is not None and alliance is not None:
        raise InputError("--from and --alliance exclude each other; give one of them")
    from sim.output.staging import staged_file
    from sim.scenario.drafts import copied, of_alliance

    if alliance is None:
        text = copied(name, from_ or FIRST)
    else:
        text = of_alliance(name, alliance, datetime.now(UTC).date().replace(month=1, day=1))
    path = Path(f"{name}.toml")
    with staged_file(path) as written:
        written.write_text(text, encoding="utf-8", newline="\n")
    if json:
        put_json({"file": str(path)})
        return
    put(f"Scenario: {path}")
    put(f"Next: csto-sim run {name}", whole=True)
