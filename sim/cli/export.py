"""The command ``csto-sim export``: results as tables for R, Stata and other software, or as crates for archives."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import put, put_json
from sim.cli.options import Json, ResultArgument
from sim.errors import InputError


class ExportTable(StrEnum):
    """The tables that can be exported."""

    COUNTRY_MONTH = "country-month"
    DYAD_MONTH = "dyad-month"


class TableFormat(StrEnum):
    """The file formats of exported tables."""

    CSV = "csv"
    PARQUET = "parquet"
    DTA = "dta"


EXAMPLE = """\b
Examples:
  csto-sim export karabakh-2023 --table country-month --out armenia.dta
  csto-sim export karabakh-2023 --crate --out armenia.zip
"""


def export(
    result: ResultArgument,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE",
            help="New file to write; of a crate, a new folder or .zip file.",
            show_default=False,
        ),
    ],
    table: Annotated[
        ExportTable | None,
        typer.Option("--table", help="Rows: members by month, or directed pairs by month.", show_default=False),
    ] = None,
    crate: Annotated[
        bool, typer.Option("--crate", help="Write the whole folder of a run or sweep as an RO-Crate, for an archive.")
    ] = False,
    format_: Annotated[
        TableFormat | None, typer.Option("--format", help="CSV, Parquet or Stata; default: by the ending of the file.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a result as a tidy table with ISO3, COW and Gleditsch-Ward codes, or its folder as an RO-Crate."""
    from sim.output.finding import find_result

    if crate == (table is not None):
        raise InputError("give one of --table and --crate")
    if table is None:
        if format_ is not None:
            raise InputError("--format goes with --table alone")
        from sim.interop.crate import write_crate

        files = write_crate(find_result(result, ("result", "sweep")), out)
        if json:
            put_json({"crate": str(out), "files": files})
        else:
            put(f"RO-Crate: {out}, {files} files")
        return
    from sim.interop.writing import export
    from sim.output.store import read

    frame = export(read(find_result(result)), table.value, out, format_ and format_.value)
    if json:
        put_json({"file": str(out), "table": table.value, "rows": len(frame), "columns": list(frame.columns)})
    else:
        put(f"Table: {out}, {len(frame)} rows, {len(frame.columns)} columns")
