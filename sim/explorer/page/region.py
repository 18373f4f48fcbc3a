"""Map of the alliance: members filled by trust in the guarantor, promises as lines, attacks and help as arrows."""

from collections.abc import Callable
from html import escape
from typing import Any, Final

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColorBar, ColumnDataSource, DataRange1d, LabelSet, LinearColorMapper

from sim.explorer.page.drawing import chart, hover
from sim.explorer.page.palette import Palette
from sim.explorer.page.wording import setting_words, switch_title
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from sim.explorer.switches import ON
from sim.geography.outlines import atlas
from sim.geography.placing import MapLabel, placed
from sim.geography.scene import Shape, goes_round, scene_of
from sim.output.formatting import day_in_words, share
from sim.output.mapped import rivals_of
from sim.words import MISSION, RESPONSES

_WIDTH: Final = 430.0
"""Pixels of the map's width for which labels are placed."""

_LETTER: Final = 6.4
_CAPITAL: Final = 8.6
_LINE: Final = 14.0
"""Width of a small and a capital letter and height of a line of labels in pixels."""

_LONGEST: Final = 16
"""Letters of a name that is written out on the map."""

_SMALL: Final = 60.0
"""Square pixels under which a state is drawn as a dot."""

_NEAR: Final = 0.05
"""Share of the map's width within which a tap beside a state means it."""

_DETAIL: Final = 250
"""How fine outlines are (`sim.geography.scene.scene_of`): a page sends them to each visitor."""

_BLEED: Final = (0.45, 0.2)
"""Shares of the window that are drawn beyond its edges, as a page may be wider or higher than the map."""

_KEY: Final = "fill: mean trust; reddish: rivals; lines: promises; arrows: attacks (red), help"
_BEND: Final = 0.16
_GAP: Final = 12.0
"""How far an arrow bends, as a share of its length, and how many pixels before a state's place it ends."""

_ARROW: Final = ("x0", "y0", "cx", "cy", "x1", "y1", "angle", "colour", "width", "tip")


