"""Rendering of explanations as text or HTML, from an ordered list of blocks."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from sim.analysis.explaining.duties import duty_in_words
from sim.analysis.explaining.names import call_in_words, day_in_words, month_in_words
from sim.analysis.explaining.sentences import (
    chance_note,
    chances_in_words,
    choice_in_words,
    course_in_words,
    delivered_in_words,
    flips_in_words,
    force_in_words,
    idle_in_words,
    line_in_words,
    option_name,
    reasons,
    unasked_in_words,
    when,
)
from sim.analysis.explaining.trust_sentences import causes_in_short, move_in_words, outlook_in_words
from sim.analysis.explaining.wording import unit_of
from sim.engine.decisions import Option
from sim.output.formatting import percent, plural, possessive, sentence, signed_number
from sim.scenario.observed import observed_course

if TYPE_CHECKING:
    from sim.analysis.explaining.explanation import Chain, Explained, Explanation

WIDTH: Final = 100
_NARROWEST: Final = 24
MOST_FLIPS: Final = 4
MOST_MOVES: Final = 8
MOST_OBSERVERS: Final = 4
MOST_DUTIES: Final = 3


@dataclass(frozen=True)
class TextBlock:
    """Block of a rendered explanation: a title, a heading, a paragraph, a list item or a table."""

    kind: Literal["title", "head", "text", "item", "table"]
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def text(explanation: "Explanation", width: int | None = None) -> str:
    """Return an explanation as plain text; default: of `WIDTH` columns, unless a table needs more.

    With a width, the first column of a table is folded where it has too little room.
    """
    lines = [line for block in blocks(explanation) for line in _lines(block, width)]
    doubled = (line == "" == before for before, line in pairwise(["", *lines]))
    return "\n".join(line for line, double in zip(lines, doubled, strict=True) if not double)


def html(explanation: "Explanation") -> str:
    """Return an explanation as HTML for notebooks."""
    tags = {"title": "h3", "head": "h4", "text": "p"}
    parts, inside = [], False
    for block in blocks(explanation):
        if inside and block.kind != "item":
            parts.append("</ul>")
        if block.kind == "item":
            parts.append(f"{'' if inside else '<ul>'}<li>{escape(block.text)}</li>")
        elif block.kind == "table":
            parts.append(_table(block.rows))
        else:
            parts.append(f"<{tags[block.kind]}>{escape(block.text)}</{tags[block.kind]}>")
        inside = block.kind == "item"
    return "\n".join([*parts, "</ul>"] if inside else parts)


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in body)
    return f"<table><tr>{cells}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _lines(block: TextBlock, given: int | None) -> Iterator[str]:
    width = given or WIDTH
    if block.kind == "title":
        yield from (*_wrapped(block.text, width), "=" * min(width, len(block.text)))
    elif block.kind == "head":
        yield from ("", *_wrapped(block.text, width), "-" * min(width, len(block.text)))
    elif block.kind == "item":
        yield from _wrapped(block.text, width, "- ", "  ")
    elif block.kind == "table":
        yield ""
        yield from _aligned(block.rows, given)
        yield ""
    else:
        yield from _wrapped(block.text, width)


def _wrapped(said: str, width: int, first: str = "", later: str = "") -> list[str]:
    """Fold a text; a percent sign stays with its number."""
    bound = said.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = textwrap.wrap(bound, width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}%", " %") for line in lines]


def _aligned(rows: Sequence[Sequence[str]], width: int | None) -> Iterator[str]:
    """Yield the lines of a table whose first column is folded where the others leave it too little room."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    if width is not None:
        widths[0] = min(widths[0], max(_NARROWEST, width - 2 - sum(2 + other for other in widths[1:])))
    for row in rows:
        *above, last = _wrapped(row[0], widths[0]) or [""]
        yield from (f"  {line}" for line in above)
        others = (cell.rjust(column) for cell, column in zip(row[1:], widths[1:], strict=True))
        yield "  ".join([f"  {last.ljust(widths[0])}", *others]).rstrip()


