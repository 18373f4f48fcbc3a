"""Public opinion in a member: approval of the alliance and support for leaving it, with polls."""

from typing import Any, Final

from bokeh.models import ColumnDataSource

from sim.explorer.page.clock import Clock
from sim.explorer.page.drawing import hover, over_time
from sim.explorer.page.fans import Fan
from sim.explorer.page.palette import Palette
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.plots import record

_POLLED = ("time", "share", "question", "pollster")
_TITLES: Final = {"approval": "approval of the alliance", "exit_support": "support for leaving"}


class Publics:
    """Two figures of public opinion: approval of the alliance and support for exit, with recorded polls."""

    def __init__(self, story: Story, palette: Palette, clock: Clock) -> None:
        self._clock = clock
        self._has_record = story.cast.focus == record.TREATY
        self.polls = {name: ColumnDataSource({column: [] for column in _POLLED}) for name in _TITLES}
        self.fans: dict[str, Fan] = {}
        self.figures = {name: self._draw(name, palette) for name in _TITLES}

    def _draw(self, name: str, palette: Palette) -> Any:
        drawn = over_time(palette, self._clock, title=" ", height=200, name=name)
        self.fans[name] = Fan(drawn, self._clock, palette)
        points = drawn.scatter(
            "time", "share", source=self.polls[name], size=9, marker="diamond", fill_color=palette.ink,
            line_color=palette.card,
        )  # fmt: skip
        tool = hover(palette, "poll of @time{%b %Y}: <b>@share{0%}</b><br>@question<br>@pollster", [points])
        tool.formatters = {"@time": "datetime"}
        drawn.add_tools(tool)
        self._clock.attach(drawn)
        return drawn

    def show(self, shown: Shown) -> None:
        """Draw the public opinion of the selected member."""
        for name, fan in self.fans.items():
            ours, theirs = (view.public(name, shown.client) for view in (shown.view, shown.other or shown.view))
            fan.show(ours, theirs[2])
            asked = self._show_polls(name, shown)
            title = f"{shown.story.state_name(shown.state)}: {_TITLES[name]}"
            self.figures[name].title.text = title + (" (diamonds: polls)" if asked else "")

    def _show_polls(self, name: str, shown: Shown) -> bool:
        dates = shown.story.cast.dates
        table = record.polls(shown.state, dates[0], dates[-1])
        table = table[(table["measure"] == name) & self._has_record]
        self.polls[name].data = {
            "time": [self._clock.moment(day) for day in table["date"]],
            "share": [float(percent) / 100 for percent in table["percent"]],
            "question": list(table["question"]),
            "pollster": list(table["pollster"]),
        }
        return len(table) > 0
