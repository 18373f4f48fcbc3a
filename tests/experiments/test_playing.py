from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.engine.setup import prepare
from sim.errors import InputError
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.playing import play, play_setup
from sim.experiments.seat import freed_for
from sim.experiments.turns import Turn, seats
from sim.model.parameters import Parameters
from sim.scenario import Scenario, load
from sim.words import POSTURES, RESPONSES
from tests.explorer.conftest import FIRST_STEPS, KARABAKH


@pytest.fixture(scope="module")
def first_steps() -> Scenario:
    return load(FIRST_STEPS)


@pytest.mark.parametrize("state", ["ARM", "RUS", "KGZ"])
def test_whoever_leaves_all_to_the_built_in_rule_plays_as_it_does(first_steps: Scenario, state: str):
    played = play(first_steps, state, lambda turn: None, branch="as-happened", replicate=3, replicates=0)
    setup = freed_for(prepare(first_steps, "as-happened"), state)
    own = AllianceModel(setup, rng=first_steps.seed, replicate=3, collect=False).run()
    here, there, focus = setup.codes.index(state), setup.codes.index("RUS"), setup.treaties.index("CSTO")
    if state == "RUS":
        np.testing.assert_array_equal(played.paths["credibility"], own.values["credibility"][:, focus])
    else:
        np.testing.assert_array_equal(played.paths["posture"], own.values["posture"][:, here, focus])
        np.testing.assert_array_equal(played.paths["trust"], own.values["trust"][:, here, there])
        np.testing.assert_array_equal(played.paths["approval"], own.values["approval"][:, here, focus])
    assert all(answer is None for _, answer in played.turns)


def test_what_is_decided_happens(first_steps: Scenario):
    def climbs(turn: Turn) -> str:
        return turn.options[-1] if turn.kind == "course" else turn.options[0]

    played = play(first_steps, "ARM", climbs, branch="as-happened", replicates=0, every=6)
    course = [answer for turn, answer in played.turns if turn.kind == "course"]
    assert course[:4] == ["voice", "reduce", "freeze", "notify"]
    assert POSTURES[int(played.paths["posture"].max())] == "out"
    stays = play(first_steps, "ARM", lambda turn: "loyal" if turn.kind == "course" else None, replicates=0)
    assert (stays.paths["posture"] == 0).all()


def test_the_record_binds_everybody_but_the_seat(first_steps: Scenario):
    asked = []

    def helps(turn: Turn) -> str | None:
        asked.append(turn.kind)
        return "forces" if turn.kind == "answer" else None

    forces = play(first_steps, "RUS", helps, branch="as-happened", replicates=0)
    mission = play(first_steps, "RUS", lambda turn: "mission" if turn.kind == "answer" else None, replicates=0)
    assert "answer" in asked
    assert forces.paths["credibility"][-1] > mission.paths["credibility"][-1]
    setup = prepare(first_steps, "as-happened")
    (shock,) = [shock for tick in freed_for(setup, "KAZ").shocks for shock in tick]
    assert shock.calls
    assert [setup.codes[row.ally] for row in shock.fixed] == ["RUS"]
    (freed,) = [shock for tick in freed_for(setup, "ARM").shocks for shock in tick]
    assert freed.calls == ()


def test_a_guarantors_own_pressure_is_freed_with_it():
    setup = prepare(load(KARABAKH), "as-happened")
    names = {change.name for tick in setup.changes for change in tick}
    freed = freed_for(setup, "RUS")
    assert names - {change.name for tick in freed.changes for change in tick} == {
        "nuclear-belarus-2023", "trucks-2023", "dairy-2024", "fruit-2024", "border-programme-2024",
        "guarantees-belarus-2024", "two-chairs-2025", "incompatible-2026", "flowers-2026", "market-2026", "fish-2026",
    }  # fmt: skip
    assert all(freed.choices_on)
    assert freed_for(setup, "ARM").choices_on == setup.choices_on


def test_turns_come_with_what_the_government_knows(first_steps: Scenario):
    turns: list[Turn] = []
    played = play(first_steps, "ARM", turns.append, branch="as-happened", replicates=0)  # type: ignore[arg-type]
    kinds = Counter(turn.kind for turn in turns)
    assert kinds["appeal"] == 1
    assert kinds["course"] >= 4 * 4
    first, appeal = turns[0], next(turn for turn in turns if turn.kind == "appeal")
    assert (first.date.isoformat(), first.options) == ("2021-01-01", ("loyal", "voice"))
    assert appeal.options == ("appeal", "silence")
    assert "Azerbaijan attacks Armenia" in appeal.question
    (decided,) = [decided for decided in played.decided if decided.turn is appeal]
    assert sum(decided.odds.values()) == pytest.approx(1.0)
    assert decided.rule in appeal.options
    after = turns[turns.index(appeal) + 1]
    assert after.date.isoformat() == "2022-09-01"  # attacked, so its course is due
    assert "Azerbaijan attacks Armenia" in after.knows.news[0]
    assert set(first.knows.trust) == {"BLR", "KAZ", "KGZ", "RUS", "TJK"}
    assert first.knows.held["arms"][0] == "RUS"
    assert after.knows.trust["RUS"] < first.knows.trust["RUS"]
    assert not {"capability", "overstretch", "draw"} & set(vars(first.knows))


