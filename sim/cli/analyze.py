"""The command ``csto-sim analyze``: sensitivity analysis, scenario discovery and ranked branches of a sweep."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import note, put_all, put_json
from sim.cli.drawing import drawing, figures_in
from sim.cli.options import Json
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.analysis.studies import StudyReport


class Method(StrEnum):
    """Methods of scenario discovery."""

    PRIM = "prim"
    CART = "cart"


class Better(StrEnum):
    """Which values of a metric are better."""

    HIGHER = "higher"
    LOWER = "lower"


EXAMPLE = """\b
Examples:
  csto-sim analyze karabakh-2023 --metric "ARM.posture@2024-12 >= freeze"
  csto-sim analyze karabakh-2023 --robust
"""


@drawing
def analyze(
    sweep: Annotated[
        str,
        typer.Argument(
            metavar="SWEEP_RESULT",
            help="Folder of a sweep, with --robust also of a run; `latest`; or the name of a sweep or scenario.",
            show_default=False,
        ),
    ],
    *,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="EXPRESSION",
            help="Metric of the sweep, or a comparison of a metric; default: all except dates. Repeatable.",
        ),
    ] = None,
    branch: Annotated[
        str | None, typer.Option("--branch", metavar="NAME", help="Branch of the sweep; default: its first.")
    ] = None,
    case: Annotated[
        str | None,
        typer.Option(
            "--case",
            metavar="EXPRESSION",
            help="Outcome for scenario discovery: 'ARM.trust[RUS]@end < 0.4'.",
        ),
    ] = None,
    method: Annotated[
        Method | None, typer.Option("--method", help="Method of scenario discovery; default: prim if installed.")
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(
            "--pair", metavar="KEY,KEY", help="Factors of a heat map; default: two important ones. Repeatable."
        ),
    ] = None,
    given_data: Annotated[
        bool,
        typer.Option(
            "--given-data",
            help="Estimate delta, PAWN and RBD-FAST indices too, which any design allows; takes seconds a factor.",
        ),
    ] = False,
    robust: Annotated[
        bool,
        typer.Option(
            "--robust",
            help="Rank the branches over all points or draws instead: regret, how often each is best, where it turns.",
        ),
    ] = False,
    better: Annotated[
        Better | None,
        typer.Option("--better", help="With --robust: which values are better; default: as for the alliance."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="New or empty output folder; default: analysis, or robust, in the sweep's."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Explain a sweep: sensitivity indices, response curves, heat maps, scenario discovery."""
    from sim.analysis.draws import open_branches
    from sim.analysis.stored import open_sweep
    from sim.output.finding import find_result
    from sim.output.staging import check_target

    home = find_result(sweep, ("sweep", "result") if robust else ("sweep",))
    stored = open_branches(home) if robust else open_sweep(home)
    pairs = [_pair(text) for text in pair or ()]
    _check_robust(robust=robust, better=better, branch=branch, case=case, pair=pair, given=given_data)
    folder = out or home / ("robust" if robust else "analysis")
    check_target(folder)
    from sim.analysis.studies import rank_branches, report, study
    from sim.analysis.writing import save_study

    if robust:
        analysis = rank_branches(stored, metric or (), better=better, method=method)
    else:
        analysis = study(stored, metric or (), branch=branch, case=case, method=method, pairs=pairs, given=given_data)
    for line in analysis.skipped:
        note(line)
    for line in analysis.warnings:
        note(f"warning: {line}")
    save_study(analysis, folder)
    if json:
        put_json({"result": str(folder), "sweep": str(home), **report(analysis)})
        return
    from sim.cli.closing import close

    _show(analysis)
    close(folder, figures_in(folder), ("plot", sweep))


def _show(analysis: "StudyReport") -> None:
    """Print the tables of an analysis, what its indices say, and the rules that it found."""
    from sim.analysis.printing import rules, study_tables
    from sim.cli.tables import paragraph, show

    for table in study_tables(analysis):
        show(table.heads, table.rows, table.title)
    for said in (*analysis.sentences, *rules(analysis)):
        put_all(paragraph(said))


def _check_robust(*, robust: bool, better: Better | None, **others: object) -> None:
    """Reject options that do not go with a ranking of branches, or with nothing else."""
    if better is not None and not robust:
        raise InputError("--better goes with --robust alone")
    given = [f"--{'given-data' if name == 'given' else name}" for name, value in others.items() if value]
    if robust and given:
        raise InputError(f"{given[0]} does not go with --robust, which ranks all branches over all points")


def _pair(text: str) -> tuple[str, str]:
    first, comma, second = text.partition(",")
    if not (comma and first.strip() and second.strip()):
        raise InputError(f"--pair {text}: not two keys; allowed: KEY,KEY")
    return first.strip(), second.strip()
