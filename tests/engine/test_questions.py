"""Every decision can be asked again: the rule answers as it did, its terms add up, its chances make one."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from sim.engine.decisions import KINDS, PASSED, decide
from sim.engine.setup import prepare
from sim.engine.witness import Witness
from sim.experiments.alliance_model import AllianceModel
from sim.model.world import copy_world
from sim.rules.call import call_chance
from sim.rules.challenge import attack_chance
from sim.rules.coverage import coverage
from sim.rules.guarantor import COERCE, REASSURE, choice_utility, choose_policy, policy_chances
from sim.rules.maths import chance_per_tick, logistic
from sim.rules.posture import down_chance, review_rate, up_chance
from sim.rules.response import circumstances, objection_chance, response_utilities
from sim.scenario import load
from sim.words import CHOICES, RESPONSES
from tests.worlds import built, scenario

ATTACK = {"kind": "attack", "aggressor": "FOE", "victim": "VIC", "severity": 0.8, "date": date(2020, 3, 10)}
CALL = {"kind": "call", "state": "VIC", "treaty": "PACT", "article": 4, "date": date(2020, 3, 11), "to": "attack"}
ANSWER = {"kind": "response", "state": "BIG", "to": "attack", "response": "mission", "date": date(2020, 4, 20)}


class Asks(Witness):
    """Asks each decision again, from the world as it is shown."""

    def __init__(self):
        self.seen = Counter()
        self.decisions = []

    def wants(self, kind, state):
        return True

    def decided(self, model, decision):
        self.seen[decision.kind] += 1
        self.decisions.append(decision)
        again = decide(copy_world(model.world), model.parameters, decision.question, decision.number)
        if not decision.fixed:
            assert again == decision.chosen
        for option in decision.options:
            assert sum(option.terms.values()) == pytest.approx(option.utility, abs=1e-12)
        assert sum(option.chance for option in decision.options) == pytest.approx(1.0)
        _engine_has_the_same(model, decision)


def _engine_has_the_same(model, decision):
    """Compare with what the engine's own functions say, kind by kind."""
    world, p, asked = model.world, model.parameters, decision.question
    options = {option.name: option for option in decision.options}
    if decision.kind == "response":
        legal = coverage(world, asked.case, asked.state, asked.state)
        utilities = response_utilities(world, p, asked.case, asked.state, legal)
        assert [option.utility for option in decision.options] == list(utilities)
        burden = circumstances(world, p, asked.case, asked.state)[3]
        most = options["forces"].terms
        assert most["force"] + most["distance"] + most["overstretch"] == pytest.approx(-burden, abs=1e-12)
    elif decision.kind == "call":
        assert options["appeal"].chance == call_chance(world, p, asked.case)
        if options["appeal"].chance > 0.0:
            assert options["appeal"].chance == pytest.approx(logistic(options["appeal"].utility))
    elif decision.kind == "posture":
        pressure = float(world.pressure[asked.state, asked.treaty])
        assert decision.options[0].utility == pytest.approx(pressure, abs=1e-12)
        steps_up = [option for option in decision.options[1:] if "hysteresis" not in option.terms]
        steps_down = [option for option in decision.options[1:] if "hysteresis" in option.terms]
        up = up_chance(world, p, asked.state, asked.treaty, pressure)
        down = min(down_chance(world, p, asked.state, asked.treaty, pressure), 1.0 - up)
        assert sum(option.chance for option in steps_up) == pytest.approx(up, abs=1e-15)
        assert sum(option.chance for option in steps_down) == pytest.approx(down, abs=1e-15)
        if steps_up and world.window[asked.state, asked.treaty] == 0.0:
            rate = review_rate(world, p, asked.state) * logistic(p.ladder_precision * steps_up[0].utility)
            assert up == pytest.approx(chance_per_tick(rate, world.months))
        for steps, chance in ((steps_up, up), (steps_down, down)):
            for number, step in enumerate(steps[1:], start=1):
                far = sum(option.chance for option in steps[number:])
                share = p.jump_chance * logistic(p.ladder_precision * step.utility)
                assert far == pytest.approx(chance * share, abs=1e-12)
    elif decision.kind == "policy":
        for choice in (REASSURE, COERCE):
            utility = choice_utility(world, p, asked.other, asked.treaty, choice)
            assert options[CHOICES[choice]].utility == pytest.approx(utility, abs=1e-12)
    elif decision.kind == "attack":
        assert options["attack"].chance == attack_chance(world, p, asked.state, asked.other)
        assert options["attack"].chance == pytest.approx(
            chance_per_tick(logistic(options["attack"].utility), world.months)
        )
    elif decision.kind == "objection":
        for level in range(2, 5):
            option = options[RESPONSES[level]]
            chance = objection_chance(world, p, asked.case, asked.state, level, asked.lean)
            assert logistic(option.utility) == pytest.approx(chance)
    elif decision.kind == "lapse":
        at_rest = 1.0 - (1.0 - p.exit_base_hazard) ** (world.months_since_renewal[asked.treaty] / 12.0)
        wanted = logistic(p.ladder_precision * options["out"].utility)
        assert options["out"].chance == pytest.approx(1.0 - (1.0 - at_rest) * (1.0 - wanted))


