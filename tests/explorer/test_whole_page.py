"""The whole page in a real browser: random clicks, axe, widths, and a visit by keyboard alone."""

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from sim.explorer.library import Library
from tests.explorer.conftest import FIRST_STEPS, KARABAKH, ROOT
from tests.explorer.hostile import running
from tests.explorer.serving import CHROMIUM, FOCUSED, Looked

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is at hand"),
    pytest.mark.filterwarnings("ignore:reference already known"),
]

PATIENCE = 240_000
"""Milliseconds that a busy machine may take for anything; it says nothing about speed."""

CASES = ROOT / "scenarios" / "cases"
NORWAY = CASES / "norway_nato_prague_1968.toml"
LONG_TITLES = (ROOT / "scenarios" / "kyrgyz-tajik-2022.toml", CASES / "czechoslovakia_france_1938.toml")
WIDTHS = (1280, 1920, 390)

CLICKABLE = """
number => {
    const roots = [document], found = []
    for (const root of roots) {
        for (const each of root.querySelectorAll("*")) {
            if (each.shadowRoot) roots.push(each.shadowRoot)
            if (!each.matches("button, input:not([type=file]), .bk-tab, .bk-Figure, label")) continue
            if (root.host?.closest?.(".make-report, .save-page, .save-scenario, .save-run, .save-data")) continue
            const {width, height} = each.getBoundingClientRect()
            if (width && height && !each.disabled) found.push(each)
        }
    }
    const dialog = document.querySelector("dialog[open]")
    const reached = dialog ? found.filter(each => dialog.contains(each)) : found
    const chosen = reached[Math.floor(number * reached.length)]
    if (!chosen) return [5, 5]
    chosen.scrollIntoView({block: "center"})
    const {x, y, width, height} = chosen.getBoundingClientRect()
    const part = (number * 7919) % 1
    return [x + width * part, y + height * part]
}
"""
"""Returns a point in the chosen one of all that can be clicked; links and files lead away and are left out."""

