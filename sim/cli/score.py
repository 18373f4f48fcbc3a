"""The command ``csto-sim score``: scores of registered forecasts whose outcomes are known."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import note, put_json
from sim.cli.options import Json
from sim.errors import InputError

EXAMPLE = """\b
Example:
  csto-sim score forecasts --json
"""


def score(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER", help="Folder with register and outcomes; default: ./forecasts.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Score registered forecasts against the recorded outcomes, and compare them with naive forecasts."""
    from sim.evidence.registered.outcomes import OUTCOMES, read_outcomes
    from sim.evidence.registered.register import FORECASTS, REGISTER, read_register
    from sim.evidence.registered.scoring import scorecard

    folder = folder or FORECASTS
    forecasts = read_register(folder)
    if not forecasts:
        raise InputError(f"{folder}: no registered forecast (no {REGISTER}); `csto-sim forecast` makes one")
    outcomes = read_outcomes(folder, forecasts, datetime.now(UTC).date())
    card = scorecard(forecasts, outcomes)
    if json:
        put_json(card)
        return
    if not outcomes:
        note(f"{folder / OUTCOMES}: no outcomes yet")
    from sim.cli.tables import show
    from sim.evidence.registered.printing import score_tables

    for shown in score_tables(card):
        show(shown.heads, shown.rows, shown.title, left=2)
