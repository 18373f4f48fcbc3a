"""The command ``csto-sim hindcast``: forecasts from past dates, scored against the coded record, or cases of a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import note, progress, put, put_json
from sim.cli.drawing import drawing
from sim.cli.options import Json, NoPlot, Out, Workers
from sim.errors import InputError
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.evidence.hindcast.draws import Sets
    from sim.evidence.hindcast.scorecard import Scorecard
    from sim.experiments.parameters.posteriors import Posterior
    from sim.scenario import Scenario

EXAMPLE = """\b
Examples:
  csto-sim hindcast
  csto-sim hindcast --split test --replicates 200 --json
  csto-sim hindcast --split test --replicates 100 --ablations --explanations
  csto-sim hindcast scenarios/mine.toml --every 12
  csto-sim hindcast --cases cases.json --predictions predictions.json
"""

HISTORY = "csto-history"
TEST = "test"
REPLICATES = 200


@drawing
def hindcast(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            help="Scenario with an observed course, or another version of the history, by name or file.",
        ),
    ] = HISTORY,
    *,
    split: Annotated[
        list[str] | None,
        typer.Option(
            "--split",
            metavar="tune|test|leave-one-out",
            help="Split to score: 2020-21, from 2022, or each member left out in turn. Repeatable; default: all.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(
            "--every",
            metavar="N",
            help="Months from one forecast to the next, for an observed course; default: 6.",
            show_default=False,
        ),
    ] = None,
    cases: Annotated[
        Path | None,
        typer.Option(
            "--cases",
            metavar="FILE",
            help="Forecast the cases of other alliances in this file; 'library': judge those that ship.",
            show_default=False,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions", metavar="OUT", help="With --cases: write the forecasts to this file.", show_default=False
        ),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            metavar="N",
            help="Runs from each origin in each mode, default 200; with --cases, draws of parameters, default 1000.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of runs and resampling.")] = 1,
    parameters: Annotated[
        str,
        typer.Option(
            "--parameters",
            metavar="NAME|FILE",
            help="'fitted' (a shipped posterior without later data; for an observed course the one that runs take, for "
            "cases the priors), "
            "'prior', 'defaults', a posterior, or a file.",
        ),
    ] = "fitted",
    ablations: Annotated[
        bool,
        typer.Option("--ablations", help="Also score the split 'test' with each mechanism of the model switched off."),
    ] = False,
    explanations: Annotated[
        bool,
        typer.Option(
            "--explanations",
            help="Also score the split 'test' under each explanation, fitted to 2019, and compute their weights.",
        ),
    ] = False,
    out: Out = None,
    no_plot: NoPlot = False,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Score the model's forecasts from past dates, and compare them with naive forecasts.

    What came is the observed course of the scenario, or the coded record.
    """
    if cases is not None:
        from sim.cli.cases import JUDGED, LIBRARY, hindcast_cases, judge_library, refuse_for_library

        whole = str(cases) == LIBRARY
        if scenario != HISTORY or split or every or ablations or explanations or (out is not None and not whole):
            allowed = "--predictions, --replicates, --seed, --parameters, --workers and --json"
            raise InputError(f"--cases goes with {allowed} alone")
        if whole:
            refuse_for_library(predictions, replicates)
            judge_library(out or JUDGED, parameters, seed=seed, workers=workers, json=json)
            return
        hindcast_cases(cases, predictions, parameters, replicates=replicates, seed=seed, workers=workers, json=json)
        return
    if predictions is not None:
        raise InputError("--predictions goes with --cases")
    replicates = REPLICATES if replicates is None else replicates
    path = find_scenario(scenario)
    from sim.output.store import check_folder
    from sim.scenario import load, scenario_warnings

    check_folder(out, "hindcast")
    loaded = load(path)
    _check_options(path, loaded, every, split or ablations or explanations)
    for warning in scenario_warnings(loaded):
        note(f"{path}: {warning}")
    from sim.engine import compiler

    compiler.begin()  # before anything heavy is loaded
    if loaded.observed:
        _against_course(
            loaded, parameters, every, replicates=replicates, seed=seed, workers=workers, out=out,
            draw=None if no_plot else _drawer(), json=json,
        )  # fmt: skip
        return
    _against_record(
        loaded, parameters, split, replicates=replicates, seed=seed, workers=workers, out=out,
        draw=None if no_plot else _drawer(), json=json, ablations=ablations, explanations=explanations,
    )  # fmt: skip


def _check_options(path: Path, scenario: "Scenario", every: int | None, of_record: object) -> None:
    """Refuse options of the coded record for an observed course, and the other way round."""
    if scenario.observed and of_record:
        raise InputError(f"{path}: --split, --ablations and --explanations are for the coded record, not for a course")
    if every is not None and not scenario.observed:
        raise InputError(f"{path}: --every is for a scenario with an observed course ([observed.CODE])")


