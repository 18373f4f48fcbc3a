"""Rooms: answers hidden until all are in, the clock, leaving and coming back, and what observers see."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError
from sim.experiments.playing import play, replay
from sim.explorer.room import EVERY, MOST_ROOMS, OVER, PLAYING, TURNS, UNFIT, Room, Rooms, RoomView, Sitter
from sim.explorer.story import Story
from sim.seats.asking import LATE
from sim.seats.text_seat import TextSeat
from tests.explorer.conftest import FIRST_STEPS


def nothing() -> None:
    """Shows nothing."""


def until(true: Callable[[], bool], seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def made(story: Story, seconds: int | None = None) -> Room:
    return Room(story, story.first_choices(20, seed=7), 3, seconds=seconds, code="ROOMS")


def seated(room: Room, *states: str) -> list[Sitter]:
    found = []
    for state in states:
        sitter = Sitter(nothing)
        room.enter(sitter)
        room.take(sitter, state)
        found.append(sitter)
    return found


def asked(room: Room, sitter: Sitter) -> RoomView:
    """Wait for a question to a visitor."""
    until(lambda: room.view(sitter).turn is not None or room.view(sitter).phase == OVER)
    return room.view(sitter)


def test_one_plays_to_a_debrief_and_the_file_plays_again_to_the_same_bytes(story: Story, tmp_path: Path):
    room = made(story)
    (me,) = seated(room, "ARM")
    room.begin()
    first = asked(room, me)
    assert first.turn is not None
    assert (first.phase, first.playing, first.consequences) == (PLAYING, ("ARM",), ())
    room.answer(me, "voice")
    second = asked(room, me)
    assert second.turn is not None
    assert second.turn.knows.postures["ARM"] == "voice"
    (told,) = second.consequences
    assert (told.decided.answer, told.decided.rule) == ("voice", "loyal")
    assert told.decided.odds["voice"] < 0.5
    room.hand_over(me)
    until(lambda: room.view(me).phase == OVER)
    view = room.view(me)
    assert view.debrief is not None
    played = view.debrief.played
    assert [each.answer for each in played.decided][:3] == ["voice", None, None]
    assert len(played.decided) <= TURNS * 4 / 5
    assert (played.game.every, played.game.turns, played.replicate) == (EVERY, TURNS, 3)
    again = replay(played.save(tmp_path / "played.json"))
    assert again.turns == played.turns
    room.begin()
    assert asked(room, me).phase == PLAYING
    assert room.replicate == 4
    room.leave(me)
    assert room.wait(10)


def test_answers_are_hidden_until_all_are_in(story: Story):
    room = made(story, seconds=60)
    armenia, kazakhstan = seated(room, "ARM", "KAZ")
    watching = Sitter(nothing)
    room.enter(watching)
    room.begin()
    until(lambda: room.view(watching).asked == ("ARM", "KAZ"))
    before = room.view(watching).answers
    turn = room.view(armenia).turn
    assert turn is not None
    room.answer(armenia, turn.options[-1])
    for sitter in (watching, kazakhstan, armenia):
        view = room.view(sitter)
        assert view.answers == before
        assert view.answered == ("ARM",)
    assert room.view(armenia).turn is None
    assert room.view(watching).turn is None
    room.answer(kazakhstan, None)
    shown = room.view(watching).answers[len(before) :]
    assert {(each.state, each.answer) for each in shown} == {("ARM", turn.options[-1]), ("KAZ", None)}
    assert room.view(watching).consequences == ()
    for sitter in (armenia, kazakhstan, watching):
        room.leave(sitter)


def test_the_rule_answers_when_time_is_up_and_who_left_comes_back(story: Story):
    room = made(story, seconds=60)
    me, other = seated(room, "ARM", "KAZ")
    room.begin()
    asked(room, me)
    with pytest.raises(InputError, match="the seat of Armenia is taken"):
        room.take(other, "ARM")
    room.leave(me)
    room.seconds = 0
    room.answer(other, None)
    with room._condition:
        room._condition.notify_all()
    until(lambda: any(each.state == "ARM" for each in room.view(other).answers))
    late = next(each for each in room.view(other).answers if each.state == "ARM")
    assert (late.answer, late.left) == (None, LATE)
    room.seconds = 60
    back = Sitter(nothing)
    room.enter(back)
    room.take(back, "ARM")
    view = asked(room, back)
    assert view.mine == "ARM"
    room.answer(back, None)
    for sitter in (back, other):
        room.leave(sitter)


def test_the_seat_of_a_closed_page_is_free(story: Story):
    room = made(story)
    here = [True]
    gone = Sitter(nothing, lambda: here[0])
    room.enter(gone)
    room.take(gone, "ARM")
    assert dict(room.view(gone).seats)["ARM"]
    here[0] = False
    (new,) = seated(room, "ARM")
    assert room.view(new).mine == "ARM"
    assert room.view(gone).mine == ""


def test_what_goes_wrong_is_told(story: Story):
    room = Room(story, replace(story.first_choices(20), seed=-1), 3)
    (me,) = seated(room, "ARM")
    room.begin()
    until(lambda: room.view(me).phase == OVER)
    assert room.view(me).error
    with pytest.raises(InputError, match="there is no seat for 'AZE'"):
        room.take(me, "AZE")


def test_rooms_are_found_by_their_code_and_deserted_ones_make_room(story: Story):
    rooms, choices = Rooms(), story.first_choices(20)
    first = rooms.open(story, choices, 0, 60)
    assert rooms.find(f" {first.code.lower()} ") is first
    seated(first, "ARM")
    with pytest.raises(InputError, match="there is no room 'NOONE'"):
        rooms.find("noone".upper())
    held = [rooms.open(story, choices, 0, 60) for _ in range(MOST_ROOMS - 1)]
    rooms.open(story, choices, 0, 60)
    assert rooms.find(first.code) is first
    with pytest.raises(InputError, match="no room"):
        rooms.find(held[0].code)


def recorded(path: Path, answer: str) -> bytes:
    """Return the tape of Kazakhstan that always gives the same answer, as `sim.play` records it in the room's run."""
    seats: dict[str, Any] = {"KAZ": TextSeat(lambda prompt: answer, path), "ARM": lambda turn: None}
    play(FIRST_STEPS, seats=seats, branch="as-happened", seed=7, replicate=3, replicates=0, every=EVERY, turns=TURNS)
    return path.read_bytes()


