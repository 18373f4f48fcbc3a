"""Analysis of a sweep: each method applied to each metric, with the reasons for those left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from sim.analysis.any_design import GivenDataIndices, given_data
from sim.analysis.discovery import Discovery, cases_of, discover
from sim.analysis.finders import choose_method
from sim.analysis.outcome import MetricOutcome, outcome
from sim.analysis.pairs import Heat, heat
from sim.analysis.ranking import RobustRanking, robust
from sim.analysis.response import by_spread, curves, tornado
from sim.analysis.screening import MorrisEffects, morris
from sim.analysis.stored import StoredSweep
from sim.analysis.variance import SobolIndices, sobol
from sim.errors import InputError

Found = GivenDataIndices | SobolIndices | MorrisEffects | Heat | Discovery | RobustRanking | pd.DataFrame


@dataclass(frozen=True, eq=False)
class StudyFinding:
    """Result of one method for one metric.

    Attributes
    ----------
    stem : str
        Name of its files without their ending.
    method : str
        ``sobol``, ``morris``, ``given``, ``response``, ``tornado``, ``heatmap``, ``discovery``, ``robust`` or
        ``turning``.
    metric : str
        The expression.
    chance : bool
        Whether it is true or false in each run.
    found : object
        What the method returned.
    """

    stem: str
    method: str
    metric: str
    chance: bool
    found: Found


@dataclass(frozen=True, eq=False)
class StudyReport:
    """Results of all methods that the design of a sweep allows.

    Attributes
    ----------
    sweep : StoredSweep
        What was analysed.
    branch : str
        In which branch; of a ranking, all of them.
    findings : tuple of StudyFinding
        In the order of metrics.
    sentences : tuple of str
        What sensitivity indices say in words.
    skipped : tuple of str
        What was left out, and why.
    warnings : tuple of str
        What limits the estimates.
    """

    sweep: StoredSweep
    branch: str
    findings: tuple[StudyFinding, ...]
    sentences: tuple[str, ...]
    skipped: tuple[str, ...]
    warnings: tuple[str, ...]


def study(
    sweep: StoredSweep,
    metrics: Sequence[str] = (),
    *,
    branch: str | None = None,
    case: str | None = None,
    method: str | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    given: bool = False,
) -> StudyReport:
    """Apply every analysis method that the design of a sweep allows.

    Parameters
    ----------
    sweep : StoredSweep
        What to analyse.
    metrics : sequence of str
        Metrics of the sweep, or comparisons of one; default: all of the sweep that are not dates.
    branch : str, optional
        Default: the first of the sweep.
    case : str, optional
        What scenario discovery looks for; default: each of the metrics that is true or false.
    method : str, optional
        ``prim`` or ``cart``; default: the first whose package is installed.
    pairs : sequence of pairs of str
        Factors of the heat maps; default: the two along which a metric's mean moves furthest.
    given : bool
        Whether to estimate the indices that need no special design too, which takes seconds for each factor.

    Raises
    ------
    InputError
        If a name is not of this sweep, a metric is a date, or a method's package is not installed.

    Examples
    --------
    >>> study(sweep, ["ARM.posture@2024-12 >= freeze"]).warnings  # doctest: +SKIP
    """
    chosen = sweep.branch(branch)
    pairs = [(sweep.key(first), sweep.key(second)) for first, second in pairs]
    if method is not None:
        choose_method(method)
    gathered = _StudyFindings(sweep, chosen)
    asked = [outcome(sweep, text, chosen) for text in dict.fromkeys(metrics)] or gathered.all_metrics()
    cases = [cases_of(sweep, case, chosen)] if case is not None else [what for what in asked if what.chance]
    for number, what in enumerate(asked, start=1):
        suffix = f"-{number}" if len(asked) > 1 else ""
        gathered.try_one(f"sobol{suffix}", what, lambda what: sobol(sweep, what.metric, chosen))
        gathered.try_one(f"morris{suffix}", what, lambda what: morris(sweep, what.metric, chosen))
        if given:
            gathered.try_one(f"given{suffix}", what, lambda what: given_data(sweep, what.metric, chosen))
        gathered.try_one(f"response{suffix}", what, lambda what: _ordered(sweep, what))
        gathered.try_one(f"tornado{suffix}", what, lambda what: tornado(sweep, what.metric, chosen))
        for pair_number, pair in enumerate(pairs or (None,), start=1):
            stem = f"heatmap{suffix}" + (f"-pair-{pair_number}" if len(pairs) > 1 else "")
            gathered.try_one(stem, what, partial(_heat, sweep, pair))
    if not cases:
        gathered.skipped.append("no scenario discovery: no metric is true or false; give --case 'METRIC > NUMBER'")
    for what in cases:
        number = asked.index(what) + 1 if what in asked else 0
        suffix = f"-{number}" if len(cases) > 1 else ""
        gathered.try_one(f"discovery{suffix}", what, lambda what: discover(sweep, what.metric, chosen, method))
    if not gathered.findings:
        raise InputError(gathered.skipped[0])
    return gathered.report(chosen)


def rank_branches(
    sweep: StoredSweep, metrics: Sequence[str] = (), *, better: str | None = None, method: str | None = None
) -> StudyReport:
    """Rank the branches of a sweep over all of its points, or of a run over all draws, by each metric.

    Parameters
    ----------
    sweep : StoredSweep
        A sweep or run (`sim.analysis.open_branches`) of two branches or more.
    metrics : sequence of str
        Metrics that it has, or comparisons of one; default: all that are not dates and have a better direction.
    better, method
        As for `sim.analysis.ranking.robust`.

    Raises
    ------
    InputError
        If a name is not of this sweep, or there is nothing to rank.

    Examples
    --------
    >>> rank_branches(sweep, ["ARM.trust[RUS]@end"]).sentences  # doctest: +SKIP
    """
    if method is not None:
        choose_method(method)
    gathered = _StudyFindings(sweep, sweep.branches[0])
    texts = tuple(dict.fromkeys(metrics))
    rankings = [robust(sweep, text, better, method) for text in texts]
    for text in () if texts else sweep.metrics:
        try:
            rankings.append(robust(sweep, text, better, method))
        except InputError as error:
            gathered.skipped.append(str(error))
    if not rankings:
        raise InputError(gathered.skipped[0])
    for number, ranking in enumerate(rankings, start=1):
        suffix = f"-{number}" if len(rankings) > 1 else ""
        chance = outcome(sweep, ranking.metric).chance
        gathered.findings.append(StudyFinding(f"robust{suffix}", "robust", ranking.metric, chance, ranking))
        if ranking.turning is not None:
            gathered.findings.append(
                StudyFinding(f"turning{suffix}", "turning", ranking.metric, chance, ranking.turning)
            )
        gathered.warnings += ranking.warnings
        gathered.sentences += [f"{ranking.metric}: {said}" for said in ranking.sentences]
    return gathered.report(", ".join(sweep.branches))


def _heat(sweep: StoredSweep, pair: tuple[str, str] | None, what: MetricOutcome) -> Heat:
    return heat(sweep, what.metric, pair, what.branch)


def _ordered(sweep: StoredSweep, what: MetricOutcome) -> pd.DataFrame:
    """Return response curves, factors ordered by the spread of the metric's mean."""
    table = curves(sweep, what.metric, what.branch)
    return pd.concat([table[table["factor"] == factor] for factor in by_spread(table)], ignore_index=True)


