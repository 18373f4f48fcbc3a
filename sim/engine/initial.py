"""The initial world of a run: every field at its start value, from its declaration or from the scenario.

A field that starts from the scenario is read from the key of its own name in the tables of states, dyads or treaties,
unless a function here, registered with `_starts`, computes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import Any, Final, TypeVar

import numpy as np
from pydantic import BaseModel

from sim.model.declaring import DeclarationError
from sim.model.quantity import Quantity
from sim.model.world import DEFEND, FIELDS, NEVER, NOBODY, Flags, Floats, Ints, World
from sim.rules.coverage import refresh_bonds
from sim.rules.maths import logit
from sim.rules.threats import refresh_exposure
from sim.scenario import Scenario
from sim.scenario.calendar import Calendar
from sim.scenario.names import has_ladder
from sim.scenario.schema import Clause, Dyad, StateEntry, Treaty
from sim.words import BELIEF_RULES, CHANNELS, DECISIONS, LOYAL, NOTIFY, OBLIGATIONS, OUTLOOKS, POSTURES

KM = 1000.0
DAYS_A_MONTH = 365.25 / 12.0
EARTH_RADIUS = 6371.0
UNKNOWN_DISTANCE = 2000.0
"""Distance in km between states whose distance and capitals are not given."""


@dataclass(frozen=True)
class Origin:
    """Sources of an initial world: the scenario, and names in the order of the axes of `sim.model.world.World`."""

    scenario: Scenario
    codes: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]
    clauses: tuple[tuple[str, str], ...]
    guarantors: Sequence[str]
    calendar: Calendar

    @cached_property
    def at(self) -> dict[str, int]:
        """Index of each state, by code."""
        return {code: index for index, code in enumerate(self.codes)}

    @cached_property
    def texts(self) -> list[Treaty]:
        """The treaties of the scenario, in the order of the axis."""
        return [self.scenario.treaties[name] for name in self.treaties]

    @cached_property
    def duties(self) -> list[Clause]:
        """The clauses of all treaties, in the order of the axis."""
        return [self.scenario.treaties[treaty].clauses[name] for treaty, name in self.clauses]

    @property
    def sizes(self) -> dict[str, int]:
        """Length of each axis of the world."""
        return {
            "N": len(self.codes), "K": len(self.treaties), "P": len(self.places), "C": len(self.clauses),
            "S": len(CHANNELS),
        }  # fmt: skip

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the array shape of a field of the world."""
        return tuple(_length(axis, self.sizes) for axis in FIELDS[name].variable.axes)

    def full(self, name: str, value: Any) -> Any:
        """Return an array for a field of the world, filled with one value."""
        return np.full(self.shape(name), value, dtype=FIELDS[name].dtype)


def first_world(origin: Origin) -> World:
    """Return the world at the start of a run."""
    values = {
        name: origin.full(name, field.start) if field.start is not None else _start(origin, name)
        for name, (field, _) in FIELDS.items()
    }
    world = World(**values)
    for state in range(len(origin.codes)):
        refresh_bonds(world, state)
        refresh_exposure(world, state)
    return world


def _length(axis: str | int, sizes: dict[str, int]) -> int:
    if isinstance(axis, int):
        return axis
    letter, _, more = axis.partition("+")
    return sizes[letter] + int(more or 0)


Start = TypeVar("Start", bound=Callable[[Origin], Any])
_STARTS: Final[dict[str, Callable[[Origin], Any]]] = {}
_TABLES: Final[dict[str, type[BaseModel]]] = {"N": StateEntry, "NN": Dyad, "K": Treaty}


def _starts(name: str) -> Callable[[Start], Start]:
    """Register the function that computes a field's start values from the scenario."""

    def enter(function: Start) -> Start:
        _STARTS[name] = function
        return function

    return enter


def _start(origin: Origin, name: str) -> Any:
    if name in _STARTS:
        return _STARTS[name](origin)
    values = origin.full(name, 0)
    axes = FIELDS[name].variable.axes
    if axes == "NN":
        return _pairs(origin, name, values)
    tables = origin.texts if axes == "K" else [origin.scenario.states[code] for code in origin.codes]
    for index, table in enumerate(tables):
        values[index] = _number(origin, getattr(table, name))
    return values


def _pairs(origin: Origin, name: str, values: Any, *, both: bool = False) -> Any:
    """Write the scenario's values for dyads into an array; ``both`` ways where a value is symmetric."""
    for code, others in origin.scenario.dyads.items():
        for other, dyad in others.items():
            given = getattr(dyad, name)
            if given is not None:
                i, j = origin.at[code], origin.at[other]
                values[i, j] = _number(origin, given)
                if both:
                    values[j, i] = values[i, j]
    return values


