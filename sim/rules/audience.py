"""B4: publics. Approval of the alliance falls and recovers; support for exit is a variable of its own.

``logit B' = logit B + mu (logit B_rest - logit B) - shocks - chi_K K + chi_A Z``
``logit X = x0 - x1 logit B + x2 alternative - x3 fear + x4 protest``
"""

from sim.parameters import Parameters
from sim.rules.coverage import coverage, duty, obliged
from sim.rules.learning import HALF, excuse, salience, substance
from sim.rules.maths import logistic, logit, over_tick
from sim.rules.patronage import exit_cost, outside_option
from sim.rules.registry import rule
from sim.rules.reliability import others_default
from sim.rules.response import fulfilment
from sim.rules.threats import similarity
from sim.words import OUT
from sim.world import Case, World


@rule
def shock(
    world: World, p: Parameters, case: Case, member: int, treaty: int, level: int, vetoed: bool, spoken: bool
) -> None:
    """Let a member's public take in what the guarantor did: ``chi sev (1 - y) (1 - epsilon)``, y the guarantor's.

    Fellow members' publics feel it as much less as their governments learn from it.
    """
    guarantor = world.guarantor[treaty]
    if member == guarantor or not obliged(world, case, guarantor):
        return
    legal = coverage(world, case, guarantor, member)
    hard = others_default(world, guarantor, case.victim)
    alike = similarity(world, member, case.victim, case.aggressor)
    sway(world, p, case, member, treaty, level, vetoed, spoken, legal, hard, alike)


@rule
def sway(
    world: World,
    p: Parameters,
    case: Case,
    member: int,
    treaty: int,
    level: int,
    vetoed: bool,
    spoken: bool,
    legal: float,
    hard: float,
    alike: float,
) -> None:
    """Do what `shock` does for a public that has reason to care, with coverage, hard times and likeness at hand."""
    guarantor = world.guarantor[treaty]
    done = fulfilment(level, duty(world, case, guarantor)) if spoken else HALF
    excused = excuse(p, legal, hard, vetoed, 0.0)
    scale = salience(world, p, case, guarantor, member, alike) * substance(world, p, case, guarantor, spoken)
    world.opinion_shock[member, treaty] += p.opinion_shock * case.severity * (1.0 - done) * (1.0 - excused) * scale


@rule
def receive_refugees(world: World, p: Parameters, state: int, people: float) -> None:
    """Let a public take in refugees: ``chi_R`` for each 1 % of population (millions)."""
    share = 100.0 * people / (1e6 * world.population[state])
    for treaty in range(world.in_force.shape[0]):
        world.opinion_shock[state, treaty] += p.opinion_refugees * share


@rule
def update_approval(world: World, p: Parameters, state: int, treaty: int) -> None:
    """Move approval of a treaty in one member over a tick, and empty the shocks gathered."""
    now = logit(world.approval[state, treaty])
    rest = logit(world.approval_rest[state, treaty])
    now += over_tick(p.opinion_reversion, world.months) * (rest - now)
    now -= world.opinion_shock[state, treaty]
    now -= world.months * p.opinion_coercion * world.coercion[state]
    now += world.months * p.opinion_reassurance * world.reassurance[state]
    world.approval[state, treaty] = logistic(max(-6.0, min(6.0, now)))
    world.opinion_shock[state, treaty] = 0.0


@rule
def exit_support(world: World, p: Parameters, state: int, treaty: int, approval: float, coercion: float) -> float:
    """Return X, public support for leaving, at given approval and felt coercion."""
    fear = coercion * exit_cost(world, p, state, treaty, coercion)
    return logistic(
        p.exit_base
        - p.exit_disapproval * logit(approval)
        + p.exit_alternative * outside_option(world, state, treaty)
        - p.exit_fear * fear
        + p.exit_protest * world.protest[state]
    )


@rule
def update_public(world: World, p: Parameters, state: int, treaty: int) -> None:
    """Move approval and support for exit of one member over a tick."""
    if not 0 <= world.posture[state, treaty] <= OUT:
        return
    update_approval(world, p, state, treaty)
    world.exit_support[state, treaty] = exit_support(
        world, p, state, treaty, world.approval[state, treaty], world.coercion[state]
    )
