"""What other rooms add to a report where they are there: the difference over time, and why a state did it."""

from collections.abc import Iterable
from importlib import import_module
from itertools import groupby
from typing import Any, Final

from sim.errors import InputError
from sim.plots.labels import quoted
from sim.report.blocks import Block, Figure, Listing, Text
from sim.report.question import Question

TELLING: Final = "sim.analysis.explaining.telling"
"""Where explanations are told block by block: title, text, head, item or table."""

_SHORT: Final = ("In short", "What moved")


def difference_figure(question: Question) -> tuple[Figure, ...]:
    """Return the figure of the difference between both branches over time, if results can compare themselves so."""
    compare = getattr(question.result, "comparison", None)
    if compare is None or question.b is None:
        return ()
    made = compare(question.a, question.b, question.metrics[:1])
    first, second = (quoted(question.result, branch) for branch in (question.a, question.b))
    return (Figure("difference", f"Difference from {first} to {second}, by date, pair by pair.", made.plot),)


def why(question: Question) -> tuple[Block, ...]:
    """Return why the member did it in a typical run of each branch, if results can explain themselves."""
    explain = getattr(question.result, "explain", None)
    if explain is None or question.member is None:
        return ()
    tell = import_module(TELLING).blocks
    month = f"{question.by or question.result.days[-1]:%Y-%m}"
    blocks: list[Block] = []
    for branch in question.branches:
        try:
            told = explain(question.member, month, branch=branch)
        except InputError as error:
            blocks.append(Text(f"{quoted(question.result, branch)} is not explained: {error}."))
        else:
            blocks += _shortened(tell(told))
    return tuple(blocks)


def _shortened(told: Iterable[Any]) -> list[Block]:
    """Return the opening of an explanation, its summary, and what moved trust."""
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
