"""Timeline of events: attacks, the guarantor's responses, and all others; a tap selects an event."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from bokeh.core.property.descriptors import UnsetValueError
from bokeh.events import Tap
from bokeh.models import ColumnDataSource

from sim.explorer.page.clock import Clock
from sim.explorer.page.drawing import hover, over_time
from sim.explorer.page.palette import Palette
from sim.explorer.page.wording import setting_words, switch_title
from sim.explorer.story import Story
from sim.explorer.switches import DECIDE, OFF, SILENT, Switch
from sim.output.formatting import day_in_words
from sim.words import RESPONSES

_LANES: Final = ("all else", "others answer", "appeals", "guarantor answers", "attacks, crises")
_NEAR: Final = 14
"""Pixels within which a tap means an event."""

_HEIGHT: Final = 190
_UNDRAWN: Final = {"outer_width": 700.0, "inner_width": 640.0, "inner_height": 150.0}
"""Sizes of the figure before a browser has drawn it."""


class Timeline:
    """Timeline of a branch's events; those switched off are hollow, changed ones have a thick edge."""

    def __init__(self, story: Story, palette: Palette, clock: Clock, chosen: Callable[[Sequence[str]], None]) -> None:
        self._story, self.palette, self._clock, self._chosen = story, palette, clock, chosen
        self.source = ColumnDataSource(
            {name: [] for name in ("time", "lane", "name", "tip", "fill", "edge", "line", "marker", "size")}
        )
        self._rows: list[tuple[float, int, str]] = []
        drawn = over_time(
            palette, clock, title="Events: tap one to change it", height=_HEIGHT, name="timeline",
            y_range=(-0.6, len(_LANES) - 0.4),
        )  # fmt: skip
        drawn.yaxis.ticker = list(range(len(_LANES)))
        drawn.yaxis.major_label_overrides = dict(enumerate(_LANES))
        drawn.ygrid.grid_line_alpha = 0.4
        marks = drawn.scatter(
            "time", "lane", source=self.source, size="size", marker="marker", fill_color="fill", line_color="edge",
            line_width="line",
        )  # fmt: skip
        drawn.add_tools(hover(palette, "@tip{safe}", [marks]))
        drawn.on_event(Tap, self._tapped)
        clock.attach(drawn, taps=False)
        self.figure = drawn

    def show(self, branch: str, settings: dict[str, str]) -> None:
        """Draw the events of a branch with their present settings."""
        rows = []
        for name, switch in self._story.switches(branch).items():
            setting = settings.get(name, switch.shipped)
            rows.append(self._mark(switch, setting, changed=name in settings))
        self._rows = [(row[0], row[1], row[2]) for row in rows]
        names = list(self.source.data)
        self.source.data = {name: [row[column] for row in rows] for column, name in enumerate(names)}

    def _mark(
        self, switch: Switch, setting: str, *, changed: bool
    ) -> tuple[float, int, str, str, str, str, float, str, int]:
        palette, story = self.palette, self._story
        fill, marker, size = palette.muted, "circle", 7
        if switch.kind in ("attack", "crisis"):
            lane, fill, marker, size = 4, palette.third, "triangle", 11
        elif switch.kind == "response":
            lane = 3 if switch.who == story.cast.guarantor else 1
            fill, marker, size = _answer_colour(setting, palette), "square", 9
        else:
            lane = 2 if switch.kind == "call" else 0
        hollow = setting in (OFF, DECIDE, SILENT)
        edge = palette.accent if changed else palette.ink if hollow or switch.kind == "response" else fill
        tip = (
            f"<b>{day_in_words(switch.day)}</b> {escape(switch_title(story, switch))}<br>{escape(switch.note)}"
            f"<br><b>{setting_words(setting)}</b>"
        )
        return (
            self._clock.moment(switch.day), lane, switch.name, tip, palette.card if hollow else fill, edge,
            3.5 if changed else 1.0, marker, size + 4 if changed else size,
        )  # fmt: skip

    @property
    def width(self) -> float:
        """Width of the figure in pixels."""
        return self._size("outer_width")

    def place_of(self, name: str) -> tuple[float, float]:
        """Return where the mark of an event lies, in pixels from the left and the top of the figure."""
        time, lane = next((row[0], row[1]) for row in self._rows if row[2] == name)
        inner, tall = self._size("inner_width"), self._size("inner_height")
        across = (time - self._clock.range.start) / (self._clock.range.end - self._clock.range.start)
        up = (lane - self.figure.y_range.start) / (self.figure.y_range.end - self.figure.y_range.start)
        left = self.width - inner - self.figure.min_border_right
        return left + across * inner, _HEIGHT - self.figure.min_border_bottom - up * tall

    def _size(self, name: str) -> float:
        try:
            return float(getattr(self.figure, name) or _UNDRAWN[name])
        except UnsetValueError:
            return _UNDRAWN[name]

    def _tapped(self, event: Tap) -> None:
        pixel = (self._clock.range.end - self._clock.range.start) / self._size("inner_width")
        near = sorted(
            (abs(time - event.x), name)
            for time, lane, name in self._rows
            if abs(lane - event.y) < 0.5 and abs(time - event.x) < _NEAR * pixel
        )
        self._chosen([name for _, name in near])


def key_html(palette: Palette) -> str:
    """Return the meaning of the marks and their colours as HTML."""
    answers = "".join(
        f"<span>{_mark_html('square', colour)} {setting_words(level)}</span>"
        for level, colour in zip(RESPONSES, palette.responses, strict=True)
    )
    hollow = _mark_html("square", palette.card, f"box-shadow: inset 0 0 0 1px {palette.ink}")
    changed = _mark_html("square", palette.card, f"box-shadow: inset 0 0 0 3px {palette.accent}")
    return (
        f"<p class='marks'><span>{_mark_html('triangle', palette.third)} attack or crisis</span>"
        f"<span>Answers:</span>{answers}<span>{_mark_html('circle', palette.muted)} any other event</span>"
        f"<span>{hollow} hollow: off, silent, or decided in each run</span>"
        f"<span>{changed} thick edge: changed by you</span></p>"
    )


def _mark_html(shape: str, colour: str, more: str = "") -> str:
    return f"<i class='mark {shape}' style='background: {colour}; {more}'></i>"


def _answer_colour(setting: str, palette: Palette) -> str:
    return palette.responses[RESPONSES.index(setting)] if setting in RESPONSES else palette.card
