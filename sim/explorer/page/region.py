"""Schematic map: states at their capitals, members coloured by trust in the guarantor, ties as lines."""

from collections.abc import Callable
from itertools import combinations
from typing import Any, Final

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColorBar, ColumnDataSource, LabelSet, LinearColorMapper

from sim.explorer.page.drawing import chart, hover
from sim.explorer.page.palette import Palette
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.model.world import Floats
from sim.output.formatting import share

_EDGE: Final = (7.0, 5.0)
"""Degrees of longitude and latitude around the capitals."""

_TIE: Final = 0.5
"""Ties from which on a line is drawn."""

_ROOM: Final = (9.0, 5.0)
"""Degrees of longitude and latitude that a state and its name take; states are moved apart to leave them that room."""

_COLUMNS: Final = (
    "x", "y", "code", "name", "label", "tip", "size", "marker", "trust", "alpha", "edge", "line",
)  # fmt: skip

_NEAR: Final = 4.0
"""Degrees within which a tap means a state."""


class Region:
    """Map of the members and their neighbours."""

    def __init__(self, story: Story, palette: Palette, chosen: Callable[[str], None]) -> None:
        self._story, self._palette, self._chosen = story, palette, chosen
        states = story.scenario.states
        capitals = {code: state.capital for code, state in states.items() if state.capital is not None}
        members = [capitals[code] for code in story.cast.members if code in capitals]
        box = _box(members)
        self.places = {code: point for code, point in capitals.items() if _inside(point, box)}
        outside = [code for code in story.cast.members if code not in capitals]
        self.places |= {code: (box[0] + 1 + 3 * row, box[2] + 1) for row, code in enumerate(outside)}
        self.places = _apart(self.places)
        box = _box(list(self.places.values())) if self.places else box
        self.source = ColumnDataSource(self._columns([0.0] * len(self.places)))
        drawn = chart(
            palette, height=300, name="map", x_range=box[:2], y_range=box[2:], title=" ",
        )  # fmt: skip
        drawn.axis.visible = False
        drawn.grid.visible = False
        ties = ColumnDataSource(self._ties())
        lines = drawn.segment(
            "x0", "y0", "x1", "y1", source=ties, line_width="width", line_color="colour", line_alpha=0.55,
        )  # fmt: skip
        drawn.add_tools(hover(palette, "ties of @one and @other: <b>@ties{0.00}</b> (-1 to 1)", [lines]))
        mapper = LinearColorMapper(palette=list(palette.trust), low=0, high=1)
        dots = drawn.scatter(
            "x", "y", source=self.source, size="size", marker="marker", line_color="edge", line_width="line",
            fill_color={"field": "trust", "transform": mapper}, fill_alpha="alpha",
        )  # fmt: skip
        drawn.add_tools(hover(palette, "<b>@name</b><br>@tip", [dots]))
        drawn.add_layout(
            LabelSet(
                x="x", y="y", text="label", source=self.source, text_color=palette.ink, text_font_size="11px",
                x_offset=0, y_offset=-24, text_align="center",
            )
        )  # fmt: skip
        drawn.add_layout(_colour_bar(mapper, palette), "below")
        drawn.on_event(Tap, self._tapped)
        self.figure = drawn

    def _columns(self, trust: list[float]) -> dict[str, list[Any]]:
        story, palette = self._story, self._palette
        guarantor = story.cast.guarantor
        columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        for (code, (x, y)), value in zip(self.places.items(), trust, strict=True):
            member, name = code in story.clients, story.state_name(code)
            tip = f"mean trust in {story.state_name(guarantor)} {share(value)}" if member else "no member"
            row = {
                "x": x, "y": y, "code": code, "name": name, "trust": value, "line": 1.0,
                "label": name if member or code == guarantor else code,
                "tip": "the guarantor" if code == guarantor else tip,
                "size": 24 if member else 20 if code == guarantor else 8,
                "marker": "square" if code == guarantor else "circle",
                "alpha": 1.0 if member else 0.0,
                "edge": palette.ink if member or code == guarantor else palette.muted,
            }  # fmt: skip
            for column in _COLUMNS:
                columns[column].append(row[column])
        return columns

    def _ties(self) -> dict[str, list[object]]:
        setup = self._story.program(self._story.first_choices()).setup
        ties: Floats = setup.first.ties
        found: dict[str, list[object]] = {
            key: [] for key in ("x0", "y0", "x1", "y1", "width", "colour", "one", "other", "ties")
        }
        here = [code for code in self.places if code in setup.codes]
        for one, other in combinations(here, 2):
            i, j = setup.codes.index(one), setup.codes.index(other)
            mean = (float(ties[i, j]) + float(ties[j, i])) / 2
            if abs(mean) < _TIE:
                continue
            row = (
                *self.places[one], *self.places[other], 0.5 + 3 * (abs(mean) - _TIE),
                self._palette.muted if mean > 0 else self._palette.third,
                self._story.state_name(one), self._story.state_name(other), mean,
            )  # fmt: skip
            for column, value in zip(found.values(), row, strict=True):
                column.append(value)
        return found

    def show(self, shown: Shown) -> None:
        """Colour the members by their trust at the time cursor, with a thick edge round the selected member."""
        story, now = shown.story, shown.view.between[shown.place]
        trusted = {client: float(now[story.pairs.index((client, story.cast.guarantor))]) for client in story.clients}
        trust = [trusted.get(code, 0.0) for code in self.places]
        columns = self._columns(trust)
        columns["line"] = [3.0 if code == shown.state else 1.0 for code in self.places]
        self.source.data = columns
        guarantor = story.state_name(story.cast.guarantor)
        self.figure.title.text = f"Trust in {guarantor}, {shown.month}"

    def _tapped(self, event: Tap) -> None:
        near = {
            code: abs(event.x - x) + abs(event.y - y)
            for code, (x, y) in self.places.items()
            if code in self._story.clients
        }
        code = min(near, key=near.__getitem__)
        if near[code] <= _NEAR:
            self._chosen(code)


def _colour_bar(mapper: LinearColorMapper, palette: Palette) -> ColorBar:
    return ColorBar(
        color_mapper=mapper, height=8, padding=2, title="mean trust, 0 to 1 (grey lines: close ties; red: enmity)",
        title_text_color=palette.ink, title_text_font_size="10px", title_text_font_style="normal",
        major_label_text_color=palette.ink, major_label_text_font_size="9px", background_fill_color=palette.card,
        bar_line_color=None, major_tick_line_color=None,
    )  # fmt: skip


def _apart(places: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Move overlapping points apart a little at a time, until their names are legible."""
    points = np.array(list(places.values()), dtype=np.float64) / _ROOM
    for _ in range(200):
        gaps = points[:, None] - points[None, :]
        distance = np.hypot(gaps[..., 0], gaps[..., 1])
        np.fill_diagonal(distance, np.inf)
        if distance.min() >= 1.0:
            break
        push = np.clip(1.0 - distance, 0.0, None) / 4
        points += (gaps / np.maximum(distance, 1e-6)[..., None] * push[..., None]).sum(axis=1)
    return {code: (float(x), float(y)) for code, (x, y) in zip(places, points * _ROOM, strict=True)}


def _box(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    if not points:
        return 0.0, 10.0, 0.0, 10.0
    xs, ys = zip(*points, strict=True)
    across, up = _EDGE
    return min(xs) - across, max(xs) + across, min(ys) - up, max(ys) + up


def _inside(point: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    return box[0] <= point[0] <= box[1] and box[2] <= point[1] <= box[3]
