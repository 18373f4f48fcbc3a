"""The command ``csto-sim calibrate``: fit the parameters to the coded record."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import progress, put, put_json, say
from sim.cli.options import Json, Out, Workers, find_scenario

if TYPE_CHECKING:
    from sim.evidence.calibration import Calibration

EXAMPLE = """\b
Examples:
  csto-sim calibrate --bank results/bank --out results/fit
  csto-sim run scenarios/karabakh-2023.toml --parameters results/fit/posterior-full.parquet
"""


def calibrate(
    scenario: Annotated[
        str, typer.Argument(metavar="[HISTORY]", help="History to fit to, a scenario file or its name in ./scenarios.")
    ] = "csto-history",
    *,
    bank: Annotated[
        Path | None,
        typer.Option(
            "--bank",
            metavar="DIR",
            help="Folder of stored simulations, used again; default: results/calibration/bank.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", metavar="N", help="Draws from the priors; default: 4096.", show_default=False),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates", metavar="R", help="Runs for each draw in each branch; default: 16.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of the random numbers.")] = 1,
    out: Out = None,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Fit the parameters to the coded record; write posteriors, the pattern matrix and the unidentified parameters."""
    path = find_scenario(scenario)
    from sim.engine import compiler
    from sim.output.staging import check_target
    from sim.scenario import load

    loaded = load(path)
    compiler.begin()
    from sim.evidence import calibration, calibration_tables
    from sim.machine import processors

    settings = calibration.CalibrationSize(
        size=calibration.SIZE if size is None else size,
        replicates=calibration.REPLICATES if replicates is None else replicates,
        seed=seed,
        threads=processors() if workers is None else workers,
    ).checked()
    target = out or calibration_tables.folder_for(loaded, settings)
    check_target(target)
    folder = bank or calibration_tables.BANK
    began = time.perf_counter()
    with progress("calibrate") as tell:
        found = calibration.calibrate(loaded, folder, settings, progress=tell, tell=say)
    seconds = time.perf_counter() - began
    calibration_tables.save(found, loaded, target, seconds)
    for warning in calibration_tables.thin(found):
        say(warning)
    if json:
        put_json(calibration_tables.report(found, target, folder, seconds))
        return
    _show(found)
    put(f"Calibration: {target}")


def _show(found: "Calibration") -> None:
    from sim.cli.tables import show
    from sim.evidence import calibration_tables

    heads = ("pattern", "accepted", *calibration_tables.SHOWN)
    titles = {"world": "Reference class: generic worlds", "panel": "The alliance, 1992-2026"}
    for tier, title in titles.items():
        show(heads, calibration_tables.pattern_rows(found, tier), title)
    show(
        ("posterior", "accepted", "effective size", "distance", "Armenia's weight"), calibration_tables.fit_rows(found)
    )
    show(("explanation", "among the nearest draws", "nearest", "median"), calibration_tables.explained_rows(found))
