"""The rule of surprise: steps by hand, and what must hold whatever the figures are."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.parameters import PARAMETERS
from sim.rules.beliefs import trust_in
from sim.rules.learning import case_weight, decay_beliefs, evidence_as_seen_by, learn_from_words
from sim.rules.ledger import enter_obligation, others_default_rate
from sim.rules.maths import LOGIT_LIMIT, decay_factor, logit
from sim.rules.surprise import fixed_point, surprise
from sim.words import FORCES, MISSION, NONE
from tests.worlds import attack, believe, built, learn, model

SHARE = st.floats(0.0, 1.0)
LEVEL = st.integers(0, 4)


def ready(**parameters):
    setup, world, p = built()
    return setup, world, p._replace(**parameters), setup.codes.index("VIC"), setup.codes.index("BIG")


def trust_after(level, *, trust=0.6, asked=True, vetoed=False, overstretch=0.0, observer="VIC", **parameters):
    setup, world, p, _, big = ready(**parameters)
    who = setup.codes.index(observer)
    believe(world, who, big, trust)
    world.overstretch[big] = overstretch
    learn(world, p, attack(setup), big, who, level, vetoed, asked)
    return trust_in(world, who, big)


def test_a_mission_by_hand():
    r, sev = 0.6, 0.7
    setup, world, p, victim, big = ready()
    believe(world, victim, big, r)
    learn(world, p, attack(setup, severity=sev), big, victim, MISSION, False, True)
    excused = 1 / (1 + math.exp(-(p.excuse_base - p.victim_refusal)))
    step = p.evidence_weight * sev * (0.15 * (1 - r) - 2.0 * 0.85 * (1 - excused) * r)
    assert p.trust_loss_weight == 2.0
    assert logit(trust_in(world, victim, big)) == pytest.approx(math.log(r / (1 - r)) + step)


@given(st.floats(0.01, 0.99), st.floats(0, 30), st.floats(0, 30))
def test_a_step_never_passes_its_fixed_point(trust, favourable, adverse):
    step = surprise(logit(trust), favourable, adverse)
    if favourable + adverse == 0.0:
        assert step == 0.0
        return
    rest = fixed_point(favourable, adverse)
    after = 1 / (1 + math.exp(-(logit(trust) + step)))
    assert min(trust, rest) - 1e-9 <= after <= max(trust, rest) + 1e-9


@given(LEVEL, st.floats(0.05, 0.95))
def test_the_fixed_point_holds_with_evidence_at_its_largest_weight(level, trust):
    kappa, loss = PARAMETERS["evidence_weight"].high, PARAMETERS["trust_loss_weight"].high
    done = (0.0, 0.1, 0.15, 0.4, 1.0)[level]
    excused = 1 / (1 + math.exp(-(PARAMETERS["excuse_base"].default - PARAMETERS["victim_refusal"].default)))
    least = 1 / (1 + math.exp(LOGIT_LIMIT))
    rest = min(1 - least, max(least, done / (done + loss * (1 - done) * (1 - excused))))
    after = trust_after(level, trust=trust, evidence_weight=kappa, trust_loss_weight=loss)
    assert min(trust, rest) - 1e-9 <= after <= max(trust, rest) + 1e-9


def test_what_was_expected_moves_little_and_a_shortfall_moves_more_than_help():
    up = [logit(trust_after(FORCES, trust=r)) - logit(r) for r in (0.3, 0.6, 0.9)]
    down = [logit(r) - logit(trust_after(NONE, trust=r)) for r in (0.3, 0.6, 0.9)]
    assert up[0] > up[1] > up[2] > 0.0
    assert 0.0 < down[0] < down[1] < down[2]
    assert down[1] > up[1] * 2.0


@given(LEVEL, SHARE)
def test_what_was_not_asked_lowers_nobodys_trust(level, trust):
    trust = min(0.99, max(0.01, trust))
    for observer in ("VIC", "ALY", "FAR"):
        assert trust_after(level, trust=trust, asked=False, observer=observer) >= trust - 1e-12
    assert trust_after(NONE, trust=trust, asked=False) == pytest.approx(trust)


@given(st.floats(0.05, 1.0))
def test_could_not_costs_less_trust_than_would_not(overstretch):
    assert trust_after(NONE, overstretch=overstretch) > trust_after(NONE, overstretch=0.0)
    off = [trust_after(NONE, overstretch=o, excuse_overstretch=0.0) for o in (0.0, overstretch)]
    assert off[0] == off[1]


def test_publics_make_no_excuse_of_overstretch_and_less_of_the_law():
    setup, world, p, victim, big = ready()
    case = attack(setup, place="Enclave")
    calm = evidence_as_seen_by(world, p, case, big, victim, NONE, 0.0, False, True)
    world.overstretch[big] = 0.9
    busy = evidence_as_seen_by(world, p, case, big, victim, NONE, 0.0, False, True)
    assert busy.excused > calm.excused
    assert busy.public_excused == calm.public_excused < calm.excused
    same = evidence_as_seen_by(world, p._replace(public_legal_excuse=1.0), case, big, victim, NONE, 0.0, False, True)
    assert same.public_excused == calm.excused


def test_less_weighs_where_less_was_owed():
    p = built()[2]
    assert case_weight(p._replace(duty_weight=0.0), 0.8, 0.3) == 0.8
    assert case_weight(p._replace(duty_weight=1.0), 0.8, 0.3) == pytest.approx(0.24)
    assert case_weight(p, 0.8, 0.0) == 0.0


def test_hostile_words_weigh_more_than_kind_ones():
    _, world, p, victim, big = ready()
    believe(world, victim, big, 0.5)
    learn_from_words(world, p, victim, big, 0.5)
    risen = logit(trust_in(world, victim, big))
    believe(world, victim, big, 0.5)
    learn_from_words(world, p, victim, big, -0.5)
    assert 0.0 < risen < -logit(trust_in(world, victim, big))


def test_evidence_is_forgotten_at_its_half_life():
    setup, world, p, victim, big = ready()
    learn(world, p, attack(setup), big, victim, NONE, False, True)
    before = world.log_odds[victim, big] - world.prior_log_odds[victim, big]
    decay_beliefs(world, decay_factor(p.memory_half_life, p.memory_half_life))
    assert world.log_odds[victim, big] - world.prior_log_odds[victim, big] == pytest.approx(before / 2)


def test_hard_times_weigh_by_coverage_and_capability():
    setup, world, p, victim, big = ready()
    ally = setup.codes.index("ALY")
    enter_obligation(world, p, attack(setup, victim=ally), victim, 0.0)
    enter_obligation(world, p, attack(setup, victim=ally, override=0.5), big, 1.0)
    weights = [1.0 * world.capability[victim], 0.5 * world.capability[big]]
    far = setup.codes.index("FAR")
    assert others_default_rate(world, far, far) == pytest.approx(weights[0] / sum(weights))


def own_attack():
    events = {
        "attack": {"kind": "attack", "aggressor": "BIG", "victim": "VIC", "severity": 0.8, "date": date(2020, 3, 10)}
    }
    return model(events=events)


def test_a_guarantors_own_attack_is_full_evidence_against_it():
    run = own_attack()
    big, victim = run.setup.codes.index("BIG"), run.setup.codes.index("VIC")
    for _ in range(3):
        run.step()
    p = run.parameters
    r = p.initial_trust
    step = -p.trust_loss_weight * p.evidence_weight * 0.8 * r
    assert logit(run.world.trust[victim, big]) == pytest.approx(logit(r) + step)
    ally = run.setup.codes.index("ALY")
    assert run.world.trust[victim, big] < run.world.trust[ally, big] < r
    quiet = model()
    for _ in range(3):
        quiet.step()
    assert run.world.approval[victim, 0] < quiet.world.approval[victim, 0]


def test_an_attack_by_somebody_else_is_no_evidence_against_a_guarantor():
    events = {
        "attack": {"kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.8, "date": date(2020, 3, 10)},
        "silent": {
            "kind": "call",
            "state": "VIC",
            "treaty": "PACT",
            "made": False,
            "date": date(2020, 3, 10),
            "to": "attack",
        },
    }
    run = model(events=events)
    for _ in range(3):
        run.step()
    big, victim = run.setup.codes.index("BIG"), run.setup.codes.index("VIC")
    assert run.world.trust[victim, big] == pytest.approx(run.parameters.initial_trust)
