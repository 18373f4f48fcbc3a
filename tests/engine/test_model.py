"""The Mesa model: agents that carry obligations, the tick, batch runs, agents of one's own, dated events."""

import gc
import weakref
from datetime import date

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.agents import State
from sim.engine.schedule import STAGES
from sim.errors import InputError
from sim.experiments.alliance_model import AllianceModel
from sim.rules.posture import move_to
from sim.words import CHANNELS, FORCES, FREEZE, LOYAL, MISSION, OUT, RESPONSES, STARTING_POSTURES, VOICE
from tests.worlds import merged, model, scenario

ATTACK = {"kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.8, "date": date(2020, 3, 10)}
CALL = {
    "kind": "call",
    "state": "VIC",
    "treaty": "PACT",
    "article": 4,
    "date": date(2020, 3, 11),
    "to": "attack",
}
ANSWER = {
    "kind": "response",
    "state": "BIG",
    "to": "attack",
    "response": "mission",
    "date": date(2020, 4, 20),
}
RECORD = {"attack": ATTACK, "call": CALL, "answer": ANSWER}


def at(run, name):
    return run.setup.codes.index(name)


def after(ticks, **over):
    run = model(**over)
    for _ in range(ticks):
        run.step()
    return run


# agents and obligations


def test_a_state_prints_its_obligations_in_words():
    run = model()
    lines = str(run.state("BIG").obligations).splitlines()
    assert lines[0] == "BIG owes under PACT, article 4 (aggression), to help defend ALY, VIC, decided by consensus"
    assert lines[1].startswith("BIG owes under PACT, article 2 (talks), to consult with ALY, VIC")
    assert str(run.state("FAR").obligations) == "no obligations"
    move_to(run.world, at(run, "BIG"), 0, OUT)
    assert run.state("BIG").obligations == ()


def test_a_state_knows_its_trust_and_posture():
    run = model()
    assert run.state("VIC").trust_in("BIG") == pytest.approx(0.607)
    assert run.state("VIC").posture == "loyal"
    assert run.state("FAR").posture == ""
    with pytest.raises(InputError, match="no state 'XXX'"):
        run.state("XXX")


def test_it_is_a_mesa_model():
    run = model()
    assert isinstance(run, mesa.Model)
    assert len(run.agents.select(lambda agent: agent.code == "VIC")) == 1
    assert {agent.code for agent in run.agents} == {"BIG", "VIC", "ALY", "FOE", "FAR"}
    run.run()
    frame = run.datacollector.get_agent_vars_dataframe()
    assert len(frame) == 5 * 13
    owed = frame["code"].isin(["VIC", "ALY"])
    for name in ("trust_in_guarantor", "approval"):
        assert frame.loc[owed, name].between(0, 1).all()
        assert frame.loc[frame["code"].isin(["FOE", "FAR"]), name].isna().all()
    assert run.datacollector.get_model_vars_dataframe()["date"].iloc[-1] == date(2020, 12, 31)


def test_batch_run_with_replicate_as_a_keyword(tmp_path):
    file = tmp_path / "one.toml"
    file.write_text(
        'title = "x"\nextends = "csto"\nstart = 2021-01-01\nend = 2021-12-31\n'
        "[events]\n"
        'hit = { date = 2021-05-02, kind = "rhetoric", state = "RUS", target = "ARM", tone = -1.0 }\n'
    )
    rows = mesa.batch_run(
        AllianceModel,
        {"scenario": str(file), "rng": 1, "replicate": [0, 1], "decisions": False},
        number_processes=1,
        display_progress=False,
        data_collection_period=1,
        max_steps=12,
    )
    ours = [row for row in rows if row["code"] == "ARM"]
    assert {row["replicate"] for row in ours} == {0, 1}
    trajectory = AllianceModel(file, rng=1, replicate=1).run()
    arm, rus = trajectory.codes.index("ARM"), trajectory.codes.index("RUS")
    for row in ours:
        tick = trajectory.dates.index(row["date"])
        assert row["trust_in_guarantor"] == trajectory.values["trust"][tick, arm, rus]
    assert {row["date"] for row in ours} >= set(trajectory.dates[:-1])


def test_the_tick_runs_its_stages_in_order(monkeypatch):
    run = model()
    seen = []
    for stage in STAGES:
        original = getattr(run, stage.name)
        monkeypatch.setattr(run, stage.name, lambda o=original, n=stage.name: (seen.append(n), o())[1])
    run.step()
    assert seen == [stage.name for stage in STAGES]


def test_a_model_that_nobody_holds_is_let_go():
    run = model()
    held = weakref.ref(run)
    run.run()
    del run
    gc.collect()
    assert held() is None


def test_nothing_happens_after_the_last_tick():
    run = model()
    run.run()
    before = run.trajectory
    run.step()
    assert not run.running
    assert run.tick == 12
    assert np.array_equal(before.values["trust"], run.trajectory.values["trust"])


def test_a_trajectory_read_on_the_way_is_the_beginning_of_the_last_one():
    run = model(events=RECORD)
    for _ in range(5):
        run.step()
    early = run.trajectory
    late = run.run()
    assert len(early.dates) == 6 < len(late.dates)
    for name, values in early.values.items():
        assert values.tobytes() == late.values[name][:6].tobytes(), name


def test_equal_seeds_and_replicates_give_equal_runs():
    one, same, other = (model(seed=5, replicate=r, events=RECORD).run() for r in (1, 1, 2))
    for name in one.values:
        assert one.values[name].tobytes() == same.values[name].tobytes()
    assert one.calls == same.calls
    assert one.calls != other.calls or not np.array_equal(one.values["posture"], other.values["posture"])


# agents of one's own


class Steadfast(State):
    """Always sends forces, and never moves."""

    def respond(self, call):
        self.asked = [*getattr(self, "asked", []), (call.event, call.victim, self.coverage_of(call))]
        return "forces"

    def review_posture(self, treaty):
        return 0


class Climber(State):
    """Steps up at every review."""

    def review_posture(self, treaty):
        return 1


def test_an_agent_of_ones_own_takes_part_like_any_other():
    run = AllianceModel(
        scenario(events={"attack": ATTACK, "call": CALL}), rng=1, agents={"ALY": Steadfast, "VIC": Climber}
    )
    trajectory = run.run()
    answers = {row.ally: row for row in trajectory.calls[0].responses}
    assert run.state("ALY").asked == [("attack", "VIC", 1.0)]
    assert answers["ALY"].choice == FORCES
    assert not answers["ALY"].fixed
    assert trajectory.values["posture"][:4, at(run, "VIC"), 0].tolist() == [0, 1, 2, 3]
    assert trajectory.values["posture"][-1, at(run, "VIC"), 0] == OUT
    assert trajectory.values["posture"][-1, at(run, "ALY"), 0] == LOYAL
    choices = {d.choice for d in run.decisions if d.kind == "response" and d.state == "ALY"}
    assert choices == {"forces"}


def test_a_record_goes_before_an_agent_of_ones_own():
    fixed = {**RECORD, "ally": {**ANSWER, "state": "ALY", "response": "none"}}
    run = AllianceModel(scenario(events=fixed), rng=1, agents={"ALY": Steadfast})
    answers = {row.ally: row for row in run.run().calls[0].responses}
    assert answers["ALY"].level == 0
    assert answers["ALY"].fixed


@pytest.mark.parametrize("answer", ["tanks", 7, None, True])
def test_an_agent_that_answers_nonsense_is_refused(answer):
    agent = type("Odd", (State,), {"respond": lambda self, call: answer})
    run = AllianceModel(scenario(events={"attack": ATTACK, "call": CALL}), rng=1, agents={"ALY": agent})
    with pytest.raises(InputError, match="ALY responded with"):
        run.run()


def test_agents_for_unknown_states_are_refused():
    with pytest.raises(InputError, match="unknown states: XYZ"):
        AllianceModel(scenario(), rng=1, agents={"XYZ": State})


# decisions


def test_decisions_are_kept_with_terms_that_add_up_to_the_choice():
    run = model(events={"attack": ATTACK, "call": CALL})
    run.run()
    answers = [d for d in run.decisions if d.kind == "response"]
    assert {d.state for d in answers} == {"BIG", "ALY"}
    for decision in answers:
        assert [option.name for option in decision.options] == list(RESPONSES)
        utilities = np.array([option.utility for option in decision.options])
        weights = np.exp(run.parameters.response_precision * utilities)
        chances = np.array([option.chance for option in decision.options])
        assert chances == pytest.approx(weights / weights.sum())
        assert decision.choice == RESPONSES[np.searchsorted(np.cumsum(chances), decision.draw, side="right")]
    reviews = [d for d in run.decisions if d.kind == "posture" and d.state == "VIC"]
    assert len(reviews) == 12
    trajectory = run.trajectory
    pressures = trajectory.values["pressure"][1:, at(run, "VIC"), 0]
    assert [d.options[0].utility for d in reviews] == pytest.approx(pressures.tolist())


def test_fixed_choices_are_kept_without_a_draw():
    run = model(events=RECORD)
    run.run()
    fixed = [d for d in run.decisions if d.kind == "response" and d.state == "BIG"]
    assert [(d.choice, d.draw) for d in fixed] == [("mission", None)]


# calls and responses


def test_a_recorded_response_counts_when_its_attack_comes():
    trajectory = model(events=RECORD).run()
    (record,) = trajectory.calls
    assert record.made
    assert record.article == "PACT 4"
    assert {row.ally: (row.level, row.fixed) for row in record.responses}["BIG"] == (MISSION, True)
    codes = trajectory.codes
    trust = trajectory.values["trust"][:, codes.index("VIC"), codes.index("BIG")]
    assert trust[3] < trust[2]


def test_help_on_record_may_be_a_share_of_the_duty():
    def answer(**given):
        kept = {key: value for key, value in ANSWER.items() if key != "response"}
        run = after(4, events=RECORD | {"answer": {**kept, **given}})
        (found,) = [row for row in run.calls[0].responses if row.ally == "BIG"]
        return found, run.state("VIC").trust_in("BIG")

    share, trust = answer(delivered=0.6)
    assert (RESPONSES[share.level], share.fulfilment) == ("materiel", 0.6)
    materiel, less = answer(response="materiel")
    assert (materiel.level, materiel.fulfilment) == (share.level, 0.4)
    assert trust > less
    assert answer(response="materiel", delivered=0.4) == (materiel, less)


def test_help_on_record_counts_without_a_call_and_silence_hardly():
    silent = {"attack": ATTACK, "call": {**CALL, "made": False}}
    runs = [model(events=events) for events in (silent, {**silent, "answer": {**ANSWER, "response": "forces"}})]
    trust = [run.run().values["trust"][3, at(run, "VIC"), at(run, "BIG")] for run in runs]
    assert trust[1] > 0.64
    assert 0.59 < trust[0] < 0.61


def test_a_call_for_talks_only_is_met_by_words():
    talks = {**RECORD, "call": {**CALL, "article": 2}, "answer": {**ANSWER, "response": "statement"}}
    (record,) = model(events=talks).run().calls
    assert {row.ally: row.fulfilment for row in record.responses}["BIG"] == 1.0


def test_a_treaty_stands_for_its_members_without_a_row_of_their_own():
    rows = {**RECORD, "all": {**ANSWER, "state": "PACT", "response": "statement"}}
    (record,) = model(events=rows).run().calls
    assert {row.ally: row.level for row in record.responses} == {"BIG": MISSION, "ALY": 1}


def test_two_attacks_in_a_month_do_not_collide():
    run = model(events={"one": ATTACK, "two": {**ATTACK, "date": date(2020, 3, 20)}})
    run.run()
    draws = [d.draw for d in run.decisions if d.kind == "call"]
    assert len(draws) == len(set(draws)) == 2


def test_an_objection_is_recorded_as_a_veto():
    pulls = {"objection_base": 0.0, "guarantor_pull": 0.0, "response_precision": 1.0}
    checked = scenario(events={"attack": ATTACK, "call": CALL}, parameters=pulls, dyads={"ALY": {"FOE": {"ties": 1.0}}})
    answers = []
    for replicate in range(60):
        run = AllianceModel(checked, rng=1, replicate=replicate, collect=False)
        answers += [row for row in run.run().calls[0].responses if row.ally == "BIG"]
    held = [row for row in answers if row.vetoed]
    assert held
    assert all(row.level < row.choice for row in held)
    assert all(row.level == row.choice for row in answers if not row.vetoed)
    assert any(row.choice > 1 and not row.vetoed for row in answers)


def test_changing_the_decision_rule_changes_only_what_was_held_back():
    pulls = {"objection_base": 0.0, "response_precision": 1.0}
    over = {"events": {"attack": ATTACK, "call": CALL}, "parameters": pulls}
    for replicate in range(20):
        bound = model(replicate=replicate, **over).run().calls[0]
        free = (
            model(replicate=replicate, **merged(over, {"treaties": {"PACT": {"decision": "opt-out"}}})).run().calls[0]
        )
        assert [row.choice for row in bound.responses] == [row.choice for row in free.responses]
        assert [row.coverage for row in bound.responses] == [row.coverage for row in free.responses]
        assert all(row.level == row.choice for row in free.responses)


# dated events


def changed(event, read, **over):
    """Return what ``read`` gives after two months without and with an event in February."""
    event = {"date": date(2020, 2, 5), **event}
    runs = [after(2, events=events, **over) for events in ({}, {"event": event})]
    return [read(run) for run in runs]


@pytest.mark.parametrize(
    ("event", "read", "direction"),
    [
        ({"kind": "overstretch", "state": "BIG", "value": 0.7}, lambda r: r.world.overstretch[at(r, "BIG")], 1),
        ({"kind": "protest", "state": "VIC", "severity": 0.5}, lambda r: r.world.exit_support[at(r, "VIC"), 0], 1),
        ({"kind": "rhetoric", "state": "BIG", "target": "VIC", "tone": -0.8},
         lambda r: r.state("VIC").trust_in("BIG"), -1),
        ({"kind": "refugees", "state": "VIC", "value": 100_000}, lambda r: r.world.approval[at(r, "VIC"), 0], -1),
        ({"kind": "aid", "state": "FAR", "target": "VIC", "channel": "arms", "value": 0.5},
         lambda r: r.world.portfolio[at(r, "VIC"), at(r, "BIG"), 0], -1),
        ({"kind": "aid", "state": "FAR", "target": "VIC", "value": 0.5}, lambda r: r.state("VIC").trust_in("FAR"), 1),
        ({"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.5},
         lambda r: r.world.pressure[at(r, "VIC"), 0], 1),
        ({"kind": "coercion", "state": "BIG", "target": "VIC", "severity": 0.5},
         lambda r: r.world.approval[at(r, "VIC"), 0], -1),
        ({"kind": "reassurance", "state": "BIG", "target": "VIC", "severity": 0.5},
         lambda r: r.world.approval[at(r, "VIC"), 0], 1),
        ({"kind": "membership", "state": "ALY", "treaty": "PACT", "action": "suspend"},
         lambda r: r.world.posture[at(r, "ALY"), 0], 1),
        ({"kind": "membership", "state": "FAR", "treaty": "PACT", "action": "join"},
         lambda r: len(r.state("FAR").obligations), 1),
        ({"kind": "membership", "state": "ALY", "treaty": "PACT", "action": "leave"},
         lambda r: len(r.state("BIG").obligations[0].to), -1),
        ({"kind": "set", "key": "states.BIG.capability", "value": 0.001},
         lambda r: r.world.reliability[at(r, "VIC"), 0], -1),
        ({"kind": "set", "key": "dyads.VIC.FOE.threat", "value": 0.0}, lambda r: r.world.pressure[at(r, "VIC"), 0], 1),
        ({"kind": "set", "key": "dyads.VIC.BIG.arms", "value": 0.1},
         lambda r: r.world.portfolio[at(r, "VIC"), at(r, "BIG"), 0], -1),
        ({"kind": "set", "key": "parameters.required_reliability", "value": 0.8},
         lambda r: r.world.pressure[at(r, "VIC"), 0], 1),
        ({"kind": "recognition", "state": "VIC", "place": "Enclave", "as": "FOE"},
         lambda r: r.world.recognised[at(r, "VIC"), r.setup.places.index("Enclave")], 1),
        ({"kind": "crisis", "victim": "VIC", "severity": 0.6}, lambda r: r.world.attention[at(r, "VIC")], 1),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_every_kind_of_event_is_real(event, read, direction):
    without, with_ = changed(event, read)
    assert (with_ - without) * direction > 0


def test_windows_and_leaders_open_for_their_time():
    summit = {"kind": "window", "treaty": "PACT", "date": date(2020, 2, 5), "until": date(2020, 4, 20)}
    leader = {"kind": "leader", "state": "VIC", "date": date(2020, 8, 5)}
    run = model(events={"summit": summit, "leader": leader})
    widths = []
    original = run.review_postures
    run.review_postures = lambda: (widths.append(run.world.window[at(run, "VIC"), 0]), original())
    run.run()
    assert widths[1:4] == [1.0, 1.0, 1.0] or widths[1:3] == [1.0, 1.0]
    assert widths[0] == widths[5] == 0.0
    assert widths[7:10] == pytest.approx([0.4] * 3)
    assert widths[10] == 0.0


def test_a_rival_pact_is_barred_to_members_of_an_exclusive_treaty():
    rival = {"RIVAL": {"members": ["FAR", "FOE"], "guarantor": "FAR", "clauses": {"a": {"article": "5"}}}}
    join = {"kind": "membership", "treaty": "RIVAL", "action": "join", "date": date(2020, 2, 5)}
    over = {"treaties": {**rival, "PACT": {"rivals": ["RIVAL"]}}}
    barred = after(2, events={"join": {**join, "state": "VIC"}}, **over)
    column = barred.treaty_index("RIVAL")
    assert barred.world.posture[at(barred, "VIC"), column] == -1
    over["treaties"]["PACT"]["exclusive"] = 0.9
    discouraged = after(2, events={"join": {**join, "state": "VIC"}}, **over)
    assert discouraged.world.posture[at(discouraged, "VIC"), column] == LOYAL
    over["treaties"]["PACT"]["exclusive"] = 1.0
    first = {
        "leave": {
            "kind": "membership",
            "state": "VIC",
            "treaty": "PACT",
            "action": "leave",
            "date": date(2020, 1, 5),
        }
    }
    free = after(2, events={**first, "join": {**join, "state": "VIC"}}, **over)
    assert free.world.posture[at(free, "VIC"), column] == LOYAL


def test_conditions_are_asked_in_each_run_at_their_date():
    coerced = {"kind": "coercion", "state": "BIG", "target": "VIC", "severity": 0.5, "date": date(2020, 3, 5)}
    for condition, expected in (
        ("VIC.posture >= voice", 0.0),
        ("VIC.trust[BIG] > 0.2", 0.5),
        ("PACT.members == 3", 0.5),
    ):
        run = after(3, events={"coercion": {**coerced, "only_if": condition}}, parameters={"ladder_tempo": 0.005})
        assert run.world.posture[at(run, "VIC"), 0] < VOICE
        assert run.world.coercion[at(run, "VIC"), 0] == expected


def test_series_and_treaty_dates_change_the_world_in_time():
    series = {"BIG": {"overstretch": {"2020": 0.1, "2021": 0.9}}}
    late = {"LATE": {"members": ["BIG", "VIC"], "in_force": date(2020, 3, 5), "expires": date(2020, 6, 1),
                     "clauses": {"a": {"article": "1"}}}}  # fmt: skip
    run = model(end=date(2021, 6, 30), states=series, treaties=late)
    column = run.treaty_index("LATE")
    force, stretch = [], []
    while run.running:
        run.step()
        force.append(bool(run.world.in_force[column]))
        stretch.append(float(run.world.overstretch[at(run, "BIG")]))
    assert force[:7] == [False, False, True, True, True, False, False]
    assert stretch[11:13] == [0.1, 0.9]


def test_rivals_attack_by_choice_only_when_switched_on():
    over = {"parameters": {"challenge_floor": -6.0, "challenge_recurrence": 3.5}, "end": date(2029, 12, 31),
            "dyads": {"FOE": {"VIC": {"fought": date(2019, 12, 1), "claim": 1.0}}}}  # fmt: skip
    assert model(**over).run().calls == ()
    trajectory = model(**over, endogenous_attacks="always").run()
    assert {(record.aggressor, record.victim) for record in trajectory.calls} <= {
        ("FOE", "VIC"),
        ("VIC", "FOE"),
    }
    assert trajectory.calls


def test_members_can_attack_members_and_nobody_is_bound():
    quarrel = {"attack": {**ATTACK, "aggressor": "ALY"}}
    (record,) = model(events=quarrel).run().calls
    assert record.coverage_victim == 0.0
    assert not record.made
    assert [row.ally for row in record.responses] == ["BIG"]


def test_a_former_member_may_come_back():
    class Content(State):
        def rejoins(self, treaty):
            return True

    leave = {
        "kind": "membership",
        "state": "VIC",
        "treaty": "PACT",
        "action": "leave",
        "date": date(2020, 2, 5),
    }
    run = AllianceModel(scenario(events={"leave": leave}), rng=1, agents={"VIC": Content})
    posture = run.run().values["posture"][:, at(run, "VIC"), 0].tolist()
    assert posture[:4] == [0, 0, 0, 0]
    assert [d.kind for d in run.decisions if d.state == "VIC" and d.kind == "return"] == ["return"]


def test_frozen_states_climb_to_notice_and_out():
    class Leaver(State):
        def review_posture(self, treaty):
            return 1

    over = {"treaties": {"PACT": {"notice_months": 3}}}
    run = AllianceModel(scenario(**over), rng=1, agents={"VIC": Leaver})
    posture = run.run().values["posture"][:, at(run, "VIC"), 0].tolist()
    assert posture[:9] == [0, 1, 2, FREEZE, 4, 4, 4, OUT, OUT]


def test_conditions_of_calls_and_responses_are_asked_when_the_case_comes():
    never, always = {"only_if": "VIC.posture >= freeze"}, {"only_if": "VIC.posture >= loyal"}
    rows = {
        "attack": ATTACK,
        "call": {**CALL, **never},
        "low": {**ANSWER, "response": "statement", **always},
        "high": {**ANSWER, "response": "forces", **never},
    }
    run = model(events=rows)
    (record,) = run.run().calls
    assert [d.choice for d in run.decisions if d.kind == "call"] == ["appeal" if record.made else "silence"]
    assert {row.ally: (row.level, row.fixed) for row in record.responses}["BIG"] == (1, True)
    (record,) = model(events={**rows, "call": {**CALL, **always}}).run().calls
    assert record.made
    assert record.article == "PACT 4"


def test_a_decision_keeps_the_draw_that_decided_it_and_none_where_nothing_was_drawn():
    run = AllianceModel(scenario(events={"attack": ATTACK, "call": CALL}), rng=1, agents={"ALY": Steadfast})
    run.run()
    answers = {d.state: d.draw for d in run.decisions if d.kind == "response"}
    assert answers["ALY"] is None
    assert 0.0 <= answers["BIG"] < 1.0


def test_a_case_outside_the_law_leaves_nothing_to_appeal_to():
    run = model(events={"attack": {**ATTACK, "place": "Enclave"}})
    run.run()
    (decision,) = (d for d in run.decisions if d.kind == "call")
    assert decision.choice == "silence"
    assert {option.name: option.chance for option in decision.options} == {"appeal": 0.0, "silence": 1.0}


def test_coercion_cuts_the_channel_it_uses():
    press = {"kind": "coercion", "state": "BIG", "target": "ALY", "severity": 0.5, "date": date(2020, 2, 5)}
    run = after(2, events={"press": press}, parameters={"ladder_tempo": 0.005})
    cut = 1 - 0.5 * run.parameters.other_adjustment * 12
    assert run.world.portfolio[at(run, "ALY"), at(run, "BIG"), 1] == pytest.approx(0.3 * cut)


@pytest.mark.parametrize("state", ["VIC", "ALY"])
def test_any_member_starts_where_the_file_says_with_the_trust_that_it_says(state):
    for posture in STARTING_POSTURES:
        given = {"PACT": {"postures": {state: posture}, "notice_months": 2}}
        run = model(treaties=given, beliefs={state: {"FAR": {"trust": 0.7}, "BIG": {"trust": 0.2, "confidence": 9}}})
        assert run.state(state).posture == posture
        assert {run.state(code).posture for code in {"BIG", "VIC", "ALY"} - {state}} == {"loyal"}
        assert run.state(state).trust_in("FAR") == pytest.approx(0.7)
        assert run.state(state).trust_in("BIG") == pytest.approx(0.2)
        assert run.world.moved_up[at(run, state), 0] == -np.inf
        for _ in range(3):
            run.step()
        assert (run.state(state).posture == "out") == (posture == "notify")


def test_only_the_guarantor_of_a_treaty_is_felt_in_it():
    second = {"OTHER": {"members": ["FAR", "VIC", "FOE"], "guarantor": "FAR", "clauses": {"a": {"article": "5"}}}}
    events = {
        "press": {"kind": "coercion", "state": "BIG", "target": "VIC", "severity": 0.5, "date": date(2020, 2, 5)},
        "comfort": {"kind": "reassurance", "state": "FAR", "target": "VIC", "severity": 0.4, "date": date(2020, 2, 5)},
    }
    run = after(2, treaties=second, events=events)
    victim, pact, other = at(run, "VIC"), run.treaty_index("PACT"), run.treaty_index("OTHER")
    assert run.world.coercion[victim].tolist() == [0.5 if treaty == pact else 0.0 for treaty in range(2)]
    assert run.world.reassurance[victim].tolist() == [0.4 if treaty == other else 0.0 for treaty in range(2)]


@given(st.sampled_from(["FOE", "FAR", "ALY"]), st.floats(0, 1), st.sampled_from(CHANNELS), st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_coercion_by_another_state_never_pushes_a_member_from_its_guarantor(source, severity, channel, replicate):
    press = {"kind": "coercion", "state": source, "target": "VIC", "channel": channel, "severity": severity}
    shares = {"VIC": {source: dict.fromkeys(CHANNELS, 0.4)}}
    paths = []
    for events in ({}, {"press": press | {"date": date(2020, 2, 5)}}):
        run = model(replicate=replicate, dyads=shares, events=events)
        paths.append(run.run().values)
        if events:
            assert run.world.portfolio[at(run, "VIC"), at(run, source), CHANNELS.index(channel)] <= 0.4
    without, with_ = paths
    victim = at(run, "VIC")
    assert (with_["coercion"][:, victim] == 0.0).all()
    assert (with_["pressure"][:, victim] <= without["pressure"][:, victim] + 1e-12).all()
    assert (with_["posture"][:, victim] <= without["posture"][:, victim]).all()
    assert (with_["approval"][:, victim] == without["approval"][:, victim]).all()


def test_reassurance_echoes_among_clients():
    comfort = {"kind": "reassurance", "state": "BIG", "target": "ALY", "severity": 0.5, "date": date(2020, 2, 5)}
    run = after(2, events={"comfort": comfort})
    assert run.world.reassurance[at(run, "ALY"), 0] == 0.5
    assert 0.0 < run.world.reassurance[at(run, "VIC"), 0] < 0.5
    assert run.world.reassurance[at(run, "FAR"), 0] == 0.0


@pytest.mark.parametrize("dated", ["window", "treaty"])
def test_a_renewal_opens_a_window_and_lets_members_lapse(dated):
    class Lapsing(State):
        def lapses(self, treaty):
            self.opening = self.model.world.window[self.index, 0]
            return True

    day = date(2020, 5, 4)
    over = {"events": {"w": {"kind": "window", "of": "renewal", "treaty": "PACT", "date": day}}}
    if dated == "treaty":
        over = {"treaties": {"PACT": {"renewals": [day]}}}
    run = AllianceModel(scenario(**over), rng=1, agents={"VIC": Lapsing})
    posture = run.run().values["posture"][:, at(run, "VIC"), 0].tolist()
    assert posture[4] < OUT
    assert posture[5] == OUT
    assert run.state("VIC").opening == 1.0


def test_a_rival_pact_is_noted_and_ends_with_the_return():
    class Turncoat(State):
        def seeks_pact(self, treaty):
            return self.model.world.posture[self.index, 0] == OUT

        def rejoins(self, treaty):
            return self.model.tick >= 6

    events = {
        "leave": {"kind": "membership", "state": "VIC", "treaty": "PACT", "action": "leave", "date": date(2020, 2, 5)},
        "offer": {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 3, 5)},
    }
    run = AllianceModel(scenario(events=events), rng=1, agents={"VIC": Turncoat})
    pacts = []
    while run.running:
        run.step()
        pacts.append(int(run.world.pact_with[at(run, "VIC"), 0]))
    assert [d.choice for d in run.decisions if d.kind == "pact"] == ["FAR"]
    assert pacts[3] == at(run, "FAR")
    assert pacts[-1] == -1


def test_an_exclusive_treaty_holds_back_a_state_that_seeks_a_pact_by_a_rule_of_its_own():
    asked = []

    class Turncoat(State):
        def seeks_pact(self, treaty):
            asked.append(self.model.world.posture[self.index, 0])
            return True

    offer = {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 3, 5)}
    for exclusive in (True, False):
        over = scenario(events={"offer": offer}, treaties={"PACT": {"exclusive": exclusive}})
        run = AllianceModel(over, rng=1, agents={"VIC": Turncoat})
        run.run()
        assert bool(asked) != exclusive
        assert [d.choice for d in run.decisions if d.kind == "pact"] == ([] if exclusive else ["FAR"])


def test_nobody_declines_what_was_not_asked():
    silent = {"attack": ATTACK, "call": {**CALL, "made": False}}
    unasked = {**silent, "answer": {**ANSWER, "response": "none"}}
    one, other = (model(events=events).run() for events in (silent, unasked))
    assert np.array_equal(one.values["trust"], other.values["trust"])
    asked = model(events={**RECORD, "answer": {**ANSWER, "response": "none"}}).run()
    victim, big = one.codes.index("VIC"), one.codes.index("BIG")
    assert asked.values["trust"][3, victim, big] < one.values["trust"][3, victim, big]


def test_conditions_about_what_is_not_known_never_hold():
    protest = {"kind": "protest", "state": "VIC", "severity": 0.5, "date": date(2020, 2, 5)}
    for condition in ("FAR.posture < voice", "VIC.energy[BIG] != 0.3", "FAR.approval >= 0"):
        assert after(2, events={"p": {**protest, "only_if": condition}}).world.protest[at(after(1), "VIC")] == 0.0
    assert after(2, events={"p": {**protest, "only_if": "VIC.posture < out"}}).world.protest.max() == 0.5


def test_military_presence_follows_its_series_and_arms_only_start_from_theirs():
    series = {"ALY": {"BIG": {"base": {"2020": 0.25, "2021": 1.0}, "arms": {"2020": 0.4, "2021": 0.9}}}}
    run = model(end=date(2021, 6, 30), dyads=series, parameters={"ladder_tempo": 0.005})
    run.run()
    held = run.world.portfolio[at(run, "ALY"), at(run, "BIG")]
    assert held[4] == pytest.approx(1.0, abs=0.01)
    assert held[0] == pytest.approx(0.4, abs=0.01)


def test_joining_again_changes_nothing_for_a_present_member():
    join = {"kind": "membership", "state": "VIC", "treaty": "PACT", "action": "join", "date": date(2020, 3, 5)}
    suspend = {**join, "action": "suspend", "date": date(2020, 2, 5)}
    run = after(3, events={"suspend": suspend, "join": join}, parameters={"ladder_tempo": 0.005})
    assert run.world.posture[at(run, "VIC"), 0] == FREEZE


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"parameters": {"memory_half_life": -5}}, "allowed: 12..180"),
        ({"parameters": {"memory_halflife": 50}}, "did you mean 'memory_half_life'"),
        ({"rng": -3}, "seed -3 is not allowed; allowed: whole numbers from 0 to 9007199254740991"),
    ],
)
def test_wrong_arguments_are_refused_with_what_is_allowed(wrong, message):
    with pytest.raises(InputError, match=message):
        AllianceModel(scenario(), **wrong)
    with pytest.raises(InputError, match="no state 'XXX'"):
        model().state("VIC").trust_in("XXX")
