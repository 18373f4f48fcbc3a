"""Small panel at a mark of the time line: what happened, its setting, and how far the change moves the result."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import panel as pn

from sim.explorer.page.controls import Controls, note_on, options_of
from sim.explorer.page.timeline import Timeline, key_html
from sim.explorer.page.wording import switch_label
from sim.explorer.shown import Shown
from sim.explorer.switches import Switch
from sim.output.formatting import in_hundred, sentence

WIDTH: Final = 300
"""Width of the panel in pixels."""

_CSS: Final = f"""
:host {{
  position: absolute !important; z-index: 2000; width: {WIDTH}px; max-width: 100%; padding: 8px 10px;
  height: max-content !important; max-height: none !important;
  background: var(--card); border: 2px solid var(--accent); border-radius: 8px; box-shadow: 0 4px 14px rgb(0 0 0 / 30%);
}}
"""


class EventPanel:
    """Panel for one event of the time line, or for one of several whose marks are close together.

    Parameters
    ----------
    controls : Controls
        What changes an event.
    timeline : Timeline
    stylesheets : list of str
    """

    def __init__(self, controls: Controls, timeline: Timeline, stylesheets: list[str]) -> None:
        self._controls, self._timeline = controls, timeline
        self._showing = False
        self._names: list[str] = []
        self._before: tuple[str, float] | None = None
        self._last: Shown | None = None
        self.which = pn.widgets.RadioBoxGroup(label="Events here", css_classes=["events-here"], visible=False)
        self.about = pn.pane.HTML("", stylesheets=stylesheets, sizing_mode="stretch_width")
        self.setting = pn.widgets.RadioButtonGroup(
            label="Set it to", sizing_mode="stretch_width", css_classes=["setting-here"]
        )
        self.moved = pn.pane.HTML("", stylesheets=stylesheets, sizing_mode="stretch_width", css_classes=["moved"])
        self.earlier = pn.widgets.Button(label="Earlier", width=70, css_classes=["earlier"])
        self.later = pn.widgets.Button(label="Later", width=70, css_classes=["later"])
        self.close_it = pn.widgets.Button(label="Close", width=70, css_classes=["close-event"])
        self.box = pn.Column(
            self.which, self.about, self.setting, self.moved, pn.Row(self.earlier, self.later, self.close_it),
            stylesheets=[_CSS], visible=False, css_classes=["event-panel"],
        )  # fmt: skip
        self.begin = pn.widgets.Button(label="Step through the events", width=190, css_classes=["step-through"])
        self.which.param.watch(lambda _: self._choose_one(), "value")
        self.setting.param.watch(self._set, "value")
        self.earlier.on_click(lambda _: self._step(-1))
        self.later.on_click(lambda _: self._step(1))
        self.close_it.on_click(lambda _: self.close())
        self.key = pn.pane.HTML(key_html(timeline.palette), stylesheets=stylesheets, sizing_mode="stretch_width")
        self.begin.on_click(lambda _: self.open(list(self._switches)[:1]))

    def panel(self) -> Any:
        """Return the time line with the panel over it."""
        figure = pn.pane.Bokeh(self._timeline.figure, sizing_mode="stretch_width")
        over = pn.Column(
            figure,
            self.box,
            sizing_mode="stretch_width",
            stylesheets=[":host { position: relative; overflow: visible; }"],
        )
        return pn.Column(self.begin, over, self.key, sizing_mode="stretch_width")

    def open(self, names: Sequence[str]) -> None:
        """Open the panel at the mark of an event, with a list if there are several; without any, close it."""
        if not names:
            self.close()
            return
        switches = self._switches
        self._names = list(names)
        self._showing = True
        try:
            self.which.options = {switch_label(self._controls.session.story, switches[name]): name for name in names}
            self.which.value = names[0]
            self.which.visible = len(names) > 1
        finally:
            self._showing = False
        self._choose_one()
        self.box.visible = True

    def close(self) -> None:
        """Close the panel."""
        self.box.visible = False

    def show(self) -> None:
        """Show the present setting, after a change from elsewhere too; an event that is gone closes the panel."""
        switch = self._switch
        if switch is None or not self.box.visible:
            self.close()
            return
        self._showing = True
        try:
            self.setting.options = options_of(switch)
            self.setting.value = self._controls.setting_of(switch)
        finally:
            self._showing = False

    def arrived(self, shown: Shown) -> None:
        """Say how far the last change moved the result, in runs out of 100."""
        self._last = shown
        if self._before is None or not self.box.visible:
            return
        event, before = self._before
        after, _, _ = shown.view.chance(shown.place, shown.client)
        if self._switch is None or event != self._switch.name:
            return
        name = escape(sentence(shown.story.in_text(shown.state)))
        now, then = (escape(in_hundred(chance)) for chance in (after, before))
        message = f"{name} has frozen its membership or left by {shown.month} in <b>{now}</b> of 100 runs"
        self.moved.object = f"<p>{message}{', as before' if now == then else f' instead of <b>{then}</b>'}.</p>"

    @property
    def _switches(self) -> dict[str, Switch]:
        session = self._controls.session
        return dict(session.story.switches(session.page.choices.branch))

    @property
    def _switch(self) -> Switch | None:
        return self._switches.get(self.which.value) if self.which.value else None

    def _choose_one(self) -> None:
        switch = self._switch
        if self._showing or switch is None:
            return
        self.about.object = note_on(self._controls.session.story, switch)
        self.moved.object, self._before = "", None
        x, y = self._timeline.place_of(switch.name)
        left = max(0.0, min(x - WIDTH / 2, self._timeline.width - WIDTH))
        self.box.styles = {"left": f"{left:.0f}px", "top": f"{y + 12:.0f}px"}
        self.box.visible = True
        self._controls.point_at(switch.name)
        self.show()

    def _set(self, event: Any) -> None:
        switch = self._switch
        if self._showing or switch is None or event.new is None:
            return
        if self._last is not None:
            self._before = switch.name, self._last.view.chance(self._last.place, self._last.client)[0]
            self.moved.object = "<p>Counting\N{HORIZONTAL ELLIPSIS}</p>"
        self._controls.choose_event(switch, event.new)

    def _step(self, by: int) -> None:
        names = list(self._switches)
        if self.which.value in names:
            self.open([names[(names.index(self.which.value) + by) % len(names)]])
