"""``csto-sim run``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli.console import progress, put, put_json, say
from sim.cli.invocation import invocation
from sim.cli.options import (
    Branches,
    Engine,
    Json,
    Keep,
    Metrics,
    NoPlot,
    Out,
    Replicates,
    ScenarioArgument,
    Seed,
    Settings,
    Workers,
    find_scenario,
    numbers,
)

if TYPE_CHECKING:
    from sim.output.result import Result

EXAMPLE = """\b
Examples:
  csto-sim run scenarios/karabakh-2023.toml --replicates 100
  csto-sim run scenarios/karabakh-2023.toml --branch as-happened --set events.ukraine-war.value=0.5 \\
      --metric "ARM.posture@2024-12 >= freeze" --json
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
    keep: Keep = None,
    out: Out = None,
    no_plot: NoPlot = False,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Run every branch of a scenario many times; write tables and figures; print a summary."""
    path = find_scenario(scenario)
    from sim.output.staging import check_target
    from sim.scenario import branch_names, load, scenario_warnings

    kept = numbers(keep or "")
    if out is not None:
        check_target(out)
    loaded = load(path, settings or ())
    for warning in scenario_warnings(loaded):
        say(f"{path}: {warning}")
    from sim.engine.kernel_cache import announce, prefers_compiled

    runs = (replicates or loaded.replicates) * len(branch or branch_names(loaded))
    if engine == "compiled" or (engine is None and prefers_compiled(runs)):
        announce()  # before anything heavy is loaded
    from sim.experiments import ensemble
    from sim.output.store import save

    with progress(path.stem) as tell:
        result = ensemble.run(
            loaded,
            branches=branch,
            replicates=replicates,
            seed=seed,
            metrics=metric or (),
            workers=workers,
            progress=tell,
            name=path.stem,
            engine=engine,
            keep=kept,
        )
    words = invocation(context, replicates=result.replicates, seed=result.seed)
    folder = save(result, out, None if no_plot else _drawer(), command=words)
    if json:
        put_json(result.as_json(folder, metric))
        return
    from sim.cli.tables import show
    from sim.output.summary import summary_tables

    for shown in summary_tables(result, metric or loaded.metrics):
        left = 2 if shown.heads[0] == "metric" else 1
        show(shown.heads, shown.rows, shown.title, left=left)
    put(f"Result: {folder}")
    for figure in sorted((folder / "figures").glob("*.png")):
        put(f"Figure: {figure}")


def _drawer() -> "Callable[[Result, Path], object]":
    from sim.plots.gallery import draw_all

    return draw_all
