"""Runs that are pinned to an observed course up to a date, and free after it."""

import re
from calendar import monthrange
from datetime import date
from typing import Any

from sim.errors import InputError
from sim.evidence.record import Record, load_record
from sim.scenario import Scenario, focus_of
from sim.scenario.names import ever_members, guarantor_of
from sim.scenario.schema import ObservedMove
from sim.words import POSTURES

RECORDED = "CSTO"
"""The treaty whose course is on record."""

Course = dict[str, dict[str, ObservedMove]]
"""The observed course of each state, by date."""


def pinned(scenario: Scenario, until: str | date) -> Scenario:
    """Return a scenario in which members stand where the observed course says until a date.

    Parameters
    ----------
    scenario : Scenario
        One with an observed course, or one of the alliance of the coded record, which then supplies the course.
    until : str or date
        Last day of the pinned part; a month such as ``2022-08`` stands for its last day.

    Raises
    ------
    InputError
        If there is no observed course, ``until`` is no date, or it lies outside the observed period.

    Examples
    --------
    >>> pinned(scenario, "2022-08").pinned_until  # doctest: +SKIP
    datetime.date(2022, 8, 31)
    """
    day = _day(until)
    whole = with_course(scenario)
    if not whole.observed:
        raise InputError(
            f"'{scenario.title}' has no observed course to pin members to; give it tables such as [observed.ARM]"
        )
    last = scenario.recorded_until(scenario.end)
    if not scenario.start <= day <= last:
        raise InputError(f"pinned until {day} is outside the observed period; allowed: {scenario.start} to {last}")
    return whole.model_copy(update={"pinned_until": day})


def with_course(scenario: Scenario) -> Scenario:
    """Return a scenario with an observed course: its own, or that of the coded record if it is about its alliance."""
    if scenario.observed or focus_of(scenario) != RECORDED:
        return scenario
    treaty = scenario.treaties[RECORDED]
    members = set(ever_members(scenario, RECORDED)) - {guarantor_of(scenario, treaty)}
    known = {code: moves for code, moves in recorded_course(load_record()).items() if code in members}
    return scenario.model_copy(update={"observed": known})


def recorded_course(record: Record) -> Course:
    """Return the postures of the coded record as an observed course."""
    course: Course = {}
    rows: list[dict[str, Any]] = record.postures.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        if row["posture"] in POSTURES:
            move = ObservedMove(posture=row["posture"], source=row["source"])
            course.setdefault(row["state"], {})[str(row["date"])] = move
    return course


def _day(until: str | date) -> date:
    if isinstance(until, date):
        return until
    month = re.fullmatch(r"(\d{4})-(\d{2})", until)
    try:
        if month is None:
            return date.fromisoformat(until)
        year, number = int(month[1]), int(month[2])
        return date(year, number, monthrange(year, number)[1])
    except ValueError as error:
        allowed = "a month such as 2022-08, or a day such as 2022-08-31"
        raise InputError(f"pinned until '{until}': not a date; allowed: {allowed}") from error
