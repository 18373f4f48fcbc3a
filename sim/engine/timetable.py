"""The timetable of a run: dated events, series over years and treaty dates as changes and shocks by tick."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sim.engine.draws import name_code
from sim.parameters import PARAMETERS
from sim.rules import events as kinds
from sim.scenario import schema
from sim.scenario.calendar import DAYS_IN_MONTH, Calendar
from sim.scenario.expressions import Condition, parse_condition
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.words import BASE, CHANNELS, RESPONSES
from sim.world import NOBODY, Case

STATE_VALUES = ("capability", "population", "democracy", "overstretch", "attention")
"""Values of a state that may change by date, in the order of `sim.rules.events`."""

DYAD_VALUES = ("threat", "ties", "claim")
"""Values of a dyad that may change by date, in the order of `sim.rules.events`."""

SERIES_OF_STATES = STATE_VALUES[:4]
SERIES_OF_DYADS = {
    **{value: (kinds.SET_DYAD, which) for which, value in enumerate(DYAD_VALUES)},
    "base": (kinds.SET_PORTFOLIO, BASE),
}
"""Values that follow their series; the other channels start from theirs and are then moved by the model."""

WINDOW_MONTHS = 1.0
ACTIONS = ("join", "leave", "suspend")


class Change(NamedTuple):
    """One change of the world, as `sim.rules.events.apply_change` takes it."""

    kind: int
    i: int
    j: int
    k: int
    value: float
    name: str
    only_if: Condition | None


class Fixed(NamedTuple):
    """A response on record: by whom, how much, what was offered beside, and on what condition."""

    ally: int
    level: int
    offered: int
    only_if: Condition | None


@dataclass(frozen=True)
class Recorded:
    """A call on record: whether it was made, what it invoked, and on what condition."""

    made: bool
    article: str
    only_if: Condition | None


@dataclass(frozen=True)
class Shock:
    """A dated attack or crisis with what is on record about call and responses.

    Attributes
    ----------
    calls : tuple of Recorded
        Without one whose condition holds, the victim decides.
    fixed : tuple of Fixed
        Of each ally the highest level counts whose condition holds; without one the ally decides.
    """

    name: str
    code: int
    day: date
    case: Case
    calls: tuple[Recorded, ...]
    fixed: tuple[Fixed, ...]
    only_if: Condition | None


def attack_name(aggressor: str, victim: str, day: date) -> str:
    """Return the name of an attack by choice in the tick that begins on a day."""
    return f"{aggressor}-{victim}-{day.isoformat()}"


class _Names(NamedTuple):
    codes: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]

    def state(self, code: str | None) -> int:
        return NOBODY if code is None else self.codes.index(code)


def changes_by_tick(
    scenario: Scenario,
    codes: tuple[str, ...],
    treaties: tuple[str, ...],
    places: tuple[str, ...],
    calendar: Calendar,
) -> tuple[tuple[Change, ...], ...]:
    """Return the changes of each tick in the order in which they apply: series and treaty dates, then events."""
    names = _Names(codes, treaties, places)
    dated: list[tuple[int, int, date, str, Change]] = []
    for tick, change in (*_series(scenario, names, calendar), *_treaty_dates(scenario, names, calendar)):
        dated.append((tick, 0, calendar.starts[tick], change.name, change))
    for name, event in scenario.events.items():
        made = _CHANGES.get(type(event))
        when = calendar.tick(event.date)
        if made is not None and when is not None:
            kind, i, j, k, value = made(event, names)
            dated.append((when, 1, event.date, name, Change(kind, i, j, k, value, name, _condition(event))))
            if isinstance(event, schema.Window) and event.of == "renewal":
                renewal = Change(kinds.RENEWAL, j, i, NOBODY, 0.0, name, _condition(event))
                dated.append((when, 1, event.date, name, renewal))
    dated.sort(key=lambda row: row[:4])
    ticks: list[list[Change]] = [[] for _ in calendar.starts]
    for tick, _, _, _, change in dated:
        ticks[tick].append(change)
    return tuple(map(tuple, ticks))


def shocks_by_tick(
    scenario: Scenario,
    codes: tuple[str, ...],
    treaties: tuple[str, ...],
    places: tuple[str, ...],
    calendar: Calendar,
) -> tuple[tuple[Shock, ...], ...]:
    """Return the attacks and crises of each tick, by date and name, with what is on record about them."""
    names = _Names(codes, treaties, places)
    dated = []
    for name, event in scenario.events.items():
        tick = calendar.tick(event.date)
        if isinstance(event, schema.Attack | schema.Crisis) and tick is not None:
            dated.append((tick, event.date, name, _shock(scenario, name, event, names)))
    dated.sort(key=lambda row: row[:3])
    return tuple(tuple(row[3] for row in dated if row[0] == tick) for tick in range(len(calendar.starts)))


def _shock(scenario: Scenario, name: str, event: schema.Attack | schema.Crisis, names: _Names) -> Shock:
    calls = [
        call
        for _, call in sorted(scenario.events.items())
        if isinstance(call, schema.Call) and (call.to or call.because_of) == name
    ]
    return Shock(
        name=name,
        code=name_code(name),
        day=event.date,
        case=_case(event, names, consult=bool(calls) and all(_asks_for_talks(scenario, call) for call in calls)),
        calls=tuple(
            Recorded(
                call.made,
                "" if call.article is None else f"{call.treaty} {call.article}",
                _condition(call),
            )
            for call in calls
        ),
        fixed=_fixed(scenario, name, event, names),
        only_if=_condition(event),
    )


def _case(event: schema.Attack | schema.Crisis, names: _Names, *, consult: bool) -> Case:
    override = math.nan if event.coverage is None else event.coverage
    if isinstance(event, schema.Crisis):
        return Case(names.state(event.victim), NOBODY, NOBODY, event.severity, True, event.foreign, consult, override)
    place = NOBODY if event.place in (None, event.victim) else names.places.index(event.place or "")
    return Case(
        names.state(event.victim),
        names.state(event.aggressor),
        place,
        event.severity,
        False,
        False,
        consult,
        override,
    )


def _asks_for_talks(scenario: Scenario, call: schema.Call) -> bool:
    cited = [
        clause
        for clause in scenario.treaties[call.treaty].clauses.values()
        if call.article is not None and clause.article == str(call.article)
    ]
    return bool(cited) and all(clause.obligation == "consult" for clause in cited)


def _fixed(scenario: Scenario, name: str, event: schema.Attack | schema.Crisis, names: _Names) -> tuple[Fixed, ...]:
    rows = [row for _, row in sorted(scenario.events.items()) if isinstance(row, schema.Response) and row.to == name]
    own = {row.state for row in rows}
    found = []
    for row in rows:
        if row.state in scenario.states:
            allies = [row.state]
        else:
            allies = [code for code in scenario.treaties[row.state].members if code not in own]
        offered = NOBODY if row.offered is None else RESPONSES.index(row.offered)
        found += [
            Fixed(names.state(ally), RESPONSES.index(row.response), offered, _condition(row))
            for ally in allies
            if ally != event.victim
        ]
    return tuple(sorted(found, key=lambda fixed: fixed[:2]))


def _condition(event: schema.Happening) -> Condition | None:
    return parse_condition(event.only_if) if event.only_if else None


def _series(scenario: Scenario, names: _Names, calendar: Calendar) -> Iterator[tuple[int, Change]]:
    for code, state in scenario.states.items():
        for which, value in enumerate(SERIES_OF_STATES):
            for tick, number in _steps(getattr(state, value), calendar):
                label = f"states.{code}.{value}"
                yield tick, Change(kinds.SET_STATE, names.state(code), NOBODY, which, number, label, None)
    for one, others in scenario.dyads.items():
        for other, dyad in others.items():
            i, j = names.state(one), names.state(other)
            for value, (kind, which) in SERIES_OF_DYADS.items():
                for tick, number in _steps(getattr(dyad, value), calendar):
                    yield tick, Change(kind, i, j, which, number, f"dyads.{one}.{other}.{value}", None)


def _steps(quantity: Quantity | None, calendar: Calendar) -> Iterator[tuple[int, float]]:
    if quantity is None:
        return
    for year, value in zip(quantity.years, quantity.values, strict=False):
        if year > calendar.starts[0].year:
            tick = calendar.tick_from(date(year, 1, 1))
            if tick < len(calendar.starts):
                yield tick, value


def _treaty_dates(scenario: Scenario, names: _Names, calendar: Calendar) -> Iterator[tuple[int, Change]]:
    for name, treaty in scenario.treaties.items():
        index = names.treaties.index(name)
        if treaty.in_force is not None and treaty.in_force > calendar.starts[0]:
            tick = calendar.tick(treaty.in_force)
            if tick is not None:
                yield tick, Change(kinds.FORCE, index, NOBODY, NOBODY, 1.0, f"{name} in force", None)
        if treaty.expires is not None and treaty.expires > calendar.starts[0]:
            tick = calendar.tick_from(treaty.expires)
            if tick < len(calendar.starts):
                yield tick, Change(kinds.FORCE, index, NOBODY, NOBODY, 0.0, f"{name} expires", None)
        for day in treaty.renewals:
            tick = calendar.tick(day)
            if tick is not None:
                yield tick, Change(kinds.RENEWAL, index, NOBODY, NOBODY, 0.0, f"{name} renewal", None)
                yield tick, Change(kinds.WINDOW, NOBODY, index, NOBODY, WINDOW_MONTHS, f"{name} renewal", None)


Made = tuple[int, int, int, int, float]


def _overstretch(event: schema.Overstretch, names: _Names) -> Made:
    return kinds.OVERSTRETCH, names.state(event.state), NOBODY, NOBODY, event.value


def _recognition(event: schema.Recognition, names: _Names) -> Made:
    return (
        kinds.RECOGNITION, names.state(event.state), names.places.index(event.place), names.state(event.as_), 0.0,
    )  # fmt: skip


def _protest(event: schema.Protest, names: _Names) -> Made:
    return kinds.PROTEST, names.state(event.state), NOBODY, NOBODY, event.severity


def _rhetoric(event: schema.Rhetoric, names: _Names) -> Made:
    return kinds.RHETORIC, names.state(event.state), names.state(event.target), NOBODY, event.tone


def _refugees(event: schema.Refugees, names: _Names) -> Made:
    return kinds.REFUGEES, names.state(event.state), NOBODY, NOBODY, event.value


def _aid(event: schema.Aid, names: _Names) -> Made:
    return (
        kinds.AID, names.state(event.state), names.state(event.target), CHANNELS.index(event.channel), event.value,
    )  # fmt: skip


def _offer(event: schema.Offer, names: _Names) -> Made:
    return kinds.OFFER, names.state(event.state), names.state(event.target), NOBODY, event.value


def _coercion(event: schema.Coercion, names: _Names) -> Made:
    channel = CHANNELS.index(event.channel)
    return kinds.COERCION, names.state(event.state), names.state(event.target), channel, event.severity


def _reassurance(event: schema.Reassurance, names: _Names) -> Made:
    return kinds.REASSURANCE, names.state(event.state), names.state(event.target), NOBODY, event.severity


def _window(event: schema.Window, names: _Names) -> Made:
    months = WINDOW_MONTHS
    if event.until is not None:
        months = (event.until - event.date + timedelta(days=1)).days / DAYS_IN_MONTH
    return kinds.WINDOW, names.state(event.state), names.treaties.index(event.treaty), NOBODY, months


def _leader(event: schema.Leader, names: _Names) -> Made:
    return kinds.LEADER, names.state(event.state), NOBODY, NOBODY, 0.0


def _membership(event: schema.Membership, names: _Names) -> Made:
    action = ACTIONS.index(event.action)
    return kinds.MEMBERSHIP, names.state(event.state), names.treaties.index(event.treaty), action, 0.0


def _set(event: schema.Set, names: _Names) -> Made:
    table, *path = event.key.split(".")
    if table == "parameters":
        return kinds.SET_PARAMETER, list(PARAMETERS).index(path[0]), NOBODY, NOBODY, event.value
    if table == "states":
        return kinds.SET_STATE, names.state(path[0]), NOBODY, STATE_VALUES.index(path[1]), event.value
    i, j, value = names.state(path[0]), names.state(path[1]), path[2]
    if value in DYAD_VALUES:
        return kinds.SET_DYAD, i, j, DYAD_VALUES.index(value), event.value
    return kinds.SET_PORTFOLIO, i, j, CHANNELS.index(value), event.value


_CHANGES: dict[type, Callable[..., Made]] = {
    schema.Overstretch: _overstretch,
    schema.Recognition: _recognition,
    schema.Protest: _protest,
    schema.Rhetoric: _rhetoric,
    schema.Refugees: _refugees,
    schema.Aid: _aid,
    schema.Offer: _offer,
    schema.Coercion: _coercion,
    schema.Reassurance: _reassurance,
    schema.Window: _window,
    schema.Leader: _leader,
    schema.Membership: _membership,
    schema.Set: _set,
}
