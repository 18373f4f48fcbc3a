"""Parameter draws of a hindcast: from fitted posteriors, priors, defaults or a file."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from sys import float_info
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sim.errors import InputError
from sim.experiments.parameters.posteriors import (
    DEFAULTS,
    PRIOR,
    Posterior,
    is_posterior,
    load_posterior,
    shipped_posteriors,
)
from sim.experiments.parameters.priors import NAMES, prior_draws
from sim.given import PIPE, is_pipe, read_bytes
from sim.model.parameters import PARAMETERS, Parameters
from sim.output.parquet import read_parquet

Floats = NDArray[np.float64]
Sets = Floats | Mapping[str, Floats]
"""Parameters of each replicate (R, Q) in the order of the table; one array for every posterior, or
one for each by its name, such as ``posterior-2019`` or ``without-ARM``."""

FITTED: Final = "fitted"
WEIGHT: Final = "weight"
"""Name that stands for the shipped posteriors; column of weights."""


def posteriors_of(source: str) -> dict[str, Posterior]:
    """Return the posteriors of a source by name: shipped ones, the one in a file, or none."""
    shipped = shipped_posteriors()
    if source == FITTED or source in shipped:
        return {name: load_posterior(name) for name in shipped if source in (FITTED, name)}
    return {source: load_posterior(Path(source))} if is_posterior(Path(source)) else {}


def draws_of(source: str, count: int, seed: int) -> Sets:
    """Return parameter draws for replicates.

    Parameters
    ----------
    source : str
        ``fitted``: the shipped posteriors, each part of a hindcast with the one that it may know; ``prior``;
        ``defaults``; the name of a shipped posterior; or a CSV or Parquet file with a column for each parameter that
        is not at its default and a row a draw, where a column ``weight`` says how often a row is to be drawn.
    count : int
        Replicates.
    seed : int

    Returns
    -------
    array (count, Q), or one by the name of each shipped posterior

    Raises
    ------
    InputError
        If there is no such posterior, or the file cannot be read, or holds what a parameter cannot be.
    """
    if source == FITTED:
        return {name: posterior.draws(count, seed) for name, posterior in posteriors_of(source).items()}
    if source == PRIOR:
        return prior_draws(count, seed)
    if source in shipped_posteriors():
        return load_posterior(source).draws(count, seed)
    table = np.tile(np.array(Parameters(), dtype=np.float64), (count, 1))
    if source == DEFAULTS:
        return table
    rows = _read(Path(source))
    weights = rows.pop(WEIGHT).to_numpy(dtype=np.float64) if WEIGHT in rows else np.ones(len(rows))
    picked = np.random.default_rng(seed).choice(len(rows), size=count, p=weights / weights.sum())
    for name in rows.columns:
        table[:, NAMES.index(name)] = rows[name].to_numpy(dtype=np.float64)[picked]
    return table


def for_posterior(draws: Sets, name: str) -> Floats:
    """Return the draws of a named posterior.

    Raises
    ------
    InputError
        If there are none, or they have not one column a parameter.
    """
    if isinstance(draws, Mapping):
        if name not in draws:
            raise InputError(f"no draws for '{name}'; given: {', '.join(draws) or 'none'}")
        return for_posterior(draws[name], name)
    if draws.ndim != 2 or draws.shape[1] != len(PARAMETERS) or not len(draws):
        raise InputError(f"draws of '{name}' have shape {draws.shape}; allowed: (replicates, {len(PARAMETERS)})")
    return draws


def _read(path: Path) -> pd.DataFrame:
    if is_pipe(path):
        raise InputError(f"{path}: {PIPE}")
    if not path.is_file():
        raise InputError(
            f"{path}: no such file; allowed: {FITTED}, {PRIOR}, {DEFAULTS}, a shipped posterior, "
            "or a CSV or Parquet file of draws"
        )
    try:
        if path.suffix == ".parquet":
            rows: pd.DataFrame = read_parquet(path).to_pandas()
        else:
            rows = pd.read_csv(BytesIO(read_bytes(path)))
    except (ValueError, OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read as a table of draws ({error})") from error
    if is_posterior(path):
        rows = rows.drop(columns=list(load_posterior(path).ignored))
    unknown = [str(name) for name in rows.columns if name not in PARAMETERS and name != WEIGHT]
    if unknown:
        raise InputError(f"{path}: unknown parameters {', '.join(unknown)}; `csto-sim list parameters --all` has all")
    if rows.empty:
        raise InputError(f"{path}: holds no draw")
    for name in rows.columns:
        values = _numbers(rows[name])
        if name == WEIGHT:
            if not (values.between(0.0, float_info.max).all() and values.sum() > 0):
                raise InputError(f"{path}: {WEIGHT} has values that are no weights; allowed: numbers from 0, not all 0")
            continue
        row = PARAMETERS[name]
        if not values.between(row.low, row.high).all():
            raise InputError(f"{path}: {name} has values outside {row.low:g}..{row.high:g}")
    return rows


def _numbers(cells: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the cells of a column as numbers, NaN for others; all are NaN if one is beyond any number."""
    try:
        return pd.to_numeric(cells, errors="coerce")
    except OverflowError:
        return pd.Series(np.nan, index=cells.index)
