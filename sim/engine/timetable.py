"""The timetable of a run: changes and shocks by tick, from dated events, yearly series and treaty dates."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from math import nan
from typing import NamedTuple

from sim.engine.draws import name_code
from sim.model.base_event import AxisNames, BaseEvent, EvidenceEvent, ShockEvent, WorldEvent
from sim.model.changes import DYAD_VALUE, DYAD_VALUES, RENEWAL, SHARE, STATE_VALUE, STATE_VALUES, VALIDITY
from sim.model.events.call import CallEvent, Response, level_of_share
from sim.model.events.government import Government
from sim.model.events.window import WINDOW_MONTHS
from sim.model.quantity import Quantity
from sim.model.world import NOBODY, Case
from sim.rules.coverage import is_promise
from sim.scenario.calendar import Calendar
from sim.scenario.expressions import Condition, parse_condition
from sim.scenario.schema import Scenario
from sim.words import BASE, RESPONSES

SERIES_OF_STATES = STATE_VALUES[:4]
SERIES_OF_DYADS = {
    **{value: (DYAD_VALUE.name, which) for which, value in enumerate(DYAD_VALUES)},
    "base": (SHARE.name, BASE),
}
"""Values that follow their series; the other channels start from theirs and are then moved by the model."""


class DatedChange(NamedTuple):
    """One dated change of the world: a `sim.model.changes.Effect`, its origin, and its condition.

    ``turnover`` holds the states, by index, in which it may bring a government whose line is not known.
    """

    kind: str
    i: int
    j: int
    k: int
    value: float
    name: str
    only_if: Condition | None
    turnover: tuple[int, ...] = ()


class Fixed(NamedTuple):
    """A recorded response: the ally, level and share (NaN: that of the level) delivered, level offered, condition."""

    ally: int
    level: int
    offered: int
    share: float
    only_if: Condition | None


@dataclass(frozen=True)
class Recorded:
    """A recorded call: whether it was made, the article invoked, and its condition."""

    made: bool
    article: str
    only_if: Condition | None


@dataclass(frozen=True)
class Shock:
    """A dated attack, crisis or promise with its recorded calls and responses.

    Attributes
    ----------
    calls : tuple of Recorded
        Recorded calls; if the condition of none holds, the victim decides.
    fixed : tuple of Fixed
        Recorded responses; for each ally the highest level whose condition holds counts, else the ally decides. Of a
        promise: what the state that made it delivered.
    watchers : tuple of int or None
        The states that learn of it; None for all.
    """

    name: str
    code: int
    day: date
    case: Case
    calls: tuple[Recorded, ...]
    fixed: tuple[Fixed, ...]
    only_if: Condition | None
    watchers: tuple[int, ...] | None = None

    @property
    def is_promise(self) -> bool:
        """Whether it is a promise, and not an attack or a crisis."""
        return is_promise(self.case)


def attack_name(aggressor: str, victim: str, day: date) -> str:
    """Return the name of an attack by choice in the tick that begins on a given day."""
    return f"{aggressor}-{victim}-{day.isoformat()}"


def changes_by_tick(
    scenario: Scenario,
    codes: tuple[str, ...],
    treaties: tuple[str, ...],
    places: tuple[str, ...],
    calendar: Calendar,
) -> tuple[tuple[DatedChange, ...], ...]:
    """Return the changes of each tick in the order in which they apply: series and treaty dates, then events."""
    axes = AxisNames(codes, treaties, places)
    dated: list[tuple[int, int, date, str, DatedChange]] = []
    for tick, change in (*_series(scenario, axes, calendar), *_treaty_dates(scenario, axes, calendar)):
        dated.append((tick, 0, calendar.starts[tick], change.name, change))
    known = {(event.state, event.date) for event in scenario.events.values() if isinstance(event, Government)}
    for name, event in scenario.events.items():
        when = calendar.tick(event.date)
        if isinstance(event, WorldEvent) and when is not None:
            effects = event.effects(axes)
            if not effects:
                raise TypeError(f"event kind '{event.kind}' has no effect: {name} changes nothing")
            held, turnover = _condition(event), _turnover(event, axes, known)
            dated += [(when, 1, event.date, name, DatedChange(*effect, name, held, turnover)) for effect in effects]
    dated.sort(key=lambda row: row[:4])
    ticks: list[list[DatedChange]] = [[] for _ in calendar.starts]
    for tick, _, _, _, change in dated:
        ticks[tick].append(change)
    return tuple(map(tuple, ticks))


def _turnover(event: WorldEvent, axes: AxisNames, known: Set[tuple[str, date]]) -> tuple[int, ...]:
    """Return the states in which an event may bring a government of which the scenario does not give the line."""
    if not event.turnover:
        return ()
    state = getattr(event, "state", None)
    return tuple(axes.state(code) for code in axes.states if state in (None, code) and (code, event.date) not in known)


def shocks_by_tick(
    scenario: Scenario,
    codes: tuple[str, ...],
    treaties: tuple[str, ...],
    places: tuple[str, ...],
    calendar: Calendar,
) -> tuple[tuple[Shock, ...], ...]:
    """Return the attacks, crises and promises of each tick, by date and name, with recorded calls and responses."""
    axes = AxisNames(codes, treaties, places)
    dated = []
    for name, event in scenario.events.items():
        tick = calendar.tick(event.date)
        if tick is None:
            continue
        if isinstance(event, ShockEvent):
            dated.append((tick, event.date, name, _shock(scenario, name, event, axes)))
        elif isinstance(event, EvidenceEvent):
            dated.append((tick, event.date, name, _promise(name, event, axes)))
    dated.sort(key=lambda row: row[:3])
    return tuple(tuple(row[3] for row in dated if row[0] == tick) for tick in range(len(calendar.starts)))


def _shock(scenario: Scenario, name: str, event: ShockEvent, axes: AxisNames) -> Shock:
    calls = [
        call
        for _, call in sorted(scenario.events.items())
        if isinstance(call, CallEvent) and (call.to or call.because_of) == name
    ]
    return Shock(
        name=name,
        code=name_code(name),
        day=event.date,
        case=event.case(axes, consult=bool(calls) and all(_asks_for_talks(scenario, call) for call in calls)),
        calls=tuple(
            Recorded(
                call.made,
                "" if call.article is None else f"{call.treaty} {call.article}",
                _condition(call),
            )
            for call in calls
        ),
        fixed=_fixed(scenario, name, event, axes),
        only_if=_condition(event),
    )


def _promise(name: str, event: EvidenceEvent, axes: AxisNames) -> Shock:
    level = RESPONSES.index(level_of_share(event.given))
    return Shock(
        name=name,
        code=name_code(name),
        day=event.date,
        case=event.case(axes),
        calls=(),
        fixed=(Fixed(axes.state(event.state), level, NOBODY, event.given, None),),
        only_if=_condition(event),
        watchers=None if event.watched_by is None else tuple(map(axes.state, event.watched_by)),
    )


def _asks_for_talks(scenario: Scenario, call: CallEvent) -> bool:
    cited = [
        clause
        for clause in scenario.treaties[call.treaty].clauses.values()
        if call.article is not None and clause.article == str(call.article)
    ]
    return bool(cited) and all(clause.obligation == "consult" for clause in cited)


def _fixed(scenario: Scenario, name: str, event: ShockEvent, axes: AxisNames) -> tuple[Fixed, ...]:
    rows = [row for _, row in sorted(scenario.events.items()) if isinstance(row, Response) and row.to == name]
    own = {row.state for row in rows}
    answers = []
    for row in rows:
        if row.state in scenario.states:
            allies = [row.state]
        else:
            allies = [code for code in scenario.treaties[row.state].members if code not in own]
        offered = NOBODY if row.offered is None else RESPONSES.index(row.offered)
        share = nan if row.delivered is None else row.delivered
        answers += [
            Fixed(axes.state(ally), RESPONSES.index(row.level), offered, share, _condition(row))
            for ally in allies
            if ally != event.victim
        ]
    return tuple(sorted(answers, key=lambda fixed: fixed[:2]))


def _condition(event: BaseEvent) -> Condition | None:
    return parse_condition(event.only_if) if event.only_if else None


def _series(scenario: Scenario, axes: AxisNames, calendar: Calendar) -> Iterator[tuple[int, DatedChange]]:
    for code, state in scenario.states.items():
        for which, value in enumerate(SERIES_OF_STATES):
            for tick, number in _steps(getattr(state, value), calendar):
                label = f"states.{code}.{value}"
                yield tick, DatedChange(STATE_VALUE.name, axes.state(code), NOBODY, which, number, label, None)
    for first, others in scenario.dyads.items():
        for other, dyad in others.items():
            i, j = axes.state(first), axes.state(other)
            for value, (kind, which) in SERIES_OF_DYADS.items():
                for tick, number in _steps(getattr(dyad, value), calendar):
                    yield tick, DatedChange(kind, i, j, which, number, f"dyads.{first}.{other}.{value}", None)


def _steps(quantity: Quantity | None, calendar: Calendar) -> Iterator[tuple[int, float]]:
    if quantity is None:
        return
    for year, value in zip(quantity.years, quantity.values, strict=False):
        if year > calendar.starts[0].year:
            tick = calendar.tick_from(date(year, 1, 1))
            if tick < len(calendar.starts):
                yield tick, value


def _treaty_dates(scenario: Scenario, axes: AxisNames, calendar: Calendar) -> Iterator[tuple[int, DatedChange]]:
    for name, treaty in scenario.treaties.items():
        index = axes.treaty(name)
        if treaty.in_force is not None and treaty.in_force > calendar.starts[0]:
            tick = calendar.tick(treaty.in_force)
            if tick is not None:
                yield tick, DatedChange(VALIDITY.name, index, NOBODY, NOBODY, 1.0, f"{name} in force", None)
        if treaty.expires is not None and treaty.expires > calendar.starts[0]:
            tick = calendar.tick_from(treaty.expires)
            if tick < len(calendar.starts):
                yield tick, DatedChange(VALIDITY.name, index, NOBODY, NOBODY, 0.0, f"{name} expires", None)
        for day in treaty.renewals:
            tick = calendar.tick(day)
            if tick is not None:
                yield tick, DatedChange(RENEWAL.name, index, NOBODY, NOBODY, 0.0, f"{name} renewal", None)
                yield tick, DatedChange("window", NOBODY, index, NOBODY, WINDOW_MONTHS, f"{name} renewal", None)
