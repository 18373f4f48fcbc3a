"""Reading the variables of the world by the names that files and tables use."""

import math
import operator
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.rules.coverage import dependence
from sim.scenario.expressions import Condition, Path
from sim.words import CHANNELS, LOYAL, OUT, STATE_VARIABLES, VARIABLES
from sim.world import NOBODY, World

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def read_all(world: World) -> dict[str, NDArray[Any]]:
    """Return every variable as an array: state (N), dyad (N, N), member (N, K), treaty (K)."""
    members = (world.posture >= LOYAL) & (world.posture < OUT)
    values: dict[str, NDArray[Any]] = {name: getattr(world, name) for name in STATE_VARIABLES}
    values |= {name: getattr(world, name) for name in ("trust", "threat", "ties")}
    values["confidence"] = world.evidence_for + world.evidence_against
    known = ~np.isnan(world.portfolio)
    shares = np.where(known, world.portfolio, 0.0)
    values["dependence"] = shares.sum(axis=2) / np.maximum(1, known.sum(axis=2))
    values |= {name: world.portfolio[:, :, channel] for channel, name in enumerate(CHANNELS)}
    values |= {
        name: getattr(world, name) for name in ("posture", "approval", "exit_support", "reliability", "pressure")
    }
    values["credibility"] = _credibility(world, members)
    values["members"] = members.sum(axis=0)
    return values


def _credibility(world: World, members: NDArray[np.bool_]) -> NDArray[np.float64]:
    believers = members.copy()
    treaties = np.arange(len(world.guarantor))
    believers[world.guarantor, treaties] = False
    counts = believers.sum(axis=0)
    sums = (world.trust[:, world.guarantor] * believers).sum(axis=0)
    return np.where(counts > 0, sums / np.maximum(1, counts), np.nan)


def read(world: World, path: Path, codes: tuple[str, ...], treaties: tuple[str, ...], focus: str) -> float:
    """Return one variable at one moment, NaN where it is not known or the state never was a member.

    Parameters
    ----------
    path : Path
        A checked path: its names exist.
    codes, treaties : tuple of str
        Names of the axes.
    focus : str
        Treaty of member variables that name none.
    """
    kind = VARIABLES[path.variable].of
    if kind == "treaty":
        return float(read_all(world)[path.variable][treaties.index(path.owner)])
    state = codes.index(path.owner)
    if kind == "state":
        return float(getattr(world, path.variable)[state])
    if kind == "member":
        treaty = treaties.index(path.other or focus)
        never = world.posture[state, treaty] < LOYAL
        return math.nan if never else float(getattr(world, path.variable)[state, treaty])
    other = codes.index(path.other) if path.other is not None else NOBODY
    if path.variable == "dependence":
        return dependence(world, state, other)
    if path.variable == "confidence":
        return float(world.evidence_for[state, other] + world.evidence_against[state, other])
    if path.variable in CHANNELS:
        return float(world.portfolio[state, other, CHANNELS.index(path.variable)])
    return float(getattr(world, path.variable)[state, other])


def holds(
    world: World, condition: Condition | None, codes: tuple[str, ...], treaties: tuple[str, ...], focus: str
) -> bool:
    """Tell whether a condition holds now; no condition always holds, and one about what is not known never does."""
    if condition is None:
        return True
    value = read(world, condition.path, codes, treaties, focus)
    return not math.isnan(value) and OPERATORS[condition.op](value, condition.value)
