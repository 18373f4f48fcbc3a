"""Toolbar: undo, pin, compare, save and share."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import panel as pn
from bokeh.models import TextInput

from sim.errors import CstoSimError
from sim.explorer.choices import PageState
from sim.explorer.library import Library
from sim.explorer.page.design import wrapping_row
from sim.explorer.reporting import report_page
from sim.explorer.saving import scenario_text
from sim.explorer.session import Session
from sim.explorer.worker import Worker

WIDE = "stretch_width"


class Desk:
    """Toolbar for actions on the whole page.

    Parameters
    ----------
    library : Library
    session : Session
    stylesheets : list of str
    restored : callable
        Called after the choices have changed at once, by undo or reset.
    schedule : callable
        Runs a function where the page may be changed.
    failed : callable
        Called with any exception.

    Attributes
    ----------
    also : dict of str
        What the web address names beside the page: a room and a seat in it.
    """

    def __init__(
        self,
        library: Library,
        session: Session,
        stylesheets: list[str],
        restored: Callable[[], None],
        schedule: Callable[[Callable[[], None]], Any],
        failed: Callable[[Exception], None],
    ) -> None:
        self.library, self.session, self._restored = library, session, restored
        self.scenario = pn.widgets.Select(
            label="Scenario", groups=_by_title(library), value=session.story.name, width=260, css_classes=["scenario"]
        )
        self.against = pn.widgets.Select(label="Compared with", width=210, css_classes=["against"])
        self.undo = pn.widgets.Button(label="Undo", width=60, css_classes=["undo"])
        self.reset = pn.widgets.Button(label="Reset", width=60, css_classes=["reset"])
        self.pin = pn.widgets.Button(label="Pin this", width=80, css_classes=["pin"])
        self.page_file = pn.widgets.FileDownload(
            callback=lambda: StringIO(self.session.page.to_json()), filename="explorer.json", label="Save this page",
            color="default", width=150, css_classes=["save-page"],
        )  # fmt: skip
        self.scenario_file = pn.widgets.FileDownload(
            callback=lambda: StringIO(scenario_text(self.session.story, self.session.page.choices)),
            filename="explored.toml", label="Save as scenario", color="default", width=150,
            css_classes=["save-scenario"],
        )  # fmt: skip
        self._report = ""
        self.report = pn.widgets.Button(label="Make a report", width=150, css_classes=["make-report"])
        self.report_file = pn.widgets.FileDownload(
            callback=lambda: StringIO(self._report), filename="report.html", label="Save the report", visible=False,
            color="primary", width=150, css_classes=["save-report"],
        )  # fmt: skip
        self.open = pn.widgets.FileInput(label="Open a saved page", accept=".json", width=220)
        self.said = pn.pane.HTML("", stylesheets=stylesheets, sizing_mode=WIDE)
        self.address = TextInput(name="address", value="")
        self.going = TextInput(name="going", value="")
        self.also: dict[str, str] = {}
        self._showing = False
        self.scenario.param.watch(lambda event: self.go(f"scenario={event.new}"), "value")
        self.against.param.watch(self._compare, "value")
        self.undo.on_click(lambda _: self._step(self.session.undo))
        self.reset.on_click(lambda _: self._step(self._reset))
        self.pin.on_click(lambda _: self._step(self._pin))
        self.open.param.watch(self._opened, "value")
        self._schedule = schedule
        self._worker: Worker[PageState] = Worker(self._write_report, failed)
        self._asked: PageState | None = None
        self.report.on_click(lambda _: self._ask_report())

    def panel(self) -> Any:
        """Return the row of tools."""
        share = pn.Card(
            wrapping_row(self.page_file, self.scenario_file, self.report, self.report_file, self.open), self.said,
            title="Save, open, share (the address of this page is its link)", collapsible=False, sizing_mode=WIDE,
        )  # fmt: skip
        tools = wrapping_row(self.scenario, self.against, self.undo, self.reset, self.pin)
        return pn.Column(tools, share, sizing_mode=WIDE)

    def show(self) -> None:
        """Update the tools, and write the state of the page into its web address."""
        page, story = self.session.page, self.session.story
        self._showing = True
        try:
            options = {story.branch_title(story.main_branch): "main"}
            if page.choices.branch != story.main_branch:
                options[f"{story.branch_title(page.choices.branch)}, unchanged"] = "branch"
            if page.pinned is not None:
                options["what you pinned"] = "pinned"
            self.against.options = options
            self.against.value = page.against if page.against in options.values() else "main"
        finally:
            self._showing = False
        if self._asked is not None and page != self._asked:
            self._clear_report()
        self.undo.disabled = not self.session.can_undo
        self.pin.label = "Unpin" if page.pinned is not None else "Pin this"
        self.address.tags = [self.session.steps]  # before the value, with which the browser reads them
        self.address.value = urlencode([*page.to_pairs(), *self.also.items()])

    def go(self, query: str) -> None:
        """Open another page."""
        self.going.value = query

    def close(self) -> None:
        """Stop the toolbar's worker thread."""
        self._worker.close()

    def _ask_report(self) -> None:
        self._clear_report()
        self.said.object = "<p>The report is being made; that takes some seconds\N{HORIZONTAL ELLIPSIS}</p>"
        self._asked = self.session.page
        self._worker.ask(self._asked)

    def _write_report(self, page: PageState, wanted: Callable[[], bool]) -> None:
        story, day = self.session.story, self.session.story.cast.dates[self.session.place(page)]
        against = self.session.compared(page)
        try:
            text = report_page(story, page.choices, against, page.state or story.protagonist, day)
        except Exception:
            if wanted():
                self._schedule(self._clear_report)
            raise
        if wanted():
            self._schedule(lambda: self._offer(page, text))

    def _clear_report(self) -> None:
        """Remove the message and link of an earlier report, which no longer match the page."""
        self._asked = None
        self.report_file.visible = False
        self.said.object = ""

    def _offer(self, page: PageState, text: str) -> None:
        if page != self._asked:
            return
        self._report = text
        self.said.object = "<p>The report is ready.</p>"
        self.report_file.visible = True

    def _compare(self, event: Any) -> None:
        if not self._showing and event.new:
            self.session.compare(event.new)
            self.show()

    def _step(self, step: Callable[[], None]) -> None:
        step()
        self._restored()

    def _reset(self) -> None:
        choices = self.session.page.choices.as_shipped()
        self.session.choose(replace(choices, branch=self.session.story.main_branch), "reset")

    def _pin(self) -> None:
        if self.session.page.pinned is None:
            self.session.pin()
        else:
            self.session.unpin()

    def _opened(self, event: Any) -> None:
        if not event.new:
            return
        where = self.open.filename or "file"
        try:
            page = self.library.check(PageState.from_file(event.new, where), where)
        except CstoSimError as error:
            self.said.object = f'<p class="failed">{escape(str(error))}</p>'
            return
        self.go(page.to_query())


def _by_title(library: Library) -> dict[str, dict[str, str]]:
    """Return the scenarios of a library by kind and title; equal titles have the name added."""
    groups: dict[str, dict[str, str]] = {"Scenarios": {}, "Other alliances": {}}
    for entry in library.entries:
        group = groups["Other alliances" if entry.case else "Scenarios"]
        group[f"{entry.title} ({entry.name})" if entry.title in group else entry.title] = entry.name
    return {title: group for title, group in groups.items() if group}
