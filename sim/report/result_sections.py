"""Sections of a report from other packages: the difference over time, and the explanation of a state's decisions."""

from collections.abc import Iterable
from functools import partial
from itertools import groupby
from typing import Any, Final

from sim.analysis.explaining import render
from sim.analysis.explaining.explain import explain
from sim.errors import InputError
from sim.output.subjects import quoted
from sim.plots.difference import difference
from sim.report.blocks import Block, Figure, Listing, Text
from sim.report.question import ReportQuestion

_SHORT: Final = ("In short", "What moved")


def difference_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the figure of the difference between the two branches over time; empty for a single branch."""
    if question.b is None:
        return ()
    made = question.result.comparison(question.a, question.b, question.metrics[:1])
    first, second = (quoted(question.result, branch) for branch in (question.a, question.b))
    return (
        Figure("difference", f"Difference from {first} to {second}, by date, pair by pair.", partial(difference, made)),
    )


def why(question: ReportQuestion) -> tuple[Block, ...]:
    """Return the explanation of the member's decisions in a typical run of each branch; empty without a member."""
    if question.member is None:
        return ()
    month = f"{question.by or question.result.days[-1]:%Y-%m}"
    blocks: list[Block] = []
    for branch in question.branches:
        try:
            told = explain(question.result, question.member, month, branch=branch)
        except InputError as error:
            blocks.append(Text(f"{quoted(question.result, branch)} is not explained: {error}."))
        else:
            blocks += _shortened(render.blocks(told))
    return tuple(blocks)


def _shortened(told: Iterable[Any]) -> list[Block]:
    """Return the first part of an explanation, its summary, and what moved trust."""
    blocks: list[Block] = []
    wanted = True
    for kind, group in groupby(told, key=lambda block: str(block.kind)):
        parts = list(group)
        if kind == "head":
            wanted = parts[-1].text.startswith(_SHORT)
        if not wanted or parts[-1].text == _SHORT[0]:
            continue
        if kind == "item":
            blocks.append(Listing(tuple(part.text for part in parts)))
        else:
            blocks += [Text(part.text, strong=kind in {"title", "head"}) for part in parts]
    return blocks
