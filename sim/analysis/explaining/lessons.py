"""Lessons: what an observer makes of an ally's conduct, what it excuses and why, and how far it was surprised."""

from dataclasses import dataclass
from math import isclose
from typing import TYPE_CHECKING, Final

from sim.model.parameters import Parameters
from sim.model.world import TYPES, World
from sim.rules.coverage import coverage, is_promise
from sim.rules.learning import evidence_as_seen_by, excuse, salience
from sim.rules.ledger import others_default_rate
from sim.rules.maths import logit
from sim.rules.surprise import fixed_point, surprise
from sim.rules.threats import similarity

if TYPE_CHECKING:
    from sim.engine.crisis import Answer, CrisisOutcome

ANYHOW: Final = "in any case"
"""Name of the share of a shortfall that is excused without any reason."""

LEGAL: Final = "legal doubt"
HARD: Final = "hard times"
OBJECTION: Final = "objection"
TIED: Final = "forces tied down"


@dataclass(frozen=True)
class AnswerEvidence:
    """Evidence that an observer draws from an ally's response or from a promise.

    Attributes
    ----------
    level : int
        Level delivered, 0..4.
    done : float
        y, the share of the duty that was fulfilled.
    spoken, vetoed, fixed : bool
        Whether anybody called or answered, an objection held the ally back, the record fixed the answer.
    offered : int
        Level offered and not delivered, -1 if none.
    weight : float
        w, the evidence in the event.
    shortfall : float
        Share of that evidence that speaks against the ally, before excuses; 0 where nothing fell short.
    legal, hard, overstretch : float
        L in the observer's eyes, hard times, and the share of the ally's forces that is tied down elsewhere.
    excused : float
        Share of the shortfall that is excused; 0 where nothing is.
    excuses : dict of float
        The parts of that share by reason, of the reasons that acted.
    """

    level: int
    done: float
    spoken: bool
    vetoed: bool
    fixed: bool
    offered: int
    weight: float
    shortfall: float
    legal: float
    hard: float
    overstretch: float
    excused: float
    excuses: dict[str, float]


@dataclass(frozen=True)
class Surprise:
    """Step of trust by the rule of surprise, in logits.

    Attributes
    ----------
    expected : float
        Trust before, the share of the duty that was expected.
    loss_weight : float
        How many times more a shortfall weighs than help.
    gain, loss : float
        What help adds and what the shortfall takes, 0 or less.
    held_at : float, optional
        Trust at which the step ended because the same conduct would not surprise any more.
    """

    expected: float
    loss_weight: float
    gain: float
    loss: float
    held_at: float | None


def lesson_of(world: World, p: Parameters, outcome: "CrisisOutcome", answer: "Answer", observer: int) -> AnswerEvidence:
    """Compute the evidence in a response, as `sim.rules.learning` does."""
    case, ally, asked = outcome.case, answer.ally, outcome.call.made
    said = evidence_as_seen_by(world, p, case, ally, observer, answer.level, answer.done, answer.vetoed, asked)
    likeness = similarity(world, p, observer, case.victim, case.aggressor)
    legal, hard = float(coverage(world, case, ally, observer)), float(others_default_rate(world, ally, case.victim))
    overstretch, shortfall = float(world.overstretch[ally]), float(said.adverse)
    as_victim = observer == case.victim and world.belief_rule != TYPES
    excuses: dict[str, float] = {}
    if shortfall > 0.0 and (world.belief_rule != TYPES or is_promise(case)):
        refusal = p.victim_refusal if as_victim else 0.0
        excuses = excuses_of(p, 1.0 - legal, hard, answer.vetoed, refusal, overstretch)
    return AnswerEvidence(
        level=answer.level,
        done=float(answer.done),
        spoken=answer.spoken,
        vetoed=answer.vetoed,
        fixed=answer.fixed,
        offered=answer.offered,
        weight=float(p.evidence_weight * said.event_weight * salience(world, p, case.victim, ally, observer, likeness)),
        shortfall=shortfall,
        legal=legal,
        hard=hard,
        overstretch=overstretch,
        excused=float(said.refused if as_victim else said.excused) if excuses else 0.0,
        excuses=excuses,
    )


def excuses_of(
    p: Parameters, doubt: float, hard: float, vetoed: bool, refusal: float, overstretch: float
) -> dict[str, float]:
    """Return the share of a shortfall that a government excuses, by reason, of the reasons that acted.

    What is excused beyond the share without a reason is divided in proportion to what each reason adds in logits.
    Arguments are those of `sim.rules.learning.excuse`.
    """
    pulls = {
        LEGAL: p.excuse_legal * doubt,
        HARD: p.excuse_hard_times * hard,
        OBJECTION: p.excuse_veto if vetoed else 0.0,
        TIED: p.excuse_overstretch * overstretch,
    }
    anyhow = excuse(p, 0.0, 0.0, False, refusal, 0.0)
    beyond = excuse(p, doubt, hard, vetoed, refusal, overstretch) - anyhow
    pull = sum(pulls.values())
    return {ANYHOW: float(anyhow)} | {name: float(beyond * part / pull) for name, part in pulls.items() if part > 0.0}


def surprise_of(trust: float, favourable: float, adverse: float, loss_weight: float) -> Surprise:
    """Return the step that evidence for and against made at a given trust, in its parts."""
    gain, loss = favourable * (1.0 - trust), -loss_weight * adverse * trust
    step = surprise(logit(trust), favourable, loss_weight * adverse)
    held = not isclose(step, gain + loss, rel_tol=1e-9, abs_tol=1e-12)
    return Surprise(trust, loss_weight, gain, loss, fixed_point(favourable, loss_weight * adverse) if held else None)
