"""Page of one visitor: controls on the left, figures on the right, and the updates between them."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from html import escape
from importlib.resources import files
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import pandas as pd
import panel as pn
from bokeh.document import Document
from bokeh.models import Column, Div, Plot, TextInput

from sim.errors import CstoSimError
from sim.explorer.choices import LARGEST_PAGE, PageState
from sim.explorer.figure_data import FILM, INSIDE, PLAYED, film_table, inside_table, played_table
from sim.explorer.guard import page_policy
from sim.explorer.library import Library
from sim.explorer.page.between import Between
from sim.explorer.page.chances import headline, table
from sim.explorer.page.clock import Clock
from sim.explorer.page.controls import Controls
from sim.explorer.page.data_room import DataRoom
from sim.explorer.page.design import PageDesign, style
from sim.explorer.page.desk import Desk
from sim.explorer.page.event_panel import EventPanel
from sim.explorer.page.fans import Fans
from sim.explorer.page.film_room import FilmRoom
from sim.explorer.page.how_well import HowWell
from sim.explorer.page.one_run import OneRun
from sim.explorer.page.palette import DARK, LIGHT, Palette
from sim.explorer.page.play import PlayRoom
from sim.explorer.page.postures import Postures
from sim.explorer.page.publics import Publics
from sim.explorer.page.region import Region
from sim.explorer.page.timeline import Timeline
from sim.explorer.room import Room
from sim.explorer.session import Session
from sim.explorer.shown import Shown

PATIENCE: Final = 1.0
"""Seconds after which new figures are sent even if the browser has not said that it drew the last ones."""

PLAY: Final = 3
"""Place of the tab in which runs are played."""

BESIDE: Final = ("theme", "room", "seat")
"""Keys of a link that are not about the page."""

WIDE = "stretch_width"

_NO_HEIGHT: Final = ":host > [style*='visibility: hidden'] { max-height: 0; overflow: hidden; }"
"""Style of tabs that are not shown, so that the page is no higher than the one that is."""


class _PageTemplate(pn.Template):  # type: ignore[misc]
    """A page of Panel that does not describe itself anew, which takes seconds, whenever a part is added."""

    def __repr__(self) -> str:
        return "Page"

    def _init_doc(self, doc: Document | None = None, *args: Any, **kwargs: Any) -> Document:
        """Add the parts to a document; Bokeh looks for the models of all of them once, and not after each."""
        with (doc or pn.state.curdoc).models.freeze():
            return super()._init_doc(doc, *args, **kwargs)


class Visit:
    """Page of one visitor.

    Parameters
    ----------
    library : Library
    page : PageState
        What it shows first.
    palette : Palette
    message : str
        Something to tell the visitor first, such as why a link was refused.
    room : tuple of str
        Code of the room and the seat in it that a link asks for; empty for none.
    """

    def __init__(
        self, library: Library, page: PageState, palette: Palette, message: str = "", room: tuple[str, str] = ("", "")
    ) -> None:
        self._doc = pn.state.curdoc
        self._lock = Lock()
        self._latest: Shown | None = None
        self._last: Shown | None = None
        self._sent, self._drawn, self._sent_at = 0, 0, 0.0
        self._drawn_events: tuple[str, Any] | None = None
        ensembles = library.ensembles(page.choices.scenario)
        self.session = Session(ensembles, page, self._arrived, self._broke)
        story = ensembles.story
        self._css = [style("inner")]
        self.palette = palette
        self.clock = Clock(story.cast.dates, palette, lambda place: self._looked(place=place))
        self.fans = Fans(story, palette, self.clock)
        self.postures = Postures(story, palette, self.clock)
        self.publics = Publics(story, palette, self.clock)
        self.how_well = HowWell(story, self.publics, palette, self._css)
        self.region = Region(story, palette, self._visited)
        self.between = Between(story, palette)
        self.timeline = Timeline(story, palette, self.clock, self._pointed)
        self.one_run = OneRun(self.session, palette, self.clock, self._css, self._schedule, self._broke)
        self.film = FilmRoom(
            self.session, palette, self.region, self._css, partial(self._post, 0),
            self._schedule, self._broke,
        )  # fmt: skip
        self.play = PlayRoom(
            library.rooms, self.session, palette, self.clock, self._css, self._schedule,
            self._is_open, self._moved_to,
        )  # fmt: skip
        self.controls = Controls(self.session, self._css, self._changed)
        self.event_panel = EventPanel(self.controls, self.timeline, self._css)
        self.desk = Desk(
            library, self.session, self._css, self._restored, self._doc.add_next_tick_callback, self._broke
        )
        self._message = escape(message)
        self._opened = page.choices
        self._asked_room = room
        self._echo = TextInput(name="echo", value="0")
        self._echo.on_change("value", self._echoed)
        self.mail = Div(name="mail", text="", tags=[])
        self.back = Div(name="back", text="", tags=[])
        self.back.on_change("tags", self._went_back)
        self.states = pn.widgets.RadioButtonGroup(
            options={story.state_name(code): code for code in story.clients}, value=page.state or story.protagonist,
            sizing_mode=WIDE, css_classes=["states"],
        )  # fmt: skip
        self.states.param.watch(lambda event: self._looked(state=event.new), "value")
        self.data = DataRoom(self._made, self._css)
        self.tabs = self._figures()
        self.controls.show()
        self._changed()

    def start(self) -> None:
        """Begin with the runs, once a browser has opened the page's socket."""
        self.session.refresh()
        if self._asked_room[0]:
            self.tabs.active = PLAY
            self.play.go_to(*self._asked_room)

    def template(self, nonce: str) -> Any:
        """Return the template of the whole page; ``nonce`` marks the scripts that belong to it."""
        dark = self.palette is DARK
        room = files(__package__)
        colours = "".join(
            f"--{name}: {getattr(self.palette, name)};"
            for name in ("paper", "card", "ink", "muted", "faint", "accent", "second", "third")
        )
        page = _PageTemplate(
            (room / "page.html").read_text("utf-8"), theme=pn.theme.THEMES[self.palette.name], design=PageDesign
        )
        page.add_variable("style", f":root {{ {colours} }}\n" + style("page") + style("film"))
        page.add_variable("nonce", nonce)
        page.add_variable("policy", page_policy(nonce))
        page.add_variable("largest", str(LARGEST_PAGE))
        page.add_variable("scheme", "dark" if dark else "light")
        page.add_variable("other_theme", LIGHT.name if dark else DARK.name)
        page.add_variable("other_theme_words", "Light" if dark else "Dark")
        tells = self.session.story.scenario.story is not None
        asked = {"scenario": self.session.story.name, "theme": self.palette.name}
        page.add_variable("story_link", f"/story?{urlencode(asked)}" if tells else "")
        page.add_variable("questions_link", f"/stories?{urlencode({'theme': self.palette.name})}")
        page.add_panel("what_if", self.controls.what_if())
        page.add_panel("controls", self.controls.panel())
        unseen = Column(self.mail, self.back, self._echo, self.desk.address, self.desk.going, visible=False)
        tools = pn.Column(self.desk.panel(), self.states, self.film.panel(), pn.pane.Bokeh(unseen), sizing_mode=WIDE)
        page.add_panel("tools", tools)
        page.add_panel("region", pn.pane.Bokeh(self.region.figure, sizing_mode=WIDE))
        page.add_panel("figures", pn.Column(self.tabs, self.data.panel(), sizing_mode=WIDE))
        return page

    def _figures(self) -> Any:
        together = pn.Column(
            _side_by_side(self.fans.figures, 230), self.how_well.trust, self.event_panel.panel(),
            sizing_mode=WIDE,
        )  # fmt: skip
        alone = pn.Column(
            pn.pane.Bokeh(self.postures.figure, sizing_mode=WIDE),
            self.how_well.postures,
            _side_by_side(list(self.publics.figures.values()), 340),
            self.how_well.publics,
            self.one_run.panel(),
            sizing_mode=WIDE,
        )
        trust = pn.pane.Bokeh(self.between.figure, sizing_mode=WIDE)
        tabs = pn.Tabs(  # not dynamic: on quick clicks browsers were sent references to parts that they had dropped
            ("Trust over time", together), ("One member", alone), ("Who trusts whom", trust),
            ("Play", self.play.panel()), sizing_mode=WIDE, stylesheets=[_NO_HEIGHT],
        )  # fmt: skip
        tabs.param.watch(lambda _: self._show_tab(), "active")
        return tabs

    def _made(self) -> dict[str, Callable[[Shown], pd.DataFrame]]:
        """Return functions that give the data of the figures that this visitor has made, by title."""
        inside, film, debrief = self.one_run.found, self.film.film, self.play.debrief
        made: dict[str, Callable[[Shown], pd.DataFrame]] = {}
        if inside is not None:
            made[INSIDE] = lambda shown: inside_table(shown, inside)
        if film is not None:
            made[FILM] = lambda shown: film_table(shown, film)
        if debrief is not None:
            made[PLAYED] = lambda _: played_table(debrief)
        return made

    def _schedule(self, act: Callable[[], None]) -> None:
        """Run a function where the page may be changed, then offer the data of what it has made."""

        def run() -> None:
            act()
            self.data.offer()

        self._doc.add_next_tick_callback(run)

    def close(self) -> None:
        """End the visit."""
        self.session.close()
        self.one_run.close()
        self.desk.close()
        self.play.close()
        self.film.close()

    # from the visitor

    def _changed(self) -> None:
        choices = self.session.page.choices
        if (choices.branch, choices.events) != self._drawn_events:
            self._drawn_events = choices.branch, choices.events
            self.timeline.show(choices.branch, dict(choices.events))
            self.event_panel.show()
        self.desk.show()

    def _restored(self) -> None:
        self.controls.show()
        self._changed()

    def _went_back(self, attribute: str, old: list[Any], new: list[Any]) -> None:
        """Undo to the page that the browser's Back has in its address."""
        del attribute, old
        library, name = self.desk.library, self.session.story.name
        try:
            page = library.check(PageState.from_query(page_query(str(new[-1]))), "link")
        except CstoSimError as error:
            self._post(0, {"message": escape(str(error))})
            return
        if page.choices.scenario == name:
            self.session.go_back(page)
            self._restored()

    def _pointed(self, events: Sequence[str]) -> None:
        self.event_panel.open(events)

    def _visited(self, state: str) -> None:
        self._looked(state=state)
        self.tabs.active = 1

    def _looked(self, *, state: str | None = None, place: int | None = None) -> None:
        if state is not None and state != self.states.value:
            self.states.value = state
            return
        self.session.look(state=state, place=place)
        self.desk.show()

    def _moved_to(self, room: Room | None, seat: str) -> None:
        """Name the room and the seat in the address; a room of another scenario is on another page."""
        query = {} if room is None or not room.code else {"room": room.code, **({"seat": seat} if seat else {})}
        if room is not None and room.story.name != self.session.story.name:
            self.desk.go(urlencode({"scenario": room.story.name, **query}))
            return
        self.desk.also = query
        self.desk.show()

    def _is_open(self) -> bool:
        """Return whether a browser shows the page; without a server, always."""
        context = self._doc.session_context
        session = getattr(context, "session", None)
        return session is None or session.connection_count > 0

    # to the visitor

    def _arrived(self, shown: Shown) -> None:
        with self._lock:
            self._latest = shown
        self._doc.add_next_tick_callback(self._show_latest)

    def _broke(self, error: Exception) -> None:
        self._doc.add_next_tick_callback(lambda: self._tell_of(error))

    def _tell_of(self, error: Exception) -> None:
        said = str(error) if isinstance(error, CstoSimError) else f"{type(error).__name__}: {error}"
        message = f"This could not be computed: {escape(said)}. Undo the last change, or reload the page."
        self._post(0, {"message": message})

    def _echoed(self, attribute: str, old: str, new: str) -> None:
        del attribute, old
        self._drawn = int(new)
        self._show_latest()

    def _show_latest(self) -> None:
        waiting = self._sent > self._drawn and time.monotonic() - self._sent_at < PATIENCE
        with self._lock:
            shown = self._latest
            if shown is None or waiting:
                return
            self._latest = None
        self._show(shown)

    def _show(self, shown: Shown) -> None:
        self._last = shown
        self.event_panel.arrived(shown)
        self.region.show(shown)
        self._show_tab()
        self.data.show(shown)
        self.clock.show(shown.place)
        runs = shown.view.runs
        texts = {"headline": headline(shown), "chances": table(shown), "status": f"{runs:,} runs"}
        if shown.page.choices != self._opened:
            self._message = ""  # it was about how the page was opened
        self._post(runs, {**texts, "message": self._message})

    def _show_tab(self) -> None:
        """Update the figures of the open tab; the others are updated when opened."""
        tabs: dict[int, tuple[Any, ...]] = {
            0: (self.fans,),
            1: (self.postures, self.publics, self.how_well, self.one_run),
            2: (self.between,),
        }
        if self._last is not None:
            for part in tabs.get(self.tabs.active, ()):
                part.show(self._last)

    def _post(self, runs: int, texts: Mapping[str, str]) -> None:
        """Send texts to their places on the page; the browser confirms when all earlier updates are drawn."""
        self._sent += 1
        self._sent_at = time.monotonic()
        self.mail.tags = [self._sent, runs, dict(texts)]