def blocks(explanation: "Explanation") -> Iterator[TextBlock]:
    """Yield the blocks of an explanation: summary, decisions, decisions not to act, and trust behind them."""
    names, full = explanation.names, explanation.full()
    months = dict.fromkeys((month_in_words(explanation.first), month_in_words(explanation.last)))
    yield TextBlock("title", f"Why {names.state(explanation.state)} did what it did: {' to '.join(months)}")
    yield TextBlock("text", f"{explanation.title}. {_run(explanation)}")
    yield TextBlock("head", "In short")
    if not full and not explanation.unasked:
        yield TextBlock("item", sentence(f"{names.state(explanation.state)} had nothing to decide in that time."))
    yield from (TextBlock("item", line) for line in pinned_in_words(explanation))
    yield from (TextBlock("item", unasked_in_words(call, explanation.state, names)) for call in explanation.unasked)
    for explained in full:
        did = (
            f"{when(explained, names)}: {choice_in_words(explained, names)} {chance_note(explained, explanation.tick)}."
        )
        yield TextBlock("item", f"{did} {reasons(explained, names)}".strip())
    if explanation.chain is not None:
        yield TextBlock("item", causes_in_short(explanation.chain, explanation))
    for number, explained in enumerate(full, start=1):
        yield from _decision(number, explained, explanation)
    idle = [explained for explained in explanation.decisions if explained.idle]
    if idle:
        yield TextBlock("head", "Left undone")
        yield from (TextBlock("item", line) for line in idle_in_words(idle, names, explanation.tick))
    if explanation.chain is not None:
        yield from _chain(explanation.chain, explanation)
    if explanation.course:
        yield TextBlock("head", "Its course in this run so far")
        yield TextBlock("text", ", ".join(course_in_words(step, names) for step in explanation.course) + ".")
    if explanation.lines:
        yield TextBlock("head", "Its government's line in this run so far")
        yield from (TextBlock("item", line_in_words(line, names)) for line in explanation.lines)


def _run(explanation: "Explanation") -> str:
    title = f" ({explanation.branch_title})" if explanation.branch_title else ""
    of = f" of {explanation.replicates}" if explanation.replicates else ""
    typical = ", the typical one: nearest the median path" if explanation.typical else ""
    return (
        f"Branch {explanation.branch}{title}, replicate {explanation.replicate}{of} (counted from 0){typical}. "
        f"Seed {explanation.seed}."
    )


def pinned_in_words(explanation: "Explanation") -> Iterator[str]:
    """Yield a sentence on the posture that the run takes from the observed course in the explained period, if any."""
    scenario = explanation.names.scenario
    until = scenario.pinned_until
    if until is None or until < explanation.first:
        return
    known = [move for move in observed_course(scenario, explanation.state) if move[0] <= min(until, explanation.last)]
    if known:
        day, posture = known[-1]
        whose = f"{possessive(explanation.names.state(explanation.state))} posture"
        stood = f"it stood at {posture} from {day_in_words(day)}"
        yield f"Until {day_in_words(until)} {whose} is on record, not chosen: {stood}."


def _decision(number: int, explained: "Explained", explanation: "Explanation") -> Iterator[TextBlock]:
    names, decision = explanation.names, explained.decision
    before = "before that, " if explained.earlier else ""
    yield TextBlock("head", f"{number}. {before}{when(explained, names)}: {choice_in_words(explained, names)}")
    if explained.call is not None:
        yield TextBlock("text", f"{names.happened(decision.about)}. {call_in_words(names, explained.call)}.")
    for duty in explained.duties[:MOST_DUTIES]:
        said = duty_in_words(names, duty, explained.call.victim if explained.call else decision.state)
        clearest = decision.kind == "response" and duty.cited
        yield TextBlock("item", f"Goes by {said}" if clearest else said)
    yield from (TextBlock("table", rows=rows) for rows in _tables(explained))
    yield TextBlock("text", chances_in_words(explained))
    if explained.force is not None:
        yield TextBlock("text", force_in_words(explained.force, names))
    if said := delivered_in_words(explained, names):
        yield TextBlock("text", said)
    yield from _turning(explained)
    if explained.learned:
        yield TextBlock("text", "What others learned from the answer:")
        yield from (
            TextBlock("item", _learned(explained, index, explanation))
            for index in range(min(MOST_OBSERVERS, len(explained.learned)))
        )


