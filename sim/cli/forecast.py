"""The command ``csto-sim forecast``: registered forecasts of dated questions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import note, progress, put, put_json
from sim.cli.options import Json, ParameterSource, Workers

EXAMPLE = """\b
Example:
  csto-sim forecast forecasts/questions.toml --replicates 500 \\
      --out rehearsal/first.json
"""

FEW = 200
"""The effective number of runs below which a message warns of few runs."""


def forecast(
    questions: Annotated[
        Path | None,
        typer.Argument(
            metavar="QUESTIONS", help="File of questions; default: forecasts/questions.toml.", show_default=False
        ),
    ] = None,
    *,
    replicates: Annotated[
        int | None, typer.Option("--replicates", metavar="N", help="Runs of each branch; default: the file's.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="S", help="Seed; default: the file's.")] = None,
    parameters: ParameterSource = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="File to write, with the register beside it; default: forecasts/<date>-<scenario>.json.",
        ),
    ] = None,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Register forecast probabilities for dated questions in a sealed file, with an entry in the register."""
    from sim.evidence.registered.questions import read_questions
    from sim.evidence.registered.register import FORECASTS, QUESTIONS

    asked = read_questions(questions or QUESTIONS)
    from sim.evidence.registered.making import inputs_of, with_chances
    from sim.evidence.registered.outcomes import check_open
    from sim.evidence.registered.register import check_new, register
    from sim.experiments.ensemble import positive
    from sim.experiments.parameters.sources import parameter_draws

    if workers is not None:
        positive("workers", workers)
    draws = parameter_draws(parameters, asked.scenario)
    made_on = datetime.now(UTC).date()
    target = out or FORECASTS / f"{made_on}-{asked.name}.json"
    inputs = inputs_of(asked, made_on, replicates, seed, draws)
    check_new(target, inputs)
    check_open(target.parent, inputs)
    from sim.engine import compiler

    compiler.begin()
    with progress(asked.name) as tell:
        content = register(with_chances(asked, inputs, draws=draws, workers=workers, progress=tell), target)
    for name, question in content["questions"].items():
        if question["worth"] < FEW:
            note(f"{name}: rests on runs worth {question['worth']:g}; more --replicates narrow it")
    if json:
        put_json({"file": str(target), **content})
        return
    from sim.cli.tables import show
    from sim.evidence.registered.printing import forecast_tables

    for shown in forecast_tables(content):
        show(shown.heads, shown.rows, shown.title, left=2)
    put(f"Forecast: {target}")
    put(f"SHA-256: {content['sha256']}")
