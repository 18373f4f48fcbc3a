"""The tables of a result: tidy rows in an order that depends on the inputs alone."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.output.intervals import wilson
from sim.output.quantiles import QUANTILES, date_quantiles, known_mean
from sim.output.result import MEMBER_SERIES, ResultData
from sim.words import POSTURES


def trust_table(result: ResultData) -> pd.DataFrame:
    """Return quantiles of the members' trust in the guarantor and each other, by branch and date."""
    others = [code for code in result.codes if code in {*result.members, result.guarantor}]
    trust = result.trust.sel(trustee=others).values
    probabilities = list(QUANTILES.values())
    frames = []
    for position, branch in enumerate(result.branches):
        values = trust[position]
        mean = known_mean(values)
        quantiles = date_quantiles(values, probabilities)
        rows = {
            (truster, trustee): (mean[:, i, j], quantiles[:, :, i, j])
            for i, truster in enumerate(result.members)
            for j, trustee in enumerate(others)
            if truster != trustee
        }
        for (truster, trustee), (means, found) in rows.items():
            labels = {"branch": branch, "date": _texts(result), "truster": truster, "trustee": trustee}
            series = {"mean": means, **dict(zip(QUANTILES, found, strict=True))}
            frames.append(pd.DataFrame({**labels, **series}))
    columns = ["branch", "date", "truster", "trustee", "mean", *QUANTILES]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def posture_table(result: ResultData) -> pd.DataFrame:
    """Return the share of each posture with its 90 % interval, by branch, date and member."""
    interval = cache(wilson)
    runs = result.data.sizes["replicate"]
    frames = []
    for position, branch in enumerate(result.branches):
        ranks = result.posture.values[position]
        for i, state in enumerate(result.members):
            for rank, posture in enumerate(POSTURES):
                counts = (ranks[:, :, i] == rank).sum(axis=0)
                ends = np.array([interval(int(count), runs) for count in counts])
                labels = {"branch": branch, "date": _texts(result), "state": state, "posture": posture}
                shares = {"share": counts / runs, "low": ends[:, 0], "high": ends[:, 1]}
                frames.append(pd.DataFrame({**labels, **shares}))
    columns = ["branch", "date", "state", "posture", "share", "low", "high"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def metric_table(result: ResultData) -> pa.Table:
    """Return one row for each branch, metric and replicate; dates as ordinals, null where there is none."""
    expressions = result.expressions
    branch, metric, replicate = _product(len(result.branches), len(expressions), result.replicates)
    values = result.metrics.values.ravel()
    return pa.table(
        {
            "branch": _words(branch, result.branches),
            "metric": _words(metric, expressions),
            "replicate": pa.array(replicate),
            "value": pa.array(values, mask=np.isnan(values)),
        }
    )


def quantile_rows(result: ResultData) -> pa.Table:
    """Return `Result.quantiles` as it is stored: words in dictionaries, dates as days."""
    table = result.quantiles()
    texts = ("branch", "variable", "state", "other")
    columns = {name: pa.array(table[name].to_numpy()) for name in table.columns if name not in texts}
    columns |= {name: pa.array(table[name].tolist(), type=pa.string()).dictionary_encode() for name in texts}
    columns["date"] = pa.array(table["date"].to_numpy().astype("datetime64[D]"))
    return pa.table({name: columns[name] for name in table.columns})


def write_trajectories(result: ResultData, path: Path) -> None:
    """Write one row for each branch, replicate, date and member, a branch at a time."""
    schema = trajectory_rows(result, 0).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for position in range(len(result.branches)):
            writer.write_table(trajectory_rows(result, position))


def trajectory_rows(result: ResultData, position: int) -> pa.Table:
    """Return the rows of the branch at ``position``: member variables, and trust in every state."""
    data = result.data.isel(branch=position)
    shape = (result.data.sizes["replicate"], len(result.dates), len(result.members))
    replicate, day, state = _product(*shape)
    columns = {
        "branch": _words(np.full(replicate.size, position, dtype=np.int32), result.branches),
        "replicate": pa.array(replicate),
        "date": pa.array(result.dates[day]),
        "state": _words(state, result.members),
        "posture": pa.array(data["posture"].values.ravel()),
    }
    columns |= {name: pa.array(data[name].values.ravel()) for name in MEMBER_SERIES}
    columns["credibility"] = pa.array(np.repeat(data["credibility"].values.ravel(), shape[2]))
    trust = data["trust"].values
    columns |= {f"trust_{code}": pa.array(trust[..., j].ravel()) for j, code in enumerate(result.codes)}
    return pa.table(columns)


def _texts(result: ResultData) -> list[str]:
    return [day.isoformat() for day in result.days]


def _product(*sizes: int) -> tuple[NDArray[np.int32], ...]:
    grids = np.indices(sizes, dtype=np.int32)
    return tuple(grid.ravel() for grid in grids)


def _words(positions: NDArray[np.int32], words: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(positions), pa.array(words, type=pa.string()))
