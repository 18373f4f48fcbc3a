"""Play in a real browser: a game alone to its debrief and its file, and a room of two in which one drops out."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.experiments.playing import play, replay
from sim.explorer.library import Library
from sim.explorer.room import EVERY, TURNS, Sitter
from sim.seats.text_seat import TextSeat
from tests.explorer.conftest import FIRST_STEPS, SMALL
from tests.explorer.hostile import running
from tests.explorer.serving import CHROMIUM, FOCUSED, Looked

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is at hand"),
    pytest.mark.filterwarnings("ignore:reference already known"),
]


PATIENCE = 240_000
"""Milliseconds that a busy machine may take for anything; it says nothing about speed."""


OBSERVER = Sitter(lambda: None)
"""A visitor who is in no room and sees what all may see."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("play")
    for path in (FIRST_STEPS, SMALL):
        shutil.copy(path, folder)
    return Library.beside(folder / FIRST_STEPS.name)


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    with running(library) as server:
        yield server.address


class Player:
    """A browser of its own, at the tab in which runs are played."""

    def __init__(self, browser: Any, address: str, width: int = 1280) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        self.page = Looked(self.context.new_page())
        self.tab = self.page.tab
        self.tab.set_default_timeout(PATIENCE)
        self.tab.goto(address)
        self.tab.wait_for_selector("#headline b")

    def open_tab(self) -> None:
        self.tab.get_by_text("Play", exact=True).click()
        self.tab.locator(".start button").wait_for()

    @property
    def told(self) -> str:
        return str(self.tab.locator(".turn div").first.inner_text())

    def press(self, css: str, words: str = "") -> None:
        self.tab.locator(f"{css} button", has_text=words).first.click()

    def answers(self, words: str = "let the built-in rule decide") -> None:
        """Wait for the next question, answer it, and wait until it is gone."""
        self.tab.locator(".option button").first.wait_for()
        before = self.told
        self.press(".option", words)
        while self.told == before:
            self.tab.wait_for_timeout(50)

    def until(self, words: str) -> None:
        self.tab.get_by_text(words).first.wait_for()

    def leave(self) -> None:
        self.context.close()
        assert self.page.wrong == []


def test_a_seat_is_played_to_its_debrief_by_keyboard_and_its_file_plays_again(
    browser: Any, address: str, tmp_path: Path
):
    me = Player(browser, address, width=390)
    me.open_tab()
    me.tab.locator(".start button").focus()
    me.tab.keyboard.press("Enter")
    me.tab.locator(".option button").first.wait_for()
    assert "Your aim: Live with as little unprotected threat" in me.told
    assert "Your posture in CSTO is loyal" in me.told
    assert "chance" not in me.told
    for _ in range(12):
        me.tab.keyboard.press("Tab")
        if str(me.tab.evaluate(FOCUSED)).startswith("voice: criticise the alliance in public"):
            break
    me.tab.keyboard.press("Enter")
    me.until("you chose")
    assert "The rule would have chosen loyal." in me.told
    assert "Its chances were: loyal" in me.told
    assert me.tab.locator(".did svg").count() == 1
    assert "Armenia voice" in me.told
    me.tab.locator(".rest button").focus()
    me.tab.keyboard.press("Enter")
    me.until("The run is over")
    assert "the rule in your seat, on the same draws" in me.told
    assert "The answers that mattered most" in me.told
    assert me.tab.evaluate("document.documentElement.scrollWidth") <= 390
    with me.tab.expect_download() as download:
        me.tab.locator(".save-run a, .save-run button").first.click()
    download.value.save_as(tmp_path / "played.json")
    played = replay(tmp_path / "played.json")
    assert [answer for _, answer in played.turns][:2] == ["voice", None]
    me.press(".again")
    me.until("Your posture in CSTO is loyal")
    me.leave()


