"""The provenance section of a report: the command that reproduces it, versions, licence, and data to cite."""

import shlex
from typing import Any, Final

from sim.output import manifest
from sim.output.result import ResultData
from sim.output.sources import TERMS, data_sets
from sim.output.store import identity
from sim.report.blocks import Block, Code, Grid, Listing, Text
from sim.report.question import ReportQuestion, ask

_FIELDS: Final = {"version": "Version", "licence": "Licence", "citation": "Citation", "url": "URL"}


def reproduce(question: ReportQuestion) -> tuple[Block, ...]:
    """Return the commands that reproduce the numbers and the report, and the software versions."""
    result = question.result
    stored = manifest.read(result.folder) if result.folder is not None else {}
    versions = {**stored.get("versions", manifest.versions())}
    runtime = str(stored.get("platform", ""))
    rows = [(name, str(version)) for name, version in versions.items()]
    rows += [("engine", result.engine)] + ([("platform", runtime)] if runtime else [])
    return (
        *_command(result, stored),
        Text(
            f"Equal inputs have the id {stored.get('id') or identity(result)}, with which the name of a result's "
            "folder ends; the same inputs, seed and version give the same numbers, whatever the number of workers."
        ),
        Text("This report was made of the result by:"),
        Code(_report_command(question)),
        Grid("Versions", ("what", "version"), tuple(rows), figures=()),
    )


def _command(result: ResultData, stored: dict[str, Any]) -> tuple[Block, ...]:
    command = stored.get("command")
    if command:
        return (Text("The runs, with the scenario files of that version:"), Code(shlex.join(command)))
    return (
        Text(
            "The runs were not made by a command that was recorded. The scenario stands in full in scenario.json of "
            "the result's folder, and gives the same runs in Python:"
        ),
        Code(
            "import sim\n"
            "from pathlib import Path\n"
            "from sim.output.store import read_scenario\n\n"
            'scenario = read_scenario(Path("scenario.json"))\n'
            f"result = sim.run(scenario, branches={list(result.branches)!r}, replicates={result.replicates}, "
            f"seed={result.seed},\n"
            f"                 metrics={list(result.expressions)!r})"
        ),
    )


def _report_command(question: ReportQuestion) -> str:
    folder = "RESULT" if question.result.folder is None else str(question.result.folder)
    words = ["csto-sim", "report", folder]
    if question.b is not None:
        words += ["--from", question.a, "--to", question.b]
    if question.metrics != ask(question.result).metrics:
        words += [word for metric in question.metrics for word in ("--metric", metric)]
    return shlex.join(words)


def licence(question: ReportQuestion) -> tuple[Block, ...]:
    """Return the licences of software and data, and the data sets to cite."""
    cited = tuple(
        " ".join(
            [f"{entry['name']}."]
            + [f"{label}: {entry[what].rstrip('.')}." for what, label in _FIELDS.items() if entry.get(what)]
        )
        for entry in data_sets(question.result.scenario)
    )
    terms = tuple(f"{what}: {said}" for what, said in TERMS.items())
    if not cited:
        return (Listing(terms), Text("No source of the scenario names a shipped data set."))
    return (Listing(terms), Text("Data sets that the figures of the scenario are from:"), Listing(cited))
