"""The observed course: the rungs on which members of the focus treaty were seen, by date."""

from collections.abc import Sequence
from datetime import date

from sim.scenario.names import focus_of
from sim.scenario.schema import Scenario
from sim.words import LOYAL, POSTURES


def observed_moves(scenario: Scenario, state: str) -> list[tuple[date, str]]:
    """Return the dates and postures of a state's observed course, in the order of time."""
    moves = scenario.observed.get(state, {})
    return [(date.fromisoformat(day), move.posture) for day, move in sorted(moves.items())]


def observed_rungs(scenario: Scenario, state: str, days: Sequence[date]) -> list[int | None]:
    """Return the rung on which a state was observed on each day.

    Before its first date a member stands where it starts. For other states, and for a state without an observed
    course, the rung is None.

    Examples
    --------
    >>> observed_rungs(scenario, "ARM", [date(2022, 9, 12), date(2022, 9, 13)])  # doctest: +SKIP
    [0, 1]
    """
    moves = observed_moves(scenario, state)
    if not moves:
        return [None] * len(days)
    treaty = scenario.treaties[focus_of(scenario) or ""]
    start = POSTURES.index(treaty.postures.get(state, POSTURES[LOYAL])) if state in treaty.members else None
    return [
        next((POSTURES.index(posture) for first, posture in reversed(moves) if first <= day), start) for day in days
    ]


def pins(scenario: Scenario, branches: Sequence[str]) -> dict[str, date]:
    """Return the last day on which members stand where the observed course says, of each branch in which they do."""
    plain = scenario.pinned_until
    days = {name: scenario.branches[name].pinned_until or plain if scenario.branches else plain for name in branches}
    return {name: day for name, day in days.items() if day is not None}


def pinned_in_words(scenario: Scenario, branches: Sequence[str]) -> list[str]:
    """Return a sentence for each day until which members are pinned; it names branches only if they differ."""
    found = pins(scenario, branches)
    lines = []
    for day in dict.fromkeys(found.values()):
        names = [name for name in branches if found.get(name) == day]
        where = "" if len(names) == len(branches) else f" (in {', '.join(names)})"
        lines.append(f"members stand where the observed course says until {day}, and choose freely afterwards{where}")
    return lines
