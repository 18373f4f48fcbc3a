"""B2: how an ally responds to a call for help, and whether fellow members consent.

Expected utility with quantal response (McKelvey & Palfrey 1995): an ally weighs each level of help by its stake
in the victim, what the help changes, cost by distance and overstretch, ties to the attacker, reputation with
other clients and the audience at home (Morrow 1991; Snyder 1984).
"""

import math
from typing import Annotated, NamedTuple

from sim.model.parameters import Parameters
from sim.model.terms import Term, Weighing, declare_terms, terms_rule
from sim.model.world import CONSENSUS, CONSULT, FREE, GUARANTOR_ALONE, MAJORITY, NOBODY, Case, World
from sim.rules.capability import arriving_at, deployable, opposing, success
from sim.rules.coverage import bound, coverage, dependence, duty, owes, survives_veto
from sim.rules.maths import logistic, total
from sim.rules.registry import rule
from sim.rules.threats import set_threat
from sim.words import BASE, EFFORT, FORCES, FREEZE, FULFILMENT, MATERIEL, MISSION, NONE, RESPONSES, STATEMENT

LEVELS = 5


class Circumstances(NamedTuple):
    """Inputs of an ally's utility other than its stake S and the level of help.

    Attributes
    ----------
    own, coming, against : float
        Force of the victim, of the ally once it arrives, and of the attacker.
    burden : float
        Cost of full force.
    tie : float
        T, how close the ally is to the attacker.
    at_home : float
        Reward from its own public for full compliance.
    """

    own: float
    coming: float
    against: float
    burden: float
    tie: float
    at_home: float


@rule
def fulfilment(level: int, owed: int) -> float:
    """Return y, the share of a duty that a level of help fulfils, 0..1; a statement fulfils a duty to consult."""
    if owed == CONSULT:
        return 1.0 if level >= STATEMENT else 0.0
    return FULFILMENT[level]


@rule
def share_delivered(world: World, case: Case, ally: int, level: int, share: float) -> float:
    """Return y, the share of its duty that an ally delivered, 0..1: the share on record, or that of the level (NaN)."""
    return fulfilment(level, duty(world, case, ally)) if math.isnan(share) else share


@rule
def register_attack(world: World, p: Parameters, case: Case) -> None:
    """Apply the direct effects of an attack or crisis: attention, threat and the date of the last fight.

    Threat rises to the severity, unless the scenario already gives the threats of all dates (`coded_threat`).
    """
    world.attention[case.victim] = min(1.0, world.attention[case.victim] + case.severity)
    if case.aggressor != NOBODY:
        world.fought[case.aggressor, case.victim] = world.clock[0]
        world.fought[case.victim, case.aggressor] = world.clock[0]
        feared = max(world.threat[case.victim, case.aggressor], (1.0 - p.coded_threat) * case.severity)
        set_threat(world, case.victim, case.aggressor, feared)


@rule
def register_promise(world: World, p: Parameters, case: Case) -> None:
    """Draw the attention of the state to whom a promise was made to what became of it, if anything was owed."""
    if case.promised > 0.0:
        raised = world.attention[case.victim] + p.promise_attention * case.severity
        world.attention[case.victim] = min(1.0, raised)


@rule
def ally_stake(world: World, p: Parameters, ally: int, victim: int) -> float:
    """Return S, the stake: the largest of the ally's dependence on the victim, its base there, and a minimum."""
    base = world.portfolio[victim, ally, BASE]
    present = 0.0 if math.isnan(base) else base
    return float(max(p.minimum_stake, dependence(world, ally, victim), present))


@rule
def attacker_tie(world: World, case: Case, state: int) -> float:
    """Return T, how close a state is to the attacker, 0..1: 0 in unrest, 1 for the attacker itself."""
    if case.aggressor == NOBODY:
        return 0.0
    return 1.0 if state == case.aggressor else float(max(0.0, world.ties[state, case.aggressor]))


