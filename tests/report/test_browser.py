"""The page in a real browser: it opens alone, fits phones and desks, prints, and passes an accessibility check."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from sim.report.making import make_report
from sim.report.printing import PAPERS
from sim.result import Result
from tests.explorer.hostile import ATTACKS, PRESS, RAN, hostile_scenario, without_escaping

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
PAGE = re.compile(rb"/Type\s*/Page\b")
BOX = re.compile(rb"/MediaBox\s*\[([^\]]+)\]")

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


def test_nothing_is_cut_on_a_phone(browser: Browser, address: str):
    opened = browser.new_page(viewport={"width": 390, "height": 900})
    opened.goto(address)
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    cut = opened.evaluate(
        "Array.from(document.querySelectorAll('td, th, img, pre, dd'))"
        ".filter(each => each.getBoundingClientRect().width > 2)"
        ".filter(each => each.getBoundingClientRect().right > innerWidth + 1)"
        ".map(each => each.textContent.slice(0, 40))"
    )
    assert cut == []
    heads = opened.evaluate(
        "Array.from(document.querySelectorAll('#parameters td')).slice(0, 2)"
        ".map(each => getComputedStyle(each, '::before').content)"
    )
    assert "what it is" in heads[0]
    assert "unit" in heads[1]
    opened.close()


def test_the_keyboard_leads_to_the_answer_and_enlarges_a_figure(browser: Browser, address: str):
    opened = browser.new_page(viewport={"width": 390, "height": 900})
    opened.goto(address)
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    assert opened.evaluate("location.hash") == "#answer"
    figure = opened.locator("#answer .drawn")
    small = figure.locator("img").evaluate("each => each.clientWidth")
    figure.locator("input").focus()
    opened.keyboard.press("Space")
    assert figure.locator("img").evaluate("each => each.clientWidth") > 1.5 * small
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    scroll = figure.locator(".scroll")
    scroll.focus()
    opened.keyboard.press("ArrowRight")
    for _ in range(20):  # scrolling is smooth in some versions; the page itself lets no script wait for it
        if scroll.evaluate("each => each.scrollLeft") > 0:
            break
        opened.wait_for_timeout(100)
    assert scroll.evaluate("each => each.scrollLeft") > 0
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
    folded = opened.evaluate("Array.from(document.querySelectorAll('details')).map(each => each.offsetHeight)")
    assert len(folded) >= 3
    assert set(folded) == {0}
    told = opened.evaluate("Array.from(document.querySelectorAll('.unprinted')).map(each => each.offsetHeight > 0)")
    assert len(told) == len(folded)
    assert all(told)
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
    assert made["ran"] == (None if escaping or policy else 1)
    if escaping:
        assert made["found"] == []
        said = opened.evaluate("document.body.textContent")
        assert all(attack in said for attack in ATTACKS)
    else:
        assert len(made["found"]) > 20
    context.close()


@pytest.mark.parametrize("paper", PAPERS)
def test_pdf_files_have_pages_with_numbers_and_text(small: Result, paper: str, tmp_path: Path):
    made = make_report(small, author="A. Nalyst")
    short = made.save(tmp_path / "short.pdf", short=True, paper=paper).read_bytes()
    whole = made.save(tmp_path / "whole.pdf", paper=paper).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["short.pdf", "whole.pdf"]
    assert len(PAGE.findall(short)) <= 2
    assert 2 < len(PAGE.findall(whole)) < 12
    sizes = {tuple(float(side) for side in box.split()[2:]) for box in BOX.findall(whole)}
    assert len(sizes) == 1
    assert sizes.pop() == pytest.approx({"A4": (595.3, 841.9), "letter": (612.0, 792.0)}[paper], abs=1.0)


def test_the_text_of_a_pdf_can_be_read_with_the_answer_on_the_first_page(small: Result, tmp_path: Path):
    pypdf = pytest.importorskip("pypdf")
    made = make_report(small, author="A. Nalyst")
    pages = [page.extract_text() for page in pypdf.PdfReader(made.save(tmp_path / "whole.pdf")).pages]
    first = " ".join(pages[0].split())
    for said in (made.question.text(), *made.sentences[:2], "A. Nalyst", "Cite as:"):
        assert " ".join(said.replace(" %", "\N{NO-BREAK SPACE}%").split()) in first
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
    assert "The numbers" not in pages[0] + pages[1]
    assert "The numbers" in " ".join(pages[2:])
