"""Effects of time alone: feelings and beliefs decay, notices run out, windows close."""

import math
from collections.abc import Callable, Iterator
from typing import Final

from sim.model.declaring import FADING
from sim.model.parameters import Parameters
from sim.model.world import FIELDS, Floats, World
from sim.model.writing import written
from sim.rules.learning import decay_beliefs
from sim.rules.ledger import age_ledger
from sim.rules.maths import decay_factor
from sim.rules.posture import move_to
from sim.rules.registry import rule
from sim.words import NOTIFY, OUT

MOMENT = 1e-9


Left = Floats | tuple[float, ...]
"""Shares that remain after a tick, as `decay_factors` returns them."""

_FADING: Final = {name: field for name, (field, _) in FIELDS.items() if field.half_life}
_BY_AXES: Final = {axes: [name for name, field in _FADING.items() if field.axes == axes] for axes in FADING}

HALF_LIVES: Final = tuple(dict.fromkeys((*(field.half_life for field in _FADING.values()), "memory_half_life")))
"""Half-life parameters, in the order of the shares that `decay_factors` returns."""

_MEMORY: Final = HALF_LIVES.index("memory_half_life")
_SCOPE: Final = {"__name__": __name__, "decay_factor": decay_factor}


def _decay_factors() -> Iterator[str]:
    yield "def decay_factors(p, months):"
    yield '    """Return the shares that remain after a tick, one for each half-life."""'
    yield f"    return ({', '.join(f'decay_factor(p.{name}, months)' for name in HALF_LIVES)})"


def _age_state() -> Iterator[str]:
    share = {name: f"left[{HALF_LIVES.index(field.half_life)}]" for name, field in _FADING.items()}
    yield "def age_state(world, state, left):"
    yield '    """Apply one tick of decay to all decaying variables of a state."""'
    yield from (f"    world.{name}[state] *= {share[name]}" for name in _BY_AXES["N"])
    for name in _BY_AXES["NN"]:
        yield f"    for other in range(world.{name}.shape[1]):"
        yield f"        world.{name}[state, other] *= {share[name]}"
    yield "    for treaty in range(world.ladder.shape[0]):"
    yield "        if world.ladder[treaty]:"
    yield from (f"            world.{name}[state, treaty] *= {share[name]}" for name in _BY_AXES["NK"])


decay_factors: Callable[[Parameters, float], tuple[float, ...]] = rule(
    written("decay_factors", _decay_factors(), _SCOPE)
)
"""Return the shares, 0..1, that remain after a tick, one for each of `HALF_LIVES`."""

age_state: Callable[[World, int, Left], None] = rule(written("age_state", _age_state(), _SCOPE))
"""Apply one tick of decay to all decaying variables of a state; the shares left come from `decay_factors`."""


@rule
def age_beliefs(world: World, p: Parameters, left: Left) -> None:
    """Apply one tick of decay to all beliefs and to the ledger; the shares left come from `decay_factors`."""
    decay_beliefs(world, left[_MEMORY])
    age_ledger(world, p)


@rule
def close_window(world: World, state: int, treaty: int) -> None:
    """Close a member's window of opportunity when its time is up, at the end of a tick."""
    if world.window[state, treaty] == 0.0:
        return
    world.window_left[state, treaty] -= world.months
    if world.window_left[state, treaty] < 0.5 * world.months:
        world.window[state, treaty] = 0.0


@rule
def run_notice(world: World, state: int, treaty: int) -> bool:
    """Count down a notice of withdrawal; the state is out at the first tick on or after the day on which it ends.

    Returns
    -------
    bool
        Whether the notice ended.
    """
    if world.posture[state, treaty] != NOTIFY or world.notice_left[state, treaty] == math.inf:
        return False
    world.notice_left[state, treaty] -= world.months
    if world.notice_left[state, treaty] > MOMENT:
        return False
    move_to(world, state, treaty, OUT)
    return True
