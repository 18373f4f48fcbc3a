"""Thresholds of the ladder: the pressure at which a step up from a rung is even.

``u_k`` is the sum of the gaps up to rung k. From `freeze` on, ``theta8 Threat`` is added to it: to give notice or to
leave is to give up a formal claim to help, which is dear to those who are exposed (Snyder 1984; Morrow 1991).
"""

from sim.model.parameters import Parameters
from sim.model.world import World
from sim.rules.registry import rule
from sim.rules.reliability import exposure
from sim.words import FREEZE, NOTIFY, OUT, REDUCE, VOICE


@rule
def gap_sum(p: Parameters, rung: int) -> float:
    """Return the sum of the gaps of the ladder up to a rung, in logits."""
    level = 0.0
    if rung >= VOICE:
        level += p.gap_reduce
    if rung >= REDUCE:
        level += p.gap_freeze
    if rung >= FREEZE:
        level += p.gap_notify
    if rung >= NOTIFY:
        level += p.gap_out
    return level


@rule
def claim_value(world: World, p: Parameters, state: int, treaty: int, rung: int) -> float:
    """Return the rise of the threshold of a step up from a formal claim to help, in logits; 0 below `freeze`."""
    if rung < FREEZE:
        return 0.0
    return p.formal_claim * exposure(world, state, world.guarantor[treaty])


@rule
def threshold(world: World, p: Parameters, state: int, treaty: int, rung: int) -> float:
    """Return u_k, the pressure in logits at which a member's step up from a rung is even."""
    return gap_sum(p, rung) + claim_value(world, p, state, treaty, rung)


@rule
def pact_threshold(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return the pressure in logits at which a rival pact is even: that of a step to exit, for a member.

    A state that has left has no formal claim to give up any more.
    """
    if world.posture[state, treaty] == OUT:
        return gap_sum(p, NOTIFY)
    return threshold(world, p, state, treaty, NOTIFY)


@rule
def margin_up(world: World, p: Parameters, state: int, treaty: int, rung: int, pressure: float) -> float:
    """Return how far pressure exceeds the threshold of a step up from a rung, in logits: ``z - u_k``."""
    return pressure - threshold(world, p, state, treaty, rung)


@rule
def margin_down(world: World, p: Parameters, state: int, treaty: int, rung: int, pressure: float) -> float:
    """Return how far pressure falls short of the threshold of a step down from a rung: ``u_(k-1) - H - z``."""
    return threshold(world, p, state, treaty, rung - 1) - p.hysteresis - pressure
