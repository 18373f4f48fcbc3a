"""Results and sweeps as tidy pandas frames: one row an observation, dates as dates, units in ``attrs``."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError
from sim.interop.panels import country_month, dyad_month
from sim.model.parameters import PARAMETERS
from sim.model.variables import VARIABLES
from sim.output.measuring import Floats, kind_of
from sim.output.result import ResultData
from sim.output.sweeps import SweepData, tidy_summary
from sim.output.tables import EPOCH, trajectory_rows
from sim.scenario.expressions import parse_metric
from sim.scenario.problems import closest, listed

_MEANINGS: Final = {
    "branch": "branch of the scenario",
    "replicate": "number of the run under the seed",
    "point": "number of the point of the design",
    "date": "date, the last day of a tick",
    "metric": "metric expression",
    "kind": "number, chance (1 or 0 in each run) or date",
    "value": "value of the metric; missing where it is a date",
    "state": "member of the focus treaty",
    "truster": "member that trusts",
    "trustee": "state that is trusted",
    "mean": "mean of the runs",
    "median": "median of the runs",
    "q05": "5 % quantile of the runs",
    "q95": "95 % quantile of the runs",
    "low": "lower end of the 90 % interval of a chance",
    "high": "upper end of the 90 % interval of a chance",
    "n": "runs with a value",
}


def result_frame(result: ResultData, table: str = "metrics") -> pd.DataFrame:
    """Return a table of a result as a tidy frame.

    Parameters
    ----------
    result : ResultData
    table : str
        A name of `RESULT_FRAMES`.

    Raises
    ------
    InputError
        If there is no such table, or the result has no drawn parameters.
    """
    return _described(_chosen(RESULT_FRAMES, table)(result))


def sweep_frame(sweep: SweepData, table: str = "summary") -> pd.DataFrame:
    """Return a table of a sweep as a tidy frame.

    Parameters
    ----------
    sweep : SweepData
    table : str
        A name of `SWEEP_FRAMES`.

    Raises
    ------
    InputError
        If there is no such table, or the sweep is not stored and its runs are asked for.
    """
    return _described(_chosen(SWEEP_FRAMES, table)(sweep))


def _chosen(tables: Mapping[str, Callable[..., pd.DataFrame]], name: str) -> Callable[..., pd.DataFrame]:
    if name not in tables:
        near = closest(str(name), tables)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"no table {name!r}; allowed: {listed(tables)}{hint}")
    return tables[name]


def _described(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the units and meanings of the columns in ``attrs``."""
    names = [str(name) for name in frame.columns]
    units = {name: VARIABLES[name].unit for name in names if name in VARIABLES}
    units |= {name: VARIABLES["trust"].unit for name in names if name.startswith("trust_")}
    units |= {name: PARAMETERS[name].unit for name in names if name in PARAMETERS}
    meanings = {name: _MEANINGS[name] for name in names if name in _MEANINGS}
    meanings |= {name: VARIABLES[name].meaning for name in names if name in VARIABLES}
    frame.attrs = {"units": units, "long_name": meanings}
    return frame


def _metrics(result: ResultData) -> pd.DataFrame:
    branches, expressions, replicates = (result.metrics[axis].values for axis in ("branch", "metric", "replicate"))
    places = np.indices(result.metrics.shape).reshape(3, -1)
    kinds = np.array([kind_of(parse_metric(text)) for text in expressions], dtype=object)
    labels = {
        "branch": branches.astype(object)[places[0]],
        "replicate": replicates[places[2]],
        "metric": expressions.astype(object)[places[1]],
        "kind": kinds[places[1]] if kinds.size else [],
    }
    return pd.DataFrame(labels | _split(result.metrics.values.ravel(), labels["kind"] == "date"))


def _split(values: Floats, dated: NDArray[np.bool_]) -> dict[str, NDArray[np.generic]]:
    """Return values as numbers and as dates, each missing where they are the other."""
    days = np.full(values.shape, np.datetime64("NaT", "s"))
    known = dated & ~np.isnan(values)
    days[known] = (values[known].astype(np.int64) - EPOCH).astype("datetime64[D]")
    return {"value": np.where(dated, np.nan, values), "date": days}


def _trajectories(result: ResultData) -> pd.DataFrame:
    parts = [trajectory_rows(result, position).to_pandas() for position in range(len(result.branches))]
    frame: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return frame.astype({"branch": object, "state": object, "date": "datetime64[s]"})


def _trust(result: ResultData) -> pd.DataFrame:
    frame: pd.DataFrame = result.data["trust"].to_series().dropna().reset_index()
    return frame.astype({"date": "datetime64[s]"})


def _responses(result: ResultData) -> pd.DataFrame:
    return result.responses.astype({"date": "datetime64[s]"})


def _drawn(result: ResultData) -> pd.DataFrame:
    if result.drawn is None:
        raise InputError("every run of this result has the same parameters; none were drawn")
    frame = result.drawn.drop(columns=[name for name in result.scenario.parameters if name in result.drawn])
    return frame.rename_axis(index="replicate").reset_index()


def _summary(sweep: SweepData) -> pd.DataFrame:
    return tidy_summary(sweep.table, tuple(sweep.factors), sweep.kinds)


def _runs(sweep: SweepData) -> pd.DataFrame:
    frame = sweep.runs().merge(sweep.points[["point", *sweep.factors]], on="point")
    keys = ["point", *sweep.factors, "branch", "replicate"]
    long = frame.melt(id_vars=keys, value_vars=list(sweep.metrics), var_name="metric", ignore_index=False)
    long = long.sort_index(kind="stable").reset_index(drop=True)
    long.insert(len(keys) + 1, "kind", long["metric"].map(sweep.kinds))
    dated = (long["kind"] == "date").to_numpy()
    return long.assign(**_split(long["value"].to_numpy(np.float64), dated))


RESULT_FRAMES: Final[Mapping[str, Callable[[ResultData], pd.DataFrame]]] = {
    "metrics": _metrics,
    "summary": ResultData.summary,
    "trajectories": _trajectories,
    "trust": _trust,
    "quantiles": ResultData.quantiles,
    "responses": _responses,
    "parameters": _drawn,
    "country-month": country_month,
    "dyad-month": dyad_month,
}
"""The tables of a result by name."""

SWEEP_FRAMES: Final[Mapping[str, Callable[[SweepData], pd.DataFrame]]] = {
    "summary": _summary,
    "runs": _runs,
    "points": lambda sweep: sweep.points.copy(),
    "parameters": SweepData.drawn,
}
"""The tables of a sweep by name."""
