"""The schema of a scenario file: one typed class for each table, with a description of every key.

The classes check each value by itself; what must agree between tables (names that exist, dates inside the
period, causes without circles) stands in `sim.scenario.consistency`.
"""

from datetime import date
from html import escape
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sim.model.events import Event
from sim.model.fields import Code, Day, DayText, Name, Point, Positive, ScenarioTable, Share, Signed, Unit, When
from sim.model.quantity import FIRST_YEAR, LAST_YEAR, Quantity
from sim.words import BELIEF_RULES, DECISIONS, OBLIGATIONS, OUTLOOKS, POSTURES, STARTING_POSTURES

StoryText = Annotated[str, Field(min_length=1, max_length=300)]
"""A sentence on a screen of a story, which has room for some forty words."""


class StateEntry(ScenarioTable):
    """A state, or a bloc that acts as one state."""

    name: str = Field("", description="full name, for labels")
    capability: Positive = Field(description="share of the world's material capability (CINC), 0..1")
    population: Positive = Field(Quantity(values=(10.0,)), description="millions of people")
    democracy: Share = Field(Quantity(values=(0.5,)), description="electoral democracy, 0 autocracy .. 1 democracy")
    overstretch: Share = Field(Quantity(values=(0.0,)), description="share of capability tied down elsewhere, 0..1")
    attention: Unit = Field(0.0, description="attention to security at the start, 0..1")
    approval: Share = Field(
        Quantity(values=(0.5,)), description="public approval of the focus alliance at the start, 0..1"
    )
    capital: Point | None = Field(None, description="longitude and latitude of the capital")
    source: str = Field("", description="where the figures are from")


class Coverage(ScenarioTable):
    """How clearly a treaty clause covers an attack, by its location and type; each value lies in 0..1."""

    recognised: Unit = Field(1.0, description="the victim's recognised territory")
    border: Unit = Field(0.5, description="a border that is not delimited, or a place disputed by the reader")
    foreign: Unit = Field(0.0, description="another state's land")
    members: Unit = Field(0.0, description="attack by a fellow member")
    unrest: Unit = Field(0.2, description="internal unrest")
    unrest_foreign: Unit = Field(0.7, description="internal unrest with a foreign element")
    places: dict[Name, Unit] = Field(default_factory=dict, description="places that the clause covers by name")
    recognised_away: Unit = Field(
        0.5,
        description="a place covered by name that the victim itself has recognised as the aggressor's, "
        "as allies read it",
    )


class Clause(ScenarioTable):
    """One obligation in a treaty."""

    article: str = Field(description="article of the treaty text, such as '4'")
    obligation: Literal[OBLIGATIONS] = Field("defend", description="what is owed")  # type: ignore[valid-type]
    text: str = Field("", description="the duty in a few words of our own")
    strength: Unit = Field(1.0, description="how firmly the text obliges, 0..1")
    coverage: Coverage = Field(default_factory=Coverage, description="how clearly attacks are covered")
    source: str = Field("", description="where the text was read")


class Treaty(ScenarioTable):
    """A treaty: its members, the obligations in its clauses, its decision rule and its rules for exit."""

    name: str = Field("", description="full name")
    members: list[Code] = Field(description="states bound at the start")
    postures: dict[Code, Literal[STARTING_POSTURES]] = Field(  # type: ignore[valid-type]
        default_factory=dict, description="where members stand at the start, if not at loyal"
    )
    guarantor: Code | None = Field(None, description="whose help the others count on; else the most capable member")
    obligors: list[Code] = Field(default_factory=list, description="members that owe help, if not all")
    clauses: dict[Name, Clause] = Field(default_factory=dict, description="its duties, by id")
    decision: Literal[DECISIONS] = Field(  # type: ignore[valid-type]
        "none",
        description="who must agree to help above a statement: nobody (`none`: each ally decides alone), all, most, "
        "nobody though all are asked (`opt-out`), or the guarantor",
    )
    ladder: bool | None = Field(None, description="whether members climb the ladder; default: more than two members")
    exclusive: bool | Unit = Field(
        False, description="bars military alliances against members: true, false, or how strictly, 0..1"
    )
    rivals: list[Name] = Field(default_factory=list, description="treaties that an exclusive treaty bars")
    notice_months: Annotated[float, Field(ge=0, le=120)] = Field(6.0, description="months from notice to exit")
    renewals: list[Day] = Field(default_factory=list, description="dates when members may lapse instead of renewing")
    in_force: Day | None = Field(None, description="binds from this date; default: from the start")
    expires: Day | None = Field(None, description="binds until this date; default: to the end")
    source: str = Field("", description="where the text was read")


