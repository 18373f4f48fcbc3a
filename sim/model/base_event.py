"""The base classes of events, with the parts that every kind declares.

A kind is one class in a module of `sim.model.events`. It is either a `WorldEvent`, which changes the world by a rule
of its own, or a `ShockEvent`, about which victims and allies decide.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from pydantic import Field

from sim.model.changes import ChangeKind, Effect, StaticRule
from sim.model.fields import Day, Name, Table
from sim.model.findings import Finding, KeyPath, closest, listed, show
from sim.world import NOBODY, Case

LAST: int = 1000
"""Place in lists of a kind that does not say where it stands."""


class AxisNames(NamedTuple):
    """The names of a scenario in the order of the world's axes."""

    states: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]

    def state(self, code: str | None) -> int:
        """Return the index of a state, `NOBODY` for none."""
        return NOBODY if code is None else self.states.index(code)

    def treaty(self, name: str) -> int:
        """Return the index of a treaty."""
        return self.treaties.index(name)

    def place(self, name: str) -> int:
        """Return the index of a place."""
        return self.places.index(name)


class Facts(NamedTuple):
    """What the checks of an event against the rest of its scenario look up.

    Attributes
    ----------
    states, treaties, places, names : tuple of str
        All names that are declared; ``names`` are those of events. Tables with mistakes of their own count.
    events : mapping
        The events that could be read, by name.
    members, articles : mapping
        Of each treaty that could be read: who is in it at some time, and the articles of its clauses.
    dropped : tuple of str
        Events of the extended scenario that this one takes out.
    """

    states: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]
    names: tuple[str, ...]
    events: "Mapping[str, BaseEvent]"
    members: Mapping[str, tuple[str, ...]]
    articles: Mapping[str, tuple[str, ...]]
    dropped: tuple[str, ...]

    @property
    def shocks(self) -> tuple[str, ...]:
        """The names of attacks and crises."""
        return tuple(name for name, event in self.events.items() if isinstance(event, ShockEvent))

    def not_member(self, code: str, treaty: str, path: KeyPath) -> Iterator[Finding]:
        """Report a state that is in a treaty at no time."""
        members = self.members.get(treaty)
        if members is not None and code not in members:
            problem = f"{code} is not a member of {show(treaty)}"
            yield Finding(path, problem, listed(members), closest(code, members))


class MarkerWeight(NamedTuple):
    """Weight of an event among those that a figure numbers: ``base + slope * severity`` (or value)."""

    base: float
    slope: float = 0.0


class MarkerStyle(NamedTuple):
    """How an event stands among the numbered events of a figure about one member.

    Attributes
    ----------
    on_member, on_others : MarkerWeight
        Where it concerns the member, and where it concerns another one. Less than 1.5 is never shown.
    on_guarantor : MarkerWeight or None
        Where it concerns the guarantor, if that weighs otherwise than with other members.
    beside_note : str or None
        Words that stand before the event's note in place of its sentence.
    """

    on_member: MarkerWeight = MarkerWeight(0.0)
    on_others: MarkerWeight = MarkerWeight(0.0)
    on_guarantor: MarkerWeight | None = None
    beside_note: str | None = None


class BaseEvent(Table):
    """What every event can carry, and what every kind declares.

    Attributes
    ----------
    sentence : str
        What happened, with keys of the event in braces; codes of states are written as their names.
    guide : str
        What an event of this kind does, for the guide to scenario files.
    switch : str
        The event as a switch of the explorer; ``{who}`` is the state or treaty that acts, ``{victim}`` the victim.
    marker : MarkerStyle
        How it stands among the numbered events of a figure.
    order : int
        Where the kind stands in lists and documents; kinds of equal order stand by name.
    """

    if TYPE_CHECKING:
        kind: str

    date: Annotated[Day, Field(description="day, inside the period, without quotes")]
    source: str = Field("", description="where it was read")
    note: str = Field("", description="what happened, in a few words")
    because_of: Name | None = Field(None, description="event that caused it; dropped together with it")
    only_if: str | None = Field(None, description="condition asked in each run at that date")

    sentence: ClassVar[str]
    guide: ClassVar[str]
    switch: ClassVar[str]
    marker: ClassVar[MarkerStyle]
    order: ClassVar[int] = LAST

    def words(self) -> str:
        """Return the sentence that tells this event, with its keys in braces."""
        return self.sentence

    def as_cause(self, name_of: Callable[[str], str]) -> str:
        """Return what happened as explanations name it, given the full name of a state's code."""
        parties = [name_of(code) for key in ("state", "target") if (code := getattr(self, key, None)) is not None]
        return f"{self.kind}, {' to '.join(parties)}" if parties else self.kind

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report in what the event contradicts the rest of its scenario; ``path`` leads to its table."""
        del path, facts
        yield from ()


class WorldEvent(BaseEvent):
    """An event that changes the world on its date.

    Attributes
    ----------
    apply : staticmethod or None
        The rule (`sim.model.changes.Rule`), as a static method, of the change that bears the kind's name; None
        for a kind that acts through other changes alone.
    bears_on_interest : bool
        Whether that change may move what a guarantor weighs beside its stake (`sim.rules.reliability`).
    acts_through : tuple of ChangeKind
        Other changes that an event of the kind may be.
    """

    apply: ClassVar[StaticRule | None]
    bears_on_interest: ClassVar[bool]
    acts_through: ClassVar[tuple[ChangeKind, ...]] = ()

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the changes that the event is, in the order in which they apply; at least one."""
        raise NotImplementedError


class ShockEvent(BaseEvent):
    """An event that hits one state: it may appeal, its allies answer, and everybody learns from that."""

    if TYPE_CHECKING:
        victim: str
        severity: float
        coverage: float | None

    def case(self, axes: AxisNames, *, consult: bool) -> Case:
        """Return what treaties are asked to cover; ``consult`` where the victim asks for consultations alone."""
        raise NotImplementedError


def different_states(state: str, target: str, path: KeyPath) -> Iterator[Finding]:
    """Report an event of a state towards itself."""
    if state == target:
        yield Finding((*path, "target"), "state and target are the same state", "two different states")
