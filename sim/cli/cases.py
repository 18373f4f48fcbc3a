"""Forecasts of the cases of a file, and the judgement of the library, for ``csto-sim hindcast --cases``."""

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.console import note, progress, put, put_json
from sim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from sim.evidence.cases.forecasting import Forecast
    from sim.experiments.parameters.posteriors import Posterior

REPLICATES = 1000
"""Draws of parameters for each case, each run once."""

LIBRARY = "library"
"""Stands for the cases that ship, each forecast without its own cluster."""

JUDGED = Path("results/cases")
"""Folder of the judgement of the library unless another is given."""


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
    """Forecast the cases of a file, write the forecasts if asked, and score those with known outcomes."""
    from sim.evidence.cases.reading import cases_of, load_file, outcomes_of

    file = load_file(path)
    cases, known = cases_of(file), outcomes_of(file)
    from sim.engine import compiler

    compiler.begin()  # before anything heavy is loaded
    from sim.evidence.cases.forecasting import forecast_cases, write_forecasts
    from sim.evidence.cases.judged import score_forecasts
    from sim.evidence.hindcast.draws import FITTED, draws_of, for_posterior
    from sim.experiments.ensemble import check_seed, positive
    from sim.experiments.parameters.sources import GENERAL
    from sim.machine import processors

    source = GENERAL if parameters == FITTED else parameters
    count = REPLICATES if replicates is None else positive("--replicates", replicates)
    sets = for_posterior(draws_of(source, count, check_seed(seed)), source)
    threads = processors() if workers is None else positive("--workers", workers)
    seen = sorted(set(cases) & set(load_file().cases))
    if seen and source == GENERAL:
        note(
            f"{len(seen)} of the cases are in the library that '{GENERAL}' was fitted to, so that their scores are no "
            f"test; csto-sim hindcast --cases {LIBRARY} forecasts each without its cluster"
        )
    with progress("cases") as tell:
        forecasts = forecast_cases(cases, sets, seed=seed, threads=threads, progress=tell)
    if predictions is not None:
        write_forecasts(forecasts, predictions)
    scores = score_forecasts(file, {name: forecasts[name] for name in known})
    if json:
        scored = {} if scores is None else {"scores": scores.to_dict("records")}
        put_json({"cases": {name: forecast.entry for name, forecast in forecasts.items()}, **scored})
        return
    _show_forecasts(forecasts)
    put(f"The file has outcomes of {len(known)} of {len(forecasts)} cases.")
    if scores is not None:
        _show_scores(scores)
    put(f"Parameters: {source}; {count} runs of each case; seed {seed}")
    if predictions is not None:
        put(f"Predictions: {predictions}")


def judge_library(out: Path, parameters: str, *, seed: int, workers: int | None, json: bool) -> None:
    """Judge the forecasts of the cases that ship, each without its own cluster, and save the tables and the figure."""
    from sim.output.staging import check_target

    check_target(out)
    fit = _library_fit(parameters)
    from sim.engine import compiler

    compiler.begin()
    from sim.evidence.cases.judged import judge
    from sim.evidence.cases.reading import load_file
    from sim.experiments.ensemble import check_seed, positive
    from sim.machine import processors

    threads = processors() if workers is None else positive("--workers", workers)
    judgement = judge(load_file(), fit, threads=threads, seed=check_seed(seed), tell=note)
    judgement.save(out)
    if json:
        put_json({name: table.to_dict("records") for name, table in judgement.tables.items()})
        return
    _show_scores(judgement.tables["screen"])
    put(f"Tables and figure: {out}")


def _library_fit(parameters: str) -> "Posterior":
    """Return the fit to the library: the one that ships, or that of a file."""
    from sim.evidence.hindcast.draws import FITTED
    from sim.experiments.parameters.posteriors import load_posterior
    from sim.experiments.parameters.sources import GENERAL

    return load_posterior(GENERAL if parameters == FITTED else parameters)


def refuse_for_library(predictions: Path | None, replicates: int | None) -> None:
    """Refuse options that say nothing of the judgement of the library."""
    if predictions is not None or replicates is not None:
        raise InputError(f"--cases {LIBRARY} goes with --out, --parameters, --seed, --workers and --json alone")


def _show_forecasts(forecasts: "Mapping[str, Forecast]") -> None:
    from sim.cli.tables import show
    from sim.evidence.cases.rungs import BREAK
    from sim.output.formatting import percent

    rows = [
        [name, *(percent(sum(chances[BREAK:])) for chances in forecast.rungs.values()), percent(forecast.exit5)]
        for name, forecast in forecasts.items()
    ]
    years = [f"{year} year{'s' if year > 1 else ''}" for year in next(iter(forecasts.values())).rungs]
    show(["case", *years, "ever"], rows, "Chance of a freeze, an exit or a rival pact")


def _show_scores(scores: "pd.DataFrame") -> None:
    from sim.cli.tables import show

    columns = ["score", "model", "rival", "against", "interval", "verdict"]
    show(
        columns, scores[columns].to_numpy().tolist(), "Scores beside naive forecasts; 90 % intervals of the difference"
    )