class _StudyFindings:
    """Collector of results, and of the reasons for methods left out."""

    def __init__(self, sweep: StoredSweep, branch: str) -> None:
        self.sweep, self.branch = sweep, branch
        self.findings: list[StudyFinding] = []
        self.sentences: list[str] = []
        self.skipped: list[str] = []
        self.warnings: list[str] = []

    def all_metrics(self) -> list[MetricOutcome]:
        """Return the sweep's metrics without dates, which cannot be analysed."""
        outcomes = []
        for text in self.sweep.metrics:
            try:
                outcomes.append(outcome(self.sweep, text, self.branch))
            except InputError as error:
                self.skipped.append(str(error))
        return outcomes

    def try_one(self, stem: str, what: MetricOutcome, work: Callable[[MetricOutcome], Found]) -> None:
        """Apply a method and keep its result, or the reason for a refusal."""
        try:
            result = work(what)
        except InputError as error:
            self.skipped.append(f"no {stem.partition('-')[0]}: {error}")
            return
        self.warnings += getattr(result, "warnings", ())
        self.sentences += [f"{what.metric}: {said}" for said in getattr(result, "sentences", ())]
        self.findings.append(StudyFinding(stem, stem.partition("-")[0], what.metric, what.chance, result))

    def report(self, branch: str) -> StudyReport:
        """Return the findings as a report, with each reason and warning once."""
        return StudyReport(
            sweep=self.sweep,
            branch=branch,
            findings=tuple(self.findings),
            sentences=tuple(self.sentences),
            skipped=tuple(dict.fromkeys(self.skipped)),
            warnings=tuple(dict.fromkeys(self.warnings)),
        )


def report(study: StudyReport) -> dict[str, Any]:
    """Return the analysis as plain data by metric and method, as ``analyze --json`` prints it."""
    metrics: dict[str, dict[str, Any]] = {}
    for finding in study.findings:
        metrics.setdefault(finding.metric, {}).setdefault(finding.method, []).append(_plain(finding.found))
    single = {
        metric: {method: results if method == "heatmap" else results[0] for method, results in methods.items()}
        for metric, methods in metrics.items()
    }
    return {
        "scenario": study.sweep.name,
        "design": study.sweep.design,
        "branch": study.branch,
        "replicates": study.sweep.replicates,
        "metrics": single,
        "sentences": list(study.sentences),
        "skipped": list(study.skipped),
        "warnings": list(study.warnings),
    }


def _plain(result: Found) -> Any:
    if isinstance(result, pd.DataFrame):
        return records(result)
    if isinstance(result, SobolIndices):
        pairs = None if result.pairs is None else records(result.pairs)
        return {"indices": records(result.indices), "pairs": pairs, "noise": result.noise}
    if isinstance(result, GivenDataIndices):
        return {"indices": records(result.indices), "points": result.points, "noise": result.noise}
    if isinstance(result, RobustRanking):
        return {"better": result.better, "ranking": records(result.ranking), "turned": result.turned}
    if isinstance(result, MorrisEffects):
        return {"effects": records(result.effects), "chance_effect": result.chance_effect}
    if isinstance(result, Heat):
        return {"x": result.x.key, "y": result.y.key, "cells": records(result.cells)}
    return {
        "method": result.method,
        "text": result.text,
        "limits": records(result.limits),
        "halves": records(result.halves),
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as a list of rows with null for missing numbers."""
    return [
        {str(name): None if isinstance(value, float) and pd.isna(value) else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
