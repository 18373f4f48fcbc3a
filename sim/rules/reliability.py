"""B1, last line, and B7: reliability, what a state expects of an ally from its record and its present interest.

``logit rho = logit r + w (max(I, 0) + c min(I, 0) + release)``, the additive outlook (default): r is the trust that the
record has left, and I the ally's present interest: the logit of its chance by B2 of materiel or more, less that of an
even-handed ally with no more than ordinary burdens. So ties to the rival and overstretch both count (violation follows
changes in interest and power since signature; Leeds 2003). c, 1 at first, falls where the ally helps in spite of a
burden, ``c <- c (1 - eta sev y)``, and returns to 1 with the half-life of evidence.

``logit rho = omega logit r + (1 - omega) logit P``, the weighed outlook, makes record and interest share one weight.
"""

import math

from sim.model.parameters import Parameters
from sim.model.world import NOBODY, WEIGHED, Case, World
from sim.rules.beliefs import trust_logit
from sim.rules.coverage import coverage, duty
from sim.rules.ledger import own_default_rate
from sim.rules.maths import clip_logit, logistic, logit, total
from sim.rules.registry import rule
from sim.rules.response import (
    LEVELS,
    Circumstances,
    ally_stake,
    circumstances,
    fulfilment,
    level_terms,
    ordinary_circumstances,
    quantal,
    response_chances,
    utilities_of,
)
from sim.rules.threats import worst_rival
from sim.words import FULFILMENT, MATERIEL

NOW, ORDINARY = range(2)
"""Whose terms: the guarantor's as it is, and as its prior stands for."""


@rule
def exposure(world: World, state: int, guarantor: int) -> float:
    """Return Threat, the largest threat to ``state`` from any state but its guarantor, 0..1."""
    rival = worst_rival(world, state, guarantor)
    return 0.0 if rival == NOBODY else float(world.threat[state, rival])


@rule
def read_circumstances(world: World, p: Parameters, member: int, treaty: int) -> None:
    """Update all but the stake in the guarantor's utility of helping a member against the worst present threat.

    These terms change with power, burdens, threats, ties and membership. If none changes, the interest stays valid.
    """
    guarantor = world.guarantor[treaty]
    rival = worst_rival(world, member, guarantor)
    if rival == NOBODY:
        world.interest[member, treaty] = math.nan
        return
    case = Case(member, rival, NOBODY, 1.0, False, False, False, math.nan)
    legal, owed = coverage(world, case, guarantor, guarantor), duty(world, case, guarantor)
    weighed = circumstances(world, p, case, guarantor)
    changed = enter_terms(world, p, case, treaty, NOW, weighed, legal, owed)
    weighed = ordinary_circumstances(world, p, case, guarantor, weighed)
    changed = enter_terms(world, p, case, treaty, ORDINARY, weighed, legal, owed) or changed
    if changed or math.isnan(world.interest[member, treaty]):
        world.interest[member, treaty], world.interest_stake[member, treaty] = 0.0, math.nan


@rule
def enter_terms(
    world: World,
    p: Parameters,
    case: Case,
    treaty: int,
    which: int,
    weighed: Circumstances,
    legal: float,
    owed: int,
) -> bool:
    """Set, for each level of help, a guarantor's gain at a stake of 1 and the sum of its other terms, in logits.

    Returns
    -------
    bool
        Whether any value changed.
    """
    guarantor = world.guarantor[treaty]
    changed = False
    for level in range(LEVELS):
        done = legal * fulfilment(level, owed)
        terms = level_terms(world, p, weighed, 1.0, guarantor, level, done)
        worth = p.response_precision * terms.stakes
        rest = p.response_precision * total(terms[1:])
        changed = (
            changed
            or worth != world.interest_gain[case.victim, treaty, which, level]
            or rest != world.interest_cost[case.victim, treaty, which, level]
        )
        world.interest_gain[case.victim, treaty, which, level] = worth
        world.interest_cost[case.victim, treaty, which, level] = rest
    return changed


@rule
def real_help(world: World, member: int, treaty: int, which: int, stakes: float) -> float:
    """Return the log-odds that the guarantor sends materiel or more at a given stake (after `read_circumstances`)."""
    gain, cost = world.interest_gain[member, treaty, which], world.interest_cost[member, treaty, which]
    chances = quantal(
        (
            stakes * gain[0] + cost[0],
            stakes * gain[1] + cost[1],
            stakes * gain[2] + cost[2],
            stakes * gain[3] + cost[3],
            stakes * gain[4] + cost[4],
        ),
        1.0,
        0.0,
    )
    return logit(chances[3] + chances[4])


