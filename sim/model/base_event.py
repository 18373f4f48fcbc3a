"""Base classes of events, with the parts that every kind of event declares.

A kind is one class in a module of `sim.model.events`. It is a `WorldEvent`, which changes the world by its own rule, a
`ShockEvent`, about which victims and allies decide, or an `EvidenceEvent`, from which observers learn directly.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from pydantic import Field

from sim.model.changes import ChangeKind, Effect, StaticRule
from sim.model.fields import Day, Name, ScenarioTable
from sim.model.findings import Finding, KeyPath, closest, listed, show
from sim.model.world import NOBODY, Case

LAST: int = 1000
"""Default position of a kind in lists."""


class AxisNames(NamedTuple):
    """The names of a scenario in the order of the world's axes."""

    states: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]

    def state(self, code: str | None) -> int:
        """Return the index of a state, `NOBODY` for None."""
        return NOBODY if code is None else self.states.index(code)

    def treaty(self, name: str) -> int:
        """Return the index of a treaty."""
        return self.treaties.index(name)

    def place(self, name: str) -> int:
        """Return the index of a place."""
        return self.places.index(name)


class Facts(NamedTuple):
    """Facts about a scenario against which its events are checked.

    Attributes
    ----------
    states, treaties, places, names : tuple of str
        All declared names; ``names`` are those of events. Names of tables with errors count.
    events : mapping
        The valid events, by name.
    members, articles : mapping
        For each valid treaty: the states that are ever members, and the articles of its clauses.
    dropped : tuple of str
        Events of the extended scenario that this scenario removes.
    ladders : mapping
        For each valid treaty whose members climb a ladder: the guarantor that it names, None if it names none.
    """

    states: tuple[str, ...]
    treaties: tuple[str, ...]
    places: tuple[str, ...]
    names: tuple[str, ...]
    events: "Mapping[str, BaseEvent]"
    members: Mapping[str, tuple[str, ...]]
    articles: Mapping[str, tuple[str, ...]]
    dropped: tuple[str, ...]
    ladders: Mapping[str, str | None]

    @property
    def shocks(self) -> tuple[str, ...]:
        """The names of attacks and crises."""
        return tuple(name for name, event in self.events.items() if isinstance(event, ShockEvent))

    def not_member(self, code: str, treaty: str, path: KeyPath) -> Iterator[Finding]:
        """Report a state that is never a member of a treaty."""
        members = self.members.get(treaty)
        if members is not None and code not in members:
            problem = f"{code} is not a member of {show(treaty)}"
            yield Finding(path, problem, listed(members), closest(code, members))


class MarkerWeight(NamedTuple):
    """Weight of an event in the choice of numbered event markers: ``base + slope * severity`` (or value)."""

    base: float
    slope: float = 0.0


class MarkerStyle(NamedTuple):
    """Weights and text of an event among the numbered event markers of a figure about one member.

    Attributes
    ----------
    on_member, on_others : MarkerWeight
        Weight of an event that concerns the member, or another member. A weight below 1.5 is never shown.
    on_guarantor : MarkerWeight or None
        Weight of an event that concerns the guarantor, if it differs from that for other members.
    beside_note : str or None
        Words before the event's note, in place of its sentence.
    """

    on_member: MarkerWeight = MarkerWeight(0.0)
    on_others: MarkerWeight = MarkerWeight(0.0)
    on_guarantor: MarkerWeight | None = None
    beside_note: str | None = None


class BaseEvent(ScenarioTable):
    """Base class of all events: the keys that any event can have, and the parts that each kind declares.

    Attributes
    ----------
    sentence : str
        Sentence about what happened, with keys of the event in braces; states are written by name.
    guide : str
        Effect of this kind of event, for the guide to scenario files.
    switch : str
        The event as a switch of the explorer; ``{who}`` is the state or treaty that acts, ``{victim}`` the victim.
    marker : MarkerStyle
        Weights and text among the numbered event markers of a figure.
    order : int
        Position of the kind in lists and documents; kinds of equal order are sorted by name.
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
        """Return the sentence that describes this event, with its keys in braces."""
        return self.sentence

    def as_cause(self, name_of: Callable[[str], str]) -> str:
        """Return the phrase for this event as a cause in explanations; ``name_of`` maps codes to names."""
        parties = [name_of(code) for key in ("state", "target") if (code := getattr(self, key, None)) is not None]
        return f"{self.kind}, {' to '.join(parties)}" if parties else self.kind

    def overwrites(self) -> tuple[str, ...]:
        """Return the keys of the scenario whose values this event replaces from its date on."""
        return ()

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report contradictions between this event and the rest of its scenario; ``path`` is that of its table."""
        del path, facts
        yield from ()


class WorldEvent(BaseEvent):
    """An event that changes the world on its date.

    Attributes
    ----------
    apply : staticmethod or None
        The rule (`sim.model.changes.Rule`), as a static method, of the change named after the kind; None for a
        kind that acts only through other changes.
    bears_on_interest : bool
        Whether that change may alter a guarantor's interest apart from its stake (`sim.rules.reliability`).
    acts_through : tuple of ChangeKind
        Other changes that an event of the kind may make.
    """

    apply: ClassVar[StaticRule | None]
    bears_on_interest: ClassVar[bool]
    acts_through: ClassVar[tuple[ChangeKind, ...]] = ()

    @property
    def turnover(self) -> bool:
        """Return whether the event may bring a government with another line (`sim.rules.government`)."""
        return False

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the changes of the world that the event makes, at least one, in the order in which they apply."""
        raise NotImplementedError


class ShockEvent(BaseEvent):
    """An attack or crisis that hits one state, which may appeal; its allies respond, and observers learn."""

    if TYPE_CHECKING:
        victim: str
        severity: float
        coverage: float | None

    def case(self, axes: AxisNames, *, consult: bool) -> Case:
        """Return the event as a case for legal coverage; ``consult`` if the victim requests only consultations."""
        raise NotImplementedError


class EvidenceEvent(BaseEvent):
    """An event from which observers learn as from an ally's response, although nobody attacked and nobody decides.

    Attributes
    ----------
    state : str
        The state whose conduct it is.
    given : float
        Share of what it owed that it delivered, 0..1.
    watched_by : list of str or None
        The states that learn of it; None for all.
    """

    if TYPE_CHECKING:
        state: str
        given: float
        watched_by: list[str] | None

    def case(self, axes: AxisNames) -> Case:
        """Return the event as a case, with ``promised`` saying how firmly the state owed."""
        raise NotImplementedError


def different_states(state: str, target: str, path: KeyPath) -> Iterator[Finding]:
    """Report an event that a state directs at itself."""
    if state == target:
        yield Finding((*path, "target"), "state and target are the same state", "two different states")
