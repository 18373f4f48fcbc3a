"""The page in a real browser: it opens alone, fits phones and desks, prints, and passes an accessibility check."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from sim.report.making import make_report
from sim.result import Result
from tests.explorer.hostile import PRESS, RAN, hostile_scenario, without_escaping

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on the PATH to open the page with"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(small: Result, tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_report(small).save(tmp_path_factory.mktemp("report") / "report.html").as_uri()


@pytest.fixture(
    params=[(width, scheme) for width in WIDTHS for scheme in SCHEMES], ids=lambda given: f"{given[1]}-{given[0]}"
)
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened = context.new_page()
    opened.goto(address)
    yield opened
    context.close()


def test_it_asks_for_nothing_and_says_nothing_on_the_console(browser: Browser, address: str):
    opened = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(address)
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert said == []
    sizes = opened.evaluate("Array.from(document.images, image => [image.complete, image.naturalWidth])")
    assert len(sizes) >= 5
    assert all(complete and width > 0 for complete, width in sizes)
    opened.close()


def test_nothing_runs_over_the_edge(page: Page):
    assert page.viewport_size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    beyond = page.evaluate(
        "Array.from(document.querySelectorAll('h1, h2, p, li, pre, dd, figcaption, .scroll'))"
        ".filter(each => each.getBoundingClientRect().right > innerWidth + 1)"
        ".map(each => each.textContent.slice(0, 40))"
    )
    assert beyond == []


def test_it_passes_the_accessibility_check(page: Page):
    found = Axe().run(page)
    assert [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] == []
    assert "color-contrast" in {each["id"] for each in found.response["passes"]}


def test_colours_follow_the_reader(page: Page, request: pytest.FixtureRequest):
    dark = "dark" in request.node.callspec.id
    red = page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
    assert (red < 128) is dark


def test_the_keyboard_leads_to_the_answer_and_along_wide_tables(browser: Browser, address: str):
    opened = browser.new_page(viewport={"width": 390, "height": 900})
    opened.goto(address)
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    assert opened.evaluate("location.hash") == "#answer"
    wide = opened.locator("#parameters .scroll")
    wide.focus()
    opened.keyboard.press("ArrowRight")
    for _ in range(20):  # scrolling is smooth in some versions; the page itself lets no script wait for it
        if wide.evaluate("each => each.scrollLeft") > 0:
            break
        opened.wait_for_timeout(100)
    assert wide.evaluate("each => each.scrollLeft") > 0
    opened.close()


def test_it_prints_light_and_whole(browser: Browser, address: str, tmp_path: Path):
    context = browser.new_context(color_scheme="dark")
    opened = context.new_page()
    opened.goto(address)
    opened.emulate_media(media="print")
    assert opened.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert opened.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--card').trim()") == "#ffffff"
    hidden = opened.evaluate(
        "Array.from(document.querySelectorAll('.scroll'))"
        ".filter(each => getComputedStyle(each).overflowX != 'visible').length"
    )
    assert hidden == 0
    opened.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    context.close()


@pytest.mark.parametrize(
    ("escaping", "policy"), [(True, False), (False, True), (False, False)], ids=["escaping", "policy", "neither"]
)
def test_texts_of_a_scenario_run_neither_without_the_policy_nor_without_escaping(
    browser: Browser, small: Result, escaping: bool, policy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if not escaping:
        without_escaping(monkeypatch)
    report = make_report(replace(small, scenario=hostile_scenario(small.scenario)))
    context = browser.new_context(bypass_csp=not policy)
    opened = context.new_page()
    opened.goto(report.save(tmp_path / "report.html").as_uri())
    opened.evaluate(PRESS)
    opened.wait_for_timeout(300)
    made = opened.evaluate(RAN)
    assert (len(made["found"]) > 20) is not escaping
    assert (made["ran"] == 1) is not (escaping or policy)
    context.close()
