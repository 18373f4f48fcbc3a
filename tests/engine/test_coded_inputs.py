"""What a scenario codes of an attack, of threats and of a member's partners outside the alliance."""

from datetime import date

import numpy as np
import pytest

from sim.engine.setup import prepare
from sim.scenario.checking import check
from tests.engine.test_engines import assert_same
from tests.worlds import model, scenario, tables

DAY = date(2020, 3, 10)
ATTACK = {"date": DAY, "kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.95}
CALL = {"date": DAY, "kind": "call", "state": "VIC", "treaty": "PACT", "because_of": "attack"}
SILENCE = {"date": DAY, "kind": "response", "state": "PACT", "to": "attack", "response": "none"}
DENIED = {"attack": ATTACK, "call": CALL, "silence": SILENCE}
COURSE = {"VIC": {"2020-01-01": {"posture": "voice", "diversified_to": "FAR"}, "2020-05-01": {"posture": "voice"}}}
EAGER = {"diversification_tempo": 0.3, "diversification_threshold": -2.0, "diversification_end": 0.1}
OFFER = {"offer": {"date": date(2020, 1, 5), "kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9}}


def after(ticks, **over):
    run = model(**over)
    for _ in range(ticks):
        run.step()
    return run


def trust(**changes):
    over = {"events": DENIED | {"attack": ATTACK | changes.pop("attack", {})}, "parameters": {"duty_weight": 1.0}}
    return after(3, **(over | changes)).state("VIC").trust_in("BIG")


def test_an_attack_may_say_how_firmly_help_was_owed():
    clauses = {name: {"strength": 0.5} for name in tables()["treaties"]["PACT"]["clauses"]}
    half = trust(treaties={"PACT": {"clauses": clauses}})
    assert trust(attack={"owed": 0.5}) == half
    assert trust(attack={"owed": 1.0}) == trust() < half
    untold = after(3, events={}).state("VIC").trust_in("BIG")
    assert trust(attack={"owed": 0.0}) == pytest.approx(untold)


def test_a_coded_threat_stays_when_an_attack_comes():
    calm = {"events": {"attack": ATTACK}, "dyads": {"VIC": {"FOE": {"threat": 0.2}}}}
    raised = [after(3, **calm, parameters={"coded_threat": share}).world for share in (0.0, 0.5, 1.0)]
    of = [model(**calm).setup.codes.index(code) for code in ("VIC", "FOE")]
    assert [world.threat[*of] for world in raised] == pytest.approx([0.95, 0.475, 0.2])
    assert all(world.attention[of[0]] > 0.0 for world in raised)


def test_regimes_apart_push_by_a_fitted_weight_alone():
    apart = {"dyads": {"VIC": {"BIG": {"regime_distance": 0.8}}}}
    pressure = []
    for over in ({}, apart, {**apart, "parameters": {"ladder_regime": 0.5}}):
        run = after(2, **over)
        pressure.append(run.world.pressure[run.setup.codes.index("VIC"), 0])
    assert pressure[0] == pressure[1]
    assert pressure[2] == pytest.approx(pressure[1] + 0.4)


def pinned(**over):
    return scenario(observed=COURSE, pinned_until=date(2020, 6, 30), **over)


def test_partners_are_those_of_the_course_until_the_date():
    setup = prepare(pinned())
    far, victim = setup.codes.index("FAR"), setup.codes.index("VIC")
    assert setup.given_patrons[:, victim, 0].tolist() == [far] * 4 + [-1] * 2 + [-2] * 6
    assert (setup.given_pacts == -2).all()
    run = after(0, observed=COURSE, pinned_until=date(2020, 6, 30), parameters=EAGER, events=OFFER)
    held = []
    for _ in range(6):
        run.step()
        held.append(int(run.world.diversified_to[victim, 0]))
    assert held == [far] * 4 + [-1] * 2


def test_both_engines_follow_the_partners_of_a_course():
    assert_same(prepare(pinned(parameters=EAGER, events=OFFER)), 3, [0, 1])
    allied = {"VIC": {"2020-01-01": {"posture": "out", "pact_with": "FAR"}}}
    setup = prepare(scenario(observed=allied, pinned_until=date(2020, 6, 30)))
    assert set(setup.given_pacts[:6, setup.codes.index("VIC"), 0]) == {setup.codes.index("FAR")}
    assert_same(setup, 3, [0])


def test_a_course_that_names_no_partner_leaves_them_free():
    course = {"VIC": {"2020-01-01": {"posture": "voice"}}}
    setup = prepare(scenario(observed=course, pinned_until=date(2020, 6, 30)))
    assert np.all(setup.given_patrons == -2)


@pytest.mark.parametrize(
    ("move", "said"),
    [
        ({"posture": "voice", "diversified_to": "ALY"}, "ALY is a member of the alliance"),
        ({"posture": "voice", "pact_with": "ZZZ"}, "there is no state 'ZZZ'"),
    ],
)
def test_partners_that_cannot_be_are_refused(move, said):
    _, findings = check(tables(observed={"VIC": {"2020-02-01": move}}), frozenset())
    assert [finding.problem for finding in findings] == [said]


def test_a_member_may_stay_on_its_rung_with_another_partner():
    _, findings = check(tables(observed=COURSE), frozenset())
    assert findings == []