def _side_by_side(parts: list[Any], width: int) -> Any:
    """Return a grid of parts at least ``width`` pixels wide, in one column on a narrow page."""
    columns = f"repeat(auto-fit, minmax(min({width}px, 100%), 1fr))"
    return pn.Column(
        *(pn.pane.Bokeh(part, sizing_mode=WIDE) if isinstance(part, Plot) else part for part in parts),
        sizing_mode=WIDE, stylesheets=[f":host {{ display: grid !important; grid-template-columns: {columns}; }}"],
    )  # fmt: skip


def new_page(library: Library, query: str, start: PageState | None) -> tuple[PageState, str]:
    """Return the page that a link describes, and a message if it cannot be shown.

    A link that is refused leads to the unchanged scenario that it names, if there is one.

    Parameters
    ----------
    library : Library
    query : str
        Of the link, without what is not about the page.
    start : PageState or None
        Page to show where the link asks for none.
    """
    try:
        if query.count("=") == 1 and query.startswith("scenario="):
            return library.new_page(query.partition("=")[2]), ""
        if query:
            return library.check(PageState.from_query(query), "link"), ""
    except CstoSimError as error:
        named = dict(parse_qsl(query)).get("scenario")
        with suppress(CstoSimError):
            return library.new_page(named), str(error)
        return library.new_page(), str(error)
    return start or library.new_page(), ""


def page_query(query: str) -> str:
    """Return the query of a link without what is not about the page: its colours, a room and a seat in it."""
    return urlencode([(key, value) for key, value in parse_qsl(query) if key not in BESIDE])
