"""What each kind of dated event does to the world; attacks, crises, calls and responses run through the tick."""

from sim.parameters import Parameters
from sim.rules.audience import receive_refugees
from sim.rules.guarantor import feel_coercion, feel_reassurance
from sim.rules.learning import hear, take_evidence
from sim.rules.patronage import make_offer, shift_share, speed
from sim.rules.posture import move_to
from sim.rules.registry import rule
from sim.rules.threats import set_threat
from sim.words import FREEZE, LOYAL, OUT
from sim.world import NOBODY, World

(
    OVERSTRETCH, RECOGNITION, PROTEST, RHETORIC, REFUGEES, AID, OFFER, COERCION, REASSURANCE, WINDOW, LEADER,
    MEMBERSHIP, FORCE, RENEWAL, SET_STATE, SET_DYAD, SET_PORTFOLIO, SET_PARAMETER,
) = range(18)  # fmt: skip
"""Kinds of change; `sim.engine.timetable` turns events, series over years and treaty dates into them."""

JOIN, LEAVE, SUSPEND = range(3)

(CAPABILITY, POPULATION, DEMOCRACY, OVERSTRETCHED, ATTENTION) = range(5)
"""State values that a `set` event or a series can change."""

(THREAT, TIES, CLAIM) = range(3)
"""Values of a dyad that a `set` event or a series can change."""

REFUGEE_ATTENTION = 10.0
"""Attention gained for each share of the population that arrives."""

LEADER_MONTHS = 3.0
"""How long a change of leader leaves a window open."""

YEAR = 12.0
"""Aid or coercion of full weight moves its channel as far as it can move by itself in a year."""


@rule
def set_state_value(world: World, state: int, which: int, value: float) -> None:
    """Set one value of a state."""
    if which == CAPABILITY:
        world.capability[state] = value
    elif which == POPULATION:
        world.population[state] = value
    elif which == DEMOCRACY:
        world.democracy[state] = value
    elif which == OVERSTRETCHED:
        world.overstretch[state] = value
    else:
        world.attention[state] = value


@rule
def set_dyad_value(world: World, state: int, other: int, which: int, value: float) -> None:
    """Set one value of a dyad."""
    if which == THREAT:
        set_threat(world, state, other, value)
    elif which == TIES:
        world.ties[state, other] = value
    else:
        world.claim[state, other] = value


@rule
def give_aid(world: World, p: Parameters, giver: int, receiver: int, channel: int, value: float) -> None:
    """Let help from another state count as evidence for it, and move the channel towards it."""
    take_evidence(world, p, receiver, giver, p.evidence_weight * value, 0.0)
    shift_share(world, receiver, channel, giver, min(1.0, value * speed(p, channel) * YEAR))


@rule
def coerce(world: World, p: Parameters, source: int, target: int, channel: int, severity: float) -> None:
    """Let a state feel pressure, and lose as much of the channel used as it would shed by itself in a year."""
    feel_coercion(world, p, target, source, severity)
    world.portfolio[target, source, channel] *= 1.0 - min(1.0, severity * speed(p, channel) * YEAR)


@rule
def open_window(world: World, state: int, treaty: int, width: float, months: float) -> None:
    """Open a window for one member; the widest and the longest hold."""
    world.window[state, treaty] = max(world.window[state, treaty], width)
    world.window_left[state, treaty] = max(world.window_left[state, treaty], months)


@rule
def open_windows(world: World, state: int, treaty: int, width: float, months: float) -> None:
    """Open a window for one member or all (`NOBODY`), of one treaty or all (`NOBODY`)."""
    for member in range(world.capability.shape[0]):
        for each in range(world.in_force.shape[0]):
            if state in (NOBODY, member) and treaty in (NOBODY, each):
                open_window(world, member, each, width, months)


@rule
def change_membership(world: World, state: int, treaty: int, action: int) -> None:
    """Let a state join (as loyal), leave, or be suspended (frozen).

    Joining is void for a present member, and for a member of a treaty that bars this one.
    """
    present = LOYAL <= world.posture[state, treaty] < OUT
    if action == JOIN:
        if present:
            return
        for other in range(world.in_force.shape[0]):
            if world.bars[other, treaty] and LOYAL <= world.posture[state, other] < OUT:
                return
        world.obligor[state, treaty] = True
        move_to(world, state, treaty, LOYAL)
    elif present:
        move_to(world, state, treaty, OUT if action == LEAVE else FREEZE)


@rule
def bears_on_interest(kind: int) -> bool:
    """Tell whether a change may move what a guarantor weighs beside its stake (`sim.rules.reliability`)."""
    return kind in (OVERSTRETCH, MEMBERSHIP, FORCE, SET_STATE, SET_DYAD, SET_PARAMETER)


@rule
def apply_change(world: World, p: Parameters, kind: int, i: int, j: int, k: int, value: float) -> bool:
    """Apply one change to the world.

    Parameters
    ----------
    kind : int
        One of the kinds above, all but ``SET_PARAMETER``, ``RENEWAL``, which the engine handles.
    i, j, k : int
        Indices as the kind needs them: who does it or has it; to whom or what; channel, treaty or value.
    value : float

    Returns
    -------
    bool
        Whether membership or validity of a treaty changed.
    """
    if kind == OVERSTRETCH:
        world.overstretch[i] = value
    elif kind == RECOGNITION:
        world.recognised[i, j] = k
    elif kind == PROTEST:
        world.protest[i] = min(1.0, world.protest[i] + value)
        world.attention[i] = min(1.0, world.attention[i] + value)
    elif kind == RHETORIC:
        hear(world, p, j, i, value)
    elif kind == REFUGEES:
        receive_refugees(world, p, i, value)
        arrived = value / (1e6 * world.population[i])
        world.attention[i] = min(1.0, world.attention[i] + REFUGEE_ATTENTION * arrived)
    elif kind == AID:
        give_aid(world, p, i, j, k, value)
    elif kind == OFFER:
        make_offer(world, j, i, value)
    elif kind == COERCION:
        coerce(world, p, i, j, k, value)
    elif kind == REASSURANCE:
        feel_reassurance(world, p, j, i, value)
    elif kind == WINDOW:
        open_windows(world, i, j, 1.0, value)
    elif kind == LEADER:
        open_windows(world, i, NOBODY, 1.0 - world.democracy[i], LEADER_MONTHS)
    elif kind == MEMBERSHIP:
        change_membership(world, i, j, k)
        return True
    elif kind == FORCE:
        world.in_force[i] = value > 0.0
        world.months_since_renewal[i] = 0.0
        return True
    elif kind == SET_STATE:
        set_state_value(world, i, k, value)
    elif kind == SET_DYAD:
        set_dyad_value(world, i, j, k, value)
    elif kind == SET_PORTFOLIO:
        world.portfolio[i, j, k] = value
    return False
