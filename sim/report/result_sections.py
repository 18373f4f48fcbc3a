"""Sections of a report from other packages: the difference over time, and the explanation of a state's decisions."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import Any, Final

from sim.analysis.explaining import render
from sim.analysis.explaining.explain import explain
from sim.analysis.explaining.explanation import Explanation
from sim.errors import InputError
from sim.output.subjects import quoted
from sim.plots.difference import difference
from sim.report.blocks import Block, Figure, Listing, Text
from sim.report.provenance import figure_source
from sim.report.question import ReportQuestion

_SHORT: Final = ("In short", "What moved")


def difference_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the figure of the difference between the two branches over time; empty for a single branch."""
    if question.b is None:
        return ()
    made = question.result.comparison(question.a, question.b, question.metrics[:1])
    first, second = (quoted(question.result, branch) for branch in (question.a, question.b))
    caption = f"Difference from {first} to {second}, by date, pair by pair."
    return (Figure("difference", caption, partial(difference, made), figure_source(question.result)),)


def explained(question: ReportQuestion) -> dict[str, Explanation | str]:
    """Return the explanation of the member's decisions in a typical run of each branch, or why there is none.

    It reaches up to the month of the question; without a member there is none.
    """
    told: dict[str, Explanation | str] = {}
    if question.member is None:
        return told
    month = f"{question.by or question.result.days[-1]:%Y-%m}"
    for branch in question.branches:
        try:
            told[branch] = explain(question.result, question.member, month, branch=branch)
        except InputError as error:
            told[branch] = f"{quoted(question.result, branch)} is not explained: {error}."
    return told


def why(told: Mapping[str, Explanation | str]) -> tuple[Block, ...]:
    """Return the explanations of a member's decisions, without what the events lists say."""
    blocks: list[Block] = []
    for each in told.values():
        blocks += [Text(each)] if isinstance(each, str) else _shortened(render.blocks(each))
    return tuple(blocks)


def in_short(told: Explanation | str) -> Iterator[str]:
    """Yield the reasons of the member that an explanation gives in short."""
    inside = False
    for block in () if isinstance(told, str) else render.blocks(told):
        if block.kind == "head":
            inside = block.text == _SHORT[0]
        elif inside and block.kind == "item":
            yield block.text


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
