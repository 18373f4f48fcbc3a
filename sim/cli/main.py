"""The program ``csto-sim``: its commands and exit codes."""

import errno
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import Parameter, signature
from types import TracebackType
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from sim.cli import (
    analyze,
    attribute,
    audit,
    blocs,
    calibrate,
    compare,
    explain,
    explore,
    export,
    forecast,
    hindcast,
    import_,
    listing,
    new,
    plot,
    report,
    run,
    score,
    sweep,
    validate,
)
from sim.cli.console import be_quiet, prepare_streams, put, say
from sim.cli.options import Quiet
from sim.cli.plain_help import PlainHelp
from sim.errors import CstoSimError, InputError, one_line
from sim.stopping import Stopped, stoppable
from sim.version import __version__

TRACEBACK = "CSTO_SIM_TRACEBACK"
"""Environment variable that turns on tracebacks of program errors."""

LONGEST_PATH = 400
"""Characters of a path that a message shows."""

_REFUSED = (errno.ENAMETOOLONG, errno.ELOOP)
"""Errors of the system that only a name given by the user can cause."""

PURPOSES: Final[dict[str, tuple[tuple[Callable[..., None], str, str], ...]]] = {
    "Ask": (
        (run.run, run.EXAMPLE, "Run a scenario and answer its question."),
        (compare.compare, compare.EXAMPLE, "Compare branches of a result, or two results."),
        (audit.audit, audit.EXAMPLE, "Audit a claim: does it hold when all else is varied?"),
        (explore.explore, explore.EXAMPLE, "Open the interactive explorer in a browser."),
        (report.report, report.EXAMPLE, "Write a report that answers one question."),
    ),
    "Understand": (
        (explain.explain, explain.EXAMPLE, "Explain a state's decisions in one run."),
        (attribute.attribute, attribute.EXAMPLE, "Attribute a metric to events or mechanisms."),
        (sweep.sweep, sweep.EXAMPLE, "Run a scenario over a grid, or a sweep file."),
        (analyze.analyze, analyze.EXAMPLE, "Analyze a sweep: sensitivity indices, scenario discovery."),
        (blocs.blocs, blocs.EXAMPLE, "Show the blocs that the ties of a scenario imply."),
    ),
    "Write scenarios": (
        (new.new, new.EXAMPLE, "Write a scenario file of your own, to edit and run."),
        (validate.validate, validate.EXAMPLE, "Check scenario and sweep files."),
        (listing.list_, listing.EXAMPLE, "List scenarios, cases, results, parameters and more."),
        (validate.schema, validate.SCHEMA_EXAMPLE, "Print the JSON Schema of scenario or sweep files."),
    ),
    "Take results elsewhere": (
        (plot.plot, plot.EXAMPLE, "Draw the figures of results again."),
        (export.export, export.EXAMPLE, "Write results as country-month and dyad-month tables."),
    ),
    "Test the model": (
        (hindcast.hindcast, hindcast.EXAMPLE, "Score the model against the coded record."),
        (calibrate.calibrate, calibrate.EXAMPLE, "Fit the parameters to the coded record."),
        (forecast.forecast, forecast.EXAMPLE, "Register forecasts of dated questions."),
        (score.score, score.EXAMPLE, "Score registered forecasts against outcomes."),
    ),
}
"""The commands by what they are for, each with its examples and what it does in a few words."""

IMPORT = "import"

RENAMED: Final[dict[str, dict[str, str]]] = {"calibrate": {"--bank": "--steps", "--size": "--particles"}}
"""Options by the names of the last release, by command, with their names of now; they work for one release."""


class ByPurpose(TyperGroup):
    """The list of commands in the help, by what they are for."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each purpose."""
        width = max(map(len, self.commands))
        for purpose, entries in PURPOSES.items():
            names = [_name(command) for command, *_ in entries]
            if purpose == "Write scenarios":
                names.append(IMPORT)
            with formatter.section(purpose):
                formatter.write_dl([(name.ljust(width), self.commands[name].get_short_help_str(100)) for name in names])


