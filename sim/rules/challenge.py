"""B3: whether a rival attacks (balance of threat, Walt 1987; rational deterrence, weak by default).

``logit h = eta0 + eta1 (share - c1) + eta2 (G - c2) + eta3 exp(-dt / tau) - eta4 (C - c4) + eta5 (W - c5)`` a month,
with the challenger's share of power ``M_c / (M_c + M_v + sum rho F exp(-d / delta))``, which depends on how reliable it
believes the victim's allies to be.
"""

import math
from typing import Annotated, NamedTuple

from sim.model.parameters import Parameters
from sim.model.terms import Term, Weighing, declare_terms, terms_rule
from sim.model.world import NOBODY, Case, World
from sim.rules.capability import arriving, deployable
from sim.rules.coverage import bound, obliged, share_treaty
from sim.rules.maths import chance_per_tick, logistic, total
from sim.rules.registry import rule
from sim.rules.reliability import expectation
from sim.words import TRADE

MARGIN = 1e-9
"""Logits by which a limit stands clear of the rounding of sums."""


@rule
def at_risk(world: World, p: Parameters, challenger: int, victim: int) -> bool:
    """Return whether a pair can come to blows: contiguous, with a claim, a rival or an earlier fight."""
    return bool(
        challenger != victim
        and world.contiguous[challenger, victim]
        and (
            world.claim[challenger, victim] > 0.0
            or world.threat[victim, challenger] > p.rival_threat
            or world.fought[challenger, victim] > -math.inf
        )
    )


@rule
def power_share(world: World, p: Parameters, challenger: int, victim: int) -> float:
    """Return the challenger's share of power against the victim and the help that it expects the victim to get."""
    case = Case(victim, challenger, NOBODY, 1.0, False, False, False, math.nan)
    own = deployable(world, p, challenger)
    coalition = deployable(world, p, victim)
    for ally in range(world.capability.shape[0]):
        if obliged(world, case, ally):
            coalition += expectation(world, p, challenger, ally, case) * arriving(world, p, ally, victim)
    return own / (own + coalition) if own + coalition > 0.0 else 0.5


@rule
def restraint(world: World, challenger: int, victim: int) -> float:
    """Return C, restraint: the challenger's trade with the victim and with the victim's treaty partners."""
    total = 0.0
    for other in range(world.capability.shape[0]):
        share = world.portfolio[challenger, other, TRADE]
        if not math.isnan(share) and (other == victim or share_treaty(world, other, victim)):
            total += share
    return min(1.0, total)


@rule
def distraction(world: World, victim: int) -> float:
    """Return W, distraction: the largest overstretch of any guarantor of the victim; 0 without one."""
    most = 0.0
    for treaty in range(world.in_force.shape[0]):
        guarantor = world.guarantor[treaty]
        if guarantor != victim and bound(world, victim, treaty):
            most = max(most, world.overstretch[guarantor])
    return most


def _power_in_words(at: Weighing) -> str:
    """Describe the challenger's strength against the victim and the victim's expected help."""
    challenger, victim = at.question.state, at.question.other
    share = power_share(at.world, at.p, challenger, victim)
    return f"its share of power against {at.name_of(victim)} and the help that it believes in: {share:.2f}"


def _claim_in_words(at: Weighing) -> str:
    """Describe the size of the challenger's grievance."""
    challenger, victim = at.question.state, at.question.other
    return f"grievance against {at.name_of(victim)}: {at.world.claim[challenger, victim]:.2f}"


def _recurrence_in_words(at: Weighing) -> str:
    """Describe when challenger and victim last fought."""
    since = at.world.clock[0] - at.world.fought[at.question.state, at.question.other]
    return f"last fight: {f'{since:.0f} months ago' if math.isfinite(since) else 'never'}"


def _restraint_in_words(at: Weighing) -> str:
    """Describe how much trade the challenger would put at stake."""
    challenger, victim = at.question.state, at.question.other
    return f"trade with {at.name_of(victim)} and its allies: {restraint(at.world, challenger, victim):.2f}"


