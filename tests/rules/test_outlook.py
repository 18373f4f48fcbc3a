"""The additive outlook: reliability from the record, plus present interest, with burdens that help unlearns."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.ledger import enter_obligation
from sim.rules.maths import clip_logit, logistic, logit
from sim.rules.reliability import (
    expectation,
    interest_felt,
    interest_in,
    read_circumstances,
    unlearn_burden,
    update_interest,
    update_reliability,
)
from tests.worlds import attack, believe, built, model


def ready(**over):
    parameters = over.pop("parameters", {})
    setup, world, p = built(**over)
    p = p._replace(**parameters)
    victim, big = setup.codes.index("VIC"), setup.codes.index("BIG")
    refresh(world, p, victim)
    return setup, world, p, victim, big


def refresh(world, p, member):
    read_circumstances(world, p, member, 0)
    update_interest(world, p, member, 0)
    update_reliability(world, p, member, 0)


def busy(world, p, victim, big, overstretch=0.9):
    world.overstretch[big] = overstretch
    refresh(world, p, victim)
    return world.interest[victim, 0]


def test_reliability_is_record_plus_weighed_interest():
    _, world, p, victim, big = ready()
    believe(world, victim, big, 0.7)
    interest = busy(world, p, victim, big)
    assert interest < 0.0
    assert world.reliability_logit[victim, 0] == pytest.approx(logit(0.7) + p.interest_weight * interest)
    refresh(world, p._replace(interest_weight=0.0), victim)
    assert world.reliability[victim, 0] == pytest.approx(0.7)


def test_defaults_elsewhere_release_capability():
    setup, world, p, victim, big = ready()
    enter_obligation(world, p, attack(setup, victim=setup.codes.index("ALY")), big, 0.0)
    before = world.reliability_logit[victim, 0]
    refresh(world, p, victim)
    assert world.reliability_logit[victim, 0] == pytest.approx(before + p.interest_weight * p.capability_release)


@given(st.floats(-6, 6), st.floats(0, 1))
def test_only_burdens_are_held_in_part(interest, held):
    felt = interest_felt(interest, held)
    assert felt == pytest.approx(interest if interest > 0.0 else held * interest)


def test_a_burden_that_was_overcome_is_unlearnt_by_hand():
    _, world, p, victim, big = ready()
    busy(world, p, victim, big)
    unlearn_burden(world, p, victim, 0, 0.8, 1.0)
    assert world.burden_unlearnt[victim, 0] == pytest.approx(p.burden_unlearning * 0.8)
    unlearn_burden(world, p, victim, 0, 0.5, 0.4)
    held = (1 - p.burden_unlearning * 0.8) * (1 - p.burden_unlearning * 0.5 * 0.4)
    assert world.burden_unlearnt[victim, 0] == pytest.approx(1 - held)


def test_nothing_is_unlearnt_where_interest_spoke_for_help_or_nothing_threatened():
    _, world, p, victim, _ = ready(dyads={"BIG": {"FOE": {"ties": -0.9}, "VIC": {"ties": 0.9}}})
    if not world.interest[victim, 0] > 0.0:
        world.interest[victim, 0] = 0.4
    unlearn_burden(world, p, victim, 0, 1.0, 1.0)
    world.interest[victim, 0] = math.nan
    unlearn_burden(world, p, victim, 0, 1.0, 1.0)
    assert world.burden_unlearnt[victim, 0] == 0.0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.95))
def test_help_in_spite_of_a_burden_raises_the_outlook_and_never_lowers_it(weight, done, eta, overstretch):
    _, world, p, victim, big = ready(parameters={"burden_unlearning": eta})
    busy(world, p, victim, big, overstretch)
    before = world.reliability[victim, 0]
    unlearn_burden(world, p, victim, 0, weight, done)
    update_reliability(world, p, victim, 0)
    assert world.reliability[victim, 0] >= before - 1e-12
    if world.interest[victim, 0] < -0.01 and weight * done * eta > 0.01:
        assert world.reliability[victim, 0] > before


def outlook_after(overstretch):
    """Return how far forces sent at a given overstretch raise the victim's outlook, in logits of reliability."""

    def reached(response):
        events = {
            "busy": {"kind": "overstretch", "state": "BIG", "value": overstretch, "date": date(2020, 2, 2)},
            "attack": {
                "kind": "attack",
                "aggressor": "FOE",
                "victim": "VIC",
                "severity": 0.8,
                "date": date(2020, 3, 10),
            },
            "call": {"kind": "call", "state": "VIC", "treaty": "PACT", "date": date(2020, 3, 11), "to": "attack"},
            "answer": {
                "kind": "response",
                "state": "BIG",
                "to": "attack",
                "response": response,
                "date": date(2020, 3, 20),
            },
        }
        run = model(events=events, parameters={"evidence_weight": 0.5})
        for _ in range(3):
            run.step()
        return run.world.reliability_logit[run.setup.codes.index("VIC"), 0]

    return reached("forces") - reached("none")


def test_forces_in_spite_of_a_burden_raise_the_outlook_more_than_forces_without_one():
    assert outlook_after(0.9) > outlook_after(0.0) > 0.0


def test_the_burden_returns_with_the_half_life_of_evidence():
    run = model(parameters={"memory_half_life": 12.0})
    run.world.burden_unlearnt[:] = 0.4
    for _ in range(12):
        run.step()
    assert run.world.burden_unlearnt[0, 0] == pytest.approx(0.2)


def test_what_is_expected_in_a_case_adds_the_interest_in_that_case():
    setup, world, p, victim, big = ready()
    case = attack(setup)
    believe(world, victim, big, 0.7)
    interest = interest_in(world, p, case, big)
    expected = logistic(logit(0.7) + p.interest_weight * interest)
    assert expectation(world, p, victim, big, case) == pytest.approx(expected)
    world.overstretch[big] = 0.9
    assert interest_in(world, p, case, big) < interest
    before = expectation(world, p, victim, big, case)
    world.burden_unlearnt[victim, 0] = 0.5
    assert expectation(world, p, victim, big, case) > before


def test_the_outlook_is_clipped():
    _, world, p, victim, big = ready()
    believe(world, victim, big, 0.999)
    busy(world, p, victim, big, 0.0)
    assert world.reliability_logit[victim, 0] == clip_logit(world.reliability_logit[victim, 0])
