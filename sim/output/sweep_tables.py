"""Writer of a sweep's tables in blocks, so that a million runs need little memory."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.output.intervals import wilson
from sim.output.measuring import Floats, Kind, summaries
from sim.output.parquet import parquet_writer, write_parquet
from sim.output.sweeps import CELLS, DESIGN, DRAWN_SETS, RUNS, TABLE, Study, column, tidy_summary

BLOCK: Final = 100_000
"""Runs of a block, about; a block holds whole ensembles."""

DRAWN_BLOCK: Final = 10_000
"""The same for parameters, of which each run draws some ninety."""

CSV: Final = "sweep.csv"


def write_drawn(folder: Path, replicates: int, points: int, drawn: Callable[[range], Mapping[str, Floats]]) -> None:
    """Write the parameters that each replicate of each point drew.

    Parameters
    ----------
    folder : Path
        Where they go.
    replicates, points : int
        Replicates of a point, and points.
    drawn : callable
        The values that all replicates of some points drew, in the order of point and replicate, by parameter.
    """
    together = max(1, DRAWN_BLOCK // replicates)
    writer: Any = None
    with ExitStack() as stack:
        for first in range(0, points, together):
            block = range(first, min(points, first + together))
            labels = {
                "point": np.repeat(np.arange(block.start, block.stop, dtype=np.int32), replicates),
                "replicate": np.tile(np.arange(replicates, dtype=np.int32), len(block)),
            }
            table = pa.table({name: pa.array(values) for name, values in (labels | dict(drawn(block))).items()})
            if writer is None:
                writer = stack.enter_context(parquet_writer(folder / DRAWN_SETS, table.schema))
            writer.write_table(table)


def write_tables(folder: Path, study: Study, points: Mapping[str, NDArray[Any]], chunks: Iterable[Floats]) -> None:
    """Write the tables of a sweep: the design, every run, and a summary of each point and branch.

    Parameters
    ----------
    folder : Path
        Where they go.
    study : Study
        The inputs of the sweep.
    points : mapping
        The columns of the design.
    chunks : iterable of array, shape (runs, metrics)
        All runs, in the order point, branch, replicate.
    """
    count = len(next(iter(points.values())))
    design = {"point": np.arange(count, dtype=np.int64), **points}
    write_parquet(pa.table({name: _plain(values) for name, values in design.items()}), folder / DESIGN)
    with ExitStack() as stack:
        writers: dict[str, Any] = {}
        first = 0
        for values in _blocks(chunks, max(1, BLOCK // study.replicates) * study.replicates):
            cells = np.arange(first, first + len(values) // study.replicates)
            first += cells.size
            point, branch = np.divmod(cells, len(study.branches))
            tables = {
                RUNS: _run_rows(study, point, branch, values),
                TABLE: _summary_rows(study, points, point, branch, values),
            }
            for name, table in tables.items():
                if name not in writers:
                    writers[name] = stack.enter_context(parquet_writer(folder / name, table.schema))
                writers[name].write_table(table, row_group_size=BLOCK)
            _append_csv(folder / CSV, study, tables[TABLE])


def _blocks(chunks: Iterable[Floats], size: int) -> Iterator[Floats]:
    """Divide a stream of rows into blocks of ``size`` rows; the last block may be shorter."""
    held: list[Floats] = []
    rows = 0
    for chunk in chunks:
        held.append(chunk)
        rows += len(chunk)
        while rows >= size:
            together = np.concatenate(held)
            yield together[:size]
            held, rows = [together[size:]], rows - size
    if rows:
        yield np.concatenate(held)


def _run_rows(study: Study, point: NDArray[np.int64], branch: NDArray[np.int64], values: Floats) -> pa.Table:
    count = study.replicates
    replicate = np.tile(np.arange(count, dtype=np.int32), len(point))
    labels = {
        "point": pa.array(np.repeat(point, count).astype(np.int32)),
        "branch": _words(np.repeat(branch, count), study.branches),
        "replicate": pa.array(replicate),
    }
    return pa.table(labels | {name: pa.array(values[:, number]) for number, name in enumerate(study.metrics)})


def _summary_rows(
    study: Study,
    points: Mapping[str, NDArray[Any]],
    point: NDArray[np.int64],
    branch: NDArray[np.int64],
    values: Floats,
) -> pa.Table:
    columns = {"point": pa.array(point.astype(np.int64))}
    columns |= {key: _plain(points[key][point]) for key in study.factors}
    columns["branch"] = pa.array([study.branches[number] for number in branch], type=pa.string())
    for number, (metric, kind) in enumerate(study.kinds.items()):
        runs = np.ascontiguousarray(values[:, number]).reshape(len(point), study.replicates)
        cells = summaries(runs, kind)
        cells["low"], cells["high"] = _interval(runs, kind)
        columns |= {column(metric, cell): _plain(cells[cell]) for cell in CELLS}
    return pa.table(columns)


def _interval(runs: Floats, kind: Kind) -> tuple[Floats, Floats]:
    """Return the 90 % interval of a chance in each ensemble; NaN for numbers and dates."""
    if kind != "chance":
        nothing = np.full(len(runs), np.nan)
        return nothing, nothing
    known = (~np.isnan(runs)).sum(axis=1)
    counts, places = np.unique(np.stack([np.nansum(runs, axis=1), known]), axis=1, return_inverse=True)
    ends = np.array([wilson(float(yes), int(of)) if of else (np.nan, np.nan) for yes, of in counts.T])
    places = places.ravel()
    return ends[places, 0], ends[places, 1]


def _plain(values: NDArray[Any]) -> pa.Array:
    """Return a column as numbers (null where missing), booleans or words."""
    if values.dtype.kind in "UO":
        return pa.array(values.tolist(), type=pa.string())
    return pa.array(values, from_pandas=True)


def _words(positions: NDArray[np.int64], words: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(positions.astype(np.int32)), pa.array(words, type=pa.string()))


def _append_csv(path: Path, study: Study, table: pa.Table) -> None:
    """Append a block of the summary with one row for each point, branch and metric."""
    tidy_summary(table.to_pandas(), tuple(study.factors), study.kinds).to_csv(
        path, mode="a", header=not path.exists(), index=False, lineterminator="\n", float_format="%.6g"
    )
