"""Pinning: members stand where the observed course says until a date, and choose their postures after it.

Where the course of a member names outside partners, it has these partners until then and no others.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from sim.engine.script import UNGIVEN
from sim.model.world import NOBODY, Ints
from sim.scenario import Scenario, focus_of
from sim.scenario.calendar import Calendar
from sim.scenario.observed import observed_partners, observed_rungs


def given_rungs(scenario: Scenario, codes: Sequence[str], treaties: Sequence[str], calendar: Calendar) -> Ints:
    """Return the rung that each state is given at the end of each tick (T, N, K), `NOBODY` where it chooses.

    Parameters
    ----------
    scenario : Scenario
        A branch; its ``pinned_until`` is the last day on which rungs are given.
    codes, treaties : sequence of str
        Names in the order of the axes.
    calendar : Calendar
    """
    given = np.full((len(calendar.ends), len(codes), len(treaties)), NOBODY, dtype=np.int64)
    pinned = _pinned_days(scenario, calendar)
    for state in scenario.observed if pinned else ():
        rungs = observed_rungs(scenario, state, pinned)
        column = given[: len(pinned), codes.index(state), treaties.index(focus_of(scenario) or "")]
        column[:] = [NOBODY if rung is None else rung for rung in rungs]
    return given


def given_partners(
    scenario: Scenario, codes: Sequence[str], treaties: Sequence[str], calendar: Calendar, kind: str
) -> Ints:
    """Return the outside partner that each state is given at the end of each tick (T, N, K).

    It is `NOBODY` where the course says that the state has none, and `UNGIVEN` where the state chooses.

    Parameters
    ----------
    kind : str
        Key of the observed course: ``diversified_to`` or ``pact_with``.
    """
    given = np.full((len(calendar.ends), len(codes), len(treaties)), UNGIVEN, dtype=np.int64)
    pinned = _pinned_days(scenario, calendar)
    for state in scenario.observed if pinned else ():
        partners = observed_partners(scenario, state, pinned, kind)
        if any(partners):
            column = given[: len(pinned), codes.index(state), treaties.index(focus_of(scenario) or "")]
            column[:] = [NOBODY if partner is None else codes.index(partner) for partner in partners]
    return given


def _pinned_days(scenario: Scenario, calendar: Calendar) -> list[date]:
    until = scenario.pinned_until
    return [] if until is None else [day for day in calendar.ends if day <= until]
