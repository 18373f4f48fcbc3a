"""Fan charts of trust in the guarantor, one for each member: bands of all runs around the median over time."""

from typing import Any, Final

import numpy as np
from bokeh.models import ColumnDataSource, Range1d

from sim.explorer.page.clock import Clock
from sim.explorer.page.drawing import hover, over_time
from sim.explorer.page.on_record import RecordStrip
from sim.explorer.page.palette import Palette
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.explorer.views import Floats

_NAMES: Final = ("low", "lower", "median", "upper", "high")

_UNSEEN: Final = 5e-4
"""Change that no figure shows: a fraction of a pixel, and less than the two decimals under the pointer."""


class Fan:
    """Fan chart: bands with 50 and 90 % of the runs, their median, and the median of another ensemble.

    Parameters
    ----------
    drawn : figure
        A figure over time.
    clock : Clock
    palette : Palette
    """

    def __init__(self, drawn: Any, clock: Clock, palette: Palette) -> None:
        zeros = clock.times * 0.0
        source = self.source = ColumnDataSource({"time": clock.times, **dict.fromkeys((*_NAMES, "other"), zeros)})
        drawn.varea("time", "low", "high", source=source, fill_color=palette.accent, fill_alpha=0.18)
        drawn.varea("time", "lower", "upper", source=source, fill_color=palette.accent, fill_alpha=0.32)
        drawn.line("time", "other", source=source, line_color=palette.second, line_width=1.6, line_dash=[5, 3])
        median = drawn.line("time", "median", source=source, line_color=palette.accent, line_width=2)
        tips = (
            "<b>@time{%b %Y}</b><br>median <b>@median{0.00}</b><br>"
            "half of the runs @lower{0.00} to @upper{0.00}<br>90 % of the runs @low{0.00} to @high{0.00}<br>"
            "compared with @other{0.00}"
        )
        tool = hover(palette, tips, [median], mode="vline")
        tool.formatters = {"@time": "datetime"}
        drawn.add_tools(tool)

    def show(self, bands: Floats, other: Floats) -> None:
        """Draw quantiles (5, T) and the median of another ensemble (T); invisible changes are not sent."""
        held = self.source.data
        data = {"time": held["time"], **dict(zip(_NAMES, bands, strict=True)), "other": other}
        if not all(np.allclose(data[name], held[name], rtol=0, atol=_UNSEEN, equal_nan=True) for name in data):
            self.source.data = data


class Fans:
    """Fan charts of trust in the guarantor: a small figure for each member, with common axes."""

    def __init__(self, story: Story, palette: Palette, clock: Clock) -> None:
        self._range = Range1d(0, 1)
        guarantor = story.in_text(story.cast.guarantor)
        self.fans: dict[str, Fan] = {}
        self.figures = []
        for code in story.clients:
            title = f"{story.state_name(code)}: trust in {guarantor}"
            drawn = over_time(palette, clock, title=title, height=165, y_range=self._range, name=f"fan-{code}")
            self.fans[code] = Fan(drawn, clock, palette)
            RecordStrip(story, palette, clock, drawn).show(code)
            clock.attach(drawn)
            self.figures.append(drawn)

    def show(self, shown: Shown) -> None:
        """Draw an ensemble, and the median of the ensemble for comparison."""
        ours, theirs = shown.view.trust, (shown.other or shown.view).trust[2]
        for client, fan in enumerate(self.fans.values()):
            fan.show(ours[:, :, client], theirs[:, client])
        self._range.start, self._range.end = _span(np.concatenate([ours.ravel(), theirs.ravel()]))


def _span(values: Floats) -> tuple[float, float]:
    """Return a range rounded to tenths that holds all values and is stable under small changes."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return 0.0, 1.0
    low, high = np.floor(known.min() * 10 - 0.2) / 10, np.ceil(known.max() * 10 + 0.2) / 10
    return max(0.0, float(low)), min(1.0, float(high))
