"""Scenarios that a page can show: the opened file and all others in its folder."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from sim.errors import InputError
from sim.explorer.choices import PageState
from sim.explorer.ensembles import Ensembles
from sim.explorer.story import Story
from sim.scenario.problems import closest, listed


class Library:
    """Scenario files by name, read on first use and shared by all visitors.

    Parameters
    ----------
    paths : iterable of Path
        Scenario files; the first is what a new page shows.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = {path.stem: path for path in paths}
        self.first = next(iter(self.paths))
        self._ensembles = lru_cache(maxsize=16)(self._make)

    @classmethod
    def beside(cls, path: Path) -> "Library":
        """Return a library of a scenario file and all others in its folder."""
        others = sorted(other for other in path.parent.glob("*.toml") if other.stem != path.stem)
        return cls([path, *others])

    def ensembles(self, name: str, where: str = "link") -> Ensembles:
        """Return the ensembles of a scenario.

        Raises
        ------
        InputError
            If there is no such scenario here, or its file is refused.
        """
        if name not in self.paths:
            near = closest(name, self.paths)
            hint = f"; did you mean '{near}'?" if near else ""
            raise InputError(f"{where}: scenario: there is no '{name}' here; allowed: {listed(self.paths)}{hint}")
        return self._ensembles(name)

    def _make(self, name: str) -> Ensembles:
        return Ensembles(Story(self.paths[name]))

    def new_page(self, name: str | None = None) -> PageState:
        """Return the page of an unchanged scenario."""
        return PageState(self.ensembles(name or self.first).story.first_choices())

    def check(self, page: PageState, where: str) -> PageState:
        """Return a page if it can be shown here, otherwise raise an `InputError`."""
        for choices in filter(None, (page.choices, page.pinned)):
            if choices.scenario != page.choices.scenario:
                raise InputError(f"{where}: pinned: is of another scenario")
        self.ensembles(page.choices.scenario, where).story.check(page, where)
        return page
