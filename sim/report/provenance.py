"""The provenance of a report: date, citation, the command that reproduces it, versions, licence, and data to cite."""

import shlex
from datetime import UTC, date, datetime
from typing import Any, Final

from sim.output import manifest
from sim.output.formatting import day_in_words
from sim.output.result import ResultData
from sim.output.sources import TERMS, data_sets
from sim.output.store import identity
from sim.report.blocks import Block, Code, Listing, Text
from sim.report.question import ReportQuestion, ask
from sim.version import __version__

_FIELDS: Final = {"version": "Version", "licence": "Licence", "citation": "Citation", "url": "URL"}


def run_day(result: ResultData) -> date:
    """Return the day of the runs: that of the stored result, and today for a result that is not stored."""
    if result.folder is None:
        return datetime.now(UTC).date()
    return datetime.fromisoformat(manifest.read(result.folder)["created"]).date()


def made(result: ResultData, author: str = "") -> str:
    """Return the line below the title: author, day and settings of the run, and version."""
    runs = f"{result.replicates} run{'s' * (result.replicates != 1)} a branch, seed {result.seed}"
    day = f"run of {day_in_words(run_day(result))}"
    return "; ".join(filter(None, (author, day, runs, f"csto-sim {__version__}")))


def citation(result: ResultData, author: str = "") -> str:
    """Return how to cite a report."""
    day = run_day(result)
    who = author or "The csto-sim authors"
    return (
        f"{who} ({day.year}). {result.scenario.title.rstrip('.')}. Report by csto-sim {__version__}, run of "
        f"{day_in_words(day)}, inputs {identity(result)}, seed {result.seed}."
    )


def figure_source(result: ResultData) -> str:
    """Return the source line of a figure."""
    return (
        f"Source: model runs, csto-sim {__version__}, inputs {identity(result)}, seed {result.seed}; record and polls: "
        "sources of the scenario."
    )


def reproduce(question: ReportQuestion, author: str = "") -> tuple[Block, ...]:
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
        Code(_report_command(question, author)),
        Text(f"Versions: {'; '.join(f'{what} {version}' for what, version in rows)}."),
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


def _report_command(question: ReportQuestion, author: str) -> str:
    folder = "RESULT" if question.result.folder is None else str(question.result.folder)
    words = ["csto-sim", "report", folder]
    if question.b is not None:
        words += ["--from", question.a, "--to", question.b]
    if question.metrics != ask(question.result).metrics:
        words += [word for metric in question.metrics for word in ("--metric", metric)]
    if author:
        words += ["--author", author]
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