def test_two_play_five_turns_and_one_drops_out(browser: Any, address: str, library: Library):
    one = Player(browser, address)
    one.open_tab()
    one.tab.locator(".seconds select").select_option("120")
    one.press(".open-room")
    one.until("Taken: Armenia.")
    code = one.told.split("Room ")[1][:5]
    assert f"room={code}&seat=ARM" in one.tab.url
    room = library.rooms.find(code)
    assert room.seconds == 120
    room.seconds = PATIENCE // 1000
    other = Player(browser, address)
    other.open_tab()
    other.tab.locator(".room-code input").fill(code.lower())
    other.press(".enter-room")
    other.press(".take-seat", "Kazakhstan")
    other.until("Taken: Armenia, Kazakhstan.")
    watching = Player(browser, f"{address}?scenario=small&room={code}")
    watching.tab.wait_for_url("**scenario=first-steps**")
    one.press(".begin")
    players, hidden, turns = {"ARM": one, "KAZ": other}, 0, 0
    while turns < 5:
        asked = room.view(OBSERVER).asked
        if asked == ("ARM", "KAZ"):
            other.tab.locator(".option button").first.wait_for()
            before = other.tab.locator(".answers li").count()
            one.answers("voice" if turns == 0 else "let the built-in rule decide")
            one.until("Waiting for Kazakhstan")
            assert other.tab.locator(".answers li").count() == before
            other.answers()
            hidden += 1
            if turns == 0:
                watching.until("Armenia, the posture: voice")
        elif asked:
            players[asked[0]].answers()
        else:
            one.tab.wait_for_timeout(50)
        turns += "ARM" in asked
    assert hidden >= 2
    assert "Your trust" not in watching.told
    room.seconds = 5
    one.leave()
    other.until("the rule decided (time ran out)")
    room.seconds = PATIENCE // 1000
    back = Player(browser, f"{address}?scenario=first-steps&room={code}&seat=ARM")
    back.until("Your aim")
    back.press(".rest")
    other.press(".rest")
    for player in (back, other, watching):
        player.until("The run is over")
    assert watching.told.count("the rule in your seat") == 2
    assert watching.tab.locator(".take-seat button").first.inner_text() == "Take the seat of Belarus for the next run"
    for player in (back, other, watching):
        player.leave()


def test_two_browsers_and_a_recorded_seat_play_a_game_that_replays_to_the_same_bytes(
    browser: Any, address: str, library: Library, tmp_path: Path
):
    tape = tmp_path / "kazakhstan.jsonl"
    recorded = TextSeat(lambda prompt: "1", tape)
    seats = {"ARM": lambda turn: None, "BLR": lambda turn: None, "KAZ": recorded}
    story = library.ensembles(FIRST_STEPS.stem).story
    branch, seed = story.main_branch, story.scenario.seed
    play(FIRST_STEPS, seats=seats, branch=branch, seed=seed, replicate=3, replicates=0, every=EVERY, turns=TURNS)
    one = Player(browser, address)
    one.open_tab()
    one.tab.locator(".run-number input").fill("3")
    one.tab.keyboard.press("Enter")
    one.press(".open-room")
    one.until("Taken: Armenia.")
    code = one.told.split("Room ")[1][:5]
    room = library.rooms.find(code)
    assert room.replicate == 3
    room.seconds = PATIENCE // 1000
    other = Player(browser, f"{address}?scenario=first-steps&room={code}&seat=BLR")
    other.until("Taken: Armenia, Belarus.")
    one.tab.locator(".recorded-seat select").select_option(label="Kazakhstan")
    one.tab.locator(".tape input").set_input_files(tape)
    other.until("Taken: Armenia, Belarus, Kazakhstan (recorded).")
    one.press(".begin")
    one.answers()
    one.until("Waiting for Belarus")
    assert "Kazakhstan, the posture" not in other.told
    other.answers()
    one.until("Kazakhstan, the posture: loyal")
    for player in (one, other):
        player.press(".rest")
    for player in (one, other):
        player.until("The run is over")
    with other.tab.expect_download() as download:
        other.tab.locator(".save-run a, .save-run button").first.click()
    download.value.save_as(tmp_path / "played.json")
    again = replay(tmp_path / "played.json")
    assert again.to_json() == (tmp_path / "played.json").read_text("utf-8")
    answers = [each.answer for each in again.decided if each.turn.state == "KAZ"]
    assert answers == [json.loads(line)["choice"] for line in tape.read_text("utf-8").splitlines()]
    for player in (one, other):
        player.leave()
