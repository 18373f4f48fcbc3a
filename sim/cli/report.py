"""The command ``csto-sim report``: a report on one question."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import note, put, put_all, put_json
from sim.cli.options import Json, Metrics, ResultArgument


class ReportFormat(StrEnum):
    """The formats of reports."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    MD = "md"


class Paper(StrEnum):
    """The sizes of paper of a PDF."""

    A4 = "A4"
    LETTER = "letter"


EXAMPLE = """\b
Examples:
  csto-sim report karabakh-2023
  csto-sim report karabakh-2023 --from as-happened \\
      --to russia-sends-forces-2022 --metric "ARM.posture@2024-12 >= freeze" \\
      --out brief.html
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
            "--out",
            metavar="FILE",
            help="File to write or replace, ending in .html, .pdf, .docx or .md; default: report.html in the result's "
            "folder.",
        ),
    ] = None,
    format_: Annotated[
        ReportFormat | None,
        typer.Option("--format", help="Format; default: by the ending of the file's name, else html."),
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="The first two pages only, which give the answer.")] = False,
    author: Annotated[
        str, typer.Option("--author", metavar="NAME", help="Author, for the head and the citation.", show_default=False)
    ] = "",
    paper: Annotated[Paper, typer.Option("--paper", help="Paper of a PDF.")] = Paper.A4,
    json: Json = False,
) -> None:
    """Write a report on one question: two pages with the answer, then figures, sources and assumptions.

    The answer is about the first metric; without --metric it is about the first metric in the scenario file that
    is true or false.
    """
    from sim.cli.tables import paragraph
    from sim.output.finding import find_result
    from sim.output.store import read
    from sim.report.making import check_target, make_report

    folder = find_result(result)
    chosen = None if format_ is None else format_.value
    target = out or folder / f"report.{chosen or ReportFormat.HTML.value}"
    form = check_target(target, chosen)
    made = make_report(read(folder), from_, to, metric or (), author)
    note("report: drawing the figures")
    made.save(target, form, short=short, paper=paper.value)
    asked = made.question
    if json:
        put_json(
            {
                "report": str(target), "from": asked.a, "to": asked.b, "metric": asked.metrics[0],
                "question": asked.text(), "answer": list(made.sentences),
            }
        )  # fmt: skip
        return
    for line in str(made).split("\n"):
        put_all(paragraph(line))
    put(f"Report: {target}", whole=True)
