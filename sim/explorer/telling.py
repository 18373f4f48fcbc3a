"""Requests for stories, which are answered without a session, a socket or a run of the model."""

from typing import Any, Final
from urllib.parse import urlencode

from tornado.web import RequestHandler

from sim.errors import CstoSimError
from sim.explorer.page.palette import DARK, LIGHT
from sim.explorer.page.storybook import MADE, Storybook

STORY: Final = "/story"
QUESTIONS: Final = "/stories"


def routes(book: Storybook) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Return the paths of the stories for the server."""
    return [(path, kind, {"book": book}) for path, kind in ((STORY, _StoryPage), (QUESTIONS, _Questions))]


class _Page(RequestHandler):
    """Answers with one page of a storybook."""

    def initialize(self, book: Storybook) -> None:
        self.book = book

    @property
    def theme(self) -> str:
        """Theme that the link asks for, empty for that of the reader's machine."""
        named = self.get_query_argument("theme", "")
        return named if named in (LIGHT.name, DARK.name) else ""


class _StoryPage(_Page):
    """Answers with a screen; what cannot be told is left to the explorer, which says why."""

    def get(self) -> None:
        name = self.get_query_argument("scenario", self.book.library.first)
        number = self.get_query_argument("screen", "1")
        made = self.get_query_argument(MADE, "") == "yes"
        try:
            html = self.book.screen(name, _whole(number), made=made, theme=self.theme)
        except CstoSimError:
            html = ""
        if html:
            self.write(html)
        else:
            self.redirect("/?" + urlencode({"scenario": name, **({"theme": self.theme} if self.theme else {})}))


def _whole(text: str) -> int:
    """Return the number of a screen in a link, 1 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 4 else 1


class _Questions(_Page):
    """Answers with the list of all questions."""

    def get(self) -> None:
        self.write(self.book.questions(self.theme))