def _distraction_in_words(at: Weighing) -> str:
    """Describe how overstretched the victim's most overstretched guarantor is."""
    world, victim = at.world, at.question.other
    bonds = [treaty for treaty in range(len(world.guarantor)) if bound(world, victim, treaty)]
    guarantors = [int(world.guarantor[treaty]) for treaty in bonds if world.guarantor[treaty] != victim]
    busiest = max(guarantors, key=lambda state: world.overstretch[state], default=NOBODY)
    whose = f"of {at.name_of(busiest)}, " if busiest != NOBODY else "of the "
    return f"distraction {whose}guarantor: {distraction(world, victim):.2f}"


# fmt: off
@declare_terms
class AttackTerms(NamedTuple):
    """Terms of the monthly log-odds of an attack."""

    floor: Annotated[float, Term("challenge_floor", "hazard in a quiet rivalry")]
    power: Annotated[float, Term(
        "challenge_power", _power_in_words, "deterrence", "the coalition that is expected deters attacks")]
    claim: Annotated[float, Term(
        "challenge_claim", _claim_in_words, "claims", "territorial claims are a cause of attacks")]
    recurrence: Annotated[float, Term("challenge_recurrence", _recurrence_in_words)]
    restraint: Annotated[float, Term("challenge_restraint", _restraint_in_words)]
    distraction: Annotated[float, Term("challenge_distraction", _distraction_in_words, "overstretch")]
# fmt: on


@terms_rule
def attack_terms(world: World, p: Parameters, challenger: int, victim: int, share: float) -> AttackTerms:
    """Return the terms of the monthly log-odds of an attack.

    Parameters
    ----------
    share : float
        The challenger's share of power, 0..1 (`power_share`).
    """
    since = world.clock[0] - world.fought[challenger, victim]
    return AttackTerms(
        floor=p.challenge_floor,
        power=p.challenge_power * (share - p.power_centre),
        claim=p.challenge_claim * (world.claim[challenger, victim] - p.claim_centre),
        recurrence=p.challenge_recurrence * math.exp(-since / p.recurrence_decay),
        restraint=-p.challenge_restraint * (restraint(world, challenger, victim) - p.restraint_centre),
        distraction=p.challenge_distraction * (distraction(world, victim) - p.distraction_centre),
    )


@rule
def attack_chance(world: World, p: Parameters, challenger: int, victim: int) -> float:
    """Return the chance in a tick that ``challenger`` attacks ``victim``; the pair must be `at_risk`."""
    return attack_chance_at(world, p, challenger, victim, power_share(world, p, challenger, victim))


@rule
def attack_chance_at(world: World, p: Parameters, challenger: int, victim: int, share: float) -> float:
    """Return the chance of an attack in a tick, at a given share of power of the challenger, 0..1."""
    return chance_per_tick(logistic(total(attack_terms(world, p, challenger, victim, share))), world.months)


@rule
def attack_chance_limit(p: Parameters, months: float) -> float:
    """Return a chance that no pair's chance of an attack in a tick exceeds: all variables at their worst ends."""
    return chance_per_tick(
        logistic(
            p.challenge_floor
            + worst_end(p.challenge_power, p.power_centre)
            + worst_end(p.challenge_claim, p.claim_centre)
            + max(0.0, p.challenge_recurrence)
            + worst_end(-p.challenge_restraint, p.restraint_centre)
            + worst_end(p.challenge_distraction, p.distraction_centre)
            + MARGIN
        ),
        months,
    )


@rule
def worst_end(weight: float, centre: float) -> float:
    """Return the largest value of ``weight (x - centre)`` for x in 0..1."""
    return max(weight * (1.0 - centre), -weight * centre)


@rule
def chooses_attack(world: World, p: Parameters, challenger: int, victim: int, draw: float) -> bool:
    """Decide whether ``challenger`` attacks ``victim`` in this tick.

    The challenger's beliefs about the victim's allies are computed only where the draw does not settle the choice.
    """
    if not at_risk(world, p, challenger, victim):
        return False
    most = 1.0 if p.challenge_power > 0.0 else 0.0
    if draw >= attack_chance_at(world, p, challenger, victim, most):
        return False
    return draw < attack_chance(world, p, challenger, victim)


@rule
def endogenous_severity(draw: float) -> float:
    """Return the severity, 0..1, of an attack that the model itself chose: Beta(2, 4) at the quantile ``draw``.

    The distribution function is ``1 - (1 - x)^5 - 5 x (1 - x)^4``, inverted by bisection to 2**-40.
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        rest = (1.0 - middle) * (1.0 - middle)
        if 1.0 - rest * rest * (1.0 + 4.0 * middle) < draw:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
