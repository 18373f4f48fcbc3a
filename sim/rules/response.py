"""B2: what an ally does about a call, and what fellow members let pass.

Expected utility with quantal response (McKelvey & Palfrey 1995): an ally weighs each level of help by its stake
in the victim, what the help changes, cost by distance and overstretch, ties to the attacker, reputation with
other clients and the audience at home (Morrow 1991; Snyder 1984).
"""

import math

from sim.parameters import Parameters
from sim.rules.capability import arriving_at, deployable, opposing, success
from sim.rules.coverage import bound, coverage, dependence, duty, owes, survives_veto
from sim.rules.maths import logistic
from sim.rules.registry import rule
from sim.rules.threats import set_threat
from sim.words import BASE, EFFORT, FORCES, FREEZE, FULFILMENT, MATERIEL, MISSION, NONE, STATEMENT
from sim.world import CONSENSUS, CONSULT, FREE, GUARANTOR_ALONE, MAJORITY, NOBODY, Case, World

LEVELS = 5


@rule
def fulfilment(level: int, owed: int) -> float:
    """Return y, the share of the duty that a level fulfils; words fulfil a duty to consult."""
    if owed == CONSULT:
        return 1.0 if level >= STATEMENT else 0.0
    return FULFILMENT[level]


@rule
def hit(world: World, case: Case) -> None:
    """Let an attack or crisis hit: attention, threat and the memory of the fight."""
    world.attention[case.victim] = min(1.0, world.attention[case.victim] + case.severity)
    if case.aggressor != NOBODY:
        world.fought[case.aggressor, case.victim] = world.clock[0]
        world.fought[case.victim, case.aggressor] = world.clock[0]
        feared = max(world.threat[case.victim, case.aggressor], case.severity)
        set_threat(world, case.victim, case.aggressor, feared)


@rule
def stake(world: World, p: Parameters, ally: int, victim: int) -> float:
    """Return S: the ally's dependence on the victim or its base there, the larger, and a minimum."""
    base = world.portfolio[victim, ally, BASE]
    present = 0.0 if math.isnan(base) else base
    return float(max(p.minimum_stake, dependence(world, ally, victim), present))


@rule
def attacker_tie(world: World, case: Case, state: int) -> float:
    """Return T, how close a state is to the attacker, 0..1; none in unrest, full for the attacker itself."""
    if case.aggressor == NOBODY:
        return 0.0
    return 1.0 if state == case.aggressor else float(max(0.0, world.ties[state, case.aggressor]))


@rule
def burden_terms(world: World, p: Parameters, case: Case, ally: int, overstretch: float) -> tuple[float, float, float]:
    """Return the parts of the price of full force: force itself, distance, forces tied down elsewhere.

    Unrest takes a part of the effort of a war.
    """
    part = p.unrest_effort if case.unrest else 1.0
    way = p.distance_cost * world.log_distance[ally, case.victim]
    return part * p.force_cost, part * way, part * p.overstretch_cost * overstretch


@rule
def circumstances(
    world: World, p: Parameters, case: Case, ally: int
) -> tuple[float, float, float, float, float, float]:
    """Return what an ally weighs beside S, whatever the level: own, coming, opposing force, burden, T, audience."""
    own, against = deployable(world, p, case.victim), opposing(world, p, case)
    tie = attacker_tie(world, case, ally)
    return circumstances_at(world, p, case, ally, (own, against), world.overstretch[ally], tie)


@rule
def ordinary_circumstances(
    world: World, p: Parameters, case: Case, ally: int, weighed: tuple[float, float, float, float, float, float]
) -> tuple[float, float, float, float, float, float]:
    """Return the same for an ally with no more than ordinary burdens, as close to the attacker as to the victim.

    ``weighed`` are the present circumstances; the forces of victim and attacker are those.
    """
    even = max(0.0, world.ties[ally, case.victim])
    return circumstances_at(world, p, case, ally, (weighed[0], weighed[2]), p.distraction_centre, even)


