"""Players in a Shapley attribution: events or mechanisms of a branch that can be switched off, alone or in groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Protocol

from sim.engine.setup import Setup
from sim.engine.timetable import DatedChange
from sim.errors import InputError
from sim.experiments.masking import Masking
from sim.mechanisms import MECHANISMS, conflict, together
from sim.model.changes import PARAMETER
from sim.model.parameters import PARAMETERS
from sim.scenario.branches import acts_on
from sim.scenario.problems import closest, listed

Key = frozenset[str]


@dataclass(frozen=True)
class Player:
    """Player in an attribution: an event or mechanism, or a group of them.

    Attributes
    ----------
    name : str
        Its own, or its members' joined by ``+``.
    members : tuple of str
        Events or mechanisms that come and go together.
    """

    name: str
    members: tuple[str, ...]


class CoalitionGame(Protocol):
    """Cooperative game: the players of a branch, and the variant of the branch for each coalition."""

    players: tuple[Player, ...]

    def key(self, coalition: int) -> Key:
        """Return a key of the variant for a coalition (a bit mask); equal keys mean equal runs."""

    def variant(self, key: Key) -> Setup:
        """Return the variant of the branch for a key."""


class EventGame:
    """Game whose players are events that occur or not.

    Taking out an event takes out what is because of it; taking out a call or a response leaves the choice to the agent.

    Parameters
    ----------
    setup : Setup
        The branch, no longer than need be.
    groups : sequence of str, optional
        ``EVENT``, ``EVENT+EVENT`` or ``NAME=EVENT+EVENT``; default: each event that acts and is not because of another.

    Raises
    ------
    InputError
        If there is no such event, none at all, or one stands in two groups.
    """

    def __init__(self, setup: Setup, groups: Sequence[str] = ()) -> None:
        self._masking = Masking(setup)
        events = setup.scenario.events
        if groups:
            self.players = read_players(groups, "event", events)
        else:
            roots = [name for name in self._masking.acting if events[name].because_of not in events]
            days = {name: acts_on(setup.scenario, events[name]) for name in roots}
            self.players = tuple(Player(name, (name,)) for name in sorted(roots, key=lambda name: (days[name], name)))
        if not self.players:
            raise InputError(f"no event acts by {setup.calendar.ends[-1]}, when the metric is settled")

    def key(self, coalition: int) -> Key:
        """Return the acting events that a coalition leaves out."""
        return self._masking.gone(_missing(self.players, coalition))

    def variant(self, key: Key) -> Setup:
        """Return the branch without some events."""
        return self._masking.without(key)


class MechanismGame:
    """Game whose players are mechanisms that are on or off (`sim.mechanisms`).

    Parameters
    ----------
    setup : Setup
        The branch, no longer than need be.
    groups : sequence of str, optional
        ``MECHANISM``, or groups of them as for events; default: all that can be off together.

    Raises
    ------
    InputError
        If there is no such mechanism, two cannot be off together, or an event of the branch sets a parameter that
        switches one off.
    """

    def __init__(self, setup: Setup, groups: Sequence[str] = ()) -> None:
        self._setup = setup
        self.players = read_players(groups or together(), "mechanism", MECHANISMS)
        members = [name for player in self.players for name in player.members]
        for first, second in combinations(members, 2):
            if conflict(first, second):
                raise InputError(
                    f"mechanisms '{first}' and '{second}' cannot be off together: both set {conflict(first, second)}; "
                    "give one of them"
                )
        names = list(PARAMETERS)
        for change in (change for tick in setup.changes for change in tick if change.kind == PARAMETER.name):
            self._refuse_if_set(change, names[change.i])

    def _refuse_if_set(self, change: DatedChange, parameter: str) -> None:
        for player in self.players:
            for name in player.members:
                if parameter in MECHANISMS[name].off:
                    raise InputError(
                        f"mechanism '{name}' cannot be switched off: event '{change.name}' sets parameters.{parameter}"
                        "; leave the mechanism or the event out"
                    )

    def key(self, coalition: int) -> Key:
        """Return the mechanisms that are switched off, without those that the parameters already switch off."""
        given = self._setup.parameters._asdict()
        return frozenset(
            name
            for name in _missing(self.players, coalition)
            if any(given[parameter] != value for parameter, value in MECHANISMS[name].off.items())
        )

    def variant(self, key: Key) -> Setup:
        """Return the branch with some mechanisms switched off."""
        off = {parameter: value for name in sorted(key) for parameter, value in MECHANISMS[name].off.items()}
        return replace(self._setup, parameters=self._setup.parameters._replace(**off))


def read_players(groups: Sequence[str], what: str, known: Iterable[str]) -> tuple[Player, ...]:
    """Parse players from command-line groups.

    Parameters
    ----------
    groups : sequence of str
        ``NAME``, ``NAME+NAME`` or ``LABEL=NAME+NAME``.
    what : str
        ``event`` or ``mechanism``, for messages.
    known : iterable of str
        Names there are.

    Examples
    --------
    >>> read_players(["raid", "help=appeal+answer"], "event", ["raid", "appeal", "answer"])
    (Player(name='raid', members=('raid',)), Player(name='help', members=('appeal', 'answer')))
    """
    known = tuple(known)
    players: list[Player] = []
    taken: dict[str, str] = {}
    for group in groups:
        label, equals, rest = group.partition("=")
        members = tuple(part.strip() for part in (rest if equals else group).split("+"))
        name = label.strip() if equals else "+".join(members)
        for member in members:
            if member not in known:
                near = closest(member, known)
                hint = f"; did you mean '{near}'?" if near else ""
                raise InputError(f"there is no {what} '{member}' in this branch; allowed: {listed(known)}{hint}")
            if member in taken:
                raise InputError(f"{what} '{member}' stands in '{taken[member]}' and in '{name}'; each may stand once")
            taken[member] = name
        if not name or any(player.name == name for player in players):
            raise InputError(f"'{group}': groups need names of their own; allowed: NAME, NAME+NAME, LABEL=NAME+NAME")
        players.append(Player(name, members))
    return tuple(players)


def _missing(players: Sequence[Player], coalition: int) -> list[str]:
    return [member for bit, player in enumerate(players) if not coalition >> bit & 1 for member in player.members]
