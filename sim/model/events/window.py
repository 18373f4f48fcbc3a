"""Window: an opening of some months in which large steps up the ladder are more likely."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal

from pydantic import Field

from sim.model.base_event import AxisNames, Facts, MarkerStyle, WorldEvent
from sim.model.changes import RENEWAL, Effect
from sim.model.fields import Code, Day, Name
from sim.model.findings import Finding, KeyPath, unknown
from sim.model.parameters import Parameters
from sim.model.world import NOBODY, World
from sim.rules.registry import rule
from sim.words import DAYS_IN_MONTH, WINDOWS

WINDOW_MONTHS: Final = 1.0
"""How long a window is open that has no last day, and one that a renewal of a treaty opens."""


@rule
def open_window(world: World, state: int, treaty: int, width: float, months: float) -> None:
    """Open a window for one member; of several windows, the largest width and the longest time count."""
    world.window[state, treaty] = max(world.window[state, treaty], width)
    world.window_left[state, treaty] = max(world.window_left[state, treaty], months)


@rule
def open_windows(world: World, state: int, treaty: int, width: float, months: float) -> None:
    """Open a window for one member or all (`NOBODY`), of one treaty or all (`NOBODY`)."""
    for member in range(world.capability.shape[0]):
        for column in range(world.in_force.shape[0]):
            if state in (NOBODY, member) and treaty in (NOBODY, column):
                open_window(world, member, column, width, months)


@rule
def open_full_windows(world: World, p: Parameters, state: int, treaty: int, k: int, months: float) -> bool:
    """Open windows of full width for one member of a treaty or for all."""
    open_windows(world, state, treaty, 1.0, months)
    return False


class Window(WorldEvent):
    """An opening in which large steps are easier."""

    kind: Literal["window"]
    treaty: Name = Field(description="treaty whose members it opens for")
    of: Literal[WINDOWS] = Field("summit", description="what opens it")  # type: ignore[valid-type]
    state: Code | None = Field(None, description="for this member only; default: for all")
    until: Day | None = Field(None, description="last day; default: one month")

    order = 140
    sentence = "{of} opens a window in {treaty}"
    guide = (
        "An opening (renewal, summit, election, budget) in which steps to `freeze` and beyond are taken faster, for "
        "all members or one."
    )
    switch = "Summit, election or renewal"
    marker = MarkerStyle()
    apply = staticmethod(open_full_windows)
    bears_on_interest = False
    acts_through = (RENEWAL,)

    @property
    def turnover(self) -> bool:
        """Return whether the window is an election, which may bring a government with another line."""
        return bool(self.of == "election")

    def effects(self, axes: AxisNames) -> tuple[Effect, ...]:
        """Return the changes of the world: the window and, if a renewal opens it, the decision whether to lapse."""
        months = WINDOW_MONTHS
        if self.until is not None:
            months = (self.until - self.date + timedelta(days=1)).days / DAYS_IN_MONTH
        state, treaty = axes.state(self.state), axes.treaty(self.treaty)
        opened = Effect(self.kind, state, treaty, value=months)
        return (opened, Effect(RENEWAL.name, treaty, state)) if self.of == "renewal" else (opened,)

    def check(self, path: KeyPath, facts: Facts) -> Iterator[Finding]:
        """Report an unknown treaty or member, and a window that ends before it opens."""
        yield from unknown("treaty", self.treaty, facts.treaties, (*path, "treaty"))
        if self.state is not None:
            yield from facts.not_member(self.state, self.treaty, (*path, "state"))
        if self.until is not None and self.until < self.date:
            yield Finding((*path, "until"), f"{self.until} is before the window opens ({self.date})", "a later date")