def _stakes_in_words(at: Weighing) -> str:
    """Describe the change in the victim's chances and the ally's stake in it."""
    victim = at.question.about.victim
    held = ally_stake(at.world, at.p, at.question.state, victim)
    gain = at.terms["stakes"] / held if held else 0.0
    return f"what it changes for {at.name_of(victim)}: chances {gain:+.3f}, at a stake of {held:.2f}"


def _force_in_words(at: Weighing) -> str:
    """Describe the share of the ally's free force that a level of help takes."""
    return f"price of force itself: takes {EFFORT[RESPONSES.index(at.option)]:.0%} of its free force"


def _distance_in_words(at: Weighing) -> str:
    """Describe the distance to the victim."""
    return f"price of distance: {1000 * at.world.distance[at.question.state, at.question.about.victim]:,.0f} km"


def _ties_in_words(at: Weighing) -> str:
    """Describe how close the state is to the attacker."""
    case = at.question.about
    foe = "the unrest" if case.aggressor == NOBODY else at.name_of(case.aggressor)
    return f"ties to {foe}: {attacker_tie(at.world, case, at.question.state):.2f}"


def _reputation_in_words(at: Weighing) -> str:
    """Describe the share of other clients that observe the ally, and how clear the law is."""
    watching = at.world.audience[at.question.state]
    return f"standing with other clients, {watching:.0%} watching; law {_clarity(at):.2f} clear"


def _audience_in_words(at: Weighing) -> str:
    """Describe how democratic the ally is, and how clear the law is."""
    return f"its own public (democracy {at.world.democracy[at.question.state]:.2f}), law {_clarity(at):.2f} clear"


def _clarity(at: Weighing) -> float:
    ally = at.question.state
    return coverage(at.world, at.question.about, ally, ally)


# fmt: off
@declare_terms
class BurdenTerms(NamedTuple):
    """Parts of the cost of full force, in units of a full stake (S = 1)."""

    force: Annotated[float, Term("force_cost", _force_in_words)]
    distance: Annotated[float, Term("distance_cost", _distance_in_words)]
    overstretch: Annotated[float, Term(
        "overstretch_cost",
        lambda at: f"forces tied down elsewhere: {at.world.overstretch[at.question.state]:.0%} of them",
        "overstretch", "forces tied down elsewhere make help dear and weak", with_it="overstretch_curvature")]


@declare_terms
class ResponseTerms(NamedTuple):
    """Terms of the utility of one level of help, in units of a full stake (S = 1); the stake's own term is first."""

    stakes: Annotated[float, Term("", _stakes_in_words)]
    cost: Annotated[float, BurdenTerms]
    ties: Annotated[float, Term("", _ties_in_words)]
    reputation: Annotated[float, Term(
        "reputation_return", _reputation_in_words, "client-watching",
        "other clients and the audience at home reward help")]
    audience: Annotated[float, Term("audience_cost", _audience_in_words, "client-watching")]
# fmt: on


@terms_rule
def burden_terms(world: World, p: Parameters, case: Case, ally: int, overstretch: float) -> BurdenTerms:
    """Return the parts of the cost of full force; unrest takes only part of the effort of a war."""
    part = p.unrest_effort if case.unrest else 1.0
    way = p.distance_cost * world.log_distance[ally, case.victim]
    return BurdenTerms(
        force=part * p.force_cost, distance=part * way, overstretch=part * p.overstretch_cost * overstretch
    )


@rule
def circumstances(world: World, p: Parameters, case: Case, ally: int) -> Circumstances:
    """Return the inputs of an ally's utility other than its stake S and the level of help."""
    own, against = deployable(world, p, case.victim), opposing(world, p, case)
    tie = attacker_tie(world, case, ally)
    return circumstances_at(world, p, case, ally, (own, against), world.overstretch[ally], tie)


