"""Pages of a story as HTML that needs no socket and no script: its screens, and the list of all questions."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sim.explorer.choices import PageState
from sim.explorer.library import Entry, Library
from sim.explorer.page.design import style
from sim.explorer.page.palette import DARK, LIGHT, Palette
from sim.explorer.page.story_figures import answers, ladder, pledge, worlds
from sim.explorer.screens import CALL, CHANGE, PROMISE, Screen, changed_page, result_of, screens_of
from sim.explorer.stored import StoredAnswer, stored_answer
from sim.explorer.story import Story
from sim.output.formatting import sentence
from sim.scenario.schema import StoryPart
from sim.words import POSTURE_MEANINGS

MADE: Final = "made"
"""Key of a link to the screen on which the change has been made."""

WORDS: Final = {
    r"CSTO": "the Collective Security Treaty Organization, led by Russia",
    r"fr(?:ee|o)z\w*": f"a freeze: the member {POSTURE_MEANINGS['freeze']}",
    r"guarantor": "the ally on whose help the others count",
    r"simulated worlds": "the model plays these years many times, with chance; one such run is one world",
    r"takes? less part|took part less": f"reduce: the member {POSTURE_MEANINGS['reduce']}",
    r"loyal": f"the member {POSTURE_MEANINGS['loyal']}",
    r"peacekeepers": "soldiers who keep two sides apart and fight for neither",
    r"had turned to other patrons": "it bought arms or help from states outside its alliance",
    r"owed help in part|(?:largely|hardly|fully) owed help": "how firmly the treaty or its word bound it",
}
"""Words that readers may not know, as patterns, with what they mean here."""

_COLOURS: Final = ("paper", "card", "ink", "muted", "faint", "accent", "second", "third")


class Storybook:
    """Pages of the stories of a library.

    Parameters
    ----------
    library : Library
    start : PageState or None
        Page of the explorer to which the story of its scenario leads.
    """

    def __init__(self, library: Library, start: PageState | None) -> None:
        self.library, self._start = library, start

    def screen(self, name: str, number: int, *, made: bool, theme: str) -> str:
        """Return a screen of a scenario's story as HTML, empty without a story; numbers beyond the last mean the last.

        Raises
        ------
        InputError
            If there is no such scenario, or its file is refused.
        """
        story = self.library.ensembles(name).story
        screens = screens_of(story)
        table = story.scenario.story
        if table is None:
            return ""
        number = min(max(number, 1), len(screens))
        screen = screens[number - 1]
        answer = stored_answer(story)

        def link(to: int, **given: str) -> str:
            return _link("/story", scenario=name, screen=to, **given, theme=theme)

        return self._page(
            "screen", table.question, theme, {**_here(name, number, made=made), "theme": theme},
            screen=screen, number=number, count=len(screens),
            parts=list(_explained(screen.parts)),
            result=_result(story, answer) if made and screen.kind == CHANGE else "",
            figure=Markup(_figure(story, screen, answer, made=made)),  # noqa: S704 - made of escaped texts
            **self._change(story, screen, answer, made=made, make=link(number, **{MADE: "yes"}), theme=theme),
            back=link(number - 1) if number > 1 else "",
            next=link(number + 1) if number < len(screens) else "",
            skip=self._explorer(story, theme),
        )  # fmt: skip

    def questions(self, theme: str) -> str:
        """Return the list of all scenarios and cases by title and question as HTML."""
        groups = [
            (title, [_listed(entry, theme) for entry in self.library.entries if entry.case == case])
            for title, case in (("Scenarios", False), ("Other alliances, 1849 to 2021", True))
        ]
        return self._page(
            "questions", "All questions", theme, {"theme": theme},
            groups=[(title, entries) for title, entries in groups if entries],
        )  # fmt: skip

    def _change(
        self, story: Story, screen: Screen, answer: StoredAnswer | None, *, made: bool, make: str, theme: str
    ) -> dict[str, str]:
        """Return the link that makes a story's change: on the screen if its answer is stored, else in the explorer."""
        page = changed_page(story)
        if screen.kind != CHANGE or page is None:
            return {"change": "", "change_words": ""}
        if answer is not None and not made:
            return {"change": make, "change_words": "Make this change"}
        words = "See it in every figure" if answer is not None else "Make this change"
        return {"change": _link("/", **dict(page.to_pairs()), theme=theme), "change_words": words}

    def _explorer(self, story: Story, theme: str) -> str:
        start = self._start
        own = start is not None and start.choices.scenario == story.name
        given = dict(start.to_pairs()) if start is not None and own else {"scenario": story.name}
        return _link("/", **given, theme=theme)

    def _page(self, template: str, heading: str, theme: str, here: Mapping[str, Any], **given: Any) -> str:
        path = "/stories" if template == "questions" else "/story"
        themes = [
            {"when": when if not theme else "", "link": _link(path, **{**here, "theme": other.name}), "words": words}
            for other, when, words in ((LIGHT, "if-dark", "Light"), (DARK, "unless-dark", "Dark"))
            if other.name != theme
        ]
        return _templates().get_template(f"{template}.html").render(
            heading=heading, style=Markup(_style(theme)), scheme=_SCHEMES.get(theme, "light dark"),  # noqa: S704
            all=_link("/stories", theme=theme), themes=themes, **given,
        )  # fmt: skip


