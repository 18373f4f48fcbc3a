"""Plain-language sentences about what moved trust, and what a member expects of its guarantor."""

from typing import TYPE_CHECKING, Final

from sim.analysis.explaining.lessons import ANYHOW, HARD, LEGAL, OBJECTION, TIED, AnswerEvidence, Surprise
from sim.analysis.explaining.names import SENT, call_in_words, day_in_words, month_in_words
from sim.analysis.explaining.replay import Move
from sim.model.events.promise import KEPT_FROM
from sim.output.formatting import percent, possessive, sentence, signed_number
from sim.words import RESPONSES

if TYPE_CHECKING:
    from sim.analysis.explaining.explanation import Chain, Explanation

FIRST: Final = 3
"""Causes that a summary names."""


def move_in_words(chain: "Chain", move: Move, explanation: "Explanation") -> str:
    """Describe a change of trust: its cause, its size then and now, its evidence, and its source."""
    names = explanation.names
    day = day_in_words(names.day(move.name, move.day))
    parts = [f"{day}, {headline(chain, move, explanation)}: {names.happened(move.name)}."]
    if move.lesson is not None:
        parts += [_conduct(chain, move, move.lesson, explanation), *_excused(chain, move.lesson, explanation)]
    if move.surprise is not None:
        parts.append(_surprise(move, move.surprise))
    elif move.lesson is not None:
        parts.append(_evidence(move, move.lesson))
    parts.append(
        f"Trust went from {move.before:.3f} to {move.after:.3f}; without it, trust would be {move.without:.3f} now."
    )
    source = names.sources_of(move.name, chain.trustee)
    return " ".join([*parts, f"Source: {source}."] if source else parts)


def headline(chain: "Chain", move: Move, explanation: "Explanation") -> str:
    """Return a short label for the cause of a change in trust: ``Armenia's unmet call``."""
    lesson, names = move.lesson, explanation.names
    if lesson is None:
        own_attack = f"attack by {names.state(chain.trustee)} itself"
        return {"policy": "act of the guarantor", "attack": own_attack}.get(move.kind, "word or deed")
    if move.kind == "promise":
        return f"promise {'broken' if lesson.done < KEPT_FROM else 'kept'}"
    call = explanation.calls.get(move.name)
    if call is None or not (lesson.spoken or lesson.done):
        return "silence"
    met = lesson.done >= chain.default_below
    if not call.made:
        return "help unasked" if met else "little help, unasked"
    answered = "unmet" if not met else "answered" if lesson.done == 1.0 else "partly answered"
    return f"{possessive(names.state(call.victim))} {answered} call"


def _conduct(chain: "Chain", move: Move, lesson: AnswerEvidence, explanation: "Explanation") -> str:
    """Describe what an ally did, and what share of its duty or promise that was."""
    other = explanation.names.state(chain.trustee)
    if move.kind == "promise":
        return f"{other} delivered {percent(lesson.done)} of it."
    if not lesson.spoken:
        if lesson.done:
            return f"Nobody called; {other} delivered {percent(lesson.done)} of the duty all the same."
        return "Nobody called and nothing was done: weak evidence, half for and half against."
    call = call_in_words(explanation.names, explanation.calls.get(move.name))
    did = f"{other} {SENT[RESPONSES[lesson.level]]}{' (on record)' if lesson.fixed else ''}"
    return f"{call}; {did}, {percent(lesson.done)} of the duty." if call else f"{did}."


def _excused(chain: "Chain", lesson: AnswerEvidence, explanation: "Explanation") -> list[str]:
    """Describe how an observer reads the law, and what it excuses and why, where something fell short."""
    if lesson.shortfall == 0.0:
        return []
    law = f"{explanation.names.state(chain.truster)} read the law as {lesson.legal:.2f} clear"
    if not lesson.excuses:
        return [f"{law}."]
    reasons = {
        LEGAL: "for legal doubt",
        HARD: f"for hard times, others having defaulted in {percent(lesson.hard)} of cases",
        OBJECTION: "for an objection",
        TIED: f"for forces tied down elsewhere, {percent(lesson.overstretch)} of them",
    }
    excused = f"{law} and excused {percent(lesson.excused)} of the shortfall"
    parts = [f"{percent(lesson.excuses[name])} {why}" for name, why in reasons.items() if name in lesson.excuses]
    if not parts:
        return [f"{excused}, as in any case."]
    return [f"{excused}: {'; '.join([f'{percent(lesson.excuses[ANYHOW])} in any case', *parts])}."]


