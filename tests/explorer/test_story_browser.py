"""The story in a real browser: by keyboard alone, at all widths, in both themes, and soon."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from sim.explorer.library import Library
from tests.explorer.conftest import FIRST_STEPS, KARABAKH, ROOT
from tests.explorer.hostile import running
from tests.explorer.serving import CHROMIUM, Looked, others_work

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is at hand")

SOON = 1.0
"""Goal in seconds from the request of a page to its story's words, on a warm server."""

CASE = ROOT / "scenarios" / "cases" / "norway_nato_prague_1968.toml"
"""The case with the longest texts."""

QUIET = 0.1
"""Share of the processors that others may use before a time means nothing."""

_SPILLS = """
() => {
    const boxes = [...document.querySelectorAll("main > *, nav > a, figure *:not(i):not(circle):not(path)")]
        .map(each => [each, each.getBoundingClientRect()]).filter(([, box]) => box.width > 0)
    const beyond = boxes.filter(([, box]) => box.left < -0.5 || box.right > innerWidth + 0.5)
    const parts = [...document.querySelectorAll("main > *, nav")].map(each => each.getBoundingClientRect())
    scrollTo(0, document.body.scrollHeight)
    const over = parts.filter((box, place) => place && box.height && box.top < parts[place - 1].bottom - 0.5)
    return [...beyond.map(([each]) => each.outerHTML.slice(0, 80)), ...over.map(box => `overlap at ${box.top}`)]
}
"""
"""What reaches beyond the page, and what overlaps what stands above it."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("stories")
    (folder / "cases").mkdir()
    for path in (FIRST_STEPS, KARABAKH):
        shutil.copy(path, folder)
    shutil.copy(CASE, folder / "cases")
    with running(Library.beside(folder / KARABAKH.name), with_story=True) as server:
        yield server.address


@contextmanager
def reading(browser: Any, address: str, **given: Any) -> Iterator[Looked]:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **given})
    looked = Looked(context.new_page())
    looked.tab.goto(address)
    yield looked
    context.close()
    assert looked.wrong == []


def heading(page: Looked) -> str:
    return str(page.tab.inner_text("h1"))


def tab_to(page: Looked, name: str) -> None:
    """Press Tab until the element of a name has the focus, which must be seen."""
    for _ in range(20):
        page.tab.keyboard.press("Tab")
        if page.tab.evaluate("document.activeElement.id") == name:
            assert page.tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"Tab does not reach {name}")


def test_the_story_is_read_to_its_end_by_keyboard_alone(browser: Any, address: str):
    with reading(browser, address) as page:
        assert page.tab.url.endswith("/story?scenario=karabakh-2023")
        assert heading(page) == "Would Armenia still take part in its alliance if Russia had helped?"
        tab_to(page, "next")
        page.tab.keyboard.press("Enter")
        page.tab.wait_for_url("**screen=2")
        assert heading(page) == "Call and answer"
        page.tab.keyboard.press("ArrowRight")
        page.tab.wait_for_url("**screen=3")
        assert "simulated worlds" not in page.tab.inner_text("#words")
        tab_to(page, "make")
        page.tab.keyboard.press("Enter")
        page.tab.wait_for_url("**made=yes")
        assert page.tab.locator(".result").inner_text().endswith("of 100 simulated worlds instead of 58.")
        page.tab.keyboard.press("ArrowRight")
        page.tab.wait_for_url("**screen=4")
        assert heading(page) == "What happened"
        page.tab.go_back()
        page.tab.wait_for_url("**made=yes")
        page.tab.go_back()
        page.tab.wait_for_url("**screen=3")
        assert page.tab.locator(".result").count() == 0
        page.tab.keyboard.press("ArrowLeft")
        page.tab.wait_for_url("**screen=2")


def test_a_word_and_a_source_open_by_keyboard(browser: Any, address: str):
    with reading(browser, f"{address}story?scenario=karabakh-2023&screen=4") as page:
        page.tab.locator("summary", has_text="froze").focus()
        page.tab.keyboard.press("Enter")
        assert page.tab.get_by_text("stops taking part or paying; informal").first.is_visible()
        assert page.tab.locator("details.source span").is_hidden()
        page.tab.locator("details.source summary").focus()
        page.tab.keyboard.press("Space")
        assert "Novaya Gazeta" in page.tab.locator("details.source span").inner_text()


def test_a_question_is_found_and_opened(browser: Any, address: str):
    with reading(browser, f"{address}stories") as page:
        assert page.tab.locator("li:visible").count() == 3
        page.tab.get_by_label("Find a state").fill("norway 1968")
        assert page.tab.locator("li:visible").count() == 1
        page.tab.keyboard.press("Tab")
        page.tab.keyboard.press("Enter")
        page.tab.wait_for_url("**scenario=norway_nato_prague_1968")
        assert heading(page) == "Would Norway have left if the United States had given nothing?"


@pytest.mark.parametrize(
    "width", [390, pytest.param(1280, marks=pytest.mark.slow), pytest.param(1920, marks=pytest.mark.slow)]
)
def test_every_screen_fits(browser: Any, address: str, width: int):
    screens = [f"screen={number}" for number in range(1, 5)] + ["screen=3&made=yes"]
    for theme in ("light", "dark"):
        given = {"viewport": {"width": width, "height": 800}, "color_scheme": theme}
        with reading(browser, f"{address}stories", **given) as page:
            assert page.tab.evaluate(_SPILLS) == []
            for name in ("karabakh-2023", CASE.stem):
                for screen in screens:
                    page.tab.goto(f"{address}story?scenario={name}&{screen}")
                    assert page.tab.evaluate(_SPILLS) == [], (name, screen)


def test_the_words_are_there_soon(browser: Any, address: str):
    with reading(browser, address) as page:
        took = []
        for _ in range(3):
            began = time.monotonic()
            page.tab.goto(address, wait_until="commit")
            page.tab.wait_for_selector(".told")
            took.append(time.monotonic() - began)
        print(f"story's words: {min(took):.3f} s")  # noqa: T201
        if min(took) >= SOON and (busy := others_work()) > QUIET:
            pytest.skip(f"others use {busy:.0%} of the machine: {min(took):.1f} s to the story's words")
        assert min(took) < SOON


@pytest.mark.slow
def test_the_last_screen_leads_to_the_explorer(browser: Any, address: str):
    with reading(browser, f"{address}story?scenario=karabakh-2023&screen=4") as page:
        page.tab.keyboard.press("Escape")
        page.tab.wait_for_selector("#headline b", timeout=120_000)
        page.tab.click("text=Story")
        page.tab.wait_for_selector("h1")
        assert heading(page).startswith("Would Armenia still take part")
        page.tab.goto(f"{address}story?scenario=karabakh-2024", wait_until="commit")
        page.tab.wait_for_selector("#headline b", timeout=120_000)
        assert "did you mean 'karabakh-2023'?" in page.tab.inner_text("#message")


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_screens_of_the_story(browser: Any, address: str, theme: str):
    axe = Axe()
    screens = [f"screen={number}" for number in range(1, 5)] + ["screen=3&made=yes"]
    with reading(browser, f"{address}stories?theme={'dark' if theme == 'dark' else 'default'}") as page:
        assert axe.run(page.tab).response["violations"] == []
        for name in (KARABAKH.stem, CASE.stem):
            for screen in screens:
                page.tab.goto(
                    f"{address}story?scenario={name}&{screen}&theme={'dark' if theme == 'dark' else 'default'}"
                )
                found = axe.run(page.tab).response["violations"]
                assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == [], screen
