"""Treaty obligations, and legal coverage: how clearly the law of a treaty covers a case.

The place and kind of an event are data, which clauses map to 0..1. Perceptions differ: each state has its own view of
the state to which a place belongs.
"""

import math

from sim.model.declaring import computed
from sim.model.world import (
    BORDER,
    CONSULT,
    DEFEND,
    FOREIGN,
    FREE,
    MEMBERS,
    NOBODY,
    RECOGNISED,
    RECOGNISED_AWAY,
    UNREST,
    UNREST_FOREIGN,
    Case,
    World,
)
from sim.rules.registry import rule
from sim.words import LOYAL, OUT


@rule
def bound(world: World, state: int, treaty: int) -> bool:
    """Return whether a treaty in force binds a state: a member that is not out, frozen or not."""
    return bool(world.in_force[treaty] and 0 <= world.posture[state, treaty] < OUT)


@computed("members", "K", "members not out", "count", worse=-1, phrase="the number of {owner}'s members")
def members_left(world: World, treaty: int) -> int:
    """Return how many members of a treaty are not out, the guarantor included."""
    count = 0
    for state in range(world.capability.shape[0]):
        if LOYAL <= world.posture[state, treaty] < OUT:
            count += 1
    return count


@rule
def owes(world: World, ally: int, victim: int, treaty: int) -> bool:
    """Return whether ``ally`` owes ``victim`` help under ``treaty``."""
    return bool(
        ally != victim and world.obligor[ally, treaty] and bound(world, ally, treaty) and bound(world, victim, treaty)
    )


@rule
def attacked_by_guarantor(world: World, case: Case) -> bool:
    """Return whether the attacker is the guarantor of a treaty that binds both it and the victim."""
    if case.aggressor == NOBODY:
        return False
    for treaty in range(world.in_force.shape[0]):
        if world.guarantor[treaty] == case.aggressor and owes(world, case.aggressor, case.victim, treaty):
            return True
    return False


@rule
def obliged(world: World, case: Case, ally: int) -> bool:
    """Return whether any clause binds ``ally`` to the victim; an aggressor is not an ally."""
    return bool(ally != case.aggressor and world.owed[ally, case.victim])


@rule
def is_promise(case: Case) -> bool:
    """Return whether a case is a promise kept or broken, where nobody was attacked."""
    return not math.isnan(case.promised)


@rule
def duty(world: World, case: Case, ally: int) -> int:
    """Return the duty that ``ally`` owes: consultation where only talks are requested or promised, else defence."""
    return DEFEND if world.defends[ally, case.victim] and not case.consult else CONSULT


@rule
def perceived_location(world: World, case: Case, reader: int) -> int:
    """Return the status of a case's location as ``reader`` perceives it: `RECOGNISED`, `BORDER` or `FOREIGN`."""
    if case.place == NOBODY:
        return RECOGNISED
    if world.undelimited[case.place] or world.disputed[reader, case.place]:
        return BORDER
    owner = world.recognised[reader, case.place]
    if owner == NOBODY:
        owner = world.owner[case.place]
    return RECOGNISED if owner == case.victim else FOREIGN


@rule
def clause_coverage(world: World, case: Case, clause: int, seen: int) -> float:
    """Return how clearly one clause covers a case, 0..1, at the location ``seen`` (`perceived_location`)."""
    cover = world.clause_cover[clause]
    if case.unrest:
        return float(cover[UNREST_FOREIGN] if case.foreign else cover[UNREST])
    if bound(world, case.aggressor, world.clause_treaty[clause]):
        return float(cover[MEMBERS])
    if case.place == NOBODY:
        return float(cover[RECOGNISED])
    named = world.clause_place[clause, case.place]
    if not math.isnan(named):
        given_away = world.recognised[case.victim, case.place] == case.aggressor
        return float(min(named, cover[RECOGNISED_AWAY]) if given_away else named)
    return float(cover[seen])


