"""Texts of scenarios, links and files in a real browser: none runs, with the page's policy taken away or its escaping."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from sim.explorer.library import Library
from tests.explorer.hostile import ATTACKS, HOSTILE, PRESS, RAN, Running, hostile_library, running, without_escaping
from tests.explorer.serving import CHROMIUM, FLAGS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is at hand")]

CLEAN = {"ran": None, "found": []}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return hostile_library(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def served_page(library: Library) -> Iterator[Running]:
    with running(library) as server:
        yield server


def opened(browser: Any, address: str, **given: Any) -> Any:
    """Open a page and wait for its first figures."""
    tab = browser.new_context(viewport={"width": 1280, "height": 1400}, accept_downloads=True, **given).new_page()
    tab.goto(address)
    tab.wait_for_selector("#headline b", timeout=60_000)
    tab.wait_for_timeout(500)
    return tab


def state_of(tab: Any) -> dict[str, Any]:
    """Follow every link to code, and tell what has run and what was made of the attacks."""
    tab.evaluate(PRESS)
    tab.wait_for_timeout(300)
    return tab.evaluate(RAN)


def hover(tab: Any, figure: str) -> str:
    """Lead the pointer over a figure; return what its tips have said."""
    box = tab.evaluate(
        """name => {
            const view = Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name(name))
            view.el.scrollIntoView({block: "center"})
            const {x, y, width, height} = view.el.getBoundingClientRect()
            return [x, y, width, height]
        }""",
        figure,
    )
    said = ""
    for row in range(1, 12):
        for column in range(1, 30):
            tab.mouse.move(box[0] + box[2] * column / 30, box[1] + box[3] * row / 12)
        said += tab.evaluate(
            """name => {
                const view = Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name(name))
                const tips = [...(view.shadow_el.querySelectorAll(".bk-Tooltip"))]
                return tips.map(tip => (tip.shadowRoot ?? tip).textContent).join(" ")
            }""",
            figure,
        )
    return said


def test_no_text_of_a_scenario_runs_with_the_policy_taken_away(browser: Any, served_page: Running, tmp_path: Path):
    tab = opened(browser, served_page.address, bypass_csp=True)
    assert state_of(tab) == CLEAN
    assert HOSTILE in tab.inner_text("#headline")
    assert HOSTILE in tab.locator(".what-if-card").inner_text()
    assert f"BBB {HOSTILE}" in tab.locator(".states").inner_text()
    tab.locator("[class*=answer-] .bk-description").hover()
    tab.wait_for_timeout(300)
    assert state_of(tab) == CLEAN
    for figure in ("map", "timeline", "fan-BBB"):
        said = hover(tab, figure)
        assert figure.startswith("fan") or ATTACKS[0] in said, figure
    assert state_of(tab) == CLEAN
    tab.get_by_text("One member", exact=True).click()
    tab.locator(".look-inside button").click()
    tab.wait_for_selector(".inside .calls li", timeout=30_000)
    assert HOSTILE in tab.locator(".inside div").first.inner_text()
    tab.get_by_text("Who trusts whom", exact=True).click()
    tab.wait_for_timeout(500)
    assert ATTACKS[0] in hover(tab, "between")
    assert state_of(tab) == CLEAN
    tab.get_by_text("Play", exact=True).click()
    tab.locator(".start button").click()
    tab.wait_for_selector(".option", timeout=30_000)
    assert HOSTILE in tab.locator(".turn div").first.inner_text()
    assert state_of(tab) == CLEAN
    tab.locator(".rest button").click()
    tab.get_by_text("the run is over").wait_for(timeout=30_000)
    tab.locator(".pin button").click()
    tab.get_by_text("Save, open, share").click()
    for name, held in (
        (ATTACKS[0], {"csto-sim-explorer": "1", "scenario": HOSTILE, "branch": HOSTILE}),
        ("large.json", {"csto-sim-explorer": "1", HOSTILE: "x" * 100}),
    ):
        tab.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/json", "buffer": json.dumps(held).encode()}
        )
        tab.locator(".failed").filter(has_text="scenario" if "branch" in held else "unknown key").wait_for()
        assert state_of(tab) == CLEAN
    tab.locator(".make-report button").click()
    tab.locator(".save-report a, .save-report button").first.wait_for(timeout=60_000)
    with tab.expect_download() as download:
        tab.locator(".save-report a, .save-report button").first.click()
    download.value.save_as(tmp_path / "report.html")
    with tab.expect_download() as download:
        tab.locator(".save-page a, .save-page button").first.click()
    download.value.save_as(tmp_path / "saved.json")
    (tmp_path / "saved.html").write_text(tab.content(), "utf-8")
    tab.context.close()
    for name in ("report.html", "saved.json", "saved.html"):
        saved = browser.new_context(bypass_csp=True).new_page()
        saved.goto((tmp_path / name).as_uri())
        assert state_of(saved) == CLEAN, name
        saved.context.close()


def test_a_refused_link_is_told_as_text(browser: Any, served_page: Running):
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    tab.goto(f"{served_page.address}?scenario={HOSTILE.replace('#', '%23')}&theme={HOSTILE}")
    tab.wait_for_selector("#headline b", timeout=60_000)
    tab.wait_for_timeout(500)
    assert ATTACKS[0] in tab.inner_text("#message")
    assert state_of(tab) == CLEAN
    context.close()


def test_a_file_that_is_too_large_is_not_sent(browser: Any, served_page: Running):
    tab = opened(browser, served_page.address)
    sent: list[int] = []
    tab.on("websocket", lambda line: line.on("framesent", lambda frame: sent.append(len(frame))))
    tab.get_by_text("Save, open, share").click()
    tab.locator("input[type=file]").set_input_files(
        {"name": ATTACKS[0], "mimeType": "application/json", "buffer": b"x" * 5_000_000}
    )
    tab.wait_for_timeout(1000)
    assert tab.inner_text("#message") == f"{ATTACKS[0]}: is too large for a saved page"
    assert max(sent, default=0) < 100_000
    tab.get_by_label("help-comes").check()  # the socket is still open
    tab.wait_for_timeout(1500)
    assert "help-comes" in tab.inner_text("#headline")
    assert state_of(tab) == CLEAN
    tab.context.close()


@pytest.mark.parametrize("policy", [True, False], ids=["policy", "neither"])
def test_the_policy_alone_stops_what_is_not_escaped(
    browser: Any, library: Library, policy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    without_escaping(monkeypatch)
    with running(library) as server:
        tab = opened(browser, server.address, bypass_csp=not policy)
        made = state_of(tab)
        assert len(made["found"]) > 20  # the attacks are in the page
        assert (made["ran"] is None) is policy
        (tmp_path / "saved.html").write_text(tab.content(), "utf-8")
        tab.context.close()
    saved = browser.new_context(bypass_csp=not policy).new_page()
    saved.goto((tmp_path / "saved.html").as_uri())
    made = state_of(saved)
    assert made["found"]
    assert (made["ran"] is None) is policy
    saved.context.close()
