"""``csto-sim sweep``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import progress, put, put_json, say
from sim.cli.options import (
    Branches,
    Json,
    Metrics,
    NoPlot,
    Out,
    Replicates,
    ScenarioArgument,
    Seed,
    Settings,
    Workers,
    find_scenario,
)

if TYPE_CHECKING:
    from sim.output.sweeps import Sweep

Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="KEY=VALUES",
        help="Key of the scenario or parameter, with from:to:n or a,b,c. Repeatable: a grid.",
        show_default=False,
    ),
]

EXAMPLE = """\b
Example:
  csto-sim sweep scenarios/karabakh-2023.toml --vary events.ukraine-war.value=0:0.9:10 \\
      --vary parameters.memory_half_life=24,60,120 --metric "ARM.posture@2024-12 >= freeze" --replicates 50
"""


def sweep(
    scenario: ScenarioArgument,
    *,
    vary: Vary = None,
    metric: Metrics = None,
    branch: Branches = None,
    replicates: Replicates = None,
    seed: Seed = None,
    settings: Settings = None,
    out: Out = None,
    no_plot: NoPlot = False,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Run a scenario over a grid of values of any keys; without --branch, in its first branch."""
    from sim.experiments.design import read_factors
    from sim.output.staging import check_target, replacing
    from sim.output.store import FIGURES
    from sim.scenario import load, scenario_warnings

    factors = read_factors(vary or ())
    if out is not None:
        check_target(out)
    path = find_scenario(scenario)
    loaded = load(path, settings or ())
    for warning in scenario_warnings(loaded):
        say(f"{path}: {warning}")
    from sim.experiments.sweep import Plan, run_sweep
    from sim.output.summary import sweep_table
    from sim.output.sweeps import read_sweep, save_sweep, stored_whole

    plan = Plan(path.stem, loaded, factors, branches=branch, metrics=metric or (), replicates=replicates, seed=seed)
    folder = out or plan.folder
    if out is None and stored_whole(folder):
        say(f"{folder}: this sweep was run before; its table is shown")
        found = read_sweep(folder)
        if not no_plot and not (folder / FIGURES).is_dir():
            with replacing(folder / FIGURES) as drawn:
                _drawer()(found, drawn)
    else:
        with progress(path.stem) as tell:
            found = run_sweep(plan, workers=workers, progress=tell)
        save_sweep(found, folder, None if no_plot else _drawer())
    if json:
        put_json(found.report(folder))
        return
    from sim.cli.tables import show

    shown = sweep_table(found)
    show(shown.heads, shown.rows, shown.title, left=len(factors) + 1)
    put(f"Result: {folder}")
    for figure in sorted((folder / FIGURES).glob("*.png")):
        put(f"Figure: {figure}")


def _drawer() -> "Callable[[Sweep, Path], object]":
    from sim.plots.gallery import draw_sweep

    return draw_sweep