class Place(ScenarioTable):
    """A place that can be attacked."""

    owner: Code = Field(description="whose land it is, as most states see it")
    undelimited: bool = Field(False, description="lies on a border that is not delimited")
    eyes: dict[Code, Code] = Field(default_factory=dict, description="owner in the eyes of single states")
    disputed_by: list[Code] = Field(default_factory=list, description="states that read it as an undelimited border")
    location: Point | None = Field(None, description="longitude and latitude, for maps")
    source: str = Field("", description="who says so")


class Dyad(ScenarioTable):
    """Relations of one state with another; `distance`, `contiguous` and `fought` apply in both directions."""

    distance: Positive | None = Field(None, description="km between capitals; default: from `capital`, else 2000")
    contiguous: bool | None = Field(None, description="share a land border; default: no")
    fought: Day | None = Field(None, description="last fight before the start; default: never")
    threat: Share | None = Field(None, description="what the first fears from the second, 0..1; default: 0")
    ties: Signed | None = Field(None, description="how close the first is to the second, -1..1; default: 0")
    claim: Share | None = Field(
        None, description="territorial grievance of the first against the second, 0..1; default: 0"
    )
    regime_distance: Share | None = Field(
        None, description="how far the regimes lie apart, 0 of a kind .. 1 opposed; default: 0"
    )
    arms: Share | None = Field(None, description="share of the first's arms from the second; default: not known")
    trade: Share | None = Field(None, description="share of the first's trade with the second; default: not known")
    energy: Share | None = Field(None, description="share of the first's energy from the second; default: not known")
    remittances: Share | None = Field(
        None, description="remittances from the second, share of the first's GDP; default: not known"
    )
    base: Share | None = Field(
        None, description="military presence of the second on the first's soil, 0..1; default: not known"
    )
    source: str = Field("", description="where the figures are from")


class Belief(ScenarioTable):
    """One state's initial belief about another's reliability, where it differs from the default."""

    trust: Share = Field(description="expectation that the other does what its treaty owes, 0..1")
    confidence: Positive | None = Field(None, description="evidence behind it, pseudo-observations")
    source: str = Field("", description="why")


class ObservedMove(ScenarioTable):
    """A rung on which a member was observed from a date on; the name of the rung alone will do."""

    posture: Literal[POSTURES] = Field(description="rung of the ladder")  # type: ignore[valid-type]
    diversified_to: Code | None = Field(None, description="outside patron from whom it has arms; default: not known")
    pact_with: Code | None = Field(None, description="partner of a rival pact; default: not known")
    source: str = Field("", description="who reports it")

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, given: Any) -> Any:
        return {"posture": given} if isinstance(given, str) else given


class StoryPart(ScenarioTable):
    """One sentence of a story with its source; the text alone will do."""

    text: StoryText = Field(description="a sentence for readers who know nothing of the alliance")
    source: str = Field("", description="who reports it")

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given


class StoryChange(ScenarioTable):
    """The change that a story makes, and what is counted with it and without it."""

    text: StoryText = Field(description="a sentence that says what is changed")
    source: str = Field("", description="who reports or assumes it")
    branch: Name = Field(description="branch with the change")
    against: Name | None = Field(None, description="branch without it; default: `as-happened`, else the first")
    metric: str = Field(description="metric counted in both branches, one that is true or false")
    counted: StoryText = Field(description="what the metric counts: a clause such as `Armenia leaves by 2024`")


class StoryTable(ScenarioTable):
    """The scenario told to a newcomer, on at most four screens; a part that is not given has no place on them."""

    question: StoryText = Field(description="the question, as a sentence")
    promise: StoryPart | None = Field(None, description="what was promised to whom")
    call: StoryPart | None = Field(None, description="who called for help, and why")
    answer: StoryPart | None = Field(None, description="what the call was answered with")
    change: StoryChange | None = Field(None, description="one thing that could have been otherwise")
    happened: StoryPart | None = Field(None, description="what happened")


class ScenarioSettings(ScenarioTable):
    """Top-level keys that a branch may override."""

    belief_rule: Literal[BELIEF_RULES] = Field("surprise", description="how beliefs are updated")  # type: ignore[valid-type]
    outlook: Literal[OUTLOOKS] = Field("additive", description="how record and present interest combine")  # type: ignore[valid-type]
    record_end: Day | None = Field(
        None,
        description="last day of the record; what is set to after-record, and governments by chance, begin after it; "
        "default: all of the period is after it",
    )
    endogenous_attacks: When = Field("never", description="whether rivals attack at a hazard")
    guarantor_choices: When = Field(
        "always", description="whether guarantors coerce and reassure by choice, beside what events give"
    )
    pinned_until: Day | None = Field(
        None, description="last day on which members stand where the observed course says; default: they never do"
    )


