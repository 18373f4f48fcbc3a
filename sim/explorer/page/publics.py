"""Public opinion in a member: approval of the alliance and support for leaving it, with polls."""

from itertools import cycle
from typing import Any, Final

from bokeh.models import ColumnDataSource

from sim.explorer.page.clock import Clock
from sim.explorer.page.drawing import hover, over_time
from sim.explorer.page.fans import Fan
from sim.explorer.page.on_record import RecordStrip
from sim.explorer.page.palette import Palette
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.plots import record

MARKS: Final = {"diamond": "\N{BLACK DIAMOND}", "circle": "\N{BLACK CIRCLE}", "square": "\N{BLACK SQUARE}",
                "triangle": "\N{BLACK UP-POINTING TRIANGLE}", "inverted_triangle": "\N{BLACK DOWN-POINTING TRIANGLE}",
                "star": "\N{BLACK STAR}"}  # fmt: skip
"""Marks of polls in figures, one for each question, and the characters that stand for them in texts."""

_POLLED = ("time", "share", "question", "pollster", "marker")
_TITLES: Final = {"approval": "approval of the alliance", "exit_support": "support for leaving"}


class Publics:
    """Two figures of public opinion: approval of the alliance and support for exit, with recorded polls."""

    def __init__(self, story: Story, palette: Palette, clock: Clock) -> None:
        self._story, self._clock, self.times = story, clock, clock.times
        self._strips: list[RecordStrip] = []
        self._has_record = story.cast.focus == record.TREATY
        self.polls = {name: ColumnDataSource({column: [] for column in _POLLED}) for name in _TITLES}
        self.fans: dict[str, Fan] = {}
        self.figures = {name: self._draw(name, palette) for name in _TITLES}

    def _draw(self, name: str, palette: Palette) -> Any:
        drawn = over_time(palette, self._clock, title=" ", height=200, name=name)
        self.fans[name] = Fan(drawn, self._clock, palette)
        points = drawn.scatter(
            "time", "share", source=self.polls[name], size=9, marker="marker", fill_color=palette.ink,
            line_color=palette.card,
        )  # fmt: skip
        tool = hover(palette, "poll of @time{%b %Y}: <b>@share{0%}</b><br>@question<br>@pollster", [points])
        tool.formatters = {"@time": "datetime"}
        drawn.add_tools(tool)
        self._strips.append(RecordStrip(self._story, palette, self._clock, drawn))
        self._clock.attach(drawn)
        return drawn

    def show(self, shown: Shown) -> None:
        """Draw the public opinion of the selected member."""
        for strip in self._strips:
            strip.show(shown.state)
        for name, fan in self.fans.items():
            ours, theirs = (view.public(name, shown.client) for view in (shown.view, shown.other or shown.view))
            fan.show(ours, theirs[2])
            asked = self._show_polls(name, shown)
            title = f"{shown.story.state_name(shown.state)}: {_TITLES[name]}"
            self.figures[name].title.text = title + (" (marks: polls)" if asked else "")

    def _show_polls(self, name: str, shown: Shown) -> bool:
        dates = shown.story.cast.dates
        table = record.polls(shown.state, dates[0], dates[-1])
        table = table[(table["measure"] == name) & self._has_record]
        marks = dict(zip(dict.fromkeys(table["question"]), cycle(MARKS), strict=False))
        self.polls[name].data = {
            "time": [self._clock.moment(day) for day in table["date"]],
            "share": [float(percent) / 100 for percent in table["percent"]],
            "question": list(table["question"]),
            "pollster": list(table["pollster"]),
            "marker": [marks[question] for question in table["question"]],
        }
        return len(table) > 0
