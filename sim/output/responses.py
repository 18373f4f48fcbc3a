"""The table of allies' responses to calls, with one row for each call and ally."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd
import pyarrow as pa

_WORDS: Final = pa.dictionary(pa.int32(), pa.string())

RESPONSE_SCHEMA: Final = pa.schema(
    {
        "branch": _WORDS, "replicate": pa.int64(), "date": pa.date32(), "event": _WORDS, "victim": _WORDS,
        "aggressor": _WORDS, "severity": pa.float64(), "made": pa.bool_(), "ally": _WORDS, "coverage": pa.float64(),
        "choice": pa.int64(), "level": pa.int64(), "fulfilment": pa.float64(), "fixed": pa.bool_(),
        "vetoed": pa.bool_(),
    }
)  # fmt: skip
"""Columns of responses with their types; words are numbers of a dictionary."""

RESPONSE_COLUMNS: Final[tuple[str, ...]] = tuple(RESPONSE_SCHEMA.names)

_STORED: Final = {"replicate": pa.int32(), "choice": pa.int8(), "level": pa.int8()}


def responses_of(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Return the table of responses from rows in the order of `RESPONSE_COLUMNS`."""
    columns = zip(*rows, strict=True) if rows else [()] * len(RESPONSE_SCHEMA)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, RESPONSE_SCHEMA, strict=True)]
    return pa.table(arrays, schema=RESPONSE_SCHEMA)


def completed(table: pa.Table) -> pa.Table:
    """Return stored responses with every column; one that an older result lacks is empty."""
    columns = [
        table[name] if name in table.column_names else pa.nulls(len(table), RESPONSE_SCHEMA.field(name).type)
        for name in RESPONSE_COLUMNS
    ]
    return pa.table(columns, names=list(RESPONSE_COLUMNS))


def gathered(tables: Iterable[pa.Table]) -> pa.Table:
    """Return several tables of responses as one table."""
    return pa.concat_tables([RESPONSE_SCHEMA.empty_table(), *tables])


def response_frame(table: pa.Table) -> pd.DataFrame:
    """Return responses as a pandas frame with plain words and Python dates."""
    frame: pd.DataFrame = _in_words(table).to_pandas()
    return frame


def stored_responses(table: pa.Table) -> pa.Table:
    """Return responses in the types of stored results: plain words and small integers."""
    plain = _in_words(table)
    types = [_STORED.get(field.name, field.type) for field in plain.schema]
    return plain.cast(pa.schema(zip(plain.column_names, types, strict=True))).combine_chunks()


def _in_words(table: pa.Table) -> pa.Table:
    types = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema(zip(table.column_names, types, strict=True)))
