"""Summary tables of results, comparisons and sweeps, as the commands print them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from sim.output.comparing import Difference
from sim.output.contrasts import Contrasts
from sim.output.formatting import amount, amounts, in_hundred, month, percent, percents, share
from sim.output.intervals import quantile, wilson
from sim.output.measuring import Cell, kind_of
from sim.output.result import ResultData
from sim.output.stated import in_words, mean_in_words, stated
from sim.output.sweeps import SweepData, column
from sim.scenario.expressions import Metric, parse_metric
from sim.words import FREEZE, PATRON_VARIABLES, POSTURES

YEARS = 8
"""Most years that a table has columns for; the last ones are taken, and its title says so."""

MOST_KEYS = 6
"""Most keys that the table of a sweep has columns for; the first ones are taken, and its title says so."""

_BRACKETS = " (in brackets: 90 %)"


@dataclass(frozen=True)
class TextTable:
    """A table to print: a title, column heads and rows of text, whose first column is the row's name."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def _repr_html_(self) -> str:
        frame = pd.DataFrame(self.rows, columns=list(self.heads))
        return f"<p>{escape(self.title)}</p>{frame.to_html(index=False)}"


def summary_tables(
    result: ResultData, metrics: Sequence[str] = (), *, branches: Sequence[str] | None = None
) -> list[TextTable]:
    """Return the tables that summarise a result.

    Parameters
    ----------
    result : ResultData
        The result.
    metrics : sequence of str
        Metrics to show beside trust and postures.
    branches : sequence of str, optional
        Branches whose trust and postures are shown; default: all.

    Returns
    -------
    list of Table
        Metrics over branches; then for each branch trust at the start and end with the chance of each posture
        at the end, the chance that a member reached ``freeze`` or beyond by the end of each year, and, if any did,
        the chance that it diversifies or has a rival pact at the end. Members stand in the order in which their trust
        falls.
    """
    tables = [metric_rows(result, metrics)] if metrics else []
    clients = by_fall(result)
    if clients:
        for branch in result.branches if branches is None else branches:
            tables += [_courses(result, branch, clients), _freezes(result, branch, clients)]
            tables += _patrons(result, branch, clients)
    return tables


def comparison_table(a: str, b: str, metrics: Mapping[str, Difference]) -> TextTable:
    """Return one row for each metric: both branches, the paired difference with its 90 % interval, and shares of pairs.

    The branches have chances, means or median months. The last columns are the percentages of pairs in which ``b`` ends
    worse for the alliance and better, and how much narrower pairing makes the interval.

    Parameters
    ----------
    a, b : str
        Branches.
    metrics : mapping
        What `Result.compare` returned, by expression.
    """
    rows = []
    for text, difference in metrics.items():
        metric = parse_metric(text)
        shares = tuple(_share_of_pairs(share) for share in (difference.worse, difference.better, difference.narrowed))
        rows.append(
            (text, *(_mean(metric, difference[key]) for key in ("from", "to")), *_apart(metric, difference), *shares)
        )
    heads = ("metric", "from", "to", "difference", "90 %", "worse", "better", "narrower")
    return TextTable(f"from {a} to {b}: chances and means, and their differences pair by pair", heads, tuple(rows))


def contrast_tables(contrasts: Contrasts) -> list[TextTable]:
    """Return a table for each metric, with a row for each branch: its value, and its difference from the baseline."""
    tables = []
    for text in next(iter(contrasts.others.values())):
        metric = parse_metric(text)
        rows, before = [], "-"
        for branch, differences in contrasts.others.items():
            difference = differences[text]
            before = _mean(metric, difference["from"])
            shares = (_share_of_pairs(difference.worse), _share_of_pairs(difference.better)) if contrasts.paired else ()
            rows.append((branch, _mean(metric, difference["to"]), *_apart(metric, difference), *shares))
        heads = ("branch", "value", "difference", "90 %", *(("worse", "better") if contrasts.paired else ()))
        tables.append(TextTable(f"{text}: {before} in {contrasts.baseline}", heads, tuple(rows)))
    return tables


def _mean(metric: Metric, value: Cell) -> str:
    return mean_in_words(metric, value) if isinstance(value, float) else _text(metric, value)


def _apart(metric: Metric, difference: Difference) -> tuple[str, str]:
    value, low, high = difference["difference"], difference["low"], difference["high"]
    kind = kind_of(metric)
    return (
        amount(value, kind) if isinstance(value, float) else "-",
        amounts(low, high, kind) if isinstance(low, float) and isinstance(high, float) else "-",
    )


def sweep_table(sweep: SweepData, most: int) -> TextTable:
    """Return one row for each point and branch, with the median and 90 % interval or spread of each metric.

    Parameters
    ----------
    sweep : SweepData
        The sweep.
    most : int
        Rows to give; keys beyond the first `MOST_KEYS` are left out.
    """
    keys = list(sweep.factors)[:MOST_KEYS]
    short = [".".join(key.split(".")[-2:]) for key in keys]
    heads = (*short, "branch", *(head for metric in sweep.metrics for head in (metric, "90 %")))
    rows = []
    for row in sweep.table.head(most).to_dict("records"):
        cells = [_key(row[key]) for key in (*keys, "branch")]
        for name in sweep.metrics:
            chance = sweep.kinds[name] == "chance"
            middle, low, high = (
                row[column(name, cell)] for cell in (("mean", "low", "high") if chance else ("median", "q05", "q95"))
            )
            metric = parse_metric(name)
            cells.append(_text(metric, middle))
            cells.append(percents(low, high) if chance else f"{_text(metric, low)} to {_text(metric, high)}")
        rows.append(tuple(cells))
    title = f"{sweep.name}: {sweep.replicates} runs a point, seed {sweep.seed}"
    if more := len(sweep.factors) - len(keys):
        title += f"; {more} more key{'s' * (more != 1)} in sweep.csv"
    return TextTable(title, heads, tuple(rows))


