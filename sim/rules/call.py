"""B2, first line: whether a victim appeals or stays silent."""

from sim.parameters import Parameters
from sim.rules.coverage import coverage, obliged
from sim.rules.maths import logistic
from sim.rules.posture import intrusion
from sim.rules.registry import rule
from sim.rules.reliability import expected_help
from sim.world import Case, World


@rule
def best_hope(world: World, p: Parameters, case: Case) -> float:
    """Return E(y) of the ally from which the victim expects most, 0 without allies."""
    best = 0.0
    for ally in range(world.capability.shape[0]):
        if obliged(world, case, ally):
            best = max(best, expected_help(world, p, case.victim, ally, case))
    return best


@rule
def clearest_coverage(world: World, case: Case) -> float:
    """Return the coverage that the victim reads, the largest over its allies."""
    best = 0.0
    for ally in range(world.capability.shape[0]):
        if obliged(world, case, ally):
            best = max(best, coverage(world, case, ally, case.victim))
    return best


@rule
def helpers_intrusion(world: World, p: Parameters, case: Case) -> float:
    """Return the intrusion that the victim already feels from those whose help it would call for, the largest."""
    most = 0.0
    for ally in range(world.capability.shape[0]):
        if obliged(world, case, ally):
            most = max(most, intrusion(world, p, case.victim, ally))
    return most


@rule
def call_terms(world: World, p: Parameters, case: Case) -> tuple[float, float, float, float]:
    """Return the terms of the readiness to appeal, in logits: base, hope, shame, autonomy.

    ``iota0 + iota1 sev E(y) - iota2 (1 - E(y)) face - iota3 autonomy``. A refusal costs face before an audience
    and where the law is doubtful: ``face = (D + 1 - L) / 2``; autonomy is what the helpers' presence already costs.
    """
    hope = best_hope(world, p, case)
    face = 0.5 * (world.democracy[case.victim] + 1.0 - clearest_coverage(world, case))
    return (
        p.call_base,
        p.call_hope * case.severity * hope,
        -p.call_shame * (1.0 - hope) * face,
        -p.call_autonomy * helpers_intrusion(world, p, case),
    )


@rule
def call_chance(world: World, p: Parameters, case: Case) -> float:
    """Return the chance that the victim appeals; without coverage in its own eyes there is nothing to invoke."""
    if clearest_coverage(world, case) <= 0.0:
        return 0.0
    base, hope, shame, autonomy = call_terms(world, p, case)
    return logistic(base + hope + shame + autonomy)


@rule
def choose_call(world: World, p: Parameters, case: Case, draw: float) -> bool:
    """Decide whether the victim appeals."""
    return draw < call_chance(world, p, case)
