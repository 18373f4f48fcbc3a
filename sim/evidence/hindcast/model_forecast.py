"""History known at a forecast origin, with the events after it that a mode reveals."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from sim.engine.setup import Setup, prepare
from sim.errors import InputError
from sim.evidence.hindcast.origins import FIRST, LAST_RECORDED, LONGEST
from sim.evidence.tables import ALLIANCE
from sim.model.base_event import BaseEvent
from sim.model.events.attack import Attack, Crisis
from sim.model.events.overstretch import Overstretch
from sim.model.events.refugees import Refugees
from sim.model.fields import ScenarioTable
from sim.model.quantity import Quantity
from sim.scenario import Scenario, branch_names, resolve
from sim.scenario.names import focus_of, guarantor_of
from sim.scenario.schema import ObservedMove
from sim.words import LOYAL, POSTURES

ANSWERED: Final = "as-answered"
"""Branch of the history in which appeals and answers are the record's."""

SIMULATED: Final = "simulated"
OBSERVED: Final = "observed"
MODES: Final = (SIMULATED, OBSERVED)
"""After the origin: rivals attack by choice and nothing dated happens; or the shocks of the record are given."""

SHOCKS: Final = (Attack, Crisis, Overstretch, Refugees)
"""Events after the origin that the mode ``observed`` gives; appeals and answers are the agents' in both modes."""


def recorded(scenario: Scenario, members: Sequence[str] = ()) -> Scenario:
    """Return the history with appeals and responses as recorded.

    Parameters
    ----------
    scenario : Scenario
    members : sequence of str
        States that it must have.

    Raises
    ------
    InputError
        If its ticks are not months, it does not cover the origins, or lacks the treaty or a member.
    """
    if scenario.step != "month":
        raise InputError(f"a hindcast needs ticks of a month, not of a {scenario.step}")
    missing = [code for code in members if code not in scenario.states]
    if focus_of(scenario) != ALLIANCE or missing:
        with_members = f"a scenario of {ALLIANCE} with {', '.join(missing or members)}"
        raise InputError(f"a hindcast needs {with_members}, or one with an observed course ([observed.CODE])")
    first, last = FIRST.start_time.date(), LAST_RECORDED.end_time.date()
    if scenario.start > first or scenario.end < last:
        raise InputError(f"a hindcast needs a scenario from {first} or before to {last} or after")
    history = resolve(scenario, ANSWERED if ANSWERED in branch_names(scenario) else None)
    return history.model_copy(update={"endogenous_attacks": "after-record"})


def known_at(history: Scenario, origin: pd.Period, mode: str) -> Scenario:
    """Return a history without the events after an origin, except those that the mode reveals.

    Dated events, answers given later to earlier cases, values of later years, later fights and treaties signed
    later go. What was agreed before stays: terms and renewals of the treaties in force.

    Parameters
    ----------
    history : Scenario
        From `recorded`.
    origin : Period
        Month at whose end the forecast is made.
    mode : str
        Of `MODES`.
    """
    day = origin.end_time.date()
    end = min(history.end, (origin + LONGEST).end_time.date())
    never = history.end + timedelta(days=1)
    by_hazard = history.endogenous_attacks != "never"
    states = {
        code: _until(state, origin.year, ("overstretch",) if mode == OBSERVED else ())
        for code, state in history.states.items()
    }
    dyads = {
        code: {
            other: _until(
                dyad.model_copy(update={"fought": None}) if dyad.fought is not None and dyad.fought > day else dyad,
                origin.year,
            )
            for other, dyad in others.items()
        }
        for code, others in history.dyads.items()
    }
    treaties = {
        name: treaty.model_copy(update={"in_force": never})
        if treaty.in_force is not None and treaty.in_force > day
        else treaty
        for name, treaty in history.treaties.items()
    }
    changes: dict[str, Any] = {
        "end": end,
        "record_end": day,
        "endogenous_attacks": "after-record" if mode == SIMULATED and by_hazard else "never",
        "events": {name: event for name, event in history.events.items() if event.date <= day or _given(event, mode)},
        "states": states,
        "dyads": dyads,
        "treaties": treaties,
        "metrics": [],
    }
    return history.model_copy(update=changes)


def _given(event: BaseEvent, mode: str) -> bool:
    return mode == OBSERVED and isinstance(event, SHOCKS)


def _until(table: Any, year: int, exempt: tuple[str, ...] = ()) -> Any:
    """Cut the series of a scenario table off after a year; a series that begins later keeps its first value."""
    changes = {}
    for name, value in table:
        if isinstance(value, Quantity) and value.years and value.years[-1] > year and name not in exempt:
            count = max(1, sum(coded_year <= year for coded_year in value.years))
            changes[name] = value.model_copy(update={"years": value.years[:count], "values": value.values[:count]})
    return table.model_copy(update=changes) if isinstance(table, ScenarioTable) and changes else table


def pinned(scenario: Scenario, panel: pd.DataFrame, origin: pd.Period) -> Setup:
    """Prepare a history in which members follow the postures of a panel up to an origin, and choose after it.

    Parameters
    ----------
    scenario : Scenario
        From `known_at`.
    panel : DataFrame
        Rungs by month and state, as `sim.evidence.record.Record.panel` gives them.
    origin : Period
        Last month on which the rungs are those of the record.
    """
    guarantor = guarantor_of(scenario, scenario.treaties[focus_of(scenario) or ""])
    course = {
        state: moves for state in panel.columns if state != guarantor and (moves := _moves(panel.loc[:origin, state]))
    }
    return prepare(scenario.model_copy(update={"observed": course, "pinned_until": origin.end_time.date()}))


def _moves(rungs: pd.Series) -> dict[str, ObservedMove]:
    """Return the moves of one state, dated on the first day of the month at whose end it stands on the new rung."""
    changed = rungs[rungs.ne(rungs.shift()) & (rungs >= LOYAL)]
    return {f"{month}-01": ObservedMove(posture=POSTURES[rung]) for month, rung in changed.items()}
