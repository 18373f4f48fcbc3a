"""What a figure really draws: every text with its place, as the Agg renderer lays it out; no pixel is coloured."""

from dataclasses import dataclass
from itertools import combinations

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.plots.style import styled


@dataclass(frozen=True)
class Drawn:
    text: str
    box: Bbox
    size: float


def drawn_texts(figure: Figure) -> list[Drawn]:
    """Return the texts that are drawn, tick labels included, with their extents in pixels."""
    found: list[Drawn] = []
    original = Text.draw

    def draw(self: Text, renderer: object) -> None:
        if self.get_visible() and self.get_text().strip():
            box = Text.get_window_extent(self, renderer)
            found.append(Drawn(self.get_text(), box, self.get_fontsize()))
        original(self, renderer)

    with pytest.MonkeyPatch.context() as patch, styled():
        patch.setattr(Text, "draw", draw)
        figure.draw_without_rendering()
    return found


def texts(figure: Figure) -> list[str]:
    return [drawn.text for drawn in drawn_texts(figure)]


def whole_text(figure: Figure) -> str:
    """Return all text of a figure in one line, wrapped lines joined."""
    return " ".join(" ".join(texts(figure)).split())


def faults(figure: Figure) -> list[str]:
    """Return what an art editor would send back: texts that overlap, leave the page, or are too small."""
    found = drawn_texts(figure)
    width, height = figure.canvas.get_width_height()
    slack = 0.5
    outside = [
        f"outside: {d.text!r}"
        for d in found
        if d.box.x0 < -slack or d.box.y0 < -slack or d.box.x1 > width + slack or d.box.y1 > height + slack
    ]
    overlaps = [
        f"overlap: {a.text!r} and {b.text!r}" for a, b in combinations(found, 2) if _overlap(a.box, b.box, slack)
    ]
    return outside + overlaps + [f"small: {d.text!r}" for d in found if d.size < 6.0]


def _overlap(a: Bbox, b: Bbox, slack: float) -> bool:
    wide = min(a.x1, b.x1) - max(a.x0, b.x0)
    tall = min(a.y1, b.y1) - max(a.y0, b.y0)
    return wide > slack and tall > slack
