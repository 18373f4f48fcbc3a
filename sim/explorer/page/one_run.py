"""One run of the selected member: its portfolio, the requests it received, its choices and their reasons."""

from html import escape
from typing import Any

import panel as pn
from bokeh.models import ColumnDataSource, Legend, LegendItem

from sim.engine.decisions import Decision
from sim.engine.trajectory import CallRecord
from sim.explorer.inside import Inside, chance_of, look_inside, typical, weightiest
from sim.explorer.page.clock import Clock
from sim.explorer.page.design import wrapping_row
from sim.explorer.page.drawing import hover, over_time
from sim.explorer.page.on_record import RecordStrip
from sim.explorer.page.palette import Palette
from sim.explorer.session import Session
from sim.explorer.shown import Shown
from sim.explorer.worker import Worker
from sim.output.formatting import day_in_words, month, share, signed_number
from sim.plots.style import MEMBER_COLOURS
from sim.words import CHANNELS, RESPONSES

WIDE = "stretch_width"


class OneRun:
    """Figure and list of one run, made on demand.

    Parameters
    ----------
    session : Session
    palette : Palette
    clock : Clock
    stylesheets : list of str
    schedule : callable
        Runs a function where the page may be changed.
    failed : callable
        Called with any exception.
    """

    def __init__(
        self, session: Session, palette: Palette, clock: Clock, stylesheets: list[str], schedule: Any, failed: Any
    ) -> None:
        self._session, self._clock, self._schedule = session, clock, schedule
        self._shown: Shown | None = None
        self.found: Inside | None = None
        self.button = pn.widgets.Button(label="Look inside a typical run", width=220, css_classes=["look-inside"])
        self.number = pn.widgets.IntInput(label="or run number", value=None, start=0, width=120)
        self.text = pn.pane.HTML("", stylesheets=stylesheets, sizing_mode=WIDE, css_classes=["inside"])
        zeros = clock.times * 0.0
        self.source = ColumnDataSource({"time": clock.times, **dict.fromkeys(CHANNELS, zeros)})
        self.figure = self._draw(palette)
        self.figure.visible = False
        self._strip = RecordStrip(session.story, palette, clock, self.figure)
        self._worker: Worker[tuple[Shown, int]] = Worker(self._answer, failed)
        self.button.on_click(lambda _: self._ask(None))
        self.number.param.watch(lambda event: self._ask(event.new), "value")

    def panel(self) -> Any:
        """Return the button with the figure and text that it fills."""
        return pn.Column(
            wrapping_row(self.button, self.number), pn.pane.Bokeh(self.figure, sizing_mode=WIDE),
            self.text, sizing_mode=WIDE,
        )  # fmt: skip

    def show(self, shown: Shown) -> None:
        """Update the choices to inspect; an outdated run is removed from the page."""
        before, self._shown = self._shown, shown
        same = before is not None and (before.state, before.page.choices) == (shown.state, shown.page.choices)
        if not same and self.text.object:
            self.text.object = ""
            self.figure.visible = False
            self.found = None

    def close(self) -> None:
        """Stop the worker thread."""
        self._worker.close()

    def _ask(self, number: int | None) -> None:
        if self._shown is not None:
            replicate = typical(self._shown.view, self._shown.client) if number is None else number
            self.text.object = "<p>Running it again, with every decision kept\N{HORIZONTAL ELLIPSIS}</p>"
            self._worker.ask((self._shown, replicate))

    def _answer(self, asked: tuple[Shown, int], wanted: Any) -> None:
        shown, replicate = asked
        inside = look_inside(shown.story, shown.page.choices, shown.state, replicate)
        if wanted():
            self._schedule(lambda: self._put(shown, inside))

    def _put(self, shown: Shown, inside: Inside) -> None:
        self.found = inside
        blank = self._clock.times * float("nan")
        self.source.data = {
            "time": self._clock.times, **{name: inside.shares.get(name, blank) for name in CHANNELS},
        }  # fmt: skip
        name, guarantor = shown.story.state_name(shown.state), shown.story.in_text(shown.story.cast.guarantor)
        self.figure.title.text = f"{name}: share held by {guarantor} in each channel, run {inside.replicate}"
        self._strip.show(shown.state)
        self.figure.visible = True
        self.text.object = report(shown, inside)

    def _draw(self, palette: Palette) -> Any:
        drawn = over_time(palette, self._clock, title=" ", height=210, name="portfolio")
        items = []
        for name, colour in zip(CHANNELS, MEMBER_COLOURS, strict=False):
            line = drawn.line("time", name, source=self.source, line_color=colour, line_width=2)
            items.append(LegendItem(label=name, renderers=[line]))
            tool = hover(palette, f"<b>@time{{%b %Y}}</b> {name} @{name}{{0.00}}", [line])
            tool.formatters = {"@time": "datetime"}
            drawn.add_tools(tool)
        drawn.add_layout(
            Legend(
                items=items, orientation="horizontal", padding=0, margin=4, border_line_color=None,
                background_fill_color=palette.card, label_text_color=palette.ink, label_text_font_size="10px",
            ),
            "below",
        )  # fmt: skip
        self._clock.attach(drawn)
        return drawn


def report(shown: Shown, inside: Inside) -> str:
    """Return an account of a run as HTML: calls, then decisions with their terms."""
    name = escape(shown.story.in_text(inside.state))
    calls = "".join(f"<li>{_call(shown, call)}</li>" for call in inside.calls)
    choices = "".join(f"<li>{_decision(decision)}</li>" for decision in inside.decisions)
    return (
        f"<h2>Run {inside.replicate}: what hit {name}</h2><ul class='calls'>{calls or '<li>nothing</li>'}</ul>"
        f"<h2>What {name} chose, and why</h2><ul class='decisions'>{choices or '<li>it never moved</li>'}</ul>"
        "<p>Terms are those of the utility: logits of the pressure to move up for steps on the ladder and for "
        "appeals, units of the stake for help. The chance is that of the choice before the draw.</p>"
    )


def _call(shown: Shown, call: CallRecord) -> str:
    story = shown.story
    event = story.scenario.events.get(call.event)
    what = event.note if event is not None and event.note else call.kind
    asked = "it appealed" if call.made else "it stayed silent"
    helped = [answer for answer in call.responses if answer.ally == story.cast.guarantor]
    answered = "".join(
        f", {escape(story.state_name(answer.ally))}: <b>{RESPONSES[answer.level]}</b>"
        + (" (held back by an objection)" if answer.vetoed else "")
        for answer in helped
        if answer.spoken
    )
    return f"{day_in_words(call.date)}: {escape(what)}; {asked}{answered}"


def _decision(decision: Decision) -> str:
    chance = chance_of(decision)
    odds = "" if chance is None else f", chance {share(chance)}"
    terms = ", ".join(f"{name} {signed_number(value)}" for name, value in weightiest(decision))
    why = f" <small>({terms})</small>" if terms else ""
    fixed = " (on record)" if decision.draw is None and decision.kind == "response" else ""
    stopped = " (stopped by the guarantor's force)" if decision.stopped else ""
    return f"{month(decision.date)}: {decision.kind} <b>{escape(decision.choice)}</b>{fixed}{stopped}{odds}{why}"
