"""The answer of a report in three sentences: the metric in each branch, the difference, and what would change it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.output.formatting import about, amount, amounts, plural, points, shown
from sim.output.likelihood import words
from sim.output.result import ResultData
from sim.output.stated import Stated, stated
from sim.output.subjects import quoted
from sim.report.differences import ReportedDifference, difference
from sim.report.fits import counted, origin
from sim.report.question import ReportQuestion
from sim.report.wording import clause, noun
from sim.scenario.expressions import Compare, parse_metric

FEW: Final = 30
"""Runs below which a sentence says that they are few."""

_FAR: Final = 10_000_000


@dataclass(frozen=True)
class End:
    """The value of a metric in one branch.

    Attributes
    ----------
    branch : str
        The branch.
    stated : Stated
        The value, its interval or range, and the runs that have one.
    """

    branch: str
    stated: Stated


def end_of(result: ResultData, branch: str, metric: str) -> End:
    """Return the value of a metric in one branch."""
    return End(branch, stated(result.values(branch, metric), parse_metric(metric)))


@dataclass(frozen=True)
class ReportAnswer:
    """The answer of a report.

    Attributes
    ----------
    sentences : tuple of str
        How it stands, what differs and how surely, what would change it.
    ends : tuple of End
        The metric in each branch asked about.
    difference : ReportedDifference or None
        The difference between the two branches; None if there is only one.
    changes : tuple of str
        The parts of the last sentence.
    """

    sentences: tuple[str, str, str]
    ends: tuple[End, ...]
    difference: ReportedDifference | None
    changes: tuple[str, ...]


def answer(question: ReportQuestion) -> ReportAnswer:
    """Answer a question in three sentences.

    Parameters
    ----------
    question : ReportQuestion
        The question; the answer is about its first metric.
    """
    result, metric = question.result, question.metrics[0]
    ends = tuple(end_of(result, branch, metric) for branch in question.branches)
    contrast = None if question.b is None else difference(result, question.a, question.b, metric)
    changes = _changing(question, contrast)
    last = f"What would change this: {'; '.join(changes)}."
    return ReportAnswer(
        (_standing(question, ends), _differing(question, ends, contrast), last), ends, contrast, changes
    )


def _standing(question: ReportQuestion, ends: Sequence[End]) -> str:
    """Return a sentence with the value of the metric in each branch, the compared branch first."""
    result, metric = question.result, question.headline
    sides = list(reversed(ends))
    if isinstance(metric, Compare):
        claim = clause(result, metric)
        said = [words(end.stated.low, end.stated.high) for end in sides]
        shown = [f"{end.stated.value}, 90 % interval {end.stated.spread}" for end in sides]
        if len(sides) == 1:
            return f"In the model it is {said[0]} that {claim}{question.under(sides[0].branch)} ({shown[0]})."
        second, first = (quoted(result, end.branch) for end in sides)
        if said[0] == said[1]:
            return (
                f"In the model it is {said[0]} that {claim}, both under {second} ({shown[0]}) and under {first} "
                f"({shown[1]})."
            )
        return (
            f"In the model it is {said[0]} that {claim} under {second} ({shown[0]}), and {said[1]} under {first} "
            f"({shown[1]})."
        )
    parts = [f"{_figure(end)}{question.under(end.branch)}" for end in sides]
    return f"In the model, {noun(result, metric)} {', and '.join(parts)}."


def _figure(end: End) -> str:
    statement = end.stated
    if statement.known == 0:
        return "comes in no run" if statement.kind == "date" else "has no value in any run"
    some = (
        f"the {statement.known} of {statement.runs} runs that have one"
        if statement.known < statement.runs
        else f"{statement.runs} runs"
    )
    return f"is {statement.value} (median of {some}, nine in ten of them from {statement.spread})"


def _differing(question: ReportQuestion, ends: Sequence[End], contrast: ReportedDifference | None) -> str:
    """Return a sentence with the difference, its interval, and whether chance alone could explain it."""
    result = question.result
    if contrast is None:
        what = "The scenario has no branches" if question.alone else "This result holds one branch"
        return f"{what}: nothing is compared with its {plural(ends[0].stated.runs, 'run')}{_few(ends[0].stated.runs)}."
    second, first = (quoted(result, branch) for branch in (question.b or "", question.a))
    pairs = f"{contrast.pairs} pair{'s' * (contrast.pairs != 1)} of runs that share their random draws"
    if contrast.value is None or contrast.pairs == 0:
        return f"No pair of runs has a value under both {second} and {first}, so no difference can be given."
    if contrast.alike:
        return f"{_alike(contrast)}{_few(contrast.pairs)}."
    change = _change(contrast)
    low, high = contrast.low or 0.0, contrast.high or 0.0
    spread = f"90 % interval {amounts(low, high, contrast.kind)}"
    if contrast.tells:
        doubt = "which is more than chance alone would make"
    else:
        doubt = "which may be chance: these runs do not tell the two branches apart"
    return f"From {first} to {second} that is {change} ({spread}, over {pairs}), {doubt}{_few(contrast.pairs)}."


def _alike(contrast: ReportedDifference) -> str:
    pairs = "the one pair" if contrast.pairs == 1 else f"all {contrast.pairs} pairs"
    same = f"In {pairs} of runs that share their random draws the two branches "
    same += "end the same" if contrast.value == 0 else f"differ by {amount(contrast.value or 0.0, contrast.kind)}"
    if contrast.low is None or contrast.high is None:
        return same
    if contrast.low == contrast.high:
        return f"{same}, as nothing parts them before"
    if contrast.value == 0:
        room = math.ceil(100 * contrast.high)
        return f"{same}. A difference of up to {points(room / 100)} either way is still possible (90 % interval)"
    return f"{same}, which leaves a 90 % interval of {amounts(contrast.low, contrast.high, contrast.kind)}"


def _change(contrast: ReportedDifference) -> str:
    value = contrast.value or 0.0
    if contrast.kind == "chance":
        if value == 0:
            return "no change in all"
        return f"{points(value)} {'more' if value > 0 else 'less'}"
    if contrast.kind == "date":
        months = shown(abs(value), 1).removesuffix(".0")
        return f"{months} month{'s' * (months != '1')} {'later' if value > 0 else 'earlier'}, where both have a date"
    return f"{amount(abs(value), contrast.kind).removeprefix('+')} {'more' if value > 0 else 'less'} on average"


def _few(runs: int) -> str:
    return (
        f"; {runs} run{'s are' if runs != 1 else ' is'} few, and another seed can say otherwise" if runs < FEW else ""
    )


def _changing(question: ReportQuestion, contrast: ReportedDifference | None) -> tuple[str, ...]:
    """Return the things that would change the answer: more runs, another branch, or other inputs."""
    parts = [more for more in (_more_runs(contrast), _other_branch(question)) if more]
    parts.append(f"other values of the parameters (here, {parameters_in_words(question)})")
    parts.append(
        "other judgements of how grave attacks are, how close states are and whom they fear (the intervals cover "
        f"{counted(question.result)}, and not these)"
    )
    return tuple(parts)


def parameters_in_words(question: ReportQuestion) -> str:
    """Return a phrase on the origin of the parameters."""
    result = question.result
    given = set(result.scenario.parameters)
    for branch in question.branches:
        if branch in result.scenario.branches:
            given |= set(result.scenario.branches[branch].parameters)
    rest = origin(result)
    if not given:
        return f"all parameters {rest}"
    return f"{len(given)} parameter{'s' * (len(given) != 1)} set by the scenario and the others {rest}"


def _more_runs(contrast: ReportedDifference | None) -> str:
    """Return a phrase on the number of pairs needed to distinguish the difference from zero."""
    if (
        contrast is None
        or contrast.tells
        or contrast.alike
        or not contrast.value
        or contrast.low is None
        or contrast.high is None
    ):
        return ""
    needed = contrast.pairs * ((contrast.high - contrast.low) / 2 / abs(contrast.value)) ** 2
    if needed > _FAR:
        return "more runs: no number at hand would tell a difference of this size from none"
    return f"more runs: about {about(needed)} pairs would tell a difference of this size from none"


def _other_branch(question: ReportQuestion) -> str:
    """Return a phrase on the branch, outside the question, with the largest effect on the metric."""
    result, metric = question.result, question.metrics[0]
    others = [branch for branch in result.branches if branch not in question.branches]
    if not others:
        return ""
    means = {branch: _mean(result.values(branch, metric)) for branch in (question.a, *others)}
    apart = {branch: abs(means[branch] - means[question.a]) for branch in others}
    known = [branch for branch in others if not np.isnan(apart[branch])]
    if not known or max(apart[branch] for branch in known) == 0:
        return f"no other branch: all end as {quoted(result, question.a)} does"
    furthest = max(known, key=lambda branch: apart[branch])
    end = end_of(result, furthest, metric).stated
    return (
        f"another branch: {quoted(result, furthest)} is furthest from {quoted(result, question.a)} "
        f"({', '.join(filter(None, (end.value, end.spread)))})"
    )


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