def _number(origin: Origin, given: Any) -> Any:
    """Return a value of the scenario as a number; of a series, the value in the first year of the run."""
    return given.at(origin.scenario.start.year) if isinstance(given, Quantity) else given


@_starts("months")
def _months(origin: Origin) -> float:
    return origin.calendar.months


@_starts("belief_rule")
def _belief_rule(origin: Origin) -> int:
    return BELIEF_RULES.index(origin.scenario.belief_rule)


@_starts("outlook")
def _outlook(origin: Origin) -> int:
    return OUTLOOKS.index(origin.scenario.outlook)


@_starts("distance")
def _distance(origin: Origin) -> Floats:
    distance = origin.full("distance", UNKNOWN_DISTANCE)
    np.fill_diagonal(distance, 0.0)
    for i, code in enumerate(origin.codes):
        for j, other in enumerate(origin.codes[:i]):
            a, b = origin.scenario.states[code].capital, origin.scenario.states[other].capital
            if a is not None and b is not None:
                distance[i, j] = distance[j, i] = max(1.0, _great_circle(a, b))
    return np.asarray(_pairs(origin, "distance", distance, both=True) / KM)


def _great_circle(a: tuple[float, float], b: tuple[float, float]) -> float:
    lon_a, lat_a, lon_b, lat_b = (radians(value) for value in (*a, *b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))


@_starts("log_distance")
def _log_distance(origin: Origin) -> Floats:
    return np.log1p(_distance(origin))


@_starts("contiguous")
def _contiguous(origin: Origin) -> Flags:
    return np.asarray(_pairs(origin, "contiguous", origin.full("contiguous", False), both=True))


@_starts("fought")
def _fought(origin: Origin) -> Floats:
    fought = origin.full("fought", -np.inf)
    for code, others in origin.scenario.dyads.items():
        for other, dyad in others.items():
            if dyad.fought is not None:
                i, j = origin.at[code], origin.at[other]
                since = (dyad.fought - origin.scenario.start).days / DAYS_A_MONTH
                fought[i, j] = fought[j, i] = since if since <= 0.0 else -np.inf
    return np.asarray(fought)


@_starts("portfolio")
def _portfolio(origin: Origin) -> Floats:
    portfolio = origin.full("portfolio", np.nan)
    for channel, name in enumerate(CHANNELS):
        _pairs(origin, name, portfolio[:, :, channel])
    return np.asarray(portfolio)


@_starts("owner")
def _owner(origin: Origin) -> Ints:
    given = origin.scenario.places
    return np.array([origin.at[given[name].owner if name in given else name] for name in origin.places], dtype=np.int64)


@_starts("undelimited")
def _undelimited(origin: Origin) -> Flags:
    given = origin.scenario.places
    return np.array([name in given and given[name].undelimited for name in origin.places], dtype=np.bool_)


@_starts("recognised")
def _recognised(origin: Origin) -> Ints:
    recognised = origin.full("recognised", NOBODY)
    for name, place in origin.scenario.places.items():
        for code, seen in place.eyes.items():
            recognised[origin.at[code], origin.places.index(name)] = origin.at[seen]
    return np.asarray(recognised)


@_starts("disputed")
def _disputed(origin: Origin) -> Flags:
    disputed = origin.full("disputed", False)
    for name, place in origin.scenario.places.items():
        for code in place.disputed_by:
            disputed[origin.at[code], origin.places.index(name)] = True
    return np.asarray(disputed)


@_starts("posture")
def _posture(origin: Origin) -> Ints:
    posture = origin.full("posture", NEVER)
    for column, treaty in enumerate(origin.texts):
        for code in treaty.members:
            posture[origin.at[code], column] = POSTURES.index(treaty.postures.get(code, POSTURES[LOYAL]))
    return np.asarray(posture)


@_starts("touched")
def _touched(origin: Origin) -> Ints:
    return _posture(origin)


@_starts("notice_left")
def _notice_left(origin: Origin) -> Floats:
    notice = origin.full("notice_left", np.inf)
    for column, treaty in enumerate(origin.texts):
        notice[_posture(origin)[:, column] == NOTIFY, column] = treaty.notice_months
    return np.asarray(notice)


@_starts("obligor")
def _obligor(origin: Origin) -> Flags:
    obligor = origin.full("obligor", False)
    for column, treaty in enumerate(origin.texts):
        for code in treaty.obligors or treaty.members:
            obligor[origin.at[code], column] = True
    return np.asarray(obligor)


