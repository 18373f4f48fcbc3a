"""What those who play and watch read: names in place of codes, and what an answer is about."""

from datetime import date

from sim.explorer.page.palette import LIGHT
from sim.explorer.page.play_view import room_html
from sim.explorer.page.timeline import key_html
from sim.explorer.room import PLAYING, PublicAnswer, RoomView
from sim.explorer.story import Story
from sim.words import RESPONSES


def seen(story: Story, phase: str) -> str:
    answer = PublicAnswer(date(2021, 3, 1), "RUS", "client", "KAZ", "ignore", "")
    view = RoomView(
        code="ROOMS", phase=phase, seats=(("ARM", True), ("KAZ", True), ("RUS", True)), recorded=("KAZ",),
        playing=("ARM", "RUS"), mine="", turn=None, elapsed=0.0, asked=("ARM",), answered=(), consequences=(),
        answers=(answer,), news=(), postures={"ARM": "voice", "RUS": "loyal"}, debrief=None, error="",
    )  # fmt: skip
    return room_html(story, view, clock=60)


def test_an_observer_reads_names_and_what_each_answer_is_about(story: Story):
    html = seen(story, PLAYING)
    assert "You watch. To answer: Armenia." in html
    assert "Mar 2021, Russia, a client, Kazakhstan: <b>ignore</b>" in html
    assert "Postures: Armenia voice, Russia loyal" in html


def test_a_lobby_says_which_seats_are_taken_by_recorded_answers(story: Story):
    assert "Taken: Armenia, Kazakhstan (recorded), Russia." in seen(story, "waiting")


def test_the_key_of_the_time_line_names_every_level_and_mark():
    html = key_html(LIGHT)
    for words in ("nothing", "a statement", "a mission", "arms, money", "forces", "attack or crisis", "changed by you"):
        assert words in html
    assert all(LIGHT.responses[level] in html for level in range(len(RESPONSES)))
