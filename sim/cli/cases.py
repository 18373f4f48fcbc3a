"""Forecasts of the cases of a file, for ``csto-sim hindcast --cases``."""

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.console import progress, put, put_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.evidence.cases.forecasting import Forecast
    from sim.evidence.cases.reading import CaseOutcome

REPLICATES = 1000
"""Draws of parameters for each case, each run once."""


def hindcast_cases(
    path: Path,
    predictions: Path | None,
    parameters: str,
    *,
    replicates: int | None,
    seed: int,
    workers: int | None,
    json: bool,
) -> None:
    """Forecast the cases of a file, write the forecasts if asked, and print them."""
    from sim.evidence.cases.reading import cases_of, load_file, outcomes_of

    file = load_file(path)
    cases = cases_of(file)
    from sim.engine import compiler

    compiler.begin()  # before anything heavy is loaded
    from sim.evidence.cases.forecasting import forecast_cases, write_forecasts
    from sim.evidence.hindcast.draws import FITTED, draws_of, for_posterior
    from sim.experiments.ensemble import check_seed, positive
    from sim.experiments.parameters.posteriors import PRIOR
    from sim.machine import processors

    source = PRIOR if parameters == FITTED else parameters
    count = REPLICATES if replicates is None else positive("--replicates", replicates)
    sets = for_posterior(draws_of(source, count, check_seed(seed)), source)
    threads = processors() if workers is None else positive("--workers", workers)
    with progress("cases") as tell:
        forecasts = forecast_cases(cases, sets, seed=seed, threads=threads, progress=tell)
    if predictions is not None:
        write_forecasts(forecasts, predictions)
    report_cases(forecasts, outcomes_of(file), json=json)
    if not json:
        put(f"Parameters: {source}; {count} runs of each case; seed {seed}")
        if predictions is not None:
            put(f"Predictions: {predictions}")


def report_cases(
    forecasts: "Mapping[str, Forecast]", outcomes: "Mapping[str, CaseOutcome]", *, json: bool = False
) -> None:
    """Print forecasts of cases, and how many of the cases have an outcome in the file."""
    if json:
        put_json({"cases": {name: one.entry for name, one in forecasts.items()}})
        return
    from sim.cli.tables import show
    from sim.evidence.cases.rungs import BREAK

    rows = [
        [name, *(f"{sum(chances[BREAK:]):.2f}" for chances in one.rungs.values()), f"{one.exit5:.2f}"]
        for name, one in forecasts.items()
    ]
    years = [f"{year} year{'s' if year > 1 else ''}" for year in next(iter(forecasts.values())).rungs]
    show(["case", *years, "ever"], rows, "Chance of a freeze, an exit or a rival pact")
    put(f"The file has outcomes of {len(outcomes)} of {len(forecasts)} cases.")
