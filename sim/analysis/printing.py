"""Summary tables of an analysis or attribution for the command line."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import isnan
from typing import Any, Final

import pandas as pd

from sim.analysis.any_design import NAMES, GivenDataIndices
from sim.analysis.attribution import Attribution
from sim.analysis.auditing.results import Audit
from sim.analysis.decision_rules import RuleTrial
from sim.analysis.discovery import Discovery
from sim.analysis.ranking import RobustRanking
from sim.analysis.screening import MorrisEffects
from sim.analysis.studies import StudyFinding, StudyReport
from sim.analysis.variance import SobolIndices
from sim.analysis.writing import design_in_words, short_names
from sim.output.formatting import amount, amounts, decimals, percent
from sim.output.measuring import Kind, kind_of
from sim.output.summary import TextTable
from sim.scenario.expressions import parse_metric

Form = Callable[[float | None], str]
"""What writes a number, and a dash where there is none."""

MOST_PAIRS: Final = 15
"""Most interactions that are printed."""


def study_tables(study: StudyReport) -> list[TextTable]:
    """Return a table for each metric and method: sensitivity indices, elementary effects and tornadoes."""
    return [table for finding in study.findings for table in _tables(study, finding)]


def rules(study: StudyReport) -> list[str]:
    """Return the rules of scenario discovery in words."""
    return [finding.found.text for finding in study.findings if isinstance(finding.found, Discovery)]


def _tables(study: StudyReport, finding: StudyFinding) -> Iterator[TextTable]:
    found = finding.found
    names = {name: name for name in study.sweep.moved} | short_names(study.sweep.keys)
    moved = "group" if "groups" in study.sweep.design else "factor"
    place = f"{study.branch}, {design_in_words(study.sweep)}"
    if isinstance(found, SobolIndices):
        title = f"{finding.metric}: Sobol indices ({place})"
        yield TextTable(
            title,
            (moved, "first order", "90 %", "total", "90 %"),
            tuple(
                (
                    names[row["factor"]],
                    decimals(row["first"]),
                    _span(row, "first_"),
                    decimals(row["total"]),
                    _span(row, "total_"),
                )
                for row in found.indices.to_dict("records")
            ),
        )
    elif isinstance(found, GivenDataIndices):
        title = f"{finding.metric}: indices that need no special design, beside what a dummy factor has ({place})"
        yield TextTable(
            title,
            ("factor", *(head for words in NAMES.values() for head in (words, "dummy"))),
            tuple(
                (
                    names[row["factor"]],
                    *(
                        cell
                        for name in NAMES
                        for cell in (_give_or_take(row, name), decimals(row[f"{name}_dummy"], places=2))
                    ),
                )
                for row in found.indices.to_dict("records")
            ),
        )
    elif isinstance(found, RobustRanking):
        yield _ranking(study, finding, found)
    elif isinstance(found, MorrisEffects):
        title = f"{finding.metric}: elementary effects ({place})"
        yield TextTable(
            title,
            (moved, "mu*", "90 %", "mu", "sigma"),
            tuple(
                (
                    names[row["factor"]],
                    decimals(row["mu_star"]),
                    _span(row, "mu_star_"),
                    decimals(row["mu"]),
                    decimals(row["sigma"]),
                )
                for row in found.effects.to_dict("records")
            ),
        )
    elif isinstance(found, pd.DataFrame) and finding.method == "tornado":
        title = f"{finding.metric}: from the low to the high end of each factor ({place})"
        yield TextTable(
            title,
            ("factor", "values", "low end", "high end", "change", "90 %"),
            tuple(
                (
                    names[row["factor"]],
                    f"{row['low_value']:.3g} to {row['high_value']:.3g}",
                    decimals(row["low_mean"]),
                    decimals(row["high_mean"]),
                    decimals(row["change"]),
                    _span(row, ""),
                )
                for row in found.to_dict("records")
            ),
        )


def _ranking(study: StudyReport, finding: StudyFinding, found: RobustRanking) -> TextTable:
    """Return a row for each branch; without spreads where each point has one run that is true or false."""
    level, change = _forms(finding.metric)
    rows = found.ranking.to_dict("records")
    columns: dict[str, list[str]] = {
        "branch": [row["branch"] for row in rows],
        "mean": [level(row["mean"]) for row in rows],
        "5 to 95 %": [_span({"low": row["q05"], "high": row["q95"]}, "", level) for row in rows],
        "regret": [change(row["regret"]).removeprefix("+") for row in rows],
        "95 % below": [change(row["regret_q95"]).removeprefix("+") for row in rows],
        "best": [percent(row["best"]) for row in rows],
        "clearly": [_or_dash(percent)(row["clear"]) for row in rows],
    }
    if study.sweep.replicates == 1:
        del columns["clearly"]
        if finding.chance:
            del columns["5 to 95 %"], columns["95 % below"]
    title = f"{finding.metric}: branches over {design_in_words(study.sweep)}; {found.better} is better"
    return TextTable(title, tuple(columns), tuple(zip(*columns.values(), strict=True)))


def _give_or_take(row: Mapping[Any, Any], name: str) -> str:
    """Return an index with the half-width of its interval."""
    half = (row[f"{name}_high"] - row[f"{name}_low"]) / 2
    return f"{decimals(row[name], places=2)} ± {decimals(half, places=2)}"


def attribution_tables(found: Attribution) -> list[TextTable]:
    """Return a table of shares with their total, and a table of the strongest pairwise interactions, if any."""
    level, change = _forms(found.metric)
    rows = [(row["player"], change(row["value"]), _span(row, "", change)) for row in found.shares.to_dict("records")]
    total = {"low": found.total_low, "high": found.total_high}
    rows.append(("total", change(found.total), _span(total, "", change)))
    ends = f"{level(found.ends[0])} without any, {level(found.ends[1])} with all"
    title = f"{found.metric}: {ends} ({found.branch}, {found.replicates} replicates)"
    tables = [TextTable(title, (found.of.removesuffix("s"), "share", "90 %"), tuple(rows))]
    if found.interactions is not None:
        pairs = tuple(
            (f"{row['a']} and {row['b']}", change(row["value"]), _span(row, "", change))
            for row in found.interactions.head(MOST_PAIRS).to_dict("records")
        )
        more = len(found.interactions) - len(pairs)
        title = "What pairs make together beyond each alone" + (f", the {MOST_PAIRS} strongest" if more else "")
        tables.append(TextTable(title, ("pair", "interaction", "90 %"), pairs))
    return tables


def rule_table(trial: RuleTrial) -> TextTable:
    """Return a row for each decision rule: the metric, and its paired difference from the treaty's actual rule."""
    level, change = _forms(trial.metric)
    rows = tuple(
        (
            f"{row['rule']} (as it is)" if row["rule"] == trial.own else row["rule"],
            level(row["value"]),
            _span(row, "", level),
            change(row["difference"]),
            _span(row, "difference_", change),
        )
        for row in trial.rules.to_dict("records")
    )
    title = f"{trial.metric} under each decision rule of {trial.treaty} ({trial.branch}, {trial.replicates} replicates)"
    return TextTable(title, ("rule", "value", "90 %", "difference", "90 %"), rows)


