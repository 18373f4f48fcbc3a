"""Sections of a report from other packages: the difference over time, and the explanation of a state's decisions."""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Any, Final

from sim.analysis.explaining import render
from sim.analysis.explaining.explain import explain
from sim.analysis.explaining.explanation import Explained, Explanation
from sim.analysis.explaining.sentences import chance_note, choice_in_words, when
from sim.analysis.explaining.trust_sentences import causes_in_short
from sim.errors import InputError
from sim.output.subjects import quoted
from sim.plots.difference import difference
from sim.report.blocks import Block, Figure, Listing, Text
from sim.report.provenance import figure_source
from sim.report.question import ReportQuestion
from sim.report.wording import plain

MOST_DECISIONS: Final = 2
MOST_TERMS: Final = 3
"""Decisions that the first pages tell of, and reasons of each."""

_THRESHOLD: Final = "threshold"
"""The term that the reasons of a decision are measured against; it is none of them."""

_COLON: Final = re.compile(r": (.+)$")
_SHORT: Final = ("In short", "What moved")


def difference_figure(question: ReportQuestion) -> tuple[Figure, ...]:
    """Return the figure of the difference between the two branches over time.

    It is empty for a single branch, and for a metric that is not recorded by date.
    """
    if question.b is None:
        return ()
    made = question.result.comparison(question.a, question.b, question.metrics[:1])
    if made.unrecorded:
        return ()
    first, second = (quoted(question.result, branch) for branch in (question.a, question.b))
    caption = f"Difference from {first} to {second}, by date, pair by pair."
    return (Figure("difference", caption, partial(difference, made), figure_source(question.result)),)


def explained(question: ReportQuestion) -> dict[str, Explanation | str]:
    """Return the explanation of the member's decisions in a typical run of each branch, or why there is none.

    It reaches up to the month of the question; without a member there is none.
    """
    explanations: dict[str, Explanation | str] = {}
    if question.member is None:
        return explanations
    month = f"{question.by or question.result.days[-1]:%Y-%m}"
    for branch in question.branches:
        try:
            explanations[branch] = explain(question.result, question.member, month, branch=branch)
        except InputError as error:
            explanations[branch] = f"{quoted(question.result, branch)} is not explained: {error}."
    return explanations


def why(explanation: Explanation | str) -> tuple[Block, ...]:
    """Return an explanation of a member's decisions, without what the lists of events say."""
    return (Text(explanation),) if isinstance(explanation, str) else tuple(_shortened(render.blocks(explanation)))


def in_short(explanation: Explanation | str) -> Iterator[str]:
    """Yield the reasons of the member in a few sentences: its last decisions with what weighed most, and its trust."""
    if isinstance(explanation, str):
        return
    names = explanation.names
    for choice in explanation.full()[-MOST_DECISIONS:]:
        did = f"{when(choice, names)}: {choice_in_words(choice, names)} {chance_note(choice, explanation.tick)}."
        yield plain(f"{did} {_weighed(choice)}".strip())
    if explanation.chain is not None:
        yield plain(causes_in_short(explanation.chain, explanation))


def _weighed(choice: Explained) -> str:
    """Return the heaviest reasons for and against a decision, without their sizes; empty where nothing was weighed."""
    weighed = [option for option in choice.decision.options if option.terms]
    if not weighed:
        return ""
    chosen = [option for option in weighed if option.name == choice.decision.chosen]
    main = chosen[0] if chosen and choice.decision.kind != "posture" else weighed[0]
    reasons = [term for term in main.terms.items() if term[0] != _THRESHOLD]
    strongest = sorted(reasons, key=lambda term: -abs(term[1]))[:MOST_TERMS]
    sides = {
        "Reasons to move away" if choice.decision.kind == "posture" else "For it": [
            n for n, size in strongest if size > 0
        ],
        "Reasons to stay" if choice.decision.kind == "posture" else "Against it": [
            n for n, size in strongest if size < 0
        ],
    }
    words = {name: _COLON.sub(r" (\1)", choice.words[main.name][name]) for name, _ in strongest}
    return " ".join(f"{side}: {'; '.join(words[name] for name in names)}." for side, names in sides.items() if names)


def _shortened(rendered: Iterable[Any]) -> list[Block]:
    """Return the first part of an explanation, its summary, and what moved trust."""
    blocks: list[Block] = []
    wanted = True
    for kind, group in groupby(rendered, key=lambda block: str(block.kind)):
        parts = list(group)
        if kind == "head":
            wanted = parts[-1].text.startswith(_SHORT)
        if not wanted or parts[-1].text == _SHORT[0]:
            continue
        if kind == "item":
            blocks.append(Listing(tuple(plain(part.text) for part in parts)))
        else:
            blocks += [Text(plain(part.text), strong=kind in {"title", "head"}) for part in parts]
    return blocks