FOCUS_SEEN = """
() => {
    let held = document.activeElement
    while (held?.shadowRoot?.activeElement) held = held.shadowRoot.activeElement
    const style = getComputedStyle(held)
    return style.outlineStyle !== "none" || style.boxShadow !== "none"
}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "cases").mkdir()
    for path in (FIRST_STEPS, KARABAKH, NORWAY, *LONG_TITLES):
        shutil.copy(path, folder / "cases" if path.parent == CASES else folder)
    with running(Library.beside(folder / KARABAKH.name), with_story=True) as server:
        yield server.address


@contextmanager
def opened(browser: Any, address: str, width: int = 1280, **given: Any) -> Iterator[Looked]:
    context = browser.new_context(viewport={"width": width, "height": 900}, **given)
    page = Looked(context.new_page())
    page.tab.set_default_timeout(PATIENCE)
    page.tab.goto(address)
    yield page
    context.close()
    assert page.wrong == []


def figures(page: Looked) -> None:
    page.tab.wait_for_selector("#headline b")
    page.settle()


def open_play(page: Looked) -> None:
    page.tab.get_by_role("tab", name="Play").click()
    page.tab.locator(".start button").wait_for()


def open_film(page: Looked) -> None:
    page.tab.locator(".watch-film button").click()
    page.tab.locator("#film-room").wait_for()
    for _ in range(20):
        page.tab.keyboard.press("ArrowRight")


def test_500_quick_random_clicks_leave_no_error_and_a_page_that_answers(
    browser: Any, address: str, caplog: pytest.LogCaptureFixture
):
    draw = Random(17)
    with opened(browser, f"{address}?scenario=first-steps") as page:
        figures(page)
        for _ in range(500):
            page.tab.mouse.click(*page.tab.evaluate(CLICKABLE, draw.random()))
        for branch in ("A mission, as it happened", "Russia sends forces"):  # once all clicks have been answered
            for _ in range(2):  # the film of a late answer covers the page
                page.tab.wait_for_timeout(3000)
                page.tab.keyboard.press("Escape")
            page.tab.get_by_label(branch).check()
            page.tab.locator("#headline", has_text=re.compile(rf"^\s*{branch}")).wait_for()
        page.settle()
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("theme", ["default", "dark"])
def test_axe_finds_nothing_on_page_film_play_and_tables(browser: Any, address: str, theme: str):
    axe, found = Axe(), []

    def look(page: Looked, screen: str) -> None:
        page.tab.wait_for_timeout(500)
        broken = axe.run(page.tab).response["violations"]
        found.extend((screen, each["id"], [node["html"][:100] for node in each["nodes"]]) for each in broken)

    with opened(browser, f"{address}?scenario=first-steps&theme={theme}") as page:
        figures(page)
        look(page, "page")
        for tab in ("One member", "Who trusts whom"):
            page.tab.get_by_role("tab", name=tab).click()
            look(page, tab)
        open_film(page)
        look(page, "film")
        page.tab.keyboard.press("Escape")
        open_play(page)
        look(page, "Play")
        page.tab.locator(".open-room button").click()
        page.tab.locator(".begin button").wait_for()
        look(page, "lobby")
        page.tab.locator(".begin button").click()
        page.tab.locator(".option button").first.wait_for()
        look(page, "turn")
        page.tab.locator(".rest button").click()
        page.tab.get_by_text("The run is over").wait_for()
        look(page, "debrief")
        page.tab.locator(".show-table button").click()
        page.tab.locator(".data td").first.wait_for()
        look(page, "table")
    assert found == []


@pytest.mark.parametrize("path", [KARABAKH, NORWAY, *LONG_TITLES], ids=lambda path: path.stem)
def test_no_screen_is_wider_than_the_window(browser: Any, address: str, path: Any):
    wide = []

    def measure(page: Looked, screen: str) -> None:
        for width in WIDTHS:
            page.tab.set_viewport_size({"width": width, "height": 900})
            page.tab.wait_for_timeout(300)
            if (found := page.tab.evaluate("document.documentElement.scrollWidth")) > width:
                wide.append((screen, width, found))

    with opened(browser, f"{address}stories") as page:
        measure(page, "questions")
        for number in range(1, 5):
            page.tab.goto(f"{address}story?scenario={path.stem}&screen={number}")
            measure(page, f"story {number}")
        page.tab.goto(f"{address}?scenario={path.stem}")
        figures(page)
        measure(page, "page")
        open_play(page)
        measure(page, "Play")
        page.tab.locator(".start button").click()
        page.tab.locator(".option button").first.wait_for()
        measure(page, "turn")
        page.tab.locator(".rest button").click()
        page.tab.get_by_text("The run is over").wait_for()
        measure(page, "debrief")
        open_film(page)
        measure(page, "film")
    assert wide == []


def test_the_page_is_as_high_as_the_tab_that_is_shown_and_hidden_rows_are_hidden(browser: Any, address: str):
    with opened(browser, f"{address}?scenario={KARABAKH.stem}") as page:
        figures(page)
        tabs = page.tab.evaluate("document.documentElement.scrollHeight")
        open_play(page)
        page.tab.wait_for_timeout(1000)
        assert page.tab.evaluate("document.documentElement.scrollHeight") < tabs - 200
        assert not page.tab.locator(".tape").is_visible()  # offered in a room alone
        page.tab.get_by_role("tab", name="Trust over time").click()
        page.tab.wait_for_timeout(1000)
        assert page.tab.evaluate("document.documentElement.scrollHeight") == tabs


def tab_to(page: Looked, words: str, key: str = "Tab") -> None:
    """Press Tab until what begins with some words has the focus, which must be seen."""
    for _ in range(150):
        page.tab.keyboard.press(key)
        if str(page.tab.evaluate(FOCUSED)).strip().startswith(words):
            assert page.tab.evaluate(FOCUS_SEEN), words
            return
    raise AssertionError(f"{key} does not reach {words}")


def test_a_whole_visit_by_keyboard_alone(browser: Any, address: str):
    """The story read, its change made, a case opened, the film stepped, and a game played to its debrief."""
    with opened(browser, address) as page:
        press = page.tab.keyboard.press
        for number in (2, 3):
            press("ArrowRight")
            page.tab.wait_for_url(f"**screen={number}")
        tab_to(page, "Make this change")
        press("Enter")
        page.tab.wait_for_url("**made=yes")
        assert "of 100 simulated worlds" in page.tab.inner_text(".result")
        page.tab.goto(f"{address}stories")  # a link on every page
        field = page.tab.get_by_label("Find a state")
        for _ in range(20):
            press("Tab")
            if field.evaluate("each => each === document.activeElement"):
                break
        assert field.evaluate("each => each === document.activeElement")
        assert page.tab.evaluate(FOCUS_SEEN)
        page.tab.keyboard.type("norway 1968")
        press("Tab")
        press("Enter")
        page.tab.wait_for_url("**scenario=norway_nato_prague_1968")
        press("Escape")
        figures(page)
        tab_to(page, "Watch one run as a film")
        press("Enter")
        page.tab.locator("#film-room").wait_for()
        press("ArrowRight")
        assert page.tab.input_value("#film-place") == "1"
        press("Escape")
        page.tab.locator("#film-room").wait_for(state="detached")
        tab_to(page, "Trust over time")
        press("End")
        page.tab.locator(".start button").wait_for()
        page.tab.wait_for_timeout(1000)
        assert page.tab.evaluate(FOCUSED) == "Play"
        tab_to(page, "Start a new run")
        press("Enter")
        page.tab.locator(".option button").first.wait_for()
        tab_to(page, "loyal")
        press("Space")
        page.tab.get_by_text(re.compile("you chose")).first.wait_for()
        tab_to(page, "Let the rest run by itself")
        press("Enter")
        page.tab.get_by_text("The run is over").wait_for()
