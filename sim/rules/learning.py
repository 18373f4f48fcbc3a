"""B1 and B7: what observers learn from an ally's conduct.

By the default rule, trust moves by surprise (`sim.rules.surprise`). Two rival rules are Beta evidence (Josang & Ismail
2002), and two-type Bayes, where excuses emerge because both types default in hard cases. Under the first two, doubtful
coverage, hard times, vetoes and forces tied down elsewhere excuse (after LeVeck & Narang 2017).
"""

import math
from typing import NamedTuple

from sim.model.parameters import Parameters
from sim.model.world import BETA, CONSULT, SURPRISE, TYPES, Case, Floats, World
from sim.rules.beliefs import trust_in
from sim.rules.coverage import coverage, duty, duty_strength, is_promise, share_treaty
from sim.rules.ledger import others_default_rate
from sim.rules.maths import logistic, logit
from sim.rules.registry import rule
from sim.rules.response import quantal, response_utilities
from sim.rules.surprise import learn_by_surprise
from sim.words import NONE


class Evidence(NamedTuple):
    """Evidence from an ally's conduct in a case, for observers with one perceived location.

    Attributes
    ----------
    ally, victim : int
    event_weight : float
        Weight of the case as evidence: severity times `defence_relevance`, less where less was owed.
    favourable, adverse : float
        Shares of the evidence for and against the ally, 0..1, before excuses.
    unmet : float
        Share of the duty that was left undone, 0..1, whether or not the victim called for help.
    excused, refused, public_excused : float
        Share of the adverse evidence attributed to circumstances, 0..1: by the governments of other observers, by the
        victim's, and by publics.
    log_ratio : float
        Log-likelihood ratio of the conduct, reliable against unreliable ally (two-type rule).
    """

    ally: int
    victim: int
    event_weight: float
    favourable: float
    adverse: float
    unmet: float
    excused: float
    refused: float
    public_excused: float
    log_ratio: float


@rule
def begin_beliefs(world: World, p: Parameters, trust: Floats, confidence: Floats, observer: int) -> None:
    """Set one state's beliefs at the start of a run, ``a = r n`` and ``b = (1 - r) n``, and its reliability.

    Parameters
    ----------
    trust, confidence : array
        r and n where the scenario gives them (N, N); r0 and n0 where they are NaN.
    """
    for other in range(world.capability.shape[0]):
        given, behind = trust[observer, other], confidence[observer, other]
        r = p.initial_trust if math.isnan(given) else given
        n = p.initial_confidence if math.isnan(behind) else behind
        world.prior_for[observer, other] = r * n
        world.prior_against[observer, other] = (1.0 - r) * n
        world.prior_log_odds[observer, other] = logit(r)
    for treaty in range(world.in_force.shape[0]):
        world.reliability[observer, treaty] = trust_in(world, observer, world.guarantor[treaty])


@rule
def decay_beliefs(world: World, retained: float) -> None:
    """Let all evidence learnt so far decay to the share ``retained`` (phi), so that beliefs return to their priors.

    Evidence is stored in units of the start of the run, so that forgetting changes a single number.
    """
    world.memory_retained[0] *= retained


@rule
def salience(world: World, p: Parameters, victim: int, ally: int, observer: int, likeness: float) -> float:
    """Return the salience of an event for an observer, 0..1: 1 for the victim, else ``sigma sim vis``.

    Parameters
    ----------
    likeness : float
        sim, the similarity of the observer's situation to the victim's (`sim.rules.threats.similarity`).
    """
    if observer == victim:
        return 1.0
    inside = share_treaty(world, observer, victim) and share_treaty(world, observer, ally)
    visible = 1.0 if inside else p.outsider_visibility
    return p.observer_weight * likeness * visible


@rule
def defence_relevance(world: World, p: Parameters, case: Case, ally: int) -> float:
    """Return the relevance of a case to mutual defence, 0..1: lower for unrest, or where only talks were owed.

    A promise counts in full.
    """
    if is_promise(case):
        return 1.0
    likeness = p.unrest_likeness if case.unrest else 1.0
    return likeness * (p.consultation_weight if duty(world, case, ally) == CONSULT else 1.0)


@rule
def case_weight(p: Parameters, severity: float, owed: float) -> float:
    """Return the weight of a case by what was at stake and owed, 0..1: ``sev owed^b``; 0 where nothing was owed."""
    if owed == 1.0:
        return severity
    return float(severity * owed**p.duty_weight) if owed > 0.0 else 0.0


@rule
def excuse(p: Parameters, doubt: float, hard: float, vetoed: bool, refusal: float, overstretch: float) -> float:
    """Return epsilon, the share of a shortfall that a government attributes to circumstances, 0..1.

    ``logistic(e0 + e1 (1 - L) + e2 HT + e3 veto + e5 O - e4 [observer is the victim])``

    Parameters
    ----------
    doubt : float
        1 - L, legal doubt: L is the coverage as the observer reads it.
    hard : float
        HT, hard times: the default rate of other allies towards other victims (`sim.rules.ledger.others_default_rate`).
    vetoed : bool
        Whether an objection held the ally back.
    refusal : float
        e4 where the observer is the victim, 0 for everybody else and for publics.
    overstretch : float
        O, the share of the ally's forces that is visibly tied down elsewhere, 0..1.
    """
    return logistic(
        p.excuse_base
        + p.excuse_legal * doubt
        + p.excuse_hard_times * hard
        + (p.excuse_veto if vetoed else 0.0)
        + p.excuse_overstretch * overstretch
        - refusal
    )


