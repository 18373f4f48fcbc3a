"""Button of the page that makes a film of one run and opens it."""

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn

from sim.explorer.film import Film, make_film
from sim.explorer.page.design import wrapping_row
from sim.explorer.page.film_view import FilmView
from sim.explorer.page.palette import Palette
from sim.explorer.page.region import Region
from sim.explorer.session import Session
from sim.explorer.worker import Worker

_WAIT = "<p>The film is being made\N{HORIZONTAL ELLIPSIS}</p>"


class FilmRoom:
    """Button that makes a film of the chosen ensemble and opens it over the page.

    Parameters
    ----------
    session : Session
    palette : Palette
    region : Region
    stylesheets : list of str
    post : callable
        Sends texts to places of the page, by their ids.
    schedule : callable
        Runs a function where the page may be changed.
    failed : callable
        Called with any exception.
    """

    def __init__(
        self,
        session: Session,
        palette: Palette,
        region: Region,
        stylesheets: list[str],
        post: Callable[[Mapping[str, str]], None],
        schedule: Callable[[Callable[[], None]], Any],
        failed: Callable[[Exception], None],
    ) -> None:
        self._session, self._post, self._schedule, self._failed = session, post, schedule, failed
        self.film: Film | None = None
        self._view = FilmView(session.story, palette, region)
        self.button = pn.widgets.Button(label="Watch one run as a film", width=230, css_classes=["watch-film"])
        self._said = pn.pane.HTML("", stylesheets=stylesheets)
        self._worker: Worker[tuple[Any, str]] = Worker(self._make, self._broke)
        self.button.on_click(lambda _: self._ask())

    def panel(self) -> Any:
        """Return the button, with room for what it says."""
        return wrapping_row(self.button, self._said)

    def close(self) -> None:
        """Stop the thread that makes films."""
        self._worker.close()

    def _ask(self) -> None:
        page = self._session.page
        self._said.object = _WAIT
        self._worker.ask((page.choices, page.state or self._session.story.protagonist))

    def _make(self, asked: tuple[Any, str], wanted: Callable[[], bool]) -> None:
        choices, chosen = asked
        film = make_film(self._session.story, choices)
        if wanted():
            self._schedule(lambda: self._show(film, chosen))

    def _show(self, film: Film, chosen: str) -> None:
        self._ready()
        self.film = film
        self._post({"film": self._view.html(film, chosen)})

    def _broke(self, error: Exception) -> None:
        self._schedule(self._ready)
        self._failed(error)

    def _ready(self) -> None:
        self._said.object = ""
