"""Members that turn to outside patrons for arms: by hand and by direction."""

import math
from datetime import date

import numpy as np
import pytest

import sim
from sim.engine.agents import State
from sim.engine.decisions import options
from sim.experiments.alliance_model import AllianceModel
from sim.mechanisms import MECHANISMS
from sim.model.terms import Question
from sim.model.world import NOBODY
from sim.rules.diversification import (
    chooses_diversification,
    diversify,
    ends_diversification,
    is_diversified,
    may_diversify,
)
from sim.rules.maths import logistic
from sim.rules.patronage import make_offer, update_best_patron
from sim.rules.posture import move_to
from sim.words import ARMS, LOYAL, NOTIFY, OUT, TRADE, VOICE
from tests.rules.readied import indices, ready
from tests.worlds import scenario

OFFER = {"kind": "offer", "state": "FAR", "target": "VIC", "value": 0.9, "date": date(2020, 2, 5)}
KEEN = {"diversification_tempo": 0.3, "diversification_threshold": -2.0}


def courted(**over):
    """Return a world in which FAR offers VIC protection."""
    setup, world, p = ready(**over)
    victim, far = indices(setup, "VIC", "FAR")
    make_offer(world, victim, far, 0.8)
    update_best_patron(world, victim, 0)
    return setup, world, p, victim


def test_the_chance_to_begin_by_hand():
    _, world, p, victim = courted(parameters={"diversification_tempo": 0.2, "diversification_threshold": 1.0})
    world.pressure[victim, 0] = 0.6
    chance = 0.2 * logistic(p.ladder_precision * (0.6 - 1.0))
    assert chooses_diversification(world, p, victim, 0, chance - 1e-9)
    assert not chooses_diversification(world, p, victim, 0, chance + 1e-9)
    begins, stays = options(world, p, Question("diversify", victim, treaty=0))
    assert begins.terms == {"pressure": 0.6, "threshold": -1.0}
    assert begins.chance == pytest.approx(chance)
    assert stays.chance == pytest.approx(1 - chance)


def test_any_rung_below_out_and_an_offer_are_needed():
    setup, world, p, victim = courted()
    world.pressure[victim, 0] = 5.0
    for rung in range(LOYAL, OUT):
        world.posture[victim, 0] = rung
        assert chooses_diversification(world, p, victim, 0, 0.0)
    world.posture[victim, 0] = OUT
    assert not chooses_diversification(world, p, victim, 0, 0.0)
    world.posture[victim, 0] = NOTIFY
    make_offer(world, victim, setup.codes.index("FAR"), 0.0)
    update_best_patron(world, victim, 0)
    assert not may_diversify(world, victim, 0)


def test_a_share_of_arms_moves_at_once_and_no_other_channel():
    setup, world, p, victim = courted(parameters={"diversification_shift": 0.25})
    big, far = indices(setup, "BIG", "FAR")
    world.portfolio[victim, big, TRADE] = 0.4
    diversify(world, p, victim, 0)
    assert world.portfolio[victim, big, ARMS] == pytest.approx(0.9 * 0.75)
    assert world.portfolio[victim, far, ARMS] == pytest.approx(0.9 * 0.25)
    assert world.portfolio[victim, big, TRADE] == 0.4
    assert world.diversified_to[victim, 0] == far
    assert is_diversified(world, victim, 0) == 1.0
    assert not may_diversify(world, victim, 0)


def test_an_unknown_share_stays_unknown():
    setup, world, p, victim = courted()
    big, far = indices(setup, "BIG", "FAR")
    world.portfolio[victim, big, ARMS] = math.nan
    diversify(world, p, victim, 0)
    assert world.diversified_to[victim, 0] == far
    assert np.isnan(world.portfolio[victim, [big, far], ARMS]).all()


def test_it_ends_once_pressure_has_gone_and_steps_on_the_ladder_leave_it():
    _, world, p, victim = courted(parameters={"diversification_end": 0.05, "diversification_threshold": 1.0})
    diversify(world, p, victim, 0)
    for rung in (VOICE, OUT, LOYAL):
        move_to(world, victim, 0, rung)
        assert world.diversified_to[victim, 0] != NOBODY
    for pressure, chance in ((1.0, 0.025), (-20.0, 0.05), (0.6, 0.05 * logistic(0.4 * p.ladder_precision))):
        world.pressure[victim, 0] = pressure
        assert ends_diversification(world, p, victim, 0, chance - 1e-9)
        assert not ends_diversification(world, p, victim, 0, chance + 1e-9)


def share_that_diversifies(**parameters):
    checked = scenario(events={"pledge": OFFER}, parameters={**KEEN, "diversification_end": 0.001, **parameters})
    ended = []
    for replicate in range(30):
        run = AllianceModel(checked, rng=3, replicate=replicate, collect=False)
        ended.append(run.run().values["diversified"][-1, run.setup.codes.index("VIC"), 0])
    return np.mean(ended)


def test_pressure_and_tempo_hasten_it_and_off_is_off():
    often = share_that_diversifies()
    assert often > share_that_diversifies(diversification_threshold=3.0)
    assert often > share_that_diversifies(diversification_tempo=0.05) > 0.0
    assert share_that_diversifies(**MECHANISMS["diversification"].off) == 0.0


def test_a_state_may_decide_by_a_rule_of_its_own_and_the_choice_is_recorded():
    class Shopper(State):
        def diversifies(self, treaty):
            return self.model.tick == 4

    run = AllianceModel(scenario(events={"pledge": OFFER}, parameters=KEEN), rng=1, agents={"VIC": Shopper})
    values = run.run().values["diversified"][:, run.setup.codes.index("VIC"), 0]
    assert values.argmax() == 5
    assert [(d.choice, d.date.month) for d in run.decisions if d.kind == "diversify"] == [("FAR", 5)]


def test_explain_shows_the_step_with_its_terms():
    checked = scenario(events={"pledge": OFFER}, parameters=KEEN | {"diversification_tempo": 0.29})
    run = AllianceModel(checked, rng=1)
    run.run()
    (begun, *_) = [d for d in run.decisions if d.kind == "diversify"]
    told = sim.explain(checked, "VIC", f"{begun.date:%Y-%m}", replicate=0, seed=1, parameters="defaults")
    assert any(each.decision.kind == "diversify" and each.steps for each in told.decisions)
    words = str(told)
    assert "VIC began to diversify, with arms from FAR" in words
    assert "pressure at which to diversify is even" in words