LEAVE = {"kind": "membership", "state": "VIC", "treaty": "PACT", "action": "leave", "date": date(2020, 2, 5)}


PLEDGE = {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 2, 3)}


def until(name, end):
    """Return a shipped scenario cut off at a date."""
    return load(f"scenarios/{name}.toml", [f"end={end}", "metrics=[]"])


RUNS = (
    (lambda: until("karabakh-2023", "2025-12-31"), "agents-decide",
     {"call", "response", "objection", "posture", "policy"}),
    (lambda: until("outlook-2031", "2027-12-31"), None, {"attack"}),
    (lambda: until("csto-history", "2000-12-31"), "agents-decide", {"lapse"}),
    (lambda: scenario(events={"leave": LEAVE}), None, {"return"}),
    (lambda: scenario(events={"pledge": PLEDGE}, treaties={"PACT": {"exclusive": False}}), None, {"pact", "diversify"}),
)  # fmt: skip


@pytest.mark.parametrize(("given", "branch", "kinds"), RUNS)
def test_every_kind_of_decision_can_be_asked_again(given, branch, kinds):
    witness = Asks()
    setup = prepare(given(), branch)
    AllianceModel(setup, rng=1, replicate=1, collect=False, decisions=False, witness=witness).run()
    assert kinds <= set(witness.seen)


def test_the_runs_cover_every_kind():
    assert set().union(*(kinds for *_, kinds in RUNS)) == set(KINDS)


def test_a_witness_changes_nothing():
    setup = prepare(until("karabakh-2023", "2022-12-31"), "agents-decide")
    watched = AllianceModel(setup, rng=1, replicate=2, collect=False, witness=Asks()).run()
    alone = AllianceModel(setup, rng=1, replicate=2, collect=False, decisions=False).run()
    for name, values in alone.values.items():
        assert values.tobytes() == watched.values[name].tobytes()


def test_a_fixed_choice_keeps_the_number_at_its_address():
    free = AllianceModel(scenario(events={"attack": ATTACK, "call": CALL}), rng=5)
    fixed = AllianceModel(scenario(events={"attack": ATTACK, "call": CALL, "answer": ANSWER}), rng=5)
    free.run(), fixed.run()
    (drawn,) = (d for d in free.decisions if d.kind == "response" and d.state == "BIG")
    (given,) = (d for d in fixed.decisions if d.kind == "response" and d.state == "BIG")
    assert (given.draw, given.fixed, given.choice) == (None, True, "mission")
    assert given.number == drawn.draw == drawn.number
    assert given.options == drawn.options


def test_recorded_calls_are_decisions_too():
    run = AllianceModel(scenario(events={"attack": ATTACK, "call": CALL}), rng=1)
    run.run()
    (call,) = (d for d in run.decisions if d.kind == "call")
    assert (call.state, call.about, call.choice, call.fixed, call.draw) == ("VIC", "attack", "appeal", True, None)


def test_objections_are_kept_once_for_each_member_and_hold_back_what_they_say():
    pulls = {"objection_base": 0.0, "guarantor_pull": 0.0, "response_precision": 1.0}
    checked = scenario(events={"attack": ATTACK, "call": CALL}, parameters=pulls, dyads={"ALY": {"FOE": {"ties": 1.0}}})
    held = 0
    for replicate in range(40):
        run = AllianceModel(checked, rng=1, replicate=replicate)
        answers = {row.ally: row for row in run.run().calls[0].responses}
        said = [d for d in run.decisions if d.kind == "objection"]
        assert len({d.state for d in said}) == len(said)
        aly = [d.choice for d in said if d.state == "ALY"]
        big = answers["BIG"]
        if big.choice >= 2:
            (choice,) = aly
            allowed = 4 if choice == PASSED else RESPONSES.index(choice) - 1
            assert big.level == min(big.choice, max(1, allowed))
            held += big.vetoed
    assert held > 3


def test_the_chances_of_a_guarantor_are_the_shares_of_draws():
    _, world, p = built(parameters={"ladder_tempo": 0.3}, states={"VIC": {"attention": 1.0}})
    vic = 4
    world.posture[vic, 0] = 2
    draws = (np.arange(4000) + 0.5) / 4000
    found = np.bincount([choose_policy(world, p, vic, 0, draw) for draw in draws], minlength=3) / 4000
    assert found == pytest.approx(policy_chances(world, p, vic, 0), abs=5e-4)
    world.posture[vic, 0] = 0
    assert policy_chances(world, p, vic, 0) == (1.0, 0.0, 0.0)
