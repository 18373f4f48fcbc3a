"""What must hold whatever the figures are: whole runs of random worlds and of the small one."""

from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.experiments.alliance_model import AllianceModel
from sim.model.parameters import PARAMETERS
from sim.model.variables import VARIABLES
from sim.result import run
from sim.scenario import Scenario
from sim.words import CHANNELS, FREEZE, NOTIFY, OUT, REDUCE
from tests.worlds import merged, model, scenario, tables

ATTACK = {"kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.8, "date": date(2020, 3, 10)}
SHARE = st.floats(0, 1)
CODES = ("BIG", "VIC", "ALY", "FOE", "FAR")


def parameter_values(draw):
    names = draw(st.lists(st.sampled_from(sorted(PARAMETERS)), max_size=12, unique=True))
    return {name: draw(st.floats(PARAMETERS[name].low, PARAMETERS[name].high)) for name in names}


@st.composite
def worlds(draw):
    """Random valid scenarios: any figures, ties, treaties, events and parameters inside their ranges."""
    states = {
        code: {"capability": draw(st.floats(1e-5, 0.3)), "democracy": draw(SHARE), "overstretch": draw(SHARE)}
        for code in CODES
    }
    dyads = {
        one: {
            other: {
                "threat": draw(SHARE), "ties": draw(st.floats(-1, 1)), "claim": draw(SHARE), "contiguous": True,
                "arms": draw(SHARE), "trade": draw(SHARE),
            }
            for other in CODES if other != one and draw(st.booleans())
        }
        for one in CODES
    }  # fmt: skip
    events = {
        "a": {
            **ATTACK,
            "severity": draw(SHARE),
            "place": draw(st.sampled_from(["VIC", "Border", "Enclave"])),
        },
        "b": {"kind": "crisis", "victim": "ALY", "severity": draw(SHARE), "date": date(2020, 6, 2)},
        "c": {
            "kind": "coercion",
            "state": "BIG",
            "target": "VIC",
            "severity": draw(SHARE),
            "date": date(2020, 5, 2),
        },
        "d": {
            "kind": "offer",
            "state": "FAR",
            "target": "VIC",
            "value": draw(SHARE),
            "date": date(2020, 5, 3),
        },
        "e": {"kind": "aid", "state": "FAR", "target": "ALY", "value": draw(SHARE), "date": date(2020, 7, 3)},
        "f": {"kind": "refugees", "state": "VIC", "value": draw(st.floats(0, 1e7)), "date": date(2020, 8, 3)},
        "g": {"kind": "leader", "state": "VIC", "date": date(2020, 9, 3)},
        "h": {
            "kind": "government",
            "state": "ALY",
            "line": draw(st.floats(-1, 1)),
            "date": date(2020, 4, 3),
        },
        "i": {"kind": "window", "treaty": "PACT", "of": "election", "date": date(2020, 8, 4)},
    }
    return tables(
        states=states,
        dyads=dyads,
        events=events,
        treaties={"PACT": {"decision": draw(st.sampled_from(["consensus", "majority", "opt-out", "guarantor"])),
                           "renewals": [date(2020, 10, 4)]}},
        parameters=parameter_values(draw) | draw(st.sampled_from([{}, {"jump_chance": 0.0}])),
        belief_rule=draw(st.sampled_from(["beta", "types"])),
        endogenous_attacks="always",
        guarantor_choices="always",
        record_end=date(2020, 6, 30),
        step=draw(st.sampled_from(["month", "week"])),
    )  # fmt: skip


@given(worlds(), st.integers(0, 2**53 - 1))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_valid_world_stays_in_bounds(given_tables, seed):
    run = AllianceModel(Scenario.model_validate(given_tables), rng=seed, collect=False)
    known = ~np.isnan(run.world.portfolio)
    trajectory = run.run()
    for name, values in trajectory.values.items():
        finite = values[:, known[:, :, 0]] if name in CHANNELS else values
        if name not in CHANNELS and name != "credibility":
            assert np.isfinite(finite).all(), name
        if VARIABLES[name].unit == "0..1":
            assert np.nanmin(values, initial=0.0) >= 0.0, name
            assert np.nanmax(values, initial=0.0) <= 1.0, name
    assert (run.world.evidence_for >= 0).all()
    assert (run.world.evidence_against >= 0).all()
    assert (np.diagonal(trajectory.values["trust"], axis1=1, axis2=2) == 0).all()
    posture = trajectory.values["posture"][:, :, trajectory.treaties.index("PACT")]
    assert set(np.unique(posture)) <= set(range(-1, 6))
    renewal = trajectory.dates.index(min(day for day in trajectory.dates if day >= date(2020, 10, 4)))
    moves = np.diff(posture, axis=0)
    moves[renewal - 1] = 0
    came_back = (posture[:-1] == OUT) & (posture[1:] == 0)
    single = (run.parameters.jump_chance == 0.0) | (posture[:-1] == NOTIFY)
    assert (np.abs(moves)[single & ~came_back] <= 1).all()


def quiet(**over):
    """Return a world without events, threat, intrusion or offers."""
    empty = {"FOE": {"threat": 0.0, "claim": 0.0}, "BIG": {"arms": 0.0, "base": 0.0}}
    return tables(**merged({"dyads": {"VIC": empty, "FOE": {"VIC": {"threat": 0.0, "claim": 0.0}}}}, over))


def test_at_rest_beliefs_stay_at_their_prior():
    trajectory = AllianceModel(Scenario.model_validate(quiet()), rng=3, collect=False).run()
    trust = trajectory.values["trust"]
    assert np.allclose(trust[-1], trust[0], atol=1e-12)


def test_at_rest_exits_happen_at_the_base_hazard():
    hazard = PARAMETERS["exit_base_hazard"].high
    renewals = [date(2020 + 5 * i, 6, 1) for i in range(1, 8)]
    rest = quiet(end=date(2059, 12, 31), treaties={"PACT": {"renewals": renewals}})
    rest["treaties"]["PACT"]["members"] = ["BIG", *(f"M{i}" for i in range(12))]
    rest["states"] |= {f"M{i}": {"capability": 0.001, "democracy": 0.0} for i in range(12)}
    rest["parameters"] = {"exit_base_hazard": hazard}
    checked = Scenario.model_validate(rest)
    left = years = 0
    for replicate in range(3):
        posture = AllianceModel(checked, rng=5, replicate=replicate, collect=False).run().values["posture"]
        for member in range(12):
            path = posture[:, sorted(rest["states"]).index(f"M{member}"), 0]
            gone = np.flatnonzero(path == OUT)
            left += len(gone) > 0
            years += (gone[0] if len(gone) else len(path)) / 12
    assert PARAMETERS["exit_base_hazard"].default == pytest.approx(29 / 10020, abs=1e-4)
    assert abs(left - hazard * years) < 3 * np.sqrt(hazard * years)
    assert left > 10


def test_without_a_renewal_nobody_at_rest_leaves():
    calm = Scenario.model_validate(quiet(end=date(2059, 12, 31)))
    posture = AllianceModel(calm, rng=5, collect=False).run().values["posture"]
    assert posture.max() < OUT


OFFERED = {
    "beliefs": {"VIC": {"BIG": {"trust": 0.2}}},
    "events": {"offer": {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 1, 2)}},
}


