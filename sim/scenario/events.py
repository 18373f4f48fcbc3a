"""What happens in a scenario: one typed class an event kind."""

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.fields import Code, Day, Name, Table, Tone, Unit
from sim.words import CHANNELS, RESPONSES, WINDOWS


class Happening(Table):
    """What every event can carry."""

    date: Annotated[Day, Field(description="day, inside the period, without quotes")]
    source: str = Field("", description="where it was read")
    note: str = Field("", description="what happened, in a few words")
    because_of: Name | None = Field(None, description="event that caused it; dropped together with it")
    only_if: str | None = Field(None, description="condition asked in each run at that date")


class Attack(Happening):
    """A state attacks another."""

    kind: Literal["attack"]
    aggressor: Code = Field(description="state that attacks")
    victim: Code = Field(description="state that is attacked")
    place: Name | None = Field(None, description="place, or a state's code; default: the victim's recognised territory")
    severity: Unit = Field(description="how grave, 0..1")
    coverage: Unit | None = Field(None, description="override of what the clauses say, 0..1")


class Crisis(Happening):
    """Unrest or a threat without a state attacker."""

    kind: Literal["crisis"]
    victim: Code = Field(description="state that is in trouble")
    severity: Unit = Field(description="how grave, 0..1")
    foreign: bool = Field(False, description="whether a foreign element is alleged")
    coverage: Unit | None = Field(None, description="override of what the clauses say, 0..1")


class Call(Happening):
    """A victim appeals for help, or is recorded as not appealing."""

    kind: Literal["call"]
    state: Code = Field(description="victim of the attack or crisis")
    treaty: Name = Field(description="treaty invoked")
    article: Annotated[str | int, Field(union_mode="smart")] | None = Field(
        None, description="article invoked, as its clause names it"
    )
    made: bool = Field(True, description="false records that no appeal was made")
    to: Name | None = Field(None, description="attack or crisis it is about; default: because_of")


class Response(Happening):
    """What an ally did about an attack or crisis; a treaty stands for members without one of their own."""

    kind: Literal["response"]
    state: Name = Field(description="ally, or a treaty for all its members but the victim")
    to: Name = Field(description="attack or crisis answered")
    response: Literal[RESPONSES] = Field(description="highest level delivered within 90 days")  # type: ignore[valid-type]
    offered: Literal[RESPONSES] | None = Field(None, description="level offered and not delivered")  # type: ignore[valid-type]


class Overstretch(Happening):
    """A state's capability is tied down elsewhere from now on."""

    kind: Literal["overstretch"]
    state: Code = Field(description="state whose forces are tied down")
    value: Unit = Field(description="share of its capability that is tied down, 0..1")


class Recognition(Happening):
    """A state recognises whose land a place is."""

    kind: Literal["recognition"]
    state: Code = Field(description="state that recognises")
    place: Name = Field(description="whose land is recognised")
    as_: Code = Field(alias="as", description="owner from now on in that state's eyes")


class Protest(Happening):
    """Protests against the alliance."""

    kind: Literal["protest"]
    state: Code = Field(description="where people protest")
    severity: Unit = Field(description="how large, 0..1")


class Rhetoric(Happening):
    """Words of one state about another, kind or hostile."""

    kind: Literal["rhetoric"]
    state: Code = Field(description="who speaks")
    target: Code = Field(description="about whom, and who hears it")
    tone: Tone = Field(description="-1 hostile .. 1 kind")


class Refugees(Happening):
    """People arrive in a state as refugees."""

    kind: Literal["refugees"]
    state: Code = Field(description="where they arrive")
    value: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = Field(description="people")


class Aid(Happening):
    """A state helps another in one channel."""

    kind: Literal["aid"]
    state: Code = Field(description="giver")
    target: Code = Field(description="receiver")
    channel: Literal[CHANNELS] = Field("arms", description="channel that moves towards the giver")  # type: ignore[valid-type]
    value: Unit = Field(description="weight of the aid, 0..1")


class Offer(Happening):
    """An outside partner's offer, standing until changed."""

    kind: Literal["offer"]
    state: Code = Field(description="who offers")
    target: Code = Field(description="to whom")
    value: Unit = Field(description="share of an alliance's protection on offer, 0..1")


class Coercion(Happening):
    """A state puts pressure on another."""

    kind: Literal["coercion"]
    state: Code = Field(description="who presses")
    target: Code = Field(description="who is pressed")
    channel: Literal[CHANNELS] = Field("trade", description="channel that it cuts")  # type: ignore[valid-type]
    severity: Unit = Field(description="how hard, 0..1")


class Reassurance(Happening):
    """A guarantor reassures a client."""

    kind: Literal["reassurance"]
    state: Code = Field(description="guarantor")
    target: Code = Field(description="client")
    severity: Unit = Field(description="how weighty, 0..1")


class Window(Happening):
    """An opening in which large steps are easier."""

    kind: Literal["window"]
    treaty: Name = Field(description="treaty whose members it opens for")
    of: Literal[WINDOWS] = Field("summit", description="what opens it")  # type: ignore[valid-type]
    state: Code | None = Field(None, description="for this member only; default: for all")
    until: Day | None = Field(None, description="last day; default: one month")


class Leader(Happening):
    """A change of leader or of the coalition behind the leader."""

    kind: Literal["leader"]
    state: Code = Field(description="where the leader changes")


class Membership(Happening):
    """A state joins, leaves or is suspended from a treaty by decision of others."""

    kind: Literal["membership"]
    state: Code = Field(description="who joins, leaves or is suspended")
    treaty: Name = Field(description="which treaty")
    action: Literal["join", "leave", "suspend"] = Field(description="what happens")


class Set(Happening):
    """Any world value or parameter changes."""

    kind: Literal["set"]
    key: str = Field(description="such as states.RUS.capability, dyads.ARM.AZE.threat, parameters.memory_half_life")
    value: Annotated[float, Field(allow_inf_nan=False)] = Field(description="value from that date on")


Event = Annotated[
    Attack
    | Crisis
    | Call
    | Response
    | Overstretch
    | Recognition
    | Protest
    | Rhetoric
    | Refugees
    | Aid
    | Offer
    | Coercion
    | Reassurance
    | Window
    | Leader
    | Membership
    | Set,
    Field(discriminator="kind"),
]
"""Any event; its ``kind`` says which."""
