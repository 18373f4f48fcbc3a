"""The tables of a result: tidy rows in an order that depends only on the inputs."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sim.model.variables import MEMBER_SERIES
from sim.output.intervals import wilson
from sim.output.measuring import kind_of
from sim.output.parquet import parquet_writer
from sim.output.quantiles import COLUMNS, QUANTILES
from sim.output.result import ResultData
from sim.scenario.expressions import parse_metric
from sim.words import POSTURES

EPOCH: Final = pd.Timestamp(0).toordinal()
"""Ordinal of the day from which files and arrays count dates."""


def trust_table(result: ResultData) -> pd.DataFrame:
    """Return quantiles of the members' trust in the guarantor and in each other, by branch and date.

    Pairs of which the second never owes the first help have no rows.
    """
    known = {*result.members, result.guarantor}
    pairs = [
        (member, other) for member in result.members for other in result.codes if other in known and other != member
    ]
    rows = [result.members.index(member) for member, _ in pairs]
    columns = [result.codes.index(other) for _, other in pairs]
    trust = result.spreads["trust"]
    days = _texts(result)
    branch, truster, date = _labels(result.branches, [member for member, _ in pairs], days)
    _, trustee, _ = _labels(result.branches, [other for _, other in pairs], days)
    labels = {"branch": branch, "date": date, "truster": truster, "trustee": trustee}
    numbers = {"mean": trust.means, **dict(zip(QUANTILES, np.moveaxis(trust.quantiles, 1, 0), strict=True))}
    series = {name: np.moveaxis(values[:, :, rows, columns], 1, 2).ravel() for name, values in numbers.items()}
    table = pd.DataFrame(labels | series)
    return table[table["mean"].notna()].reset_index(drop=True)


def posture_table(result: ResultData) -> pd.DataFrame:
    """Return the share of each posture with its 90 % interval, by branch, date and member."""
    runs = result.data.sizes["replicate"]
    ranks = result.posture.values
    counts = np.stack([(ranks == rank).sum(axis=1) for rank in range(len(POSTURES))])  # posture, branch, date, state
    counts = np.transpose(counts, (1, 3, 0, 2)).ravel()
    distinct, index = np.unique(counts, return_inverse=True)
    ends = np.array([wilson(int(count), runs) for count in distinct]).reshape(-1, 2)[index]
    branch, state, posture, date = _labels(result.branches, result.members, POSTURES, _texts(result))
    labels = {"branch": branch, "date": date, "state": state, "posture": posture}
    return pd.DataFrame(labels | {"share": counts / runs, "low": ends[:, 0], "high": ends[:, 1]})


def _labels(*axes: Sequence[str]) -> Iterator[NDArray[np.object_]]:
    """Return one label column for each axis, for all combinations with the last axis changing fastest."""
    for words, places in zip(axes, _product(*map(len, axes)), strict=True):
        yield np.array(words, dtype=object)[places]


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, with six significant digits and empty cells for missing values."""
    columns = [_cells(table[name]) for name in table.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(zip(*columns, strict=True))


def _cells(column: "pd.Series[Any]") -> list[Any]:
    if column.dtype.kind == "f":
        return ["" if value != value else f"{value:.6g}" for value in column.tolist()]  # noqa: PLR0124 - NaN
    return ["" if missing else value for value, missing in zip(column.tolist(), column.isna(), strict=True)]


def metric_table(result: ResultData) -> pa.Table:
    """Return one row for each branch, metric and replicate, null where missing; dates as ordinals and as dates."""
    expressions = result.expressions
    branch, metric, replicate = _product(len(result.branches), len(expressions), result.replicates)
    values = result.metrics.values.ravel()
    dated = np.array([kind_of(parse_metric(text)) == "date" for text in expressions], dtype=np.bool_)[metric]
    unknown = np.isnan(values) | ~dated
    days = np.where(unknown, 0, values).astype(np.int32) - EPOCH
    return pa.table(
        {
            "branch": _words(branch, result.branches),
            "metric": _words(metric, expressions),
            "replicate": pa.array(replicate),
            "value": pa.array(values, mask=np.isnan(values)),
            "date": pa.array(days.astype(np.int32), mask=unknown).cast(pa.date32()),
        }
    )


def quantile_table(result: ResultData) -> pa.Table:
    """Return the stored form of `ResultData.quantiles`, with words in dictionaries and dates as days."""
    rows = result.quantile_rows
    columns = {"date": pa.array(rows.dates.astype("datetime64[D]"))}
    columns |= {name: pa.array(values) for name, values in rows.numbers.items()}
    for name, (codes, words) in rows.words.items():
        columns[name] = _words(codes, words).cast(pa.string()).dictionary_encode()  # those that occur, as they come
    return pa.table({name: columns[name] for name in COLUMNS})


def write_trajectories(result: ResultData, path: Path) -> None:
    """Write the trajectories branch by branch, with one row for each replicate, date and member."""
    schema = trajectory_rows(result, 0).schema
    with parquet_writer(path, schema) as writer:
        for position in range(len(result.branches)):
            writer.write_table(trajectory_rows(result, position))


def trajectory_rows(result: ResultData, position: int) -> pa.Table:
    """Return the trajectories of the branch at ``position``: member variables, and trust in every state."""
    data = {str(name): values.values[position] for name, values in result.data.items()}
    shape = (result.data.sizes["replicate"], len(result.dates), len(result.members))
    replicate, day, state = _product(*shape)
    columns = {
        "branch": _words(np.full(replicate.size, position, dtype=np.int32), result.branches),
        "replicate": pa.array(replicate),
        "date": pa.array(result.dates[day]),
        "state": _words(state, result.members),
        "posture": pa.array(data["posture"].ravel()),
    }
    columns |= {name: pa.array(data[name].ravel()) for name in MEMBER_SERIES}
    columns["credibility"] = pa.array(np.repeat(data["credibility"].ravel(), shape[2]))
    columns |= {f"trust_{code}": pa.array(data["trust"][..., j].ravel()) for j, code in enumerate(result.codes)}
    return pa.table(columns)


def _texts(result: ResultData) -> list[str]:
    return [day.isoformat() for day in result.days]


def _product(*sizes: int) -> tuple[NDArray[np.int32], ...]:
    grids = np.indices(sizes, dtype=np.int32)
    return tuple(grid.ravel() for grid in grids)


def _words(positions: NDArray[np.int32], words: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(positions), pa.array(words, type=pa.string()))