@rule
def coverage(world: World, case: Case, ally: int, reader: int) -> float:
    """Return L, the legal coverage of a case between victim and ``ally``, as ``reader`` perceives it, 0..1.

    The largest value over the clauses with the duty that applies (`duty`), or the value that the file gives.

    Returns
    -------
    float
        L in 0..1: recognised territory 1, an undelimited border 0.5, another state's land 0, an attack by a
        fellow member 0, unrest 0.2, with a foreign element 0.7, unless a clause says otherwise.
    """
    return coverage_at_location(world, case, ally, perceived_location(world, case, reader))


@rule
def coverage_at_location(world: World, case: Case, ally: int, seen: int) -> float:
    """Return the legal coverage of a case, 0..1, at the location ``seen`` (`perceived_location`)."""
    if not math.isnan(case.override):
        return case.override
    owed = duty(world, case, ally)
    best = 0.0
    for treaty in range(world.in_force.shape[0]):
        if owes(world, ally, case.victim, treaty):
            for clause in range(world.clause_from[treaty], world.clause_from[treaty + 1]):
                if world.clause_duty[clause] == owed:
                    best = max(best, clause_coverage(world, case, clause, seen))
                    if best == 1.0:
                        return best
    return best


@rule
def duty_strength(world: World, case: Case, ally: int) -> float:
    """Return how firmly ``ally`` is obliged in a case, 0..1: the largest strength of the clauses that oblige it.

    A clause of defence obliges to talks too. Strength does not change coverage. A promise has a strength of its own,
    and so has an attack for which the scenario gives one.
    """
    if is_promise(case):
        return case.promised
    if not math.isnan(case.strength):
        return case.strength
    owed = duty(world, case, ally)
    best = 0.0
    for treaty in range(world.in_force.shape[0]):
        if owes(world, ally, case.victim, treaty):
            for clause in range(world.clause_from[treaty], world.clause_from[treaty + 1]):
                if world.clause_duty[clause] in (DEFEND, owed):
                    best = max(best, world.clause_strength[clause])
    return float(best)


@rule
def survives_veto(world: World, case: Case, ally: int) -> bool:
    """Return whether a treaty without a collective decision covers the case, so that no veto stops ``ally``."""
    owed = duty(world, case, ally)
    seen = perceived_location(world, case, ally)
    for clause in range(world.clause_treaty.shape[0]):
        treaty = world.clause_treaty[clause]
        if (
            world.decision[treaty] == FREE
            and world.clause_duty[clause] == owed
            and owes(world, ally, case.victim, treaty)
            and clause_coverage(world, case, clause, seen) > 0.0
        ):
            return True
    return False


@rule
def refresh_bonds(world: World, state: int) -> None:
    """Update a state's shared treaties, the states it owes help, and its audience.

    Called for every state whenever membership or validity changes. A, the audience, is the share of the ally's
    clients (the states that it owes defence) other than the victim: ``1 - 1 / clients``.
    """
    states = world.capability.shape[0]
    for other in range(states):
        world.shared[state, other] = False
        world.owed[state, other] = False
        world.defends[state, other] = False
    for treaty in range(world.in_force.shape[0]):
        if bound(world, state, treaty):
            binding = world.clause_from[treaty] < world.clause_from[treaty + 1]
            for other in range(states):
                if bound(world, other, treaty):
                    world.shared[state, other] = True
                    if binding and owes(world, state, other, treaty):
                        world.owed[state, other] = True
                        world.defends[state, other] = world.defends[state, other] or world.defence[treaty]
    clients = 0
    for other in range(states):
        clients += 1 if world.defends[state, other] else 0
    world.audience[state] = 1.0 - 1.0 / clients if clients > 0 else 0.0


@rule
def share_treaty(world: World, state: int, other: int) -> bool:
    """Return whether a treaty in force binds both of two states."""
    return bool(world.shared[state, other])


@computed("dependence", "NN", "mean share of the portfolio held by the other", "0..1", before="arms")
def dependence(world: World, state: int, partner: int) -> float:
    """Return a state's dependence on a partner: the mean share over the channels with data, 0..1."""
    total = 0.0
    known = 0
    for channel in range(world.portfolio.shape[2]):
        share = world.portfolio[state, partner, channel]
        if not math.isnan(share):
            total += share
            known += 1
    return total / known if known else 0.0
