"""Trust matrix: mean trust between each pair of members at the time cursor."""

import math

from bokeh.models import ColumnDataSource, LinearColorMapper

from sim.explorer.page.drawing import chart, hover
from sim.explorer.page.palette import Palette
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.output.formatting import share


class Between:
    """Matrix of mean trust between members."""

    def __init__(self, story: Story, palette: Palette) -> None:
        members = (story.cast.guarantor, *story.clients)
        names = [story.state_name(code) for code in members]
        self._pairs = [(truster, trustee) for truster in members for trustee in members if truster != trustee]
        zeros = [0.0] * len(self._pairs)
        self.source = ColumnDataSource(
            {
                "one": [story.state_name(truster) for truster, _ in self._pairs],
                "other": [story.state_name(trustee) for _, trustee in self._pairs],
                "trust": zeros, "change": zeros, "text": [""] * len(zeros), "ink": ["#ffffff"] * len(zeros),
            }
        )  # fmt: skip
        drawn = chart(
            palette, title=" ", height=70 + 42 * len(members), x_range=names, y_range=names[::-1],
            x_axis_location="above", name="between",
        )  # fmt: skip
        drawn.grid.visible = False
        drawn.xaxis.major_label_orientation = 0.6
        mapper = LinearColorMapper(palette=list(palette.trust), low=0, high=1, nan_color="rgba(0, 0, 0, 0)")
        cells = drawn.rect(
            "other", "one", 1, 1, source=self.source, fill_color={"field": "trust", "transform": mapper},
            line_color=palette.card, line_width=2,
        )  # fmt: skip
        drawn.text(
            "other", "one", "text", source=self.source, text_color="ink", text_align="center",
            text_baseline="middle", text_font_size="11px",
        )  # fmt: skip
        tip = "@one's trust in @other: <b>@trust{0.00}</b> (@change{+0.00} since the start)"
        drawn.add_tools(hover(palette, tip, [cells]))
        self.figure = drawn

    def show(self, shown: Shown) -> None:
        """Colour the cells by mean trust at the time cursor; a state that never owes help has an empty cell."""
        start, now = shown.view.between[0], shown.view.between[shown.place]
        cells = [shown.story.pairs.index(pair) for pair in self._pairs]
        trust = [float(now[cell]) for cell in cells]
        self.source.data = {
            **{name: self.source.data[name] for name in ("one", "other")},
            "trust": trust,
            "change": [float(now[cell] - start[cell]) for cell in cells],
            "text": ["" if math.isnan(value) else share(value) for value in trust],
            "ink": ["#ffffff" if value > 0.58 else "#1a1a1a" for value in trust],
        }
        self.figure.title.text = f"Mean trust of rows in columns, {shown.month}"
