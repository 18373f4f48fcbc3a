"""Options that several commands share, and the checks of their values."""

import re
from pathlib import Path
from typing import Annotated

import typer

from sim.errors import InputError, one_line, quoted
from sim.library import scenario_files, scenario_folders, sweep_folders

MOST_KEPT = 100_000
"""Replicates that can be asked for; how many fit depends on the scenario."""


def scenario_names(incomplete: str) -> list[str]:
    """Return the names of scenarios and cases that begin so, for shell completion."""
    return _beginning(incomplete, scenario_folders())


def sweep_names(incomplete: str) -> list[str]:
    """Return the names of sweeps and scenarios that begin so, for shell completion."""
    return _beginning(incomplete, (*sweep_folders(), *scenario_folders()))


def result_names(incomplete: str) -> list[str]:
    """Return the names of results that begin so, for shell completion."""
    names = {"latest", *(path.name for path in Path("results").glob("*") if path.is_dir() and path.name[0] != ".")}
    return sorted(name for name in names if name.startswith(incomplete))


def _beginning(incomplete: str, folders: tuple[Path, ...]) -> list[str]:
    return [path.stem for path in scenario_files(folders) if path.stem.startswith(incomplete)]


ScenarioArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="Name of a scenario or case, or a file.",
        show_default=False,
        autocompletion=scenario_names,
    ),
]
ResultArgument = Annotated[
    str,
    typer.Argument(
        metavar="RESULT",
        help="Folder of a result; `latest`; or the name of a scenario, for its newest result.",
        show_default=False,
        autocompletion=result_names,
    ),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="EXPRESSION", help="Metric to report, such as 'ARM.trust[RUS]@end'. Repeatable."),
]
Branches = Annotated[
    list[str] | None, typer.Option("--branch", metavar="NAME", help="Branch of the scenario. Repeatable.")
]
Replicates = Annotated[
    int | None, typer.Option("--replicates", metavar="N", help="Runs of each branch; default: the scenario's.")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="Seed; default: the scenario's.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override any key of the scenario or any parameter. Repeatable."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="New or empty output folder; default: a folder in ./results."),
]
NoPlot = Annotated[bool, typer.Option("--no-plot", help="Draw no figures.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print neither progress nor notes; errors are still told.")]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="Processes or threads; default: all available processors.")
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="compiled|mesa",
        help="Engine of the model; both give identical runs. Default: compiled; before compilation, mesa for few runs.",
        show_default=False,
    ),
]

ParameterSource = Annotated[
    str | None,
    typer.Option(
        "--parameters",
        metavar="NAME|FILE|prior|defaults",
        help="Posterior from which each replicate draws its parameters, equal in every branch; `prior` draws them from "
        "the priors, `defaults` takes the table. Values in the scenario or from --set take precedence. `csto-sim list "
        "posteriors` has the names.",
        show_default=False,
    ),
]
Explanation = Annotated[
    str | None,
    typer.Option(
        "--explanation",
        metavar="NAME|all",
        help="Run under one explanation of missing help, or under all, with their average weighted by how well they "
        "forecast. `csto-sim list explanations` has the names.",
        show_default=False,
    ),
]

Pinned = Annotated[
    str | None,
    typer.Option(
        "--pinned",
        metavar="YYYY-MM",
        help="Month up to which members stand where the observed course says; afterwards they choose freely.",
        show_default=False,
    ),
]
Injects = Annotated[
    Path | None,
    typer.Option(
        "--injects",
        metavar="FILE",
        help="CSV file of further events, with the columns date, kind, states, value and note.",
        show_default=False,
    ),
]
Keep = Annotated[
    str | None,
    typer.Option(
        "--keep",
        metavar="N,N-N",
        help="Store every variable of these replicates in kept.parquet, such as 0,5-9.",
        show_default=False,
    ),
]


def numbers(text: str, what: str = "replicate") -> list[int]:
    """Parse a list of numbers of replicates, or of other things, such as ``0,5-9``.

    Examples
    --------
    >>> numbers("0,5-7")
    [0, 5, 6, 7]
    """
    chosen: list[int] = []
    for part in filter(None, text.split(",")):
        read = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", part)
        if read is None:
            given = f"--keep {one_line(text)}: {quoted(part.strip())}"
            raise InputError(f"{given} is no {what}; allowed: numbers and spans such as 0,5-9")
        span = range(int(read[1]), int(read[2] or read[1]) + 1)
        if len(chosen) + len(span) > MOST_KEPT:
            raise InputError(f"--keep {one_line(text)}: too many {what}s; allowed: {MOST_KEPT} at most")
        chosen += span
    return chosen
