"""The command ``csto-sim report``: a one-page report on one question."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import note, put, put_json
from sim.cli.options import Json, Metrics, ResultArgument


class ReportFormat(StrEnum):
    """The formats of reports."""

    HTML = "html"
    MD = "md"


EXAMPLE = """\b
Examples:
  csto-sim report karabakh-2023
  csto-sim report karabakh-2023 --from as-happened \\
      --to russia-sends-forces-2022 --metric "ARM.posture@2024-12 >= freeze" --out brief.html
"""


def report(
    result: ResultArgument,
    *,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="A", help="Baseline branch; default: as-happened, else the first."),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="B", help="Branch to compare with it; default: the next alternative.")
    ] = None,
    metric: Metrics = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="File to write or replace; default: report.html in the result's folder."
        ),
    ] = None,
    format_: Annotated[
        ReportFormat | None,
        typer.Option("--format", help="Format; default: by the ending of the file's name, else html."),
    ] = None,
    json: Json = False,
) -> None:
    """Write one page on one question: the answer with its uncertainty, figures, sources, assumptions.

    The answer is about the first metric; without --metric it is about the first metric in the scenario file that
    is true or false.
    """
    from sim.output.finding import find_result
    from sim.output.store import read
    from sim.report.files import check_file
    from sim.report.making import form_of, make_report

    folder = find_result(result)
    found = read(folder)
    chosen = None if format_ is None else format_.value
    target = out or folder / f"report.{chosen or ReportFormat.HTML.value}"
    form = form_of(target, chosen)
    check_file(target)
    made = make_report(found, from_, to, metric or ())
    note("report: drawing the figures")
    made.save(target, form)
    asked = made.question
    if json:
        put_json(
            {
                "report": str(target), "from": asked.a, "to": asked.b, "metric": asked.metrics[0],
                "question": asked.text(), "answer": list(made.sentences),
            }
        )  # fmt: skip
        return
    put(str(made))
    put(f"Report: {target}")
