"""The command ``csto-sim sweep``: simulate a scenario over many values of its keys."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import note, progress, put, put_all, put_json
from sim.cli.drawing import drawing
from sim.cli.options import (
    Branches,
    Engine,
    Json,
    Metrics,
    NoPlot,
    Out,
    ParameterSource,
    Replicates,
    Seed,
    Settings,
    Workers,
    numbers,
    sweep_names,
)
from sim.errors import InputError
from sim.library import find_sweep

if TYPE_CHECKING:
    from sim.experiments.plan import Plan
    from sim.experiments.power import Detectable
    from sim.experiments.sweep import Shard
    from sim.output.sweeps import SweepData

SweepArgument = Annotated[
    str,
    typer.Argument(
        metavar="SWEEP|SCENARIO",
        help="Name of a sweep, or a file; or a scenario, by name or file, with --vary.",
        show_default=False,
        autocompletion=sweep_names,
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="KEY=VALUES",
        help="Key of the scenario or parameter, with from:to:n or a,b,c. Repeatable: a grid.",
        show_default=False,
    ),
]
CommonDraws = Annotated[
    bool | None,
    typer.Option(
        "--common-draws/--own-draws",
        help="Use equal random draws at all points, to compare them run by run, or other draws at each; default: equal "
        "ones in a grid.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Estimate the cost, and which differences the runs would tell, from a trial; report finished runs.",
    ),
]
KeepPoints = Annotated[
    str | None,
    typer.Option(
        "--keep",
        metavar="N,N-N",
        help="Store every variable of all runs at these points in kept.parquet, such as 0,5-9; also of a sweep that "
        "was run before.",
        show_default=False,
    ),
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Run the I-th of N parts, for job arrays; a last call without it writes the tables.",
        show_default=False,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS|local",
        help="Run on a Dask cluster, or on worker processes of Dask on this machine (extra 'cluster').",
        show_default=False,
    ),
]

MOST_SHOWN = 60
"""The maximum number of printed rows."""

EXAMPLE = """\b
Examples:
  csto-sim sweep overstretch-coverage --dry-run
  csto-sim sweep karabakh-2023 --vary events.ukraine-war.value=0:0.9:10 \\
      --vary parameters.memory_half_life=24,60,120 \\
      --metric "ARM.posture@2024-12 >= freeze" --replicates 50