class Region:
    """Map of the members, their rivals and what lies between."""

    def __init__(self, story: Story, palette: Palette, chosen: Callable[[str], None]) -> None:
        self._story, self._palette, self._chosen = story, palette, chosen
        states, members, guarantor = story.scenario.states, story.cast.members, story.cast.guarantor
        capitals = {code: state.capital for code, state in states.items() if state.capital is not None}
        attackers = [switch.who for switch in story.switches(story.main_branch).values() if switch.kind == "attack"]
        rivals = dict.fromkeys([*attackers, *rivals_of(story.scenario, members, guarantor)])
        self.rivals = [code for code in rivals if code not in members]
        framed = [*members, *(code for code in self.rivals if code not in atlas().capitals)]
        self.scene = scene_of(
            [code for code in framed if code in capitals or atlas().has_place(code)] or [_ANYWHERE],
            self.rivals, capitals=capitals,
            day=story.scenario.end, bleed=_BLEED, detail=_DETAIL,
        )  # fmt: skip
        self.places = {code: at for code, at in self.scene.anchors.items() if code in states}
        drawn = chart(
            palette, name="map", title=" ", x_range=DataRange1d(range_padding=0), y_range=DataRange1d(range_padding=0),
            match_aspect=True, height=320,
        )  # fmt: skip
        drawn.min_border_left = drawn.min_border_right = drawn.min_border_bottom = 2
        drawn.axis.visible = False
        drawn.grid.visible = False
        drawn.add_layout(self._draw(drawn), "below")
        drawn.on_event(Tap, self._tapped)
        self.figure = drawn

    def _draw(self, drawn: Any) -> ColorBar:
        """Draw everything, and return the scale of the fill."""
        palette, scene = self._palette, self.scene
        corners = ColumnDataSource({"east": [scene.left, scene.right], "north": [scene.bottom, scene.top]})
        frame = drawn.scatter("east", "north", source=corners, size=0, alpha=0)
        drawn.x_range.renderers = drawn.y_range.renderers = [frame]
        others = [shape for code, seen in scene.shapes.items() if code not in self.places for shape in seen]
        drawn.multi_polygons(*_coordinates([[shape] for shape in others]), color=palette.faint, line_color=palette.card)
        self.land = ColumnDataSource(self._land())
        mapper = LinearColorMapper(palette=list(palette.trust), low=0, high=1)
        fills = drawn.multi_polygons(
            "xs", "ys", source=self.land, line_color=palette.ink, line_width="line",
            fill_color={"field": "trust", "transform": mapper}, fill_alpha="alpha",
        )  # fmt: skip
        neutral = [code for code in self.places if code not in self._story.clients]
        drawn.multi_polygons(
            *_coordinates([scene.shapes.get(code, ()) for code in neutral]), line_color=palette.ink, line_width=0.7,
            fill_color=[palette.muted if code == self._story.cast.guarantor else palette.third for code in neutral],
            fill_alpha=[0.45 if code == self._story.cast.guarantor else 0.22 for code in neutral],
        )  # fmt: skip
        hatched = [seen for _, seen in scene.areas if seen]
        drawn.multi_polygons(
            *_coordinates(hatched), fill_alpha=0, line_color=palette.muted, line_width=0.6,
            hatch_pattern="right_diagonal_line", hatch_color=palette.muted, hatch_scale=6,
        )  # fmt: skip
        self._mark_areas(drawn)
        promises = [self.places[code] for code in self._story.clients if code in self.places]
        if self._story.cast.guarantor in self.places:
            x, y = self.places[self._story.cast.guarantor]
            xs, ys = ([at[axis] for at in promises] for axis in (0, 1))
            drawn.segment(xs, ys, [x] * len(xs), [y] * len(xs), line_color=palette.ink, line_alpha=0.5)
        self.arrows = ColumnDataSource({name: [] for name in _ARROW})
        curves = drawn.quadratic(
            "x0", "y0", "x1", "y1", "cx", "cy", source=self.arrows, line_color="colour", line_width="width",
        )  # fmt: skip
        drawn.scatter("x1", "y1", source=self.arrows, marker="triangle", size=8, color="colour", angle="angle")
        self.source = ColumnDataSource(self._dots())
        dots = drawn.scatter(
            "x", "y", source=self.source, size="size", line_color=palette.ink, line_width="line",
            fill_color={"field": "trust", "transform": mapper}, fill_alpha="alpha",
        )  # fmt: skip
        drawn.add_tools(hover(palette, "<b>@name</b><br>@tip", [fills, dots]), hover(palette, "@tip{safe}", [curves]))
        labels = LabelSet(
            x="label_x", y="label_y", text="label", source=self.source, text_color=palette.ink, text_font_size="11px",
            text_align="center", text_baseline="middle", background_fill_color=palette.card, background_fill_alpha=0.65,
        )  # fmt: skip
        drawn.add_layout(labels)
        return _colour_bar(mapper, palette)

    def _mark_areas(self, drawn: Any) -> None:
        """Mark disputed areas without an outline; each says what it is."""
        areas = [area for area, _ in self.scene.areas if self.scene.holds(self.scene.projection(area.at))]
        at = [self.scene.projection(area.at) for area in areas]
        columns = {
            "east": [float(x) for x, _ in at], "north": [float(y) for _, y in at],
            "name": [area.name for area in areas], "tip": [area.says for area in areas],
            "size": [4 if area.polygons else 7 for area in areas],
        }  # fmt: skip
        source = ColumnDataSource(columns)
        marks = drawn.scatter(
            "east", "north", source=source, marker="diamond", size="size", fill_color=self._palette.card,
            line_color=self._palette.ink,
        )  # fmt: skip
        tips = f"<b>@name</b><br>@tip<br>{escape(atlas().statement)}"
        drawn.add_tools(hover(self._palette, tips, [marks]))

    def _land(self) -> dict[str, list[Any]]:
        """Return the outlines of the clients; only their trust and their edge change later."""
        codes = [code for code in self._story.clients if code in self.scene.shapes]
        xs, ys = _coordinates([self.scene.shapes[code] for code in codes])
        names = [self._story.state_name(code) for code in codes]
        count = len(codes)
        return {
            "xs": xs, "ys": ys, "state": codes, "name": names, "trust": [0.0] * count, "tip": [""] * count,
            "line": [1.0] * count, "alpha": [0.0] * count,
        }  # fmt: skip

    def _dots(self) -> dict[str, list[Any]]:
        """Return the anchors of all states, with labels where there is room."""
        story, scene = self._story, self.scene
        scale = _WIDTH / scene.width
        first = story.protagonist  # whose label has its place before all others
        codes = sorted(self.places, key=lambda code: (code == first, scene.seen(code)), reverse=True)
        pixels = {code: ((x - scene.left) * scale, (y - scene.bottom) * scale) for code, (x, y) in self.places.items()}
        names = [story.state_name(code) if len(codes) <= 12 else code for code in codes]
        names = [name if len(name) <= _LONGEST else code for name, code in zip(names, codes, strict=True)]
        small = [scene.seen(code) * scale**2 < _SMALL for code in codes]
        labels = [
            MapLabel(pixels[code], _width(name), _LINE, 7.0, inside=scene.seen(code) * scale**2 > 2000, rings=3)
            for code, name in zip(codes, names, strict=True)
        ]
        placements = placed(labels, (_WIDTH, scene.height * scale), list(pixels.values()), radius=3.0)
        centres = [at or (0.0, 0.0) for at in placements]
        member = [code in story.clients for code in codes]
        return {
            "x": [self.places[code][0] for code in codes], "y": [self.places[code][1] for code in codes],
            "code": codes, "name": [story.state_name(code) for code in codes],
            "label": [name if at else "" for name, at in zip(names, placements, strict=True)],
            "label_x": [x / scale + scene.left for x, _ in centres],
            "label_y": [y / scale + scene.bottom for _, y in centres],
            "size": [12 if tiny else 5 for tiny in small], "line": [1.0] * len(codes), "trust": [0.0] * len(codes),
            "tip": [self._role(code) for code in codes], "alpha": [1.0 if is_member else 0.0 for is_member in member],
        }  # fmt: skip

    def _role(self, code: str) -> str:
        if code == self._story.cast.guarantor:
            return "the guarantor"
        return "rival or attacker" if code in self.rivals else ""

    def show(self, shown: Shown) -> None:
        """Colour the members by their trust at the time cursor, with a thick edge round the selected member."""
        story, now = shown.story, shown.view.between[shown.place]
        guarantor = story.in_text(story.cast.guarantor)
        trusted = {client: float(now[story.pairs.index((client, story.cast.guarantor))]) for client in story.clients}
        for source, states, thick in ((self.land, "state", 2.0), (self.source, "code", 3.0)):
            codes = list(source.data[states])
            whole = slice(0, len(codes))
            tips = list(source.data["tip"])
            for index, code in enumerate(codes):
                if code in trusted:
                    seen = story.recorded_at(code, shown.place)
                    tips[index] = f"mean trust in {guarantor} {share(trusted[code])}" + (
                        f"; on record: {seen}" if seen else ""
                    )
            changed: dict[str, list[Any]] = {
                "trust": [trusted.get(code, 0.0) for code in codes], "tip": tips,
                "line": [thick if code == shown.state else 1.0 for code in codes],
            }  # fmt: skip
            if source is self.land:
                changed["alpha"] = [1.0] * len(codes)
            source.patch({name: [(whole, values)] for name, values in changed.items()})
        self.arrows.data = self._arrows(shown)
        self.figure.title.text = f"Trust in {guarantor}, {shown.month}"

    def _arrows(self, shown: Shown) -> dict[str, list[Any]]:
        """Return the attacks up to the time cursor, and the help to the selected state that is set for every run."""
        choices = shown.page.choices
        settings = dict(choices.events)
        switches = self._story.switches(choices.branch)
        columns: dict[str, list[Any]] = {name: [] for name in _ARROW}
        latest: dict[tuple[str, str, bool], tuple[Any, ...]] = {}
        for name, switch in switches.items():
            setting = settings.get(name, switch.shipped)
            attack = switch.kind == "attack" and setting == ON
            helps = switch.kind == "response" and setting in RESPONSES[MISSION:]
            if not (attack or helps) or switch.day > shown.day:
                continue
            to = switch.victim if attack else switches[switch.about].victim
            if switch.who not in self.places or to not in self.places or not (attack or to == shown.state):
                continue
            tip = f"<b>{day_in_words(switch.day)}</b> {escape(switch_title(self._story, switch))}"
            if attack:
                look = (self._palette.third, 1.2, tip)
            else:
                colour = self._palette.responses[RESPONSES.index(setting)]
                look = (colour, 2.2, f"{tip}: <b>{setting_words(setting)}</b>, set for every run")
            latest[switch.who, to, attack] = look
        for (origin, target, attack), look in latest.items():
            row = (*self.curve(origin, target, attack=attack), *look)
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
        return columns

    def curve(self, origin: str, target: str, *, attack: bool) -> tuple[float, ...]:
        """Return the ends, the control point and the direction at the end of an arrow between two states.

        Attacks bend to the right and help to the left. Both end beside a state, which may be small.
        """
        gap = _GAP * self.scene.width / _WIDTH
        return _curve(self.places[origin], self.places[target], -_BEND if attack else _BEND, gap)

    def _tapped(self, event: Tap) -> None:
        at = np.array([event.x, event.y])
        clients = [code for code in self._story.clients if code in self.places]
        held = [code for code in clients if any(goes_round(shape, at) for shape in self.scene.shapes.get(code, ()))]
        near = {code: float(np.hypot(*(at - self.places[code]))) for code in clients}
        code = held[0] if held else min(near, key=near.__getitem__, default="")
        if code and (held or near[code] <= _NEAR * self.scene.width):
            self._chosen(code)


