"""The command ``csto-sim explain``: the reasons for a state's decisions in one run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import note, progress, put, put_all, put_json
from sim.cli.drawing import drawing
from sim.cli.options import Json, NoPlot, Seed, Settings
from sim.errors import InputError
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.output.result import ResultData
    from sim.scenario import Scenario

EXAMPLE = """\b
Examples:
  csto-sim explain karabakh-2023 --state ARM --date 2024-02
  csto-sim explain karabakh-2023 --state RUS --date 2022-09
"""


@drawing
def explain(
    result: Annotated[
        str,
        typer.Argument(
            metavar="RESULT",
            help="Folder of a result; `latest`; the name of a scenario, for its newest result; or a scenario file.",
            show_default=False,
        ),
    ],
    *,
    state: Annotated[str, typer.Option("--state", metavar="CODE", help="State to explain.", show_default=False)],
    date: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM", help="Month to explain, or a day in it.", show_default=False)
    ],
    branch: Annotated[
        str | None, typer.Option("--branch", metavar="NAME", help="Branch; default: as-happened, else the first.")
    ] = None,
    replicate: Annotated[
        int | None,
        typer.Option("--replicate", metavar="N", help="Run of the branch; default: the run nearest the median path."),
    ] = None,
    within: Annotated[
        int, typer.Option("--within", metavar="MONTHS", help="Also show decisions this many months before and after.")
    ] = 0,
    seed: Seed = None,
    settings: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="New or empty folder for figures; default: explained in the result's folder or in ./results/SCENARIO.",
        ),
    ] = None,
    no_plot: NoPlot = False,
    json: Json = False,
) -> None:
    """Explain what a state did around a date: the terms of each decision in one run, and what moved its trust."""
    source, home = _source(result, settings or ())
    from sim.analysis.explaining.explain import explain as told_by
    from sim.output.staging import check_place, check_target

    if out is not None:
        check_target(out)
    elif not no_plot:
        check_place(home / "explained")
    with progress("finding the typical run") as tell:
        explanation = told_by(
            source, state, date, branch=branch, replicate=replicate, within=within, seed=seed, progress=tell
        )
    figures: list[Path] = []
    if not no_plot and (explanation.full() or explanation.chain is not None):
        from sim.analysis.explaining.drawing import described, save_figures
        from sim.output.staging import replacing, staged

        folder = out or home / "explained" / described(explanation)
        if out is None:
            folder.parent.mkdir(parents=True, exist_ok=True)
        with staged(folder) if out is not None else replacing(folder) as drawn:
            names = [path.name for path in save_figures(explanation, drawn)]
        figures = [folder / name for name in names]
    if json:
        put_json({**explanation.to_dict(), "figures": [str(figure) for figure in figures]})
        return
    from sim.analysis.explaining.render import WIDTH, text
    from sim.cli.closing import close
    from sim.cli.console import terminal_width
    from sim.scenario import Scenario

    put_all(text(explanation, terminal_width() or WIDTH).split("\n"))
    put("")
    close(None, figures, ("run" if isinstance(source, Scenario) else "report", result))


def _source(given: str, settings: list[str] | tuple[()]) -> "tuple[ResultData | Scenario, Path]":
    """Return the result or scenario to explain, and the folder in which its ``explained`` figures are stored.

    A name means the newest result of that name; the scenario itself where there is none, or where keys are set.
    """
    from sim.output.finding import find_result
    from sim.output.store import RESULTS, read
    from sim.scenario import load

    if Path(given).suffix == ".toml" or (settings and not Path(given).is_dir()):
        path = find_scenario(given)
        return load(path, settings), RESULTS / path.stem
    try:
        folder = find_result(given)
    except InputError as unknown:
        try:
            path = find_scenario(given)
        except InputError:
            raise unknown from None
        return load(path), RESULTS / path.stem
    if settings:
        raise InputError("--set writes over a scenario; a result was run as it is; allowed with a scenario file")
    if folder != Path(given):
        note(f"explaining a run of {folder}")
    return read(folder), folder
