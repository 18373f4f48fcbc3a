"""What happened, in every figure over time: the recorded postures of a member as a strip."""

from typing import Any, Final

from bokeh.models import ColumnDataSource, Range1d

from sim.explorer.page.clock import Clock
from sim.explorer.page.drawing import hover
from sim.explorer.page.palette import Palette
from sim.explorer.story import Story
from sim.words import POSTURES

HEIGHT: Final = 0.05
"""Share of a figure's height that the strip takes, at its foot."""


class RecordStrip:
    """Strip of a member's recorded postures in a figure over time; nothing where none are on record.

    Parameters
    ----------
    story : Story
    palette : Palette
    clock : Clock
    drawn : figure
    edges : tuple of float, optional
        Lower and upper edge on the figure's own axis; default: at the foot of the figure, whatever its axis.
    """

    def __init__(
        self, story: Story, palette: Palette, clock: Clock, drawn: Any, edges: tuple[float, float] | None = None
    ) -> None:
        self._story, self._palette, self._clock = story, palette, clock
        self._edges = edges or (0.0, HEIGHT)
        self.source = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": [], "colour": [], "posture": []})
        axis = {}
        if edges is None:
            drawn.extra_y_ranges = {"record": Range1d(0, 1)}
            axis = {"y_range_name": "record"}
        bars = drawn.quad(
            "left", "right", "top", "bottom", source=self.source, fill_color="colour", line_color=palette.card, **axis
        )
        drawn.add_tools(hover(palette, "on the record: <b>@posture</b>", [bars]))

    def show(self, state: str) -> None:
        """Draw the record of a member."""
        spells = self._story.recorded(state)
        low, high = self._edges
        self.source.data = {
            "left": [self._clock.moment(spell.first) for spell in spells],
            "right": [self._clock.moment(spell.last) for spell in spells],
            "bottom": [low] * len(spells),
            "top": [high] * len(spells),
            "colour": [self._palette.postures[POSTURES.index(spell.posture)] for spell in spells],
            "posture": [spell.posture for spell in spells],
        }
