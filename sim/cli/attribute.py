"""The command ``csto-sim attribute``: the contributions of events, mechanisms and decision rules to a metric."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sim.cli.console import note, progress, put_json
from sim.cli.drawing import FigureFormat, drawing
from sim.cli.options import Json, NoPlot, Out, ScenarioArgument, Seed, Settings, Workers
from sim.errors import InputError
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.analysis.attribution import Attribution
    from sim.analysis.decision_rules import RuleTrial
    from sim.scenario import Scenario

EXAMPLE = """\b
Examples:
  csto-sim attribute first-steps --metric "ARM.posture@2024-12 >= freeze"
  csto-sim attribute karabakh-2023 --metric "first(ARM.posture >= freeze) <= 2024-12" \\
      --events attack-2022,russia-2022,ukraine-war --events "karabakh=war-2020+offensive-2023"
  csto-sim attribute karabakh-2023 --metric "ARM.trust[RUS]@2023-12" --mechanisms all
  csto-sim attribute karabakh-2023 --metric "ARM.trust[RUS]@2023-12" --rules --branch agents-decide
"""


@drawing
def attribute(
    scenario: ScenarioArgument,
    *,
    metric: Annotated[
        str,
        typer.Option(
            "--metric",
            metavar="EXPRESSION",
            help="Metric to attribute: a number, or true or false.",
            show_default=False,
        ),
    ],
    events: Annotated[
        list[str] | None,
        typer.Option(
            "--events",
            metavar="NAMES",
            help="Events to attribute it to: A,B separately, A+B or LABEL=A+B as a group; repeatable. Default: all "
            "that can have an effect in time and are not consequences of others.",
        ),
    ] = None,
    mechanisms: Annotated[
        list[str] | None,
        typer.Option(
            "--mechanisms",
            metavar="NAMES",
            help="Mechanisms to attribute it to instead of events, written like events, or 'all'.",
        ),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="Instead of shares: the metric under each decision rule of the alliance.")
    ] = False,
    branch: Annotated[
        str | None, typer.Option("--branch", metavar="NAME", help="Branch of the scenario; default: its first.")
    ] = None,
    replicates: Annotated[
        int | None, typer.Option("--replicates", metavar="N", help="Runs of each set of events; default: 256.")
    ] = None,
    seed: Seed = None,
    settings: Settings = None,
    interactions: Annotated[
        bool, typer.Option("--interactions", help="Print the interaction of each pair; for up to 12 shares.")
    ] = False,
    orders: Annotated[
        int | None,
        typer.Option(
            "--orders",
            metavar="N",
            help="Number of sampled orders; default: all sets of up to 12 events, else 20 orders.",
        ),
    ] = None,
    out: Out = None,
    no_plot: NoPlot = False,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Attribute a metric to events or mechanisms, or compare it under each decision rule of the alliance."""
    of = _check(events, mechanisms, rules=rules, interactions=interactions, orders=orders)
    path = find_scenario(scenario)
    from sim.output.staging import check_place, check_target
    from sim.output.store import RESULTS
    from sim.scenario import load, scenario_warnings

    if out is not None:
        check_target(out)
    else:
        check_place(RESULTS / path.stem)
    loaded = load(path, settings or ())
    for warning in scenario_warnings(loaded):
        note(f"{path}: {warning}")
    from sim.engine import compiler

    compiler.begin()  # before anything heavy is loaded
    from sim.analysis import attribute as share_out
    from sim.analysis import compare_rules
    from sim.analysis.attribution import REPLICATES
    from sim.analysis.attribution_files import save_attribution, save_rules
    from sim.analysis.printing import attribution_tables, rule_table
    from sim.cli.closing import close
    from sim.cli.tables import show

    common: dict[str, Any] = {
        "branch": branch,
        "replicates": REPLICATES if replicates is None else replicates,
        "seed": seed,
        "workers": workers,
    }
    result: Attribution | RuleTrial
    with progress(path.stem) as tell:
        if of == "rules":
            trial = compare_rules(loaded, metric, **common, progress=tell)
            result, tables, folder = trial, [rule_table(trial)], save_rules(trial, path.stem, out)
        else:
            given = _names(events if of == "events" else mechanisms)
            shares = share_out(
                loaded, metric, of=of, players=given, **common, interactions=interactions, orders=orders, progress=tell,
            )  # fmt: skip
            result, tables = shares, attribution_tables(shares)
            folder = save_attribution(shares, path.stem, out, draw=not no_plot)
    for line in result.warnings:
        note(f"note: {line}")
    if json:
        put_json({**result.report(), "result": str(folder)})
        return
    for table in tables:
        show(table.heads, table.rows, table.title)
    figures = (path for path in folder.iterdir() if path.suffix[1:] in set(FigureFormat))
    close(folder, figures, _next(scenario, loaded, metric))


def _next(given: str, scenario: "Scenario", metric: str) -> tuple[str, ...]:
    """Return the command that explains the state that a metric is about, else the one that runs the scenario."""
    from sim.output.measuring import horizon
    from sim.scenario.calendar import make_calendar
    from sim.scenario.expressions import parse_metric

    asked = parse_metric(metric)
    if asked.path.owner not in scenario.states:
        return ("run", given, "--metric", metric)
    days = make_calendar(scenario.start, scenario.end, scenario.step).dates
    day = days[max(1, horizon(asked, days))]
    return ("explain", given, "--state", asked.path.owner, "--date", f"{day:%Y-%m}")


def _check(
    events: list[str] | None, mechanisms: list[str] | None, *, rules: bool, interactions: bool, orders: int | None
) -> Literal["events", "mechanisms", "rules"]:
    """Return the kind of attribution: ``events``, ``mechanisms`` or ``rules``; reject conflicting options."""
    options: dict[Literal["events", "mechanisms", "rules"], object] = {
        "events": events, "mechanisms": mechanisms, "rules": rules,
    }  # fmt: skip
    asked = [name for name, given in options.items() if given]
    if len(asked) > 1:
        raise InputError(
            f"--{asked[0]} and --{asked[1]} exclude each other; give one of --events, --mechanisms, --rules"
        )
    if rules and (interactions or orders is not None):
        raise InputError("--rules shares nothing out; leave --interactions and --orders out")
    return asked[0] if asked else "events"


def _names(given: list[str] | None) -> list[str]:
    names = [name for text in given or () for name in text.split(",")]
    return [] if names == ["all"] else names
