"""Options that several commands share, and the checks of their values."""

import re
from pathlib import Path
from typing import Annotated

import typer

from sim.errors import InputError, one_line, quoted

MOST_KEPT = 100_000
"""Replicates that can be asked for; how many fit depends on the scenario."""

SCENARIOS = Path("scenarios")
"""Folder in which scenario files are found by name."""

SWEEPS = SCENARIOS / "sweeps"
"""Folder in which sweep files are found by name."""

ScenarioArgument = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="A scenario file, or its name in ./scenarios.", show_default=False),
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
Keep = Annotated[
    str | None,
    typer.Option(
        "--keep",
        metavar="N,N-N",
        help="Store every variable of these replicates in kept.parquet, such as 0,5-9.",
        show_default=False,
    ),
]


def numbers(text: str) -> list[int]:
    """Parse a list of replicate numbers such as ``0,5-9``.

    Examples
    --------
    >>> numbers("0,5-7")
    [0, 5, 6, 7]
    """
    found: list[int] = []
    for part in filter(None, text.split(",")):
        read = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", part)
        if read is None:
            given = f"--keep {one_line(text)}: {quoted(part.strip())}"
            raise InputError(f"{given} is no replicate; allowed: numbers and spans such as 0,5-9")
        span = range(int(read[1]), int(read[2] or read[1]) + 1)
        if len(found) + len(span) > MOST_KEPT:
            raise InputError(f"--keep {one_line(text)}: too many replicates; allowed: {MOST_KEPT} at most")
        found += span
    return found


def find_scenario(given: str) -> Path:
    """Return the scenario file for a path or for a name in ./scenarios."""
    path = _by_name(given, SCENARIOS)
    if path.stem == SWEEPS.name and path.is_file():
        raise InputError(f"{path}: a scenario cannot be called '{path.stem}', under which sweeps lie; rename the file")
    return path


def find_sweep(given: str) -> Path:
    """Return the file for a path, or for a name in ./scenarios or ./scenarios/sweeps."""
    path = _by_name(given, SCENARIOS)
    return path if path.is_file() else _by_name(given, SWEEPS)


def _by_name(given: str, folder: Path) -> Path:
    path = Path(given)
    if path.exists() or path.suffix == ".toml" or path.name != given:
        return path
    named = folder / f"{given}.toml"
    return named if named.is_file() else path
