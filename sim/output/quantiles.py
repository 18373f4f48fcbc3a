"""Quantiles over replicates: fast for whole ensembles, and as a table with one row for each date and variable."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim.machine import processors

Floats = NDArray[np.float64]

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
"""Columns of the tables, and the probability of each."""

_TOGETHER: Final = 2**18
"""Numbers that one thread sorts at a time."""

COLUMNS = ("branch", "date", "variable", "state", "other", "mean", *QUANTILES)


def date_quantiles(values: Floats, probabilities: Sequence[float]) -> Floats:
    """Return quantiles over replicates, equal to ``np.quantile`` with linear interpolation.

    Dates are shared out among threads if there are many numbers, and only columns that vary are sorted: most of an
    ensemble does not.

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
    quantiles = np.full((len(wanted), *values.shape[1:]), np.nan)
    if len(values) == 0:
        return quantiles
    rows = values.reshape(*values.shape[:2], -1)
    into = quantiles.reshape(*quantiles.shape[:2], rows.shape[2])

    size = max(1, _TOGETHER * rows.shape[1] // max(1, rows.size))
    starts = range(0, rows.shape[1], size)

    def some(start: int) -> None:
        dates = rows[:, start : start + size]
        together = _quantiles(dates.reshape(len(dates), -1), wanted)
        into[:, start : start + size] = together.reshape(len(wanted), *dates.shape[1:])

    if len(starts) == 1:
        some(0)
        return quantiles
    with ThreadPoolExecutor(processors()) as pool:
        for _ in pool.map(some, starts):
            pass
    return quantiles


def _quantiles(rows: Floats, wanted: Floats) -> Floats:
    """Return quantiles (Q, C) of the columns of an array (R, C)."""
    quantiles = np.broadcast_to(rows[0], (len(wanted), rows.shape[1])).copy()
    varying = (rows != rows[0]).any(axis=0)  # what is missing differs from itself
    varying &= ~np.isnan(rows).all(axis=0)  # trust in states that owe nothing is missing in every run
    columns = np.sort(np.ascontiguousarray(rows[:, varying].T), axis=1)  # NaN last
    quantiles[:, varying] = _interpolated(columns, wanted)
    return quantiles


def _interpolated(columns: Floats, wanted: Floats) -> Floats:
    """Return quantiles (Q, C) of the sorted rows of an array (C, R) whose NaN come last."""
    last = np.full(len(columns), columns.shape[1] - 1)
    if np.isnan(columns[:, -1]).any():
        last = np.maximum(0, np.count_nonzero(~np.isnan(columns), axis=1) - 1)
    position = last * wanted[:, None]
    below = np.floor(position).astype(np.intp)
    at = np.arange(len(columns))
    low, high, share = columns[at, below], columns[at, np.minimum(below + 1, last)], position - below
    step = high - low
    return np.asarray(np.where(share < 0.5, low + step * share, high - step * (1.0 - share)))


def known_mean(values: Floats) -> Floats:
    """Return the mean of the known values over the first axis, NaN where no value is known."""
    means = np.asarray(values.sum(axis=0) / len(values))
    unknown = np.isnan(means)
    if unknown.any():
        unknown &= ~np.isnan(values).all(axis=0)  # where no value is known, the mean stays missing
        columns = np.zeros(
            (len(values), np.count_nonzero(unknown) + 1)
        )  # one more, as numpy sums a single one otherwise
        columns[:, :-1] = values[:, unknown]
        missing = np.isnan(columns)
        counts = len(values) - np.count_nonzero(missing, axis=0)
        sums = np.where(missing, 0.0, columns).sum(axis=0)
        means[unknown] = np.where(counts > 0, sums / np.maximum(1, counts), np.nan)[:-1]
    return means


@dataclass(frozen=True, eq=False)
class Spread:
    """The mean and quantiles of a variable over replicates, by branch and date.

    Attributes
    ----------
    means : array (B, T, ...)
    quantiles : array (B, Q, T, ...)
        In the order of `QUANTILES`.
    """

    means: Floats
    quantiles: Floats

    @classmethod
    def of(cls, values: Floats) -> "Spread":
        """Compute the mean and quantiles of values by branch, replicate and date (B, R, T, ...)."""
        wanted = list(QUANTILES.values())
        return cls(
            np.stack([known_mean(branch) for branch in values]),
            np.stack([date_quantiles(branch, wanted) for branch in values]),
        )


@dataclass(frozen=True, eq=False)
class QuantileRows:
    """The columns of the table of quantiles.

    Attributes
    ----------
    dates : array of datetime64
    words : dict
        For each column of words: codes, and the word for each code.
    numbers : dict of array
        ``mean`` and `QUANTILES`.
    """

    dates: NDArray[np.datetime64]
    words: dict[str, tuple[NDArray[np.int32], tuple[str, ...]]]
    numbers: dict[str, Floats]

    def frame(self) -> pd.DataFrame:
        """Return the table of quantiles with words instead of codes, in the order of `COLUMNS`."""
        words = {name: np.array(texts, dtype=object)[codes] for name, (codes, texts) in self.words.items()}
        return pd.DataFrame({"date": self.dates, **words, **self.numbers}, columns=list(COLUMNS))


def quantile_rows(data: xr.Dataset, spreads: Mapping[str, Spread], focus: str) -> QuantileRows:
    """Return the mean and quantiles over replicates of every variable of a result except postures.

    Parameters
    ----------
    data : Dataset
        The arrays of a result (`sim.output.result.ResultData.data`).
    spreads : mapping
        The spread of each variable.
    focus : str
        Treaty that member variables are about.

    Returns
    -------
    QuantileRows
        ``state`` owns the variable (or the treaty does) and ``other`` is the other state or the treaty, as in kept
        replicates; what is never known at a date has no row.
    """
    members, codes = (tuple(map(str, data[axis].values)) for axis in ("truster", "trustee"))
    branches = tuple(map(str, data["branch"].values))
    owners = {word: number for number, word in enumerate(dict.fromkeys((*members, *codes, focus, "")))}
    parts: list[tuple[NDArray[Any], ...]] = []
    numbers: list[Floats] = []
    for branch in range(len(branches)):
        for variable, (name, spread) in enumerate(spreads.items()):
            pairs = [(member, other) for member in members for other in codes] if name == "trust" else []
            pairs = pairs or ([(member, focus) for member in members] if "state" in data[name].dims else [(focus, "")])
            state, other = np.array([[owners[word] for word in pair] for pair in pairs], dtype=np.int32).T
            means = spread.means[branch].reshape(-1, len(pairs))
            day, column = np.nonzero(~np.isnan(means))
            quantiles = spread.quantiles[branch].reshape(len(QUANTILES), -1, len(pairs))
            ones = np.ones(len(day), dtype=np.int32)
            parts.append((branch * ones, day, variable * ones, state[column], other[column]))
            numbers.append(np.concatenate([means[None, day, column], quantiles[:, day, column]]))
    branch_codes, days, *others = (np.concatenate(column) for column in zip(*parts, strict=True))
    texts = {"variable": tuple(spreads), "state": tuple(owners), "other": tuple(owners)}
    words = {"branch": (branch_codes, branches)}
    words |= {name: (codes, texts[name]) for name, codes in zip(texts, others, strict=True)}
    table = np.concatenate(numbers, axis=1)
    return QuantileRows(data["date"].values[days], words, dict(zip(("mean", *QUANTILES), table, strict=True)))