@rule
def update_interest(world: World, p: Parameters, member: int, treaty: int) -> None:
    """Update the guarantor's interest: logit P of real help against the worst present threat, less its usual value.

    The usual value is that of an even-handed guarantor with ordinary burdens. NaN without a threat.
    """
    if math.isnan(world.interest[member, treaty]):
        return
    stakes = ally_stake(world, p, world.guarantor[treaty], member)
    if stakes == world.interest_stake[member, treaty]:
        return
    world.interest_stake[member, treaty] = stakes
    now = real_help(world, member, treaty, NOW, stakes)
    world.interest[member, treaty] = now - real_help(world, member, treaty, ORDINARY, stakes)


@rule
def interest_felt(interest: float, held: float) -> float:
    """Return an ally's interest as an observer counts it, ``max(I, 0) + c min(I, 0)``, in logits.

    Parameters
    ----------
    held : float
        c, the share of the ally's burdens that the observer still holds against it, 0..1.
    """
    return max(interest, 0.0) + held * min(interest, 0.0)


@rule
def unlearn_burden(world: World, p: Parameters, member: int, treaty: int, weight: float, done: float) -> None:
    """Hold a guarantor's burdens less against it after it helped in spite of them: ``c <- c (1 - eta sev y)``.

    Nothing changes where the guarantor's interest spoke for help (I >= 0) or where there is no threat.

    Parameters
    ----------
    weight : float
        Severity of the case times its salience for the member, 0..1.
    done : float
        y, the share of the duty that was fulfilled, 0..1.
    """
    if not world.interest[member, treaty] < 0.0:
        return
    held = (1.0 - world.burden_unlearnt[member, treaty]) * (1.0 - p.burden_unlearning * weight * done)
    world.burden_unlearnt[member, treaty] = 1.0 - held


@rule
def update_reliability(world: World, p: Parameters, member: int, treaty: int) -> None:
    """Update rho, reliability: the real help that a member expects of its guarantor, from record and interest."""
    guarantor = world.guarantor[treaty]
    interest, release = 0.0, 0.0
    if not math.isnan(world.interest[member, treaty]):
        interest = world.interest[member, treaty]
        release = p.capability_release * own_default_rate(world, guarantor, member)
    record = trust_logit(world, member, guarantor)
    if world.outlook == WEIGHED:
        present = world.prior_log_odds[member, guarantor] + (interest + release)
        expected = p.record_weight * record + (1.0 - p.record_weight) * present
    else:
        held = 1.0 - world.burden_unlearnt[member, treaty]
        expected = record + p.interest_weight * (interest_felt(interest, held) + release)
    world.reliability_logit[member, treaty] = clip_logit(expected)
    world.reliability[member, treaty] = logistic(expected)


@rule
def burdens_forgiven(world: World, observer: int, ally: int) -> float:
    """Return the share of an ally's burdens that an observer no longer holds against it, 0..1; 0 for non-guarantors."""
    forgiven = 0.0
    for treaty in range(world.in_force.shape[0]):
        if world.guarantor[treaty] == ally:
            forgiven = max(forgiven, world.burden_unlearnt[observer, treaty])
    return float(forgiven)


@rule
def interest_in(world: World, p: Parameters, case: Case, ally: int) -> float:
    """Return I, an ally's interest in a given case, in logits: its chance of real help, less that in ordinary times."""
    legal = coverage(world, case, ally, ally)
    now = circumstances(world, p, case, ally)
    ordinary = ordinary_circumstances(world, p, case, ally, now)
    return real_help_at(world, p, case, ally, now, legal) - real_help_at(world, p, case, ally, ordinary, legal)


@rule
def real_help_at(world: World, p: Parameters, case: Case, ally: int, weighed: Circumstances, legal: float) -> float:
    """Return the log-odds that an ally sends materiel or more at given circumstances."""
    chances = quantal(utilities_of(world, p, weighed, case, ally, legal), p.response_precision, 0.0)
    return logit(chances[3] + chances[4])


@rule
def expectation(world: World, p: Parameters, observer: int, ally: int, case: Case) -> float:
    """Return rho, the chance of real help from ``ally`` in a given case, as ``observer`` expects it."""
    record = trust_logit(world, observer, ally)
    if world.outlook == WEIGHED:
        chances = response_chances(world, p, case, ally)
        return logistic(p.record_weight * record + (1.0 - p.record_weight) * logit(chances[3] + chances[4]))
    held = 1.0 - burdens_forgiven(world, observer, ally)
    return logistic(record + p.interest_weight * interest_felt(interest_in(world, p, case, ally), held))


@rule
def expected_help(world: World, p: Parameters, observer: int, ally: int, case: Case) -> float:
    """Return E(y), the help expected from ``ally``: levels by B2, reweighted so that real help has chance rho."""
    chances = response_chances(world, p, case, ally)
    rho = expectation(world, p, observer, ally, case)
    real = chances[MATERIEL] + chances[4]
    much = (chances[3] * FULFILMENT[3] + chances[4] * FULFILMENT[4]) / max(real, 1e-12)
    little = (chances[1] * FULFILMENT[1] + chances[2] * FULFILMENT[2]) / max(1.0 - real, 1e-12)
    return float(rho * much + (1.0 - rho) * little)
