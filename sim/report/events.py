"""The events in the branches of a report's question, with their sources."""

from sim.model.base_event import BaseEvent
from sim.output.formatting import day_in_words, event_in_words
from sim.output.result import ResultData
from sim.output.subjects import branch_title, state_in_sentence
from sim.plots.event_markers import key_events
from sim.report.blocks import Block, Grid, Text
from sim.report.changes import as_branch
from sim.report.question import ReportQuestion
from sim.scenario.schema import Scenario

MOST = 12
"""Events that are named as those that matter most."""

_JUDGED = ("severity", "value", "tone")
_NONE = "no source named"


def main_events(question: ReportQuestion) -> tuple[Block, ...]:
    """Return the events that matter most for the member in the question, with their sources."""
    result, member = question.result, question.member
    if member is None:
        return ()
    scenario = as_branch(result, question.a)
    markers = key_events(result, question.a, member, MOST)
    if not markers:
        return (Text(f"No event of the scenario bears on {state_in_sentence(result, member)}."),)
    rows = tuple(
        (day_in_words(marker.day), marker.text, scenario.events[marker.name].source or _NONE) for marker in markers
    )
    title = f"Events that matter most for {state_in_sentence(result, member)}{question.within(question.a)}"
    return (Grid(title, ("date", "what happened", "source"), rows, figures=()),)


def all_events(question: ReportQuestion) -> Grid:
    """Return every event in the branches of the question, with its judgements and source."""
    result = question.result
    scenarios = [as_branch(result, branch) for branch in question.branches]
    events = {name: event for scenario in reversed(scenarios) for name, event in scenario.events.items()}
    rows = tuple(
        (
            day_in_words(event.date),
            _what(result, event),
            _judged(event),
            _where(result, question, scenarios, name),
            event.source or _NONE,
        )
        for name, event in sorted(events.items(), key=lambda pair: (pair[1].date, pair[0]))
    )
    heads = ("date", "what happened", "as judged", "in branch", "source")
    return Grid("Every event of the branches compared", heads, rows, figures=())


def _what(result: ResultData, event: BaseEvent) -> str:
    what = event_in_words(event, result.scenario)
    text = f"{what[:1].upper()}{what[1:]}"
    if event.note:
        text += f": {event.note}"
    return f"{text} (only if {event.only_if})" if event.only_if else text


def _judged(event: BaseEvent) -> str:
    given = [f"{key} {getattr(event, key):g}" for key in _JUDGED if getattr(event, key, None) is not None]
    return ", ".join(given) or "\N{EN DASH}"


def _where(result: ResultData, question: ReportQuestion, scenarios: list[Scenario], name: str) -> str:
    there = [
        branch_title(result, branch)
        for branch, scenario in zip(question.branches, scenarios, strict=True)
        if name in scenario.events
    ]
    return "both" if len(there) == len(scenarios) == 2 else ", ".join(there)
