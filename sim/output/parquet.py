"""Parquet files with a checksum on every page, which is verified unless the whole file has been."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table as a Parquet file with page checksums."""
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def parquet_writer(path: Path, schema: pa.Schema) -> Any:
    """Return a writer of a Parquet file with page checksums, for tables that are written in blocks."""
    return pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True)


def read_parquet(
    source: Path | pa.NativeFile, columns: Sequence[str] | None = None, *, check_pages: bool = True
) -> pa.Table:
    """Read a Parquet file, or some of its columns, and verify the checksums of the pages.

    Parameters
    ----------
    source : Path or pyarrow.NativeFile
    columns : sequence of str, optional
        Those to read; default: all.
    check_pages : bool
        Whether to verify; not needed for content whose digest has been.

    Raises
    ------
    OSError, ValueError, pyarrow.ArrowException
        If the file cannot be read, or a page is not as it was written; files without checksums are read as they are.
    """
    with pq.ParquetFile(source, page_checksum_verification=check_pages) as file:
        return file.read(columns=None if columns is None else list(columns))
