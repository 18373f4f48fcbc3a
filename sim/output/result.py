"""The data of a result: labelled arrays of every replicate of every branch, and their metrics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from html import escape
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import xarray as xr
from numpy.typing import NDArray

from sim.checked import checked
from sim.errors import InputError
from sim.model.variables import MEMBER_SERIES, RUNG_VARIABLES, VARIABLES
from sim.output.comparing import ComparisonData, Difference, are_same, check_pair, reach_of
from sim.output.intervals import wilson
from sim.output.measuring import Cell, Floats, kind_of, measure, summarise
from sim.output.quantiles import QuantileRows, Spread, quantile_rows
from sim.output.responses import response_frame
from sim.scenario.expressions import Metric, Path, parse_metric
from sim.scenario.observed import pins
from sim.scenario.schema import Scenario
from sim.words import POSTURES

_STATE_SERIES = ("branch", "replicate", "date", "state")
DIMENSIONS = {
    "trust": ("branch", "replicate", "date", "truster", "trustee"),
    "posture": _STATE_SERIES,
    **dict.fromkeys(MEMBER_SERIES, _STATE_SERIES),
    "credibility": ("branch", "replicate", "date"),
    "metrics": ("branch", "metric", "replicate"),
}
"""The labelled axes of each array of a result."""

_NAMES = {
    "branch": "branch of the scenario",
    "replicate": "number of the run under the seed",
    "state": "member of the focus treaty",
    "truster": "member that trusts",
    "trustee": "state that is trusted",
    "metric": "metric expression",
    "date": "start of the run, then the last day of each tick",
    "metrics": "value of the metric: a number, 1 or 0 for true or false, the ordinal of a date",
}
"""Long names of axes and of what is no variable of the model."""


def label(
    arrays: Mapping[str, NDArray[Any]],
    *,
    branches: Sequence[str],
    dates: Sequence[date],
    members: Sequence[str],
    codes: Sequence[str],
) -> xr.Dataset:
    """Return the trajectories of a result with named axes (`DIMENSIONS`), units and long names."""
    names = {"branch": branches, "state": members, "truster": members, "trustee": codes}
    coordinates: dict[str, NDArray[Any]] = {name: np.array(values, dtype=str) for name, values in names.items()}
    coordinates["replicate"] = np.arange(len(arrays["posture"][0]))
    coordinates["date"] = np.array(dates, dtype="datetime64[ns]")
    return xr.Dataset(
        {name: _labelled(DIMENSIONS[name], array, name) for name, array in arrays.items()},
        coords={name: _labelled((name,), values, name) for name, values in coordinates.items()},
    )


def label_metrics(values: NDArray[Any], branches: Sequence[str], expressions: Sequence[str]) -> xr.DataArray:
    """Return the values of metrics with named axes; there may be more replicates than trajectories."""
    coordinates = {
        "branch": np.array(branches, dtype=str),
        "metric": np.array(expressions, dtype=str),
        "replicate": np.arange(values.shape[-1]),
    }
    axes = {name: _labelled((name,), labels, name) for name, labels in coordinates.items()}
    return xr.DataArray(_labelled(DIMENSIONS["metrics"], values, "metrics"), coords=axes, name="metrics")


def _labelled(axes: Sequence[str], values: NDArray[Any], name: str) -> xr.Variable:
    """Return an array with named axes, without loading Dask, which xarray would do to check its type."""
    return xr.Variable(axes, values, attrs=_attributes(name), fastpath=True)


def _attributes(name: str) -> dict[str, Any]:
    if name in _NAMES:
        return {"long_name": _NAMES[name]}
    attributes: dict[str, Any] = {"long_name": VARIABLES[name].meaning, "units": VARIABLES[name].unit}
    if name in RUNG_VARIABLES:
        attributes |= {"units": "rank", "flag_values": np.arange(len(POSTURES)), "flag_meanings": " ".join(POSTURES)}
    return attributes


@dataclass(frozen=True, eq=False)
class ResultData:
    """The data of a result: all replicates of all branches of a scenario; `sim.Result` adds figures and reports.

    Attributes
    ----------
    name : str
        Short name of the scenario, as folders carry it.
    scenario : Scenario
        The inputs.
    seed, replicates : int
        Seed, and runs of each branch.
    seconds : float
        Time that the runs took.
    branches, codes, members : tuple of str
        Branches, all states, and the states that were ever members of the focus treaty.
    focus, guarantor : str
        The treaty that postures and publics are about, and the state whose help its members count on.
    data : xarray.Dataset
        ``trust`` (branch, replicate, date, truster, trustee); ``posture``, ``approval``, ``exit_support``,
        ``reliability``, ``pressure`` (branch, replicate, date, state); ``credibility`` (branch, replicate,
        date). Postures are ranks, -1 where never a member. There are fewer replicates than of the metrics if all were
        too many to keep. Units and meanings are in ``attrs``.
    metrics : xarray.DataArray
        Values of the metrics by branch, metric and replicate; dates as ordinals, NaN for null.
    answers : pyarrow.Table
        One row for each call and ally (`sim.output.responses.RESPONSE_SCHEMA`); `responses` has the rows as a frame.
    engine : str
        The engine that ran the model; both engines give identical runs.
    kept : pandas.DataFrame, optional
        Every variable of chosen replicates (`sim.experiments.keeping`), if any were to be kept.
    posterior : dict, optional
        ``name`` and ``digest`` of what replicates drew their parameters from, with what it lacks (``filled``: defaults
        by name) and what the model has no longer (``ignored``); None for the scenario's own.
    drawn : pandas.DataFrame, optional
        The set that each replicate drew, one row a replicate and one column a parameter, before what the scenario sets
        is written over it.
    folder : Path, optional
        Where it is stored, if it is.
    """

    name: str
    scenario: Scenario
    seed: int
    replicates: int
    seconds: float
    branches: tuple[str, ...]
    codes: tuple[str, ...]
    members: tuple[str, ...]
    focus: str
    guarantor: str
    data: xr.Dataset
    metrics: xr.DataArray
    answers: pa.Table
    engine: str = "mesa"
    kept: pd.DataFrame | None = None
    posterior: dict[str, Any] | None = None
    drawn: pd.DataFrame | None = None
    folder: FilePath | None = field(default=None)

    @cached_property
    def dates(self) -> NDArray[np.datetime64]:
        """The dates of the recorded values: the start, then the last day of each tick."""
        return self.data["date"].values.astype("datetime64[D]")

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The dates of the recorded values as Python dates."""
        return tuple(pd.Timestamp(day).date() for day in self.dates)

    @cached_property
    def responses(self) -> pd.DataFrame:
        """Responses of allies, one row for each call and ally."""
        return response_frame(self.answers)

    @property
    def trust(self) -> xr.DataArray:
        """Trust by branch, replicate, date, truster and trustee."""
        return self.data["trust"]

    @property
    def posture(self) -> xr.DataArray:
        """Posture ranks by branch, replicate, date and state; -1 for states that were never members."""
        return self.data["posture"]

    @property
    def approval(self) -> xr.DataArray:
        """Public approval of the alliance by branch, replicate, date and state."""
        return self.data["approval"]

    @property
    def exit_support(self) -> xr.DataArray:
        """Public support for leaving by branch, replicate, date and state."""
        return self.data["exit_support"]

    @property
    def reliability(self) -> xr.DataArray:
        """A member's trust in the guarantor, combined with the guarantor's present interest."""
        return self.data["reliability"]

    @property
    def pressure(self) -> xr.DataArray:
        """The upward pressure on a member's posture ladder."""
        return self.data["pressure"]

    @property
    def credibility(self) -> xr.DataArray:
        """Mean trust of the members in the guarantor by branch, replicate and date."""
        return self.data["credibility"]

    @cached_property
    def expressions(self) -> tuple[str, ...]:
        """The metric expressions of the result, as written by the user."""
        return tuple(str(text) for text in self.metrics["metric"].values)

    @checked()
    def values(self, branch: str, metric: str) -> Floats:
        """Return the value of a metric in each replicate of a branch.

        Parameters
        ----------
        branch : str
            Name of a branch of this result.
        metric : str
            A metric that was requested for the run, or an expression over variables that every result records.

        Returns
        -------
        array
            One value a replicate; 0 and 1 for what is true or false, ordinals for dates, NaN for null.

        Raises
        ------
        InputError
            If the branch or the metric is not in this result.

        Examples
        --------
        >>> result.values("as-happened", "ARM.trust[RUS]@end").mean()  # doctest: +SKIP
        0.45
        """
        self._check("branch", branch, self.branches)
        parsed = parse_metric(metric)
        for text in self.expressions:
            if text == metric or parse_metric(text).text == parsed.text:
                return self._metric(branch, text)
        return measure(parsed, self.days, lambda path: self.series(branch, path))

    @checked()
    def compare(self, a: str, b: str, metric: str) -> Difference:
        """Return the paired difference of a metric between two branches (b minus a).

        Parameters
        ----------
        a, b : str
            Branches; their replicates are paired by the random draws that they share.
        metric : str
            A metric expression.

        Returns
        -------
        Difference
            A dictionary of ``from``, ``to`` (means; for dates the median month), ``difference`` (for dates in months),
            ``low`` and ``high`` of its 90 % interval; dates over the pairs in which both have one. Its attributes say
            more: in how many pairs b is worse, and how much pairing narrows the interval.

        Examples
        --------
        >>> result.compare("as-happened", "russia-intervenes", "ARM.posture@2024-12")  # doctest: +SKIP
        {'from': 3.1, 'to': 0.9, 'difference': -2.2, 'low': -2.4, 'high': -2.0}
        """
        first, second = self.values(a, metric), self.values(b, metric)
        reach = reach_of(parse_metric(metric), self.days)
        return Difference(metric, first, second, reach=reach, certain=are_same(self, a, b, metric))

    @checked()
    def comparison(self, a: str, b: str, metrics: Sequence[str] = ()) -> ComparisonData:
        """Return the comparison of two branches: the differences of several metrics and their course by date.

        Parameters
        ----------
        a, b : str
            Branches.
        metrics : sequence of str
            Metric expressions; default: all metrics requested for the run.

        Examples
        --------
        >>> result.comparison("as-happened", "russia-intervenes").over_time()  # doctest: +SKIP
        """
        check_pair(self, a, b)
        return ComparisonData(self, a, b, tuple(dict.fromkeys(metrics or self.expressions)))

    def table(self) -> dict[str, dict[str, dict[str, Cell]]]:
        """Return the summaries of all metrics as ``{branch: {expression: {mean, median, q05, q95, n}}}``."""
        return {
            branch: {
                text: summarise(self._metric(branch, text), kind_of(metric)) for text, metric in self._parsed().items()
            }
            for branch in self.branches
        }

    def as_json(self, folder: FilePath, metrics: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the content of ``run --json``: the folder, the inputs, and the metrics of each branch.

        Parameters
        ----------
        folder : Path
            Where the result is stored.
        metrics : sequence of str, optional
            The metrics to give; default: all.
        """
        wanted = tuple(metrics or self.expressions)
        pinned = {name: day.isoformat() for name, day in pins(self.scenario, self.branches).items()}
        return {
            "result": str(folder),
            "scenario": self.name,
            "seed": self.seed,
            "replicates": self.replicates,
            "seconds": round(self.seconds, 3),
            **({"pinned_until": pinned} if pinned else {}),
            "branches": {
                branch: {text: cell for text, cell in cells.items() if text in wanted}
                for branch, cells in self.table().items()
            },
        }

    def summary(self) -> pd.DataFrame:
        """Return the metrics as a table of quantiles over replicates, one row for each branch and metric.

        ``low`` and ``high`` are the 90 % interval of a chance; they are missing for numbers and dates.
        """
        kinds = {text: kind_of(metric) for text, metric in self._parsed().items()}
        rows = []
        for branch, cells in self.table().items():
            for text, cell in cells.items():
                row = {"branch": branch, "metric": text, "kind": kinds[text], **cell}
                if kinds[text] == "chance":
                    values = self._metric(branch, text)
                    row["low"], row["high"] = wilson(float(values.sum()), values.size)
                rows.append(row)
        columns = ["branch", "metric", "kind", "mean", "median", "q05", "q95", "low", "high", "n"]
        return pd.DataFrame(rows, columns=columns)

    def quantiles(self) -> pd.DataFrame:
        """Return the mean and quantiles over replicates by branch, date, variable, state and other.

        There are rows for every recorded variable except postures, which have shares. ``other`` is the other state, or
        the treaty of a member variable; a variable without any value at a date has no row.

        Examples
        --------
        >>> table = result.quantiles()  # doctest: +SKIP
        >>> table.query("variable == 'trust' and state == 'ARM' and other == 'RUS'")["median"]  # doctest: +SKIP
        """
        return self.quantile_rows.frame()

    @cached_property
    def spreads(self) -> dict[str, Spread]:
        """The mean and quantiles over replicates of every variable except postures."""
        variables = (name for name, dimensions in DIMENSIONS.items() if "date" in dimensions)
        return {name: Spread.of(self.data[name].values) for name in variables if name != "posture"}

    @cached_property
    def quantile_rows(self) -> QuantileRows:
        """The columns of the table `quantiles`."""
        return quantile_rows(self.data, self.spreads, self.focus)

    @checked()
    def chance(self, branch: str, state: str, rank: int, day: date | None = None) -> tuple[float, float, float]:
        """Return the share of replicates in which a member is at posture ``rank`` or beyond, with its interval.

        Parameters
        ----------
        branch, state : str
            Branch, and member of the focus treaty.
        rank : int
            Rank of a posture, such as `sim.words.FREEZE`.
        day : date, optional
            The date; the last tick that ends by then is used. Default: the end.
        """
        index = len(self.dates) - 1
        if day is not None:
            index = max(0, int(np.searchsorted(self.dates, np.datetime64(day, "D"), side="right")) - 1)
        ranks = self.posture.sel(branch=branch, state=state).isel(date=index).values
        count = int((ranks >= rank).sum())
        low, high = wilson(count, ranks.size)
        return count / ranks.size, low, high

    def __repr__(self) -> str:
        """Return a one-line description of the result."""
        return f"<Result of {self._title()}, branches {', '.join(self.branches)}>"

    def _title(self) -> str:
        return f"{self.scenario.title}: {self.replicates} replicates a branch, seed {self.seed}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._title())}</p>{self.summary().to_html(index=False)}"

    def _metric(self, branch: str, expression: str) -> Floats:
        values: Floats = self.metrics.values[self.branches.index(branch), self.expressions.index(expression)]
        return values

    def _parsed(self) -> dict[str, Metric]:
        return {text: parse_metric(text) for text in self.expressions}

    @checked()
    def series(self, branch: str, path: Path) -> Floats:
        """Return a recorded variable by replicate and date, NaN where it has no value.

        Raises
        ------
        InputError
            If the result does not record it.
        """
        data = self.data.sel(branch=branch)
        if path.variable == "trust" and path.other is not None:
            self._check("member", path.owner, self.members)
            self._check("state", path.other, self.codes)
            return np.asarray(data["trust"].sel(truster=path.owner, trustee=path.other).values)
        if path.variable in ("posture", *MEMBER_SERIES) and path.other in (None, self.focus):
            self._check("member", path.owner, self.members)
            values = data[path.variable].sel(state=path.owner).values.astype(np.float64)
            return np.where(values < 0, np.nan, values) if path.variable == "posture" else values
        if path.variable == "credibility" and path.owner == self.focus:
            return np.asarray(data["credibility"].values)
        raise InputError(
            f"'{path.text}' is not recorded in this result; allowed: trust of members, "
            f"{', '.join(('posture', *MEMBER_SERIES))} in {self.focus}, {self.focus}.credibility; "
            "others can be asked for with --metric when running"
        )

    @staticmethod
    def _check(what: str, given: str, known: Iterable[str]) -> None:
        if given not in known:
            raise InputError(f"unknown {what} '{given}'; allowed: {', '.join(known)}")
