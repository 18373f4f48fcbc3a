"""Recorded calls and responses, which fix the decisions of victims and allies about an attack or crisis."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from sim.model.base_event import BaseEvent, Facts, MarkerStyle, ShockEvent
from sim.model.fields import Code, Name, Unit
from sim.model.findings import Finding, KeyPath, closest, listed, show, unknown
from sim.words import FULFILMENT, RESPONSES

RESPONSE_DAYS: Final = 90
"""A response is the highest level delivered within so many days of the attack."""


class CallEvent(BaseEvent):
    """A victim appeals for help, or is recorded as not appealing."""

    kind: Literal["call"]
    state: Code = Field(description="victim of the attack or crisis")
    treaty: Name = Field(description="treaty invoked")
    article: Annotated[str | int, Field(union_mode="smart")] | None = Field(
        None, description="article invoked, as its clause names it"
    )
    made: bool = Field(True, description="false records that no appeal was made")
    to: Name | None = Field(None, description="attack or crisis it is about; default: because_of")

    order = 30
    sentence = "{state} appeals under {treaty}"
    guide = "Fixes whether the victim appeals (`made = false`: it stays silent). Without it the victim decides."
    switch = "Appeal of {who}"
    marker = MarkerStyle()

    def words(self) -> str:
        """Return a sentence for the victim's appeal, or for its silence."""
        return self.sentence if self.made else "{state} does not appeal under {treaty}"

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a caller that is not the victim or a member, an unknown article, and a call without a shock."""
        yield from unknown("treaty", self.treaty, facts.treaties, (*path, "treaty"))
        yield from facts.not_member(self.state, self.treaty, (*path, "state"))
        yield from self._article(path, facts)
        about = self.to if self.to is not None else self.because_of
        if about is None:
            yield Finding((*path, "to"), "the call names no attack or crisis", listed(facts.shocks))
            return
        if self.to is not None:
            yield from _known_shock(about, (*path, "to"), facts)
        target = facts.events.get(about)
        if target is None:
            return
        if not isinstance(target, ShockEvent):
            if self.to is None:
                problem = f"the call names no attack or crisis: {show(about)} is of kind '{target.kind}'"
                yield Finding((*path, "to"), problem, listed(facts.shocks))
            return
        if target.victim != self.state:
            problem = f"{show(about)} has the victim {target.victim}, who alone can call or stay silent"
            yield Finding((*path, "state"), problem, target.victim)
        yield from _not_before(self, about, target, path)

    def _article(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        articles = facts.articles.get(self.treaty)
        if self.article is not None and articles and str(self.article) not in articles:
            problem = f"{show(self.treaty)} has no clause with article {self.article}"
            yield Finding((*path, "article"), problem, listed(articles))


class Response(BaseEvent):
    """An ally's recorded response to an attack or crisis; a treaty's response applies to members without one."""

    kind: Literal["response"]
    state: Name = Field(description="ally, or a treaty for all its members but the victim")
    to: Name = Field(description="attack or crisis answered")
    response: Literal[RESPONSES] | None = Field(  # type: ignore[valid-type]
        None, description="highest level delivered within 90 days; default: the one that `delivered` amounts to"
    )
    delivered: Unit | None = Field(None, description="share of the duty delivered, 0..1; default: that of the level")
    offered: Literal[RESPONSES] | None = Field(None, description="level offered and not delivered")  # type: ignore[valid-type]

    order = 40
    sentence = "{state} answers with {response}"
    guide = (
        "Fixes what an ally does about an attack or crisis; `state` may name a treaty, which then stands for its other "
        "members. Without it each ally decides. `delivered` gives the share of the duty that was delivered, where more "
        "is known than the level. `offered` records help that was not delivered, which is not counted as "
        "help. Help counts with or without a call; `none` is silence where nobody called."
    )
    switch = "{who} answers"
    marker = MarkerStyle()

    @property
    def level(self) -> str:
        """The level delivered: the one given, or the highest that fulfils no more than the share delivered."""
        return level_of_share(self.delivered or 0.0) if self.response is None else str(self.response)

    def words(self) -> str:
        """Return a sentence with the level, or with the share where the file gives no level."""
        return self.sentence if self.response is not None else "{state} delivers {delivered:.0%} of its duty"

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report a responder without a duty, no answer or two, and one too early, too late or without a shock."""
        yield from self._answer(path)
        yield from unknown("state or treaty", self.state, (*facts.states, *facts.treaties), (*path, "state"))
        yield from _known_shock(self.to, (*path, "to"), facts)
        target = facts.events.get(self.to)
        if not isinstance(target, ShockEvent):
            return
        yield from _not_before(self, self.to, target, path)
        if self.date > target.date + timedelta(days=RESPONSE_DAYS):
            problem = f"{self.date} is more than {RESPONSE_DAYS} days after {show(self.to)} ({target.date})"
            yield Finding((*path, "date"), problem, f"what was delivered within {RESPONSE_DAYS} days")
        yield from self._responder(target, (*path, "state"), facts)

    def _answer(self, path: KeyPath) -> Iterator[Finding]:
        if self.delivered is None:
            if self.response is None:
                yield Finding((*path, "response"), "this key is missing", f"{listed(RESPONSES)}; or delivered = 0..1")
            return
        level = level_of_share(self.delivered)
        if self.response not in (None, level):
            problem = f"a share of {self.delivered:g} is '{level}', not {show(self.response)}"
            yield Finding((*path, "delivered"), problem, f"response = '{level}' or none, or a share of that level")

    def _responder(self, target: ShockEvent, where: KeyPath, facts: Facts) -> Iterator[Finding]:
        victim = target.victim
        if self.state in facts.members:
            yield from facts.not_member(victim, self.state, where)
            return
        if self.state not in facts.states:
            return
        if self.state == victim or self.state == getattr(target, "aggressor", None):
            role = "victim" if self.state == victim else "aggressor"
            yield Finding(where, f"{show(self.state)} is the {role} of {show(self.to)}", "an ally of the victim")
            return
        whole = len(facts.members) == len(facts.treaties)
        shared = [members for members in facts.members.values() if victim in members]
        allies = tuple(dict.fromkeys(code for members in shared for code in members if code != victim))
        if whole and self.state not in allies:
            problem = f"{self.state} shares no treaty with the victim {victim}, so it owes no response"
            yield Finding(where, problem, listed(allies) or "nobody: the victim has no treaty")


def level_of_share(share: float) -> str:
    """Return the highest level of help that fulfils no more than a share of a duty to defend.

    Examples
    --------
    >>> level_of_share(0.6), level_of_share(0.05)
    ('materiel', 'none')
    """
    return [level for level, done in zip(RESPONSES, FULFILMENT, strict=True) if done <= share][-1]


def _known_shock(name: str, path: KeyPath, facts: Facts) -> Iterator[Finding]:
    if name in facts.dropped and name not in facts.names:
        return
    shocks = facts.shocks
    if name not in facts.names:
        yield Finding(path, f"there is no event {show(name)}", listed(shocks), closest(name, shocks))
    elif name in facts.events and name not in shocks:
        problem = f"{show(name)} is of kind '{facts.events[name].kind}', not an attack or crisis"
        yield Finding(path, problem, listed(shocks))


def _not_before(event: CallEvent | Response, about: str, target: ShockEvent, path: KeyPath) -> Iterator[Finding]:
    if event.date < target.date:
        problem = f"{event.date} is before {show(about)} ({target.date})"
        yield Finding((*path, "date"), problem, f"{target.date} or later")
