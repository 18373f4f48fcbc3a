"""What moved trust: every piece of evidence is found, and without it trust is what it would have been."""

from datetime import date

import pytest

from sim.analysis.explaining.chain import chain_of
from sim.analysis.explaining.replay import replay
from sim.engine.model import EngineModel
from sim.engine.setup import prepare
from sim.experiments.alliance_model import AllianceModel
from sim.rules.maths import logistic, logit
from sim.scenario import load
from tests.engine.test_questions import ANSWER, ATTACK, CALL
from tests.worlds import scenario

RECORD = {"attack": ATTACK, "call": CALL, "answer": ANSWER}
WORDS = {"kind": "rhetoric", "state": "BIG", "target": "VIC", "tone": -0.8, "date": date(2020, 6, 5)}
GIFT = {"kind": "aid", "state": "BIG", "target": "VIC", "value": 0.3, "channel": "arms", "date": date(2020, 8, 5)}
ALL = {**RECORD, "words": WORDS, "gift": GIFT}


def seen_by(code, tick, **over):
    setup = prepare(scenario(**over))
    return replay(setup, seed=1, replicate=0, state=setup.codes.index(code), ticks=range(tick, tick + 1))


def pair(seen):
    return seen.setup.codes.index("VIC"), seen.setup.codes.index("BIG")


@pytest.mark.parametrize("rule", ["beta", "types", "surprise"])
def test_every_piece_of_evidence_is_found_and_trust_without_it_is_that_of_a_run_without_it(rule):
    seen = seen_by("VIC", 10, events=ALL, belief_rule=rule)
    moves = {move.name: move for move in seen.moves[pair(seen)]}
    assert set(moves) == {"attack", "words", "gift"}
    for name in ("words", "gift"):
        less = {key: event for key, event in ALL.items() if key != name}
        without = AllianceModel(scenario(events=less, belief_rule=rule), rng=1).run()
        assert moves[name].without == pytest.approx(without.values["trust"][11][pair(seen)], abs=1e-12)


def test_moves_add_up_to_the_path_between_which_trust_only_fades():
    seen = seen_by("VIC", 10, events=ALL)
    path = seen.trajectory.values["trust"][:, *pair(seen)]
    r0, memory = seen.parameters.initial_trust, seen.parameters.memory_half_life
    for move, tick in zip(seen.moves[pair(seen)], (2, 5, 7), strict=True):
        assert move.day == seen.setup.calendar.starts[tick]
        assert move.after == path[tick + 1]
        faded = logit(r0) + 2 ** (-1 / memory) * (logit(path[tick]) - logit(r0))  # it fades before it moves
        assert logit(move.before) == pytest.approx(faded)
        assert (move.after > move.before) is (move.name == "gift")


def test_a_lesson_has_the_weight_and_excuse_of_the_evidence():
    seen = seen_by("VIC", 3, events=RECORD)
    (move,) = seen.moves[pair(seen)]
    lesson, p = move.lesson, seen.parameters
    assert (lesson.level, lesson.done, lesson.fixed, lesson.spoken, lesson.legal) == (2, 0.15, True, True, 1.0)
    assert lesson.weight == pytest.approx(p.evidence_weight * 0.8)
    assert move.favourable == pytest.approx(lesson.weight * lesson.done)
    assert move.adverse == pytest.approx(lesson.weight * (1 - lesson.done) * (1 - lesson.excused))
    assert lesson.excuses == {"in any case": lesson.excused}
    assert lesson.shortfall == pytest.approx(0.85)


def test_a_doubtful_law_excuses_and_says_how_much():
    seen = seen_by("VIC", 3, events={**RECORD, "attack": {**ATTACK, "coverage": 0.3}})
    (move,) = seen.moves[pair(seen)]
    assert move.lesson.legal == 0.3
    p, excuses = seen.parameters, move.lesson.excuses
    assert set(excuses) == {"in any case", "legal doubt"}
    assert excuses["in any case"] == pytest.approx(logistic(p.excuse_base - p.victim_refusal))
    assert sum(excuses.values()) == pytest.approx(move.lesson.excused)


def test_what_comes_after_the_date_is_left_out():
    seen = seen_by("VIC", 6, events=ALL)
    assert [move.name for move in seen.moves[pair(seen)]] == ["attack", "words"]
    assert chain_of(seen).until == date(2020, 7, 31)


def test_acts_of_a_guarantor_are_found():
    pulls = {"ladder_tempo": 0.3, "guarantor_precision": 10.0, "reassure_cost": 0.0, "coerce_cost": 1.0}
    over = {"guarantor_choices": "always", "parameters": pulls, "beliefs": {"VIC": {"BIG": {"trust": 0.05}}}}
    seen = seen_by("VIC", 11, **over)
    assert "BIG reassures VIC" in {move.name for move in seen.moves[pair(seen)]}


def test_a_replay_is_the_run():
    setup = prepare(load("scenarios/first-steps.toml", ["guarantor_choices=never"]), "as-happened")
    arm = setup.codes.index("ARM")
    seen = replay(setup, seed=7, replicate=4, state=arm, ticks=range(20, 21))
    alone = EngineModel(setup, seed=7, replicate=4).run()
    for name, values in alone.values.items():
        assert values.tobytes() == seen.trajectory.values[name].tobytes()
    assert [move.name for move in seen.moves[arm, setup.codes.index("RUS")]] == ["attack-2022"]


def test_the_guarantor_itself_has_no_chain():
    assert chain_of(seen_by("BIG", 3, events=RECORD)) is None
    assert chain_of(seen_by("FAR", 3, events=RECORD)) is None