def _share_of_pairs(value: float | None) -> str:
    return "-" if value is None else percent(value)


def _key(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _text(metric: Metric, value: Any) -> str:
    """Return a summary of a metric as text, whose months are written ``YYYY-MM`` in tables; a dash if it is missing."""
    if pd.isna(value):
        return "-"
    return month(date.fromisoformat(f"{value}-01")) if isinstance(value, str) else in_words(metric, value)


def by_fall(result: ResultData) -> list[str]:
    """Return the members other than the guarantor, ordered by the fall of their median trust in it, largest first."""
    falls = {}
    for member in result.members:
        if member != result.guarantor:
            starts, ends = _trust(result, result.branches[0], member)
            falls[member] = quantile(starts, 0.5) - quantile(ends, 0.5)
    return sorted(falls, key=lambda member: (-np.nan_to_num(falls[member]), member))


def metric_rows(result: ResultData, metrics: Sequence[str]) -> TextTable:
    """Return one row for each metric and branch: a chance with its 90 % interval, or a median with the 90 % range.

    A metric is named in its first row.
    """
    rows = []
    for text in metrics:
        for branch in result.branches:
            statement = stated(result.values(branch, text), parse_metric(text))
            name = text if branch == result.branches[0] else ""
            rows.append((name, branch, statement.value, statement.spread or "-", str(statement.known)))
    return TextTable("Metrics", ("metric", "branch", "value", "90 %", "runs"), tuple(rows))


def _courses(result: ResultData, branch: str, clients: Sequence[str]) -> TextTable:
    rows = []
    for member in clients:
        starts, ends = _trust(result, branch, member)
        spread = f"{share(quantile(ends, 0.05))}-{share(quantile(ends, 0.95))}"
        last = _ranks(result, branch, member)[:, -1]
        rows.append(
            (
                member,
                share(quantile(starts, 0.5)),
                f"{share(quantile(ends, 0.5))} ({spread})",
                *(of_hundred(int((last == rank).sum()), last.size) for rank in range(len(POSTURES))),
            )
        )
    trust = f"median trust in {result.guarantor} ({_months(result)})"
    title = f"{branch}: {trust}, and % of runs in each posture at the end{_BRACKETS}"
    return TextTable(title, ("", "start", "end (90 %)", *POSTURES), tuple(rows))


def _freezes(result: ResultData, branch: str, clients: Sequence[str]) -> TextTable:
    days = result.days
    every = sorted({day.year for day in days[1:]})
    years = every[-YEARS:]
    rows = []
    for member in clients:
        ranks = _ranks(result, branch, member)
        reached = np.maximum.accumulate(ranks >= FREEZE, axis=1)
        cells = []
        for year in years:
            last = max(i for i, day in enumerate(days) if day <= date(year, 12, 31))
            cells.append(of_hundred(int(reached[:, last].sum()), len(reached)))
        rows.append((member, *cells))
    title = f"{branch}: % of runs that reached freeze or beyond by the end of the year{_BRACKETS}"
    if len(every) > len(years):
        title += f"; the last {YEARS} of {len(every)} years"
    return TextTable(title, ("", *map(str, years)), tuple(rows))


def _patrons(result: ResultData, branch: str, clients: Sequence[str]) -> list[TextTable]:
    """Return the table of members that turned to outside patrons; none where no member did in any run."""
    ends = result.data[list(PATRON_VARIABLES)].sel(branch=branch, state=list(clients)).isel(date=-1)
    counts = {name: (ends[name].transpose("state", "replicate").values > 0).sum(axis=1) for name in PATRON_VARIABLES}
    if not any(per_member.any() for per_member in counts.values()):
        return []
    runs = ends.sizes["replicate"]
    rows = [
        (member, *(of_hundred(int(per_member[row]), runs) for per_member in counts.values()))
        for row, member in enumerate(clients)
    ]
    return [
        TextTable(
            f"{branch}: % of runs with an outside patron at the end{_BRACKETS}",
            ("", *PATRON_VARIABLES.values()),
            tuple(rows),
        )
    ]


def of_hundred(count: int, runs: int) -> str:
    """Return a count of runs as a number out of 100 with its 90 % interval, as text.

    Examples
    --------
    >>> of_hundred(9, 10)
    '90 (65-98)'
    """
    low, high = wilson(count, runs)
    return f"{in_hundred(count / runs)} ({in_hundred(low)}-{in_hundred(high)})"


def _trust(result: ResultData, branch: str, member: str) -> tuple[Any, Any]:
    pair = result.members.index(member), result.codes.index(result.guarantor)
    trust = result.trust.values[result.branches.index(branch)]
    return trust[:, 0, *pair], trust[:, -1, *pair]


def _ranks(result: ResultData, branch: str, member: str) -> Any:
    return result.posture.values[result.branches.index(branch), :, :, result.members.index(member)]


def _months(result: ResultData) -> str:
    return f"{result.days[0]:%Y-%m} to {result.days[-1]:%Y-%m}"