def test_a_course_is_asked_for_as_often_as_wanted(first_steps: Scenario):
    def reviews(every: int) -> int:
        played = play(first_steps, "KAZ", lambda turn: None, replicates=0, every=every)
        return sum(turn.kind == "course" for turn, _ in played.turns)

    assert (reviews(1), reviews(6)) == (48, 8)


def test_a_path_stands_beside_the_ensemble_and_the_record(first_steps: Scenario):
    played = sim.play(first_steps, "ARM", lambda turn: None, branch="as-happened", replicates=50)
    low, middle, high = played.ensemble["posture"]
    assert len(played.dates) == len(middle) == len(played.record) == 49
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert played.record[-1] == "freeze"
    text = str(played)
    assert "the ensemble ends at" in text
    assert text.endswith("on record: freeze at 2024-12-31")


def test_other_parameters_can_be_played_with(first_steps: Scenario):
    setup = prepare(first_steps, "as-happened")
    weights = np.linspace(2.0, 6.0, 20)
    rows = np.array([setup.parameters._replace(evidence_weight=weight) for weight in weights])
    played = play_setup(setup, "ARM", lambda turn: None, seed=7, replicate=5, replicates=20,
                        sets=lambda numbers: rows[numbers])  # fmt: skip
    model = AllianceModel(freed_for(setup, "ARM"), rng=7, replicate=5, parameters=Parameters(*rows[5]), collect=False)
    own = model.run()
    here, there = setup.codes.index("ARM"), setup.codes.index("RUS")
    np.testing.assert_array_equal(played.paths["trust"], own.values["trust"][:, here, there])
    plain = play_setup(setup, "ARM", lambda turn: None, seed=7, replicate=5, replicates=20)
    assert played.paths["trust"][-1] < plain.paths["trust"][-1]
    assert played.ensemble["trust"][1, -1] < plain.ensemble["trust"][1, -1]


def test_a_seat_has_the_parameters_that_run_draws(first_steps: Scenario):
    played = play(first_steps, "ARM", lambda turn: None, branch="as-happened", replicate=4, replicates=30,
                  parameters="posterior-full")  # fmt: skip
    result = sim.run(first_steps, branches=["as-happened"], replicates=30, parameters="posterior-full", keep=[4])
    assert result.drawn is not None
    setup = freed_for(prepare(first_steps, "as-happened"), "ARM")
    drawn = dict(zip(Parameters._fields, result.drawn.iloc[4].tolist(), strict=True))
    given = setup.parameters._replace(**{name: drawn[name] for name in drawn.keys() - first_steps.parameters.keys()})
    own = AllianceModel(setup, rng=first_steps.seed, replicate=4, parameters=given, collect=False).run()
    here, there = setup.codes.index("ARM"), setup.codes.index("RUS")
    np.testing.assert_array_equal(played.paths["trust"], own.values["trust"][:, here, there])


@pytest.mark.parametrize(
    ("state", "answer", "message"),
    [
        ("AZE", None, "there is no seat for 'AZE'; allowed: ARM, BLR, KAZ, KGZ, RUS, TJK"),
        ("ARM", "war", "ARM answered 'war' at 2021-01-01; allowed: loyal, voice, or None"),
        ("ARM", "freeze", "allowed: loyal, voice, or None"),
    ],
)
def test_what_cannot_be_played_is_refused(first_steps: Scenario, state: str, answer: str | None, message: str):
    with pytest.raises(InputError) as refused:
        play(first_steps, state, lambda turn: answer, replicates=0)
    assert message in str(refused.value)


def test_numbers_that_cannot_be_are_refused(first_steps: Scenario):
    for wrong in ({"every": 0}, {"replicates": -1}, {"replicate": -1}):
        with pytest.raises(InputError):
            play(first_steps, "ARM", lambda turn: None, **wrong)


def test_every_member_has_a_seat(first_steps: Scenario):
    assert seats(prepare(first_steps)) == ("ARM", "BLR", "KAZ", "KGZ", "RUS", "TJK")


def test_a_renewal_is_the_members_own_choice():
    history = load(FIRST_STEPS.with_name("csto-history.toml"), ["end=1999-12-31", "metrics=[]"])
    setup = replace(prepare(history), attacks_on=(False,) * len(prepare(history).attacks_on))
    left = play_setup(
        setup, "UZB", lambda turn: {"renewal": "lapse", "return": "stay out"}.get(turn.kind), seed=1, replicates=0
    )
    assert POSTURES[int(left.paths["posture"][-1])] == "out"
    stayed = play_setup(
        setup, "UZB", lambda turn: {"renewal": "renew", "course": "loyal"}.get(turn.kind), seed=1, replicates=0
    )
    assert POSTURES[int(stayed.paths["posture"][-1])] == "loyal"
    assert {turn.kind for turn, _ in left.turns} >= {"renewal", "return"}
    assert set(RESPONSES) >= {answer for turn, answer in left.turns if turn.kind == "answer" and answer}
