"""Scenarios that a page can show: the opened file, all others in its folder, and the cases beside them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from sim.errors import InputError
from sim.explorer.choices import PageState
from sim.explorer.ensembles import Ensembles
from sim.explorer.room import Rooms
from sim.explorer.story import Story
from sim.given import read_text
from sim.library import CASES
from sim.scenario.problems import closest, listed


@dataclass(frozen=True)
class Entry:
    """Scenario in a list, with its title and question.

    Attributes
    ----------
    name, title : str
    question : str
        That of its story; empty if it tells none.
    case : bool
        Whether it is a case of another alliance.
    """

    name: str
    title: str
    question: str
    case: bool


class Library:
    """Scenario files by name, read on first use and shared by all visitors.

    Parameters
    ----------
    paths : iterable of Path
        Scenario files; the first is what a new page shows.

    Attributes
    ----------
    rooms : Rooms
        In which visitors play together.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = {path.stem: path for path in paths}
        self.first = next(iter(self.paths))
        self.rooms = Rooms()
        self._ensembles = lru_cache(maxsize=16)(self._make)

    @classmethod
    def beside(cls, path: Path) -> "Library":
        """Return a library of a scenario file, all others in its folder, and those in the folder of cases there."""
        top = path.parent.parent if path.parent.name == CASES else path.parent
        files = [*sorted(top.glob("*.toml")), *sorted((top / CASES).glob("*.toml"))]
        return cls([path, *(other for other in files if other.stem != path.stem)])

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All scenarios with their titles and questions, scenarios first; a file that cannot be read has its name."""
        return tuple(sorted(map(_entry, self.paths.values()), key=lambda entry: entry.case))

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


def _entry(path: Path) -> Entry:
    case = path.parent.name == CASES
    try:
        table = tomllib.loads(read_text(path))
    except (OSError, ValueError):
        return Entry(path.stem, path.stem, "", case)
    title, story = table.get("title"), table.get("story")
    question = story.get("question") if isinstance(story, dict) else ""
    return Entry(path.stem, str(title or path.stem), str(question or ""), case)
