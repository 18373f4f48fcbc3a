"""B2, first line: whether a victim appeals for help or stays silent."""

from typing import Annotated, NamedTuple

from sim.model.parameters import Parameters
from sim.model.terms import Term, Weighing, declare_terms, terms_rule
from sim.model.world import NOBODY, Case, World
from sim.rules.coverage import coverage, obliged
from sim.rules.maths import logistic, total
from sim.rules.posture import autonomy_loss
from sim.rules.registry import rule
from sim.rules.reliability import expected_help


@rule
def best_hope(world: World, p: Parameters, case: Case) -> float:
    """Return the largest E(y), the help that the victim expects from any one ally, 0..1; 0 without allies."""
    best = 0.0
    for ally in range(world.capability.shape[0]):
        if obliged(world, case, ally):
            best = max(best, expected_help(world, p, case.victim, ally, case))
    return best


@rule
def clearest_coverage(world: World, case: Case) -> float:
    """Return the largest legal coverage over the victim's allies, as the victim perceives it, 0..1."""
    best = 0.0
    for ally in range(world.capability.shape[0]):
        if obliged(world, case, ally):
            best = max(best, coverage(world, case, ally, case.victim))
    return best


@rule
def helpers_intrusion(world: World, p: Parameters, case: Case) -> float:
    """Return the largest intrusion, 0..1, that the victim already feels from any ally that it would call."""
    most = 0.0
    for ally in range(world.capability.shape[0]):
        if obliged(world, case, ally):
            most = max(most, autonomy_loss(world, p, case.victim, ally))
    return most


def _hope_in_words(at: Weighing) -> str:
    """Describe the help that the victim can hope for."""
    case = at.question.about
    hope = best_hope(at.world, at.p, case)
    allies = _allies(at)
    best = max(allies, key=lambda ally: expected_help(at.world, at.p, case.victim, ally, case), default=NOBODY)
    whose = "" if best == NOBODY else f" from {at.name_of(best)}"
    return f"help to hope for{whose}: {hope:.2f} of a full duty, at a severity of {case.severity:.2f}"


def _shame_in_words(at: Weighing) -> str:
    """Describe the face that the victim would lose if its appeal were refused."""
    case = at.question.about
    missing, clear = 1.0 - best_hope(at.world, at.p, case), clearest_coverage(at.world, case)
    return f"fear of a public refusal: {missing:.2f} of the duty at risk; the law is {clear:.2f} clear"


def _autonomy_in_words(at: Weighing) -> str:
    """Describe the autonomy that the helpers' presence already costs the victim."""
    victim, allies = at.question.state, _allies(at)
    most = max(allies, key=lambda ally: autonomy_loss(at.world, at.p, victim, ally), default=NOBODY)
    whose = "" if most == NOBODY else f" of {at.name_of(most)}"
    felt = helpers_intrusion(at.world, at.p, at.question.about)
    return f"what the helpers' presence costs already: intrusion{whose} {felt:.2f}"


def _allies(at: Weighing) -> list[int]:
    """Return the states that owe the victim help in the case."""
    return [ally for ally in range(len(at.world.capability)) if obliged(at.world, at.question.about, ally)]


# fmt: off
@declare_terms
class CallTerms(NamedTuple):
    """Terms of a victim's readiness to appeal, in logits."""

    base: Annotated[float, Term("call_base", "readiness to appeal as such")]
    hope: Annotated[float, Term("call_hope", _hope_in_words)]
    shame: Annotated[float, Term(
        "call_shame", _shame_in_words, "call-fears",
        "fear of a public refusal, and of the helpers' presence, holds calls back")]
    autonomy: Annotated[float, Term("call_autonomy", _autonomy_in_words, "call-fears")]
# fmt: on


@terms_rule
def call_terms(world: World, p: Parameters, case: Case) -> CallTerms:
    """Return the terms of a victim's readiness to appeal, in logits.

    ``iota0 + iota1 sev E(y) - iota2 (1 - E(y)) face - iota3 autonomy``. A refusal costs face before an audience
    and where the law is doubtful: ``face = (D + 1 - L) / 2``; autonomy is what the helpers' presence already costs.
    """
    hope = best_hope(world, p, case)
    face = 0.5 * (world.democracy[case.victim] + 1.0 - clearest_coverage(world, case))
    return CallTerms(
        base=p.call_base,
        hope=p.call_hope * case.severity * hope,
        shame=-p.call_shame * (1.0 - hope) * face,
        autonomy=-p.call_autonomy * helpers_intrusion(world, p, case),
    )


@rule
def call_chance(world: World, p: Parameters, case: Case) -> float:
    """Return the chance that the victim appeals; 0 where it sees no legal coverage that it could invoke."""
    if clearest_coverage(world, case) <= 0.0:
        return 0.0
    return logistic(total(call_terms(world, p, case)))


@rule
def choose_call(world: World, p: Parameters, case: Case, draw: float) -> bool:
    """Decide whether the victim appeals."""
    return draw < call_chance(world, p, case)