@rule
def ordinary_circumstances(world: World, p: Parameters, case: Case, ally: int, weighed: Circumstances) -> Circumstances:
    """Return the circumstances of an ally with ordinary burdens that is as close to the attacker as to the victim.

    In unrest there is no attacker to be close to.

    ``weighed`` are the present circumstances, which supply the forces of victim and attacker.
    """
    even = 0.0 if case.aggressor == NOBODY else max(0.0, world.ties[ally, case.victim])
    return circumstances_at(world, p, case, ally, (weighed.own, weighed.against), p.distraction_centre, even)


@rule
def circumstances_at(
    world: World, p: Parameters, case: Case, ally: int, forces: tuple[float, float], overstretch: float, tie: float
) -> Circumstances:
    """Return an ally's circumstances at given forces, overstretch of the ally and tie to the attacker.

    ``forces`` are those of the victim and of the attacker.
    """
    return Circumstances(
        forces[0],
        arriving_at(world, p, ally, case.victim, overstretch),
        forces[1],
        total(burden_terms(world, p, case, ally, overstretch)),
        tie,
        world.democracy[ally] * p.audience_cost,
    )


@terms_rule
def level_terms(
    world: World,
    p: Parameters,
    weighed: Circumstances,
    stakes: float,
    ally: int,
    level: int,
    done: float,
) -> ResponseTerms:
    """Return the terms of the utility of one level of help, from `circumstances` and the stake; ``done`` is L y."""
    own, against, effort = weighed.own, weighed.against, EFFORT[level]
    gain = success(own + effort * weighed.coming, against) - success(own, against)
    return ResponseTerms(
        stakes=stakes * gain,
        cost=-effort * weighed.burden,
        ties=-effort * weighed.tie,
        reputation=p.reputation_return * done * world.audience[ally],
        audience=weighed.at_home * done,
    )


@rule
def response_terms(world: World, p: Parameters, case: Case, ally: int, level: int, legal: float) -> ResponseTerms:
    """Return the terms of an ally's utility for one level of help.

    ``U = S dp - k (c0 + c_d ln(1 + d) + c_o O) - k T + psi L y A + D aud L y``

    Parameters
    ----------
    level : int
        Rank of the response, 0..4.
    legal : float
        L, coverage as the ally reads it (`sim.rules.coverage.coverage`).
    """
    done = legal * fulfilment(level, duty(world, case, ally))
    stakes = ally_stake(world, p, ally, case.victim)
    return level_terms(world, p, circumstances(world, p, case, ally), stakes, ally, level, done)


@rule
def response_utilities(
    world: World, p: Parameters, case: Case, ally: int, legal: float
) -> tuple[float, float, float, float, float]:
    """Return an ally's utility for each level of help, none to forces."""
    return utilities_of(world, p, circumstances(world, p, case, ally), case, ally, legal)


@rule
def utilities_of(
    world: World,
    p: Parameters,
    weighed: Circumstances,
    case: Case,
    ally: int,
    legal: float,
) -> tuple[float, float, float, float, float]:
    """Return an ally's utility for each level of help, none to forces, at given `circumstances`."""
    owed = duty(world, case, ally)
    stakes = ally_stake(world, p, ally, case.victim)
    u0, u1, u2, u3, u4 = 0.0, 0.0, 0.0, 0.0, 0.0
    for level in range(LEVELS):
        utility = total(level_terms(world, p, weighed, stakes, ally, level, legal * fulfilment(level, owed)))
        if level == NONE:
            u0 = utility
        elif level == STATEMENT:
            u1 = utility
        elif level == MISSION:
            u2 = utility
        elif level == MATERIEL:
            u3 = utility
        else:
            u4 = utility
    return u0, u1, u2, u3, u4


@rule
def quantal(
    utilities: tuple[float, float, float, float, float], precision: float, tilt: float
) -> tuple[float, float, float, float, float]:
    """Return the chance of each level of help: softmax of ``precision U + tilt y``."""
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
    together = w0 + w1 + w2 + w3 + w4
    return w0 / together, w1 / together, w2 / together, w3 / together, w4 / together