def _forms(metric: str) -> tuple[Form, Form]:
    """Return how the values of a metric are written, and how differences are: chances in percent and points."""
    if kind_of(parse_metric(metric)) != "chance":
        return decimals, partial(decimals, sign="+")
    return _or_dash(percent), _or_dash(partial(amount, kind="chance"))


def _or_dash(form: Callable[[float], str]) -> Form:
    return lambda value: "-" if value is None or isnan(value) else form(value)


def _span(row: Mapping[Any, Any], prefix: str, form: Form = decimals) -> str:
    """Return an interval as text, with the unit at its end."""
    low, high = form(row[f"{prefix}low"]), form(row[f"{prefix}high"])
    return f"{low.removesuffix(' points').removesuffix(' %')} to {high}"


def audit_tables(found: Audit) -> list[TextTable]:
    """Return the tables of an audit: checks that must hold exactly, and those that move the difference."""
    unmoved = {result.name for result in found.unmoved}
    rows = [row for row in found.table().to_dict("records") if row["check"] not in unmoved]
    exact = [(row["check"], row["verdict"], row["text"] or "-") for row in rows if row["exact"]]
    moving = [
        (row["check"], *_difference(row, found.kind), row["verdict"] + _replicates(row))
        for row in rows
        if not row["exact"]
    ]
    tables = [TextTable("What must not matter", ("check", "verdict", "found"), tuple(exact))] if exact else []
    title = f"{found.claim.text} ({found.replicates:,} pairs of runs; baseline: 95 %)"
    return [*tables, TextTable(title, ("check", "difference", f"{100 * found.level:.2f} %", "verdict"), tuple(moving))]


def _difference(row: Mapping[Any, Any], kind: Kind) -> tuple[str, str]:
    if pd.isna(row["difference"]):
        return "-", "-"
    span = "-" if pd.isna(row["low"]) else amounts(row["low"], row["high"], kind)
    return amount(row["difference"], kind), span


def _replicates(row: Mapping[Any, Any]) -> str:
    return "" if pd.isna(row["needed"]) else f": {int(row['needed']):,} would tell"