@_starts("approval")
def _approval(origin: Origin) -> Floats:
    approval = origin.full("approval", 0.0)
    for row, code in enumerate(origin.codes):
        approval[row] = _number(origin, origin.scenario.states[code].approval)
    return np.asarray(approval)


@_starts("opinion_rest")
@_starts("opinion")
def _opinion(origin: Origin) -> Floats:
    approval = _approval(origin)
    return np.array([logit(share) for share in approval.flat]).reshape(approval.shape)


@_starts("guarantor")
def _guarantor(origin: Origin) -> Ints:
    return np.array([origin.at[code] for code in origin.guarantors], dtype=np.int64)


@_starts("ladder")
def _ladder(origin: Origin) -> Flags:
    return np.array([has_ladder(treaty) for treaty in origin.texts], dtype=np.bool_)


@_starts("decision")
def _decision(origin: Origin) -> Ints:
    return np.array([DECISIONS.index(treaty.decision) for treaty in origin.texts], dtype=np.int64)


@_starts("bars")
def _bars(origin: Origin) -> Flags:
    bars = origin.full("bars", False)
    for column, treaty in enumerate(origin.texts):
        for rival in treaty.rivals:
            bars[column, origin.treaties.index(rival)] = treaty.exclusive == 1.0
    return np.asarray(bars)


@_starts("in_force")
def _in_force(origin: Origin) -> Flags:
    start = origin.scenario.start
    return np.array(
        [
            (treaty.in_force is None or treaty.in_force <= start) and (treaty.expires is None or treaty.expires > start)
            for treaty in origin.texts
        ],
        dtype=np.bool_,
    )


@_starts("defence")
def _defence(origin: Origin) -> Flags:
    owing = {treaty for (treaty, _), duty in zip(origin.clauses, _clause_duty(origin), strict=True) if duty == DEFEND}
    return np.array([name in owing for name in origin.treaties], dtype=np.bool_)


@_starts("months_since_renewal")
def _months_since_renewal(origin: Origin) -> Floats:
    return np.array([_since_renewal(treaty, origin.scenario.start) for treaty in origin.texts], dtype=np.float64)


def _since_renewal(treaty: Treaty, start: date) -> float:
    """Return the months since a treaty came into force or was last renewed; 0 if the date is unknown or later."""
    before = [day for day in (treaty.in_force, *treaty.renewals) if day is not None and day <= start]
    return (start - max(before)).days / DAYS_A_MONTH if before else 0.0


@_starts("clause_from")
def _clause_from(origin: Origin) -> Ints:
    return np.cumsum([0, *(len(treaty.clauses) for treaty in origin.texts)], dtype=np.int64)


@_starts("clause_treaty")
def _clause_treaty(origin: Origin) -> Ints:
    return np.array([origin.treaties.index(treaty) for treaty, _ in origin.clauses], dtype=np.int64)


@_starts("clause_duty")
def _clause_duty(origin: Origin) -> Ints:
    return np.array([OBLIGATIONS.index(clause.obligation) for clause in origin.duties], dtype=np.int64)


@_starts("clause_strength")
def _clause_strength(origin: Origin) -> Floats:
    return np.array([clause.strength for clause in origin.duties], dtype=np.float64)


@_starts("clause_cover")
def _clause_cover(origin: Origin) -> Floats:
    cover = origin.full("clause_cover", 0.0)
    for row, clause in enumerate(origin.duties):
        rule = clause.coverage
        cover[row] = (
            rule.recognised, rule.border, rule.foreign, rule.members, rule.unrest, rule.unrest_foreign,
            rule.recognised_away,
        )  # fmt: skip
    return np.asarray(cover)


@_starts("clause_place")
def _clause_place(origin: Origin) -> Floats:
    named = origin.full("clause_place", np.nan)
    for row, clause in enumerate(origin.duties):
        for name, value in clause.coverage.places.items():
            named[row, origin.places.index(name)] = value
    return np.asarray(named)


def _check() -> None:
    """Refuse a field that starts from the scenario without a key or function for its start values."""
    for name, (field, _) in FIELDS.items():
        table = _TABLES.get(str(field.axes))
        if field.start is None and name not in _STARTS and (table is None or name not in table.model_fields):
            raise DeclarationError(
                f"{name}: starts from the scenario, but nothing says how; give it a start in sim/model/world.py, a key "
                "of its name in the schema of states, dyads or treaties, or a function in sim/engine/initial.py"
            )
    for name in _STARTS:
        if name not in FIELDS or FIELDS[name].variable.start is not None:
            raise DeclarationError(f"{name}: sim/engine/initial.py says how it starts, but no field asks for it")


_check()
