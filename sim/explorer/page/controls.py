"""Controls on the left: branch, the guarantor's responses, other events, parameters and runs."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any

import panel as pn

from sim.explorer.choices import MOST_REPLICATES
from sim.explorer.page.sliders import Sliders
from sim.explorer.page.wording import (
    answer_label,
    beyond,
    explanation_note,
    explanation_options,
    setting_words,
    switch_label,
    switch_title,
)
from sim.explorer.session import Session
from sim.explorer.story import Story
from sim.explorer.switches import DECIDE, OFF, Switch
from sim.output.formatting import day_in_words
from sim.report.markdown import escaped as as_markdown

RUNS = (200, 500, 1000, 2000, MOST_REPLICATES)
WIDE = "stretch_width"


class Controls:
    """Widgets that change the choices of a session; `show` sets them to the present choices.

    Parameters
    ----------
    session : Session
    stylesheets : list of str
        For the texts among the widgets.
    changed : callable
        Called after every change of the choices.
    """

    def __init__(self, session: Session, stylesheets: list[str], changed: Callable[[], None]) -> None:
        self.session, self._changed = session, changed
        self._showing = False
        self._css = stylesheets
        story = session.story
        titles = {story.branch_title(branch): branch for branch in story.branches}
        self.branch = pn.widgets.RadioBoxGroup(options=titles, label="What if", css_classes=["what-if"])
        self.note = self._text()
        self.answers = pn.Column(sizing_mode=WIDE)
        self.hint = self._text()
        self.event = pn.widgets.Select(label="Any other event", sizing_mode=WIDE, css_classes=["event"])
        self.event_note = self._text()
        self.setting = pn.widgets.RadioButtonGroup(
            label="Set to", sizing_mode=WIDE, orientation="vertical", css_classes=["setting"]
        )
        self.explanation = pn.widgets.Select(
            label="Why does an ally not come?", options=explanation_options(), sizing_mode=WIDE,
            css_classes=["explanation"],
        )  # fmt: skip
        self.explanation_note = self._text()
        self.sliders = Sliders(session, self._choose_parameter)
        self.runs = pn.widgets.Select(
            label="Runs", options={f"{runs:,}": runs for runs in RUNS}, sizing_mode=WIDE, css_classes=["runs"]
        )
        self.seed = pn.widgets.IntInput(label="Seed", start=0, end=2**31, sizing_mode=WIDE)
        self._answers: dict[str, Any] = {}
        self._answers_of = ""
        self.branch.param.watch(self._choose_branch, "value")
        self.event.param.watch(lambda _: self._show_event(), "value")
        self.setting.param.watch(self._choose_setting, "value")
        self.explanation.param.watch(lambda event: self._choose("explanation", explanation=event.new), "value")
        self.runs.param.watch(lambda event: self._choose("replicates", replicates=event.new), "value")
        self.seed.param.watch(lambda event: self._choose("seed", seed=event.new), "value")

    def what_if(self) -> Any:
        """Return the control for the branch, which comes first."""
        return pn.Column(self._head("What if \N{HORIZONTAL ELLIPSIS}"), self.branch, self.note, sizing_mode=WIDE)

    def panel(self) -> Any:
        """Return all other controls."""
        story = self.session.story
        guarantor, protagonist = (story.in_text(code) for code in (story.cast.guarantor, story.protagonist))
        return pn.Column(
            self._head(f"What does {guarantor} do for {protagonist}?"),
            self.answers,
            self.hint,
            self._head("Other events"),
            self.event,
            self.event_note,
            self.setting,
            self._head("What is the world like?"),
            self.explanation,
            self.explanation_note,
            self.sliders.panel(),
            self._head("Runs"),
            pn.Row(self.runs, self.seed, sizing_mode=WIDE),
            sizing_mode=WIDE,
        )

    def show(self) -> None:
        """Set every widget to the present choices."""
        self._showing = True
        try:
            choices = self.session.page.choices
            self.branch.value = choices.branch
            held = self.session.story.scenario.branches.get(choices.branch)
            self.note.object = f"<p>{escape(held.note if held is not None else '')}</p>"
            self._show_answers()
            self.hint.object = f"<p>{escape(beyond(self.session.story, choices.branch, dict(choices.events)))}</p>"
            switches = self.session.story.switches(choices.branch)
            self.event.options = {switch_label(self.session.story, switch): name for name, switch in switches.items()}
            if self.event.value not in switches:
                self.event.value = next(iter(switches), None)
            self.explanation.value = choices.explanation
            self.explanation_note.object = f"<p>{escape(explanation_note(choices.explanation))}</p>"
            self.sliders.show()
            self.runs.options = {f"{runs:,}": runs for runs in sorted({*RUNS, choices.replicates})}
            self.runs.value, self.seed.value = choices.replicates, choices.seed
        finally:
            self._showing = False
        self._show_event()

    def point_at(self, event: str) -> None:
        """Select an event in the list."""
        self.event.value = event

    def _text(self) -> Any:
        return pn.pane.HTML("", stylesheets=self._css, sizing_mode=WIDE)

    def _head(self, text: str) -> Any:
        return pn.pane.HTML(f"<h2>{escape(text)}</h2>", stylesheets=self._css, sizing_mode=WIDE)

    def _main_answers(self) -> list[tuple[Switch, Switch]]:
        """Return the guarantor's response to each attack or crisis that hit the protagonist, paired with that event."""
        story = self.session.story
        switches = story.switches(self.session.page.choices.branch)
        hit = [
            name for name, event in story.scenario.events.items()
            if getattr(event, "victim", "") == story.protagonist
        ]  # fmt: skip
        return [
            (switch, switches[switch.about])
            for switch in switches.values()
            if switch.kind == "response" and switch.who == story.cast.guarantor and switch.about in hit
        ]

    def _show_answers(self) -> None:
        story, choices = self.session.story, self.session.page.choices
        pairs = self._main_answers()
        if self._answers_of != choices.branch:
            self._answers_of = choices.branch
            self._answers = {}
            for switch, shock in pairs:
                widget = pn.widgets.Select(
                    label=answer_label(story, shock), sizing_mode=WIDE, css_classes=[f"answer-{switch.name}"],
                    description=as_markdown(shock.note) or None,
                )  # fmt: skip
                widget.param.watch(lambda event, switch=switch: self.choose_event(switch, event.new), "value")
                self._answers[switch.name] = widget
            self.answers[:] = list(self._answers.values())
        for switch, _ in pairs:
            widget = self._answers[switch.name]
            with _quietly(self):
                widget.options = options_of(switch)
                widget.value = self.setting_of(switch)

    def _show_event(self) -> None:
        switch = self._pointed()
        if switch is None:
            return
        with _quietly(self):
            self.setting.options = options_of(switch)
            self.setting.value = self.setting_of(switch)
        self.event_note.object = note_on(self.session.story, switch)

    def _pointed(self) -> Switch | None:
        return self.session.story.switches(self.session.page.choices.branch).get(self.event.value)

    def _choose_branch(self, event: Any) -> None:
        if self._showing:
            return
        choices = replace(self.session.page.choices, branch=event.new, events=())
        self._done(choices, "branch")

    def _choose_setting(self, event: Any) -> None:
        switch = self._pointed()
        if switch is not None:
            self.choose_event(switch, event.new)

    def setting_of(self, switch: Switch) -> str:
        """Return the present setting of an event."""
        return str(dict(self.session.page.choices.events).get(switch.name, switch.shipped))

    def choose_event(self, switch: Switch, setting: str) -> None:
        """Set an event, or reset it where the setting is the branch's."""
        if self._showing or setting is None:
            return
        given = None if setting == switch.shipped else setting
        self._done(self.session.page.choices.with_event(switch.name, given), f"event {switch.name}")

    def _choose_parameter(self, name: str, value: float | None) -> None:
        if not self._showing:
            self.session.choose(self.session.page.choices.with_parameter(name, value), f"parameter {name}")
            self._changed()

    def _choose(self, what: str, **given: Any) -> None:
        if not self._showing and None not in given.values():
            self._done(replace(self.session.page.choices, **given), what)

    def _done(self, choices: Any, what: str) -> None:
        self.session.choose(choices, what)
        self.show()
        self._changed()


class _quietly:  # noqa: N801 - a with-block, like a function
    """Context manager that sets widgets without a reaction to the change."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._before = False

    def __enter__(self) -> None:
        self._before = self._controls._showing
        self._controls._showing = True

    def __exit__(self, *_: object) -> None:
        self._controls._showing = self._before


def note_on(story: Story, switch: Switch) -> str:
    """Return the day, the note and the source of an event as HTML."""
    source = getattr(story.scenario.events.get(switch.name), "source", "")
    said = f"{day_in_words(switch.day)}: {switch.note or switch_title(story, switch)}"
    return f"<p>{escape(said)}</p>" + (f"<p><small>Source: {escape(source)}</small></p>" if source else "")


def options_of(switch: Switch) -> dict[str, str]:
    """Return the settings of an event by their words."""

    def label(setting: str) -> str:
        words = setting_words(setting)
        return f"{words} (as given)" if setting == switch.shipped and switch.shipped not in (OFF, DECIDE) else words

    return {label(setting): setting for setting in switch.settings}
