"""The story of a case: question, promise, call, answer, change and what happened, made from its fields."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sim.evidence.cases.coding import HORIZON, Document, Names
from sim.evidence.cases.fields import Raw
from sim.evidence.cases.reading import GUARANTOR, MEMBER, YEARS, AllianceCase, CaseOutcome, CaseStory
from sim.evidence.cases.rungs import LIBRARY_RUNGS
from sim.output.formatting import in_sentence, possessive, sentence

MAIN: Final = "as-happened"
KEPT, BROKEN, SPARED = "all-given", "nothing-given", "key-event-spared"
"""Branches in which the guarantor gives all that it owed, gives nothing, or does not attack a fellow member."""

_ENOUGH: Final = 0.5
"""Share of what was owed from which the change is that nothing is given."""

_OWED: Final = (
    (0.0, "owed nothing"), (0.35, "hardly owed help"), (0.65, "owed help in part"), (0.95, "largely owed help"),
)  # fmt: skip
_GIVEN: Final = ((0.0, "nothing"), (0.35, "little"), (0.65, "about half of it"), (0.95, "most of it"))


_STOOD: Final = dict(
    zip(
        LIBRARY_RUNGS,
        ("was loyal", "criticised its ally in public", "took part less", "had turned to other patrons too",
         "had frozen its part", "had left", "had joined a rival alliance"),
        strict=True,
    )
)  # fmt: skip


def promised_in(raw: Raw) -> str:
    """Return the promise of a case's treaty in the words of the file."""
    text = raw["treaty_obligations"]["defence"]["text"]
    return str(text)


def branches_of(case: AllianceCase, names: Names, events: Mapping[str, Document]) -> dict[str, Document]:
    """Return the branches of a case's scenario: as it happened, and with the guarantor's act at the key event changed.

    A case whose key event asks nothing of the guarantor has none.
    """
    guarantor = sentence(in_text(names.states[GUARANTOR]))
    enough = case.key.given >= _ENOUGH
    if "key-answer" in events or "given" in events.get("key", {}):
        name, title = (BROKEN, "gives nothing") if enough else (KEPT, "gives all that it owed")
        share = 0.0 if enough else 1.0
        change = {"key-answer": {"delivered": share}} if "key-answer" in events else {"key": {"given": share}}
        changed: Document = {"title": f"{guarantor} {title}", "events": change}
    elif "key" in events:
        name, changed = SPARED, {"title": f"{guarantor} does not attack", "drop": ["key"]}
    else:
        return {}
    return {MAIN: {"title": "As it happened"}, name: changed}


def told(
    case: AllianceCase,
    story: CaseStory,
    outcome: CaseOutcome | None,
    names: Names,
    branches: Mapping[str, Document],
    promised: str,
) -> Document:
    """Return the table of a case's story, without the parts for which the case has no fields.

    Parameters
    ----------
    case, story, outcome
        The case, its names and notes, and what the member did.
    names : Names
    branches : mapping
        From `branches_of`.
    promised : str
        From `promised_in`; empty if it is not known.
    """
    member, guarantor = (in_text(names.states[role]) for role in (MEMBER, GUARANTOR))
    sources = "; ".join(story.sources)
    table: Document = {"question": _question(member, guarantor, branches)}
    if promised:
        source = "; ".join(filter(None, (story.instrument, sources)))
        words = promised[0].lower() + promised[1:] if promised.startswith("No") else promised
        quoted = f"“{words}”" if ": " in words else words
        text = f"{sentence(possessive(guarantor))} promise to {member}: {quoted}."
        table["promise"] = {"text": text, "source": source}
    if story.asked:
        table["call"] = {"text": f"{names.day(case.key):%B %Y}: {story.asked}.", "source": sources}
    if branches and SPARED not in branches:
        owed, given = _in_words(case.key.owed, _OWED, "fully owed help"), _in_words(case.key.given, _GIVEN, "all of it")
        judged = f"judgement of the library: owed {case.key.owed:g}, given {case.key.given:g}, on a scale from 0 to 1"
        table["answer"] = {"text": f"{sentence(guarantor)} {owed}, and gave {given}.", "source": judged}
    elif not branches and story.asked:
        text = f"This asked no help of {guarantor}, so there is no answer to judge."
        table["answer"] = {"text": text, "source": "judgement of the library: nothing was owed"}
    for name in branches:
        if name != MAIN:
            table["change"] = _change(name, member, guarantor, names)
    happened = _happened(member, story, outcome, names) if outcome is not None else ""
    if happened:
        table["happened"] = {"text": happened, "source": sources}
    return table


def in_text(name: str) -> str:
    """Return a state's name for use in a sentence, without additions in brackets or after a comma.

    Examples
    --------
    >>> in_text("Soviet Union (Russia from Dec 1991)"), in_text("France, Britain"), in_text("Ivory Coast")
    ('the Soviet Union', 'France', 'Ivory Coast')
    """
    return in_sentence(re.split(r" \(|,|;", name, maxsplit=1)[0])


def _question(member: str, guarantor: str, branches: Mapping[str, Any]) -> str:
    if KEPT in branches:
        return f"Would {member} have stayed closer if {guarantor} had given all it owed?"
    if BROKEN in branches:
        return f"Would {member} have left if {guarantor} had given nothing?"
    if SPARED in branches:
        return f"Would {member} have stayed closer if {guarantor} had not attacked an ally?"
    return f"Does {member} stay with {guarantor} when nothing new is owed?"


def _change(name: str, member: str, guarantor: str, names: Names) -> Document:
    five = names.last(HORIZON)
    texts = {
        KEPT: f"Suppose {guarantor} gives all that it owed.",
        BROKEN: f"Suppose {guarantor} gives nothing.",
        SPARED: f"Suppose {guarantor} does not attack.",
    }
    return {
        "text": texts[name],
        "branch": name,
        "metric": f"{names.codes[MEMBER]}.posture@{five:%Y-%m} >= freeze",
        "counted": f"{sentence(member)} has frozen its part or left by {five:%B %Y}",
    }


def _in_words(share: float, scale: tuple[tuple[float, str], ...], most: str) -> str:
    return next((words for upto, words in scale if share <= upto), most)


def _happened(member: str, story: CaseStory, outcome: CaseOutcome, names: Names) -> str:
    """Return where the member stood at the last coded anniversary, and its first step after the key event."""
    coded = [(years, rung) for years, rung in outcome.by_years.items() if rung is not None]
    stood = ""
    if coded:
        years, rung = coded[-1]
        stood = f"In {names.last(12 * years):%B %Y} {member} {_STOOD[LIBRARY_RUNGS[rung]]}"
    last = max(YEARS) * 12
    steps = [
        f"The case file notes the first step, in {step.month // 12}: {note}"
        for (step, _), note in zip(outcome.steps, story.steps, strict=True)
        if 0 <= step.month - outcome.key.month <= last and note and not note.startswith(LIBRARY_RUNGS[0])
    ]
    return ". ".join(filter(None, [stood, *steps[:1]])) + "." if stood or steps else ""