_SCHEMES: Final = {LIGHT.name: "light", DARK.name: "dark"}


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("sim.explorer", "page"), autoescape=True, undefined=StrictUndefined)


def _style(theme: str) -> str:
    """Return the style sheet in a theme; without one, in that of the reader's machine."""
    light, dark = f":root {{ {_colours(LIGHT)} }}\n", f":root {{ {_colours(DARK)} }}\n"
    if theme in _SCHEMES:
        return (dark if theme == DARK.name else light) + style("story")
    return f"{light}@media (prefers-color-scheme: dark) {{ {dark} }}\n" + style("story")


def _colours(palette: Palette) -> str:
    return "".join(f"--{name}: {getattr(palette, name)};" for name in _COLOURS)


def _figure(story: Story, screen: Screen, answer: StoredAnswer | None, *, made: bool) -> str:
    if screen.kind == PROMISE:
        return pledge(story)
    if screen.kind == CALL:
        return answers(story)
    if screen.kind == CHANGE:
        return "" if answer is None or story.change is None else worlds(story.change, answer, made=made)
    return ladder(story)


def _result(story: Story, answer: StoredAnswer | None) -> Markup:
    return Markup("") if answer is None or story.change is None else _marked(result_of(story.change, answer), set())


def _explained(parts: Iterable[StoryPart]) -> Iterable[dict[str, Any]]:
    """Yield sentences with their sources; an unknown word is explained at its first place."""
    seen: set[str] = set()
    for part in parts:
        yield {"text": _marked(part.text, seen), "source": part.source}


def _marked(text: str, seen: set[str]) -> Markup:
    made, position = Markup(""), 0
    for match in re.finditer("|".join(f"(?:\\b(?:{words})\\b)" for words in WORDS), text):
        words = next(words for words in WORDS if re.fullmatch(words, match[0]))
        if words in seen:
            continue
        seen.add(words)
        meaning = sentence(WORDS[words])
        made += escape(text[position : match.start()]) + Markup(
            '<details class="word"><summary>{}</summary><span>{}.</span></details>'
        ).format(match[0], meaning)
        position = match.end()
    return made + escape(text[position:])


def _listed(entry: Entry, theme: str) -> dict[str, str]:
    path = "/story" if entry.question else "/"
    return {
        "title": entry.title, "question": entry.question,
        "address": _link(path, scenario=entry.name, theme=theme),
    }  # fmt: skip


def _here(name: str, number: int, *, made: bool) -> dict[str, Any]:
    return {"scenario": name, "screen": number, **({MADE: "yes"} if made else {})}


def _link(path: str, **given: Any) -> str:
    query = urlencode({key: value for key, value in given.items() if value not in ("", None)})
    return f"{path}?{query}" if query else path
