"""Pinning: members stand where the observed course says until a date, and choose their postures after it."""

from collections.abc import Sequence

import numpy as np

from sim.model.world import NOBODY, Ints
from sim.scenario import Scenario, focus_of
from sim.scenario.calendar import Calendar
from sim.scenario.observed import observed_rungs


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
    if scenario.pinned_until is None:
        return given
    pinned = [day for day in calendar.ends if day <= scenario.pinned_until]
    for state in scenario.observed:
        rungs = observed_rungs(scenario, state, pinned)
        column = given[: len(pinned), codes.index(state), treaties.index(focus_of(scenario) or "")]
        column[:] = [NOBODY if rung is None else rung for rung in rungs]
    return given
