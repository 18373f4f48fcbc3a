"""A forecast knows the past as recorded and nothing of the future."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.engine import ensemble
from sim.errors import InputError
from sim.evidence.hindcast.draws import draws_of
from sim.evidence.hindcast.model_forecast import MODES, OBSERVED, SHOCKS, SIMULATED, known_at, pinned, recorded
from sim.evidence.hindcast.running import OriginProgram
from sim.evidence.record import Record
from sim.model.events.attack import Attack
from sim.model.events.call import CallEvent, Response
from sim.model.events.overstretch import Overstretch
from sim.model.quantity import Quantity
from sim.scenario import Scenario
from sim.scenario.expressions import Path
from sim.words import OUT
from tests.engine.test_engines import assert_same

ORIGIN = pd.Period("2020-12", "M")
DAY = date(2020, 12, 31)
STATES = ("ARM", "BLR", "KGZ", "UZB")


def rungs(history: Scenario, panel: pd.DataFrame, mode: str, origin: pd.Period = ORIGIN, seed: int = 1) -> np.ndarray:
    draws = draws_of("prior", 24, 5)
    return OriginProgram(history, panel, origin, mode, STATES).run(draws, seed).rungs


def changed_after(history: Scenario) -> Scenario:
    """Return the history with another future: graver attacks, other answers, values, fights, treaties and terms."""
    events = {}
    for name, event in history.events.items():
        if event.date <= DAY:
            events[name] = event
        elif isinstance(event, Attack):
            events[name] = event.model_copy(update={"severity": 1.0, "victim": "BLR"})
        elif isinstance(event, Response):
            events[name] = event.model_copy(update={"response": "forces"})
        elif isinstance(event, Overstretch):
            events[name] = event.model_copy(update={"value": 1.0})

    def other(table):
        values = {
            name: value.model_copy(
                update={"years": (*value.years, 2021), "values": (*value.values, 0.99)}
                if value.years[-1] < 2021
                else {
                    "values": tuple(
                        0.99 if year > 2020 else x for year, x in zip(value.years, value.values, strict=True)
                    )
                }
            )
            for name, value in table
            if isinstance(value, Quantity) and value.years and value.years[0] <= 2020
        }
        return table.model_copy(update=values)

    def fought(dyad):
        later = dyad.fought is not None and dyad.fought > DAY
        return dyad.model_copy(update={"fought": date(2021, 3, 1)}) if later else dyad

    states = {code: other(state) for code, state in history.states.items()}
    dyads = {one: {each: other(fought(dyad)) for each, dyad in others.items()} for one, others in history.dyads.items()}
    treaties = {
        name: treaty.model_copy(update={"in_force": date(2021, 2, 1)})
        if treaty.in_force is not None and treaty.in_force > DAY
        else treaty
        for name, treaty in history.treaties.items()
    }
    return history.model_copy(update={"events": events, "states": states, "dyads": dyads, "treaties": treaties})


def test_no_future_reaches_a_simulated_forecast(history: Scenario, panel: pd.DataFrame) -> None:
    other = changed_after(history)
    assert other != history
    np.testing.assert_array_equal(rungs(other, panel, SIMULATED), rungs(history, panel, SIMULATED))
    later = panel.copy()
    later.loc["2021-01":] = OUT
    np.testing.assert_array_equal(rungs(history, later, SIMULATED), rungs(history, panel, SIMULATED))


def test_an_observed_forecast_has_the_shocks_and_no_answers(history: Scenario, panel: pd.DataFrame) -> None:
    before = rungs(history, panel, OBSERVED)
    assert (rungs(changed_after(history), panel, OBSERVED) != before).any()
    answers = {
        name: event.model_copy(update={"response": "forces"})
        if isinstance(event, Response) and event.date > DAY
        else event
        for name, event in history.events.items()
    }
    np.testing.assert_array_equal(rungs(history.model_copy(update={"events": answers}), panel, OBSERVED), before)


def test_the_past_matters(history: Scenario, panel: pd.DataFrame) -> None:
    past = panel.copy()
    past.loc["2020-01":"2020-12", "ARM"] = 2
    assert (rungs(history, past, SIMULATED)[:, 0, 0] == 2).all()
    assert (rungs(history, panel, SIMULATED)[:, 0, 0] == 0).all()


@pytest.mark.parametrize("mode", MODES)
def test_what_remains_is_dated_before_or_a_shock(history: Scenario, mode: str) -> None:
    known = known_at(history, ORIGIN, mode)
    later = [event for event in known.events.values() if event.date > DAY]
    assert bool(later) == (mode == OBSERVED)
    assert all(isinstance(event, SHOCKS) for event in later)
    assert [event for event in known.events.values() if event.date <= DAY] == [
        event for event in history.events.values() if event.date <= DAY
    ]
    assert not any(dyad.fought and dyad.fought > DAY for others in known.dyads.values() for dyad in others.values())
    assert not any(treaty.in_force and DAY < treaty.in_force <= known.end for treaty in known.treaties.values())
    series = [
        value
        for others in known.dyads.values()
        for dyad in others.values()
        for _, value in dyad
        if isinstance(value, Quantity) and len(value.years) > 1
    ]
    assert series
    assert max(value.years[-1] for value in series) <= 2020


def test_answers_that_came_later_to_an_earlier_case_are_not_known(history: Scenario) -> None:
    origin = pd.Period("2020-09", "M")
    kept = known_at(history, origin, SIMULATED).events
    late = [
        name
        for name, event in history.events.items()
        if isinstance(event, CallEvent | Response) and event.date > date(2020, 9, 30)
        and history.events[event.to or event.because_of].date <= date(2020, 9, 30)
    ]  # fmt: skip
    assert late
    assert not set(late) & set(kept)


def test_rivals_attack_by_choice_after_the_origin_alone(history: Scenario, panel: pd.DataFrame) -> None:
    setup = pinned(known_at(history, ORIGIN, SIMULATED), panel, ORIGIN)
    on = dict(zip(setup.calendar.ends, setup.attacks_on, strict=True))
    assert not any(value for day, value in on.items() if day <= DAY)
    assert all(value for day, value in on.items() if day > DAY)
    assert not any(pinned(known_at(history, ORIGIN, OBSERVED), panel, ORIGIN).attacks_on)


def test_members_stand_where_the_record_has_them_until_the_origin(history: Scenario, panel: pd.DataFrame) -> None:
    origin = pd.Period("2012-12", "M")
    setup = pinned(known_at(history, origin, SIMULATED), panel, origin)
    probes = [Path(state, "posture", "CSTO") for state in panel.columns]
    values = ensemble.Program(setup, probes).run(3, np.arange(5), draws_of("prior", 5, 3)).values
    months = [pd.Period(day, "M") for day in setup.calendar.ends]
    bound = [row for row, month in enumerate(months) if pd.Period("1994-04", "M") <= month <= origin]
    expected = panel.loc[[months[row] for row in bound]].to_numpy()
    for run in values:
        np.testing.assert_array_equal(run[np.array(bound) + 1], expected)
    assert len({run[-1].tobytes() for run in values}) > 1


def test_both_engines_follow_given_rungs(history: Scenario, panel: pd.DataFrame) -> None:
    origin = pd.Period("2009-12", "M")
    short = known_at(history, origin, SIMULATED).model_copy(update={"end": date(2010, 12, 31)})
    assert_same(pinned(short, panel, origin), 2, [0])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": "week"}, "ticks of a month, not of a week"),
        ({"start": date(2000, 1, 1)}, "from 1994-06-01 or before to 2026-06-30 or after"),
        ({"focus": "SHUSHA-2021"}, "a scenario of CSTO"),
        ({"states": {}}, "a scenario of CSTO with ARM, AZE"),
    ],
)
def test_a_history_that_cannot_be_forecast_is_refused(
    record: Record, scenario: Scenario, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        recorded(scenario.model_copy(update=changes), record.members)
