"""Screens of a story: at most four, with one idea, its sources and the data of one figure on each."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.explorer.choices import Choices, PageState
from sim.explorer.stored import StoredAnswer
from sim.explorer.story import Story
from sim.model.base_event import BaseEvent, ShockEvent
from sim.model.events.call import Response
from sim.model.events.promise import Promise
from sim.output.formatting import in_hundred
from sim.plots.record import Spell
from sim.scenario import resolve
from sim.scenario.expressions import At, Compare, Metric, parse_metric
from sim.scenario.schema import StoryChange, StoryPart
from sim.words import FULFILMENT, RESPONSES

PROMISE, CALL, CHANGE, RECORD = "promise", "call", "change", "record"
TITLES: Final = {
    PROMISE: "The promise", CALL: "Call and answer", CHANGE: "What if?", RECORD: "What happened",
}  # fmt: skip

MOST_TRIALS: Final = 4
"""Tests of the promise that a figure shows at most, the gravest."""


@dataclass(frozen=True)
class Screen:
    """One screen of a story.

    Attributes
    ----------
    kind : str
        Key of `TITLES`.
    parts : tuple of StoryPart
        Its sentences.
    """

    kind: str
    parts: tuple[StoryPart, ...]

    @property
    def title(self) -> str:
        """What the screen is about."""
        return TITLES[self.kind]


@dataclass(frozen=True)
class PromiseTest:
    """A test of the promise: what happened to the member, and how much of what was owed came.

    Attributes
    ----------
    day : date
    note : str
    share : float
        Of what was owed, 0..1.
    level : str
        Highest level of help, as `RESPONSES` names it; empty where only the share is on file.
    """

    day: date
    note: str
    share: float
    level: str


def screens_of(story: Story) -> tuple[Screen, ...]:
    """Return the screens of a story in their order; parts that the scenario does not tell are left out."""
    table = story.scenario.story
    if table is None:
        return ()
    screens = [Screen(PROMISE, (table.promise,) if table.promise else ())]
    if table.call or table.answer:
        screens.append(Screen(CALL, tuple(part for part in (table.call, table.answer) if part)))
    if table.change:
        screens.append(Screen(CHANGE, (StoryPart(text=table.change.text, source=table.change.source),)))
    if table.happened:
        screens.append(Screen(RECORD, (table.happened,)))
    return tuple(screens)


def hero(story: Story) -> str:
    """Return the member that a story is about: that of the metric which its change counts."""
    if story.change is not None:
        metric = parse_metric(story.change.metric)
        if isinstance(metric, Compare) and metric.path.owner in story.cast.members:
            return metric.path.owner
    return story.protagonist


def changed_page(story: Story) -> PageState | None:
    """Return the explorer's page on which a story's change is made, seen at the month that the story counts to."""
    if story.change is None:
        return None
    first, about = story.first_choices(), hero(story)
    choices = Choices(first.scenario, story.change.branch, replicates=first.replicates, seed=first.seed)
    return PageState(choices, about if about in story.clients else "", _counted_to(parse_metric(story.change.metric)))


def _counted_to(metric: Metric) -> date | None:
    """Return the last day of the month that a comparison names, None if it names none."""
    left = metric.left if isinstance(metric, Compare) else metric
    bound = metric.value if isinstance(metric, Compare) else None
    month = left.when if isinstance(left, At) else bound
    if not isinstance(month, tuple):
        return None
    return date(*month, monthrange(*month)[1])


def result_of(change: StoryChange, answer: StoredAnswer) -> str:
    """Return the effect of a change as a sentence that counts worlds."""
    before, after = (in_hundred(count / answer.runs) for count in (answer.before, answer.after))
    if before == after:
        return f"{change.counted} in {after} of 100 simulated worlds, with the change and without it."
    return f"{change.counted} in {after} of 100 simulated worlds instead of {before}."


def trials_of(story: Story) -> tuple[PromiseTest, ...]:
    """Return the gravest tests of the guarantor's promise by date.

    They are those of the promise to the hero and those that the story's change touches; where there is none, all.
    """
    events = resolve(story.scenario, story.main_branch).events
    trials = list(_trials(story, events, hero(story))) or list(_trials(story, events, ""))
    gravest = sorted(trials, key=lambda pair: -pair[0])[:MOST_TRIALS]
    return tuple(sorted((trial for _, trial in gravest), key=lambda trial: trial.day))


def _trials(story: Story, events: Mapping[str, BaseEvent], member: str) -> Iterator[tuple[float, PromiseTest]]:
    """Yield the tests of the promise to a member, or to any if it is empty, with their gravity."""
    touched = _touched(story)
    for name, event in events.items():
        if event.only_if is not None:
            continue
        if isinstance(event, Response):
            shock = events.get(event.to)
            own = event.state == story.cast.guarantor and isinstance(shock, ShockEvent) and shock.victim == member
            if isinstance(shock, ShockEvent) and (own or not member or name in touched):
                level = "" if event.response is None else event.level
                share = FULFILMENT[RESPONSES.index(event.level)] if event.delivered is None else event.delivered
                yield shock.severity, PromiseTest(shock.date, shock.note, share, level)
        elif isinstance(event, Promise) and (
            name in touched or (event.state == story.cast.guarantor and member in ("", event.target))
        ):
            yield event.severity, PromiseTest(event.date, event.note, event.given, "")


def _touched(story: Story) -> set[str]:
    """Return the events that the branch of a story's change changes."""
    branch = story.scenario.branches.get(story.change.branch) if story.change is not None else None
    return set() if branch is None else {*branch.events}


def record_of(story: Story) -> tuple[Spell, ...]:
    """Return where the hero stood by the record, spell by spell; empty where nothing was observed."""
    return story.recorded(hero(story))
