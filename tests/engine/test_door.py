"""The door between the stages and the Mesa model: states of one's own decide in the rule's place."""

import math
from datetime import date

import numpy as np
import pytest

from sim.engine.agents import State
from sim.engine.setup import prepare
from sim.errors import InputError
from sim.experiments.alliance_model import AllianceModel
from sim.model.world import copy_world
from sim.rules.maths import decay_factor
from sim.words import FORCES, FREEZE, MISSION, NOTIFY, OUT
from tests.engine.test_engines import EVENTS
from tests.worlds import merged, model, scenario, tables

ATTACK = {"kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.8, "date": date(2020, 3, 10)}
CALL = {"kind": "call", "state": "VIC", "treaty": "PACT", "article": 4, "date": date(2020, 3, 11), "to": "attack"}
DECISIONS = (
    "attacks", "appeal", "respond", "review_posture", "lapses", "rejoins", "seeks_pact", "diversifies",
    "policy_towards",
)  # fmt: skip


def overriding(asked):
    """Return a state that overrides every decision, answers as built in, and notes what it was asked."""
    kind = type("Noting", (State,), {})
    for name in DECISIONS:

        def decide(self, *about, name=name):
            asked.append((self.model.tick, self.code, name))
            return getattr(State, name)(self, *about)

        setattr(kind, name, decide)
    return kind


def busy():
    """Return a branch in which everything happens, some of it with no call on record."""
    own = {"unannounced": ATTACK, "exit": {"kind": "membership", "state": "ALY", "treaty": "PACT", "action": "leave"}}
    own["exit"]["date"] = date(2020, 4, 5)
    pact = {"renewals": [date(2020, 9, 15)], "exclusive": False}
    given = merged(tables(), {"events": EVENTS | own, "treaties": {"PACT": pact}})
    given |= {"endogenous_attacks": "always", "guarantor_choices": "always"}
    return prepare(scenario(**given))


def test_states_that_override_every_decision_and_answer_as_built_in_change_nothing():
    setup, asked = busy(), []
    for replicate in range(3):
        plain = AllianceModel(setup, rng=5, replicate=replicate)
        own = AllianceModel(setup, rng=5, replicate=replicate, agents=dict.fromkeys(setup.codes, overriding(asked)))
        expected, found = plain.run(), own.run()
        for name, values in expected.values.items():
            assert values.tobytes() == found.values[name].tobytes(), name
        assert plain.decisions == own.decisions
        assert plain.calls == own.calls
    assert {name for _, _, name in asked} == set(DECISIONS)


def test_a_veto_holds_back_an_answer_of_ones_own():
    class Ready(State):
        def respond(self, call):
            return "forces"

    pulls = {"objection_base": 0.0, "guarantor_pull": 0.0}
    checked = scenario(events={"attack": ATTACK, "call": CALL}, parameters=pulls, dyads={"ALY": {"FOE": {"ties": 1.0}}})
    levels = []
    for replicate in range(40):
        run = AllianceModel(checked, rng=1, replicate=replicate, agents={"BIG": Ready}, collect=False)
        levels += [(row.choice, row.level, row.vetoed) for row in run.run().calls[0].responses if row.ally == "BIG"]
    assert {choice for choice, _, _ in levels} == {FORCES}
    assert any(vetoed and level < MISSION for _, level, vetoed in levels)
    assert any(not vetoed and level == FORCES for _, level, vetoed in levels)


class Leaper(State):
    """Moves by a given number of rungs at once."""

    step = 0

    def review_posture(self, treaty):
        return self.step


@pytest.mark.parametrize(("step", "posture"), [(3, "freeze"), (4, "notify"), (5, "out"), (0, "loyal"), (-1, "loyal")])
def test_a_state_of_ones_own_may_jump(step, posture):
    run = AllianceModel(scenario(), rng=1, agents={"VIC": type("Own", (Leaper,), {"step": step})})
    run.step()
    assert run.state("VIC").posture == posture
    reviews = [each for each in run.decisions if each.state == "VIC" and each.kind == "posture"]
    assert [each.choice for each in reviews] == [posture]


@pytest.mark.parametrize("step", [6, -2, 1.5, None, "voice"])
def test_a_step_beyond_the_ladder_is_refused_with_what_is_allowed(step):
    run = AllianceModel(scenario(), rng=1, agents={"VIC": type("Own", (Leaper,), {"step": step})})
    with pytest.raises(InputError, match="from loyal in PACT; allowed: whole numbers from -1 to 5"):
        run.step()


RENEWED = {"treaties": {"PACT": {"renewals": [date(2020, 1, 15)], "exclusive": False}}}
OFFERED = {
    "events": {"pledge": {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 1, 5)}}
}
LEFT = {
    "events": {
        "exit": {"kind": "membership", "state": "VIC", "treaty": "PACT", "action": "leave", "date": date(2020, 1, 5)}
    }
}
YES_OR_NO = {
    "attacks": ("FOE", {"endogenous_attacks": "always"}),
    "appeal": ("VIC", {"events": {"attack": ATTACK}}),
    "lapses": ("VIC", RENEWED),
    "rejoins": ("VIC", LEFT),
    "seeks_pact": ("VIC", merged(RENEWED, OFFERED)),
    "diversifies": ("VIC", OFFERED),
}
"""By decision that is yes or no: who is asked, and a world in which it is."""


def answering(decision, answer):
    code, over = YES_OR_NO[decision]
    kind = type("Own", (State,), {decision: lambda self, about: answer})
    return AllianceModel(scenario(**over), rng=1, agents={code: kind})


