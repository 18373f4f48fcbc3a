"""Map of an alliance: trust in the guarantor, promises, attacks and the help that was sent."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, PathPatch, Rectangle
from matplotlib.path import Path

from sim.errors import InputError
from sim.geography.outlines import atlas
from sim.geography.placing import MapLabel, placed
from sim.geography.scene import Points, Scene, Shape, scene_of
from sim.output.formatting import month, percent, share
from sim.output.mapped import MapRow, map_rows, rivals_of
from sim.output.result import ResultData
from sim.output.subjects import branch_title, clients, last_recorded, main_branch, state_in_sentence, state_name
from sim.plots.labels import provenance
from sim.plots.page import FigurePage, text_width, wrap
from sim.plots.style import (
    FOOT_SIZE,
    HALO,
    INK,
    LABEL_SIZE,
    MARGIN,
    MUTED,
    RESPONSE_COLOURS,
    REST,
    SMALL_SIZE,
    TRUST,
    UNKNOWN,
    Sheet,
    styled,
)

LAND: Final = UNKNOWN
GUARANTOR: Final = "#c4c4c4"
RIVAL: Final = "#f3d3cc"
"""Fills of states without trust: others, the guarantor, and rivals."""

ATTACK: Final = "#a3123a"
_HATCH: Final[dict[str, Any]] = {"facecolor": "none", "edgecolor": MUTED, "hatch": "//////", "linewidth": 0.0}
_DOT: Final = 0.05
"""Radius in inches of the dot of a state that is too small to see, seven tenths of that on a narrow page."""

_BEND: Final = 0.16
"""How far arrows of attacks bend aside, as a share of their length."""

_NARROW: Final = 5.0
"""Inches of a page under which a map has codes in place of names, fewer arrows, and no names of disputed areas."""

_MOST_NAMES: Final = 14
"""States up to which a map has names; with more it has codes."""

_LONGEST: Final = 20
"""Letters of the longest name on a map."""

_TALL: Final = 0.125
_ROOMY: Final = 2.2
"""Height of a name in inches, and by how much a state is to be larger than its name to have it inside."""

_APART: Final = 0.1
"""Inches from which a thin line ties a label to its point."""

_ROW: Final = 0.135
_ROWS: Final = 16
"""Height of a row of the table in inches, and most rows of attacks and help."""

_PLATE: Final[dict[str, Any]] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8}
"""What lies under the label of an arrow, which stands on the arrow."""

_BENDS: Final = (0.16, 0.27, -0.14, 0.38)
"""How far arrows to one state bend aside, as shares of their length."""

_ARROWS: Final = (3, 6)
"""Arrows of help that are drawn on a narrow page and on a wide one; the table has more."""


def alliance_map(result: ResultData, *, branch: str | None = None, day: date | None = None) -> Sheet:
    """Draw an alliance on a map: trust as fill, promises as lines, attacks and help as arrows, with a table of it all.

    Parameters
    ----------
    result : ResultData
        The result.
    branch : str, optional
        Default: ``as-happened``, else the first.
    day : date, optional
        Day to look at; default: the end of the record or of the run.

    Examples
    --------
    >>> result.plot.map(day=date(2022, 12, 31))  # doctest: +SKIP
    """
    reason = no_map(result)
    if reason:
        raise InputError(f"no map can be drawn: {reason}")
    chosen = main_branch(result, branch)
    when = day or result.days[last_recorded(result)]
    if not result.days[0] <= when <= result.days[-1]:
        raise InputError(f"{when} is outside the run; allowed: {result.days[0]} to {result.days[-1]}")
    rows = map_rows(result, chosen, when)
    with styled():
        guarantor = state_in_sentence(result, result.guarantor)
        page = FigurePage(
            _title(result, rows, when),
            f"Fill: each {result.focus} member's trust in its guarantor, {guarantor}, 0 to 1, median of the runs. "
            "Help: what an ally sends beyond words, at the level that most runs have, with their share of all runs. "
            f"Branch: {branch_title(result, chosen)}.",
        )
        _Map(page, result, rows, when).draw()
        _table(page, result, rows)
        return page.finish(*provenance(result, f"model runs; outlines: Natural Earth. {atlas().statement}", chosen))


def no_map(result: ResultData) -> str:
    """Return the reason why a result has no map, or an empty text."""
    if not clients(result):
        return f"{result.focus} has no member beside its guarantor"
    world, states = atlas(), result.scenario.states
    located = [code for code in result.members if world.has_place(code) or (code in states and states[code].capital)]
    return "" if located else "no member has a place on a map"


def _title(result: ResultData, rows: Sequence[MapRow], day: date) -> str:
    trust = [row for row in rows if row.what == "trust"]
    lowest = min(trust, key=lambda row: row.trust)
    said = f"Trust in {state_in_sentence(result, result.guarantor)}, {month(day)}"
    return f"{said}{'; lowest' * (len(trust) > 1)}: {lowest.name}, {share(lowest.trust)}"


class _Map:
    """The map on its page: one inch of the axes is one unit of their data."""

    def __init__(self, page: FigurePage, result: ResultData, rows: Sequence[MapRow], day: date) -> None:
        self.page, self.result, self.rows = page, result, rows
        self.wide = bool(page.width > _NARROW)
        attackers = [row.state for row in rows if row.what == "attack" and row.state not in result.members]
        feared = rivals_of(result.scenario, result.members, result.guarantor)
        self.rivals = tuple(dict.fromkeys([*attackers, *feared]))
        self.scene = self._scene(day)
        self.scale = (page.right - MARGIN) / self.scene.width
        self.size = (page.right - MARGIN, self.scene.height * self.scale)
        self.anchors = {code: self._flat(at) for code, at in self.scene.anchors.items()}
        self.radius = _DOT if self.wide else 0.7 * _DOT
        self.dots = [code for code in self.anchors if self._seen(code) < 4 * self.radius**2]
        ties = [row for row in rows if row.state in self.anchors and row.other in self.anchors]
        self.promises = [row for row in ties if row.what == "promise"]
        self.attacks = [row for row in ties if row.what == "attack"]
        self.help = [row for row in ties if row.what == "help"][: _ARROWS[self.wide]]

    def _scene(self, day: date) -> Scene:
        """Return the window on the members, who attacked them, and whom they fear."""
        result, largest = self.result, atlas().capitals
        capitals = {code: state.capital for code, state in result.scenario.states.items() if state.capital is not None}
        framed = [*result.members, *(code for code in self.rivals if code not in largest)]
        return scene_of(framed, self.rivals, capitals=capitals, day=day, tall=not self.wide)

    def _flat(self, points: Any) -> Points:
        """Return points of the scene in inches from the lower left corner."""
        return (np.asarray(points, dtype=np.float64) - (self.scene.left, self.scene.bottom)) * self.scale

    def _seen(self, code: str) -> float:
        """Return how much of a state is seen, in square inches."""
        return self.scene.seen(code) * self.scale**2

    def draw(self) -> None:
        """Draw the map with its legend above, and the scale and the notes below."""
        self._key()
        axes = self.page.axes(self.size[1], MARGIN)
        axes.set(xlim=(0, self.size[0]), ylim=(0, self.size[1]), xticks=[], yticks=[])
        for side in axes.spines.values():
            side.set(visible=True, linewidth=0.5, edgecolor=REST)
        self._states(axes)
        self._areas(axes)
        attacks, arrows = self._lines(axes)
        self._labels(axes, attacks, arrows)
        self.page.below(self.size[1] + 0.06)
        _bar(self.page)
        _notes(self.page, self.result, self.scene)

    def _states(self, axes: Axes) -> None:
        trust = {row.state: row.trust for row in self.rows if row.what == "trust"}
        fills = dict.fromkeys(self.rivals, RIVAL) | {code: to_hex(TRUST(value)) for code, value in trust.items()}
        fills[self.result.guarantor] = GUARANTOR
        for code, shapes in self.scene.shapes.items():
            asked = code in fills
            look: dict[str, Any] = {"edgecolor": INK if asked else "white", "linewidth": 0.7 if asked else 0.4}
            for shape in shapes:
                path, order = self._path(shape), 1.5 if asked else 1.0
                axes.add_artist(PathPatch(path, facecolor=fills.get(code, LAND), zorder=order, gid=code, **look))
        for code in self.dots:
            axes.plot(
                *self.anchors[code], marker="o", markersize=2 * 72 * self.radius, color=fills[code],
                markeredgecolor=INK, markeredgewidth=0.7, zorder=4, gid=code,
            )  # fmt: skip

    def _path(self, shape: Shape) -> Path:
        """Return the path of a polygon with its holes."""
        rings = [self._flat(ring) for ring in shape]
        return Path.make_compound_path(*(Path(np.vstack([ring, ring[:1]]), closed=True) for ring in rings))

    def _areas(self, axes: Axes) -> None:
        for area, shapes in self.scene.areas:
            for shape in shapes:
                axes.add_artist(PathPatch(self._path(shape), zorder=1.8, gid=area.key, **_HATCH))
            if not shapes:
                axes.plot(
                    *self._flat(self.scene.projection(area.at)), marker="D", markersize=3.4, color="white",
                    markeredgecolor=INK, markeredgewidth=0.6, zorder=2.2, gid=area.key,
                )  # fmt: skip

    def _lines(self, axes: Axes) -> tuple[list[Points], list[Points]]:
        """Draw promises, attacks and help; return the curves of attacks and of help."""
        for row in self.promises:
            ends = np.array([self.anchors[row.state], self.anchors[row.other]])
            axes.plot(*ends.T, color=MUTED, linewidth=0.7, alpha=0.8, zorder=2, gid="promise")
        attacks = [_bent(self.anchors[row.state], self.anchors[row.other], -_BEND) for row in self.attacks]
        for curve in attacks:
            _arrow(axes, curve, ATTACK, 1.1)
        arrows: list[Points] = []
        for number, row in enumerate(self.help):
            before = sum(earlier.other == row.other for earlier in self.help[:number])
            arrows.append(_bent(self.anchors[row.state], self.anchors[row.other], _BENDS[before % len(_BENDS)]))
            _arrow(axes, arrows[-1], RESPONSE_COLOURS[row.level], 1.8)
        return attacks, arrows

    def _labels(self, axes: Axes, attacks: list[Points], arrows: list[Points]) -> None:
        """Write the share of help on its arrow, names of states, and those of disputed areas where there is room."""
        texts: list[tuple[str, MapLabel, dict[str, Any]]] = []
        for row, curve in zip(self.help, arrows, strict=True):
            text = f"{row.level} {percent(row.share)}"
            label = MapLabel((0, 0), text_width(text, SMALL_SIZE) + 0.04, _TALL, 0.0, places=_beside(curve))
            texts.append((text, label, {"size": SMALL_SIZE, "bbox": _PLATE}))
        texts += [self._name(code) for code in sorted(self.anchors, key=self._seen, reverse=True)]
        places = [(area, self._flat(self.scene.projection(area.at))) for area, _ in self.scene.areas]
        if self.wide:
            italic: dict[str, Any] = {"size": FOOT_SIZE, "color": MUTED, "style": "italic"}
            for area, at in places:
                label = MapLabel(_pair(at), text_width(area.name, FOOT_SIZE) + 0.04, 0.1, 0.06, rings=2)
                texts.append((area.name, label, italic))
        marks = [*self.anchors.values(), *(at for _, at in places)]
        on_lines = [point for curve in (*attacks, *arrows) for point in _on_curve(curve)]
        centres = placed([label for _, label, _ in texts], self.size, marks, on_lines, radius=0.03)
        for (text, label, look), centre in zip(texts, centres, strict=True):
            if centre is not None:
                halo = None if "bbox" in look else HALO
                axes.text(*centre, text, ha="center", va="center", zorder=6, path_effects=halo, **look)
                if not label.places:
                    _leader(axes, label, centre)

    def _name(self, code: str) -> tuple[str, MapLabel, dict[str, Any]]:
        """Return the label of a state: its name, or its code where there is little room or the name is a phrase."""
        name = state_name(self.result, code)
        roomy = self.wide and len(self.anchors) <= _MOST_NAMES and len(name) <= _LONGEST
        text = name if roomy else code
        weight = "bold" if code == self.result.guarantor else "normal"
        width = text_width(text, LABEL_SIZE, weight) + 0.04
        gap = (0.09 if code in self.dots else 0.06) * (1.0 if self.wide else 0.6)
        inside = bool(self._seen(code) > _ROOMY * width * _TALL)
        label = MapLabel(_pair(self.anchors[code]), width, _TALL, gap, inside=inside, rings=5 if self.wide else 3)
        return text, label, {"size": LABEL_SIZE, "weight": weight}

    def _key(self) -> None:
        handles: list[Artist] = [Patch(facecolor=GUARANTOR, edgecolor=INK, linewidth=0.7)]
        names = ["guarantor"]
        if any(code in self.anchors for code in self.rivals):
            handles.append(Patch(facecolor=RIVAL, edgecolor=INK, linewidth=0.7))
            names.append("rival or attacker")
        if self.promises:
            handles.append(Line2D([], [], color=MUTED, linewidth=0.9))
            names.append("promise: a member tied to the guarantor")
        if self.attacks:
            handles.append(Line2D([], [], color=ATTACK, linewidth=1.1, marker=">", markersize=4))
            names.append("attack")
        for level in RESPONSE_COLOURS:
            if any(row.level == level for row in self.help):
                handles.append(Line2D([], [], color=RESPONSE_COLOURS[level], linewidth=1.8, marker=">", markersize=4))
                names.append(f"help: {level}")
        if self.scene.areas:
            handles.append(Patch(**{**_HATCH, "linewidth": 0.4}))
            names.append("disputed")
        self.page.key(handles, names)


def _pair(at: Points) -> tuple[float, float]:
    return float(at[0]), float(at[1])


def _bent(start: Points, end: Points, bend: float) -> Points:
    """Return the three control points of a curve that leaves both ends free and bends to its left."""
    along = end - start
    length = float(np.hypot(*along))
    free = min(0.08, 0.25 * length) * along / max(length, 1e-9)
    middle = (start + end) / 2 + bend * np.array([-along[1], along[0]])
    return np.array([start + free, middle, end - free])


def _on_curve(curve: Points, count: int = 24) -> Points:
    at = np.linspace(0, 1, count)[:, None]
    return np.asarray((1 - at) ** 2 * curve[0] + 2 * at * (1 - at) * curve[1] + at**2 * curve[2])


def _beside(curve: Points) -> list[tuple[float, float]]:
    """Return places for the label of an arrow: on its first half, then on its second, then above and below."""
    points = _on_curve(curve, 13)
    return [
        (float(points[index][0]), float(points[index][1] + up))
        for up in (0.0, 0.1, -0.1, 0.2, -0.2)
        for index in (4, 5, 6, 3, 7, 8)
    ]


def _arrow(axes: Axes, curve: Points, colour: str, width: float) -> None:
    path = Path(curve, [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    arrow = FancyArrowPatch(
        path=path, arrowstyle="-|>,head_length=0.5,head_width=0.22", mutation_scale=8, color=colour, linewidth=width,
        zorder=3, path_effects=HALO,
    )  # fmt: skip
    axes.add_artist(arrow)


def _leader(axes: Axes, label: MapLabel, centre: tuple[float, float]) -> None:
    """Tie a label to its point where it stands apart from it."""
    x = min(max(label.at[0], centre[0] - label.width / 2), centre[0] + label.width / 2)
    y = min(max(label.at[1], centre[1] - label.height / 2), centre[1] + label.height / 2)
    if np.hypot(x - label.at[0], y - label.at[1]) > _APART:
        axes.plot([label.at[0], x], [label.at[1], y], color=INK, linewidth=0.4, zorder=5, gid="leader")


def _bar(page: FigurePage) -> None:
    """Draw the scale of the fill."""
    left = MARGIN + text_width("median trust", SMALL_SIZE) + 0.12
    page.write("median trust", MARGIN, page.top + 0.09, size=SMALL_SIZE, colour=MUTED)
    bar = page.axes(0.1, left, left + 1.8)
    colours = page.figure.colorbar(ScalarMappable(Normalize(0, 1), TRUST), cax=bar, orientation="horizontal")
    colours.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "0.25", "0.5", "0.75", "1"])
    colours.outline.set_linewidth(0.4)
    bar.tick_params(labelsize=SMALL_SIZE, length=2)
    page.below(0.34)


def _notes(page: FigurePage, result: ResultData, window: Scene) -> None:
    """Say what is disputed, and who has no place on the map."""
    if window.areas:
        named = "; ".join(f"{area.name} ({area.says})" for area, _ in window.areas)
        page.text(f"Hatched or marked with a diamond: {named}.", size=SMALL_SIZE, colour=MUTED)
    missing = [state_name(result, code) for code in result.members if code not in window.anchors]
    if missing:
        page.text(f"Not on the map: {'; '.join(missing)}.", size=SMALL_SIZE, colour=MUTED)
    page.below(0.06)


def _table(page: FigurePage, result: ResultData, rows: Sequence[MapRow]) -> None:
    """Write what the map shows: trust and posture of each member, then attacks and help."""
    trust = sorted((row for row in rows if row.what == "trust"), key=lambda row: row.trust)
    happened = [row for row in rows if row.what in ("attack", "help")]

    def member(index: int, left: float, right: float) -> None:
        row = trust[index]
        swatch = Rectangle(
            (left, -page.top - 0.105), 0.16, 0.1, transform=page.inches, facecolor=TRUST(row.trust), edgecolor=INK,
            linewidth=0.5,
        )  # fmt: skip
        page.figure.add_artist(swatch)
        end = f"{share(row.trust)}  {f'{row.level} {percent(row.share)}' if row.level else 'no member'}"
        name = wrap(row.name, right - left - 0.3 - text_width(end, SMALL_SIZE), SMALL_SIZE, lines=1)
        page.write(name, left + 0.22, page.top + 0.1, size=SMALL_SIZE)
        page.write(end, right, page.top + 0.1, size=SMALL_SIZE, ha="right")
        page.below(_ROW)

    def event(index: int, left: float, right: float) -> None:
        row = happened[index]
        does = f"{row.name} {'attacks' if row.what == 'attack' else 'helps'} {state_in_sentence(result, row.other)}"
        level = f": {row.level}, {percent(row.share)}" if row.level else ""
        when = "" if row.date is None else f", {month(row.date)}"
        page.text(f"{does}{when}{level}", size=SMALL_SIZE, left=left, right=right)

    page.text("Members: median trust, and the commonest posture with its share of runs", size=SMALL_SIZE, weight="bold")
    page.in_columns(len(trust), member)
    if happened:
        page.below(0.05)
        page.text("Attacks and help", size=SMALL_SIZE, weight="bold")
        page.in_columns(min(len(happened), _ROWS), event)
    if len(happened) > _ROWS:
        page.text(f"and {len(happened) - _ROWS} more in map.csv", size=SMALL_SIZE, colour=MUTED)
