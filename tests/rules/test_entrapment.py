"""Members called to wars of their guarantor's making: by hand and by direction."""

import math
from datetime import date

import pytest

from sim.experiments.alliance_model import AllianceModel
from sim.mechanisms import MECHANISMS
from sim.rules.entrapment import entangle, entangle_members
from sim.rules.maths import decay_factor
from sim.rules.posture import total_pressure
from sim.words import FREEZE, OUT
from tests.rules.readied import indices, ready
from tests.worlds import attack, scenario

RAID = {"kind": "attack", "aggressor": "FOE", "victim": "BIG", "severity": 0.6, "date": date(2020, 3, 10)}
CALL = {"kind": "call", "state": "BIG", "treaty": "PACT", "article": 4, "date": date(2020, 3, 11), "to": "raid"}


def on_guarantor(setup, **over):
    return attack(setup, severity=0.6, victim=setup.codes.index("BIG"), **over)


def cost_of_full_force(world, p, member, guarantor):
    return (
        p.force_cost
        + p.distance_cost * math.log1p(world.distance[member, guarantor])
        + p.overstretch_cost * world.overstretch[member]
    )


def test_each_member_gathers_severity_times_its_own_cost():
    setup, world, p = ready(states={"ALY": {"overstretch": 0.5}})
    victim, ally, big, far = indices(setup, "VIC", "ALY", "BIG", "FAR")
    entangle_members(world, p, on_guarantor(setup))
    for member in (victim, ally):
        assert world.entrapment[member, 0] == pytest.approx(0.6 * cost_of_full_force(world, p, member, big))
    assert world.entrapment[ally, 0] > world.entrapment[victim, 0] > 0.0
    assert world.entrapment[big, 0] == world.entrapment[far, 0] == 0.0
    once = float(world.entrapment[victim, 0])
    entangle_members(world, p, on_guarantor(setup))
    assert world.entrapment[victim, 0] == pytest.approx(2 * once)


def test_help_against_unrest_costs_less():
    setup, world, p = ready()
    victim, big = indices(setup, "VIC", "BIG")
    entangle_members(world, p, on_guarantor(setup, aggressor=-1, unrest=True))
    expected = 0.6 * p.unrest_effort * cost_of_full_force(world, p, victim, big)
    assert world.entrapment[victim, 0] == pytest.approx(expected)


def test_cost_counts_up_to_one_and_so_does_the_sum():
    setup, world, p = ready()
    victim = setup.codes.index("VIC")
    entangle(world, p, victim, 0, 0.5, 7.0)
    assert world.entrapment[victim, 0] == 0.5
    entangle(world, p, victim, 0, 0.9, 1.0)
    assert world.entrapment[victim, 0] == 1.0


def test_only_who_owes_the_guarantor_help_is_entangled():
    setup, world, p = ready()
    victim, ally, foe = indices(setup, "VIC", "ALY", "FOE")
    entangle_members(world, p, attack(setup))
    entangle_members(world, p, on_guarantor(setup, aggressor=ally))
    assert world.entrapment[ally, 0] == world.entrapment[foe, 0] == 0.0
    assert world.entrapment[victim, 0] > 0.0
    setup, world, p = ready(treaties={"PACT": {"obligors": ["BIG"]}})
    entangle_members(world, p, on_guarantor(setup))
    assert not world.entrapment.any()


@pytest.mark.parametrize(("rung", "entangled"), [(FREEZE, True), (OUT, False)])
def test_a_frozen_member_is_called_and_one_that_has_left_is_not(rung, entangled):
    leave = {"kind": "membership", "state": "VIC", "treaty": "PACT", "date": date(2020, 2, 5)}
    leave["action"] = "suspend" if rung == FREEZE else "leave"
    events = {"leave": leave, "raid": RAID, "call": CALL}
    run = AllianceModel(scenario(events=events, parameters={"ladder_tempo": 0.005}), rng=1, collect=False)
    felt = run.run().values["entrapment"][3, run.setup.codes.index("VIC"), 0]
    assert (felt > 0.0) == entangled


def test_it_needs_a_call_and_fades_like_other_feelings():
    paths = {}
    for made in (True, False):
        checked = scenario(events={"raid": RAID, "call": CALL | {"made": made}})
        run = AllianceModel(checked, rng=1, collect=False)
        paths[made] = run.run().values["entrapment"][:, run.setup.codes.index("VIC"), 0]
    assert not paths[False].any()
    assert not paths[True][:3].any()
    left = decay_factor(run.parameters.pressure_half_life, 1.0)
    assert paths[True][3] > 0.0
    assert paths[True][4:] == pytest.approx([paths[True][3] * left**months for months in range(1, 10)])


def test_it_pushes_up_the_ladder_by_its_weight_and_off_is_off():
    setup, world, p = ready(parameters={"ladder_entrapment": 1.2})
    victim = setup.codes.index("VIC")
    before = total_pressure(world, p, victim, 0)
    entangle(world, p, victim, 0, 0.5, 1.0)
    assert total_pressure(world, p, victim, 0) == pytest.approx(before + 1.2 * 0.5)
    off = p._replace(**MECHANISMS["entrapment"].off)
    assert total_pressure(world, off, victim, 0) == pytest.approx(before)


def test_a_promise_of_support_to_the_guarantor_entangles_and_no_other_promise_does():
    def felt(target, state="VIC"):
        promise = {"kind": "promise", "state": state, "target": target, "owed": 0.5, "given": 0.2, "severity": 0.6}
        run = AllianceModel(scenario(events={"aid": promise | {"date": date(2020, 3, 10)}}), rng=1)
        for _ in range(3):
            run.step()
        return run.world.entrapment

    entangled = felt("BIG")
    victim = sorted(scenario().states).index("VIC")
    assert entangled[victim, 0] == pytest.approx(0.6 * 0.5)
    assert entangled.sum() == entangled[victim, 0]
    assert felt("ALY").sum() == felt("VIC", "BIG").sum() == 0.0
