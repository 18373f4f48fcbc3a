"""What a state expects of an ally: record and present interest together (B1, last line; B7).

``logit rho = omega logit r + (1 - omega) logit P``, r the trust and P the chance by B2 of materiel or more.
A member's standing view of its guarantor takes P as its change since the run began: violation follows changes in
power and interest since signature (Leeds 2003), r and P are on different scales, and a state at rest then
expects what its prior says.
"""

import math

from sim.parameters import Parameters
from sim.rules.maths import logistic, logit
from sim.rules.registry import rule
from sim.rules.response import response_chances
from sim.rules.threats import worst_rival
from sim.words import FULFILMENT, MATERIEL
from sim.world import NOBODY, Case, World

LEDGER_MONTHS = 24.0
"""How long observed obligations count."""

DEFAULT_BELOW = 0.4
"""A response that fulfils less is a default."""


@rule
def default_share(world: World, victim: int, ally: int, others: bool) -> float:
    """Return the share of obligations of 24 months, to other victims than ``victim``, that were defaults.

    Those of ``ally``, or with ``others`` those of everybody else; 0 without cases.
    """
    owed = 0
    defaults = 0
    rows = world.ledger.shape[0]
    row = world.ledger_next[0] % rows
    for _ in range(min(rows, world.ledger_next[0])):
        row = row - 1 if row > 0 else rows - 1
        if world.ledger[row, 0] > LEDGER_MONTHS:
            break
        if world.ledger[row, 1] != victim and (world.ledger[row, 2] == ally) != others:
            owed += 1
            if world.ledger[row, 3] < DEFAULT_BELOW:
                defaults += 1
    return defaults / owed if owed else 0.0


@rule
def spared(world: World, ally: int, victim: int) -> float:
    """Return the share of an ally's own obligations to others than ``victim`` that it defaulted on."""
    return default_share(world, victim, ally, False)


@rule
def others_default(world: World, ally: int, victim: int) -> float:
    """Return HT, the share of obligations of other allies to other victims that were defaults."""
    return default_share(world, victim, ally, True)


@rule
def exposure(world: World, state: int, guarantor: int) -> float:
    """Return Threat, what ``state`` fears most beside its guarantor, 0..1."""
    rival = worst_rival(world, state, guarantor)
    return 0.0 if rival == NOBODY else float(world.threat[state, rival])


@rule
def update_interest(world: World, p: Parameters, member: int, treaty: int) -> None:
    """Set the guarantor's present interest: logit P of real help against the worst present threat.

    It changes with powers, burdens, threats, ties and dependence, not with beliefs.
    """
    guarantor = world.guarantor[treaty]
    rival = worst_rival(world, member, guarantor)
    world.interest[member, treaty] = math.nan
    if rival != NOBODY:
        case = Case(member, rival, NOBODY, 1.0, False, False, False, math.nan)
        chances = response_chances(world, p, case, guarantor)
        world.interest[member, treaty] = logit(chances[3] + chances[4])


@rule
def update_reliability(world: World, p: Parameters, member: int, treaty: int) -> None:
    """Set rho, what a member expects of its guarantor in earnest, from record and present interest."""
    guarantor = world.guarantor[treaty]
    prior = world.prior_for[member, guarantor] / (
        world.prior_for[member, guarantor] + world.prior_against[member, guarantor]
    )
    change = 0.0
    if not math.isnan(world.interest[member, treaty]):
        now = world.interest[member, treaty] + p.capability_release * spared(world, guarantor, member)
        if math.isnan(world.interest_rest[member, treaty]):
            world.interest_rest[member, treaty] = now
        change = now - world.interest_rest[member, treaty]
    record = logit(world.trust[member, guarantor])
    world.reliability[member, treaty] = logistic(
        p.record_weight * record + (1.0 - p.record_weight) * (logit(prior) + change)
    )


@rule
def expectation(world: World, p: Parameters, observer: int, ally: int, case: Case) -> float:
    """Return rho, the chance that ``ally`` helps in earnest in this very case, in the eyes of ``observer``."""
    chances = response_chances(world, p, case, ally)
    return logistic(
        p.record_weight * logit(world.trust[observer, ally]) + (1.0 - p.record_weight) * logit(chances[3] + chances[4])
    )


@rule
def expected_help(world: World, p: Parameters, observer: int, ally: int, case: Case) -> float:
    """Return E(y), the help expected from ``ally``: levels by B2, reweighted so that real help has chance rho."""
    chances = response_chances(world, p, case, ally)
    rho = expectation(world, p, observer, ally, case)
    real = chances[MATERIEL] + chances[4]
    much = (chances[3] * FULFILMENT[3] + chances[4] * FULFILMENT[4]) / max(real, 1e-12)
    little = (chances[1] * FULFILMENT[1] + chances[2] * FULFILMENT[2]) / max(1.0 - real, 1e-12)
    return float(rho * much + (1.0 - rho) * little)
