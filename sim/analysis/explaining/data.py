"""Explanations as plain data for JSON."""

from typing import TYPE_CHECKING, Any

from sim.analysis.explaining.lessons import AnswerEvidence
from sim.analysis.explaining.names import BranchNames
from sim.analysis.explaining.replay import Move
from sim.analysis.explaining.wording import unit_of
from sim.engine.decisions import Decision, Option
from sim.words import RESPONSES

if TYPE_CHECKING:
    from sim.analysis.explaining.explanation import Chain, Explained, Explanation


def as_data(explanation: "Explanation") -> dict[str, Any]:
    """Return an explanation as JSON-compatible data; dates are ISO text, unknown values None."""
    return {
        "source": explanation.source,
        "scenario": explanation.title,
        "branch": explanation.branch,
        "seed": explanation.seed,
        "replicate": explanation.replicate,
        "typical": explanation.typical,
        "state": explanation.state,
        "from": explanation.first.isoformat(),
        "to": explanation.last.isoformat(),
        "decisions": [_explained(explained, explanation.names) for explained in explanation.decisions],
        "unasked": [{"event": call.event, "victim": call.victim} for call in explanation.unasked],
        "course": [
            {"date": step.date.isoformat(), "kind": step.kind, "about": step.about, "choice": step.choice,
             "by": step.by, "chance": step.chance}
            for step in explanation.course
        ],
        "government": [{**vars(line), "date": line.date.isoformat()} for line in explanation.lines],
        "trust": None if explanation.chain is None else _chain(explanation.chain, explanation.names),
    }  # fmt: skip


def _explained(explained: "Explained", names: BranchNames) -> dict[str, Any]:
    decision, runner_up = explained.decision, explained.runner_up
    return {
        "date": names.day(decision.about, decision.date).isoformat(),
        "kind": decision.kind,
        "about": decision.about,
        "choice": decision.choice,
        "chance": decision.chance,
        "unlikely": explained.unlikely,
        "by": explained.by,
        "earlier": explained.earlier,
        "step": explained.steps,
        **({"stopped": True} if decision.stopped else {}),
        "force": None if explained.force is None else dict(vars(explained.force)),
        "jump": None if explained.jump is None else dict(vars(explained.jump)),
        "rule_choice": explained.rule_choice,
        "draw": decision.number,
        "unit": unit_of(decision.kind),
        "options": [_option(option, explained.words[option.name]) for option in decision.options],
        "runner_up": None if runner_up is None else runner_up.name,
        "flips": [
            {"input": flip.key, "words": flip.words, "unit": flip.unit, "now": flip.now, "at": flip.at,
             "change": flip.change, "choice": flip.choice}
            for flip in explained.flips
        ],
        "duties": [dict(vars(duty)) for duty in explained.duties],
        "call": None if explained.call is None else {"made": explained.call.made, "article": explained.call.article},
        "delivered": None if explained.answer is None else RESPONSES[explained.answer.level],
        "vetoed": None if explained.answer is None else explained.answer.vetoed,
        "objections": [_objection(objection) for objection in explained.objections],
        "learned": [{"observer": learned.observer, **_move(learned.move)} for learned in explained.learned],
    }  # fmt: skip


def _option(option: Option, words: dict[str, str]) -> dict[str, Any]:
    terms = {name: {"value": value, "words": words[name]} for name, value in option.terms.items()}
    return {"name": option.name, "utility": option.utility, "chance": option.chance, "terms": terms}


def _objection(decision: Decision) -> dict[str, Any]:
    return {"state": decision.state, "from_level": decision.choice, "draw": decision.number}


def _move(move: Move) -> dict[str, Any]:
    return {
        "date": move.day.isoformat(),
        "kind": move.kind,
        "event": move.name,
        "before": move.before,
        "after": move.after,
        "evidence_for": move.favourable,
        "evidence_against": move.adverse,
        "log_odds": move.odds,
        "surprise": None if move.surprise is None else dict(vars(move.surprise)),
        "lesson": None if move.lesson is None else _lesson(move.lesson),
    }


def _lesson(lesson: AnswerEvidence) -> dict[str, Any]:
    return {**vars(lesson), "level": RESPONSES[lesson.level],
            "offered": None if lesson.offered < 0 else RESPONSES[lesson.offered]}  # fmt: skip


def _chain(chain: "Chain", names: BranchNames) -> dict[str, Any]:
    return {
        "of": chain.truster,
        "in": chain.trustee,
        "start": chain.start,
        "now": chain.now,
        "until": chain.until.isoformat(),
        "reliability": chain.reliability,
        "record_weight": chain.record_weight,
        "outlook": None if chain.outlook is None else dict(vars(chain.outlook)),
        "interest": [
            {"date": move.day.isoformat(), "before": move.before, "after": move.after, "events": list(move.events)}
            for move in chain.interest_moves
        ],
        "moves": [
            {
                **_move(move),
                "date": names.day(move.name, move.day).isoformat(),
                "without": move.without,
                "effect": chain.effect(move),
                "source": names.sources_of(move.name, chain.trustee),
            }
            for move in chain.moves
        ],
    }
