"""Trust in the guarantor over time: a fan of all runs for each member."""

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Range1d
from numpy.typing import NDArray

from sim.explorer.page.clock import Clock
from sim.explorer.page.drawing import hover, over_time
from sim.explorer.page.palette import Palette
from sim.explorer.shown import Shown
from sim.explorer.story import Story

_NAMES = ("low", "lower", "median", "upper", "high")


class Fans:
    """One small figure a member, all over the same time axis."""

    def __init__(self, story: Story, palette: Palette, clock: Clock) -> None:
        self._clients = story.clients
        empty = {"time": clock.times, **dict.fromkeys(_columns(story.clients), clock.times * 0.0)}
        self.source = ColumnDataSource(empty)
        self._range = Range1d(0, 1)
        guarantor = story.state_name(story.cast.guarantor)
        self.figures = [
            self._draw(code, f"{story.state_name(code)}: trust in {guarantor}", palette, clock)
            for code in story.clients
        ]

    def _draw(self, code: str, title: str, palette: Palette, clock: Clock) -> Any:
        drawn = over_time(palette, clock, title=title, height=165, y_range=self._range, name=f"fan-{code}")
        names = {name: f"{code}_{name}" for name in (*_NAMES, "other")}
        fan(drawn, self.source, names, palette)
        clock.attach(drawn)
        return drawn

    def show(self, shown: Shown) -> None:
        """Draw an ensemble, and the median of what it is compared with."""
        data = {"time": self.source.data["time"]}
        for client, code in enumerate(self._clients):
            for quantile, name in enumerate(_NAMES):
                data[f"{code}_{name}"] = shown.view.trust[quantile, :, client]
            other = shown.other if shown.other is not None else shown.view
            data[f"{code}_other"] = other.trust[2, :, client]
        self.source.data = data
        values = np.concatenate([column for name, column in data.items() if name != "time"])
        self._range.start, self._range.end = _span(values)


def fan(drawn: Any, source: ColumnDataSource, names: dict[str, str], palette: Palette) -> None:
    """Draw bands of 90 and 50 % of the runs, their median, and the median of another ensemble."""
    drawn.varea("time", names["low"], names["high"], source=source, fill_color=palette.accent, fill_alpha=0.18)
    drawn.varea("time", names["lower"], names["upper"], source=source, fill_color=palette.accent, fill_alpha=0.32)
    drawn.line("time", names["other"], source=source, line_color=palette.second, line_width=1.6, line_dash=[5, 3])
    median = drawn.line("time", names["median"], source=source, line_color=palette.accent, line_width=2)
    tips = (
        f"<b>@time{{%b %Y}}</b><br>median <b>@{{{names['median']}}}{{0.00}}</b><br>"
        f"half of the runs @{{{names['lower']}}}{{0.00}} to @{{{names['upper']}}}{{0.00}}<br>"
        f"90 % of the runs @{{{names['low']}}}{{0.00}} to @{{{names['high']}}}{{0.00}}<br>"
        f"compared with @{{{names['other']}}}{{0.00}}"
    )
    tool = hover(palette, tips, [median], mode="vline")
    tool.formatters = {"@time": "datetime"}
    drawn.add_tools(tool)


def _span(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return a range in steps of a tenth that holds all values, so that it stays while they move a little."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return 0.0, 1.0
    low, high = np.floor(known.min() * 10 - 0.2) / 10, np.ceil(known.max() * 10 + 0.2) / 10
    return max(0.0, float(low)), min(1.0, float(high))


def _columns(clients: tuple[str, ...]) -> list[str]:
    return [f"{code}_{name}" for code in clients for name in (*_NAMES, "other")]