def hazard_of_leaving(**over):
    """Return z of VIC after a month: more pressure means more steps up, all else equal."""
    run = AllianceModel(scenario(**over), rng=1, collect=False)
    run.step()
    return run.world.pressure[run.setup.codes.index("VIC"), 0]


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"dyads": {"VIC": {"BIG": {"trade": 0.9}}}}, {"dyads": {"VIC": {"BIG": {"trade": 0.1}}}}),
        (
            OFFERED | {"dyads": {"VIC": {"FOE": {"threat": 0.1}}}},
            OFFERED | {"dyads": {"VIC": {"FOE": {"threat": 0.9}}}},
        ),
        (
            {"dyads": {"VIC": {"BIG": {"base": 0.25, "trade": 0.75}}}},
            {"dyads": {"VIC": {"BIG": {"base": 0.5, "trade": 0.5}}}},
        ),
        ({"beliefs": {"VIC": {"BIG": {"trust": 0.8}}}}, {"beliefs": {"VIC": {"BIG": {"trust": 0.4}}}}),
    ],
    ids=["dependence delays", "threat hastens where others offer", "intrusion hastens", "distrust hastens"],
)  # fmt: skip
def test_what_delays_and_hastens_exit(less, more):
    assert hazard_of_leaving(**more) > hazard_of_leaving(**less)


def test_an_outside_offer_hastens_exit():
    offer = {"kind": "offer", "state": "FAR", "target": "VIC", "date": date(2020, 2, 1), "value": 0.8}
    runs = [model(events=events) for events in ({}, {"offer": offer})]
    z = [run.run().values["pressure"][3, run.setup.codes.index("VIC"), 0] for run in runs]
    assert z[1] > z[0]


def share_of_steps(events, rung, replicates=60, **over):
    """Return the share of replicates in which VIC reaches a rung within the year."""
    checked = scenario(events=events, **over)
    reached = 0
    for replicate in range(replicates):
        run = AllianceModel(checked, rng=11, replicate=replicate, collect=False)
        reached += run.run().values["posture"][:, run.setup.codes.index("VIC"), 0].max() >= rung
    return reached / replicates


