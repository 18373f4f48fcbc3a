"""The commands ``csto-sim validate`` and ``csto-sim schema``: check files and print their JSON Schema."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import note, put, put_json
from sim.cli.options import Injects, Json
from sim.library import find_sweep

if TYPE_CHECKING:
    from sim.scenario import Problem

EXAMPLE = """\b
Examples:
  csto-sim validate scenarios/*.toml scenarios/sweeps/*.toml
  csto-sim validate karabakh-2023 --injects lesson.csv
"""
SCHEMA_EXAMPLE = """\b
Examples:
  csto-sim schema sweep > docs/sweep.schema.json
  csto-sim schema > docs/scenario.schema.json
"""


def validate(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Scenarios and sweeps, by file or name.", show_default=False)
    ],
    json: Json = False,
    injects: Injects = None,
) -> None:
    """Check scenario and sweep files and print every problem with its file, line and key.

    A changed value that an event sets anew later is a warning, not a problem; so is a metric that is always missing.
    """
    from sim.experiments.sweep_file import check_all_files, missing_in, overwritten_in
    from sim.scenario.injects import check_injects

    paths = [find_sweep(file) for file in files]
    problems = check_all_files(paths)
    if injects is not None and not problems:
        problems = check_injects(paths, injects)
    for path in paths if not problems else ():
        for warning in (*overwritten_in(path), *missing_in(path)):
            note(f"{path}: {warning}")
    if json:
        put_json([_record(problem) for problem in problems])
    else:
        for problem in problems:
            put(str(problem))
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}" if problems else "no problems"
        note(f"{len(files)} file{'' if len(files) == 1 else 's'} checked: {count}")
    if problems:
        raise typer.Exit(2)


def _record(problem: "Problem") -> dict[str, Any]:
    hint = f"; did you mean '{problem.nearest}'?" if problem.nearest else ""
    return {
        "file": problem.file,
        "line": problem.line,
        "key": problem.key,
        "problem": problem.problem + hint,
        "allowed": problem.allowed,
    }


class Of(StrEnum):
    """The kinds of file that have a schema."""

    SCENARIO = "scenario"
    SWEEP = "sweep"


def schema(
    of: Annotated[Of, typer.Argument(metavar="scenario|sweep", help="Kind of file.")] = Of.SCENARIO,
) -> None:
    """Print the JSON Schema of scenario or sweep files, for completion and validation in editors."""
    if of is Of.SWEEP:
        from sim.experiments.sweep_schema import schema_text
    else:
        from sim.scenario.schema_json import schema_text
    put(schema_text().rstrip("\n"))