def _against_course(
    scenario: "Scenario",
    parameters: str,
    every: int | None,
    *,
    replicates: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    draw: "Callable[[Scorecard, Path], object] | None",
    json: bool,
) -> None:
    """Score forecasts of the observed course of a scenario."""
    from sim.evidence.hindcast.draws import FITTED, for_posterior
    from sim.evidence.hindcast.observed import LEFT_OUT, score_course
    from sim.evidence.hindcast.origins import EVERY
    from sim.evidence.hindcast.writing import save_card
    from sim.experiments.ensemble import check_seed, positive
    from sim.experiments.parameters.sources import default_source
    from sim.machine import processors

    source = default_source(scenario) if parameters == FITTED else parameters
    months = EVERY if every is None else positive("--every", every)
    fits, draws = _draws(scenario, source, positive("--replicates", replicates), check_seed(seed))
    threads = processors() if workers is None else positive("--workers", workers)
    with progress("hindcast") as tell:
        card = score_course(
            scenario, for_posterior(draws, source), every=months, seed=seed, threads=threads, progress=tell
        )
    folder = save_card(card, source, out, draw, fits=fits, every=months)
    if json:
        put_json({"splits": card.headline()})
        return
    _show_tables(card)
    put(f"Left out, because they need the cases of the coded record: {', '.join(LEFT_OUT)}.")
    _show_lines(card, folder, source)


def _against_record(
    loaded: "Scenario",
    parameters: str,
    split: list[str] | None,
    *,
    replicates: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    draw: "Callable[[Scorecard, Path], object] | None",
    json: bool,
    ablations: bool,
    explanations: bool,
) -> None:
    """Score forecasts of the history against the coded record."""
    from sim.evidence.hindcast.ablations import ablation_scores
    from sim.evidence.hindcast.explanations import explanation_scores
    from sim.evidence.hindcast.origins import SPLITS
    from sim.evidence.hindcast.printing import explanations_table
    from sim.evidence.hindcast.scorecard import score
    from sim.evidence.hindcast.writing import save_card
    from sim.experiments.ensemble import check_seed, positive
    from sim.experiments.parameters.explanations import early_posterior, load_explanations
    from sim.experiments.parameters.posteriors import load_posterior
    from sim.machine import processors

    fits, draws = _draws(loaded, parameters, positive("--replicates", replicates), check_seed(seed))
    threads = processors() if workers is None else positive("--workers", workers)
    variants = load_explanations() if explanations else {}
    early = {name: load_posterior(early_posterior(name)).draws(replicates, seed) for name in variants}
    with progress("hindcast") as tell:
        card = score(loaded, draws, splits=split or SPLITS, seed=seed, threads=threads, progress=tell)
    beside = {}
    if ablations:
        with progress("ablations") as tell:
            beside["ablations"] = ablation_scores(
                loaded, draws, splits=[TEST], seed=seed, threads=threads, progress=tell
            )
    if explanations:
        with progress("explanations") as tell:
            beside["explanations"] = explanation_scores(
                loaded, variants, early, seed=seed, threads=threads, progress=tell
            )
    folder = save_card(card, parameters, out, draw, beside=beside, fits=fits)
    if json:
        content: dict[str, object] = {"splits": card.headline()}
        if explanations:
            table = beside["explanations"]
            content["explanations"] = dict(zip(table["explanation"], table["weight"], strict=True))
        put_json(content)
        return
    _show_tables(card)
    if explanations:
        from sim.cli.tables import show

        weighed = explanations_table(beside["explanations"])
        show(weighed.heads, weighed.rows, weighed.title)
    _show_lines(card, folder, parameters)


def _show_tables(card: "Scorecard") -> None:
    from sim.cli.tables import show
    from sim.evidence.hindcast.printing import card_tables

    for shown in card_tables(card):
        show(shown.heads, shown.rows, shown.title, left=2)


def _show_lines(card: "Scorecard", folder: Path, parameters: str) -> None:
    from sim.cli.closing import close
    from sim.evidence.hindcast.printing import card_lines

    for line in card_lines(card):
        put(line)
    put(f"Parameters: {parameters}; {card.replicates} runs from each origin; seed {card.seed}")
    close(folder, (folder / "figures").glob("*"), ("plot", str(folder)))


def _draws(scenario: "Scenario", source: str, replicates: int, seed: int) -> "tuple[list[Posterior], Sets]":
    """Return the fits that supply parameters, and their draws; warn if a fit lacks parameters of the model."""
    from sim.evidence.hindcast.draws import draws_of, posteriors_of
    from sim.experiments.parameters.sources import warn_of_differences

    fits = list(posteriors_of(source).values())
    warn_of_differences(fits, scenario.parameters, source)
    return fits, draws_of(source, replicates, seed)


def _drawer() -> "Callable[[Scorecard, Path], object]":
    from sim.plots.hindcast import draw_card

    return draw_card