def _surprise(move: Move, step: Surprise) -> str:
    """Describe a step of trust as a surprise: what was expected, what came, and how much a shortfall weighs."""
    lesson = move.lesson
    if lesson is not None:
        what = "of what was promised" if move.kind == "promise" else "of the duty"
        got = f"got {lesson.done:.2f} {what}" + ("" if lesson.shortfall or lesson.done == 1.0 else ", unasked")
        weight = lesson.weight
    else:
        speaks = f"this speaks {'against' if move.adverse else 'for'} it"
        got = "and it attacked an ally" if move.kind == "attack" else speaks
        weight = move.favourable + move.adverse
    weighs = f"; a shortfall weighs {step.loss_weight:.1f} times" if step.loss else ""
    parts = [f"{signed_number(step.gain, 3)} for what came"] if step.gain else []
    parts += [f"{signed_number(step.loss, 3)} for what did not"] if step.loss else []
    held = "" if step.held_at is None else f", held at a trust of {step.held_at:.2f}, where this is no surprise"
    steps = f" In logits: {' and '.join(parts)}{held}." if parts else ""
    return f"Surprise (weight {weight:.2f}): expected {step.expected:.2f}, {got}{weighs}.{steps}"


def _evidence(move: Move, lesson: AnswerEvidence) -> str:
    """Describe evidence as two-type beliefs or Beta beliefs count it."""
    if move.odds and not (move.favourable or move.adverse):
        return f"Evidence (weight {lesson.weight:.2f}): {signed_number(move.odds)} in the log-odds of a reliable ally."
    return f"Evidence (weight {lesson.weight:.2f}): {move.favourable:.2f} for, {move.adverse:.2f} against."


def outlook_in_words(chain: "Chain", explanation: "Explanation") -> str:
    """Describe how trust and the guarantor's present interest make the reliability that a member expects."""
    who, other = explanation.names.state(chain.truster), explanation.names.state(chain.trustee)
    made, expected = chain.outlook, f"{who} expected a reliability of {chain.reliability:.3f}"
    if made is None:
        weight = f"weight of the record {chain.record_weight:.2f}"
        return f"With {possessive(other)} present interest beside the record ({weight}), {expected}."
    if made.interest is None:
        return f"Without a threat, present interest counts for nothing: {expected}."
    held = ""
    if made.interest < 0.0:
        held = f"; {who} lets {made.burdens_held:.2f} of what burdens {other} count against it"
    release = (
        f", and {signed_number(made.release)} for forces that defaults on others kept free" if made.release else ""
    )
    return sentence(
        f"{expected}: trust ({signed_number(made.trust)} in logits) plus {possessive(other)} present interest "
        f"in helping ({signed_number(made.interest)}, with a weight of {made.weight:.2f}{held})"
        f"{release if made.release else ''}."
    )


def causes_in_short(chain: "Chain", explanation: "Explanation") -> str:
    """Summarise in one sentence the level of trust and the events that lowered it most."""
    names = explanation.names
    who, other = names.state(chain.truster), names.state(chain.trustee)
    end = month_in_words(chain.until)
    said = (
        f"{sentence(possessive(who))} trust in {other} was {chain.now:.2f} at the end of {end}, from {chain.start:.2f}."
    )
    lowering = [move for move in chain.moves if chain.effect(move) < 0.0][:FIRST]
    if not lowering:
        return said
    listed = "; ".join(
        f"{headline(chain, move, explanation)} of {day_in_words(names.day(move.name, move.day))} "
        f"({signed_number(chain.effect(move), 3)})"
        for move in lowering
    )
    return f"{said} What lowers it most today: {listed}."
