"""Files for exported tables: CSV, Parquet and Stata."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from sim.errors import InputError
from sim.interop.columns import MEANINGS
from sim.interop.panels import country_month, dyad_month
from sim.output.parquet import write_parquet
from sim.output.result import ResultData
from sim.output.staging import staged_file
from sim.scenario.problems import listed

TABLES: Final[Mapping[str, Callable[[ResultData], pd.DataFrame]]] = {
    "country-month": country_month,
    "dyad-month": dyad_month,
}
LABEL: Final = 80
"""Letters that a Stata label can have."""


def export(result: ResultData, table: str, out: Path, form: str | None = None) -> pd.DataFrame:
    """Write a table of a result to a file.

    Parameters
    ----------
    result : ResultData
        The result.
    table : str
        A name of `TABLES`.
    out : Path
        New file.
    form : str, optional
        ``csv``, ``parquet`` or ``dta``; default: the ending of ``out``.

    Returns
    -------
    DataFrame
        The table written.

    Raises
    ------
    InputError
        If table or format is unknown, or the file exists.

    Examples
    --------
    >>> export(result, "country-month", Path("armenia.dta"))  # doctest: +SKIP
    """
    if table not in TABLES:
        raise InputError(f"unknown table '{table}'; allowed: {listed(TABLES)}")
    write = WRITERS.get(form or out.suffix.removeprefix("."))
    if write is None:
        given = f"unknown format '{form}'" if form else f"{out}: its ending names no format"
        raise InputError(f"{given}; allowed: {listed(WRITERS)}, by --format or as ending")
    with staged_file(out) as path:
        frame = TABLES[table](result)
        write(frame, path, MEANINGS[table], f"csto-sim {table}: {result.scenario.title}")
    return frame


def _csv(frame: pd.DataFrame, path: Path, meanings: Mapping[str, str], title: str) -> None:
    del meanings, title
    _whole(frame).to_csv(path, index=False, lineterminator="\n", float_format="%.6g", date_format="%Y-%m-%d")


def _parquet(frame: pd.DataFrame, path: Path, meanings: Mapping[str, str], title: str) -> None:
    """Write a table as Parquet, with the meaning of each column in its metadata."""
    table = pa.Table.from_pandas(_whole(frame), preserve_index=False)
    fields = [field.with_metadata({"meaning": meanings[field.name]}) for field in table.schema]
    days = [
        pa.field("date", pa.date32(), metadata=field.metadata) if field.name == "date" else field for field in fields
    ]
    write_parquet(table.cast(pa.schema(days, metadata={"title": title})), path)


def _stata(frame: pd.DataFrame, path: Path, meanings: Mapping[str, str], title: str) -> None:
    """Write a table as Stata 118 with Stata's own labels and dates."""
    frame.to_stata(
        path,
        write_index=False,
        version=118,
        convert_dates={"date": "td"},
        data_label=_short(title),
        variable_labels={name: _short(meaning) for name, meaning in meanings.items()},
    )


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with codes as integers."""
    codes = [name for name in frame.columns if name.startswith(("cow", "gw"))]
    return frame.astype(dict.fromkeys(codes, "Int64"))


def _short(text: str) -> str:
    return text if len(text) <= LABEL else f"{text[: LABEL - 3]}..."


WRITERS: Final = {"csv": _csv, "parquet": _parquet, "dta": _stata}
"""How each format is written, by its ending."""
