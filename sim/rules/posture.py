"""B5: a member's posture, a rung on the ladder of loyalty, voice and exit (Hirschman 1970).

Two motives lead up the ladder: abandonment (low reliability under threat; Snyder 1984) and autonomy (an intrusive
guarantor; Lake 2009). The cost of exit holds members back. For a step down, pressure must fall below the threshold of
the step up by a margin (hysteresis).

``z = theta1 (logit r* - logit rho) + theta2 Threat (1 - rho) + theta3 Auton + theta4 Out - theta5 E
+ theta6 D (X - c6) + theta7 N + theta_g line + theta_e e + theta_d d``

With the additive outlook threat has two faces, ``theta2 Threat (1 - rho) Out - theta2h Threat rho``: it pushes out a
member that can turn to somebody else, and holds one that its guarantor protects.
"""

import math
from typing import Annotated, NamedTuple

from sim.model.declaring import computed
from sim.model.parameters import Parameters
from sim.model.terms import Term, Weighing, declare_terms, terms_rule
from sim.model.world import ADDITIVE, NOBODY, World
from sim.rules.force import hosts_combat_base
from sim.rules.jumps import DOWN, UP, step_length
from sim.rules.maths import chance_per_tick, logistic, logit, total
from sim.rules.patronage import best_patron, exit_cost
from sim.rules.registry import rule
from sim.rules.reliability import exposure
from sim.rules.threats import similarity, worst_rival
from sim.rules.thresholds import gap_sum, margin_down, margin_up, pact_threshold
from sim.words import FREEZE, LOYAL, NOTIFY, OUT, VOICE


@rule
def autonomy_loss(world: World, p: Parameters, state: int, guarantor: int) -> float:
    """Return Auton, the loss of autonomy, 0..1: the mean of hosting a guarantor's base and allied forces at home."""
    base = 1.0 if hosts_combat_base(world, p, state, guarantor) else 0.0
    return float(0.5 * (base + world.deployed[state]))


@rule
def unprotected_threat(world: World, p: Parameters, state: int, treaty: int, rho: float) -> float:
    """Return the threat that the alliance leaves unprotected, 0..1: ``Threat (1 - rho)``.

    With the additive outlook it counts as far as others offer protection. Nobody in the alliance protects a state from
    its own guarantor once the guarantor is a rival.
    """
    guarantor = world.guarantor[treaty]
    open_to = exposure(world, state, guarantor) * (1.0 - rho)
    if world.outlook == ADDITIVE:
        open_to *= world.outside[state, treaty]
    feared = world.threat[state, guarantor]
    return float(max(open_to, feared) if feared > p.rival_threat else open_to)


@rule
def protected_threat(world: World, state: int, treaty: int, rho: float) -> float:
    """Return the threat from which a member expects protection, 0..1: ``Threat rho``; 0 with the weighed outlook."""
    if world.outlook != ADDITIVE:
        return 0.0
    return exposure(world, state, world.guarantor[treaty]) * rho


