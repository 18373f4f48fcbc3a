"""Beliefs: updates by hand, and what must hold whatever the figures are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.parameters import PARAMETERS, make_parameters
from sim.model.world import LEDGER_ROWS, NOBODY, copy_world
from sim.rules.coverage import coverage
from sim.rules.learning import decay_beliefs, evidence_as_seen_by, excuse, learn_from_words, salience
from sim.rules.ledger import age_ledger, enter_obligation, others_default_rate, own_default_rate
from sim.rules.maths import decay_factor
from sim.rules.threats import similarity
from sim.words import FORCES, FULFILMENT, MATERIEL, MISSION, NONE
from tests.worlds import attack, built, learn

LEVEL = st.integers(0, 4)
RULE = st.sampled_from(["beta", "types", "surprise"])


def in_range(name):
    return st.floats(PARAMETERS[name].low, PARAMETERS[name].high)


def weight_for(world, p, case, ally, observer):
    alike = similarity(world, p, observer, case.victim, case.aggressor)
    said = evidence_as_seen_by(world, p, case, ally, observer, NONE, 0.0, False, True)
    return p.evidence_weight * said.event_weight * salience(world, p, case.victim, ally, observer, alike)


def trust_after(level, vetoed=False, case=None, parameters=None, observer="VIC", rule="beta", asked=True, **over):
    setup, world, p = built(belief_rule=rule, **over)
    p = p if parameters is None else p._replace(**parameters)
    who, big = setup.codes.index(observer), setup.codes.index("BIG")
    learn(world, p, case or attack(setup), big, who, level, vetoed, asked)
    return world.trust[who, big]


def test_one_update_by_hand():
    setup, world, p = built(belief_rule="beta")
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    learn(world, p, attack(setup, severity=0.7), big, victim, MISSION, False, True)
    w = p.evidence_weight * 0.7
    excused = 1 / (1 + math.exp(-(p.excuse_base - p.victim_refusal)))
    favourable = p.initial_trust * p.initial_confidence + w * 0.15
    adverse = (1 - p.initial_trust) * p.initial_confidence + w * 0.85 * (1 - excused)
    assert world.trust[victim, big] == pytest.approx(favourable / (favourable + adverse))


def test_a_share_on_record_counts_in_place_of_that_of_its_level():
    setup, world, p = built(belief_rule="beta")
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    learn(world, p, attack(setup, severity=0.7), big, victim, MATERIEL, False, True, share=0.6)
    w = p.evidence_weight * 0.7
    excused = 1 / (1 + math.exp(-(p.excuse_base - p.victim_refusal)))
    favourable = p.initial_trust * p.initial_confidence + w * 0.6
    adverse = (1 - p.initial_trust) * p.initial_confidence + w * 0.4 * (1 - excused)
    assert world.trust[victim, big] == pytest.approx(favourable / (favourable + adverse))


def test_the_two_type_rule_by_hand():
    setup, world, p = built(belief_rule="types")
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    from sim.rules.response import quantal, response_utilities

    utilities = response_utilities(world, p, attack(setup), big, 1.0)
    tilted = [quantal(utilities, p.response_precision, tilt)[NONE] for tilt in (2.0, -2.0)]
    learn(world, p, attack(setup), big, victim, NONE, False, True)
    expected = math.log(p.initial_trust / (1 - p.initial_trust)) + p.evidence_weight * math.log(tilted[0] / tilted[1])
    assert world.log_odds[victim, big] == pytest.approx(expected)
    assert world.trust[victim, big] == pytest.approx(1 / (1 + math.exp(-expected)))


@given(LEVEL, LEVEL, RULE, in_range("evidence_weight"), in_range("excuse_legal"), in_range("victim_refusal"))
def test_more_help_never_lowers_trust(one, other, rule, kappa, e1, e4):
    few, many = sorted((one, other))
    parameters = {"evidence_weight": kappa, "excuse_legal": e1, "victim_refusal": e4}
    low, high = (trust_after(level, rule=rule, parameters=parameters) for level in (few, many))
    assert high >= low - 1e-12


@given(LEVEL, st.sampled_from(["beta", "surprise"]), in_range("excuse_base"), in_range("excuse_base"))
def test_a_better_excuse_never_makes_trust_fall_further(level, rule, one, other):
    worse, better = sorted((one, other))
    low, high = (trust_after(level, rule=rule, parameters={"excuse_base": base}) for base in (worse, better))
    assert high >= low - 1e-12


def test_doubtful_coverage_hard_times_and_vetoes_excuse():
    setup, world, p = built()
    big, ally, victim = (setup.codes.index(code) for code in ("BIG", "ALY", "VIC"))

    def excused(case, vetoed=False):
        legal, hard = coverage(world, case, big, victim), others_default_rate(world, big, victim)
        return excuse(p, 1.0 - legal, hard, vetoed, p.victim_refusal, 0.0)

    plain = excused(attack(setup))
    assert excused(attack(setup, "Enclave")) > plain
    assert excused(attack(setup), vetoed=True) > plain
    enter_obligation(world, p, attack(setup, victim=ally), setup.codes.index("VIC"), 0.0)
    assert excused(attack(setup)) > plain


@given(LEVEL, in_range("observer_weight"))
def test_the_victim_learns_at_least_as_much_as_a_member_and_a_member_as_an_outsider(level, sigma):
    setup, world, p = built(dyads={code: {"FOE": {"threat": 0.9}} for code in ("ALY", "FAR")})
    p = p._replace(observer_weight=sigma)
    case, big = attack(setup), setup.codes.index("BIG")
    weights = [weight_for(world, p, case, big, setup.codes.index(code)) for code in ("VIC", "ALY", "FAR")]
    assert weights == sorted(weights, reverse=True)
    assert weights[1] == pytest.approx(2 * weights[2])


def test_salience_by_hand():
    setup, world, p = built(dyads={"ALY": {"FOE": {"threat": 0.5}}, "FAR": {"FOE": {"threat": 0.1}}})
    case, big = attack(setup), setup.codes.index("BIG")
    ally, far = setup.codes.index("ALY"), setup.codes.index("FAR")
    assert similarity(world, p, ally, case.victim, case.aggressor) == pytest.approx(0.6)
    assert salience(world, p, case.victim, big, ally, 0.6) == pytest.approx(p.observer_weight * 0.6)
    assert similarity(world, p, far, case.victim, case.aggressor) == pytest.approx(0.1)
    assert salience(world, p, case.victim, big, far, 0.1) == pytest.approx(p.observer_weight * 0.1 * 0.5)


def test_help_against_unrest_is_weak_evidence_about_defence():
    setup, world, p = built()
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    unrest = attack(setup, aggressor=NOBODY, unrest=True)
    assert weight_for(world, p, unrest, big, victim) == pytest.approx(p.evidence_weight * p.unrest_likeness)


def test_silence_is_weak_evidence_and_not_success():
    silent = trust_after(NONE, asked=False)
    refused = trust_after(NONE)
    prior = PARAMETERS["initial_trust"].default
    assert refused < silent < prior


@given(LEVEL, RULE)
def test_what_nobody_asked_for_is_never_worse_than_silence_and_real_help_is_welcome(level, rule):
    silent = trust_after(NONE, asked=False, rule=rule)
    assert trust_after(level, asked=False, rule=rule) >= silent - 1e-12
    assert trust_after(FORCES, asked=False, rule=rule) > PARAMETERS["initial_trust"].default


def test_silence_by_hand():
    setup, world, p = built(belief_rule="beta")
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    learn(world, p, attack(setup), big, victim, NONE, False, False)
    excused = 1 / (1 + math.exp(-(p.excuse_base - p.victim_refusal)))
    quiet = p.evidence_weight * p.silence_weight * 0.5
    favourable = p.initial_trust * p.initial_confidence + quiet
    adverse = (1 - p.initial_trust) * p.initial_confidence + quiet * (1 - excused)
    assert world.trust[victim, big] == pytest.approx(favourable / (favourable + adverse))


@given(RULE, st.floats(1.0, 24.0))
def test_beliefs_return_to_their_prior(rule, months):
    setup, world, p = built(belief_rule=rule)
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    learn(world, p, attack(setup), big, victim, NONE, False, True)
    gaps = []
    for _ in range(int(1200 / months)):
        gaps.append(abs(world.trust[victim, big] - p.initial_trust))
        decay_beliefs(world, decay_factor(p.memory_half_life, months))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-3


def test_halving_the_tick_forgets_as_much():
    setup, world, p = built()
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    learn(world, p, attack(setup), big, victim, NONE, False, True)
    other = copy_world(world)
    decay_beliefs(world, decay_factor(p.memory_half_life, 1.0))
    for _ in range(4):
        decay_beliefs(other, decay_factor(p.memory_half_life, 0.25))
    assert other.trust[victim, big] == pytest.approx(world.trust[victim, big], abs=1e-12)


def test_words_count_a_tenth():
    setup, world, p = built(belief_rule="beta")
    big, victim = setup.codes.index("BIG"), setup.codes.index("VIC")
    before = world.evidence_for[victim, big]
    learn_from_words(world, p, victim, big, 0.5)
    assert world.evidence_for[victim, big] == pytest.approx(before + 0.05 * p.evidence_weight)
    assert world.trust[victim, big] > p.initial_trust
    learn_from_words(world, p, victim, big, -1.0)
    assert world.trust[victim, big] < p.initial_trust


def test_the_ledger_counts_others_defaults_and_what_was_spared():
    setup, world, p = built(belief_rule="beta")
    big, ally, victim = (setup.codes.index(code) for code in ("BIG", "ALY", "VIC"))
    case = attack(setup, victim=ally)
    assert others_default_rate(world, big, victim) == 0.0
    enter_obligation(world, p, case, victim, 0.0)
    enter_obligation(world, p, case, big, 1.0)
    enter_obligation(world, p, case, big, 0.15)
    assert others_default_rate(world, big, victim) == 1.0
    assert others_default_rate(world, victim, victim) == 0.5
    assert own_default_rate(world, big, victim) == 0.5
    assert own_default_rate(world, big, ally) == 0.0
    world.clock[0] += 24.0
    age_ledger(world, p)
    assert others_default_rate(world, big, victim) == 1.0
    world.clock[0] += 1.0
    age_ledger(world, p)
    assert others_default_rate(world, big, victim) == own_default_rate(world, big, victim) == 0.0


MEMBER = st.sampled_from(["BIG", "VIC", "ALY"])


@given(
    st.lists(st.tuples(MEMBER, MEMBER, LEVEL, st.integers(0, 30)), max_size=40), st.sampled_from(["beta", "surprise"])
)
def test_the_sums_of_the_ledger_are_those_of_its_rows(entries, rule):
    setup, world, p = built(belief_rule=rule)
    kept = []
    for ally, victim, level, months in entries:
        if ally == victim:
            continue
        helper, attacked = setup.codes.index(ally), setup.codes.index(victim)
        world.clock[0] += months
        age_ledger(world, p)
        enter_obligation(world, p, attack(setup, victim=attacked), helper, FULFILMENT[level])
        weight = 1.0 if rule == "beta" else world.capability[helper]
        kept.append((world.clock[0], helper, attacked, level < 3, weight))
    to = setup.codes.index("VIC")
    recent = [row for row in kept if world.clock[0] - row[0] <= 24.0]
    for ally in range(len(setup.codes)):
        own = [row for row in recent if row[1] == ally and row[2] != to]
        others = [row for row in recent if row[1] != ally and row[2] != to]
        assert own_default_rate(world, ally, to) == pytest.approx(share_failed(own))
        assert others_default_rate(world, ally, to) == pytest.approx(share_failed(others))


def share_failed(rows):
    owed = sum(row[4] for row in rows)
    return sum(row[4] for row in rows if row[3]) / owed if owed else 0.0


def test_a_full_ledger_forgets_its_oldest_row():
    setup, world, p = built()
    ally, victim = setup.codes.index("ALY"), setup.codes.index("VIC")
    enter_obligation(world, p, attack(setup), ally, 0.0)
    for _ in range(LEDGER_ROWS):
        enter_obligation(world, p, attack(setup), ally, 1.0)
    assert own_default_rate(world, ally, victim + 1) == 0.0


def test_defaults_reach_the_rules_as_declared():
    assert make_parameters({"observer_weight": 0.5}).observer_weight == 0.5
    assert make_parameters({}) == tuple(parameter.default for parameter in PARAMETERS.values())
