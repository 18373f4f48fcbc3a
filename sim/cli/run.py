"""The command ``csto-sim run``: simulate all branches of a scenario."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import note, progress, put, put_all, put_json
from sim.cli.drawing import drawing
from sim.cli.invocation import invocation
from sim.cli.options import (
    Branches,
    Engine,
    Explanation,
    Injects,
    Json,
    Keep,
    Metrics,
    NoPlot,
    Out,
    ParameterSource,
    Pinned,
    Replicates,
    ScenarioArgument,
    Seed,
    Settings,
    Workers,
    numbers,
)
from sim.errors import InputError
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.output.result import ResultData
    from sim.scenario import Scenario

SHORT = 12
"""Most rows of the metrics of a scenario that are printed unasked; else those of the metric in question are."""

EXAMPLE = """\b
Examples:
  csto-sim run karabakh-2023 --replicates 100
  csto-sim run karabakh-2023 --branch as-happened \\
      --set events.ukraine-war.value=0.5 \\
      --metric "ARM.posture@2024-12 >= freeze" --json
  csto-sim run karabakh-2023 --explanation all
  csto-sim run karabakh-2023 --pinned 2022-08
  csto-sim run karabakh-2023 --injects lesson.csv
  csto-sim run played.json
"""


@drawing
def run(
    context: typer.Context,
    scenario: ScenarioArgument,
    *,
    branch: Branches = None,
    replicates: Replicates = None,
    seed: Seed = None,
    settings: Settings = None,
    metric: Metrics = None,
    engine: Engine = None,
    parameters: ParameterSource = None,
    explanation: Explanation = None,
    pinned: Pinned = None,
    keep: Keep = None,
    out: Out = None,
    no_plot: NoPlot = False,
    tables: Annotated[
        bool, typer.Option("--tables", help="Print every table: trust, postures, freezes and metrics by branch.")
    ] = False,
    json: Json = False,
    workers: Workers = None,
    injects: Injects = None,
) -> None:
    """Run every branch of a scenario many times; write tables and figures; print the answer to its question.

    The file of a played run (.json) is played again instead.
    """
    path = find_scenario(scenario)
    if path.suffix == ".json":
        _played(context, path, out)
        return
    from sim.engine import compiler

    if engine != "mesa":
        compiler.begin()  # before anything heavy is loaded
    from sim.output.store import check_folder
    from sim.scenario import branch_names, load, scenario_warnings
    from sim.scenario.overrides import split
    from sim.scenario.overwriting import overwriting

    kept_replicates = numbers(keep or "")
    check_folder(out, path.stem)
    loaded = load(path, settings or ())
    if injects is not None:
        from sim.scenario.injects import with_injects

        loaded = with_injects(loaded, injects)
    if pinned is not None:
        from sim.experiments.pinning import pinned as pinned_to

        loaded = pinned_to(loaded, pinned)
    for warning in scenario_warnings(loaded):
        note(f"{path}: {warning}")
    changed = [split(setting)[0] for setting in settings or ()]
    for warning in overwriting(loaded, changed, branch or branch_names(loaded)):
        note(f"{path}: {warning}")
    options: dict[str, Any] = {
        "branches": branch,
        "replicates": replicates,
        "seed": seed,
        "metrics": metric or (),
        "workers": workers,
        "engine": engine,
        "keep": kept_replicates,
        "parameters": parameters,
    }
    draw = None if no_plot else _drawer(metric or ())
    if explanation is not None:
        _explained(loaded, path.stem, explanation, options, out=out, draw=draw, metric=metric, tables=tables, json=json)
        return
    from sim.experiments import ensemble
    from sim.output.store import save

    with progress(path.stem) as tell:
        result = ensemble.run(loaded, name=path.stem, progress=tell, **options)
    words = invocation(context, replicates=result.replicates, seed=result.seed)
    folder = save(result, out, draw, command=words)
    _show(result, folder, metric, tables=tables, json=json, named=out is None)


def _played(context: typer.Context, file: Path, out: Path | None) -> None:
    """Play the file of a played run again, and write every variable of it where a folder is given."""
    from sim.experiments.played import save_course
    from sim.experiments.playing import replay
    from sim.output.store import check_folder

    given = [
        name for name in context.params
        if name not in ("scenario", "out", "quiet") and str(context.get_parameter_source(name)).endswith("COMMANDLINE")
    ]  # fmt: skip
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise InputError(f"{file} is a played run, which {option} cannot change; allowed: --out")
    check_folder(out, file.stem)
    played = replay(file)
    put(str(played))
    put("Every variable takes the same course as when it was played, to the last byte.")
    if out is not None:
        put(f"Result: {save_course(played, out)}", whole=True)


def _show(
    result: "ResultData", folder: Path, metric: list[str] | None, *, tables: bool, json: bool, named: bool
) -> None:
    """Print a result: the metric in question by branch or every table, then question, answer, files, next command."""
    if json:
        put_json(result.as_json(folder, metric))
        return
    from sim.cli.closing import close
    from sim.cli.tables import paragraph, show
    from sim.output.summary import metric_rows, summary_tables
    from sim.report.answer import answer, parameters_in_words
    from sim.report.fits import is_tested, not_tested
    from sim.report.question import ask
    from sim.scenario import hazards
    from sim.scenario.observed import pinned_in_words

    question = ask(result, metrics=metric or ())
    metrics = metric or result.scenario.metrics
    if tables:
        shown = summary_tables(result, metrics)
    elif metric or 0 < len(metrics) * len(result.branches) <= SHORT:
        shown = [metric_rows(result, metrics)]
    else:
        shown = [metric_rows(result, question.metrics[:1])]
    for table in shown:
        show(table.heads, table.rows, table.title, left=2 if table.heads[0] == "metric" else 1)
    for said in (*hazards(result.scenario), *pinned_in_words(result.scenario, result.branches)):
        put_all(paragraph(f"{said[0].upper()}{said[1:]}."))
    runs = f"{result.replicates} run{'s' * (result.replicates != 1)} of each branch, seed {result.seed}"
    put_all(paragraph(f"Parameters: {parameters_in_words(question)}; {runs}."))
    if not is_tested(result):
        put_all(paragraph(not_tested(result)))
    put("")
    put_all(paragraph(f"Question: {question.text()}"))
    put_all(paragraph(f"Answer: {' '.join(answer(question).sentences[:2])}"))
    if not tables:
        put_all(paragraph("Trust, postures and all metrics by branch: summary.csv in the result, or --tables."))
    close(folder, (folder / "figures").glob("*"), ("report", result.name if named else str(folder)))


def _explained(
    scenario: "Scenario",
    name: str,
    asked: str,
    options: dict[str, Any],
    *,
    out: Path | None,
    draw: "Callable[[ResultData, Path], object] | None",
    metric: list[str] | None,
    tables: bool,
    json: bool,
) -> None:
    """Run a scenario under one explanation, or under all explanations side by side."""
    from sim.evidence import explained
    from sim.experiments.parameters.explanations import ALL, choose_explanations
    from sim.experiments.parameters.sources import unscored_note
    from sim.output.store import save

    variants = choose_explanations(asked)
    results: dict[str, ResultData] = {}
    for explanation, variant in variants.items():
        with progress(f"{name}, {explanation}") as tell:
            given = {**options, "name": f"{name}-{explanation}", "progress": tell}
            results |= explained.run_explained(scenario, {explanation: variant}, **given)
    if asked != ALL:
        (result,) = results.values()
        _show(result, save(result, out, draw), metric, tables=tables, json=json, named=out is None)
        return
    if older := unscored_note():
        note(older)
    folder = explained.save_explained(results, name, out, draw)
    weights, means = explained.averaged(results, metric)
    if json:
        put_json(
            {
                "result": str(folder),
                "weights": weights,
                "explanations": {
                    explanation: result.as_json(folder / explanation, metric)["branches"]
                    for explanation, result in results.items()
                },
                "average": means,
            }
        )
        return
    from sim.cli.tables import show

    table = explained.average_table(results, weights, means)
    heads = ("metric", *(f"{explanation} ({weight:.2f})" for explanation, weight in weights.items()), "average")
    for branch, rows in table.groupby("branch", sort=False):
        cells = rows.drop(columns="branch").set_index("metric").to_dict("index")
        lines = [[str(metric), *(_mean(str(metric), value) for value in row.values())] for metric, row in cells.items()]
        show(heads, lines, str(branch))
    put(f"Result: {folder}", whole=True)


def _mean(metric: str, value: object) -> str:
    from sim.output.stated import mean_in_words
    from sim.scenario.expressions import parse_metric

    if isinstance(value, float):
        return "-" if math.isnan(value) else mean_in_words(parse_metric(metric), value)
    return "-" if value is None else str(value)


def _drawer(metrics: "Sequence[str]") -> "Callable[[ResultData, Path], object]":
    from sim.plots.gallery import draw_all

    return partial(draw_all, metrics=metrics)
