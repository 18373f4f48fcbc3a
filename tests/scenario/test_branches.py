from datetime import date
from pathlib import Path

import pytest

from sim.engine.setup import prepare
from sim.errors import InputError
from sim.scenario import BASE, ScenarioError, branch_names, hazards, load, resolve, scenario_warnings
from sim.scenario.branches import acts_on, gone_with, parting
from sim.scenario.schema import Branch
from tests.scenario.small_scenario import ROOT, SMALL, Write

PLAIN = SMALL[: SMALL.index("[branches.as-happened]")]


def test_branches_come_in_the_order_of_the_file(small: Path) -> None:
    assert branch_names(load(small)) == ("as-happened", "forces")


def test_a_file_without_branches_has_one(write: Write) -> None:
    scenario = load(write(PLAIN))
    assert branch_names(scenario) == (BASE,)
    assert resolve(scenario, BASE) == resolve(scenario, None)


def test_a_branch_changes_what_it_names_and_nothing_else(small: Path) -> None:
    scenario = load(small)
    as_happened, forces = resolve(scenario, "as-happened"), resolve(scenario, "forces")
    assert as_happened.events == scenario.events
    assert forces.events["answer"].response == "forces"  # type: ignore[union-attr]
    assert forces.events | {"answer": scenario.events["answer"]} == scenario.events
    assert forces.branches == {}
    assert resolve(forces, None) is forces


def test_a_branch_can_add_drop_and_override_anything(write: Write) -> None:
    text = """
[branches.other]
drop = ["raid"]
belief_rule = "types"
[branches.other.states.NEW]
capability = 0.01
[branches.other.states.PAT]
overstretch = 0.1
[branches.other.treaties.PACT]
members = ["PAT", "CLA", "CLB", "NEW"]
[branches.other.dyads.NEW.RIV]
threat = 0.5
[branches.other.beliefs.NEW.PAT]
trust = 0.3
[branches.other.parameters]
memory_half_life = 24
[branches.other.events]
quarrel = { date = 2023-01-01, kind = "attack", aggressor = "RIV", victim = "NEW", severity = 0.4 }
help = { date = 2023-01-05, kind = "response", state = "PAT", to = "quarrel", response = "none" }
"""
    other = resolve(load(write(PLAIN + text)), "other")
    assert list(other.events) == ["war", "quarrel", "help"]
    assert other.belief_rule == "types"
    assert other.states["PAT"].overstretch.values == (0.1,)
    assert other.treaties["PACT"].members[-1] == "NEW"
    assert other.treaties["PACT"].guarantor == "PAT"
    assert other.parameters == {"memory_half_life": 24.0}
    assert set(other.drop) == {"raid", "appeal", "flight"}


def test_a_dropped_target_voids_responses_with_a_warning(write: Write) -> None:
    scenario = load(write(PLAIN + '[branches.peace]\ndrop = ["raid"]\n'))
    assert list(resolve(scenario, "peace").events) == ["war"]
    assert scenario_warnings(scenario) == ["'answer' is void: 'raid', which it is about, is gone (in branch 'peace')"]