def test_recorded_answers_take_a_seat_and_are_hidden_as_all_others(story: Story, tmp_path: Path):
    tape = recorded(tmp_path / "kaz.jsonl", "1")
    room = made(story, seconds=240)
    (me,), watching = seated(room, "ARM"), Sitter(nothing)
    room.enter(watching)
    room.seat_tape("KAZ", tape)
    assert room.view(watching).recorded == ("KAZ",)
    with pytest.raises(InputError, match="the seat of Kazakhstan is taken"):
        room.take(watching, "KAZ")
    with pytest.raises(InputError, match="no free seat"):
        room.seat_tape("ARM", tape)
    room.begin()
    asked(room, me)
    until(lambda: room.view(watching).answered == ("KAZ",))
    assert room.view(watching).answers == ()
    room.hand_over(me)
    assert {(each.state, each.answer) for each in room.view(watching).answers} >= {("ARM", None), ("KAZ", "loyal")}
    until(lambda: room.view(me).phase == OVER)
    view = room.view(me)
    assert view.debrief is not None
    played = view.debrief.played
    answers = [each.answer for each in played.decided if each.turn.state == "KAZ"]
    assert answers == [json.loads(line)["choice"] for line in tape.splitlines()]
    assert [each.answer for each in view.answers if each.state == "KAZ"] == answers
    assert replay(played.save(tmp_path / "played.json")).turns == played.turns


def test_recorded_answers_of_another_run_give_way_to_the_rule(story: Story, tmp_path: Path):
    room = made(story, seconds=240)
    (me,) = seated(room, "ARM")
    room.seat_tape("KAZ", recorded(tmp_path / "kaz.jsonl", "2"))
    room.begin()
    view = asked(room, me)
    assert view.turn is not None
    room.answer(me, view.turn.options[-1])
    asked(room, me)
    room.hand_over(me)
    until(lambda: room.view(me).phase == OVER)
    theirs = [each for each in room.view(me).answers if each.state == "KAZ"]
    assert theirs[0].answer is not None
    assert (theirs[-1].answer, theirs[-1].left) == (None, UNFIT)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"{}", b"[" * 100_000, b'{"answers": [{"raw": 1}]}', b"x" * 2_000_000])
def test_what_is_no_tape_is_refused(story: Story, text: bytes):
    room = made(story)
    with pytest.raises(InputError, match="tape"):
        room.seat_tape("KAZ", text)
    assert room.view(Sitter(nothing)).recorded == ()
