"""Shares of the runs on each rung of the ladder over time, with the coded record below."""

import numpy as np
from bokeh.models import ColumnDataSource, Legend, LegendItem

from sim.explorer.page.clock import Clock
from sim.explorer.page.drawing import hover, over_time
from sim.explorer.page.on_record import RecordStrip
from sim.explorer.page.palette import Palette
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.plots import record
from sim.words import POSTURES

_EDGES = tuple(f"edge{rung}" for rung in range(len(POSTURES) + 1))
_STRIP = (-0.16, -0.04)


class Postures:
    """Stacked shares of one member's postures."""

    def __init__(self, story: Story, palette: Palette, clock: Clock) -> None:
        self._clock = clock
        zeros = clock.times * 0.0
        names = (*_EDGES, *POSTURES)
        self.source = ColumnDataSource({"time": clock.times, **dict.fromkeys(names, zeros)})
        self._has_record = record.has_postures(story.scenario, story.cast.focus)
        drawn = over_time(
            palette, clock, title=" ", height=270, name="postures",
            y_range=(_STRIP[0] - 0.02 if self._has_record else 0, 1),
        )  # fmt: skip
        items = []
        for rung, name in enumerate(POSTURES):
            area = drawn.varea(
                "time", _EDGES[rung], _EDGES[rung + 1], source=self.source, fill_color=palette.postures[rung]
            )
            items.append(LegendItem(label=name, renderers=[area]))
        line = drawn.line("time", _EDGES[-1], source=self.source, line_alpha=0)
        tips = "<b>@time{%b %Y}</b> " + "".join(f"<br>{name} @{{{name}}}{{0.00}}" for name in POSTURES)
        tool = hover(palette, tips, [line], mode="vline")
        tool.formatters = {"@time": "datetime"}
        drawn.add_tools(tool)
        if self._has_record:
            self.strip = RecordStrip(story, palette, clock, drawn, _STRIP)
            drawn.yaxis.ticker = [0, 0.5, 1]
        drawn.add_layout(
            Legend(
                items=items, orientation="horizontal", padding=0, margin=4, spacing=10, glyph_width=14, glyph_height=12,
                border_line_color=None, background_fill_color=palette.card, label_text_color=palette.ink,
                label_text_font_size="10px", ncols=6,
            ),
            "below",
        )  # fmt: skip
        clock.attach(drawn)
        self.figure = drawn

    def show(self, shown: Shown) -> None:
        """Draw the selected member."""
        shares = shown.view.shares[:, shown.client]
        edges = np.concatenate([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1)], axis=1)
        self.source.data = {
            "time": self._clock.times,
            **{name: edges[:, rung] for rung, name in enumerate(_EDGES)},
            **{name: shares[:, rung] for rung, name in enumerate(POSTURES)},
        }
        note = " (below: the record)" if self._has_record else ""
        self.figure.title.text = f"{shown.story.state_name(shown.state)}: shares of postures{note}"
        if self._has_record:
            self.strip.show(shown.state)
