"""The command ``csto-sim run``: simulate all branches of a scenario."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.console import progress, put, put_json, say
from sim.cli.invocation import invocation
from sim.cli.options import (
    Branches,
    Engine,
    Explanation,
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
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.output.result import ResultData
    from sim.scenario import Scenario

EXAMPLE = """\b
Examples:
  csto-sim run scenarios/karabakh-2023.toml --replicates 100
  csto-sim run scenarios/karabakh-2023.toml --branch as-happened --set events.ukraine-war.value=0.5 \\
      --metric "ARM.posture@2024-12 >= freeze" --json
  csto-sim run scenarios/karabakh-2023.toml --explanation all
  csto-sim run scenarios/karabakh-2023.toml --pinned 2022-08
"""


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
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Run every branch of a scenario many times; write tables and figures; print a summary."""
    path = find_scenario(scenario)
    from sim.engine import compiler

    if engine != "mesa":
        compiler.begin()  # before anything heavy is loaded
    from sim.output.staging import check_target
    from sim.scenario import branch_names, load, scenario_warnings
    from sim.scenario.overrides import split
    from sim.scenario.overwriting import overwriting

    kept = numbers(keep or "")
    if out is not None:
        check_target(out)
    loaded = load(path, settings or ())
    if pinned is not None:
        from sim.experiments.pinning import pinned as pinned_to

        loaded = pinned_to(loaded, pinned)
    for warning in scenario_warnings(loaded):
        say(f"{path}: {warning}")
    changed = [split(setting)[0] for setting in settings or ()]
    for warning in overwriting(loaded, changed, branch or branch_names(loaded)):
        say(f"{path}: {warning}")
    options: dict[str, Any] = {
        "branches": branch,
        "replicates": replicates,
        "seed": seed,
        "metrics": metric or (),
        "workers": workers,
        "engine": engine,
        "keep": kept,
        "parameters": parameters,
    }
    draw = None if no_plot else _drawer(metric or ())
    if explanation is not None:
        _explained(loaded, path.stem, explanation, options, out=out, draw=draw, metric=metric, json=json)
        return
    from sim.experiments import ensemble
    from sim.output.store import save

    with progress(path.stem) as tell:
        result = ensemble.run(loaded, name=path.stem, progress=tell, **options)
    words = invocation(context, replicates=result.replicates, seed=result.seed)
    folder = save(result, out, draw, command=words)
    _show(result, folder, metric, json=json)


def _show(result: "ResultData", folder: Path, metric: list[str] | None, *, json: bool) -> None:
    if json:
        put_json(result.as_json(folder, metric))
        return
    from sim.cli.tables import show
    from sim.output.summary import summary_tables
    from sim.scenario import hazards
    from sim.scenario.observed import pinned_in_words

    for shown in summary_tables(result, metric or result.scenario.metrics):
        words = 2 if shown.heads[0] == "metric" else 1
        show(shown.heads, shown.rows, shown.title, left=words)
    for said in (*hazards(result.scenario), *pinned_in_words(result.scenario, result.branches)):
        put(f"{said[0].upper()}{said[1:]}.")
    put(f"Result: {folder}")
    for figure in sorted((folder / "figures").glob("*.png")):
        put(f"Figure: {figure}")


def _explained(
    scenario: "Scenario",
    name: str,
    asked: str,
    options: dict[str, Any],
    *,
    out: Path | None,
    draw: "Callable[[ResultData, Path], object] | None",
    metric: list[str] | None,
    json: bool,
) -> None:
    """Run a scenario under one explanation, or under all explanations side by side."""
    from sim.evidence import explained
    from sim.experiments.parameters.explanations import ALL, choose_explanations
    from sim.experiments.parameters.sources import unscored_note
    from sim.output.store import save

    variants = choose_explanations(asked)
    results: dict[str, ResultData] = {}
    for each, variant in variants.items():
        with progress(f"{name}, {each}") as tell:
            given = {**options, "name": f"{name}-{each}", "progress": tell}
            results |= explained.run_explained(scenario, {each: variant}, **given)
    if asked != ALL:
        (result,) = results.values()
        _show(result, save(result, out, draw), metric, json=json)
        return
    if older := unscored_note():
        say(older)
    folder = explained.save_explained(results, name, out, draw)
    weights, means = explained.averaged(results, metric)
    if json:
        put_json(
            {
                "result": str(folder),
                "weights": weights,
                "explanations": {
                    each: result.as_json(folder / each, metric)["branches"] for each, result in results.items()
                },
                "average": means,
            }
        )
        return
    from sim.cli.tables import show

    table = explained.average_table(results, weights, means)
    heads = ("metric", *(f"{each} ({weight:.2f})" for each, weight in weights.items()), "average")
    for branch, rows in table.groupby("branch", sort=False):
        cells = rows.drop(columns="branch").to_dict("records")
        show(heads, [[_cell(value) for value in row.values()] for row in cells], str(branch))
    put(f"Result: {folder}")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.3g}"
    return "-" if value is None else str(value)


def _drawer(metrics: "Sequence[str]") -> "Callable[[ResultData, Path], object]":
    from sim.plots.gallery import draw_all

    return partial(draw_all, metrics=metrics)
