"""Access to the variables of the world by the names that files and tables use."""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.model.declaring import COMPUTED
from sim.model.variables import MEMBER_VARIABLES, VARIABLES
from sim.model.world import FIELDS, NOBODY, SURPRISE, World
from sim.model.writing import written
from sim.rules.registry import RULES, rule
from sim.scenario.expressions import Path
from sim.words import LOYAL, OUT

Names = tuple[str, ...]

OPERATORS: Final = (">=", "<=", ">", "<", "==", "!=")
"""Comparisons, in the order of `true_now`."""

CODES: Final = {
    variable.name: code for code, variable in enumerate(sorted(VARIABLES.values(), key=lambda v: (v.of, v.name)))
}
"""The number that stands for each variable while a run lasts; variables of members lie together."""

_FIRST_OF_MEMBERS = min(CODES[name] for name in MEMBER_VARIABLES)
_LAST_OF_MEMBERS = max(CODES[name] for name in MEMBER_VARIABLES)

PARTS: Final = {
    part.name: (field.name, position)
    for field, _ in FIELDS.values()
    for position, part in enumerate(field.parts)
    if part.unit
}
"""Variables that are a slice of a field: the field, and the place along its last axis."""

Array = NDArray[Any]


def _dependence(world: World) -> Array:
    known = ~np.isnan(world.portfolio)
    shares = np.where(known, world.portfolio, 0.0)
    return np.asarray(shares.sum(axis=2) / np.maximum(1, known.sum(axis=2)))


def _present(world: World) -> NDArray[np.bool_]:
    return (world.posture >= LOYAL) & (world.posture < OUT)


_TABLES: Final[dict[str, Callable[[World], Array]]] = {
    "trust": lambda world: world.trust,
    "confidence": lambda world: (
        np.full_like(world.prior_for, np.nan)
        if world.belief_rule == SURPRISE
        else world.evidence_for + world.evidence_against
    ),
    "dependence": _dependence,
    "members": lambda world: np.asarray(_present(world).sum(axis=0)),
    "diversified": lambda world: np.asarray(world.diversified_to != NOBODY, dtype=np.float64),
    "pact": lambda world: np.asarray(world.pact_with != NOBODY, dtype=np.float64),
}
"""Computed variables for all owners at once, where calling the rule for each would cost the Mesa engine time."""


def read_all(world: World) -> dict[str, Array]:
    """Return every variable as an array: state (N), dyad (N, N), member (N, K), treaty (K)."""
    return {name: _table(world, name) for name in VARIABLES}


def _table(world: World, name: str) -> Array:
    if name in PARTS:
        field, position = PARTS[name]
        return np.asarray(getattr(world, field)[..., position])
    if name not in COMPUTED:
        return np.asarray(getattr(world, name))
    if name in _TABLES:
        return _TABLES[name](world)
    states, treaties = world.posture.shape
    shape = tuple({"N": states, "K": treaties}[str(axis)] for axis in VARIABLES[name].axes)
    return np.array([COMPUTED[name].rule(world, *at) for at in np.ndindex(shape)], dtype=np.float64).reshape(shape)


def _value_of() -> Iterator[str]:
    yield "def value_of(world, variable, i, j):"
    yield '    """Return one variable at one moment."""'
    for name, code in CODES.items():
        yield f"    if variable == {code}:"
        yield f"        return float({_expression(name)})"
    yield "    return math.nan"


def _expression(name: str) -> str:
    places = ", ".join("ij"[: len(VARIABLES[name].axes)])
    if name in PARTS:
        field, position = PARTS[name]
        return f"world.{field}[{places}, {position}]"
    return f"{COMPUTED[name].rule.__name__}(world, {places})" if name in COMPUTED else f"world.{name}[{places}]"


value_of: Callable[[World, int, int, int], float] = rule(
    written(
        "value_of",
        _value_of(),
        {"__name__": __name__, "math": math} | {function.__name__: function for function in RULES},
    )
)
"""Return one variable at one moment: by its number in `CODES`, its owner, and the other state or treaty if any."""

MISSING: Final = (NOBODY, 0, 0)
"""Place of a variable of a state or treaty that a branch does not have."""


@rule
def true_now(world: World, variable: int, i: int, j: int, op: int, bound: float) -> bool:
    """Return whether a condition holds now; never if it is about a missing value or a non-member.

    Parameters
    ----------
    variable, i, j : int
        As for `value_of`.
    op : int
        Position in `OPERATORS`.
    """
    if variable < 0 or (_FIRST_OF_MEMBERS <= variable <= _LAST_OF_MEMBERS and world.posture[i, j] < LOYAL):
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
    """Return the indices of a path for `value_of`; the variable is `NOBODY` where a name is missing.

    Parameters
    ----------
    path : Path
    codes, treaties : tuple of str
        Names of the axes.
    focus : str
        Treaty to use for member variables that name none.
    """
    of = VARIABLES[path.variable].of
    owners = treaties if of == "treaty" else codes
    others = treaties if of == "member" else codes
    other = path.other or (focus if of == "member" else None)
    if path.owner not in owners or (other is not None and other not in others):
        return MISSING
    return CODES[path.variable], owners.index(path.owner), 0 if other is None else others.index(other)


def weighed_at_reviews(name: str) -> bool:
    """Return whether a variable, or a field that its rule reads, matters only at reviews (`Variable.at_reviews`)."""
    if name not in COMPUTED:
        return VARIABLES[name].at_reviews
    return any(field in FIELDS and FIELDS[field].variable.at_reviews for field in _names_in(COMPUTED[name].rule, set()))


def _names_in(function: Callable[..., Any], seen: set[str]) -> set[str]:
    """Return every name used by a rule and the rules that it calls."""
    for name in set(function.__code__.co_names) - seen:
        seen.add(name)
        called = function.__globals__.get(name)
        if called in RULES:
            _names_in(called, seen)
    return seen
