"""Data that every part of the page displays."""

from dataclasses import dataclass
from datetime import date

from sim.explorer.choices import PageState
from sim.explorer.story import Story
from sim.explorer.views import View
from sim.output.formatting import month


@dataclass(frozen=True)
class Shown:
    """View with its reference for comparison, the selected member and the time cursor.

    Attributes
    ----------
    story : Story
    page : PageState
    view : View
        Of what was chosen.
    other : View or None
        Of what it is compared with; None while that is under way.
    against : str
        What it is compared with, in words.
    place : int
        Place of the time cursor on the time axis.
    """

    story: Story
    page: PageState
    view: View
    other: View | None
    against: str
    place: int

    @property
    def day(self) -> date:
        """Date of the time cursor."""
        return self.story.cast.dates[self.place]

    @property
    def month(self) -> str:
        """Month of the time cursor, in words."""
        return month(self.day)

    @property
    def state(self) -> str:
        """Selected client."""
        return self.page.state or self.story.protagonist

    @property
    def client(self) -> int:
        """Index of the selected client."""
        return self.story.clients.index(self.state)

    @property
    def same(self) -> bool:
        """Whether the view is compared with itself."""
        return self.other is self.view
