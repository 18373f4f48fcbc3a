import pytest

from sim.explorer.inside import chance_of, look_inside, typical, weightiest
from sim.explorer.story import Story
from sim.words import POSTURES


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
