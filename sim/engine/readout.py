"""Access to the variables of the world by the names that files and tables use."""

import math
from collections.abc import Callable, Iterator, Mapping
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
    return np.asarray(shares.sum(axis=-1) / np.maximum(1, known.sum(axis=-1)))


def _credibility(world: World, trust: Array) -> Array:
    guarantors = world.guarantor[..., np.newaxis, :]
    clients = _present(world) & (np.arange(trust.shape[-1])[:, np.newaxis] != guarantors)
    shares = np.where(clients, np.take_along_axis(trust, guarantors, axis=-1), 0.0)
    sums = shares.cumsum(axis=-2)[..., -1, :]  # term by term, as the rule adds; `sum` has other last bits
    counts = clients.sum(axis=-2)
    return np.where(counts > 0, sums / np.maximum(1, counts), np.nan)


def _present(world: World) -> NDArray[np.bool_]:
    return (world.posture >= LOYAL) & (world.posture < OUT)


_TABLES: Final[dict[str, Callable[[World, Array], Array]]] = {
    "trust": lambda _, trust: trust,
    "confidence": lambda world, _: (
        np.full_like(world.prior_for, np.nan)
        if world.belief_rule == SURPRISE
        else world.evidence_for + world.evidence_against
    ),
    "dependence": lambda world, _: _dependence(world),
    "credibility": _credibility,
    "members": lambda world, _: np.asarray(_present(world).sum(axis=-2)),
    "diversified": lambda world, _: np.asarray(world.diversified_to != NOBODY, dtype=np.float64),
    "pact": lambda world, _: np.asarray(world.pact_with != NOBODY, dtype=np.float64),
}
"""Computed variables for all owners, and all dates, at once, from a world and its trust; calling the rule for each
owner at each date would cost the Mesa engine time."""

ASKED: Final = tuple(name for name in COMPUTED if name not in _TABLES)
"""Variables that only their rule computes, which is called for each owner at each date."""


def read_all(world: World) -> dict[str, Array]:
    """Return every variable as an array: state (N), dyad (N, N), member (N, K), treaty (K)."""
    return read_dates(world, {name: ask(world, name) for name in ASKED})


def read_dates(history: World, asked: Mapping[str, Array]) -> dict[str, Array]:
    """Return every variable at all dates, as `read_all` does with a first axis for dates.

    Parameters
    ----------
    history : World
        A world whose fields in `READ` have a first axis for dates.
    asked : mapping of str to array
        The variables in `ASKED` at all dates.
    """
    trust = history.trust
    return {name: asked[name] if name in asked else _table(history, trust, name) for name in VARIABLES}


def ask(world: World, name: str) -> Array:
    """Return a computed variable of all owners by calling its rule for each."""
    states, treaties = world.posture.shape
    shape = tuple({"N": states, "K": treaties}[str(axis)] for axis in VARIABLES[name].axes)
    return np.array([COMPUTED[name].rule(world, *at) for at in np.ndindex(shape)], dtype=np.float64).reshape(shape)


def _table(world: World, trust: Array, name: str) -> Array:
    if name in PARTS:
        field, position = PARTS[name]
        return np.asarray(getattr(world, field)[..., position])
    if name not in COMPUTED:
        return np.asarray(getattr(world, name))
    return _TABLES[name](world, trust)


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


READ: Final = tuple(
    field
    for field, (variable, _) in FIELDS.items()
    if variable.axes
    and (
        field in {PARTS[name][0] if name in PARTS else name for name in VARIABLES if name not in COMPUTED}
        or any(field in _names_in(COMPUTED[name].rule, set()) for name in _TABLES)
    )
)
"""Fields of the world, single numbers aside, that `read_dates` reads."""
