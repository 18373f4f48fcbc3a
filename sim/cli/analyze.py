"""The command ``csto-sim analyze``: sensitivity analysis and scenario discovery of a sweep."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import note, put_all, put_json
from sim.cli.drawing import FigureFormat, drawing
from sim.cli.options import Json
from sim.errors import InputError


class Method(StrEnum):
    """Methods of scenario discovery."""

    PRIM = "prim"
    CART = "cart"


EXAMPLE = """\b
Example:
  csto-sim analyze karabakh-2023 --metric "ARM.posture@2024-12 >= freeze"
"""


@drawing
def analyze(
    sweep: Annotated[
        str,
        typer.Argument(
            metavar="SWEEP_RESULT",
            help="Folder of a sweep; `latest`; or the name of a sweep or scenario, for its newest.",
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
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="New or empty output folder; default: analysis in the sweep's."),
    ] = None,
    json: Json = False,
) -> None:
    """Explain a sweep: sensitivity indices, response curves, heat maps, scenario discovery."""
    from sim.analysis.stored import open_sweep
    from sim.output.finding import find_result
    from sim.output.staging import check_target

    home = find_result(sweep, ("sweep",))
    stored = open_sweep(home)
    pairs = [_pair(text) for text in pair or ()]
    folder = out or home / "analysis"
    check_target(folder)
    from sim.analysis.studies import report, study
    from sim.analysis.writing import save_study

    found = study(stored, metric or (), branch=branch, case=case, method=method, pairs=pairs, given=given_data)
    for line in found.skipped:
        note(line)
    for line in found.warnings:
        note(f"warning: {line}")
    save_study(found, folder)
    if json:
        put_json({"result": str(folder), "sweep": str(home), **report(found)})
        return
    from sim.analysis.printing import rules, study_tables
    from sim.cli.closing import close
    from sim.cli.tables import paragraph, show

    for table in study_tables(found):
        show(table.heads, table.rows, table.title)
    for said in found.sentences:
        put_all(paragraph(said))
    for rule in rules(found):
        put_all(paragraph(f"Rule: {rule}"))
    figures = (path for path in folder.iterdir() if path.suffix[1:] in set(FigureFormat))
    close(folder, figures, ("plot", sweep))


def _pair(text: str) -> tuple[str, str]:
    first, comma, second = text.partition(",")
    if not (comma and first.strip() and second.strip()):
        raise InputError(f"--pair {text}: not two keys; allowed: KEY,KEY")
    return first.strip(), second.strip()
