"""The command ``csto-sim audit``: whether claims hold when everything is varied that should not matter."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import note, progress, put_all, put_json
from sim.cli.drawing import drawing
from sim.cli.options import Engine, Json, NoPlot, Out, ParameterSource, ScenarioArgument, Seed, Settings, Workers
from sim.errors import InputError
from sim.library import find_scenario

if TYPE_CHECKING:
    from sim.analysis.auditing.results import Audit
    from sim.analysis.auditing.writing import FinishedChecks
    from sim.scenario.claims import Claim

EXITS = {"robust": 0, "defect": 1, "shifted": 3, "fragile": 4, "undecided": 5}
"""Exit code of each verdict; 2 is for input that is refused."""

EXAMPLE = """\b
Examples:
  csto-sim audit karabakh-2023 \\
      --claim "ARM.trust[RUS]@2023-12: russia-intervenes > as-happened by 0.1"
  csto-sim audit karabakh-2023 --minutes 1 --claim \\
      "ARM.posture@2024-12 >= freeze: as-happened > russia-sends-forces-2022"
"""


@drawing
def audit(
    scenario: ScenarioArgument,
    *,
    claim: Annotated[
        list[str] | None,
        typer.Option(
            "--claim",
            metavar="CLAIM",
            help="'METRIC: A > B', with 'by X' and 'through MECHANISM' if wanted. Repeatable. Default: the file's.",
            show_default=False,
        ),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option("--replicates", metavar="N", help="Pairs of runs of each check; default: 1000.")
    ] = None,
    seed: Seed = None,
    settings: Settings = None,
    parameters: ParameterSource = None,
    engine: Engine = None,
    check: Annotated[
        list[str] | None,
        typer.Option("--check", metavar="NAME", help="Make this check only. Repeatable.", show_default=False),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            metavar="M",
            help="Time after which no further check is begun; the same command goes on from there.",
            show_default=False,
        ),
    ] = None,
    out: Out = None,
    no_plot: NoPlot = False,
    json: Json = False,
    workers: Workers = None,
) -> None:
    """Audit a claim: vary all else, one thing at a time, and say whether the claim holds.

    The exit code is 0 if it is robust, 3 shifted, 4 fragile, 5 undecided, and 1 if a check shows a defect.
    """
    path = find_scenario(scenario)
    from sim.engine import compiler

    if engine != "mesa":
        compiler.begin()  # before anything heavy is loaded
    from sim.scenario import load, scenario_warnings

    loaded = load(path, settings or ())
    for warning in scenario_warnings(loaded):
        note(f"{path}: {warning}")
    parsed = _claims(claim or (load(path) if settings else loaded).claims, path, out)
    from sim.analysis.auditing.audit import REPLICATES, chosen_checks, worlds_of
    from sim.analysis.auditing.audit import audit as audited
    from sim.analysis.auditing.writing import FinishedChecks, audit_identity, save_audit

    count = REPLICATES if replicates is None else replicates
    folders: list[FinishedChecks] = []
    for stated in parsed:  # all are refused or none, before any run
        worlds = worlds_of(loaded, stated, count, seed, parameters, engine, workers)
        chosen_checks(worlds, check)
        folders.append(FinishedChecks(path.stem, audit_identity(loaded, stated, worlds, check), out))
    audits: list[Audit] = []
    for stated, folder in zip(parsed, folders, strict=True):
        with progress(path.stem) as tell:
            result = audited(
                loaded, stated, replicates=count, seed=seed, parameters=parameters, engine=engine, workers=workers,
                minutes=None if minutes is None else minutes / len(parsed), kept=folder, checks=check,
                progress=tell,
            )  # fmt: skip
        save_audit(result, folder, draws=not no_plot)
        audits.append(result)
        if not json:
            _show(result, folder)
    if json:
        reports = [
            {**result.report(), "result": str(folder.target)} for result, folder in zip(audits, folders, strict=True)
        ]
        put_json(reports[0] if claim and len(claim) == 1 else reports)
    raise typer.Exit(EXITS[max(result.verdict for result in audits).word])


def _claims(texts: Sequence[str], path: Path, out: Path | None) -> "list[Claim]":
    """Return the claims to audit; refuse none, and several for one folder."""
    if not texts:
        raise InputError(f"{path}: has no claims; give one: --claim 'METRIC: A > B'")
    if out is not None and len(texts) > 1:
        raise InputError(f"--out is for one claim, and there are {len(texts)}; leave it out, or give one --claim")
    from sim.scenario.claims import parse_claim

    return [parse_claim(text) for text in texts]


def _show(result: "Audit", folder: "FinishedChecks") -> None:
    """Print the checks, the verdict in words, and where the files are."""
    from sim.analysis.printing import audit_tables
    from sim.cli.closing import close
    from sim.cli.tables import paragraph, show

    *exact, moving = audit_tables(result)
    for table in exact:
        show(table.heads, table.rows, table.title, left=len(table.heads))
    show(moving.heads, moving.rows, moving.title)
    for sentence in result.sentences:
        put_all(paragraph(sentence))
    close(folder.target, folder.target.glob("*.png"))