_ANYWHERE: Final = "CHE"
"""What the map shows where no state of a scenario has a place."""


def _width(name: str) -> float:
    """Return about how many pixels a label is wide."""
    return sum(_CAPITAL if letter.isupper() else _LETTER for letter in name)


def _coordinates(states: list[tuple[Shape, ...]] | list[list[Shape]]) -> tuple[list[Any], list[Any]]:
    """Return the polygons of states as Bokeh wants them: state, polygon, ring, coordinate."""
    xs, ys = (
        [[[ring[:, axis].astype(np.float32) for ring in shape] for shape in shapes] for shapes in states]
        for axis in (0, 1)
    )
    return xs, ys


def _curve(start: tuple[float, float], end: tuple[float, float], bend: float, gap: float) -> tuple[float, ...]:
    origin, target = np.array(start), np.array(end)
    along = target - origin
    middle = (origin + target) / 2 + bend * np.array([-along[1], along[0]])
    length = float(np.hypot(*(target - middle))) or 1.0
    tip = target - min(gap, 0.8 * length) / length * (target - middle)
    angle = float(np.arctan2(*(target - middle)[::-1])) - np.pi / 2
    return (*map(float, origin), *map(float, middle), *map(float, tip), angle)


def _colour_bar(mapper: LinearColorMapper, palette: Palette) -> ColorBar:
    return ColorBar(
        color_mapper=mapper, height=8, padding=2, title=_KEY,
        title_text_color=palette.ink, title_text_font_size="10px", title_text_font_style="normal",
        major_label_text_color=palette.ink, major_label_text_font_size="9px", background_fill_color=palette.card,
        bar_line_color=None, major_tick_line_color=None,
    )  # fmt: skip
