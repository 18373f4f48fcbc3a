"""Every rule compiles as it is, and compiled rules decide as plain ones do."""

import inspect
import math

import numba
import numpy as np
import pytest
from numba.extending import register_jitable

import sim.engine.model  # noqa: F401 - imports every room of rules
from sim.model.world import copy_world
from sim.rules.course import STANDINGS
from sim.rules.learning import Evidence
from sim.rules.ledger import enter_obligation
from sim.rules.registry import RULES
from sim.rules.response import Circumstances
from tests.worlds import attack, built

NUMBERS = {
    "draw": 0.3, "legal": 1.0, "force": 0.5, "against": 0.4, "x": 0.3, "share": 0.4, "half_life": 3.0, "months": 1.0,
    "monthly": 0.1, "utilities": (0.0, 0.1, 0.2, 0.3, 0.4), "precision": 3.0, "tilt": 2.0, "lean": 1.0, "refusal": 1.0,
    "tone": 0.5, "favourable": 0.1, "adverse": 0.1, "coercion": 0.1, "approval": 0.5, "people": 1000.0,
    "pressure": 0.2, "amount": 0.1, "coerced": 0.1, "reassured": 0.1, "severity": 0.3, "value": 0.1, "width": 0.5,
    "owed": 0, "treaty": 0, "level": 2, "clause": 0, "choice": 2, "objects": 1, "voters": 3, "blocked": False,
    "ceiling": 2, "spoken": True, "vetoed": False, "rung": 1, "channel": 0, "kind": 0, "i": 1, "j": 0, "k": 1,
    "action": 0, "which": 0, "seen": 0, "threat": 0.4, "done": 0.5, "others": True, "kept": 0.9, "likeness": 0.6,
    "hard": 0.2, "strength": 0.3, "left": (0.9, 0.8, 0.99), "weighed": Circumstances(0.1, 0.2, 0.3, 0.8, 0.1, 0.05),
    "overstretch": 0.3, "tie": 0.2, "stakes": 0.6, "row": 0, "sign": 1, "asked": True, "opinion": 0.4, "rho": 0.5,
    "variable": 12, "op": 0, "bound": 0.1, "prior": 2.0, "learnt": 0.5, "forces": (0.1, 0.3),
    "place": 0, "direction": 1, "rungs": 2, "step": 1, "terms": (0.1, -0.2, 0.3), "angle": 0.6, "cost": 0.4,
    "diversified": True, "pact": False, "renewing": True, "free": True, "turns": True,
    "before": np.full(STANDINGS, 1.0 / STANDINGS), "passing": np.zeros(STANDINGS), "after": np.zeros(STANDINGS),
    "line": 0.5, "trust": 0.6, "belief": 0.4, "possible": 0b1011, "places": 0b101, "than": 2,
    "retained": 0.9, "interest": -0.4, "held": 0.7, "doubt": 0.3, "weight": 0.5,
}  # fmt: skip
STATES = {
    "BIG": ("ally", "partner", "guarantor", "source", "speaker", "helper", "giver", "responder"),
    "VIC": ("victim", "state", "target", "receiver", "one", "member", "observer", "reader"),
    "FOE": ("aggressor", "challenger", "owner"),
    "ALY": ("other",),
    "FAR": ("patron",),
}


def arguments(rule, setup, world, p):
    known = {**NUMBERS, "world": world, "p": p, "case": attack(setup)}
    known |= {name: setup.codes.index(code) for code, names in STATES.items() for name in names}
    known |= {"trust": setup.given_trust, "confidence": setup.given_confidence, "felt": world.coercion}
    known |= {"said": Evidence(1, 4, 0.8, 0.15, 0.85, 0.85, 0.3, 0.1, 0.0, -0.5)}
    return [
        NUMBERS[name] if asked.annotation is float else known[name]
        for name, asked in inspect.signature(rule).parameters.items()
    ]


def same(one, other):
    if isinstance(one, tuple):
        return all(same(a, b) for a, b in zip(one, other, strict=True))
    if one is None:
        return other is None
    return one == pytest.approx(other, abs=1e-12, nan_ok=True)


@pytest.mark.slow
def test_every_rule_compiles_and_decides_alike():
    setup, world, p = built()
    enter_obligation(world, p, attack(setup), setup.codes.index("BIG"), 0.15)
    for rule in RULES:
        register_jitable(rule)
    names = [f"rule{index}" for index in range(len(RULES))]
    plain = [rule(*arguments(rule, setup, copy_world(world), p)) for rule in RULES]
    for name, rule, expected in zip(names, RULES, plain, strict=True):
        inputs = ", ".join(inspect.signature(rule).parameters)
        scope = {name: rule}
        exec(f"def call({inputs}):\n    return {name}({inputs})", scope)  # noqa: S102 - numba compiles functions by source
        found = numba.njit(scope["call"])(*arguments(rule, setup, copy_world(world), p))
        assert same(expected, found), rule.__name__


@pytest.mark.slow
def test_the_decisions_compile_in_one_piece():
    from sim.rules.call import call_chance
    from sim.rules.learning import evidence_as_seen_by, update_belief
    from sim.rules.posture import choose_step, total_pressure
    from sim.rules.reliability import update_interest, update_reliability
    from sim.rules.response import choose_response, share_delivered

    for rule in RULES:
        register_jitable(rule)
    setup, world, p = built()
    victim, big = setup.codes.index("VIC"), setup.codes.index("BIG")

    def tick(world, p, case, ally, draw):
        member = case.victim
        update_interest(world, p, member, 0)
        update_reliability(world, p, member, 0)
        asked = call_chance(world, p, case)
        level = choose_response(world, p, case, ally, draw)
        done = share_delivered(world, case, ally, level, math.nan)
        said = evidence_as_seen_by(world, p, case, ally, member, level, done, False, True)
        update_belief(world, p, said, member, 1.0)
        update_reliability(world, p, member, 0)
        world.pressure[member, 0] = total_pressure(world, p, member, 0)
        return asked, level, choose_step(world, p, member, 0, draw)

    other = copy_world(world)
    for draw in (0.02, 0.9):
        assert same(tick(world, p, attack(setup), big, draw), numba.njit(tick)(other, p, attack(setup), big, draw))
    assert world.trust[victim, big] == pytest.approx(other.trust[victim, big], abs=1e-15)
    assert not math.isnan(world.pressure[victim, 0])


def test_the_list_of_rules_is_whole():
    names = [rule.__name__ for rule in RULES]
    assert len(names) == len(set(names))
    assert {"choose_call", "choose_response", "choose_step", "choose_policy", "chooses_attack", "update_belief"} <= set(
        names
    )