@pytest.mark.parametrize("decision", YES_OR_NO)
@pytest.mark.parametrize("answer", ["no", None, 2, 0.0])
def test_an_answer_that_is_neither_yes_nor_no_is_refused(decision, answer):
    code = YES_OR_NO[decision][0]
    with pytest.raises(InputError, match=f"{code} answered {answer!r} in {decision}; allowed: True or False"):
        answering(decision, answer).run()


@pytest.mark.parametrize("decision", YES_OR_NO)
def test_yes_and_no_may_be_numbers(decision):
    for plain, others in ((True, (1, np.True_, np.int64(1))), (False, (0, np.False_, np.int64(0)))):
        expected = answering(decision, plain).run()
        for answer in others:
            found = answering(decision, answer).run()
            assert all(values.tobytes() == found.values[name].tobytes() for name, values in expected.values.items())


def leaping(step, force_chance, seed=1, **over):
    checked = scenario(parameters={"force_chance": force_chance}, **over)
    return AllianceModel(checked, rng=seed, agents={"VIC": type("Own", (Leaper,), {"step": step})})


def test_a_step_that_the_guarantors_force_stops_is_noted_and_touched():
    run = leaping(3, 1.0)
    run.step()
    victim = run.setup.codes.index("VIC")
    assert run.state("VIC").posture == "loyal"
    assert run.world.touched[victim, 0] == FREEZE
    (review,) = [each for each in run.decisions if each.state == "VIC" and each.kind == "posture"]
    assert (review.choice, review.stopped) == ("freeze", True)
    assert run.world.moved_up[victim, 0] == -math.inf


def test_force_stops_nothing_below_freeze_and_nothing_far_away():
    below, far = leaping(2, 1.0), leaping(3, 1.0, dyads={"VIC": {"BIG": {"base": 0.25}}})
    for run, posture in ((below, "reduce"), (far, "freeze")):
        run.step()
        assert run.state("VIC").posture == posture
        assert not any(each.stopped for each in run.decisions)


def test_given_rungs_and_running_notices_are_not_stopped():
    run = leaping(0, 1.0)
    victim = run.setup.codes.index("VIC")
    run.script.given_rung[0, victim, 0] = NOTIFY
    run.world.notice_months[0] = 1.0
    run.step()
    run.step()
    assert run.state("VIC").posture == "out"
    assert run.world.touched[victim, 0] == OUT


def test_force_has_draws_of_its_own_and_changes_nothing_but_what_it_stops():
    restless = {"ladder_tempo": 0.3, "ladder_trust": 3.0, "initial_trust": 0.3}
    stopped = []
    for replicate in range(12):
        free, forced = (
            AllianceModel(scenario(parameters=restless | {"force_chance": chance}), rng=1, replicate=replicate)
            for chance in (0.0, 0.5)
        )
        expected, found = free.run(), forced.run()
        first = next((each.date for each in forced.decisions if each.stopped), date.max)
        stopped.append(first < date.max)
        before = sum(day < first for day in expected.dates)
        for name, values in expected.values.items():
            assert values[:before].tobytes() == found.values[name][:before].tobytes(), name
    assert True in stopped
    assert False in stopped


def test_a_parameter_set_by_an_event_holds_from_then_on():
    setting = {"kind": "set", "key": "parameters.memory_half_life", "value": 12.0, "date": date(2020, 3, 5)}
    run = model(events={"shorter": setting})
    kept = []
    for _ in range(5):
        run.step()
        kept.append(float(run.world.memory_retained[0]))
    longer, shorter = (decay_factor(half_life, 1.0) for half_life in (model().parameters.memory_half_life, 12.0))
    ratios = [now / before for now, before in zip(kept, [1.0, *kept], strict=False)]
    assert ratios == pytest.approx([longer, longer, longer, shorter, shorter])
    assert run.parameters.memory_half_life == 12.0


def test_tables_of_a_tick_grow_where_it_has_more_crises_than_they_hold():
    many = {f"raid-{n:02d}": {**ATTACK, "severity": 0.01 * (n + 1)} for n in range(40)}
    run = model(events=many)
    trajectory = run.run()
    assert len(trajectory.calls) == 40
    assert [call.severity for call in trajectory.calls] == pytest.approx([0.01 * (n + 1) for n in range(40)])


@pytest.mark.parametrize("name", ["perceive", "learn", "sway_public"])
def test_a_method_of_a_state_that_nothing_calls_any_more_is_refused(name):
    with pytest.raises(InputError, match=rf"Old\.{name} is not called any more: .*AllianceModel"):
        type("Old", (State,), {name: lambda self: None})


@pytest.mark.parametrize(("name", "instead"), [("perceive", "advance"), ("set_course", "review_postures")])
def test_a_stage_of_the_model_under_its_old_name_is_refused(name, instead):
    with pytest.raises(InputError, match=rf"Old\.{name} is not called any more: override `{instead}`"):
        type("Old", (AllianceModel,), {name: lambda self: None})


def test_what_a_review_reads_is_fresh_after_the_world_was_changed_from_outside():
    """Somebody who looks into a model may also change its world; the next review takes that in."""
    runs = [model(), model()]
    for run in runs:
        run.step()
    victim, foe = (runs[1].setup.codes.index(code) for code in ("VIC", "FOE"))
    before = copy_world(runs[1].world)
    runs[1].world.capability[foe] *= 10.0
    for run in runs:
        run.step()
    assert runs[0].world.interest[victim, 0] == before.interest[victim, 0]
    assert runs[1].world.interest[victim, 0] != before.interest[victim, 0]