@rule
def circumstances_at(
    world: World, p: Parameters, case: Case, ally: int, forces: tuple[float, float], overstretch: float, tie: float
) -> tuple[float, float, float, float, float, float]:
    """Return the same at given forces of victim and attacker, overstretch of the ally and tie to the attacker."""
    force, way, tied = burden_terms(world, p, case, ally, overstretch)
    return (
        forces[0],
        arriving_at(world, p, ally, case.victim, overstretch),
        forces[1],
        force + way + tied,
        tie,
        world.democracy[ally] * p.audience_cost,
    )


@rule
def level_terms(
    world: World,
    p: Parameters,
    weighed: tuple[float, float, float, float, float, float],
    stakes: float,
    ally: int,
    level: int,
    done: float,
) -> tuple[float, float, float, float, float]:
    """Return the terms of one level from `circumstances` and S; ``done`` is L y."""
    own, coming, against, burden, tie, at_home = weighed
    effort = EFFORT[level]
    gain = success(own + effort * coming, against) - success(own, against)
    return (
        stakes * gain,
        -effort * burden,
        -effort * tie,
        p.reputation_return * done * world.audience[ally],
        at_home * done,
    )


@rule
def response_terms(
    world: World, p: Parameters, case: Case, ally: int, level: int, legal: float
) -> tuple[float, float, float, float, float]:
    """Return the terms of an ally's utility for one level of help.

    ``U = S dp - k (c0 + c_d ln(1 + d) + c_o O) - k T + psi L y A + D aud L y``

    Parameters
    ----------
    level : int
        Rank of the response, 0..4.
    legal : float
        L, coverage as the ally reads it (`sim.rules.coverage.coverage`).

    Returns
    -------
    tuple of float
        stakes, cost, ties, reputation, audience; in units of S = 1.
    """
    done = legal * fulfilment(level, duty(world, case, ally))
    stakes = stake(world, p, ally, case.victim)
    return level_terms(world, p, circumstances(world, p, case, ally), stakes, ally, level, done)


@rule
def response_utilities(
    world: World, p: Parameters, case: Case, ally: int, legal: float
) -> tuple[float, float, float, float, float]:
    """Return the utility of each level, none to forces."""
    return utilities_of(world, p, circumstances(world, p, case, ally), case, ally, legal)


@rule
def utilities_of(
    world: World,
    p: Parameters,
    weighed: tuple[float, float, float, float, float, float],
    case: Case,
    ally: int,
    legal: float,
) -> tuple[float, float, float, float, float]:
    """Return the same from `circumstances`."""
    owed = duty(world, case, ally)
    stakes = stake(world, p, ally, case.victim)
    u0, u1, u2, u3, u4 = 0.0, 0.0, 0.0, 0.0, 0.0
    for level in range(LEVELS):
        a, b, c, d, e = level_terms(world, p, weighed, stakes, ally, level, legal * fulfilment(level, owed))
        total = a + b + c + d + e
        if level == NONE:
            u0 = total
        elif level == STATEMENT:
            u1 = total
        elif level == MISSION:
            u2 = total
        elif level == MATERIEL:
            u3 = total
        else:
            u4 = total
    return u0, u1, u2, u3, u4


@rule
def quantal(
    utilities: tuple[float, float, float, float, float], precision: float, tilt: float
) -> tuple[float, float, float, float, float]:
    """Return the chance of each level: softmax of ``precision U + tilt y``."""
    top = max(
        precision * utilities[0] + tilt * FULFILMENT[0],
        precision * utilities[1] + tilt * FULFILMENT[1],
        precision * utilities[2] + tilt * FULFILMENT[2],
        precision * utilities[3] + tilt * FULFILMENT[3],
        precision * utilities[4] + tilt * FULFILMENT[4],
    )
    w0 = math.exp(precision * utilities[0] + tilt * FULFILMENT[0] - top)
    w1 = math.exp(precision * utilities[1] + tilt * FULFILMENT[1] - top)
    w2 = math.exp(precision * utilities[2] + tilt * FULFILMENT[2] - top)
    w3 = math.exp(precision * utilities[3] + tilt * FULFILMENT[3] - top)
    w4 = math.exp(precision * utilities[4] + tilt * FULFILMENT[4] - top)
    total = w0 + w1 + w2 + w3 + w4
    return w0 / total, w1 / total, w2 / total, w3 / total, w4 / total


