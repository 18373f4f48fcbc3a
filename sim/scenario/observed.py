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


def observed_course(scenario: Scenario, state: str) -> list[tuple[date, str]]:
    """Return the observed moves of a state, from the rung on which it starts if it is a member then.

    A state without an observed course has none.
    """
    moves = observed_moves(scenario, state)
    treaty = scenario.treaties[focus_of(scenario) or ""]
    if moves and moves[0][0] > scenario.start and state in treaty.members:
        return [(scenario.start, treaty.postures.get(state, POSTURES[LOYAL])), *moves]
    return moves


def observed_rungs(scenario: Scenario, state: str, days: Sequence[date]) -> list[int | None]:
    """Return the rung of a state's observed course on each day, None where there is none yet.

    Examples
    --------
    >>> observed_rungs(scenario, "ARM", [date(2022, 9, 12), date(2022, 9, 13)])  # doctest: +SKIP
    [0, 1]
    """
    course = [(first, POSTURES.index(posture)) for first, posture in reversed(observed_course(scenario, state))]
    return [next((rung for first, rung in course if first <= day), None) for day in days]


def observed_partners(scenario: Scenario, state: str, days: Sequence[date], kind: str) -> list[str | None]:
    """Return the outside partner of a state's observed course on each day, None where it names none.

    Parameters
    ----------
    kind : str
        Key of the course: ``diversified_to`` or ``pact_with``.
    """
    moves = sorted(scenario.observed.get(state, {}).items(), reverse=True)
    course = [(date.fromisoformat(day), getattr(move, kind)) for day, move in moves]
    return [next((partner for first, partner in course if first <= day), None) for day in days]


def pins(scenario: Scenario, branches: Sequence[str]) -> dict[str, date]:
    """Return the last day on which members stand where the observed course says, of each branch in which they do."""
    plain = scenario.pinned_until
    days = {name: scenario.branches[name].pinned_until or plain if scenario.branches else plain for name in branches}
    return {name: day for name, day in days.items() if day is not None}


def pinned_in_words(scenario: Scenario, branches: Sequence[str]) -> list[str]:
    """Return a sentence for each day until which members are pinned; it names branches only if they differ."""
    days = pins(scenario, branches)
    lines = []
    for day in dict.fromkeys(days.values()):
        names = [name for name in branches if days.get(name) == day]
        where = "" if len(names) == len(branches) else f" (in {', '.join(names)})"
        lines.append(f"members stand where the observed course says until {day}, and choose freely afterwards{where}")
    return lines