"""


@drawing
def sweep(
    file: SweepArgument,
    *,
    vary: Vary = None,
    metric: Metrics = None,
    branch: Branches = None,
    replicates: Replicates = None,
    seed: Seed = None,
    settings: Settings = None,
    common_draws: CommonDraws = None,
    engine: Engine = None,
    parameters: ParameterSource = None,
    out: Out = None,
    no_plot: NoPlot = False,
    json: Json = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    shard: ShardOption = None,
    keep: KeepPoints = None,
    dry_run: DryRun = False,
) -> None:
    """Run a sweep file, or vary keys of a scenario over a grid; the same command resumes a stopped sweep."""
    path = find_sweep(file)
    from sim.engine import compiler

    if engine != "mesa" and scheduler is None:
        compiler.begin()  # before anything heavy is loaded
    from sim.experiments.kept_points import check_points, keep_points
    from sim.experiments.sweep import kept_runs
    from sim.experiments.sweep import sweep as run_sweep
    from sim.output.formatting import plural
    from sim.output.staging import replacing
    from sim.output.store import FIGURES
    from sim.output.sweeps import read_sweep, stored_whole

    part = _shard(shard)
    plan = _plan(
        path,
        vary or (),
        branches=branch,
        metrics=metric or (),
        replicates=replicates,
        seed=seed,
        settings=settings or (),
        common_draws=common_draws,
        engine=engine,
        parameters=parameters,
    )
    folder = out or plan.folder
    points = numbers(keep or "", "point")
    if points:
        check_points(plan, points)
        if part is not None:
            raise InputError(
                f"--keep {keep}: goes with the last call, which puts the tables together, not with --shard"
            )
    whole = stored_whole(folder, plan.identity)
    if dry_run:
        _forecast(plan, folder, workers, json=json, whole=whole)
        return
    if not whole and (done := kept_runs(plan, folder)):
        note(f"{plan.name}: {done} of {plan.runs} runs were done before")
    if part is not None and not whole:
        _run_shard(plan, folder, part, workers=workers, scheduler=scheduler, json=json)
        return
    if whole:
        note(f"{folder}: this sweep was run before; its table is shown")
        swept = read_sweep(folder)
        if not no_plot and not (folder / FIGURES).is_dir():
            with replacing(folder / FIGURES) as drawn:
                _drawer()(swept, drawn)
    else:
        with progress(plan.name) as tell:
            swept = run_sweep(
                plan, out=folder, workers=workers, scheduler=scheduler, progress=tell,
                draw=None if no_plot else _drawer(),
            )  # fmt: skip
    if points:
        note(f"{keep_points(plan, points, folder)}: every variable of the runs at {plural(len(points), 'point')}")
    if json:
        put_json(swept.report(folder))
        return
    _show(swept)
    from sim.cli.closing import close

    close(folder, (folder / FIGURES).glob("*"), ("analyze", plan.name if out is None else str(folder)))


def _plan(path: Path, vary: "list[str] | tuple[()]", **given: Any) -> "Plan":
    """Read a sweep file or make a grid over a scenario file, and warn about events that the scenario leaves out."""
    from sim.experiments.factors import read_factors
    from sim.experiments.plan import Plan
    from sim.experiments.sweep_file import is_sweep_file, read_plan
    from sim.experiments.sweep_schema import Design
    from sim.scenario import load, scenario_warnings
    from sim.scenario.overwriting import overwriting

    if is_sweep_file(path):
        if vary:
            raise InputError(f"--vary {vary[0]}: {path} is a sweep file and says itself what is varied; leave it out")
        plan = read_plan(path, **given)
    else:
        scenario = load(path, given.pop("settings"))
        factors = read_factors(vary)
        plan = Plan(path.stem, scenario, Design(kind="grid"), factors, **given)
    for warning in scenario_warnings(plan.scenario):
        note(f"{path}: {warning}")
    for warning in overwriting(plan.scenario, [factor.key for factor in plan.points.factors], plan.branches):
        note(f"{path}: {warning}")
    return plan


def _shard(text: str | None) -> "Shard | None":
    from sim.experiments.sweep import Shard

    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError(f"--shard {text}: not a part; allowed: I/N with I from 1 to N, such as 1/4")
    return Shard(int(match[1]), int(match[2]))


def _run_shard(
    plan: "Plan", folder: Path, shard: "Shard", *, workers: int | None, scheduler: str | None, json: bool
) -> None:
    from sim.experiments.sweep import begin, chunks_left, run_left

    parts = begin(plan, folder)
    with progress(f"{plan.name} {shard.number}/{shard.of}") as tell:
        run_left(plan, parts, shard=shard, workers=workers, scheduler=scheduler, progress=tell)
    left = chunks_left(plan, parts)
    if json:
        done = plan.chunks - len(left)
        put_json({"folder": str(folder), "shard": [shard.number, shard.of], "chunks": plan.chunks, "done": done})
        return
    put(f"Shard {shard.number}/{shard.of} is done; {len(left)} of {plan.chunks} chunks are left to other shards.")
    put(f"The same command without --shard runs what is left and puts the tables together: {folder}")


def _forecast(plan: "Plan", folder: Path, workers: int | None, *, json: bool, whole: bool) -> None:
    from sim.cli.tables import show
    from sim.experiments.forecast import SweepCost, forecast
    from sim.experiments.power import detectable

    cost = SweepCost(plan.runs, 0, 0.0, 0) if whole else forecast(plan, folder, workers)
    tells = [] if whole else detectable(plan)
    report: dict[str, Any] = {
        "folder": str(folder),
        "design": plan.study.design,
        "factors": len(plan.points.factors),
        "points": len(plan.points),
        "branches": list(plan.branches),
        "replicates": plan.replicates,
        "metrics": list(plan.metrics),
        "runs": cost.runs,
        "runs_done": cost.runs - cost.left,
        "seconds": round(cost.seconds, 4),
        "bytes": cost.bytes,
        "tells": {power.metric: _least(power) for power in tells},
    }
    if json:
        put_json(report)
        return
    rows = [
        ("design", f"{plan.design.kind} of {report['points']} points of {report['factors']} keys"),
        ("branches", ", ".join(plan.branches)),
        ("runs", f"{cost.runs}, {plan.replicates} a point and branch; done: {report['runs_done']}"),
        ("time", f"about {_duration(cost.seconds)} for the {cost.left} left"),
        ("room", f"at most {_size(cost.bytes)}, and as much again while it runs"),
        ("result", f"{folder}{' (whole)' if whole else ''}"),
    ]
    show(("", plan.name), rows, left=2)
    if tells:
        _show_power(plan, tells)


def _least(power: "Detectable") -> dict[str, float | None]:
    return {"points": power.points, "branches": power.branches, "halves": power.halves}


def _show_power(plan: "Plan", tells: "list[Detectable]") -> None:
    from sim.cli.tables import paragraph, show
    from sim.output.formatting import amount
    from sim.output.measuring import kind_of

    rows = []
    for power in tells:
        kind = kind_of(plan.parsed[power.metric])
        cells = [None if value is None else amount(value, kind).removeprefix("+") for value in _least(power).values()]
        rows.append((power.metric, *(cell or "-" for cell in cells)))
    title = "Least differences that these runs would tell (with a chance of 80 %, by 90 % intervals)"
    show(("metric", "two points", "two branches at a point", "halves of the points"), rows, title)
    dash = " A dash: the trial does not show it." if any("-" in row[1:] for row in rows) else ""
    put_all(paragraph(f"From a trial at a few points, so rough.{dash}"))


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _size(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _show(swept: "SweepData") -> None:
    from sim.cli.tables import show
    from sim.output.summary import sweep_table

    shown = sweep_table(swept, MOST_SHOWN)
    show(shown.heads, shown.rows, shown.title, left=shown.heads.index("branch") + 1)
    hidden = len(swept.table) - len(shown.rows)
    if hidden:
        put(f"{hidden} more rows in sweep.csv and sweep.parquet")


def _drawer() -> "Callable[[SweepData, Path], object]":
    from sim.plots.gallery import draw_sweep

    return draw_sweep
