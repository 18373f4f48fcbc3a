"""Stories without a browser: every shipped one has its screens, words, sources and answer; and what a link gets."""

import re
import shutil
from html import escape, unescape
from pathlib import Path

import pytest

import sim
from sim.experiments.parameters import sources
from sim.explorer.library import Library
from sim.explorer.page.storybook import Storybook
from sim.explorer.screens import (
    CALL,
    CHANGE,
    PROMISE,
    RECORD,
    changed_page,
    result_of,
    screens_of,
    trials_of,
)
from sim.explorer.stored import StoredAnswer, count, shipped_stories, stored_answer, write_stored
from sim.explorer.story import Story
from sim.scenario import load
from sim.scenario.problems import ScenarioError
from sim.scenario.schema import StoryChange
from tests.conftest import SHIPPED
from tests.explorer.conftest import FIRST_STEPS, ROOT, SMALL

MOST_WORDS = 60
HOSTILE_TEXT = "<img src=x: onerror=alert(1)></script><script>"
CASES = ROOT / "scenarios" / "cases"


@pytest.fixture(scope="module")
def shipped() -> Library:
    return Library(shipped_stories())


@pytest.fixture(scope="module")
def book(shipped: Library) -> Storybook:
    return Storybook(shipped, None)


def words_of(page: str) -> list[str]:
    """Return the words that a screen shows outside its figure, without those that a tap opens."""
    body = page[page.index("<body>") :]
    shown = re.sub(r"<(figure|header|nav).*?</\1>|</summary>.*?</details>", " ", body, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", shown)).split()


def links_of(page: str) -> dict[str, str]:
    """Return what a screen links to, by name."""
    return {name: unescape(link) for name, link in re.findall(r'<a id="(\w+)"[^>]*? href="([^"]*)"', page)}


def test_every_scenario_and_case_opens_with_a_story(book: Storybook):
    assert len(book.library.paths) == 101
    for name in book.library.paths:
        story = book.library.ensembles(name).story
        told = story.scenario.story
        assert told is not None, name
        screens = screens_of(story)
        assert screens[0].kind == PROMISE, name
        assert len(screens) <= 4, name
        for part in (told.promise, told.call, told.answer, told.happened):
            assert part is None or part.source, name
        assert (told.change is None) == (stored_answer(story) is None), name
        for number, screen in enumerate(screens, 1):
            page = book.screen(name, number, made=True, theme="")
            assert len(words_of(page)) < MOST_WORDS, (name, number)
            assert f"{number} of {len(screens)}" in page, name
            assert re.search(r"<figure[^>]*>\s*</figure>|<ol></ol>|<ul></ul>|>None<", page) is None, (name, number)
            if screen.kind == CHANGE:
                assert re.search(r"of 100 <details class=\"word\"><summary>simulated worlds</summary>", page), name


def test_a_part_that_is_not_told_has_no_screen(shipped: Library):
    kinds = [screen.kind for screen in screens_of(shipped.ensembles("outlook-2031").story)]
    assert kinds == [PROMISE, CHANGE]
    kinds = [screen.kind for screen in screens_of(shipped.ensembles("karabakh-2023").story)]
    assert kinds == [PROMISE, CALL, CHANGE, RECORD]
    assert screens_of(Story(SMALL)) == ()


def test_what_moved_is_told_in_worlds():
    change = StoryChange(text="Suppose.", branch="b", metric="A.posture@end >= freeze", counted="A leaves")
    told = result_of(change, StoredAnswer(1000, 1, 186, 233, ""))
    assert told == "A leaves in 23 of 100 simulated worlds instead of 19."
    assert result_of(change, StoredAnswer(400, 1, 40, 41, "")).endswith("with the change and without it.")
    assert "in <1 of 100 simulated worlds instead of 1." in result_of(change, StoredAnswer(1000, 1, 5, 2, ""))


@pytest.fixture
def parameters_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs draw their parameters, as a user's do."""
    monkeypatch.setattr(sources, "default_source", SHIPPED)


@pytest.mark.usefixtures("parameters_drawn")
@pytest.mark.parametrize("path", [FIRST_STEPS, CASES / "albania_wp_1960.toml"])
def test_a_stored_answer_is_that_of_a_fresh_run(path: Path):
    story = Story(path)
    assert count(story) == stored_answer(story)


@pytest.mark.slow
@pytest.mark.usefixtures("parameters_drawn")
def test_all_stored_answers_are_those_of_fresh_runs(tmp_path: Path):
    written = write_stored(shipped_stories(), tmp_path / "stories.json")
    for path in shipped_stories():
        assert stored_answer(Story(path)) == written.get(path.stem), path.stem


def test_the_count_is_that_of_the_command(shipped: Library):
    answer = count(shipped.ensembles("first-steps").story, runs=60)
    result = sim.run("first-steps", replicates=60, engine="compiled")
    table = result.summary()
    table = table[table["metric"] == "ARM.posture@2024-12 >= freeze"].set_index("branch")["mean"]
    assert answer is not None
    assert answer.before == round(60 * table["as-happened"])
    assert answer.after == round(60 * table["russia-sends-forces-2022"])


def test_a_scenario_that_was_edited_has_no_stored_answer(tmp_path: Path):
    path = tmp_path / "first-steps.toml"
    path.write_text(FIRST_STEPS.read_text("utf-8").replace("severity = 0.7", "severity = 0.6"), "utf-8")
    library = Library([path])
    assert stored_answer(library.ensembles("first-steps").story) is None
    page = Storybook(library, None).screen("first-steps", 3, made=True, theme="")
    assert "simulated worlds" not in page
    assert "<figure" not in page
    assert links_of(page)["make"].startswith("/?scenario=first-steps&branch=russia-sends-forces-2022")
    relabelled = FIRST_STEPS.read_text("utf-8").replace("First steps: an", "An")
    path.write_text(relabelled, "utf-8")
    assert stored_answer(Story(path)) is not None


def test_links_lead_from_screen_to_screen(book: Storybook):
    first = links_of(book.screen("karabakh-2023", 1, made=False, theme="dark"))
    assert first["next"] == "/story?scenario=karabakh-2023&screen=2&theme=dark"
    assert first["skip"] == "/?scenario=karabakh-2023&theme=dark"
    assert "back" not in first
    third = links_of(book.screen("karabakh-2023", 3, made=False, theme=""))
    assert third["make"] == "/story?scenario=karabakh-2023&screen=3&made=yes"
    made = links_of(book.screen("karabakh-2023", 3, made=True, theme=""))
    assert made["make"].startswith("/?scenario=karabakh-2023&branch=russia-intervenes")
    beyond = links_of(book.screen("karabakh-2023", 99, made=False, theme=""))
    assert "next" not in beyond
    assert beyond["skip"] == "/?scenario=karabakh-2023"


def test_words_are_explained_where_they_stand_first(book: Storybook):
    page = book.screen("karabakh-2023", 4, made=False, theme="")
    assert page.count('<details class="word"><summary>froze</summary>') == 1
    assert "stops taking part or paying" in page


def test_the_trials_of_a_promise_are_those_of_the_hero(shipped: Library):
    found = trials_of(shipped.ensembles("first-steps").story)
    assert [(trial.level, trial.share) for trial in found] == [("mission", 0.15)]
    assert 0.9 in [trial.share for trial in trials_of(shipped.ensembles("ah_germany_bosnia_1908").story)]


def test_a_test_that_the_change_touches_is_shown_though_another_was_attacked(shipped: Library):
    found = trials_of(shipped.ensembles("norway_nato_prague_1968").story)
    assert [(trial.day.isoformat()[:7], trial.share) for trial in found] == [("1968-06", 0.3), ("1968-08", 0.5)]


@pytest.mark.parametrize(
    ("name", "day"), [("karabakh-2023", "2024-12-31"), ("kursk-2024", "2024-12-31"), ("placebo", None)]
)
def test_the_explorer_opens_at_the_month_that_the_story_counts_to(shipped: Library, name: str, day: str | None):
    page = changed_page(shipped.ensembles(name).story)
    assert page is not None
    assert (page.day and page.day.isoformat()) == day
    shipped.check(page, "link")


def test_all_are_listed_by_title_and_question(book: Storybook):
    page = book.questions("")
    assert page.count("<li>") == 101
    assert "Karabakh and the alliance, 2020-26" in page
    assert "Would Armenia still take part in its alliance if Russia had helped?" in page
    assert page.index("Would Armenia still take part") < page.index("France and Russia, 1911")


def test_cases_stand_beside_the_scenarios_of_a_folder(tmp_path: Path):
    (tmp_path / "cases").mkdir()
    shutil.copy(FIRST_STEPS, tmp_path)
    shutil.copy(CASES / "albania_wp_1960.toml", tmp_path / "cases")
    (tmp_path / "cases" / "broken.toml").write_text("title =", "utf-8")
    for opened in (tmp_path / "first-steps.toml", tmp_path / "cases" / "albania_wp_1960.toml"):
        library = Library.beside(opened)
        assert library.first == opened.stem
        assert {entry.name: entry.case for entry in library.entries} == {
            "first-steps": False, "albania_wp_1960": True, "broken": True,
        }  # fmt: skip


def test_texts_of_a_story_cannot_become_code(tmp_path: Path):
    path = tmp_path / "first-steps.toml"
    text = FIRST_STEPS.read_text("utf-8").replace("First steps: an", f"{HOSTILE_TEXT} an")
    for words in ("Does it matter", "Armenia counts", "Azerbaijan attacked", "Russia sent", "froze its", "odkb.gov.ru"):
        assert words in text
        text = text.replace(words, f"{HOSTILE_TEXT} {words}")
    text += f'\n[states.ARM]\nname = "Armenia {HOSTILE_TEXT}"\n[treaties.CSTO]\nname = "{HOSTILE_TEXT}"\n'
    path.write_text(text, "utf-8")
    book = Storybook(Library([path]), None)
    pages = [book.screen("first-steps", number, made=True, theme="") for number in range(1, 5)] + [book.questions("")]
    for page in pages:
        assert "<img" not in page
        assert page.count("<script") == 1
        assert escape(HOSTILE_TEXT) in page


def changed(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "made.toml"
    text = FIRST_STEPS.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('branch = "russia-sends-forces-2022"', 'branch = "russia-sends-force-2022"', "there is no branch"),
        ('metric = "ARM.posture@2024-12 >= freeze", c', 'metric = "ARM.trust[RUS]@end", c', "neither true nor false"),
        ('metric = "ARM.posture@2024-12 >= freeze", c', 'metric = "GEO.posture@end >= out", c', "GEO"),
        ('question = "', 'qestion = "', "qestion"),
        ('question = "', f'question = "{"long " * 70}', "300"),
    ],
)
def test_a_story_that_cannot_be_told_is_refused(tmp_path: Path, old: str, new: str, said: str):
    with pytest.raises(ScenarioError, match=said):
        load(changed(tmp_path, old, new))


def test_a_story_is_not_inherited(tmp_path: Path):
    shutil.copy(FIRST_STEPS, tmp_path)
    path = tmp_path / "made.toml"
    path.write_text('title = "Made"\nextends = "first-steps.toml"\n', "utf-8")
    assert load(tmp_path / "first-steps.toml").story is not None
    assert load(path).story is None
