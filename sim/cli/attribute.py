"""The command ``csto-sim attribute``: the contributions of events, mechanisms and decision rules to a metric."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sim.cli.console import note, progress, put_json
from sim.cli.drawing import drawing, figures_in
from sim.cli.options import Json, NoPlot, Out, ScenarioArgument, Seed, Settings, Workers
from sim.errors import InputError
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.analysis.attribution import Attribution
    from sim.analysis.decision_rules import RuleTrial
    from sim.output.summary import TextTable
    from sim.scenario import Scenario

EXAMPLE = """\b
Examples:
  csto-sim attribute first-steps --metric "ARM.posture@2024-12 >= freeze"
  csto-sim attribute karabakh-2023 --metric "ARM.posture@2024-12 >= freeze" \\
      --events attack-2022,russia-2022 --events "war=war-2020+offensive-2023"
  csto-sim attribute karabakh-2023 --mechanisms all \\
      --metric "ARM.trust[RUS]@end"
  csto-sim attribute karabakh-2023 --metric "ARM.trust[RUS]@end" --rules \\
      --branch agents-decide
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
    loaded = _loaded(path, settings, out)
    from sim.engine import compiler

    compiler.begin()  # before anything heavy is loaded
    from sim.analysis.attribution import REPLICATES

    common: dict[str, Any] = {
        "branch": branch, "replicates": REPLICATES if replicates is None else replicates, "seed": seed,
        "workers": workers,
    }  # fmt: skip
    result: Attribution | RuleTrial
    with progress(path.stem) as tell:
        common["progress"] = tell
        if of == "rules":
            result, tables, folder = _rules_tried(loaded, metric, path.stem, out, common)
        else:
            given = _names(events if of == "events" else mechanisms)
            common |= {"of": of, "players": given, "interactions": interactions, "orders": orders}
            result, tables, folder = _shared_out(loaded, metric, path.stem, out, common, draw=not no_plot)
    for line in result.warnings:
        note(f"note: {line}")
    if json:
        put_json({**result.report(), "result": str(folder)})
        return
    from sim.cli.closing import close
    from sim.cli.tables import show

    for table in tables:
        show(table.heads, table.rows, table.title)
    close(folder, figures_in(folder), _next(scenario, loaded, metric))


def _loaded(path: Path, settings: list[str] | None, out: Path | None) -> "Scenario":
    """Load the scenario and tell its warnings, once it is sure that the result can be written."""
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
    return loaded


def _rules_tried(
    loaded: "Scenario", metric: str, name: str, out: Path | None, options: dict[str, Any]
) -> "tuple[RuleTrial, list[TextTable], Path]":
    """Run the scenario under each decision rule, and save the comparison."""
    from sim.analysis import compare_rules
    from sim.analysis.attribution_files import save_rules
    from sim.analysis.printing import rule_table

    result = compare_rules(loaded, metric, **options)
    return result, [rule_table(result)], save_rules(result, name, out)


def _shared_out(
    loaded: "Scenario", metric: str, name: str, out: Path | None, options: dict[str, Any], *, draw: bool
) -> "tuple[Attribution, list[TextTable], Path]":
    """Share a metric out among events or mechanisms, and save the shares."""
    from sim.analysis import attribute as share_out
    from sim.analysis.attribution_files import save_attribution
    from sim.analysis.printing import attribution_tables

    result = share_out(loaded, metric, **options)
    return result, attribution_tables(result), save_attribution(result, name, out, draw=draw)


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