def answered(level):
    return {
        "attack": ATTACK,
        "call": {
            "kind": "call",
            "state": "VIC",
            "treaty": "PACT",
            "article": 4,
            "date": ATTACK["date"],
            "to": "attack",
        },
        "answer": {
            "kind": "response",
            "state": "BIG",
            "to": "attack",
            "response": level,
            "date": ATTACK["date"],
        },
    }


def test_help_keeps_a_member_and_refusal_loses_it():
    lively = {"ladder_tempo": 0.3, "required_reliability": 0.65}
    refused, helped = (share_of_steps(answered(level), REDUCE, parameters=lively) for level in ("none", "forces"))
    assert refused > helped + 0.2


def test_a_notice_ends_at_the_first_tick_on_or_after_its_day():
    for step, months in (("month", 1.0), ("week", 7 / (365.25 / 12))):
        run = model(step=step, treaties={"PACT": {"notice_months": 2.0}})
        victim = run.setup.codes.index("VIC")
        from sim.rules.posture import move_to

        move_to(run.world, victim, 0, NOTIFY)
        run.parameters = run.parameters._replace(ladder_tempo=0.005)
        ticks = 0
        while run.world.posture[victim, 0] == NOTIFY:
            run.step()
            ticks += 1
        assert run.world.posture[victim, 0] == OUT
        assert ticks == int(np.ceil(2.0 / months - 1e-9))


def traces(run):
    """Return trust and posture by state name, so that orders do not matter."""
    trajectory = run.run()
    codes = trajectory.codes
    return {
        (one, other): trajectory.values["trust"][:, codes.index(one), codes.index(other)]
        for one in CODES for other in CODES
    } | {code: trajectory.values["posture"][:, codes.index(code), 0] for code in CODES}  # fmt: skip


def equal(one, other):
    return all(np.array_equal(one[key], other[key]) for key in one)


def test_reordering_states_changes_nothing():
    given_tables = tables(events={"attack": ATTACK}, endogenous_attacks="always", guarantor_choices="always")
    turned = {**given_tables, "states": dict(reversed(given_tables["states"].items()))}
    runs = [AllianceModel(Scenario.model_validate(each), rng=2, collect=False) for each in (given_tables, turned)]
    assert equal(*map(traces, runs))


def test_a_bystander_changes_nothing_for_the_others():
    over = {"events": {"attack": ATTACK}, "endogenous_attacks": "always", "guarantor_choices": "always"}
    alone = model(seed=2, **over)
    beside = model(seed=2, states={"ABC": {"capability": 0.2}, "ZZZ": {"capability": 0.01}}, **over)
    assert equal(traces(alone), traces(beside))


def test_changing_an_event_leaves_all_before_it_as_it_was():
    runs = [model(seed=4, events={"attack": {**ATTACK, "severity": severity}}) for severity in (0.2, 0.9)]
    one, other = (run.run() for run in runs)
    before = one.dates.index(date(2020, 2, 29)) + 1
    for name in one.values:
        assert one.values[name][:before].tobytes() == other.values[name][:before].tobytes()
    assert not np.array_equal(one.values["trust"][before], other.values["trust"][before])


def test_branches_differ_only_where_their_events_do():
    quiet_run, struck = (traces(model(seed=9, events=events)) for events in ({}, {"attack": ATTACK}))
    assert np.array_equal(quiet_run["FAR", "FOE"], struck["FAR", "FOE"])
    assert not np.array_equal(quiet_run["VIC", "BIG"], struck["VIC", "BIG"])


def test_weeks_and_months_agree_within_sampling_error():
    replicates = 200
    shares = {}
    trust = {}
    for step in ("month", "week"):
        checked = scenario(
            step=step,
            events=answered("none"),
            parameters={"ladder_tempo": 0.05, "required_reliability": 0.62},
        )
        result = run(checked, replicates=replicates, seed=8, engine="compiled", parameters="defaults")
        posture = result.posture.sel(branch=result.branches[0], state="VIC").isel(date=-1)
        shares[step] = float((posture >= REDUCE).mean())
        first = result.trust.sel(branch=result.branches[0], replicate=0)
        trust[step] = float(first.sel(truster="VIC", trustee="BIG").isel(date=-1))
    spread = np.sqrt(2 * 0.25 / replicates)
    assert abs(shares["month"] - shares["week"]) < 3 * spread
    assert 0.05 < shares["month"] < 0.95
    assert trust["week"] == pytest.approx(trust["month"], abs=0.01)


def test_a_frozen_member_is_still_bound_and_may_return():
    run = model()
    victim = run.setup.codes.index("VIC")
    from sim.rules.posture import move_to

    move_to(run.world, victim, 0, FREEZE)
    assert "VIC" in run.state("BIG").obligations[0].to
    run.parameters = run.parameters._replace(ladder_tempo=0.3, ladder_trust=4.0, required_reliability=0.3)
    run.world.threat[:] = 0.0
    assert run.run().values["posture"][-1, victim, 0] < FREEZE
