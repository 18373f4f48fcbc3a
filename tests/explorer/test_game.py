from queue import Queue
from typing import Any

import pytest

from sim.experiments.played import Played
from sim.experiments.turns import Turn
from sim.explorer.game import PlayedGame
from sim.explorer.inside import chance_of, look_inside, typical, weightiest
from sim.explorer.story import Story
from sim.words import POSTURES


def begun(story: Story, state: str = "ARM") -> tuple[PlayedGame, "Queue[Any]"]:
    told: Queue[Any] = Queue()
    choices = story.first_choices(20, seed=7)
    return PlayedGame(story, choices, state, 3, told.put, told.put, told.put), told


def test_a_game_stops_at_each_turn_until_it_is_answered(story: Story):
    game, told = begun(story)
    first = told.get(timeout=30)
    assert isinstance(first, Turn)
    assert not game.wait(0.2)
    assert told.empty()
    game.answer("voice")
    second = told.get(timeout=30)
    assert second.knows.postures["ARM"] == "voice"
    game.hand_over()
    played = told.get(timeout=30)
    assert isinstance(played, Played)
    assert [answer for _, answer in played.turns][:3] == ["voice", None, None]
    assert len(played.ensemble["posture"]) == 3
    assert game.wait(10)


def test_a_game_can_be_left(story: Story):
    game, told = begun(story)
    told.get(timeout=30)
    game.leave()
    assert game.wait(10)
    assert told.empty()


def test_what_goes_wrong_in_a_game_is_told(story: Story):
    game, told = begun(story, "AZE")
    assert "there is no seat for 'AZE'" in str(told.get(timeout=30))
    assert game.wait(10)


def test_one_run_is_told_from_the_inside(story: Story, ensembles):
    choices = story.first_choices(40, seed=7).with_event("russia-2022", "none")
    view = ensembles.view(choices)
    client = story.clients.index("ARM")
    replicate = typical(view, client)
    assert sorted(view.frozen[:, client])[20] == view.frozen[replicate, client]
    inside = look_inside(story, choices, "ARM", replicate)
    reached = [place for place, name in enumerate(inside.postures) if name and POSTURES.index(name) >= 3]
    assert (reached or [len(story.cast.dates)])[0] == view.frozen[replicate, client]
    steps = [decision for decision in inside.decisions if decision.kind == "posture"]
    moves = [
        after for before, after in zip(inside.postures, inside.postures[1:], strict=False)
        if before != after and "out" not in (before, after)
    ]  # fmt: skip
    assert [decision.choice for decision in steps if decision.choice != "out"] == moves
    assert [(call.event, call.made) for call in inside.calls] == [("attack-2022", True)]
    (russia,) = [row for row in inside.calls[0].responses if row.ally == "RUS"]
    assert russia.level == 0
    assert inside.shares["arms"][0] == pytest.approx(0.94)
    for decision in steps:
        terms = weightiest(decision)
        assert 1 <= len(terms) <= 3
        assert [abs(value) for _, value in terms] == sorted((abs(value) for _, value in terms), reverse=True)
        chance = chance_of(decision)
        assert chance is not None
        assert 0.0 < chance < 1.0
