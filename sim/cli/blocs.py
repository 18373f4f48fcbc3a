"""The command ``csto-sim blocs``: the two blocs that landscape theory predicts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import note, put_json
from sim.cli.options import Json, ScenarioArgument, Settings
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.analysis.blocs import Blocs

EXAMPLE = """\b
Examples:
  csto-sim blocs karabakh-2023 --date 2024-12
  csto-sim blocs karabakh-2023 --state ARM --state AZE --state RUS \\
      --state TUR --set dyads.RUS.AZE.ties=-0.5
"""

MOST_SHOWN = 5
"""Alignments that the table has room for."""


def blocs(
    scenario: ScenarioArgument,
    *,
    branch: Annotated[
        str | None, typer.Option("--branch", metavar="NAME", help="Branch of the scenario; default: its first.")
    ] = None,
    date: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM", help="Date of the ties: the end of a month, or start or end.")
    ] = "start",
    state: Annotated[
        list[str] | None, typer.Option("--state", metavar="CODE", help="A state to include; default: all. Repeatable.")
    ] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Show the two blocs that the ties of a scenario imply, by landscape theory (Axelrod & Bennett 1993)."""
    path = find_scenario(scenario)
    from sim.analysis.blocs import find_blocs
    from sim.scenario import branch_names, load

    loaded = load(path, settings or ())
    chosen = branch or branch_names(loaded)[0]
    predicted = find_blocs(loaded, chosen, date, state or ())
    for warning in predicted.warnings:
        note(f"{path}: {warning}")
    if json:
        put_json({"scenario": str(path), "branch": chosen, **_report(predicted)})
        return
    _print(predicted, f"{path.stem}, {chosen}, {predicted.day}")
    note(_doubts(predicted))


def _report(predicted: "Blocs") -> dict[str, Any]:
    return {
        "date": predicted.day,
        "configurations": predicted.configurations,
        "uncoded": predicted.uncoded,
        "unattached": predicted.unattached,
        "sizes": predicted.sizes,
        "alignments": [
            {"sides": alignment.sides, "energy": alignment.energy, "basin": alignment.basin, "holds": alignment.holds}
            for alignment in predicted.minima
        ],
    }


def _print(predicted: "Blocs", context: str) -> None:
    from sim.cli.tables import show
    from sim.output.formatting import percent

    shown = predicted.minima[:MOST_SHOWN]
    count = f"{len(predicted.minima)} stable alignment{'' if len(predicted.minima) == 1 else 's'}"
    cut = f", the {MOST_SHOWN} lowest" if len(predicted.minima) > MOST_SHOWN else ""
    show(
        ("", "one side", "the other", "energy", "reached from"),
        [
            (
                str(number),
                " ".join(alignment.sides[0]),
                " ".join(alignment.sides[1]) or "nobody",
                f"{alignment.energy:z.3g}",
                percent(alignment.basin / predicted.configurations, 1),
            )
            for number, alignment in enumerate(shown, 1)
        ],
        f"Blocs ({context}): {count} of {predicted.configurations}{cut}",
        left=3,
    )
    show(
        ("state", "size", *(f"hold {number}" for number in range(1, len(shown) + 1))),
        [
            (code, percent(size, 1), *(f"{alignment.holds[code]:z.3f}" for alignment in shown))
            for code, size in sorted(predicted.sizes.items(), key=lambda row: -row[1])
        ],
        "Size, and what holds each state on its side: ties to its own side less those to the other, by size",
    )


def _doubts(predicted: "Blocs") -> str:
    pairs = len(predicted.sizes) * (len(predicted.sizes) - 1) // 2
    coded = f"{predicted.uncoded} of {pairs} pairs have no coded ties and count as neutral"
    return coded + (
        f"; without ties, and so without a place: {', '.join(predicted.unattached)}" * bool(predicted.unattached)
    )