def test_an_unknown_branch_is_refused_with_the_nearest(small: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'forces'"):
        resolve(load(small), "force")
    with pytest.raises(InputError, match="allowed: as-happened, forces"):
        resolve(load(small), BASE)


def test_a_contradiction_of_a_branch_alone_names_the_branch(write: Write) -> None:
    path = write(PLAIN + "[branches.late.events.raid]\ndate = 2023-01-01\n")
    with pytest.raises(ScenarioError) as refused:
        load(path)
    found = {(problem.line, problem.key) for problem in refused.value.problems}
    assert found == {
        (23, "events.appeal.because_of"),
        (23, "events.appeal.date"),
        (24, "events.answer.date"),
        (25, "events.flight.because_of"),
    }
    assert all("(in branch 'late')" in problem.problem for problem in refused.value.problems)


def test_a_mistake_of_the_scenario_is_not_repeated_for_its_branches(write: Write) -> None:
    path = write(SMALL.replace('aggressor = "RIV"', 'aggressor = "RVI"'))
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert len(refused.value.problems) == 1


def test_a_void_response_takes_with_it_what_is_because_of_it(write: Write) -> None:
    text = (
        "[events.anger]\n"
        'date = 2022-10-01\nkind = "protest"\nstate = "CLA"\nseverity = 0.4\nbecause_of = "answer"\n'
        '[branches.calm]\ndrop = ["raid"]\n'
    )
    scenario = load(write(SMALL + text))
    assert set(resolve(scenario, "as-happened").events) >= {"raid", "answer", "anger"}
    assert set(resolve(scenario, "calm").events) == {"war"}
    assert any("'anger' is left out" in line for line in scenario_warnings(scenario))


def test_an_attack_that_branches_answer_can_be_dropped_from_the_shipped_scenario() -> None:
    scenario = load(ROOT / "scenarios" / "karabakh-2023.toml", ['drop=["attack-2022"]'])
    for branch in branch_names(scenario):
        assert not {"attack-2022", "appeal-2022", "russia-2022", "usa-ceasefire-2022"} & set(
            resolve(scenario, branch).events
        )
    assert any("'russia-2022' is void" in line for line in scenario_warnings(scenario))


def test_changes_to_a_dropped_event_are_left_out_with_a_warning(small: Path) -> None:
    scenario = load(small, ['drop=["answer"]'])
    assert "answer" not in resolve(scenario, "forces").events
    assert scenario_warnings(scenario) == [
        "changes are left out, their events are dropped: answer (in branch 'forces')"
    ]


def test_a_file_can_leave_out_the_branches_of_what_it_extends(small: Path) -> None:
    heir = small.parent / "heir.toml"
    head = f'title = "x"\nextends = "{small.name}"\n'
    heir.write_text(head + "[branches.mine]\n")
    assert branch_names(load(heir)) == ("as-happened", "forces", "mine")
    heir.write_text(head + "drop_branches = true\n[branches.mine]\n")
    scenario = load(heir)
    assert branch_names(scenario) == ("mine",)
    assert scenario.events == load(small).events
    heir.write_text(head + "drop_branches = true\n")
    assert branch_names(load(heir)) == (BASE,)
    grandchild = small.parent / "grandchild.toml"
    heir.write_text(head + "drop_branches = true\n[branches.mine]\n")
    grandchild.write_text('title = "x"\nextends = "heir.toml"\n[branches.more]\n')
    assert branch_names(load(grandchild)) == ("mine", "more")
    heir.write_text(head + "drop_branches = 1\n")
    with pytest.raises(ScenarioError, match="drop_branches"):
        load(heir)


KARABAKH = ROOT / "scenarios" / "karabakh-2023.toml"


def test_what_goes_with_an_event_is_what_a_branch_without_it_lacks() -> None:
    scenario = load(KARABAKH)
    plain = resolve(scenario, "as-happened")
    for names in (["offensive-2023"], ["russia-2022", "ukraine-war"], ["attack-2022", "exodus-2023"]):
        branches = {"less": Branch(drop=names)}
        less = resolve(scenario.model_copy(update={"branches": branches}), "less")
        assert plain.events.keys() - less.events.keys() == gone_with(plain, names)
    assert {"russia-2023", "exodus-2023", "putin-2023", "eu-aid-2023"} <= gone_with(plain, ["offensive-2023"])


def test_calls_and_responses_act_with_what_they_are_about() -> None:
    events = load(KARABAKH).events
    scenario = load(KARABAKH)
    assert acts_on(scenario, events["belarus-2022"]) == events["attack-2022"].date < events["belarus-2022"].date
    assert acts_on(scenario, events["appeal-blockade"]) == events["blockade-2022"].date
    assert acts_on(scenario, events["exodus-2023"]) == events["exodus-2023"].date


def test_branches_part_where_their_events_first_differ(write: Write) -> None:
    scenario = load(KARABAKH)
    assert parting(scenario, "as-happened", "russia-sends-forces-2022") == date(2022, 9, 13)
    assert parting(scenario, "as-happened", "as-happened") is None
    assert parting(scenario, "as-happened", "agents-decide") == scenario.start
    assert parting(scenario, "as-happened", "no-ukraine-war") == scenario.start
    noted = SMALL + '\n[branches.noted.events]\nanswer = { note = "seen otherwise" }\n'
    assert parting(load(write(noted)), "as-happened", "noted") is None


def test_rivals_attack_by_hazard_only_where_a_file_says_so(small: Path, write: Write) -> None:
    assert hazards(load(small)) == ["rivals attack on the dates in the file alone, never at random"]
    record = 'title = "x"\nextends = "small.toml"\nendogenous_attacks = "after-record"\nrecord_end = {}\n'
    within = load(write(record.format("2022-12-31") + '[branches.forces]\nendogenous_attacks = "always"\n', "in.toml"))
    assert hazards(within) == [
        "rivals attack on the dates in the file, and at random once the coded record ends, on 31 Dec 2022",
        "rivals attack at random throughout, beside the dates in the file (in branch 'forces')",
    ]
    beyond = load(write(record.format("2025-12-31"), "beyond.toml"))
    assert hazards(beyond) == ["rivals attack on the dates in the file alone; the coded record covers the whole period"]
    assert prepare(beyond).attacks_on == (False,) * 60
    assert prepare(within).attacks_on == (False,) * 36 + (True,) * 24


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_scenarios_keep_the_record_of_the_alliance(path: Path) -> None:
    scenario = load(path)
    assert scenario.record_end == date(2026, 6, 30)
    never = path.stem in ("csto-history", "first-steps", "kyrgyzstan-2010", "placebo", "uzbekistan-1999")
    assert scenario.endogenous_attacks == ("never" if never else "after-record")