class Branch(ScenarioTable):
    """A named variation of a scenario: events that it drops, and keys to which it gives new values."""

    title: str = Field("", description="for labels")
    note: str = Field("", description="what is varied and why")
    drop: list[Name] = Field(default_factory=list, description="events taken out, with what is because of them")
    belief_rule: Literal[BELIEF_RULES] | None = None  # type: ignore[valid-type]
    outlook: Literal[OUTLOOKS] | None = None  # type: ignore[valid-type]
    record_end: Day | None = None
    endogenous_attacks: When | None = None
    guarantor_choices: When | None = None
    pinned_until: Day | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    states: dict[str, dict[str, Any]] = Field(default_factory=dict)
    places: dict[str, dict[str, Any]] = Field(default_factory=dict)
    treaties: dict[str, dict[str, Any]] = Field(default_factory=dict)
    dyads: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)
    beliefs: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)
    events: dict[str, dict[str, Any]] = Field(default_factory=dict)


class Scenario(ScenarioSettings):
    """A complete scenario after `extends` is merged; `sim.load` reads one from a file."""

    title: str = Field(description="what the scenario is about, for reports and figures")
    description: str = Field("", description="what the scenario asks, for reports")
    extends: str | list[str] | None = Field(
        None,
        description="scenario to build on, or a list of them: shipped names or paths relative to this file",
    )
    start: date = Field(description="first day of the period")
    end: date = Field(description="last day of the period, after start")
    step: Literal["month", "week"] = Field("month", description="length of a tick")
    focus: Name | None = Field(None, description="treaty meant where none is named; default: the largest with a ladder")
    replicates: Annotated[int, Field(ge=1, le=10_000_000)] = Field(200, description="runs of each branch")
    seed: Annotated[int, Field(ge=0, lt=2**53)] = Field(1, description="start of the random numbers")
    metrics: list[str] = Field(default_factory=list, description="metric expressions reported by run")
    claims: list[str] = Field(
        default_factory=list,
        exclude_if=lambda claims: not claims,
        description='claims that `audit` checks, "METRIC: A > B" with the names of two branches',
    )
    drop: list[Name] = Field(default_factory=list, description="events of the extended scenario taken out")
    drop_branches: bool = Field(False, description="whether the branches of the extended scenario are taken out")
    parameters: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(
        default_factory=dict, description="parameters that leave their default, by name"
    )
    states: dict[Code, StateEntry] = Field(default_factory=dict, description="states, by ISO code")
    places: dict[Name, Place] = Field(default_factory=dict, description="places that can be attacked, by name")
    treaties: dict[Name, Treaty] = Field(default_factory=dict, description="treaties, by name")
    dyads: dict[Code, dict[Code, Dyad]] = Field(
        default_factory=dict, description="what the first state has to do with the second"
    )
    beliefs: dict[Code, dict[Code, Belief]] = Field(
        default_factory=dict, description="what the first state believes of the second at the start"
    )
    events: dict[Name, Event] = Field(default_factory=dict, description="what happens, by name")
    observed: dict[Code, dict[DayText, ObservedMove]] = Field(
        default_factory=dict,
        description="where members of the focus treaty were observed to stand, by state and date, to compare runs with",
    )
    observed_until: Day | None = Field(
        None, description="last day to which the observed course is known; default: `record_end`"
    )
    branches: dict[Name, Branch] = Field(default_factory=dict, description="variations, by name")
    story: StoryTable | None = Field(None, description="the scenario told to a newcomer, with which the explorer opens")

    def recorded_until(self, last: date) -> date:
        """Return the last day up to ``last`` to which the observed course or the record is known."""
        known = self.record_end if self.observed_until is None else self.observed_until
        return last if known is None else min(last, known)

    def __repr__(self) -> str:
        """Return a one-line description of the scenario."""
        return f"<Scenario {self.title!r}: {self._in_short()}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = [
            ("period", f"{self.start} to {self.end}, by {self.step}"),
            ("states", ", ".join(self.states)),
            ("treaties", ", ".join(self.treaties)),
            ("branches", ", ".join(self.branches)),
            ("parameters set", ", ".join(f"{name} = {value:g}" for name, value in self.parameters.items())),
        ]
        cells = "".join(f"<tr><th>{name}</th><td>{escape(text or 'none')}</td></tr>" for name, text in rows)
        return f"<p>{escape(self.title)}: {self._in_short()}</p><table>{cells}</table>"

    def _in_short(self) -> str:
        counts = {
            ("state", "states"): len(self.states),
            ("treaty", "treaties"): len(self.treaties),
            ("event", "events"): len(self.events),
            ("branch", "branches"): len(self.branches),
        }
        parts = [f"{count} {singular if count == 1 else plural}" for (singular, plural), count in counts.items()]
        return f"{self.start} to {self.end}, {', '.join(parts)}"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not FIRST_YEAR <= self.start.year <= self.end.year <= LAST_YEAR and self.start < self.end:
            raise ValueError(f"start and end must lie in the years {FIRST_YEAR}..{LAST_YEAR}")
        if self.end <= self.start:
            raise ValueError(f"end ({self.end}) must be after start ({self.start})")
        return self
