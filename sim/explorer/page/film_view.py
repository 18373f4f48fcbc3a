"""The film of one run as HTML: a map and two figures in SVG, captions and controls, which a script moves in time."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from html import escape
from typing import Final

import numpy as np

from sim.explorer.film import ATTACK, Film, FilmCaption
from sim.explorer.page.palette import Palette
from sim.explorer.page.region import Region
from sim.explorer.page.wording import setting_words
from sim.explorer.story import Story
from sim.explorer.views import Floats
from sim.geography.scene import Shape
from sim.output.formatting import month, percent
from sim.words import MISSION, OUT, POSTURES, RESPONSES

SPEEDS: Final = (1, 2, 4, 8)
"""Dates a second that a viewer can choose."""

USUAL: Final = 4
"""Dates a second at first."""

STAYS: Final = 3
"""Dates for which an arrow stays on the map."""

Height = Callable[[float], float]
"""How high a value stands in a figure, 0..1."""

_MAP: Final = 430.0
"""Width of the map in its own units."""

_LEFT, _TOP, _RIGHT, _BOTTOM, _WIDE, _TALL = 52.0, 8.0, 412.0, 162.0, 420.0, 182.0
"""Edges of what is drawn in a figure over time, and the figure's size, in its own units."""


class FilmView:
    """Draws films of a scenario.

    Parameters
    ----------
    story : Story
    palette : Palette
    region : Region
        The map of the page, which has the outlines and the places of states and labels.
    """

    def __init__(self, story: Story, palette: Palette, region: Region) -> None:
        self._story, self._palette, self._region = story, palette, region
        scene = region.scene
        self._scale = _MAP / scene.width
        self._height = scene.height * self._scale

    def html(self, film: Film, chosen: str) -> str:
        """Return a film as HTML; ``chosen`` is the client whose lines stand out first."""
        dates = self._story.cast.dates
        data = {
            "dates": [month(day) for day in dates],
            "trust": np.round(film.trust, 4).tolist(),
            "posture": film.posture.tolist(),
            "postures": list(POSTURES),
            "out": OUT,
            "scale": list(self._palette.trust),
            "stays": STAYS,
            "days": [round((self._across(day) - _LEFT) / (_RIGHT - _LEFT), 4) for day in dates],
        }
        away = f"{film.away:.2f}" if film.away >= 0.005 else "less than 0.01"
        members = "".join(
            f'<option value="{code}"{" selected" if code == chosen else ""}>{escape(self._story.state_name(code))}'
            "</option>"
            for code in self._story.clients
        )
        speeds = "".join(
            f'<option value="{speed}"{" selected" if speed == USUAL else ""}>{speed} steps a second</option>'
            for speed in SPEEDS
        )
        guarantor = escape(self._story.in_text(self._story.cast.guarantor))
        return (
            f'<div id="film-room" data-film="{escape(json.dumps(data))}">'
            f"<header><h2>One run as a film: run {film.replicate} of {film.runs:,}</h2>"
            '<button id="film-close" type="button">Close</button></header>'
            f'<p class="how-near">This is the most typical of all runs: trust in {guarantor} lies {away} from '
            f"the median of all runs on average, and {escape(percent(film.on_median))} of the postures are those of "
            "the median. "
            f"<code>csto-sim explain --replicate {film.replicate}</code> gives its reasons.</p>"
            '<div id="film-controls">'
            '<button id="film-play" type="button" autofocus>Play</button>'
            '<button id="film-back" type="button">One step back</button>'
            '<button id="film-on" type="button">One step on</button>'
            f'<input id="film-place" type="range" min="0" max="{len(dates) - 1}" value="0" aria-label="Date">'
            '<output id="film-date" for="film-place"></output>'
            f'<label>Speed <select id="film-speed">{speeds}</select></label>'
            f'<label>Member <select id="film-member">{members}</select></label></div>'
            '<p id="film-still" hidden>Your system asks for less motion, so the film does not run by itself: step '
            "through it.</p>"
            f'<div id="film-scene">{self._map(film)}<div id="film-said" tabindex="0" role="region" '
            f'aria-label="What happens"><ul>{"".join(self._caption(caption) for caption in film.captions)}</ul></div>'
            f'<div id="film-figures">{self._ladder(film)}{self._trust(film, guarantor)}</div></div></div>'
        )

    def _caption(self, caption: FilmCaption) -> str:
        lines = "".join(f"<li>{_unbroken(line)}</li>" for line in caption.lines)
        inner = f"<ul>{lines}</ul>" if lines else ""
        return f'<li data-place="{caption.place}" hidden>{_unbroken(caption.text)}{inner}</li>'

    # the map

    def _map(self, film: Film) -> str:
        story, region = self._story, self._region
        parts = [*self._land(), *self._disputed()]
        guarantor = story.cast.guarantor
        if guarantor in region.places:
            x, y = self._at(region.places[guarantor])
            for client, code in enumerate(story.clients):
                if code in region.places:
                    to_x, to_y = self._at(region.places[code])
                    parts.append(
                        f'<line class="promise" data-client="{client}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" '
                        f'y2="{to_y:.1f}"/>'
                    )
        parts += [arrow for caption in film.captions for arrow in self._arrows(caption)]
        parts += self._dots()
        said = "Map: members filled by trust, promises as lines, attacks and help as arrows"
        return (
            f'<figure id="film-map"><svg viewBox="0 0 {_MAP:.0f} {self._height:.0f}" role="img" aria-label="{said}">'
            '<defs><pattern id="film-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><line y2="5"/></pattern>'
            '<marker id="film-head" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="5" markerHeight="5" '
            'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>'
            f"{''.join(parts)}</svg><figcaption>{self._key()}</figcaption></figure>"
        )

    def _key(self) -> str:
        shades = self._palette.trust
        blend = ", ".join(shades[step] for step in (0, len(shades) // 2, len(shades) - 1))
        helps = "".join(
            f'<span><i style="background:{self._palette.responses[level]}"></i>{setting_words(RESPONSES[level])}</span>'
            for level in range(MISSION, len(RESPONSES))
        )
        return (
            f'<span>trust 0 <i class="blend" style="background:linear-gradient(90deg, {blend})"></i> 1</span>'
            f'<span><i class="rivals"></i>rivals</span><span><i class="attack"></i>attack</span>{helps}'
            "<span>lines: promises</span>"
        )

    def _land(self) -> Iterator[str]:
        places = self._region.places
        shapes = self._region.scene.shapes
        for code, seen in shapes.items():
            if code not in places:
                yield f'<path class="other" d="{self._outline(seen)}"/>'
        for code in places:
            if code in shapes:
                yield f'<path {self._role(code)} d="{self._outline(shapes[code])}"/>'

    def _disputed(self) -> Iterator[str]:
        """Yield the disputed areas: hatched, or a mark where there is no outline; each says what it is."""
        scene = self._region.scene
        for area, seen in scene.areas:
            says = f"<title>{escape(area.name)}: {escape(area.says)}</title>"
            at = scene.projection(area.at)
            if seen:
                yield f'<path class="hatched" d="{self._outline(seen)}">{says}</path>'
            elif scene.holds(at):
                x, y = self._at(at)
                yield f'<path class="disputed" d="M{x:.1f} {y - 4:.1f}l4 4l-4 4l-4-4z">{says}</path>'

    def _role(self, code: str) -> str:
        if code in self._story.clients:
            return f'class="land" data-client="{self._story.clients.index(code)}"'
        return 'class="guarantor"' if code == self._story.cast.guarantor else 'class="rival"'

    def _outline(self, shapes: Iterable[Shape]) -> str:
        rings = [ring for shape in shapes for ring in shape]
        return "".join("M" + "L".join("{:.1f} {:.1f}".format(*self._at(at)) for at in ring) + "z" for ring in rings)

    def _at(self, point: Sequence[float] | Floats) -> tuple[float, float]:
        scene = self._region.scene
        return (point[0] - scene.left) * self._scale, (scene.top - point[1]) * self._scale

    def _arrows(self, caption: FilmCaption) -> Iterator[str]:
        for origin, target, what in caption.arrows:
            places = self._region.places
            if origin not in places or target not in places:
                continue
            attack = what == ATTACK
            x0, y0, cx, cy, x1, y1, _ = self._region.curve(origin, target, attack=attack)
            points = [coordinate for at in ((x0, y0), (cx, cy), (x1, y1)) for coordinate in self._at(at)]
            colour = self._palette.third if attack else self._palette.responses[RESPONSES.index(what)]
            yield (
                '<path class="arrow" data-place="{}" stroke="{}" d="M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}" '
                'marker-end="url(#film-head)" visibility="hidden"/>'.format(caption.place, colour, *points)
            )

    def _dots(self) -> Iterator[str]:
        """Yield a dot for each state, with its label and, for a client, its posture where there is room."""
        held = self._region.source.data
        for row, code in enumerate(held["code"]):
            x, y = self._at((held["x"][row], held["y"][row]))
            yield f'<circle {self._role(code)} cx="{x:.1f}" cy="{y:.1f}" r="{held["size"][row] / 2:.1f}"/>'
            if not held["label"][row]:
                continue
            x, y = self._at((held["label_x"][row], held["label_y"][row]))
            client = self._story.clients.index(code) if code in self._story.clients else None
            rung = "" if client is None else f'<tspan class="rung" data-client="{client}"></tspan>'
            yield f'<text x="{x:.1f}" y="{y + 4:.1f}">{escape(held["label"][row])}{rung}</text>'

    # figures over time

    def _ladder(self, film: Film) -> str:
        def height(rank: float) -> float:
            return rank / OUT

        lines = "".join(
            self._group(film, client, film.posture_bands, np.where(film.posture < 0, np.nan, film.posture), height)
            for client in range(len(self._story.clients))
        )
        marks = [(name, height(rank)) for rank, name in enumerate(POSTURES)]
        return self._figure("ladder", "Posture", marks, lines, "Postures of the members over time")

    def _trust(self, film: Film, guarantor: str) -> str:
        lines = "".join(
            self._group(film, client, film.trust_bands, film.trust, float, steps=False)
            for client in range(len(self._story.clients))
        )
        marks = [("0", 0.0), ("0.5", 0.5), ("1", 1.0)]
        title = f"Trust in {guarantor}"
        return self._figure("trust", title, marks, lines, f"{title} over time")

    def _figure(self, name: str, title: str, marks: Sequence[tuple[str, float]], lines: str, said: str) -> str:
        dotted = "dotted: what happened; " if 'class="record"' in lines else ""
        rules = "".join(
            f'<line class="rule" x1="{_LEFT}" x2="{_RIGHT}" y1="{_up(at):.1f}" y2="{_up(at):.1f}"/>'
            f'<text class="mark" x="{_LEFT - 5}" y="{_up(at) + 3.5:.1f}">{word}</text>'
            for word, at in marks
        )
        return (
            f'<figure><figcaption><b>{title}</b>. Thick: <span class="film-whose"></span>; thin: the others; {dotted}'
            "at the end, behind: half and 90 % of all runs.</figcaption>"
            f'<svg viewBox="0 0 {_WIDE:.0f} {_TALL:.0f}" role="img" aria-label="{said}"><defs>'
            f'<clipPath id="film-seen-{name}"><rect class="seen" x="{_LEFT}" y="0" width="{_RIGHT - _LEFT}" '
            f'height="{_TALL}" data-wide="{_RIGHT - _LEFT}"/></clipPath></defs>{rules}{self._years()}'
            f'<g clip-path="url(#film-seen-{name})">{lines}</g></svg></figure>'
        )

    def _group(
        self, film: Film, client: int, bands: Floats, values: Floats, height: Height, *, steps: bool = True
    ) -> str:
        """Return the lines of one client: its fan, its run, and on the ladder the record."""
        code = self._story.clients[client]

        def points(row: Floats) -> list[tuple[float, float]]:
            return self._points([height(float(value)) for value in row], steps=steps)

        own = bands[:, :, client]
        fan = "".join(
            f'<path class="{kind}" d="{_path([*points(own[low]), *reversed(points(own[high]))])}"/>'
            for kind, low, high in (("most", 0, 4), ("half", 1, 3))
            if points(own[low])
        )
        median = f'<path class="median" d="{_path(points(own[2]))}"/>' if points(own[2]) else ""
        seen = self._recorded(code, height) if steps else ""
        return (
            f'<g class="member" data-state="{code}"><title>{escape(self._story.state_name(code))}</title>'
            f'<g class="fan">{fan}{median}</g>{seen}<path class="line" d="{_path(points(values[:, client]))}"/></g>'
        )

    def _recorded(self, code: str, height: Height) -> str:
        spells = self._story.recorded(code)
        points = [
            (self._across(day), _up(height(POSTURES.index(spell.posture))))
            for spell in spells
            for day in (spell.first, spell.last)
        ]
        return f'<path class="record" d="{_path(points)}"/>' if points else ""

    def _points(self, heights: Sequence[float], *, steps: bool) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for day, value in zip(self._story.cast.dates, heights, strict=True):
            if np.isnan(value):
                continue
            if steps and points and points[-1][1] != _up(value):
                points.append((self._across(day), points[-1][1]))
            points.append((self._across(day), _up(value)))
        return points

    def _across(self, day: date) -> float:
        dates = self._story.cast.dates
        return _LEFT + (_RIGHT - _LEFT) * (day - dates[0]).days / max(1, (dates[-1] - dates[0]).days)

    def _years(self) -> str:
        dates = self._story.cast.dates
        years = list(range(dates[0].year, dates[-1].year + 1))
        shown = years[:: max(1, -(-len(years) // 7))]
        return "".join(
            f'<text class="year" x="{max(_LEFT, self._across(date(year, 1, 1))):.1f}" y="{_TALL - 4}">{year}</text>'
            for year in shown
        )


def _up(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""


def _unbroken(text: str) -> str:
    """Return a text as HTML in which no line breaks before a percent sign."""
    return escape(text).replace(" %", "&nbsp;%")
