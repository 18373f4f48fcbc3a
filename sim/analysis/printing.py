"""Summary tables of an analysis or attribution for the command line."""

from collections.abc import Iterator, Mapping
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
from sim.output.formatting import amount, amounts, decimals, percent, percents, sentence
from sim.output.measuring import Kind, kind_of
from sim.output.stated import mean_in_words
from sim.output.summary import TextTable
from sim.scenario.expressions import parse_metric

MOST_PAIRS: Final = 15
"""Most interactions that are printed."""


def study_tables(study: StudyReport) -> list[TextTable]:
    """Return a table for each metric and method: sensitivity indices, elementary effects and tornadoes."""
    return [table for finding in study.findings for table in _tables(study, finding)]


def rules(study: StudyReport) -> list[str]:
    """Return the rules of scenario discovery in words, or that none was found."""
    discoveries = [finding.found for finding in study.findings if isinstance(finding.found, Discovery)]
    return [
        sentence(discovery.text) if discovery.limits.empty else f"Rule: {discovery.text}" for discovery in discoveries
    ]


def _tables(study: StudyReport, finding: StudyFinding) -> Iterator[TextTable]:
    names = {name: name for name in study.sweep.moved} | short_names(study.sweep.keys)
    moved = "group" if "groups" in study.sweep.design else "factor"
    context = f"{study.branch}, {design_in_words(study.sweep)}"
    match finding.found:
        case SobolIndices() as result:
            yield _sobol(result, f"{finding.metric}: Sobol indices ({context})", moved, names)
        case GivenDataIndices() as result:
            title = f"{finding.metric}: indices that need no special design, beside what a dummy factor has ({context})"
            yield _given(result, title, names)
        case RobustRanking() as ranking:
            yield _ranking(ranking, study, finding)
        case MorrisEffects() as result:
            yield _morris(result, f"{finding.metric}: elementary effects ({context})", moved, names)
        case pd.DataFrame() as result if finding.method == "tornado":
            title = f"{finding.metric}: from the low to the high end of each factor ({context})"
            yield _tornado(result, title, names, _Forms(finding.metric))


def _sobol(result: SobolIndices, title: str, moved: str, names: Mapping[str, str]) -> TextTable:
    rows = (
        (
            names[row["factor"]],
            decimals(row["first"]), _span(row, "first_"),
            decimals(row["total"]), _span(row, "total_"),
        )
        for row in result.indices.to_dict("records")
    )  # fmt: skip
    return TextTable(title, (moved, "first order", "90 %", "total", "90 %"), tuple(rows))


def _given(result: GivenDataIndices, title: str, names: Mapping[str, str]) -> TextTable:
    rows = (
        (
            names[row["factor"]],
            *(cell for name in NAMES for cell in (_give_or_take(row, name), decimals(row[f"{name}_dummy"], places=2))),
        )
        for row in result.indices.to_dict("records")
    )
    heads = ("factor", *(head for words in NAMES.values() for head in (words, "dummy")))
    return TextTable(title, heads, tuple(rows))


def _morris(result: MorrisEffects, title: str, moved: str, names: Mapping[str, str]) -> TextTable:
    rows = (
        (
            names[row["factor"]],
            decimals(row["mu_star"]), _span(row, "mu_star_"),
            decimals(row["mu"]), decimals(row["sigma"]),
        )
        for row in result.effects.to_dict("records")
    )  # fmt: skip
    return TextTable(title, (moved, "mu*", "90 %", "mu", "sigma"), tuple(rows))


def _tornado(table: pd.DataFrame, title: str, names: Mapping[str, str], forms: "_Forms") -> TextTable:
    rows = (
        (
            names[row["factor"]], f"{row['low_value']:.3g} to {row['high_value']:.3g}",
            forms.level(row["low_mean"]), forms.level(row["high_mean"]),
            forms.change(row["change"]), forms.changes(row["low"], row["high"]),
        )
        for row in table.to_dict("records")
    )  # fmt: skip
    return TextTable(title, ("factor", "values", "low end", "high end", "change", "90 %"), tuple(rows))


def _ranking(ranking: RobustRanking, study: StudyReport, finding: StudyFinding) -> TextTable:
    """Return a row for each branch; without spreads where each point has one run that is true or false."""
    forms, rows = _Forms(finding.metric), ranking.ranking.to_dict("records")
    columns: dict[str, list[str]] = {
        "branch": [row["branch"] for row in rows],
        "mean": [forms.level(row["mean"]) for row in rows],
        "5 to 95 %": [forms.levels(row["q05"], row["q95"]) for row in rows],
        "regret": [forms.change(row["regret"]).removeprefix("+") for row in rows],
        "95 % below": [forms.change(row["regret_q95"]).removeprefix("+") for row in rows],
        "best": [percent(row["best"]) for row in rows],
        "clearly": ["-" if isnan(row["clear"]) else percent(row["clear"]) for row in rows],
    }
    if study.sweep.replicates == 1:
        del columns["clearly"]
        if finding.chance:
            del columns["5 to 95 %"], columns["95 % below"]
    title = f"{finding.metric}: branches over {design_in_words(study.sweep)}; {ranking.better} is better"
    return TextTable(title, tuple(columns), tuple(zip(*columns.values(), strict=True)))


