"""The ledger: recent obligations and whether they were met, for hard times (B1) and default rates (B7)."""

from sim.model.parameters import Parameters
from sim.model.world import SURPRISE, Case, World
from sim.rules.coverage import coverage
from sim.rules.registry import rule

NOTHING_OWED = 1e-9
"""Weight of obligations below which there are none; sums of weights keep a rest of their rounding."""


@rule
def obligation_weight(world: World, case: Case, ally: int) -> float:
    """Return the weight of an obligation in default rates: coverage times the ally's capability.

    Small allies that owed little say little about hard times. Under the older rules of belief each obligation weighs 1.
    """
    if world.belief_rule != SURPRISE:
        return 1.0
    return float(coverage(world, case, ally, ally) * world.capability[ally])


@rule
def enter_obligation(world: World, p: Parameters, case: Case, ally: int, done: float) -> None:
    """Add an obligation, of which ``done`` was delivered, to the ledger; a full ledger first loses its oldest row."""
    rows = world.ledger.shape[0]
    if world.ledger_next[0] - world.ledger_first[0] == rows:
        drop_oldest(world)
    row = world.ledger_next[0] % rows
    world.ledger[row, 0] = world.clock[0]
    world.ledger[row, 1] = case.victim
    world.ledger[row, 2] = ally
    world.ledger[row, 3] = 1.0 if done < p.default_below else 0.0
    world.ledger[row, 4] = obligation_weight(world, case, ally)
    world.ledger_next[0] += 1
    count_obligation(world, row, 1)


@rule
def age_ledger(world: World, p: Parameters) -> None:
    """Drop obligations that are too old to count from the ledger."""
    rows = world.ledger.shape[0]
    while world.ledger_first[0] < world.ledger_next[0]:
        if world.clock[0] - world.ledger[world.ledger_first[0] % rows, 0] <= p.ledger_months:
            return
        drop_oldest(world)


@rule
def drop_oldest(world: World) -> None:
    """Drop the oldest obligation from the ledger."""
    count_obligation(world, world.ledger_first[0] % world.ledger.shape[0], -1)
    world.ledger_first[0] += 1


@rule
def count_obligation(world: World, row: int, sign: int) -> None:
    """Add a row of the ledger to the running sums (``sign`` 1), or subtract it (-1)."""
    victim, ally = int(world.ledger[row, 1]), int(world.ledger[row, 2])
    every = world.capability.shape[0]
    owed = sign * world.ledger[row, 4]
    failed = owed if world.ledger[row, 3] > 0.0 else 0.0
    for by in (ally, every):
        for to in (victim, every):
            world.owed_lately[by, to] += owed
            world.failed_lately[by, to] += failed


@rule
def own_default_rate(world: World, ally: int, victim: int) -> float:
    """Return an ally's default rate on its obligations to states other than ``victim``, 0..1; 0 without any."""
    every = world.capability.shape[0]
    owed = world.owed_lately[ally, every] - world.owed_lately[ally, victim]
    failed = world.failed_lately[ally, every] - world.failed_lately[ally, victim]
    return float(min(1.0, max(0.0, failed / owed))) if owed > NOTHING_OWED else 0.0


@rule
def others_default_rate(world: World, ally: int, victim: int) -> float:
    """Return HT, hard times: the default rate of other allies towards other victims, by weight, 0..1; 0 without any."""
    every = world.capability.shape[0]
    owed = (
        world.owed_lately[every, every]
        - world.owed_lately[ally, every]
        - world.owed_lately[every, victim]
        + world.owed_lately[ally, victim]
    )
    failed = (
        world.failed_lately[every, every]
        - world.failed_lately[ally, every]
        - world.failed_lately[every, victim]
        + world.failed_lately[ally, victim]
    )
    return float(min(1.0, max(0.0, failed / owed))) if owed > NOTHING_OWED else 0.0
