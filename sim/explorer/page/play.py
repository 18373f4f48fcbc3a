"""Play: a visitor alone or several in a room decide for governments; at the end their paths and scores."""

from collections.abc import Callable
from html import escape
from io import StringIO
from random import randrange
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, Legend, LegendItem

from sim.errors import InputError
from sim.experiments.turns import seats
from sim.explorer.choices import MOST_REPLICATES
from sim.explorer.page.clock import Clock
from sim.explorer.page.design import wrapping_row
from sim.explorer.page.drawing import over_time
from sim.explorer.page.palette import Palette
from sim.explorer.page.play_view import HOW, clock_html, consequence_html, debrief_html, room_html, turn_html
from sim.explorer.room import CLOCKS, OVER, PLAYING, WAITING, Room, Rooms, RoomView, Sitter
from sim.explorer.session import Session
from sim.words import POSTURES

if TYPE_CHECKING:
    from sim.experiments.debrief import Debrief

WIDE = "stretch_width"


class PlayRoom:
    """Tab in which runs are played.

    Parameters
    ----------
    rooms : Rooms
        The open rooms of the server.
    session : Session
        Its choices say what is played.
    palette : Palette
    clock : Clock
    stylesheets : list of str
    schedule : callable
        Runs a function where the page may be changed.
    present : callable
        Tells whether the visitor's page is still open.
    moved : callable
        Called with the room of the visitor (None outside) and the seat, which the address of the page names.
    """

    def __init__(
        self,
        rooms: Rooms,
        session: Session,
        palette: Palette,
        clock: Clock,
        stylesheets: list[str],
        schedule: Callable[[Callable[[], None]], Any],
        present: Callable[[], bool],
        moved: Callable[[Room | None, str], None],
    ) -> None:
        self._rooms, self._session, self._clock, self._schedule, self._moved = rooms, session, clock, schedule, moved
        story = session.story
        places = seats(story.program(story.first_choices()).setup)
        self.seat = pn.widgets.Select(
            label="Take the seat of", options={story.state_name(code): code for code in places}, width=190,
            value=story.protagonist, css_classes=["seat"],
        )  # fmt: skip
        self.start = _button("Start a new run", "start", self._begin_alone)
        self.seconds = pn.widgets.Select(
            label="Seconds for an answer", options=list(CLOCKS), value=CLOCKS[1], width=190, css_classes=["seconds"]
        )
        self.run = pn.widgets.IntInput(
            label="Number of the run (empty: any)", value=None, start=0, end=MOST_REPLICATES - 1, width=190,
            css_classes=["run-number"],
        )  # fmt: skip
        self.open = _button("Open a room", "open-room", self._open_room)
        self.code = pn.widgets.TextInput(label="Code of a room", width=190, css_classes=["room-code"])
        self.enter = _button("Enter the room", "enter-room", lambda: self.go_to(self.code.value_input or ""))
        others = pn.pane.HTML("<h2>Play with others</h2>", stylesheets=stylesheets, sizing_mode=WIDE)
        self._setup = pn.Column(
            wrapping_row(self.seat, self.start), others, wrapping_row(self.seconds, self.run, self.open),
            wrapping_row(self.code, self.enter), sizing_mode=WIDE,
        )  # fmt: skip
        self.text = pn.pane.HTML(HOW, stylesheets=stylesheets, sizing_mode=WIDE, css_classes=["turn"])
        self.options = pn.Column(sizing_mode=WIDE)
        self.begin = _button("Begin the run", "begin", lambda: self._in_room(Room.begin))
        self.rest = _button("Let the rest run by itself", "rest", lambda: self._with_me(Room.hand_over))
        self.again = _button("Again with other luck", "again", lambda: self._in_room(Room.begin))
        self.file = pn.widgets.FileDownload(
            callback=self._played_file, filename="played.json", label="Save the run", color="default", width=150,
            css_classes=["save-run"],
        )  # fmt: skip
        self.leave = _button("Leave the room", "leave-room", self._leave)
        self.recorded = pn.widgets.Select(
            label="Seat with recorded answers", options=[], width=190, css_classes=["recorded-seat"]
        )
        self.tape = pn.widgets.FileInput(
            label="Their tape (of a TextSeat)", accept=".jsonl", width=260, css_classes=["tape"]
        )
        self.tape.param.watch(self._taped, "value")
        self._tapes = wrapping_row(self.recorded, self.tape)
        self._tapes.visible = False
        self.figure, self._path = self._draw(palette)
        self._sitter = Sitter(self._changed, present)
        self._room: Room | None = None
        self.debrief: Debrief | None = None
        self._drawn: tuple[Any, ...] = ()
        self._show_buttons(())
        self.figure.visible = False

    def panel(self) -> Any:
        """Return the tab."""
        return pn.Column(
            self._setup, self.text, self.options, self._tapes,
            wrapping_row(self.begin, self.rest, self.again, self.file, self.leave),
            pn.pane.Bokeh(self.figure, sizing_mode=WIDE), sizing_mode=WIDE,
        )  # fmt: skip

    def close(self) -> None:
        """Leave the room, if any, at the end of the visit."""
        if self._room is not None:
            self._room.leave(self._sitter)

    def go_to(self, code: str, seat: str = "") -> None:
        """Enter the room of a code, and take a seat in it if one is named and free."""
        try:
            room = self._rooms.find(code)
        except InputError as error:
            self._say(error)
            return
        if room.story.name != self._session.story.name:
            self._moved(room, seat)
            return
        self._sit_in(room, seat)

    def _begin_alone(self) -> None:
        choices = self._session.page.choices
        self._sit_in(Room(self._session.story, choices, randrange(choices.replicates)), self.seat.value)
        self._in_room(Room.begin)

    def _open_room(self) -> None:
        choices = self._session.page.choices
        try:
            number = randrange(choices.replicates) if self.run.value is None else self.run.value
            room = self._rooms.open(self._session.story, choices, number, int(self.seconds.value))
        except InputError as error:
            self._say(error)
            return
        self._sit_in(room, self.seat.value)

    def _sit_in(self, room: Room, seat: str) -> None:
        if self._room is not None and self._room is not room:
            self._room.leave(self._sitter)
        if self._room is not room:
            self._room = room
            room.enter(self._sitter)
        if seat:
            self._take(seat)
        else:
            self._moved(room, "")

    def _take(self, seat: str) -> None:
        if self._room is None:
            return
        try:
            self._room.take(self._sitter, seat)
        except InputError as error:
            self._say(error)
            seat = ""
        self._moved(self._room, seat)

    def _taped(self, event: Any) -> None:
        if self._room is None or not event.new:
            return
        try:
            self._room.seat_tape(self.recorded.value or "", event.new)
        except InputError as error:
            self._say(InputError(f"{self.tape.filename or 'file'}: {error}"))

    def _leave(self) -> None:
        self.close()
        self._room, self.debrief, self._drawn = None, None, ()
        self._moved(None, "")
        self.text.object, self.options[:] = HOW, []
        self._tapes.visible = False
        self.figure.visible = False
        self._setup.visible = True
        self._show_buttons(())

    def _in_room(self, act: Callable[[Room], None]) -> None:
        if self._room is not None:
            act(self._room)

    def _with_me(self, act: Callable[[Room, Sitter], None]) -> None:
        self._in_room(lambda room: act(room, self._sitter))

    def _say(self, error: Exception) -> None:
        self.text.object = f'<p class="failed">{escape(str(error))}</p>'

    def _played_file(self) -> StringIO:
        return StringIO("" if self.debrief is None else self.debrief.played.to_json())

    # what is shown

    def _changed(self) -> None:
        self._schedule(self._show)

    def _show(self) -> None:
        if self._room is None:
            return
        view = self._room.view(self._sitter)
        options = self._options_of(view)
        if (view.phase, view.mine, view.turn, tuple(options)) != self._drawn:
            self._drawn = (view.phase, view.mine, view.turn, tuple(options))
            self.options[:] = [_button(words, css, act, wide=True) for words, css, act in options.values()]
            self._show_buttons(self._buttons_of(view))
            self._setup.visible = not view.code and view.phase == OVER
        self._offer_seats(view)
        if view.phase == OVER:
            self._show_end(view)
            return
        self.figure.visible = False
        self.text.object = self._text_of(view)

    def _text_of(self, view: RoomView) -> str:
        room, story = self._room, self._session.story
        did = "".join(map(consequence_html, view.consequences))
        turn = ""
        if view.turn is not None:
            turn = turn_html(story, view.turn)
            if room is not None and room.seconds is not None:
                turn = clock_html(room.seconds, view.elapsed) + turn
        return did + turn + room_html(story, view, clock=None if room is None else room.seconds)

    def _options_of(self, view: RoomView) -> dict[str, tuple[str, str, Callable[[], None]]]:
        """Return the buttons of the moment by key: their words, their class, and what they do."""
        options: dict[str, tuple[str, str, Callable[[], None]]] = {}
        if view.turn is not None:
            for name in view.turn.options:
                words = f"{name}: {view.turn.words[name]}"
                options[name] = words, "option", lambda name=name: self._answer(name)  # type: ignore[misc]
            options[""] = "let the built-in rule decide", "option", lambda: self._answer(None)
        elif view.code and not view.mine:
            for code, taken in view.seats:
                if not taken and (view.phase != PLAYING or code in view.playing):
                    when = " for the next run" if view.phase == OVER else ""
                    words = f"Take the seat of {self._session.story.in_text(code)}{when}"
                    options[code] = words, "take-seat", lambda code=code: self._take(code)  # type: ignore[misc]
        return options

    def _offer_seats(self, view: RoomView) -> None:
        """Offer the free seats of a room, before its run, for recorded answers."""
        free = {self._session.story.state_name(code): code for code, taken in view.seats if not taken}
        self._tapes.visible = bool(view.code and view.mine and free) and view.phase == WAITING
        if self.recorded.options != free:
            self.recorded.options = free

    def _answer(self, option: str | None) -> None:
        self._with_me(lambda room, me: room.answer(me, option))

    def _buttons_of(self, view: RoomView) -> tuple[Any, ...]:
        shown = [self.leave] if view.code else []
        if view.phase == PLAYING:
            return (*shown, self.rest) if view.mine else tuple(shown)
        if view.phase == OVER:
            return (*shown, self.file, self.again) if view.mine else (*shown, self.file)
        return (*shown, self.begin) if view.mine else tuple(shown)

    def _show_buttons(self, shown: tuple[Any, ...]) -> None:
        for button in (self.begin, self.rest, self.again, self.file, self.leave):
            button.visible = button in shown

    def _show_end(self, view: RoomView) -> None:
        debrief = self.debrief = view.debrief
        if debrief is None:
            self.text.object = f'<p class="failed">{escape(view.error)}</p>'
            return
        mine = [view.mine] if view.mine in debrief.seats else list(debrief.seats)
        did = "".join(map(consequence_html, view.consequences))
        self.text.object = debrief_html(self._session.story, debrief, mine) + did
        self._show_path(debrief, mine[0])

    def _show_path(self, debrief: "Debrief", state: str) -> None:
        seat = debrief.played.seats[state]
        name = next(iter(seat.paths))
        bands = seat.ensemble[name]
        record = [POSTURES.index(posture) if posture else np.nan for posture in seat.record]
        self._path.data = {
            "time": self._clock.times, "mine": seat.paths[name], "record": record,
            "low": bands[0], "median": bands[1], "high": bands[2],
        }  # fmt: skip
        self._record.visible = any(seat.record)
        postures = name == "posture"
        self.figure.y_range.start, self.figure.y_range.end = (-0.2, 5.2) if postures else (0.0, 1.0)
        self.figure.yaxis.ticker = list(range(6)) if postures else [0, 0.25, 0.5, 0.75, 1]
        self.figure.yaxis.major_label_overrides = dict(enumerate(POSTURES)) if postures else {}
        self.figure.title.text = f"{self._session.story.state_name(state)}: {name}"
        self.figure.visible = True

    def _draw(self, palette: Palette) -> tuple[Any, ColumnDataSource]:
        zeros = self._clock.times * 0.0
        names = ("mine", "low", "median", "high", "record")
        source = ColumnDataSource({"time": self._clock.times, **dict.fromkeys(names, zeros)})
        drawn = over_time(palette, self._clock, title=" ", height=260, name="played")
        band = drawn.varea("time", "low", "high", source=source, fill_color=palette.second, fill_alpha=0.2)
        median = drawn.line("time", "median", source=source, line_color=palette.second, line_dash=[5, 3], line_width=2)
        record = drawn.step("time", "record", source=source, line_color=palette.muted, line_width=2, mode="before")
        mine = drawn.step("time", "mine", source=source, line_color=palette.accent, line_width=3, mode="before")
        items = [("this run", mine), ("ensemble's median", median), ("90 % of the runs", band), ("record", record)]
        legend = [LegendItem(label=label, renderers=[part]) for label, part in items]
        self._record = legend[-1]
        drawn.add_layout(
            Legend(
                items=legend, orientation="horizontal",
                padding=0, margin=4, border_line_color=None, background_fill_color=palette.card,
                label_text_color=palette.ink, label_text_font_size="10px",
            ),
            "below",
        )  # fmt: skip
        self._clock.attach(drawn)
        return drawn, source


def _button(words: str, css: str, act: Callable[[], None], *, wide: bool = False) -> Any:
    """Return a button with a class; a wide one fills the line."""
    size = {"sizing_mode": WIDE} if wide else {"width": 200}
    button = pn.widgets.Button(label=words, css_classes=[css], **size)
    button.on_click(lambda _: act())
    return button
