from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.explorer.choices import Choices, PageState
from sim.explorer.ensembles import Ensembles
from sim.explorer.story import Story
from sim.explorer.switches import DECIDE, EXPLORED, MADE, OFF, ON, SILENT, explored, switches_of, with_explored
from sim.scenario import load, resolve, with_overrides
from sim.words import RESPONSES
from tests.scenario.small_scenario import ROOT


def changed(story: Story, **settings: str) -> dict[str, object]:
    """Return the events of the main branch as they are with settings; underscores stand for dashes."""
    choices = story.first_choices()
    for name, setting in settings.items():
        choices = choices.with_event(name.replace("_", "-"), setting)
    return dict(resolve(story.changed(choices), EXPLORED).events)


def test_every_event_is_a_switch_at_what_the_branch_ships(story: Story):
    switches = story.switches("as-happened")
    assert list(switches) == ["ukraine-war", "appeal-2022", "attack-2022", "russia-2022"]
    shipped = {name: switch.shipped for name, switch in switches.items()}
    assert shipped == {"ukraine-war": ON, "appeal-2022": MADE, "attack-2022": ON, "russia-2022": "mission"}
    assert story.switches("russia-sends-forces-2022")["russia-2022"].shipped == "forces"


def test_a_response_is_set_left_to_the_agents_or_gone_with_its_attack(story: Story):
    assert changed(story, russia_2022="forces")["russia-2022"].response == "forces"
    assert "russia-2022" not in changed(story, russia_2022=DECIDE)
    assert list(changed(story, attack_2022=OFF)) == ["ukraine-war"]


def test_a_response_set_by_level_replaces_a_share_on_record(story: Story):
    shared = story.scenario.events["russia-2022"].model_copy(update={"response": None, "delivered": 0.6})
    scenario = story.scenario.model_copy(update={"events": story.scenario.events | {"russia-2022": shared}})
    switches = switches_of(scenario, "as-happened", "RUS")
    assert switches["russia-2022"].shipped == "materiel"
    table = explored(scenario, "as-happened", {"russia-2022": "forces"}, {}, switches)
    event = resolve(with_explored(scenario, table), EXPLORED).events["russia-2022"]
    assert (event.level, event.delivered) == ("forces", 1.0)


def test_an_appeal_is_made_withheld_or_left_to_the_victim(story: Story):
    assert changed(story, appeal_2022=SILENT)["appeal-2022"].made is False
    assert changed(story, appeal_2022=MADE)["appeal-2022"].made is True
    assert "appeal-2022" not in changed(story, appeal_2022=DECIDE)


def test_what_a_branch_leaves_to_the_agents_can_be_fixed_again(karabakh: Story):
    choices = Choices("karabakh-2023", "agents-decide").with_event("russia-2022", "forces")
    events = resolve(karabakh.changed(choices), EXPLORED).events
    assert events["russia-2022"].response == "forces"
    assert "appeal-2022" not in events
    assert karabakh.switches("agents-decide")["russia-2022"].shipped == DECIDE


def test_an_answer_that_no_event_holds_can_be_given(karabakh: Story):
    name = "RUS-answers-afghan-attack-2025"
    plain = karabakh.switches("as-happened")
    assert name not in plain  # the file has one
    unanswered = [switch for switch in plain.values() if switch.name.startswith("RUS-answers-")]
    assert {switch.about for switch in unanswered} == set()
    story = Story(karabakh.path.with_name("csto-history.toml"))
    answers = [switch for switch in story.switches("agents-decide").values() if switch.name.startswith("RUS-answers-")]
    assert answers
    choices = replace(story.first_choices(), branch="agents-decide").with_event(answers[0].name, "forces")
    event = resolve(story.changed(choices), EXPLORED).events[answers[0].name]
    assert (event.response, event.state, event.to, event.date) == ("forces", "RUS", answers[0].about, answers[0].day)


def test_the_guarantor_does_not_answer_attacks_on_itself_or_its_own(karabakh: Story):
    assert not [
        switch for switch in karabakh.switches("as-happened").values()
        if switch.kind == "response" and switch.who == "RUS" and switch.about == "kursk-2024"
    ]  # fmt: skip


def test_setting_a_branch_by_hand_gives_that_branch(story: Story, ensembles: Ensembles):
    by_hand = replace(story.first_choices(64), seed=5).with_event("russia-2022", "forces")
    prepared = replace(story.first_choices(64), seed=5, branch="russia-sends-forces-2022")
    one, other = ensembles.view(by_hand), ensembles.view(prepared)
    np.testing.assert_array_equal(one.frozen, other.frozen)
    np.testing.assert_array_equal(one.trust, other.trust)


@pytest.mark.parametrize("branch", ["as-happened", "agents-decide", "peacekeepers-hold-2023"])
def test_every_setting_of_every_event_can_be_run(karabakh: Story, branch: str):
    seen = set()
    for switch in list(karabakh.switches(branch).values())[::3]:
        for setting in switch.settings:
            karabakh.program(Choices("karabakh-2023", branch).with_event(switch.name, setting))
            seen.add(setting)
    assert seen == {ON, OFF, DECIDE, MADE, SILENT, *RESPONSES}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (Choices("first-steps", "as-hapened"), "did you mean 'as-happened'?"),
        (Choices("first-steps", "as-happened").with_event("russia-2023", "forces"), "did you mean 'russia-2022'?"),
        (Choices("first-steps", "as-happened").with_event("russia-2022", "troops"), "allowed: none, statement"),
        (Choices("first-steps", "as-happened").with_event("attack-2022", "forces"), "allowed: on, off"),
        (Choices("first-steps", "as-happened", explanation="overstreched"), "did you mean 'overstretched'?"),
        (Choices("first-steps", "as-happened").with_parameter("memory", 3.0), "there is no parameter 'memory'"),
        (Choices("first-steps", "as-happened").with_parameter("reach", 99.0), "allowed: 0.5..5"),
    ],
)
def test_what_the_scenario_does_not_have_is_refused(story: Story, choices: Choices, message: str):
    with pytest.raises(InputError, match="link: ") as refused:
        story.check(PageState(choices), "link")
    assert message in str(refused.value)


def test_an_explored_scenario_makes_no_claims_about_branches_that_it_leaves_out():
    scenario = load(ROOT / "scenarios" / "karabakh-2023.toml")
    assert scenario.claims
    left = with_explored(scenario, {}, keep=())
    assert with_overrides(left, {"parameters.memory_half_life": 30.0}).claims == []
