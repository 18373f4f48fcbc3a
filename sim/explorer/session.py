"""Session of one visitor: the current page, its history, and the results that arrive for it."""

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sim.explorer.choices import Choices, PageState
from sim.explorer.ensembles import Ensembles
from sim.explorer.shown import Shown
from sim.explorer.views import View
from sim.explorer.worker import Worker

ONE_MOVE: Final = 1.0
"""Seconds within which changes of the same thing are one step of the history."""

MOST_STEPS: Final = 200
"""Steps that can be undone."""


class Session:
    """Actions of one visitor, and the results that they see.

    Parameters
    ----------
    ensembles : Ensembles
        What runs the scenario.
    page : PageState
        The page to begin with.
    deliver : callable
        Called in a thread with everything that is to be shown.
    failed : callable
        Called in a thread with any exception.

    Attributes
    ----------
    steps : int
        Steps that were made so far, those that undo others among them; each is an entry in the browser's history.
    """

    def __init__(
        self,
        ensembles: Ensembles,
        page: PageState,
        deliver: Callable[[Shown], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.ensembles, self.story, self.page = ensembles, ensembles.story, page
        self._deliver = deliver
        self._history: list[PageState] = []
        self.steps = 0
        self._moved: tuple[str, float] = ("", 0.0)
        self._last: tuple[View, View | None] | None = None
        self._worker: Worker[PageState] = Worker(self._answer, failed)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._history)

    def refresh(self) -> None:
        """Request the results for the current page."""
        self._worker.ask(self.page)

    def choose(self, choices: Choices, what: str) -> None:
        """Change the choices; ``what`` names the changed item, so that a dragged slider counts as one step."""
        if choices == self.page.choices:
            return
        self._remember(what)
        self.page = replace(self.page, choices=choices)
        self.refresh()

    def undo(self) -> None:
        """Undo the last step; the selected member and time stay."""
        if self._history:
            self._show(self._history.pop())

    def go_back(self, page: PageState) -> None:
        """Show a page of before, as the browser's Back does: the steps since then are undone.

        A page that is not among the steps (the browser's Forward) is a new step.
        """
        for step in reversed(range(len(self._history))):
            held = self._history[step]
            if (held.choices, held.pinned) == (page.choices, page.pinned):
                del self._history[step:]
                break
        else:
            self._remember("")
        self._show(page)

    def _show(self, page: PageState) -> None:
        """Show a page of before; the selected member and time stay."""
        self.page = replace(page, state=self.page.state, day=self.page.day)
        self._moved = ("", 0.0)
        self.steps += 1
        self.refresh()

    def pin(self) -> None:
        """Pin the current choices as the reference for comparison."""
        self._remember("pin")
        self.page = replace(self.page, pinned=self.page.choices, against="pinned")
        self.refresh()

    def unpin(self) -> None:
        """Remove the pinned choices."""
        if self.page.pinned is not None:
            self._remember("pin")
            self.page = replace(self.page, pinned=None, against="main")
            self.refresh()

    def compare(self, against: str) -> None:
        """Choose the reference for comparison."""
        if against != self.page.against and (against != "pinned" or self.page.pinned is not None):
            self.page = replace(self.page, against=against)
            self.refresh()

    def look(self, *, state: str | None = None, place: int | None = None) -> None:
        """Select another member or time without new runs."""
        if state is not None:
            self.page = replace(self.page, state=state)
        if place is not None:
            self.page = replace(self.page, day=self.story.cast.dates[place])
        if self._last is not None:
            self._deliver(self._shown(self.page, *self._last))

    def compared(self, page: PageState) -> Choices:
        """Return the reference choices for a page, with the page's number of runs and seed."""
        choices = page.choices
        if page.against == "pinned" and page.pinned is not None:
            return replace(page.pinned, replicates=choices.replicates, seed=choices.seed)
        if page.against == "branch":
            return choices.as_shipped()
        return replace(choices.as_shipped(), branch=self.story.main_branch)

    def against_words(self, page: PageState) -> str:
        """Return the name of a page's reference for comparison."""
        if page.against == "pinned":
            return "what you pinned"
        branch = page.choices.branch if page.against == "branch" else self.story.main_branch
        return f"\N{LEFT DOUBLE QUOTATION MARK}{self.story.branch_title(branch)}\N{RIGHT DOUBLE QUOTATION MARK}"

    def wait(self, timeout: float = 60.0) -> bool:
        """Wait until all requests are answered; return whether that happened within the time limit (seconds)."""
        return self._worker.wait(timeout)

    def close(self) -> None:
        """End the visit."""
        self._worker.close()

    def _remember(self, what: str) -> None:
        now = time.monotonic()
        if what != self._moved[0] or now - self._moved[1] > ONE_MOVE:
            self._history = [*self._history, self.page][-MOST_STEPS:]
            self.steps += 1
        self._moved = (what, now)

    def _answer(self, page: PageState, wanted: Callable[[], bool]) -> None:
        against = self.compared(page)
        other = self.ensembles.kept(against)
        for view in self.ensembles.views(page.choices, wanted):
            other = view if against == page.choices else other
            self._last = (view, other)
            self._deliver(self._shown(page, view, other))
        if other is None and wanted():
            for whole in self.ensembles.views(against, wanted):
                other = whole
            if wanted() and self._last is not None and other is not None:
                self._last = (self._last[0], other)
                self._deliver(self._shown(page, *self._last))

    def _shown(self, page: PageState, view: View, other: View | None) -> Shown:
        here = replace(page, state=self.page.state, day=self.page.day)
        return Shown(self.story, here, view, other, self.against_words(page), self.place(here))

    def place(self, page: PageState) -> int:
        """Return the place of a page's cursor on the time axis."""
        dates, day = self.story.cast.dates, page.day
        if day is None:
            day = self.story.scenario.recorded_until(dates[-1])
            return max(1, bisect_right(dates, day) - 1)
        return max(0, bisect_right(dates, day) - 1)
