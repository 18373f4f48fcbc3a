"""Quantiles over replicates: quick for whole ensembles, one row a date and variable as a table."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim.machine import processors

Floats = NDArray[np.float64]

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
"""Columns of the tables, and the probability of each."""

COLUMNS = ("branch", "date", "variable", "state", "other", "mean", *QUANTILES)


def date_quantiles(values: Floats, probabilities: Sequence[float]) -> Floats:
    """Return quantiles over replicates, as ``np.quantile`` with linear interpolation gives them.

    Dates are shared out among threads, and only columns that vary are sorted: most of an ensemble does not.

    Parameters
    ----------
    values : array (R, T, ...)
        Numbers by replicate and date; NaN is missing and left out.
    probabilities : sequence of float
        Each 0..1 (Q).

    Returns
    -------
    array (Q, T, ...)
        NaN where nothing is known.

    Examples
    --------
    >>> date_quantiles(np.array([[1.0, 7.0], [2.0, 7.0], [4.0, np.nan]]), [0.5, 0.75]).tolist()
    [[2.0, 7.0], [3.0, 7.0]]
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    found = np.full((len(wanted), *values.shape[1:]), np.nan)
    if len(values) == 0:
        return found
    rows = values.reshape(*values.shape[:2], -1)
    into = found.reshape(*found.shape[:2], rows.shape[2])

    def one(date: int) -> None:
        into[:, date] = _quantiles(rows[:, date], wanted)

    with ThreadPoolExecutor(processors()) as pool:
        for _ in pool.map(one, range(rows.shape[1])):
            pass
    return found


def _quantiles(rows: Floats, wanted: Floats) -> Floats:
    """Return quantiles (Q, C) of the columns of an array (R, C)."""
    found = np.broadcast_to(rows[0], (len(wanted), rows.shape[1])).copy()
    varying = (rows != rows[0]).any(axis=0)  # what is missing differs from itself
    columns = np.sort(np.ascontiguousarray(rows[:, varying].T), axis=1)  # NaN last
    found[:, varying] = _interpolated(columns, wanted)
    return found


def _interpolated(columns: Floats, wanted: Floats) -> Floats:
    """Return quantiles (Q, C) of the sorted rows of an array (C, R), in which NaN stands last."""
    last = np.full(len(columns), columns.shape[1] - 1)
    if np.isnan(columns[:, -1]).any():
        last = np.maximum(0, np.count_nonzero(~np.isnan(columns), axis=1) - 1)
    place = last * wanted[:, None]
    below = np.floor(place).astype(np.intp)
    at = np.arange(len(columns))
    low, high, share = columns[at, below], columns[at, np.minimum(below + 1, last)], place - below
    step = high - low
    return np.asarray(np.where(share < 0.5, low + step * share, high - step * (1.0 - share)))


def known_mean(values: Floats) -> Floats:
    """Return the mean over the first axis of what is known, NaN where nothing is."""
    missing = np.isnan(values)
    if not missing.any():
        return np.asarray(values.mean(axis=0))
    counts = len(values) - np.count_nonzero(missing, axis=0)
    sums = np.where(missing, 0.0, values).sum(axis=0)
    return np.where(counts > 0, sums / np.maximum(1, counts), np.nan)


def quantile_table(data: xr.Dataset, focus: str) -> pd.DataFrame:
    """Return mean and quantiles over replicates of every variable of a result, postures excepted.

    Parameters
    ----------
    data : Dataset
        Of a result (`sim.output.result.Result.data`).
    focus : str
        Treaty that member variables are about.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``state`` owns the variable (or the treaty does) and ``other`` is the other state or the treaty, as
        in kept replicates; what is never known at a date has no row.
    """
    frames = [
        _rows(branch, values, focus) for branch in data["branch"].values for values in _series(data.sel(branch=branch))
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))


def _series(data: xr.Dataset) -> Iterator[xr.DataArray]:
    return (values for name, values in data.items() if "replicate" in values.dims and name != "posture")


def _rows(branch: str, values: xr.DataArray, focus: str) -> pd.DataFrame:
    dates = values["date"].values
    if "truster" in values.dims:
        names = [(one, other) for one in values["truster"].values for other in values["trustee"].values]
    else:
        names = [(one, focus) for one in values["state"].values] if "state" in values.dims else [(focus, "")]
    numbers = values.values.reshape(*values.shape[:2], len(names))
    mean = known_mean(numbers)
    day, column = np.nonzero(~np.isnan(mean))
    owners, others = (np.array(texts, dtype=object) for texts in zip(*names, strict=True))
    quantiles = date_quantiles(numbers, list(QUANTILES.values()))
    return pd.DataFrame(
        {
            "branch": str(branch), "date": dates[day], "variable": str(values.name),
            "state": owners[column], "other": others[column], "mean": mean[day, column],
            **{name: found[day, column] for name, found in zip(QUANTILES, quantiles, strict=True)},
        }
    )  # fmt: skip