@rule
def public_excuse(p: Parameters, legal: float, hard: float, vetoed: bool) -> float:
    """Return epsilon of publics, 0..1: they make less of legal doubts, and nothing of forces tied down elsewhere.

    ``logistic(e0 + e1 l_B (1 - L) + e2 HT + e3 veto)``
    """
    return excuse(p, p.public_legal_excuse * (1.0 - legal), hard, vetoed, 0.0, 0.0)


@rule
def shares_of_evidence(world: World, p: Parameters, done: float, asked: bool) -> tuple[float, float]:
    """Return the shares of evidence for and against an ally that fulfilled the share ``done`` of its duty.

    After a call for help, the shares are y and 1 - y. Without a call, an ally cannot default: its help counts in its
    favour, and the rest counts as silence: weak evidence at y = 0.5, and none by the rule of surprise.
    """
    if asked:
        return done, 1.0 - done
    if world.belief_rule == SURPRISE:
        return done, 0.0
    favourable = p.silence_weight * p.silence_fulfilment
    return max(done, favourable), p.silence_weight * (1.0 - p.silence_fulfilment)


@rule
def evidence_of_answer(
    world: World,
    p: Parameters,
    case: Case,
    ally: int,
    level: int,
    done: float,
    vetoed: bool,
    asked: bool,
    legal: float,
    hard: float,
) -> Evidence:
    """Return the evidence from an ally's conduct for observers that read coverage L as ``legal``; HT is ``hard``.

    Parameters
    ----------
    level : int
        Level delivered, 0..4.
    done : float
        y, the share of the duty delivered, 0..1 (`sim.rules.response.share_delivered`).
    vetoed : bool
        Whether an objection held the ally back.
    asked : bool
        Whether the victim called for help.
    """
    favourable, adverse = shares_of_evidence(world, p, done, asked)
    overstretch = world.overstretch[ally]
    excused = excuse(p, 1.0 - legal, hard, vetoed, 0.0, overstretch)
    log_ratio = 0.0
    if is_promise(case):
        log_ratio = p.type_tilt * (favourable - adverse * (1.0 - excused))
    elif world.belief_rule == TYPES and (asked or level > NONE):
        utilities = response_utilities(world, p, case, ally, legal)
        reliable = quantal(utilities, p.response_precision, p.type_tilt)
        unreliable = quantal(utilities, p.response_precision, -p.type_tilt)
        log_ratio = math.log(reliable[level] / unreliable[level])
        if not asked:
            log_ratio = max(0.0, log_ratio)
    return Evidence(
        ally,
        case.victim,
        case_weight(p, case.severity, duty_strength(world, case, ally)) * defence_relevance(world, p, case, ally),
        favourable,
        adverse,
        1.0 - done,
        excused,
        excuse(p, 1.0 - legal, hard, vetoed, p.victim_refusal, overstretch),
        public_excuse(p, legal, hard, vetoed),
        log_ratio,
    )


@rule
def evidence_as_seen_by(
    world: World,
    p: Parameters,
    case: Case,
    ally: int,
    observer: int,
    level: int,
    done: float,
    vetoed: bool,
    asked: bool,
) -> Evidence:
    """Return the evidence from an ally's conduct as a given observer perceives the case."""
    legal = coverage(world, case, ally, observer)
    return evidence_of_answer(
        world, p, case, ally, level, done, vetoed, asked, legal, others_default_rate(world, ally, case.victim)
    )


@rule
def evidence_of_attack(case: Case) -> Evidence:
    """Return the evidence from a guarantor's own attack on a member: full, against it, and without an excuse."""
    return Evidence(case.aggressor, case.victim, case.severity, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)


@rule
def update_belief(world: World, p: Parameters, said: Evidence, observer: int, likeness: float) -> None:
    """Update one observer's belief about an ally: evidence ``w = kappa sev salience``, split for and against."""
    w = p.evidence_weight * said.event_weight * salience(world, p, said.victim, said.ally, observer, likeness)
    if world.belief_rule != TYPES:
        excused = said.refused if observer == said.victim else said.excused
        add_evidence(world, p, observer, said.ally, w * said.favourable, w * said.adverse * (1.0 - excused))
    else:
        world.learnt_log_odds[observer, said.ally] += w * said.log_ratio / world.memory_retained[0]


@rule
def learn_from_words(world: World, p: Parameters, observer: int, speaker: int, tone: float) -> None:
    """Count a speaker's words as weak evidence about it: in its favour if the tone is above 0, else against."""
    w = p.evidence_weight * p.rhetoric_weight * abs(tone)
    add_evidence(world, p, observer, speaker, w if tone > 0.0 else 0.0, w if tone < 0.0 else 0.0)


@rule
def add_evidence(world: World, p: Parameters, observer: int, other: int, favourable: float, adverse: float) -> None:
    """Add evidence for and against to one belief, by the scenario's rule; two-type Bayes weights it by its tilt."""
    if world.belief_rule == BETA:
        world.learnt_for[observer, other] += favourable / world.memory_retained[0]
        world.learnt_against[observer, other] += adverse / world.memory_retained[0]
    elif world.belief_rule == SURPRISE:
        learn_by_surprise(world, p, observer, other, favourable, adverse)
    else:
        world.learnt_log_odds[observer, other] += p.type_tilt * (favourable - adverse) / world.memory_retained[0]