@rule
def response_chances(world: World, p: Parameters, case: Case, ally: int) -> tuple[float, float, float, float, float]:
    """Return the chance that ``ally`` chooses each level, none to forces."""
    legal = coverage(world, case, ally, ally)
    return quantal(response_utilities(world, p, case, ally, legal), p.response_precision, 0.0)


@rule
def choose_response(world: World, p: Parameters, case: Case, ally: int, draw: float) -> int:
    """Return the level of help that ``ally`` chooses for itself, 0..4.

    Parameters
    ----------
    draw : float
        Uniform in [0, 1); the levels share it out in order, none first.
    """
    chances = response_chances(world, p, case, ally)
    reached = 0.0
    for level in range(LEVELS - 1):
        reached += chances[level]
        if draw < reached:
            return level
    return FORCES


@rule
def objection_terms(
    world: World, p: Parameters, case: Case, member: int, level: int, lean: float
) -> tuple[float, float, float]:
    """Return the terms of a member's objection to collective help of a level, in logits: base, ties, guarantor."""
    tie = attacker_tie(world, case, member)
    return p.objection_base, p.objection_ties * EFFORT[level] * tie, -p.guarantor_pull * lean


@rule
def objection_chance(world: World, p: Parameters, case: Case, member: int, level: int, lean: float) -> float:
    """Return the chance that a member objects to collective help of a level.

    ``logistic(gamma0 + gamma1 k T - gamma2 lean)``; ``lean`` is the guarantor's own preference, -1..1.
    """
    base, ties, guarantor = objection_terms(world, p, case, member, level, lean)
    return logistic(base + ties + guarantor)


@rule
def guarantor_lean(choice: int) -> float:
    """Return a guarantor's lean from its own choice: materiel or more +1, none -1, else 0."""
    if choice >= MATERIEL:
        return 1.0
    return -1.0 if choice == NONE else 0.0


@rule
def has_say(world: World, case: Case, treaty: int, responder: int, member: int) -> bool:
    """Tell whether a member may object: bound, not frozen, neither victim nor responder."""
    return bool(
        member not in (case.victim, responder)
        and bound(world, member, treaty)
        and world.posture[member, treaty] < FREEZE
    )


@rule
def passes(world: World, case: Case, treaty: int, responder: int, objects: int, voters: int, blocked: bool) -> bool:
    """Tell whether help passes a treaty's decision rule.

    Parameters
    ----------
    objects, voters : int
        Members that object, and members that have a say.
    blocked : bool
        Whether the guarantor is among those that object.
    """
    decision = world.decision[treaty]
    if decision == CONSENSUS:
        return objects == 0
    if decision == MAJORITY:
        return 2 * objects < voters + 1
    if decision == GUARANTOR_ALONE:
        return bool(not blocked or responder == world.guarantor[treaty])
    return True


@rule
def delivered(world: World, case: Case, ally: int, choice: int, ceiling: int) -> int:
    """Return the level that an ally delivers.

    Its own choice where a treaty without a collective decision covers the case, else no more than ``ceiling``,
    the highest level that passed; words need no consent.
    """
    if choice <= STATEMENT or survives_veto(world, case, ally):
        return choice
    return min(choice, max(ceiling, STATEMENT))


@rule
def decides_together(world: World, case: Case, ally: int, treaty: int) -> bool:
    """Tell whether help by ``ally`` under a treaty needs a collective decision."""
    return bool(world.decision[treaty] != FREE and owes(world, ally, case.victim, treaty))
