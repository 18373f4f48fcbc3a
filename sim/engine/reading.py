"""Reading the variables of the world by the names that files and tables use."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.rules.beliefs import confidence_in, trust_in
from sim.rules.coverage import dependence
from sim.rules.registry import rule
from sim.scenario.expressions import Condition, Path
from sim.words import CHANNELS, LOYAL, OUT, STATE_VARIABLES, VARIABLES
from sim.world import NOBODY, World

Names = tuple[str, ...]

OPERATORS: Final = (">=", "<=", ">", "<", "==", "!=")
"""Comparisons, in the order of `true_now`."""

VARIABLE_CODES: Final = {name: code for code, name in enumerate(VARIABLES)}
"""Position of each variable; `value_of` reads by it."""

(
    CAPABILITY, OVERSTRETCH, ATTENTION, COERCION, REASSURANCE, TRUST, CONFIDENCE, THREAT, TIES, DEPENDENCE,
    FIRST_CHANNEL,
) = range(11)  # fmt: skip
(POSTURE, APPROVAL, EXIT_SUPPORT, RELIABILITY, PRESSURE, CREDIBILITY, MEMBERS) = range(15, 22)

WEIGHED: Final = (EXIT_SUPPORT, RELIABILITY, PRESSURE)
"""Variables that matter at reviews alone."""

FIELDS: Final[dict[int, tuple[Any, ...]]] = {
    VARIABLE_CODES[name]: (name,)
    for name in (*STATE_VARIABLES, "threat", "ties", "approval", "exit_support", "reliability", "pressure")
} | {VARIABLE_CODES[name]: ("portfolio", channel) for channel, name in enumerate(CHANNELS)}
"""Variables that are numbers of the world as they stand: the array, and the channel of a portfolio."""


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


MISSING: Final = (NOBODY, 0, 0)
"""Place of a variable of a state or treaty that a branch does not have."""


@rule
def value_of(world: World, variable: int, i: int, j: int) -> float:
    """Return one variable at one moment, by index.

    Parameters
    ----------
    variable : int
        From `VARIABLE_CODES`.
    i, j : int
        Owner, and other state or treaty; ``j`` is not used for variables of a state or treaty.
    """
    if POSTURE <= variable <= PRESSURE:
        return member_value(world, variable, i, j)
    if TRUST <= variable < POSTURE:
        return dyad_value(world, variable, i, j)
    if variable == CREDIBILITY:
        return credibility(world, i)
    if variable == MEMBERS:
        return float(believers(world, i, True))
    return state_value(world, variable, i)


@rule
def state_value(world: World, variable: int, i: int) -> float:
    """Return a variable of a state."""
    if variable == CAPABILITY:
        return float(world.capability[i])
    if variable == OVERSTRETCH:
        return float(world.overstretch[i])
    if variable == ATTENTION:
        return float(world.attention[i])
    return float(world.coercion[i] if variable == COERCION else world.reassurance[i])


@rule
def dyad_value(world: World, variable: int, i: int, j: int) -> float:
    """Return a variable of a dyad."""
    if variable == TRUST:
        return trust_in(world, i, j)
    if variable == THREAT:
        return float(world.threat[i, j])
    if variable == TIES:
        return float(world.ties[i, j])
    if variable == CONFIDENCE:
        return confidence_in(world, i, j)
    if variable == DEPENDENCE:
        return dependence(world, i, j)
    return float(world.portfolio[i, j, variable - FIRST_CHANNEL])


@rule
def member_value(world: World, variable: int, i: int, j: int) -> float:
    """Return a variable of a member of a treaty."""
    if variable == POSTURE:
        return float(world.posture[i, j])
    if variable == APPROVAL:
        return float(world.approval[i, j])
    if variable == EXIT_SUPPORT:
        return float(world.exit_support[i, j])
    return float(world.reliability[i, j] if variable == RELIABILITY else world.pressure[i, j])


@rule
def believers(world: World, treaty: int, guarantor_too: bool) -> int:
    """Return the number of members not out, with or without the guarantor."""
    count = 0
    for state in range(world.capability.shape[0]):
        if LOYAL <= world.posture[state, treaty] < OUT and (guarantor_too or state != world.guarantor[treaty]):
            count += 1
    return count


@rule
def credibility(world: World, treaty: int) -> float:
    """Return the mean trust in the guarantor of the members not out, NaN without any."""
    count = believers(world, treaty, False)
    if count == 0:
        return math.nan
    guarantor = world.guarantor[treaty]
    total = 0.0
    for state in range(world.capability.shape[0]):
        if LOYAL <= world.posture[state, treaty] < OUT and state != guarantor:
            total += trust_in(world, state, guarantor)
    return total / count


@rule
def true_now(world: World, variable: int, i: int, j: int, op: int, bound: float) -> bool:
    """Tell whether a condition holds now; one about what is not known, or no membership, never does.

    Parameters
    ----------
    variable, i, j : int
        As for `value_of`.
    op : int
        Position in `OPERATORS`.
    """
    if variable < 0 or (POSTURE <= variable <= PRESSURE and world.posture[i, j] < LOYAL):
        return False
    value = value_of(world, variable, i, j)
    if op == 0:
        return value >= bound
    if op == 1:
        return value <= bound
    if op == 2:
        return value > bound
    if op == 3:
        return value < bound
    if op == 4:
        return value == bound
    return value != bound and not math.isnan(value)


def indices(path: Path, codes: Names, treaties: Names, focus: str) -> tuple[int, int, int]:
    """Return a path as `value_of` takes it; `NOBODY` as variable where a name is not there.

    Parameters
    ----------
    path : Path
    codes, treaties : tuple of str
        Names of the axes.
    focus : str
        Treaty of member variables that name none.
    """
    of = VARIABLES[path.variable].of
    owners = treaties if of == "treaty" else codes
    others = treaties if of == "member" else codes
    other = path.other or (focus if of == "member" else None)
    if path.owner not in owners or (other is not None and other not in others):
        return MISSING
    return VARIABLE_CODES[path.variable], owners.index(path.owner), 0 if other is None else others.index(other)


def holds(world: World, condition: Condition | None, codes: Names, treaties: Names, focus: str) -> bool:
    """Tell whether a condition holds now; no condition always holds."""
    if condition is None:
        return True
    place = indices(condition.path, codes, treaties, focus)
    return true_now(world, *place, OPERATORS.index(condition.op), condition.value)
