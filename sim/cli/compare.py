"""The command ``csto-sim compare``: the paired differences between two branches."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import note, put_all, put_json
from sim.cli.drawing import drawing
from sim.cli.options import Json, Metrics, NoPlot, ResultArgument

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.output.comparing import ComparisonData

EXAMPLE = """\b
Example:
  csto-sim compare karabakh-2023 --from as-happened \\
      --to russia-sends-forces-2022 --metric "ARM.posture@2024-12 >= freeze"
"""


@drawing
def compare(
    result: ResultArgument,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="A", help="Baseline branch; default: that of the question.", show_default=False),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="B", help="Branch to compare with it; default likewise.", show_default=False),
    ] = None,
    metric: Metrics = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="New or empty folder; default: comparisons/A-to-B in the result's folder."
        ),
    ] = None,
    no_plot: NoPlot = False,
    json: Json = False,
) -> None:
    """Compare two branches of a result, run by run, with the same random draws in both."""
    from sim.output.finding import find_result
    from sim.output.staging import check_target
    from sim.output.store import read, save_comparison
    from sim.output.subjects import two_branches
    from sim.output.summary import comparison_table
    from sim.report.question import ask

    if out is not None:
        check_target(out)
    stored = read(find_result(result))
    if from_ is None or to is None:
        base, other = two_branches(stored, None)
        from_, to = from_ or base, to or other
    question = ask(stored, from_, to, metric or ())
    found = stored.comparison(from_, to, question.metrics)
    table = comparison_table(from_, to, found.differences)
    folder = save_comparison(found, out, None if no_plot else _drawer())
    for text, difference in found.differences.items():
        if difference.note:
            note(f"{text}: {difference.note}")
    for text in found.unrecorded:
        note(f"{text}: its course over time is not recorded in this result")
    if json:
        put_json(found.report())
        return
    from sim.cli.closing import close
    from sim.cli.tables import paragraph, show
    from sim.report.answer import answer

    show(table.heads, table.rows, table.title)
    put_all(paragraph(f"Question: {question.text()}"))
    put_all(paragraph(f"Answer: {' '.join(answer(question).sentences[:2])}"))
    asked = (word for text in metric or () for word in ("--metric", text))
    figures = (path for path in folder.iterdir() if path.suffix in (".png", ".svg"))
    close(folder, figures, ("report", result, "--from", from_, "--to", to, *asked))


def _drawer() -> "Callable[[ComparisonData, Path], object]":
    from sim.plots.difference import draw_difference

    return draw_difference