def _name(command: Callable[..., None]) -> str:
    return command.__name__.rstrip("_")


def _quietable(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes ``--quiet`` as well."""

    @wraps(command)
    def made(*given: Any, quiet: bool, **options: Any) -> None:
        be_quiet(quiet)
        command(*given, **options)

    sign = signature(command)
    option = Parameter("quiet", Parameter.KEYWORD_ONLY, default=False, annotation=Quiet)
    vars(made)["__signature__"] = sign.replace(parameters=[*sign.parameters.values(), option])
    made.__annotations__ = {**command.__annotations__, "quiet": Quiet}
    return made


app = typer.Typer(
    name="csto-sim",
    cls=ByPurpose,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for _entries in PURPOSES.values():
    for _command, _example, _short in _entries:
        app.command(_name(_command), cls=PlainHelp, epilog=_example, short_help=_short)(_quietable(_command))
app.add_typer(import_.app, name=IMPORT)

_EXAMPLE = """\b
Example:
  csto-sim run karabakh-2023 --replicates 100
"""


def _version(asked: bool) -> None:
    if asked:
        put(f"csto-sim {__version__}")
        raise typer.Exit


@app.callback(epilog=_EXAMPLE)
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Simulate the credibility of alliances: which members still trust the guarantor, and what they do."""
    del version


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 on success, 2 for invalid input, 1 on failure, 128 + N when stopped by signal N."""
    sys.excepthook = _defect
    prepare_streams()
    logging.lastResort = _Messages(logging.WARNING)
    with stoppable(_unfinished):
        try:
            command = typer.main.get_command(app)
            words = sys.argv[1:] if arguments is None else list(arguments)
            command.main(args=_with_new_names(words), prog_name="csto-sim")
        except Stopped as stopped:
            _unfinished()
            say(_with_notes("csto-sim: interrupted", stopped, _done()))
            raise
        except InputError as error:
            _end(str(error), 2)
        except CstoSimError as error:
            _end(_with_notes(str(error), error), 1)
        except MemoryError:
            _end("out of memory; fewer --replicates or --workers need less", 1)
        except OSError as error:
            where = f"{one_line(str(error.filename), LONGEST_PATH)}: " if error.filename else ""
            _end(_with_notes(f"{where}{error.strerror or error}", error, _done()), 2 if error.errno in _REFUSED else 1)


def _with_new_names(words: Sequence[str]) -> list[str]:
    """Return the words of a call with the new names of renamed options, and say what they are called now."""
    names = RENAMED.get(words[0], {}) if words else {}
    call = []
    for word in words:
        option, equals, value = word.partition("=")
        new = names.get(option, option)
        if new != option:
            say(f"csto-sim: {option} is now {new}; the next release takes the new name alone")
        call.append(f"{new}{equals}{value}")
    return call


def _with_notes(message: str, error: BaseException, otherwise: str = "") -> str:
    """Return the error message with the notes of the interrupted work, such as the results that it kept."""
    notes = getattr(error, "__notes__", None) or [otherwise]
    return "; ".join(filter(None, [message, *notes]))


def _end(message: str, code: int) -> None:
    say(f"csto-sim: {message}")
    sys.exit(code)


def _unfinished() -> None:
    """Stop the compiler, and remove what is being written."""
    from sim.engine import compiler

    compiler.stop()
    if "sim.output.staging" in sys.modules:
        from sim.output.staging import abandon

        abandon()


def _done() -> str:
    """Return a phrase on the folders and files that an interrupted command had completed."""
    if "sim.output.staging" in sys.modules:
        from sim.output.staging import finished

        whole = [str(path) for path in finished if path.exists()]
        if whole:
            return f"{', '.join(whole)}: whole"
    return "nothing was written"


class _Messages(logging.Handler):
    """Writes what modules log as messages."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


def _defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if os.environ.get(TRACEBACK):
        sys.__excepthook__(kind, error, trace)
    else:
        say(f"csto-sim: a defect of the program: {kind.__name__}: {error} ({TRACEBACK}=1 shows where)")


if __name__ == "__main__":
    main()
