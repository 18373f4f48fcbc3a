"""Contrasts: one branch against any number of others, or against a branch of another result."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import InputError
from sim.output.comparing import Difference, check_pair, reach_of
from sim.output.formatting import plural
from sim.output.result import ResultData
from sim.output.staging import replacing, staged
from sim.output.store import COMPARISONS
from sim.output.tables import write_csv
from sim.scenario.expressions import parse_metric


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Differences of several branches from one, by metric.

    Attributes
    ----------
    result : ResultData
        The result that has the baseline.
    baseline : str
        The branch that the others are compared with.
    others : dict
        The differences of each other branch by metric; a branch of another result has the name of that before it.
    other : ResultData or None
        The other result, if the comparison is with one.
    paired : bool
        Whether runs are compared one by one, on equal random numbers.
    """

    result: ResultData
    baseline: str
    others: dict[str, dict[str, Difference]]
    other: ResultData | None = None
    paired: bool = True

    def table(self) -> pd.DataFrame:
        """Return the differences as a table, one row for each metric and branch.

        Columns ``metric``, ``from``, ``branch``, ``value`` (of the branch), ``baseline`` (value of the branch it is
        compared with), ``difference``, ``low``, ``high``, ``pairs``, ``worse``, ``better``, ``note``.
        """
        metrics = next(iter(self.others.values()))
        rows = []
        for metric in metrics:
            for branch, differences in self.others.items():
                difference = differences[metric]
                rows.append(
                    {
                        "metric": metric, "from": self.baseline, "branch": branch,
                        "value": difference["to"], "baseline": difference["from"],
                        "difference": difference["difference"], "low": difference["low"], "high": difference["high"],
                        "pairs": difference.pairs, "worse": difference.worse, "better": difference.better,
                        "note": difference.note,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    def report(self) -> dict[str, Any]:
        """Return the content of ``compare --json`` for several branches or two results."""
        return {"from": self.baseline, "paired": self.paired, "to": self.others}

    def in_words(self) -> str:
        """Return a sentence on how the runs were compared."""
        if self.other is None:
            return f"{plural(self.result.replicates, 'pair')} of runs on equal random numbers."
        runs = f"{self.result.replicates} and {self.other.replicates} runs"
        if self.paired:
            pairs = min(self.result.replicates, self.other.replicates)
            runs = f"{plural(pairs, 'pair')} of runs on equal random numbers"
            return f"Both results have seed {self.result.seed}: {runs}."
        return f"{runs} on random numbers of their own, compared as two samples."


def contrast(result: ResultData, baseline: str, others: Sequence[str], metrics: Sequence[str]) -> Contrasts:
    """Compare any number of branches of a result with one, run by run.

    Parameters
    ----------
    result : ResultData
        A result.
    baseline : str
        The branch that the others are compared with.
    others : sequence of str
        Branches.
    metrics : sequence of str
        Metric expressions.

    Raises
    ------
    InputError
        If the result has no such branch, or one is given twice.

    Examples
    --------
    >>> contrast(result, "as-happened", ["help", "no-help"], ["ARM.trust[RUS]@end"]).table()  # doctest: +SKIP
    """
    for branch in others:
        check_pair(result, baseline, branch)
    named = [baseline, *others]
    twice = next((branch for branch in named if named.count(branch) > 1), None)
    if twice is not None:
        raise InputError(f"branch '{twice}' is given twice; give each branch once")
    return Contrasts(
        result,
        baseline,
        {branch: {metric: result.compare(baseline, branch, metric) for metric in metrics} for branch in others},
    )


def contrast_results(
    first: ResultData, a: str, second: ResultData, b: str, metrics: Sequence[str], name: str = ""
) -> Contrasts:
    """Compare a branch of one result with a branch of another.

    The runs are paired if both results have the same seed and parameters from the same source, and else two samples.

    Parameters
    ----------
    first, second : ResultData
        Two results, of equal or different scenarios.
    a, b : str
        A branch of each.
    metrics : sequence of str
        Metric expressions that both results can answer.
    name : str
        What the second result is called; default: its name.

    Raises
    ------
    InputError
        If a result lacks a branch or a metric.

    Examples
    --------
    >>> contrast_results(before, "as-happened", after, "as-happened", ["ARM.trust[RUS]@end"]).table()  # doctest: +SKIP
    """
    check_pair(first, a, a)
    check_pair(second, b, b)
    paired = first.seed == second.seed and _source(first) == _source(second)
    differences = {}
    for metric in metrics:
        before, after = first.values(a, metric), second.values(b, metric)
        if paired:
            count = min(before.size, after.size)
            before, after = before[:count], after[:count]
        days = (min(first.days[0], second.days[0]), max(first.days[-1], second.days[-1]))
        reach = reach_of(parse_metric(metric), days)
        differences[metric] = Difference(metric, before, after, reach=reach, certain=False, paired=paired)
    return Contrasts(first, a, {f"{name or second.name}: {b}": differences}, second, paired)


def _source(result: ResultData) -> str | None:
    return None if result.posterior is None else str(result.posterior["digest"])


def save_contrasts(contrasts: Contrasts, folder: Path, *, fresh: bool, draw: Any = None) -> Path:
    """Write the table of several comparisons, and their figure, and return the folder.

    Parameters
    ----------
    contrasts : Contrasts
        What was compared.
    folder : Path
        Where it goes.
    fresh : bool
        Whether the folder must be new or empty; else it is written over.
    draw : callable, optional
        Draws into the folder it is given.
    """
    with staged(folder) if fresh else replacing(folder) as hidden:
        write_csv(contrasts.table(), hidden / "comparison.csv")
        if draw is not None:
            draw(contrasts, hidden)
    return folder


def default_folder(contrasts: Contrasts) -> Path:
    """Return where a comparison of several branches lies in its result's folder.

    Raises
    ------
    InputError
        If the result is not stored.
    """
    if contrasts.result.folder is None:
        raise InputError("the result is not stored; give a folder to write")
    other = contrasts.other.folder if contrasts.other is not None else None
    end = "several" if other is None else other.name
    return contrasts.result.folder / COMPARISONS / f"{contrasts.baseline}-to-{end}"
