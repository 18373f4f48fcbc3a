"""A promise kept or broken where nobody was attacked: evidence like an ally's response, and a matter of attention."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.explaining.explain import explain
from sim.engine.setup import prepare
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.chunks import response_rows
from sim.experiments.seat import freed_for
from sim.model.world import World
from sim.rules.coverage import duty_strength
from tests.worlds import model, scenario

BROKEN = {
    "kind": "promise", "state": "BIG", "target": "VIC", "owed": 1.0, "given": 0.0, "severity": 0.6,
    "date": date(2020, 3, 10),
}  # fmt: skip
LEARNT = {"learnt_for", "learnt_against", "learnt_log_odds"}
FELT = {"opinion", "approval", "exit_support", "outside", "attention"}
FOLLOWS = {"reliability", "reliability_logit", "pressure"}


def after(ticks, **over):
    run = model(**over)
    for _ in range(ticks):
        run.step()
    return run


def with_promise(**keys):
    return after(3, events={"promise": BROKEN | keys})


def trust(run, state="VIC"):
    return run.state(state).trust_in("BIG")


def changed(one, other):
    """Return the names of the fields in which two worlds differ."""
    return {
        name for name in World._fields
        if not np.array_equal(getattr(one.world, name), getattr(other.world, name), equal_nan=True)
    }  # fmt: skip


@pytest.mark.parametrize("coverage", [1.0, 0.4])
def test_one_broken_promise_by_hand(coverage):
    run = after(3, events={"promise": BROKEN | {"given": 0.25, "coverage": coverage}}, belief_rule="beta")
    p = run.parameters
    w = p.evidence_weight * 0.6
    excused = 1 / (1 + math.exp(-(p.excuse_base + p.excuse_legal * (1 - coverage) - p.victim_refusal)))
    favourable = p.initial_trust * p.initial_confidence + w * 0.25
    adverse = (1 - p.initial_trust) * p.initial_confidence + w * 0.75 * (1 - excused)
    assert trust(run) == pytest.approx(favourable / (favourable + adverse))


def test_the_two_type_rule_tilts_by_what_was_kept_and_broken():
    run = after(3, events={"promise": BROKEN | {"given": 0.25}}, belief_rule="types")
    p = run.parameters
    excused = 1 / (1 + math.exp(-p.excuse_base))
    step = p.evidence_weight * 0.6 * p.type_tilt * (0.25 - 0.75 * (1 - excused))
    expected = math.log(p.initial_trust / (1 - p.initial_trust)) + step
    assert trust(run) == pytest.approx(1 / (1 + math.exp(-expected)))


@pytest.mark.parametrize("rule", ["beta", "types"])
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 1))
@settings(max_examples=10)
def test_the_more_of_a_promise_is_kept_the_more_trust(rule, one, other, severity):
    less, more = sorted((one, other))
    low, high = (
        trust(after(3, belief_rule=rule, events={"promise": BROKEN | {"given": share, "severity": severity}}))
        for share in (less, more)
    )
    assert low <= high


def test_a_broken_promise_lowers_trust_and_approval_and_changes_nothing_else():
    run, plain = with_promise(), after(3)
    assert trust(run) < trust(plain)
    victim = run.setup.codes.index("VIC")
    assert run.world.approval[victim, 0] < plain.world.approval[victim, 0]
    assert changed(run, plain) <= LEARNT | FELT | FOLLOWS
    assert {"learnt_against", "opinion"} <= changed(run, plain)
    drawn = [[(each.state, each.kind, each.draw) for each in one.decisions] for one in (run, plain)]
    assert drawn[0] == drawn[1]


def test_it_is_no_call_and_no_answer():
    run = with_promise()
    assert run.calls == []
    assert response_rows(run.trajectory, "base", 0) == []
    assert len(after(3, events={"promise": BROKEN | {"date": date(2020, 3, 1)}}).outcomes) == 1


@pytest.mark.parametrize("given", [0.0, 1.0])
def test_it_draws_the_attention_of_its_target_alone_as_far_as_the_parameter_says(given):
    promise = {"promise": BROKEN | {"given": given}}
    raised, plain = (after(3, events=promise, parameters={"promise_attention": share}) for share in (0.5, 0.0))
    assert raised.world.attention[raised.setup.codes.index("VIC")] == pytest.approx(0.5 * 0.6)
    assert raised.world.attention.sum() == pytest.approx(0.5 * 0.6)
    assert plain.world.attention.sum() == 0.0


def test_a_kept_promise_raises_trust_and_leaves_publics_alone():
    run, plain = with_promise(given=1.0), after(3)
    assert trust(run) > trust(plain)
    assert "opinion" not in changed(run, plain)


def test_where_nothing_was_owed_nothing_is_learnt():
    assert changed(with_promise(owed=0.0), after(3)) == set()


def test_what_was_owed_is_the_strength_of_the_case():
    (shock,) = prepare(scenario(events={"promise": BROKEN | {"owed": 0.3}})).shocks[2]
    run = after(0)
    assert duty_strength(run.world, shock.case, run.setup.codes.index("BIG")) == 0.3
    assert shock.is_promise


def test_only_those_who_watch_learn_of_it():
    plain, told = after(3), with_promise(watched_by=["ALY"])
    assert trust(told) == trust(plain)
    assert trust(told, "ALY") < trust(plain, "ALY")
    assert trust(told, "ALY") == trust(with_promise(), "ALY")
    victim = told.setup.codes.index("VIC")
    assert told.world.opinion[victim, 0] == plain.world.opinion[victim, 0]


def test_anybody_may_promise_without_a_treaty():
    run, plain = with_promise(state="FAR"), after(3)
    assert run.state("VIC").trust_in("FAR") < plain.state("VIC").trust_in("FAR")
    assert "opinion" not in changed(run, plain)


def test_a_promise_may_depend_on_a_condition():
    assert changed(with_promise(only_if="VIC.posture >= freeze"), after(3)) == set()


def test_a_played_state_keeps_or_breaks_no_promise_of_the_record():
    setup = prepare(scenario(events={"promise": BROKEN}))
    assert [len(tick) for tick in freed_for(setup, "BIG").shocks][:3] == [0, 0, 0]
    assert freed_for(setup, "VIC").shocks == setup.shocks


def test_an_attack_in_the_same_month_is_answered_as_without_the_promise():
    attack = {"kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.7, "date": date(2020, 3, 20)}
    both = AllianceModel(scenario(events={"raid": attack, "promise": BROKEN}), rng=1).run()
    alone = AllianceModel(scenario(events={"raid": attack}), rng=1).run()
    assert [call.event for call in both.calls] == ["raid"]
    assert both.calls[0].responses == alone.calls[0].responses


def test_an_explanation_tells_it_as_a_promise():
    told = explain(scenario(events={"promise": BROKEN | {"note": "the guard left"}}), "VIC", "2020-04", replicate=0)
    said = " ".join(str(told).split())
    assert "promise broken: BIG broke a promise to VIC: the guard left. BIG delivered 0 % of it." in said
