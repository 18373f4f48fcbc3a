"""The command ``csto-sim calibrate``: fit the parameters to the library of alliances and the coded record."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import note, put, put_json
from sim.cli.options import Json, Out, Workers
from sim.errors import InputError
from sim.library import find_scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.evidence.calibration.calibrating import Calibration

EXAMPLE = """\b
Examples:
  csto-sim calibrate --steps results/steps --out results/fit
  csto-sim calibrate --particles 300 --out results/rough
  csto-sim run karabakh-2023 --parameters results/fit/posterior-full.parquet
"""


def calibrate(
    scenario: Annotated[str, typer.Argument(metavar="HISTORY", help="History to fit to.")] = "csto-history",
    *,
    steps: Annotated[
        Path | None,
        typer.Option(
            "--steps",
            metavar="DIR",
            help="Folder of the sampler's steps, from which a stopped calibration resumes; default: "
            "results/calibration/steps.",
            show_default=False,
        ),
    ] = None,
    particles: Annotated[
        int | None,
        typer.Option("--particles", metavar="N", help="Draws of each main fit; default: 1000.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of the random numbers.")] = 1,
    out: Out = None,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Fit the parameters to the library of alliances and the coded record; write posteriors and tables about them."""
    path = find_scenario(scenario)
    from sim.engine import compiler
    from sim.output.staging import check_target
    from sim.scenario import load

    loaded = load(path)
    compiler.begin()
    from sim.evidence.calibration import calibrating, files
    from sim.evidence.calibration.checks import DRAWS, RUNS, PatternChecks
    from sim.evidence.calibration.fits import FitSize, Fitter
    from sim.experiments.parameters.posteriors import PRIOR, load_posterior
    from sim.machine import processors

    size = FitSize.of(particles, seed=seed, threads=processors() if workers is None else workers)
    checks = PatternChecks(loaded)
    identity = files.identity(loaded, size)
    target = out or files.CALIBRATIONS / identity
    check_target(target)
    if steps is not None and steps.exists() and not steps.is_dir():
        raise InputError(f"{steps}: exists and is not a folder; give a folder to --steps")
    folder = (steps or files.STEPS) / identity
    began = time.perf_counter()
    fitter = Fitter(loaded, folder, size, tell=note)
    try:
        calibration = calibrating.calibrate(fitter)
    except BaseException as error:
        error.add_note(f"the steps that are done are kept in {folder}; the same command goes on from there")
        raise
    note("patterns under the draws of each fit")
    posteriors = calibration.posteriors()
    sets = {name: posteriors[name].draws(DRAWS, seed) for name in files.MAIN}
    draws = {PRIOR: load_posterior(PRIOR).draws(DRAWS, seed), **sets}
    patterns = checks.table(draws, runs=RUNS, seed=seed, threads=size.threads)
    seconds = time.perf_counter() - began
    files.save(calibration, patterns, loaded, size, target, seconds)
    if json:
        put_json(files.report(calibration, patterns, target, seconds))
        return
    _show(calibration, patterns)
    put(f"Calibration: {target}")


def _show(calibration: "Calibration", patterns: "pd.DataFrame") -> None:
    from sim.cli.tables import show
    from sim.evidence.calibration import files

    show(("fit", "exponent", "draws", "effective size", "identified"), files.fit_rows(calibration))
    show(("factor", "forecast", "exponent", "log score"), files.exponent_rows(calibration), "Exponents tried", 2)
    title = "Parameters identified: at most half as wide as the prior"
    show(("fit", "parameter", "shift", "width"), files.identified_rows(calibration), title, 2)
    title = "Where the full fit is surprised"
    show(("member", "kind", "year", "log-likelihood"), files.surprise_rows(calibration), title, 2)
    show(("parameters", "reference class", "history"), files.pattern_rows(patterns), "Patterns met")
