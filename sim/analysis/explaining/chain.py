"""Chain of events that changed a member's trust in its guarantor, with the guarantor's present interest."""

import itertools
import math
from typing import Final

from sim.analysis.explaining.explanation import Chain, InterestMove, Outlook
from sim.analysis.explaining.replay import Replay
from sim.model.changes import VALIDITY
from sim.model.dispatch import CHANGES
from sim.model.parameters import Parameters
from sim.model.world import ADDITIVE, World, copy_world
from sim.rules.beliefs import trust_in, trust_logit
from sim.rules.ledger import own_default_rate
from sim.rules.reliability import update_reliability
from sim.words import LOYAL

FELT: Final = 0.05
"""Least move of the guarantor's interest that is told, in logits."""

TOLD: Final = 3
"""Most moves of the guarantor's interest that are told."""

_UNTOLD: Final = ("membership", VALIDITY.name)
_MOVERS: Final = frozenset(name for name, change in CHANGES.items() if change.bears_on_interest) - {*_UNTOLD}
"""Changes that are named as causes of a move of the guarantor's interest; who is in a treaty is told elsewhere."""


def chain_of(seen: Replay) -> Chain | None:
    """Return the events that changed the trust of the explained state in the focus treaty's guarantor.

    None for the guarantor itself and for states that never were members.
    """
    setup, world, state = seen.setup, seen.last, seen.state
    if not setup.treaties:
        return None
    treaty = setup.treaties.index(setup.focus)
    guarantor = int(world.guarantor[treaty])
    if state == guarantor or world.posture[state, treaty] < LOYAL:
        return None
    path = seen.trajectory.values["trust"][:, state, guarantor]
    now = trust_in(world, state, guarantor)
    expected = copy_world(world)
    update_reliability(expected, seen.parameters, state, treaty)
    additive = world.outlook == ADDITIVE
    moves = sorted(seen.moves.get((state, guarantor), ()), key=lambda move: -abs(now - move.without))
    return Chain(
        truster=setup.codes[state],
        trustee=setup.codes[guarantor],
        start=float(path[0]),
        now=now,
        reliability=float(expected.reliability[state, treaty]),
        record_weight=None if additive else seen.parameters.record_weight,
        outlook=_outlook(world, seen.parameters, state, treaty) if additive else None,
        default_below=seen.parameters.default_below,
        interest_moves=_interest_moves(seen),
        moves=tuple(moves),
        days=seen.trajectory.dates,
        path=tuple(float(value) for value in path),
        until=setup.calendar.ends[seen.ticks.stop - 1],
    )


def _outlook(world: World, p: Parameters, state: int, treaty: int) -> Outlook:
    """Return the parts of a member's expectation, which `sim.rules.reliability.update_reliability` adds up."""
    guarantor = int(world.guarantor[treaty])
    interest = float(world.interest[state, treaty])
    threatened = not math.isnan(interest)
    return Outlook(
        trust=float(trust_logit(world, state, guarantor)),
        interest=interest if threatened else None,
        weight=p.interest_weight,
        burdens_held=float(1.0 - world.burden_unlearnt[state, treaty]),
        release=float(p.capability_release * own_default_rate(world, guarantor, state)) if threatened else 0.0,
    )


def _interest_moves(seen: Replay) -> tuple[InterestMove, ...]:
    setup = seen.setup
    moves = []
    for tick, (before, after) in enumerate(itertools.pairwise(seen.interests[: seen.ticks.stop]), start=1):
        if abs(after - before) >= FELT:
            changes = [change.name for change in setup.changes[tick] if change.kind in _MOVERS]
            shocks = [
                shock.name for shock in setup.shocks[tick] if shock.case.victim == seen.state and not shock.is_promise
            ]
            moves.append(InterestMove(setup.calendar.starts[tick], before, after, (*changes, *shocks)))
    moves.sort(key=lambda move: -abs(move.after - move.before))
    return tuple(moves[:TOLD])
