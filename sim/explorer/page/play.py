"""Interactive play of one state: its turns to answer, and its path at the end."""

from collections.abc import Callable
from html import escape
from random import randrange
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, Legend, LegendItem

from sim.experiments.played import Played
from sim.experiments.seat import seats
from sim.experiments.turns import Turn, called
from sim.explorer.game import PlayedGame
from sim.explorer.page.chances import percent
from sim.explorer.page.clock import Clock
from sim.explorer.page.design import wrapping_row
from sim.explorer.page.drawing import over_time
from sim.explorer.page.palette import Palette
from sim.explorer.session import Session
from sim.output.formatting import month
from sim.words import POSTURES

WIDE = "stretch_width"


class PlayRoom:
    """Tab for the interactive play of one run.

    Parameters
    ----------
    session : Session
        Its choices say what is played.
    palette : Palette
    clock : Clock
    stylesheets : list of str
    schedule : callable
        Runs a function where the page may be changed.
    failed : callable
        Called with any exception.
    """

    def __init__(
        self,
        session: Session,
        palette: Palette,
        clock: Clock,
        stylesheets: list[str],
        schedule: Callable[[Callable[[], None]], Any],
        failed: Callable[[Exception], None],
    ) -> None:
        self._session, self._clock, self._schedule, self._failed = session, clock, schedule, failed
        story = session.story
        places = seats(story.program(story.first_choices()).setup)
        self.seat = pn.widgets.Select(
            label="Take the seat of", options={story.state_name(code): code for code in places}, width=190,
            value=story.protagonist,
        )  # fmt: skip
        self.start = pn.widgets.Button(label="Start a new run", width=150, css_classes=["start"])
        self.rest = pn.widgets.Button(
            label="Let the rest run by itself", width=200, css_classes=["rest"], visible=False
        )
        self.text = pn.pane.HTML(_HOW, stylesheets=stylesheets, sizing_mode=WIDE, css_classes=["turn"])
        self.options = wrapping_row()
        self.figure, self._path = self._draw(palette)
        self.figure.visible = False
        self._game: PlayedGame | None = None
        self.start.on_click(lambda _: self._begin())
        self.rest.on_click(lambda _: self._answer(lambda game: game.hand_over()))

    def panel(self) -> Any:
        """Return the tab."""
        return pn.Column(
            wrapping_row(self.seat, self.start, self.rest), self.text, self.options,
            pn.pane.Bokeh(self.figure, sizing_mode=WIDE), sizing_mode=WIDE,
        )  # fmt: skip

    def close(self) -> None:
        """End the current game, if any."""
        if self._game is not None:
            self._game.leave()

    def _begin(self) -> None:
        self.close()
        choices = self._session.page.choices
        self.figure.visible = False
        self.text.object = "<p>The run begins\N{HORIZONTAL ELLIPSIS}</p>"
        self.options[:] = []
        game: PlayedGame

        def mine(put: Callable[[], None]) -> None:
            self._schedule(lambda: put() if self._game is game else None)

        game = self._game = PlayedGame(
            self._session.story, choices, self.seat.value, randrange(choices.replicates),
            lambda turn: mine(lambda: self._ask(turn)), lambda played: mine(lambda: self._end(played)), self._failed,
        )  # fmt: skip
        self.rest.visible = True

    def _ask(self, turn: Turn) -> None:
        self.text.object = turn_text(self._session, turn)
        buttons = [self._button(option, option) for option in turn.options]
        self.options[:] = [*buttons, self._button("let the built-in rule decide", None)]

    def _button(self, label: str, option: str | None) -> Any:
        button = pn.widgets.Button(label=label, css_classes=["option"])
        button.on_click(lambda _: self._answer(lambda game: game.answer(option)))
        return button

    def _answer(self, how: Callable[[PlayedGame], None]) -> None:
        if self._game is not None:
            self.options[:] = []
            how(self._game)

    def _end(self, played: Played) -> None:
        self._game = None
        self.rest.visible = False
        self.options[:] = []
        self.text.object = end_text(self._session, played)
        name = next(iter(played.paths))
        bands = played.ensemble[name]
        record = [POSTURES.index(posture) if posture else np.nan for posture in played.record]
        self._path.data = {
            "time": self._clock.times, "mine": played.paths[name], "record": record,
            "low": bands[0], "median": bands[1], "high": bands[2],
        }  # fmt: skip
        postures = name == "posture"
        self.figure.y_range.start, self.figure.y_range.end = (-0.2, 5.2) if postures else (0.0, 1.0)
        self.figure.yaxis.ticker = list(range(6)) if postures else [0, 0.25, 0.5, 0.75, 1]
        self.figure.yaxis.major_label_overrides = dict(enumerate(POSTURES)) if postures else {}
        whose = self._session.story.state_name(played.state)
        self.figure.title.text = f"{whose}: your path beside the ensemble" + (" and the record" if postures else "")
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
        items = [("you", mine), ("ensemble's median", median), ("90 % of the runs", band), ("record", record)]
        drawn.add_layout(
            Legend(
                items=[LegendItem(label=label, renderers=[part]) for label, part in items], orientation="horizontal",
                padding=0, margin=4, border_line_color=None, background_fill_color=palette.card,
                label_text_color=palette.ink, label_text_font_size="10px",
            ),
            "below",
        )  # fmt: skip
        self._clock.attach(drawn)
        return drawn, source


_HOW = (
    "<p>Decide for one government when its turns come, with what it would know: its own trust and fears, its public, "
    "what everybody can see. The others are simulated, under what is set on the left. At the end your path stands "
    "beside the ensemble's and the record.</p>"
)


def turn_text(session: Session, turn: Turn) -> str:
    """Return a turn as HTML: the question, then the government's information."""
    scenario, knows = session.story.scenario, turn.knows

    def rows(values: Any, form: Callable[[Any], str]) -> str:
        return ", ".join(f"{escape(called(scenario, code))} {escape(form(value))}" for code, value in values.items())

    news = "".join(f"<li>{escape(line)}</li>" for line in turn.knows.news)
    held = ", ".join(
        f"{escape(name)} {percent(share)} from {escape(called(scenario, partner))}"
        for name, (partner, share) in knows.held.items()
    )
    facts = [
        ("Your trust in", rows(knows.trust, "{:.2f}".format)),
        ("You fear", rows(knows.threat, "{:.2f}".format)),
        ("Postures", rows(knows.postures, str)),
        (
            "Your public",
            f"{percent(knows.approval)} approve of the alliance, {percent(knows.exit_support)} would leave",
        ),
        ("You depend on", held),
        ("Protection on offer", rows(knows.offers, "{:.2f}".format)),
    ]
    told = "".join(f"<li>{name}: {value}</li>" for name, value in facts if value)
    heard = f"<p>Since your last turn:</p><ul>{news}</ul>" if news else ""
    return (
        f"<h2>{month(turn.date)}, {escape(called(scenario, turn.state))}</h2>{heard}"
        f"<p><b>{escape(turn.question)}</b></p><ul>{told}</ul>"
    )


def end_text(session: Session, played: Played) -> str:
    """Return the result of a game as HTML."""
    name = escape(session.story.state_name(played.state))
    lines = "".join(f"<li>{escape(line)}</li>" for line in str(played).splitlines()[1:])
    own = sum(answer is not None for _, answer in played.turns)
    return (
        f"<h2>{name}: the run is over</h2><p>You decided {own} of {len(played.turns)} turns of run "
        f"{played.replicate}.</p><ul>{lines}</ul>"
    )
