"""Shared time axis of the figures: one range, one crosshair, one cursor."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import CrosshairTool, Range1d, Span
from numpy.typing import NDArray

from sim.explorer.page.palette import Palette


class Clock:
    """Time axis of a page.

    Parameters
    ----------
    dates : sequence of date
        The start of the run, then the end of each tick.
    palette : Palette
    moved : callable
        Called with a place on the axis when the visitor points at another time.
    """

    def __init__(self, dates: Sequence[date], palette: Palette, moved: Callable[[int], None]) -> None:
        self.times = _milliseconds(dates)
        self.range = Range1d(float(self.times[0]), float(self.times[-1]), bounds=(self.times[0], self.times[-1]))
        self._palette, self._moved = palette, moved
        self._cross = Span(dimension="height", line_color=palette.muted, line_width=1, line_alpha=0.6)
        self._cursors: list[Span] = []
        self._place = 0

    def attach(self, figure: Any, *, cursor: bool = True, taps: bool = True) -> None:
        """Link a figure over time to the shared cursor."""
        figure.add_tools(CrosshairTool(overlay=self._cross, dimensions="height"))
        if taps:
            figure.on_event(Tap, lambda event: self._moved(self.place(event.x)))
        if cursor:
            span = Span(
                dimension="height",
                line_color=self._palette.ink,
                line_width=1.5,
                line_dash=[2, 2],
                location=float(self.times[self._place]),
            )
            figure.add_layout(span)
            self._cursors.append(span)

    def show(self, index: int) -> None:
        """Move the cursor to a place on the time axis."""
        if index == self._place:
            return
        self._place = index
        for span in self._cursors:
            span.location = float(self.times[index])

    def place(self, time: float) -> int:
        """Return the place on the axis nearest to a time (milliseconds since 1970)."""
        return int(np.abs(self.times - time).argmin())

    def moment(self, day: date) -> float:
        """Return a date in milliseconds since 1970."""
        return float(_milliseconds([day])[0])


def _milliseconds(dates: Sequence[date]) -> NDArray[np.float64]:
    return np.array(dates, dtype="datetime64[ms]").astype(np.float64)