def _give_or_take(row: Mapping[Any, Any], name: str) -> str:
    """Return an index with the half-width of its interval."""
    half = (row[f"{name}_high"] - row[f"{name}_low"]) / 2
    return f"{decimals(row[name], places=2)} ± {decimals(half, places=2)}"


def attribution_tables(attribution: Attribution) -> list[TextTable]:
    """Return a table of shares with their total, and a table of the strongest pairwise interactions, if any."""
    forms = _Forms(attribution.metric)
    rows = [
        (row["player"], forms.change(row["value"]), forms.changes(row["low"], row["high"]))
        for row in attribution.shares.to_dict("records")
    ]
    rows.append(
        ("total", forms.change(attribution.total), forms.changes(attribution.total_low, attribution.total_high))
    )
    ends = f"{forms.level(attribution.ends[0])} without any, {forms.level(attribution.ends[1])} with all"
    title = f"{attribution.metric}: {ends} ({attribution.branch}, {attribution.replicates} replicates)"
    tables = [TextTable(title, (attribution.of.removesuffix("s"), "share", "90 %"), tuple(rows))]
    if attribution.interactions is not None:
        pairs = tuple(
            (f"{row['a']} and {row['b']}", forms.change(row["value"]), forms.changes(row["low"], row["high"]))
            for row in attribution.interactions.head(MOST_PAIRS).to_dict("records")
        )
        more = len(attribution.interactions) - len(pairs)
        title = "What pairs make together beyond each alone" + (f", the {MOST_PAIRS} strongest" if more else "")
        tables.append(TextTable(title, ("pair", "interaction", "90 %"), pairs))
    return tables


def rule_table(trial: RuleTrial) -> TextTable:
    """Return a row for each decision rule: the metric, and its paired difference from the treaty's actual rule."""
    forms = _Forms(trial.metric)
    rows = tuple(
        (
            f"{row['rule']} (as it is)" if row["rule"] == trial.own else row["rule"],
            forms.level(row["value"]),
            forms.levels(row["low"], row["high"]),
            forms.change(row["difference"]),
            forms.changes(row["difference_low"], row["difference_high"]),
        )
        for row in trial.rules.to_dict("records")
    )
    title = f"{trial.metric} under each decision rule of {trial.treaty} ({trial.branch}, {trial.replicates} replicates)"
    return TextTable(title, ("rule", "value", "90 %", "difference", "90 %"), rows)


class _Forms:
    """Values and differences of a metric as text, and a dash where there is none."""

    def __init__(self, metric: str) -> None:
        self._metric = parse_metric(metric)
        self._kind = kind_of(self._metric)

    def level(self, value: float) -> str:
        return "-" if isnan(value) else mean_in_words(self._metric, value)

    def levels(self, low: float, high: float) -> str:
        if isnan(low):
            return "-"
        return percents(low, high) if self._kind == "chance" else f"{self.level(low)} to {self.level(high)}"

    def change(self, value: float) -> str:
        return "-" if isnan(value) else amount(value, self._kind)

    def changes(self, low: float, high: float) -> str:
        return "-" if isnan(low) else amounts(low, high, self._kind)


def _span(row: Mapping[Any, Any], prefix: str) -> str:
    return f"{decimals(row[f'{prefix}low'])} to {decimals(row[f'{prefix}high'])}"


def audit_tables(audit: Audit) -> list[TextTable]:
    """Return the tables of an audit: checks that must hold exactly, and those that move the difference.

    Checks that were not reached, and those that leave the difference as it is, have no row.
    """
    left_out = {result.name for result in audit.results if result.finding is None} | {
        result.name for result in audit.unmoved
    }
    rows = [row for row in audit.table().to_dict("records") if row["check"] not in left_out]
    exact = [(row["check"], row["verdict"], row["text"] or "-") for row in rows if row["exact"]]
    moving = [
        (row["check"], *_difference(row, audit.kind), row["verdict"] + _replicates(row))
        for row in rows
        if not row["exact"]
    ]
    tables = [TextTable("What must not matter", ("check", "verdict", "found"), tuple(exact))] if exact else []
    title = f"{audit.claim.text} ({audit.replicates:,} pairs of runs; baseline: 95 %)"
    return [*tables, TextTable(title, ("check", "difference", percent(audit.level, 2), "verdict"), tuple(moving))]


def _difference(row: Mapping[Any, Any], kind: Kind) -> tuple[str, str]:
    if pd.isna(row["difference"]):
        return "-", "-"
    span = "-" if pd.isna(row["low"]) else amounts(row["low"], row["high"], kind)
    return amount(row["difference"], kind), span


def _replicates(row: Mapping[Any, Any]) -> str:
    return "" if pd.isna(row["needed"]) else f": {int(row['needed']):,} would tell"
