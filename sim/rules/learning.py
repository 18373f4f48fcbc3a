"""B1 and B7: what observers learn from what an ally did.

Beta evidence (Josang & Ismail 2002) with forgetting and with excuses for doubtful coverage, hard times and
vetoes (after LeVeck & Narang 2017); or, as a rival rule, two-type Bayes, where excuses emerge because both types
default in hard cases.
"""

import math

from sim.parameters import Parameters
from sim.rules.coverage import coverage, duty, share_treaty
from sim.rules.maths import logistic, logit
from sim.rules.registry import rule
from sim.rules.reliability import others_default
from sim.rules.response import fulfilment, quantal, response_utilities
from sim.rules.threats import similarity
from sim.world import BETA, CONSULT, Case, Floats, World

TYPE_TILT = 2.0
"""How far reliable and unreliable types lean to and from help, in logits at full help."""

RHETORIC_WEIGHT = 0.1
"""Evidence in words beside that in a full event."""

HALF = 0.5
"""Fulfilment that silence is read as."""


@rule
def begin_beliefs(world: World, p: Parameters, trust: Floats, confidence: Floats, observer: int) -> None:
    """Set one state's beliefs at the start of a run: ``a = r n``, ``b = (1 - r) n``.

    Parameters
    ----------
    trust, confidence : array
        r and n where the scenario gives them (N, N); r0 and n0 where they are NaN.
    """
    for other in range(world.capability.shape[0]):
        given, behind = trust[observer, other], confidence[observer, other]
        r = p.initial_trust if math.isnan(given) else given
        n = p.initial_confidence if math.isnan(behind) else behind
        world.prior_for[observer, other] = world.evidence_for[observer, other] = r * n
        world.prior_against[observer, other] = world.evidence_against[observer, other] = (1.0 - r) * n
        world.prior_log_odds[observer, other] = world.log_odds[observer, other] = logit(r)
        world.trust[observer, other] = r
    world.trust[observer, observer] = 0.0
    for treaty in range(world.in_force.shape[0]):
        world.reliability[observer, treaty] = world.trust[observer, world.guarantor[treaty]]


@rule
def set_trust(world: World, observer: int, other: int) -> None:
    """Set trust from the belief behind it: the mean of the Beta, or the chance of the reliable type."""
    if world.belief_rule == BETA:
        total = world.evidence_for[observer, other] + world.evidence_against[observer, other]
        world.trust[observer, other] = world.evidence_for[observer, other] / total
    else:
        world.trust[observer, other] = logistic(world.log_odds[observer, other])


@rule
def forget(world: World, kept: float, observer: int) -> None:
    """Let one state's beliefs fade towards their priors: ``n = a + phi (n - a)``, phi the share ``kept``."""
    lost = 1.0 - kept
    for other in range(world.capability.shape[0]):
        if world.belief_rule == BETA:
            more = world.prior_for[observer, other] - world.evidence_for[observer, other]
            less = world.prior_against[observer, other] - world.evidence_against[observer, other]
            if more != 0.0 or less != 0.0:
                world.evidence_for[observer, other] += lost * more
                world.evidence_against[observer, other] += lost * less
                set_trust(world, observer, other)
        else:
            odds = world.prior_log_odds[observer, other] - world.log_odds[observer, other]
            if odds != 0.0:
                world.log_odds[observer, other] += lost * odds
                set_trust(world, observer, other)


@rule
def salience(world: World, p: Parameters, case: Case, ally: int, observer: int, alike: float) -> float:
    """Return how much an event counts for an observer: 1 for the victim, else ``sigma sim vis``.

    Parameters
    ----------
    alike : float
        sim, the likeness of the observer's situation and the victim's (`sim.rules.threats.similarity`).
    """
    if observer == case.victim:
        return 1.0
    inside = share_treaty(world, observer, case.victim) and share_treaty(world, observer, ally)
    visible = 1.0 if inside else 0.5
    return p.observer_weight * alike * visible


@rule
def substance(world: World, p: Parameters, case: Case, ally: int, spoken: bool) -> float:
    """Return how much an event says about defence, 0..1.

    Less where help was against unrest or only talks were owed; a tenth where nobody called or answered.
    """
    likeness = p.unrest_likeness if case.unrest else 1.0
    asked = p.consultation_weight if duty(world, case, ally) == CONSULT else 1.0
    heard = 1.0 if spoken else p.silence_weight
    return likeness * asked * heard


@rule
def weight(world: World, p: Parameters, case: Case, ally: int, observer: int, spoken: bool, alike: float) -> float:
    """Return w, the evidence in an event: ``kappa sev salience`` times its `substance`."""
    scale = salience(world, p, case, ally, observer, alike)
    return p.evidence_weight * case.severity * scale * substance(world, p, case, ally, spoken)


@rule
def excuse(p: Parameters, legal: float, hard: float, vetoed: bool, refusal: float) -> float:
    """Return epsilon, the share of a shortfall put down to circumstances.

    ``logistic(e0 + e1 (1 - L) + e2 HT + e3 veto - e4 [observer is the victim])``

    Parameters
    ----------
    legal : float
        L, coverage as the observer reads it.
    hard : float
        HT, the share of others' obligations to others that were defaults (`sim.rules.reliability.others_default`).
    vetoed : bool
        Whether an objection held the ally back.
    refusal : float
        e4 where the observer is the victim, 0 for everybody else and for publics.
    """
    return logistic(
        p.excuse_base
        + p.excuse_legal * (1.0 - legal)
        + p.excuse_hard_times * hard
        + (p.excuse_veto if vetoed else 0.0)
        - refusal
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
    legal = coverage(world, case, ally, observer)
    hard = others_default(world, ally, case.victim)
    alike = similarity(world, observer, case.victim, case.aggressor)
    update_belief(world, p, case, ally, observer, level, vetoed, spoken, legal, hard, alike)


@rule
def update_belief(
    world: World,
    p: Parameters,
    case: Case,
    ally: int,
    observer: int,
    level: int,
    vetoed: bool,
    spoken: bool,
    legal: float,
    hard: float,
    alike: float,
) -> None:
    """Do what `learn` does, with coverage L, hard times HT and likeness sim at hand."""
    w = weight(world, p, case, ally, observer, spoken, alike)
    if world.belief_rule == BETA:
        done = fulfilment(level, duty(world, case, ally)) if spoken else HALF
        excused = excuse(p, legal, hard, vetoed, p.victim_refusal if observer == case.victim else 0.0)
        world.evidence_for[observer, ally] += w * done
        world.evidence_against[observer, ally] += w * (1.0 - done) * (1.0 - excused)
    elif spoken:
        utilities = response_utilities(world, p, case, ally, legal)
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
