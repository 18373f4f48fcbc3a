"""Event markers of figures: the selection of events and their descriptions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.model.base_event import BaseEvent
from sim.model.events.call import Response
from sim.output.formatting import day_in_words, event_in_words, state_name
from sim.output.result import ResultData
from sim.plots.labels import on_axis
from sim.plots.page import FigurePage, ascent, text_width
from sim.plots.style import FAINT, INK, MUTED, SMALL_SIZE
from sim.scenario import resolve
from sim.scenario.schema import Scenario

_LEAST = 1.5
_ROW = 0.16
_NEAR = 0.16
_LONGEST = 84
_SEPARATORS = re.compile(r"[;,:] ")


@dataclass(frozen=True)
class Marker:
    """The data of one numbered event in a figure.

    Attributes
    ----------
    day : date
        When it happened.
    name : str
        The event's name in the scenario.
    text : str
        A short description of the event.
    """

    day: date
    name: str
    text: str


def key_events(result: ResultData, branch: str, state: str, limit: int = 12) -> tuple[Marker, ...]:
    """Return the events that matter most for a member's trust in its guarantor, in order of time.

    Attacks and crises rank by severity, above all those on the member; then the guarantor's overstretch,
    recognitions by the member, refugees, pressure and changes of membership. The guarantor's response is part of the
    marker of its attack or crisis.

    Parameters
    ----------
    result : ResultData
        The result whose events are shown.
    branch : str
        Branch whose events are shown.
    state : str
        Member in whose eyes they are weighed.
    limit : int
        Most markers.
    """
    scenario = resolve(result.scenario, branch if branch in result.scenario.branches else None)
    weighed = sorted(
        (-_weight(event, state, result), event.date, name)
        for name, event in scenario.events.items()
        if result.days[0] <= event.date <= result.days[-1]
    )
    chosen: dict[tuple[str, date, str], str] = {}
    for weight, day, name in weighed:
        event = scenario.events[name]
        same = (event.kind, day, getattr(event, "victim", getattr(event, "state", "")))
        if -weight >= _LEAST and len(chosen) < limit:
            chosen.setdefault(same, name)
    return tuple(
        Marker(day, name, event_words(name, scenario, result, _end(name, scenario, result)))
        for day, name in sorted((day, name) for (_, day, _), name in chosen.items())
    )


def _weight(event: BaseEvent, state: str, result: ResultData) -> float:
    concerned = getattr(event, "victim", getattr(event, "target", getattr(event, "state", "")))
    if concerned == state:
        weight = event.marker.on_member
    elif concerned == result.guarantor and event.marker.on_guarantor is not None:
        weight = event.marker.on_guarantor
    elif concerned in result.members:
        weight = event.marker.on_others
    else:
        return 0.0
    return weight.base + weight.slope * float(getattr(event, "severity", getattr(event, "value", 0.0)))


def _end(name: str, scenario: Scenario, result: ResultData) -> str:
    """Return the end of an event's description: the guarantor's response on record, and whether it is conditional."""
    answers = [
        other.level
        for other in scenario.events.values()
        if isinstance(other, Response) and other.to == name and other.state == result.guarantor
    ]
    end = f"; {state_name(result.scenario, result.guarantor)}: {answers[-1]}" if answers else ""
    return end + (" (conditional)" if scenario.events[name].only_if else "")


def event_words(name: str, scenario: Scenario, result: ResultData, end: str = "") -> str:
    """Return a description of an event: its kind, a part of its note, and what is said after it."""
    event = scenario.events[name]
    text = start = _describe(event, result)
    separator = ": " if start else ""
    for clause in _SEPARATORS.split(event.note):
        longer = f"{text}{separator}{clause}"
        if not clause or (text != start and len(longer) + len(end) > _LONGEST):
            break
        text, separator = longer, ", "
    text = text or name.replace("-", " ")
    return text[0].upper() + text[1:] + end


def _describe(event: BaseEvent, result: ResultData) -> str:
    """Return the kind of an event in words, or empty text if its note is enough."""
    if event.note and event.marker.beside_note is not None:
        return event_in_words(event, result.scenario, event.marker.beside_note)
    return event_in_words(event, result.scenario)


def draw_strip(
    page: FigurePage, charts: Axes | Sequence[Axes], markers: tuple[Marker, ...], left: float, right: float
) -> None:
    """Draw numbered events in a strip below charts, with a vertical guide line in each chart for each event."""
    if not markers:
        return
    panels = [charts] if isinstance(charts, Axes) else charts
    first, last = panels[0].get_xlim()
    scale = (right - left) / (last - first)
    middle = page.top + _ROW / 2
    rows: list[float] = []
    page.aside("events", left, middle)
    for number, marker in enumerate(markers, start=1):
        x = left + (on_axis(marker.day) - first) * scale
        row = next((i for i, end in enumerate(rows) if x - end >= _NEAR), len(rows))
        rows[row : row + 1] = [x]
        for chart in panels:
            chart.axvline(on_axis(marker.day), color=FAINT, linewidth=0.6, zorder=0.4)
        _number(page, number, x, middle + row * _ROW)
    page.below(len(rows) * _ROW + 0.06)


def _number(page: FigurePage, number: int, x: float, y: float) -> None:
    circle = Line2D([x], [-y], transform=page.inches, marker="o", markersize=9.5, color=INK, linewidth=0)
    page.figure.add_artist(circle)
    digits = page.write(
        str(number),
        x,
        y,
        colour="white",
        size=6.0,
        weight="bold",
        ha="center",
        va="center_baseline",
        zorder=3,
    )
    digits.set_gid(f"event-{number}")


def draw_list(page: FigurePage, markers: tuple[Marker, ...]) -> None:
    """Draw the list of numbered events in two columns, or in one where the page is narrow."""
    dates = max((text_width(day_in_words(marker.day), SMALL_SIZE) for marker in markers), default=0.0) + 0.1

    def row(index: int, left: float, right: float) -> None:
        line = page.top + ascent(SMALL_SIZE)
        page.write(str(index + 1), left + 0.16, line, size=SMALL_SIZE, weight="bold", ha="right")
        page.write(day_in_words(markers[index].day), left + 0.24, line, size=SMALL_SIZE, colour=MUTED)
        page.text(markers[index].text, size=SMALL_SIZE, left=left + 0.24 + dates, right=right, lines=3)
        page.below(0.02)

    page.in_columns(len(markers), row)