@rule
def emulation(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return N, emulation, 0..1: the mean over fellow members of similarity times a recent step up.

    A former member counts while its leaving is recent, as an example.
    """
    if world.clock[0] - world.last_step_up[treaty] > p.emulation_months:
        return 0.0
    total = 0.0
    fellows = 0
    for other in range(world.capability.shape[0]):
        rung = world.posture[other, treaty]
        if rung < LOYAL or other in (state, world.guarantor[treaty]):
            continue
        recent = world.clock[0] - world.moved_up[other, treaty] <= p.emulation_months
        if rung == OUT and not recent:
            continue
        fellows += 1
        if recent:
            total += similarity(world, p, state, other, NOBODY)
    return total / fellows if fellows else 0.0


def _trust_in_words(at: Weighing) -> str:
    """Describe the guarantor's reliability and the level that the member requires."""
    state, treaty = at.question.state, at.question.treaty
    expected = float(at.world.reliability[state, treaty])
    return f"reliability of {_guarantor_of(at)}: expects {expected:.2f}, asks for {at.p.required_reliability:.2f}"


def _threat_in_words(at: Weighing) -> str:
    """Describe the threat that sets the term: the guarantor itself, or the worst other rival."""
    state, treaty = at.question.state, at.question.treaty
    guarantor = int(at.world.guarantor[treaty])
    feared = float(at.world.threat[state, guarantor])
    felt = unprotected_threat(at.world, at.p, state, treaty, at.world.reliability[state, treaty])
    if feared > at.p.rival_threat and felt == feared:
        return f"threat that no ally protects from: {at.name_of(guarantor)} itself feared at {feared:.2f}"
    elsewhere = " and others offer it" if at.world.outlook == ADDITIVE else ""
    return f"threat while help is in doubt{elsewhere}: {_fear_in_words(at)}"


def _protection_in_words(at: Weighing) -> str:
    """Describe the worst threat, as a reason to stay with a guarantor that helps."""
    return f"protection by {_guarantor_of(at)} as far as help is expected: {_fear_in_words(at)}"


def _fear_in_words(at: Weighing) -> str:
    state = at.question.state
    rival = worst_rival(at.world, state, int(at.world.guarantor[at.question.treaty]))
    return "nobody feared" if rival == NOBODY else f"{at.name_of(rival)} feared at {at.world.threat[state, rival]:.2f}"


def _autonomy_in_words(at: Weighing) -> str:
    """Describe how intrusive the guarantor is."""
    felt = autonomy_loss(at.world, at.p, at.question.state, int(at.world.guarantor[at.question.treaty]))
    return f"intrusion of {_guarantor_of(at)}: {felt:.2f}"


def _outside_in_words(at: Weighing) -> str:
    """Describe the best offer of protection from outside the alliance."""
    state = at.question.state
    patron = best_patron(at.world, state, at.question.treaty)
    offer = "nobody offers" if patron == NOBODY else f"{at.name_of(patron)} offers {at.world.offer[state, patron]:.2f}"
    return f"protection from outside: {offer}"


def _exit_cost_in_words(at: Weighing) -> str:
    """Describe the cost of leaving."""
    state = at.question.state
    left = exit_cost(at.world, at.p, state, at.question.treaty, at.world.coercion[state, at.question.treaty])
    return f"price of leaving {_guarantor_of(at)}: {left:.2f} of all it gets from abroad"


def _public_in_words(at: Weighing) -> str:
    """Describe public support for leaving, and how much it counts."""
    state, treaty = at.question.state, at.question.treaty
    support, democracy = at.world.exit_support[state, treaty], at.world.democracy[state]
    return f"support for exit in {at.name_of(state)}: {support:.2f}, democracy {democracy:.2f}"


def _emulation_in_words(at: Weighing) -> str:
    """Describe how far fellow members in a similar situation have moved up."""
    moved = emulation(at.world, at.p, at.question.state, at.question.treaty)
    return f"similar fellow members that moved up within {at.p.emulation_months:.0f} months: {moved:.2f}"


def _claim_in_words(at: Weighing) -> str:
    """Describe the threat that makes a formal claim to help dear."""
    return f"formal claim on {_guarantor_of(at)}, given up with notice or exit: {_fear_in_words(at)}"


def _government_in_words(at: Weighing) -> str:
    """Describe the line of the government."""
    line = at.world.government_line[at.question.state, at.question.treaty]
    return f"how far its government leans away from {_guarantor_of(at)}: {line:.2f}"


def _entrapment_in_words(at: Weighing) -> str:
    """Describe the wars and quarrels of the guarantor to which the member was called."""
    felt = at.world.entrapment[at.question.state, at.question.treaty]
    return f"calls to wars and crises of {_guarantor_of(at)}: {felt:.2f}"


def _regime_in_words(at: Weighing) -> str:
    """Describe how far the member's regime lies from its guarantor's."""
    distance = at.world.regime_distance[at.question.state, at.world.guarantor[at.question.treaty]]
    return f"distance of its regime from that of {_guarantor_of(at)}: {distance:.2f}"


def _guarantor_of(at: Weighing) -> str:
    return at.name_of(int(at.world.guarantor[at.question.treaty]))


# fmt: off
@declare_terms
class PressureTerms(NamedTuple):
    """Terms of z, the pressure to step up the ladder, in logits."""

    trust: Annotated[float, Term(
        "ladder_trust", _trust_in_words, "distrust", "reliability below what is asked pushes up the ladder")]
    threat: Annotated[float, Term(
        "ladder_threat", _threat_in_words, "threat", "threat under low reliability pushes up the ladder")]
    autonomy: Annotated[float, Term(
        "ladder_autonomy", _autonomy_in_words, "autonomy", "an intrusive guarantor pushes up the ladder")]
    outside: Annotated[float, Term(
        "ladder_outside", _outside_in_words, "outside-offers",
        "offers of others pull up the ladder, and publics to support an exit", with_it="exit_alternative")]
    exit_cost: Annotated[float, Term(
        "ladder_exit_cost", _exit_cost_in_words, "dependence", "dependence holds back from the ladder")]
    public: Annotated[float, Term(
        "ladder_public", _public_in_words, "publics", "support for exit pushes democracies up the ladder")]
    emulation: Annotated[float, Term(
        "ladder_emulation", _emulation_in_words, "emulation",
        "fellow members who moved up are followed")]
    protection: Annotated[float, Term(
        "ladder_protection", _protection_in_words, "protection",
        "a guarantor that protects from a threat holds back from the ladder")]
    government: Annotated[float, Term(
        "ladder_government", _government_in_words, "government", "a government's own line pushes up or down the ladder",
        with_it="government_hazard")]
    entrapment: Annotated[float, Term(
        "ladder_entrapment", _entrapment_in_words, "entrapment",
        "calls to wars of the guarantor's making push up the ladder")]
    regime: Annotated[float, Term(
        "ladder_regime", _regime_in_words, "regimes", "a guarantor with another kind of regime pushes up the ladder")]


@declare_terms
class StepTerms(NamedTuple):
    """Terms of a step from a member's present rung, in logits."""

    pressure: Annotated[float, Term(
        "", lambda at: f"pressure upwards{', the sum of the terms above' if at.question.kind == 'posture' else ''}")]
    threshold: Annotated[float, Term(
        "gap_reduce gap_freeze gap_notify gap_out", "threshold that lies between the rungs")]
    hysteresis: Annotated[float, Term(
        "hysteresis", "a step back needs more than the step up did", "hysteresis",
        "steps down are harder than steps up")]
    claim: Annotated[float, Term(
        "formal_claim", _claim_in_words, "formal-claim",
        "a member under threat does not lightly give up its formal claim to help")]
# fmt: on


@terms_rule
def pressure_terms(world: World, p: Parameters, state: int, treaty: int) -> PressureTerms:
    """Return the terms of z, the pressure to step up the ladder, in logits."""
    guarantor = world.guarantor[treaty]
    rho = world.reliability[state, treaty]
    return PressureTerms(
        trust=p.ladder_trust * (logit(p.required_reliability) - world.reliability_logit[state, treaty]),
        threat=p.ladder_threat * unprotected_threat(world, p, state, treaty, rho),
        autonomy=p.ladder_autonomy * autonomy_loss(world, p, state, guarantor),
        outside=p.ladder_outside * world.outside[state, treaty],
        exit_cost=-p.ladder_exit_cost * exit_cost(world, p, state, treaty, world.coercion[state, treaty]),
        public=p.ladder_public * world.democracy[state] * (world.exit_support[state, treaty] - p.exit_centre),
        emulation=p.ladder_emulation * emulation(world, p, state, treaty),
        protection=0.0 - p.ladder_protection * protected_threat(world, state, treaty, rho),
        government=p.ladder_government * world.government_line[state, treaty],
        entrapment=p.ladder_entrapment * world.entrapment[state, treaty],
        regime=p.ladder_regime * world.regime_distance[state, guarantor],
    )


@rule
def total_pressure(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return z, the pressure to step up the ladder, in logits."""
    return total(pressure_terms(world, p, state, treaty))


@rule
def review_rate(world: World, p: Parameters, state: int) -> float:
    """Return the monthly rate of posture reviews: ``h0 (1 + w_a attention)``."""
    return float(p.ladder_tempo * (1.0 + p.attention_tempo * world.attention[state]))


@rule
def window_factor(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return W, the multiplier of large steps: 1 without an open window, `window_multiplier` with a full one."""
    return float(1.0 + (p.window_multiplier - 1.0) * world.window[state, treaty])


@rule
def up_chance(world: World, p: Parameters, state: int, treaty: int, pressure: float) -> float:
    """Return the chance in a tick of a step up: ``h0 logistic(lambda_p (z - u_k)) W``.

    Windows make steps to freeze and beyond more likely. No member steps from notice to exit: the notice runs out.
    """
    rung = world.posture[state, treaty]
    if rung >= NOTIFY:
        return 0.0
    margin = margin_up(world, p, state, treaty, rung, pressure)
    rate = review_rate(world, p, state) * logistic(p.ladder_precision * margin)
    if rung + 1 >= FREEZE:
        rate *= window_factor(world, p, state, treaty)
    return chance_per_tick(rate, world.months)


@rule
def down_chance(world: World, p: Parameters, state: int, treaty: int, pressure: float) -> float:
    """Return the chance in a tick of a step down, past the threshold below: ``h0 logistic(u - H - z)``."""
    rung = world.posture[state, treaty]
    if not LOYAL < rung < OUT:
        return 0.0
    margin = margin_down(world, p, state, treaty, rung, pressure)
    return chance_per_tick(review_rate(world, p, state) * logistic(p.ladder_precision * margin), world.months)


@rule
def skips_review(world: World, p: Parameters, state: int, treaty: int, draw: float) -> bool:
    """Return whether a review's draw rules out any step, whatever the pressure."""
    turn = chance_per_tick(review_rate(world, p, state) * window_factor(world, p, state, treaty), world.months)
    return turn <= draw < 1.0 - turn


@rule
def choose_step(world: World, p: Parameters, state: int, treaty: int, draw: float) -> int:
    """Review a member's posture: the number of rungs up, of rungs down as a negative number, or 0.

    ``draw``, uniform in [0, 1), decides on a step; its position within the chance of that step decides on its length.
    """
    if skips_review(world, p, state, treaty, draw):
        return 0
    pressure = world.pressure[state, treaty]
    up = up_chance(world, p, state, treaty, pressure)
    if draw < up:
        return step_length(world, p, state, treaty, UP, draw / up)
    down = min(down_chance(world, p, state, treaty, pressure), 1.0 - up)
    return -step_length(world, p, state, treaty, DOWN, (1.0 - draw) / down) if draw >= 1.0 - down else 0


@rule
def lapse_chance(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return the chance that a member lets the treaty lapse at a renewal, from any rung, without notice.

    Combines the base hazard over the time since the last renewal (causes outside the model) with a review of
    the wish to leave: the chance that pressure exceeds the threshold between `voice` and `reduce`.
    """
    if not LOYAL <= world.posture[state, treaty] < OUT:
        return 0.0
    years = world.months_since_renewal[treaty] / 12.0
    at_rest = 1.0 - (1.0 - p.exit_base_hazard) ** years
    wanted = logistic(p.ladder_precision * (world.pressure[state, treaty] - gap_sum(p, VOICE)))
    return float(1.0 - (1.0 - at_rest) * (1.0 - wanted))


@rule
def chooses_lapse(world: World, p: Parameters, state: int, treaty: int, draw: float) -> bool:
    """Decide whether a member lets the treaty lapse at a renewal."""
    return draw < lapse_chance(world, p, state, treaty)


@rule
def return_chance(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return the chance in a tick that a former member rejoins; the lower its pressure, the likelier."""
    margin = -p.hysteresis - world.pressure[state, treaty]
    rate = review_rate(world, p, state) * logistic(p.ladder_precision * margin)
    return chance_per_tick(rate, world.months)


@rule
def chooses_return(world: World, p: Parameters, state: int, treaty: int, draw: float) -> bool:
    """Decide whether a former member rejoins."""
    return draw < return_chance(world, p, state, treaty)


@computed(
    "pact", "NK", "whether it has a rival pact with an outside patron", "0..1", worse=1, recorded=True,
    phrase="a rival pact of {owner}",
)  # fmt: skip
def has_pact(world: World, state: int, treaty: int) -> float:
    """Return 1 if a member or former member has a rival pact, else 0."""
    return 0.0 if world.pact_with[state, treaty] == NOBODY else 1.0


@rule
def may_conclude_pact(world: World, state: int, treaty: int) -> bool:
    """Return whether a state is free to conclude a rival pact: it has an offer and no such pact.

    Members of a treaty that is exclusive in full are not free until they are out.
    """
    if world.patron[state, treaty] == NOBODY or world.pact_with[state, treaty] != NOBODY:
        return False
    return bool(world.posture[state, treaty] == OUT or world.exclusive[treaty] < 1.0)


@rule
def pact_chance(world: World, p: Parameters, state: int, treaty: int) -> float:
    """Return the chance in a tick that a state concludes a rival pact, as far as the treaty leaves it free."""
    if not may_conclude_pact(world, state, treaty):
        return 0.0
    free = 1.0 if world.posture[state, treaty] == OUT else 1.0 - world.exclusive[treaty]
    pull = logistic(p.ladder_precision * (world.pressure[state, treaty] - pact_threshold(world, p, state, treaty)))
    return float(free * chance_per_tick(review_rate(world, p, state) * pull, world.months))


@rule
def chooses_pact(world: World, p: Parameters, state: int, treaty: int, draw: float) -> bool:
    """Decide whether a state concludes a rival pact with its best patron."""
    return draw < pact_chance(world, p, state, treaty)


@rule
def touch(world: World, state: int, treaty: int, rung: int) -> None:
    """Record that a member has reached a rung or has tried to."""
    world.touched[state, treaty] = max(world.touched[state, treaty], rung)


@rule
def move_to(world: World, state: int, treaty: int, rung: int) -> bool:
    """Move a state to a rung of a treaty's ladder, and record a step up and the start or end of a notice.

    To join is no step up. A return from outside ends a rival pact.

    Returns
    -------
    bool
        Whether the state joined or left, so that `sim.rules.coverage.refresh_bonds` is due.
    """
    crossed = (LOYAL <= world.posture[state, treaty] < OUT) != (LOYAL <= rung < OUT)
    if LOYAL <= world.posture[state, treaty] < rung:
        world.moved_up[state, treaty] = world.last_step_up[treaty] = world.clock[0]
    if world.posture[state, treaty] == OUT and rung != OUT:
        world.pact_with[state, treaty] = NOBODY
    world.posture[state, treaty] = rung
    touch(world, state, treaty, rung)
    world.notice_left[state, treaty] = world.notice_months[treaty] if rung == NOTIFY else math.inf
    return bool(crossed)
