"""The command ``csto-sim compare``: the paired differences between two branches."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import note, put_all, put_json
from sim.cli.drawing import drawing
from sim.cli.options import Json, Metrics, NoPlot, ResultArgument
from sim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.output.comparing import ComparisonData
    from sim.output.contrasts import Contrasts
    from sim.output.result import ResultData

ALL = "all"
"""Stands for all branches but the one that they are compared with."""

EXAMPLE = """\b
Examples:
  csto-sim compare karabakh-2023 --from as-happened \\
      --to russia-sends-forces-2022 --metric "ARM.posture@2024-12 >= freeze"
  csto-sim compare karabakh-2023 --to all
"""


@drawing
def compare(
    result: ResultArgument,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="A", help="Baseline branch; default: that of the question.", show_default=False),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="B",
            help="Branch to compare with it; default likewise. Repeatable; `all` stands for all others.",
            show_default=False,
        ),
    ] = None,
    with_: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="RESULT",
            help="Another result, whose branch --to (default: that of --from) is compared.",
            show_default=False,
        ),
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
    """Compare branches of a result, run by run, with the same random draws in all; or two results."""
    from sim.output.finding import find_result
    from sim.output.staging import check_target
    from sim.output.store import read, save_comparison
    from sim.output.subjects import two_branches
    from sim.output.summary import comparison_table
    from sim.report.question import ask

    if out is not None:
        check_target(out)
    stored = read(find_result(result))
    if with_ is not None or len(to or ()) > 1 or to == [ALL]:
        beside = read(find_result(with_)) if with_ is not None else None
        several = _several(stored, beside, from_, to or [], metric or ())
        _show_several(several, out, no_plot=no_plot, json=json)
        return
    second = to[0] if to else None
    if from_ is None or second is None:
        base, other = two_branches(stored, None)
        from_, second = from_ or base, second or other
    question = ask(stored, from_, second, metric or ())
    comparison = stored.comparison(from_, second, question.metrics)
    table = comparison_table(from_, second, comparison.differences)
    folder = save_comparison(comparison, out, None if no_plot else _drawer())
    for text, difference in comparison.differences.items():
        if difference.note:
            note(f"{text}: {difference.note}")
    for text in comparison.unrecorded:
        note(f"{text}: its course over time is not recorded in this result")
    if json:
        put_json(comparison.report())
        return
    from sim.cli.closing import close
    from sim.cli.tables import paragraph, show
    from sim.report.answer import answer

    show(table.heads, table.rows, table.title)
    put_all(paragraph(f"Question: {question.text()}"))
    put_all(paragraph(f"Answer: {' '.join(answer(question).sentences[:2])}"))
    asked = (word for text in metric or () for word in ("--metric", text))
    figures = (path for path in folder.iterdir() if path.suffix in (".png", ".svg"))
    close(folder, figures, ("report", result, "--from", from_, "--to", second, *asked))


def _several(
    stored: "ResultData", other: "ResultData | None", from_: str | None, to: list[str], metrics: "Sequence[str]"
) -> "Contrasts":
    """Compare several branches with one, or a branch of another result."""
    from sim.output.contrasts import contrast, contrast_results
    from sim.output.subjects import main_branch

    base = main_branch(stored, from_)
    wanted = tuple(dict.fromkeys(metrics or stored.scenario.metrics or stored.expressions))
    if other is None:
        others = [branch for branch in stored.branches if branch != base] if to == [ALL] else to
        if not others:
            raise InputError(f"this result has the branch '{base}' alone; there is nothing to compare it with")
        return contrast(stored, base, others, wanted)
    if len(to) > 1 or to == [ALL]:
        raise InputError("--with compares one branch of each result; give --to once")
    name = other.folder.name if other.folder is not None and other.name == stored.name else other.name
    return contrast_results(stored, base, other, to[0] if to else base, wanted, name)


def _show_several(contrasts: "Contrasts", out: Path | None, *, no_plot: bool, json: bool) -> None:
    from sim.output.contrasts import default_folder, save_contrasts
    from sim.plots.contrasts import draw_contrasts

    folder = save_contrasts(
        contrasts, out or default_folder(contrasts), fresh=out is not None, draw=None if no_plot else draw_contrasts
    )
    for branch, differences in contrasts.others.items():
        for text, difference in differences.items():
            if difference.note:
                note(f"{branch}, {text}: {difference.note}")
    if json:
        put_json(contrasts.report())
        return
    from sim.cli.closing import close
    from sim.cli.tables import paragraph, show
    from sim.output.summary import contrast_tables

    for table in contrast_tables(contrasts):
        show(table.heads, table.rows, table.title)
    put_all(paragraph(contrasts.in_words()))
    figures = (path for path in folder.iterdir() if path.suffix in (".png", ".svg"))
    close(folder, figures, ("plot", str(contrasts.result.folder)))


def _drawer() -> "Callable[[ComparisonData, Path], object]":
    from sim.plots.difference import draw_difference

    return draw_difference
