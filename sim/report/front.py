"""The first two pages of a report, after the answer: why, how sure it is, and what would change it."""

import textwrap
from collections.abc import Mapping
from typing import Final

from sim.analysis.explaining.explanation import Explanation
from sim.output.formatting import sentence
from sim.output.subjects import quoted
from sim.report.answer import FEW, ReportAnswer
from sim.report.blocks import Block, Listing, Text
from sim.report.changes import HAPPENS, Change, differences
from sim.report.fits import counted, is_tested, not_tested
from sim.report.question import ReportQuestion
from sim.report.result_sections import in_short
from sim.report.scorecard import verdict

MOST_CHANGES: Final = 4
LONGEST: Final = 400
"""Differences between the branches that the first pages name, and characters of each and of each reason."""


def why_in_short(question: ReportQuestion, explanations: Mapping[str, Explanation | str]) -> tuple[Block, ...]:
    """Return the differences between the branches, and the member's reasons in a typical run of each."""
    return (*_varied(question), *_reasons(question, explanations))


def _varied(question: ReportQuestion) -> tuple[Block, ...]:
    if question.b is None:
        return ()
    changed = differences(question.result, question.a, question.b)
    if not changed:
        return (Text("Nothing differs between the two branches: they are the same runs."),)
    first, second = (quoted(question.result, branch) for branch in question.branches)
    items = [_in_words(change) for change in changed[:MOST_CHANGES]]
    more = len(changed) - len(items)
    if more:
        items.append(f"and {more} more, listed below")
    return (
        Text(f"What differs under {second}, compared with {first}:"),
        Listing(tuple(_cut(item) for item in items)),
    )


def _in_words(change: Change) -> str:
    """Return a difference between two branches as a phrase: an event that comes or goes, or new values for old ones."""
    what = change.what.rpartition(" (")[0] or change.what
    (key, before, after), *_ = change.fields
    if not key and HAPPENS in (before, after):
        return f"{what}: {after}"
    return f"{what}: {'; '.join(f'{key} {new} in place of {old}'.strip() for key, old, new in change.fields)}"


def _reasons(question: ReportQuestion, explanations: Mapping[str, Explanation | str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for branch, explanation in explanations.items():
        reasons = tuple(in_short(explanation))
        if reasons:
            blocks.append(Text(f"In a typical run{question.under(branch)}:"))
            blocks.append(Listing(tuple(_cut(reason) for reason in reasons)))
    return tuple(blocks)


def how_sure(question: ReportQuestion) -> tuple[Block, ...]:
    """Return how far the answer can be trusted: its intervals, the test of the model on this alliance, and the runs."""
    return (Listing((intervals(question), tested(question), *few(question))),)


def intervals(question: ReportQuestion) -> str:
    """Return the sources of doubt that the intervals of a report count, and those that they do not."""
    return (
        f"The 90 % intervals cover {counted(question.result)}. They do not cover errors in the coded data or in the "
        "model itself, which may be larger."
    )


def tested(question: ReportQuestion) -> str:
    """Return whether the model was tested on this alliance, and with what outcome."""
    return verdict() if is_tested(question.result) else not_tested(question.result)


def few(question: ReportQuestion) -> tuple[str, ...]:
    """Return a warning of few runs, if they are."""
    runs = question.result.replicates
    if runs >= FEW:
        return ()
    return (f"{runs} run{'s are' if runs != 1 else ' is'} few: read the intervals, not the values.",)


def what_would_change_it(answered: ReportAnswer) -> tuple[Block, ...]:
    """Return the section on the things that would change the answer."""
    return (Listing(tuple(f"{sentence(part)}." for part in answered.changes)),)


def _cut(text: str) -> str:
    return textwrap.shorten(text, LONGEST, placeholder=" \N{HORIZONTAL ELLIPSIS}")
