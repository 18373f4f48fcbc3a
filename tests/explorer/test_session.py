from collections.abc import Iterator
from dataclasses import replace

import pytest

from sim.explorer import session as session_module
from sim.explorer.choices import PageState
from sim.explorer.ensembles import Ensembles
from sim.explorer.session import Session
from sim.explorer.shown import Shown
from sim.explorer.story import Story


class Visitor:
    """A session, what it was shown and what went wrong."""

    def __init__(self, ensembles: Ensembles, replicates: int = 40) -> None:
        self.shown: list[Shown] = []
        self.failed: list[Exception] = []
        page = PageState(ensembles.story.first_choices(replicates, seed=7))
        self.session = Session(ensembles, page, self.shown.append, self.failed.append)

    def look(self) -> Shown:
        assert self.session.wait()
        return self.shown[-1]


@pytest.fixture
def visitor(ensembles: Ensembles) -> Iterator[Visitor]:
    made = Visitor(ensembles)
    yield made
    made.session.close()


def test_what_is_chosen_is_shown_beside_the_main_branch_as_shipped(visitor: Visitor):
    visitor.session.refresh()
    plain = visitor.look()
    assert plain.same
    visitor.session.choose(visitor.session.page.choices.with_event("russia-2022", "forces"), "event")
    shown = visitor.look()
    assert shown.other is plain.view
    assert not shown.same
    assert shown.view.trust[2, -1, shown.client] > plain.view.trust[2, -1, shown.client]
    assert shown.against == "“A mission, as it happened”"
    assert not visitor.failed


def test_undo_goes_back_a_step_and_a_dragged_slider_is_one(visitor: Visitor, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(session_module.time, "monotonic", lambda: now[0])
    first = visitor.session.page.choices
    for value in (20.0, 30.0, 40.0):
        visitor.session.choose(visitor.session.page.choices.with_parameter("memory_half_life", value), "slider")
        now[0] += 0.2
    now[0] += 2.0
    visitor.session.choose(visitor.session.page.choices.with_parameter("memory_half_life", 80.0), "slider")
    visitor.session.undo()
    assert dict(visitor.session.page.choices.parameters) == {"memory_half_life": 40.0}
    visitor.session.undo()
    assert visitor.session.page.choices == first
    assert not visitor.session.can_undo
    visitor.session.undo()
    assert visitor.session.page.choices == first
    assert visitor.look().page.choices == first


def test_back_undoes_the_steps_since_and_forward_is_a_step(visitor: Visitor):
    session = visitor.session
    first = session.page
    for name in ("none", "materiel", "forces"):
        session.choose(session.page.choices.with_event("russia-2022", name), name)
    last = session.page
    assert session.steps == 3
    session.look(state="KAZ")
    session.go_back(first)
    assert (session.page.choices, session.page.state) == (first.choices, "KAZ")
    assert not session.can_undo
    assert session.steps == 4
    session.go_back(last)
    assert session.page.choices == last.choices
    session.undo()
    assert session.page.choices == first.choices
    assert visitor.look().page.choices == first.choices


def test_choosing_what_is_chosen_is_no_step(visitor: Visitor):
    visitor.session.choose(visitor.session.page.choices, "nothing")
    assert not visitor.session.can_undo


def test_a_pinned_page_is_compared_with_from_the_same_draws(visitor: Visitor):
    visitor.session.choose(visitor.session.page.choices.with_event("russia-2022", "none"), "event")
    visitor.session.pin()
    visitor.session.choose(
        replace(visitor.session.page.choices, seed=11, replicates=50).with_event("russia-2022", "forces"), "event"
    )
    shown = visitor.look()
    assert shown.against == "what you pinned"
    assert shown.other is not None
    assert (shown.view.runs, shown.other.runs) == (50, 50)
    pinned = replace(visitor.session.page.choices, events=(("russia-2022", "none"),))
    assert shown.other is visitor.session.ensembles.view(pinned)
    visitor.session.unpin()
    assert visitor.look().against == "“A mission, as it happened”"
    visitor.session.compare("pinned")
    assert visitor.session.page.against == "main"


def test_it_is_compared_with_its_own_branch_when_asked(visitor: Visitor):
    choices = replace(visitor.session.page.choices, branch="russia-sends-forces-2022")
    visitor.session.choose(choices.with_parameter("ladder_tempo", 0.2), "both")
    visitor.session.compare("branch")
    shown = visitor.look()
    assert shown.against == "“Russia sends forces”"
    assert shown.other is visitor.session.ensembles.view(choices)


def test_another_time_or_member_is_looked_at_without_a_run(visitor: Visitor, monkeypatch):
    visitor.session.refresh()
    before = visitor.look()
    monkeypatch.setattr(visitor.session.ensembles, "views", None)
    visitor.session.look(place=12)
    visitor.session.look(state="KAZ")
    assert visitor.shown[-1].view is before.view
    assert (visitor.shown[-1].place, visitor.shown[-1].month, visitor.shown[-1].state) == (12, "Dec 2021", "KAZ")


def test_many_moves_are_answered_by_the_last(visitor: Visitor):
    values = [20.0 + step for step in range(60)]
    for value in values:
        visitor.session.choose(visitor.session.page.choices.with_parameter("memory_half_life", value), "slider")
    shown = visitor.look()
    assert dict(shown.page.choices.parameters) == {"memory_half_life": values[-1]}
    assert len(visitor.shown) < len(values)


def test_a_crash_is_told_to_its_visitor_alone_and_the_next_question_is_answered(story: Story, ensembles: Ensembles):
    broken, sound = Visitor(ensembles), Visitor(ensembles)
    try:
        choices = broken.session.page.choices
        broken.session.choose(replace(choices, branch="nowhere"), "branch")
        assert broken.session.wait()
        assert [str(error) for error in broken.failed] != []
        assert not broken.shown
        sound.session.refresh()
        assert sound.look().view.runs == 40
        assert not sound.failed
        broken.session.undo()
        assert broken.look().view.runs == 40
    finally:
        broken.session.close()
        sound.session.close()


def test_two_visitors_see_their_own(ensembles: Ensembles):
    one, other = Visitor(ensembles), Visitor(ensembles)
    try:
        one.session.choose(one.session.page.choices.with_event("russia-2022", "forces"), "event")
        other.session.choose(other.session.page.choices.with_event("russia-2022", "none"), "event")
        mine, yours = one.look(), other.look()
        assert dict(mine.page.choices.events) == {"russia-2022": "forces"}
        assert dict(yours.page.choices.events) == {"russia-2022": "none"}
        assert mine.view.trust[2, -1, mine.client] > yours.view.trust[2, -1, yours.client]
    finally:
        one.session.close()
        other.session.close()
