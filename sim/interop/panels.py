"""Results as tidy panels by country-month and by directed dyad-month."""

from collections.abc import Sequence
from itertools import product
from typing import Final

import pandas as pd

from sim.interop.codes import state_codes
from sim.interop.columns import COUNTRY_MONTH, DYAD_MONTH, FROZEN, MEASURES
from sim.model.variables import MEMBER_SERIES
from sim.output.result import ResultData
from sim.output.tables import posture_table
from sim.words import FREEZE, FULFILMENT, POSTURES

_FULFILMENT: Final = dict(enumerate(FULFILMENT))
_MONTH: Final = ("year", "month")


def country_month(result: ResultData) -> pd.DataFrame:
    """Return one row for each branch, member of the focus treaty and month.

    Parameters
    ----------
    result : ResultData
        The result.

    Returns
    -------
    DataFrame
        `sim.interop.columns.COUNTRY_MONTH`; figures are those of the last tick that ends in the month, calls those of
        the whole month.

    Examples
    --------
    >>> country_month(result).query("iso3 == 'ARM'")[["year", "month", "trust_median"]]  # doctest: +SKIP
    """
    table = _frame(result, [(member,) for member in result.members], ("iso3",))
    table["treaty"] = result.focus
    figures = result.quantiles().rename(columns={"state": "iso3"})
    trust = figures[(figures["variable"] == "trust") & (figures["other"] == result.guarantor)]
    table = _with_measures(table, trust[trust["iso3"] != result.guarantor], "trust", ("iso3",))
    for name in MEMBER_SERIES:
        table = _with_measures(table, figures[figures["variable"] == name], name, ("iso3",))
    table = table.merge(_posture_shares(result), on=["branch", "iso3", "date"], how="left")
    answers = _answers(result).rename(columns={"iso3_a": "iso3"})
    keys = ["branch", "iso3", *_MONTH]
    calls = answers.drop_duplicates([*keys, "replicate", "event"]).groupby(keys).size().rename("calls").reset_index()
    return _with_calls(table, calls, keys, result.replicates)[list(COUNTRY_MONTH)]


def dyad_month(result: ResultData) -> pd.DataFrame:
    """Return one row for each branch, member, other state and month.

    Parameters
    ----------
    result : ResultData
        The result.

    Returns
    -------
    DataFrame
        `sim.interop.columns.DYAD_MONTH`, directed: ``a`` trusts and calls, ``b`` is trusted and answers.
    """
    pairs = [(member, other) for member, other in product(result.members, result.codes) if member != other]
    table = _frame(result, pairs, ("iso3_a", "iso3_b"))
    figures = result.quantiles().rename(columns={"state": "iso3_a", "other": "iso3_b"})
    table = _with_measures(table, figures[figures["variable"] == "trust"], "trust", ("iso3_a", "iso3_b"))
    keys = ["branch", "iso3_a", "iso3_b", *_MONTH]
    answers = _answers(result).groupby(keys)["fulfilment"].agg(calls="size", fulfilment="mean").reset_index()
    return _with_calls(table, answers, keys, result.replicates)[list(DYAD_MONTH)]


def _frame(result: ResultData, owners: Sequence[tuple[str, ...]], names: tuple[str, ...]) -> pd.DataFrame:
    """Return the index columns of a panel: branches, states with their codes, and months with their last day."""
    ends = {(day.year, day.month): day for day in result.days[1:]}  # the first day is before all ticks
    rows = [
        (branch, *owner, *month, end) for branch in result.branches for owner in owners for month, end in ends.items()
    ]
    table = pd.DataFrame(rows, columns=["branch", *names, *_MONTH, "date"])
    table["date"] = pd.to_datetime(table["date"])
    table["runs"] = result.data.sizes["replicate"]
    for name in names:
        for scheme in ("cow", "gw"):
            numbers = {code: float(getattr(state, scheme)) for code, state in state_codes().items()}
            table[name.replace("iso3", scheme)] = table[name].map(numbers).astype(float)
    return table


def _with_measures(table: pd.DataFrame, figures: pd.DataFrame, name: str, owner: tuple[str, ...]) -> pd.DataFrame:
    """Return the panel with the mean and quantiles of a variable added; unknown values are missing."""
    columns = {measure: f"{name}_{measure}" for measure in MEASURES}
    keys = ["branch", *owner, "date"]
    return table.merge(figures[[*keys, *columns]].rename(columns=columns), on=keys, how="left")


def _with_calls(table: pd.DataFrame, calls: pd.DataFrame, keys: Sequence[str], runs: int) -> pd.DataFrame:
    """Return the panel with the mean number of calls over the runs added, 0 where no state called."""
    table = table.merge(calls, on=list(keys), how="left")
    table["calls"] = table["calls"].fillna(0.0) / runs
    return table


def _posture_shares(result: ResultData) -> pd.DataFrame:
    shares = posture_table(result).rename(columns={"state": "iso3"})
    shares["date"] = pd.to_datetime(shares["date"])
    wide = shares.pivot_table(index=["branch", "iso3", "date"], columns="posture", values="share")[list(POSTURES)]
    wide = wide.rename(columns=lambda posture: f"share_{posture}")
    wide[FROZEN] = wide.iloc[:, FREEZE:].sum(axis=1)
    return wide.reset_index()


def _answers(result: ResultData) -> pd.DataFrame:
    """Return one row for each ally's answer to an appeal that was made."""
    rows = result.responses[result.responses["made"].astype(bool)]
    days = pd.to_datetime(rows["date"])
    return pd.DataFrame(
        {
            "branch": rows["branch"], "replicate": rows["replicate"], "event": rows["event"],
            "iso3_a": rows["victim"], "iso3_b": rows["ally"], "year": days.dt.year, "month": days.dt.month,
            "fulfilment": rows["level"].map(_FULFILMENT).astype(float),
        }
    )  # fmt: skip
