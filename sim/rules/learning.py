"""B1 and B7: what observers learn from what an ally did.

Beta evidence (Josang & Ismail 2002) with forgetting and with excuses for doubtful coverage, hard times and
vetoes (after LeVeck & Narang 2017); or, as a rival rule, two-type Bayes, where excuses emerge because both types
default in hard cases.
"""

import math

import numpy as np

from sim.parameters import Parameters
from sim.rules.coverage import coverage, duty, share_treaty
from sim.rules.maths import fade, logistic
from sim.rules.registry import rule
from sim.rules.reliability import others_default, overall_exposure
from sim.rules.response import fulfilment, quantal, response_utilities
from sim.world import BETA, CONSULT, NOBODY, Case, World

RIVAL_THREAT = 0.3
"""A threat above this makes a rival."""

TYPE_TILT = 2.0
"""How far reliable and unreliable types lean to and from help, in logits at full help."""

RHETORIC_WEIGHT = 0.1
"""Evidence in words beside that in a full event."""

HALF = 0.5
"""Fulfilment that silence is read as."""


@rule
def set_trust(world: World, observer: int, other: int) -> None:
    """Set trust from the belief behind it: the mean of the Beta, or the chance of the reliable type."""
    if world.belief_rule == BETA:
        total = world.evidence_for[observer, other] + world.evidence_against[observer, other]
        world.trust[observer, other] = world.evidence_for[observer, other] / total
    else:
        world.trust[observer, other] = logistic(world.log_odds[observer, other])


@rule
def forget(world: World, p: Parameters, observer: int) -> None:
    """Let one state's beliefs fade towards their priors: ``n = a + phi (n - a)``, ``phi = 2^(-months / H)``."""
    kept = fade(p.memory_half_life, world.months)
    for_, against = world.evidence_for[observer], world.evidence_against[observer]
    for_ += (1.0 - kept) * (world.prior_for[observer] - for_)
    against += (1.0 - kept) * (world.prior_against[observer] - against)
    if world.belief_rule == BETA:
        world.trust[observer, :] = for_ / (for_ + against)
    else:
        odds = world.log_odds[observer]
        odds += (1.0 - kept) * (world.prior_log_odds[observer] - odds)
        world.trust[observer, :] = 1.0 / (1.0 + np.exp(-odds))
    world.trust[observer, observer] = 0.0


@rule
def similarity(world: World, observer: int, victim: int, aggressor: int) -> float:
    """Return sim: one less the difference in exposure, halved without a shared challenger, 0..1."""
    alike = 1.0 - abs(overall_exposure(world, observer) - overall_exposure(world, victim))
    shared = aggressor != NOBODY and world.threat[observer, aggressor] > RIVAL_THREAT
    return alike if shared else 0.5 * alike


@rule
def salience(world: World, p: Parameters, case: Case, ally: int, observer: int) -> float:
    """Return how much an event counts for an observer: 1 for the victim, else ``sigma sim vis``."""
    if observer == case.victim:
        return 1.0
    inside = share_treaty(world, observer, case.victim) and share_treaty(world, observer, ally)
    visible = 1.0 if inside else 0.5
    return p.observer_weight * similarity(world, observer, case.victim, case.aggressor) * visible


@rule
def weight(world: World, p: Parameters, case: Case, ally: int, observer: int, spoken: bool) -> float:
    """Return w, the evidence in an event: ``kappa sev salience``.

    Less where help was against unrest or only talks were owed; a tenth where nobody called or answered.
    """
    likeness = p.unrest_likeness if case.unrest else 1.0
    asked = p.consultation_weight if duty(world, case, ally) == CONSULT else 1.0
    heard = 1.0 if spoken else p.silence_weight
    return p.evidence_weight * case.severity * salience(world, p, case, ally, observer) * likeness * asked * heard


@rule
def excuse(world: World, p: Parameters, case: Case, ally: int, observer: int, vetoed: bool, refusal: float) -> float:
    """Return epsilon, the share of a shortfall put down to circumstances.

    ``logistic(e0 + e1 (1 - L) + e2 HT + e3 veto - e4 [observer is the victim])``, with coverage as the observer
    reads it; ``refusal`` is e4, or 0 for publics.
    """
    legal = coverage(world, case, ally, observer)
    return logistic(
        p.excuse_base
        + p.excuse_legal * (1.0 - legal)
        + p.excuse_hard_times * others_default(world, ally, case.victim)
        + (p.excuse_veto if vetoed else 0.0)
        - (refusal if observer == case.victim else 0.0)
    )


@rule
def learn(
    world: World, p: Parameters, case: Case, ally: int, observer: int, level: int, vetoed: bool, spoken: bool
) -> None:
    """Update one observer's belief about one ally after an attack or crisis.

    Parameters
    ----------
    level : int
        Level delivered, 0..4; not used in silence.
    vetoed : bool
        Whether an objection held the ally back.
    spoken : bool
        False when nobody called and the ally did nothing on record: weak evidence at y = 0.5.
    """
    w = weight(world, p, case, ally, observer, spoken)
    done = fulfilment(level, duty(world, case, ally)) if spoken else HALF
    if world.belief_rule == BETA:
        excused = excuse(world, p, case, ally, observer, vetoed, p.victim_refusal)
        world.evidence_for[observer, ally] += w * done
        world.evidence_against[observer, ally] += w * (1.0 - done) * (1.0 - excused)
    elif spoken:
        utilities = response_utilities(world, p, case, ally, coverage(world, case, ally, observer))
        reliable = quantal(utilities, p.response_precision, TYPE_TILT)
        unreliable = quantal(utilities, p.response_precision, -TYPE_TILT)
        world.log_odds[observer, ally] += w * math.log(reliable[level] / unreliable[level])
    set_trust(world, observer, ally)


@rule
def hear(world: World, p: Parameters, observer: int, speaker: int, tone: float) -> None:
    """Take words of ``speaker`` as weak evidence about it, for with a kind tone (above 0), else against."""
    w = p.evidence_weight * RHETORIC_WEIGHT * abs(tone)
    take_evidence(world, observer, speaker, w if tone > 0.0 else 0.0, w if tone < 0.0 else 0.0)


@rule
def take_evidence(world: World, observer: int, other: int, favourable: float, adverse: float) -> None:
    """Add evidence for and against to one belief; the two-type rule weighs it by the types' full tilt."""
    world.evidence_for[observer, other] += favourable
    world.evidence_against[observer, other] += adverse
    world.log_odds[observer, other] += TYPE_TILT * (favourable - adverse)
    set_trust(world, observer, other)


@rule
def enter_obligation(world: World, case: Case, ally: int, level: int) -> None:
    """Enter what was owed and done in the ledger, over its oldest row."""
    row = world.ledger_next[0] % world.ledger.shape[0]
    world.ledger[row, 0] = 0.0
    world.ledger[row, 1] = case.victim
    world.ledger[row, 2] = ally
    world.ledger[row, 3] = fulfilment(level, duty(world, case, ally))
    world.ledger_next[0] += 1
