"""Texts of scenarios, links and files in a real browser: none runs without the policy, and none without escaping."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bokeh.document.callbacks import DocumentCallbackManager

from sim.explorer.library import Library
from tests.explorer.hostile import (
    ATTACKS,
    HOSTILE,
    PRESS,
    RAN,
    WORDS,
    Running,
    hostile_injects,
    hostile_library,
    hostile_story,
    hostile_tape,
    name_of,
    running,
    without_escaping,
)
from tests.explorer.serving import CHROMIUM

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is at hand"),
    pytest.mark.filterwarnings("ignore:reference already known"),  # as the command does
]

CLEAN = {"ran": None, "found": []}


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
    tab.goto(address, timeout=120_000)
    tab.wait_for_selector("#headline b", timeout=120_000)
    tab.wait_for_timeout(500)
    return tab


def state_of(tab: Any) -> dict[str, Any]:
    """Follow every link to code, and tell what has run and what was made of the attacks."""
    tab.evaluate(PRESS)
    tab.wait_for_timeout(300)
    return tab.evaluate(RAN)


def hover(tab: Any, figure: str, x: str, y: str) -> str:
    """Lead the pointer to every mark of a figure with its place in two columns; return what the page then says."""
    tab.wait_for_function(
        "name => Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name(name)) !== null", arg=figure, timeout=60_000
    )
    places = tab.evaluate(
        """([name, x, y]) => {
            const view = Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name(name))
            view.el.scrollIntoView({block: "center"})
            const box = view.canvas_view.el.getBoundingClientRect()
            const {x_scale, y_scale} = view.frame
            const {data} = view.model.renderers.map(one => one.data_source).find(one => x in one.data && y in one.data)
            return [...data[x]].map((at, row) => [
                box.left + x_scale.compute(at), box.top + y_scale.compute([...data[y]][row])])
        }""",
        [figure, x, y],
    )
    said = ""
    for across, down in places[:4]:
        tab.mouse.move(across - 2, down - 2)
        tab.mouse.move(across, down)
        tab.wait_for_timeout(100)
        said += tab.evaluate(WORDS)
    return said


def test_no_text_of_a_scenario_runs_with_the_policy_taken_away(browser: Any, served_page: Running, tmp_path: Path):
    tab = opened(browser, served_page.address, bypass_csp=True)
    assert state_of(tab) == CLEAN
    said, guarantor, member = tab.evaluate(WORDS), name_of("AAA"), name_of("BBB")
    for part in (f"What does {guarantor} do for {member}?", f"as-it-was {HOSTILE}: {member} has frozen",
                 f"help-comes {HOSTILE}", f"Source: {HOSTILE}"):  # fmt: skip
        assert part in said
    tab.locator(".bk-description").first.hover()
    tab.wait_for_timeout(300)
    assert tab.evaluate(WORDS).count(HOSTILE) > said.count(HOSTILE)  # the tip of an answer
    assert state_of(tab) == CLEAN
    assert f"mean trust in {guarantor}" in hover(tab, "map", "x", "y")
    before = tab.evaluate(WORDS).count(HOSTILE)
    assert hover(tab, "timeline", "time", "lane").count(HOSTILE) > 4 * before
    assert state_of(tab) == CLEAN
    tab.get_by_text("One member", exact=True).click()
    tab.locator(".look-inside button").click()
    tab.wait_for_selector(".inside .calls li", timeout=60_000)
    assert f"what hit {member}" in tab.evaluate(WORDS)
    tab.get_by_text("Who trusts whom", exact=True).click()
    tab.wait_for_timeout(500)
    assert f"{member}'s trust in {guarantor}" in hover(tab, "between", "other", "one")
    assert state_of(tab) == CLEAN
    tab.get_by_text("Play", exact=True).click()
    tab.locator(".start button").click()
    tab.wait_for_selector(".option", timeout=60_000)
    assert f"Your trust in: {guarantor}" in tab.evaluate(WORDS)
    assert state_of(tab) == CLEAN
    tab.locator(".rest button").click()
    tab.get_by_text("the run is over").wait_for(timeout=60_000)
    tab.locator(".data-of select").select_option("Events")
    tab.locator(".show-table button").click()
    tab.locator(".data td").filter(has_text=ATTACKS[0]).first.wait_for()
    tab.locator(".watch-film button").click()
    tab.wait_for_selector("#film-room", timeout=60_000)
    assert ATTACKS[0] in str(tab.text_content("#film-said"))
    assert state_of(tab) == CLEAN
    tab.keyboard.press("Escape")
    tab.locator(".pin button").click()
    tab.get_by_text("Save, open, share").click()
    for name, held in (
        (ATTACKS[0], {"csto-sim-explorer": "1", "scenario": HOSTILE, "branch": HOSTILE}),
        ("large.json", {"csto-sim-explorer": "1", HOSTILE: "x" * 100}),
    ):
        tab.locator("input[type=file][accept='.json']").set_input_files(
            {"name": name, "mimeType": "application/json", "buffer": json.dumps(held).encode()}
        )
        tab.locator(".failed").filter(has_text="scenario" if "branch" in held else "unknown key").wait_for()
        assert state_of(tab) == CLEAN
    tab.locator(".make-report button").click()
    tab.locator(".save-report a, .save-report button").first.wait_for(timeout=120_000)
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
        assert name == "saved.json" or ATTACKS[0] in saved.evaluate("document.documentElement.textContent"), name
        saved.context.close()


def test_a_refused_link_is_told_as_text(browser: Any, served_page: Running):
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    tab.goto(f"{served_page.address}?scenario={HOSTILE.replace('#', '%23')}&theme={HOSTILE}")
    tab.wait_for_selector("#headline b", timeout=120_000)
    tab.wait_for_timeout(500)
    assert ATTACKS[0] in tab.inner_text("#message")
    assert state_of(tab) == CLEAN
    context.close()


def test_a_file_that_is_too_large_is_not_sent(browser: Any, served_page: Running):
    tab = opened(browser, served_page.address)
    sent: list[int] = []
    tab.on("websocket", lambda line: line.on("framesent", lambda frame: sent.append(len(frame))))
    tab.get_by_text("Save, open, share").click()
    tab.locator("input[type=file][accept='.json']").set_input_files(
        {"name": ATTACKS[0], "mimeType": "application/json", "buffer": b"x" * 5_000_000}
    )
    tab.wait_for_timeout(1000)
    assert tab.inner_text("#message") == f"{ATTACKS[0]}: is too large; allowed: 1000000 bytes"
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
        assert len(made["found"]) > 10  # the attacks are in the page
        assert (made["ran"] is None) is policy
        (tmp_path / "saved.html").write_text(tab.content(), "utf-8")
        tab.context.close()
    saved = browser.new_context(bypass_csp=not policy).new_page()
    saved.goto((tmp_path / "saved.html").as_uri())
    made = state_of(saved)
    assert made["found"]
    assert (made["ran"] is None) is policy
    saved.context.close()


@pytest.mark.parametrize(
    ("escaping", "policy"), [(True, False), (False, True), (False, False)], ids=["escaping", "policy", "neither"]
)
def test_texts_of_a_story_run_neither_without_the_policy_nor_without_escaping(
    browser: Any, escaping: bool, policy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if not escaping:
        without_escaping(monkeypatch)
    with running(hostile_story(tmp_path)) as server:
        tab = browser.new_context(bypass_csp=not policy).new_page()
        for page in (*(f"story?scenario=first-steps&screen={number}" for number in range(1, 5)), "stories"):
            tab.goto(f"{server.address}{page}", timeout=120_000)
            made = state_of(tab)
            assert made["ran"] == (None if escaping or policy else 1), page
            assert (made["found"] == []) is escaping, page
            assert not escaping or ATTACKS[0] in tab.evaluate(WORDS), page
        tab.context.close()


@pytest.mark.parametrize(
    ("escaping", "policy"), [(True, False), (False, True), (False, False)], ids=["escaping", "policy", "neither"]
)
def test_injects_and_recorded_answers_run_neither_without_the_policy_nor_without_escaping(
    browser: Any, escaping: bool, policy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tape = hostile_tape(tmp_path)
    assert ATTACKS[0].encode() in tape
    if not escaping:
        without_escaping(monkeypatch)

    def sees(tab: Any, place: str) -> None:
        made = state_of(tab)
        assert made["ran"] == (None if escaping or policy else 1), place
        assert (made["found"] == []) is escaping, place
        assert not escaping or ATTACKS[0] in tab.evaluate(WORDS), place

    with running(hostile_injects(tmp_path)) as server:
        tab = opened(browser, server.address, bypass_csp=not policy)
        tab.locator(".event select").select_option(index=2)  # after the guarantor's answer to it
        tab.wait_for_timeout(1000)
        sees(tab, "inject")
        tab.get_by_text("Play", exact=True).click()
        tab.locator(".seat select").select_option(value="Bria")
        tab.locator(".run-number input").fill("0")
        tab.keyboard.press("Enter")
        tab.locator(".open-room button").click()
        tab.locator(".recorded-seat select").select_option(value="Cora")
        tab.locator(".tape input").set_input_files(
            {"name": ATTACKS[0], "mimeType": "text/plain", "buffer": json.dumps({HOSTILE: HOSTILE}).encode()}
        )
        tab.locator(".turn").get_by_text("is not a line of a tape").wait_for()
        sees(tab, "refused tape")
        tab.locator(".tape input").set_input_files({"name": "cora.jsonl", "mimeType": "text/plain", "buffer": tape})
        tab.get_by_text("Cora (recorded)").wait_for()
        tab.locator(".begin button").click()
        tab.locator(".option button").first.wait_for(timeout=60_000)
        tab.locator(".rest button").click()
        tab.get_by_text("The run is over").wait_for(timeout=120_000)
        sees(tab, "debrief")
        tab.context.close()


def test_bokeh_is_changed_under_the_documents_lock_alone(
    browser: Any, served_page: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    changed: dict[bool, set[str]] = {True: set(), False: set()}
    notify = DocumentCallbackManager.notify_change

    def watched(self: Any, model: Any, attr: str, *rest: Any, **given: Any) -> None:
        context = self._document().session_context
        if context is not None and context.session is not None and context.session.connection_count:
            locked = context.session._lock._block._value == 0
            changed[locked].add(f"{type(model).__name__}.{attr}")
        notify(self, model, attr, *rest, **given)

    monkeypatch.setattr(DocumentCallbackManager, "notify_change", watched)
    tab = opened(browser, served_page.address)
    for branch in ("help-comes", "they-decide", "as-it-was") * 2:
        tab.get_by_label(branch).check()
    tab.locator(".undo button").click()
    tab.get_by_text("One member", exact=True).click()
    tab.locator(".look-inside button").click()
    tab.get_by_text("Play", exact=True).click()
    tab.locator(".start button").click()
    tab.wait_for_selector(".option", timeout=60_000)
    tab.locator(".option button").first.click()
    tab.locator(".rest button").click()
    tab.get_by_text("the run is over").wait_for(timeout=60_000)
    tab.get_by_text("Save, open, share").click()
    tab.locator(".make-report button").click()
    tab.locator(".save-report a, .save-report button").first.wait_for(timeout=120_000)
    tab.context.close()
    assert changed[False] == set()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    assert {"Div.tags", "ColumnDataSource.data", "HTML.text"} <= changed[True]