@rule
def response_chances(world: World, p: Parameters, case: Case, ally: int) -> tuple[float, float, float, float, float]:
    """Return the chance that ``ally`` chooses each level of help, none to forces."""
    legal = coverage(world, case, ally, ally)
    return quantal(response_utilities(world, p, case, ally, legal), p.response_precision, 0.0)


@rule
def choose_response(world: World, p: Parameters, case: Case, ally: int, draw: float) -> int:
    """Return the level of help that ``ally`` chooses before any veto, 0..4.

    Parameters
    ----------
    draw : float
        Uniform in [0, 1), compared with the cumulative chances of the levels, none first.
    """
    chances = response_chances(world, p, case, ally)
    reached = 0.0
    for level in range(LEVELS - 1):
        reached += chances[level]
        if draw < reached:
            return level
    return FORCES


def _lean_in_words(at: Weighing) -> str:
    """Describe the guarantor's own preference."""
    lean = at.question.lean
    wish = "wants to help" if lean > 0.0 else "wants to stay out" if lean < 0.0 else "holds back"
    return f"the guarantor, {at.name_of(int(at.world.guarantor[at.question.treaty]))}, {wish}"


# fmt: off
@declare_terms
class ObjectionTerms(NamedTuple):
    """Terms of a member's objection to a level of collective help, in logits."""

    base: Annotated[float, Term(
        "objection_base", "readiness to object as such", "objection",
        "members object where a treaty decides by consensus")]
    ties: Annotated[float, Term(
        "objection_ties", lambda at: f"{_ties_in_words(at)}, times the effort", "objection")]
    guarantor: Annotated[float, Term("guarantor_pull", _lean_in_words, "objection")]
# fmt: on


@terms_rule
def objection_terms(world: World, p: Parameters, case: Case, member: int, level: int, lean: float) -> ObjectionTerms:
    """Return the terms of a member's objection to a level of collective help, in logits."""
    tie = attacker_tie(world, case, member)
    return ObjectionTerms(
        base=p.objection_base,
        ties=p.objection_ties * EFFORT[level] * tie,
        guarantor=-p.guarantor_pull * lean,
    )


@rule
def objection_chance(world: World, p: Parameters, case: Case, member: int, level: int, lean: float) -> float:
    """Return the chance that a member objects to a level of collective help.

    ``logistic(gamma0 + gamma1 k T - gamma2 lean)``; ``lean`` is the guarantor's own preference, -1..1.
    """
    return logistic(total(objection_terms(world, p, case, member, level, lean)))


@rule
def guarantor_lean(choice: int) -> float:
    """Return a guarantor's lean from its own choice: materiel or more +1, none -1, else 0."""
    if choice >= MATERIEL:
        return 1.0
    return -1.0 if choice == NONE else 0.0


@rule
def has_say(world: World, case: Case, treaty: int, responder: int, member: int) -> bool:
    """Return whether a member may object: bound by the treaty, not frozen, neither victim nor responder."""
    return bool(
        member not in (case.victim, responder)
        and bound(world, member, treaty)
        and world.posture[member, treaty] < FREEZE
    )


@rule
def passes(world: World, case: Case, treaty: int, responder: int, objects: int, voters: int, blocked: bool) -> bool:
    """Return whether collective help passes under a treaty's decision rule, given how many members object.

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
    """Return the level of help that an ally delivers after any veto, 0..4.

    The ally's own choice where a treaty without a collective decision covers the case, else no more than ``ceiling``,
    the highest level that passed; statements need no consent.
    """
    if choice <= STATEMENT or survives_veto(world, case, ally):
        return choice
    return min(choice, max(ceiling, STATEMENT))


@rule
def decides_together(world: World, case: Case, ally: int, treaty: int) -> bool:
    """Return whether help by ``ally`` under a treaty needs a collective decision."""
    return bool(world.decision[treaty] != FREE and owes(world, ally, case.victim, treaty))
