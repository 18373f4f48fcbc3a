"""The command ``csto-sim export``: results as tables for R, Stata and other software."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import put, put_json
from sim.cli.options import Json, ResultArgument


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
Example:
  csto-sim export karabakh-2023 --table country-month --out armenia.dta
"""


def export(
    result: ResultArgument,
    table: Annotated[ExportTable, typer.Option("--table", help="Rows: members by month, or directed pairs by month.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="New file to write.", show_default=False)],
    format_: Annotated[
        TableFormat | None, typer.Option("--format", help="CSV, Parquet or Stata; default: by the ending of the file.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a result as a tidy table with ISO3, COW and Gleditsch-Ward codes, for R, Stata and others."""
    from sim.interop.writing import export
    from sim.output.finding import find_result
    from sim.output.store import read

    frame = export(read(find_result(result)), table.value, out, format_ and format_.value)
    if json:
        put_json({"file": str(out), "table": table.value, "rows": len(frame), "columns": list(frame.columns)})
    else:
        put(f"Table: {out}, {len(frame)} rows, {len(frame.columns)} columns")
