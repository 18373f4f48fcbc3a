"""Conversion of alliances in a data set to treaties of a scenario, without guarantees between parties to a conflict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.errors import InputError
from sim.interop.conflicts import Conflict, enemies
from sim.interop.fragment import ScenarioFragment
from sim.scenario.problems import listed


@dataclass(frozen=True)
class Alliance:
    """An alliance in force, restricted to the requested states.

    Attributes
    ----------
    name : str
        Name of the treaty in the scenario, such as ``ATOP-4220``.
    members : tuple of str
        ISO codes.
    defend, consult : frozenset of str
        Members that owe defence, and consultation.
    source : str
        Data set, file and number.
    exclusive : bool
        Whether it bars other alliances.
    """

    name: str
    members: tuple[str, ...]
    defend: frozenset[str]
    consult: frozenset[str]
    source: str
    exclusive: bool = False

    @property
    def obligors(self) -> tuple[str, ...]:
        """The states that owe help: those bound to defend, or those bound to consult if no state is bound to defend."""
        owing = self.defend or self.consult
        return tuple(member for member in self.members if member in owing)


def put_treaties(piece: ScenarioFragment, alliances: Sequence[Alliance], conflicts: Sequence[Conflict]) -> None:
    """Add alliances to a scenario fragment as treaties.

    Parameters
    ----------
    piece : ScenarioFragment
        The fragment; it receives the treaties, and a line for each omission.
    alliances : sequence of Alliance
        The alliances; those with fewer than two of the states are ignored.
    conflicts : sequence of Conflict
        The open conflicts. A treaty with only the two sides is left out. In a larger treaty, neither side has
        obligations to the other; the obligations of each side to the remaining members form a separate treaty,
        ``NAME-SIDE``, without a ladder.

    Raises
    ------
    InputError
        If no treaty is left.
    """
    for alliance in alliances:
        if len(alliance.members) < 2:
            continue
        among = f"{alliance.name} ({listed(alliance.members)})"
        if not alliance.obligors:
            piece.leave_out("owes neither defence nor consultation", among)
            continue
        if alliance.defend and alliance.consult - alliance.defend:
            others = ", ".join(sorted(alliance.consult - alliance.defend))
            piece.leave_out(f"the consultation that {others} owes beside the defence of others", among)
        _put_parts(
            piece, alliance, [conflict for conflict in conflicts if conflict.sides <= set(alliance.members)], among
        )
    if not piece.tables:
        reasons = f" ({'; '.join(piece.said())})" if piece.remarks else ""
        raise InputError(f"no treaty binds two of these states that day{reasons}; allowed: states with a common treaty")


def _put_parts(piece: ScenarioFragment, alliance: Alliance, inside: Sequence[Conflict], among: str) -> None:
    sides = {side for conflict in inside for side in conflict.sides}
    common = [member for member in alliance.obligors if member not in sides]
    if common:
        _put(piece, alliance, alliance.name, alliance.members, common)
    parts = []
    for side in (member for member in alliance.obligors if member in sides):
        against = enemies(side, inside)
        own = tuple(member for member in alliance.members if member not in against)
        if len(own) > 1:
            parts.append(f"{alliance.name}-{side}")
            _put(piece, alliance, parts[-1], own, [side], part=True)
    for conflict in inside:
        remainder = f"; what they owe to others stands in {', '.join(parts)}" if parts else "; nothing remains of it"
        piece.leave_out(f"no guarantee between {conflict}{remainder}", among)


def _put(
    piece: ScenarioFragment,
    alliance: Alliance,
    name: str,
    members: Sequence[str],
    obligors: Sequence[str],
    *,
    part: bool = False,
) -> None:
    table: dict[str, Any] = {"members": list(members)}
    if len(obligors) < len(members):
        table["obligors"] = list(obligors)
    if part:
        table["ladder"] = False
    if alliance.exclusive and not part:
        table["exclusive"] = True
    table["source"] = alliance.source
    path = ("treaties", name)
    piece.tables[path] = table
    duties = {"defence": ("defend", alliance.defend), "consultation": ("consult", alliance.consult)}
    for clause, (obligation, owing) in duties.items():
        if owing & set(obligors):
            words = {"article": clause, "obligation": obligation, "source": alliance.source}
            piece.tables[(*path, "clauses", clause)] = words


def in_force(day: date, begin: date, end: date | None) -> bool:
    """Return whether an alliance is in force on a day: from its first day up to, but not including, the day of exit."""
    return begin <= day and (end is None or day < end)