def _turning(explained: "Explained") -> Iterator[TextBlock]:
    whose = "the rule's choice" if explained.by != "rule" else "the choice"
    flip_lines = {
        parameters: flips_in_words(explained, parameters=parameters)[:MOST_FLIPS] for parameters in (False, True)
    }
    if not flip_lines[False] and not flip_lines[True]:
        yield TextBlock("text", f"No single change of an input within its range would have turned {whose}.")
    for parameters, lines in flip_lines.items():
        if lines:
            which = "parameter of the model" if parameters else "thing in the world"
            yield TextBlock(
                "text", f"What would have turned {whose}, one {which} changed at a time, the nearest first:"
            )
            yield from (TextBlock("item", f"{line}.") for line in lines)


def _learned(explained: "Explained", index: int, explanation: "Explanation") -> str:
    learned = explained.learned[index]
    lesson, move = learned.move.lesson, learned.move
    excused = f", {percent(lesson.excused)} of the shortfall excused" if lesson is not None and lesson.excuses else ""
    weight = "" if lesson is None else f", weight {lesson.weight:.2f}"
    observer = sentence(explanation.names.state(learned.observer))
    return f"{observer}: trust {move.before:.3f} to {move.after:.3f}{excused}{weight}."


def _tables(explained: "Explained") -> Iterator[tuple[tuple[str, ...], ...]]:
    """Yield a table for each group of alternatives with common terms."""
    groups: dict[tuple[str, ...], list[Option]] = {}
    for option in explained.decision.options:
        if option.terms:
            groups.setdefault(tuple(option.terms), []).append(option)
    for terms, options in groups.items():
        words = explained.words[options[-1].name]
        for_last = f"; numbers quoted for {option_name(explained, options[-1])}" if len(options) > 1 else ""
        head = (
            f"weighed in {unit_of(explained.decision.kind)}{for_last}",
            *(option_name(explained, option) for option in options),
        )
        rows = [(words[term], *(signed_number(option.terms[term], 3) for option in options)) for term in terms]
        total = ("sum", *(signed_number(option.utility, 3) for option in options))
        yield (head, *rows, total)


def _chain(chain: "Chain", explanation: "Explanation") -> Iterator[TextBlock]:
    names = explanation.names
    who, other = names.state(chain.truster), names.state(chain.trustee)
    yield TextBlock("head", f"What moved {possessive(who)} trust in {other}")
    yield TextBlock(
        "text",
        f"Trust was {chain.start:.3f} at the start and {chain.now:.3f} at the end of {month_in_words(chain.until)}. "
        f"{outlook_in_words(chain, explanation)}",
    )
    for move in chain.interest_moves:
        dated = [names.happened(event) for event in move.events if event in names.scenario.events]
        series = ["figures of the year"] if len(dated) < len(move.events) else []
        causes = "; ".join([*dated, *series]) or "no dated event"
        yield TextBlock(
            "item",
            f"{possessive(other)} interest in helping moved by {signed_number(move.after - move.before)} logits in "
            f"{month_in_words(move.day)}, when this happened: {causes}.",
        )
    if chain.moves:
        yield TextBlock("text", "What moved trust; what still matters most comes first:")
    yield from (TextBlock("item", move_in_words(chain, move, explanation)) for move in chain.moves[:MOST_MOVES])
    rest = chain.moves[MOST_MOVES:]
    if rest:
        total = sum(abs(chain.effect(move)) for move in rest)
        yield TextBlock("item", f"{plural(len(rest), 'further move')}, {total:.3f} together.")
