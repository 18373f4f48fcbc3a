import gc
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

import sim
from sim.engine.model import EngineModel
from sim.engine.setup import Setup, prepare
from sim.errors import InputError
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.played import Played
from sim.experiments.playing import play, play_setup, replay
from sim.experiments.seat import freed_for
from sim.experiments.turns import LEFT, Turn, knowledge
from sim.model.world import World
from sim.scenario import Scenario, load
from sim.seats.asking import LATE, NoAnswer
from tests.explorer.conftest import FIRST_STEPS, KARABAKH


@pytest.fixture(scope="module")
def first_steps() -> Scenario:
    return load(FIRST_STEPS)


def rule(turn: Turn) -> None:
    """Leaves all to the built-in rule."""


def climbs(turn: Turn) -> str:
    return turn.options[-1]


def stays(turn: Turn) -> str:
    return turn.options[0]


def same_course(one: Played, other: Played) -> bool:
    return all(
        values.tobytes() == other.trajectory.values[name].tobytes() for name, values in one.trajectory.values.items()
    )


def test_seats_that_leave_all_to_the_rule_play_as_it_does(first_steps: Scenario):
    played = play(first_steps, seats={"RUS": rule, "ARM": rule}, branch="as-happened", replicate=2, replicates=0)
    setup = freed_for(freed_for(prepare(first_steps, "as-happened"), "ARM"), "RUS")
    own = AllianceModel(setup, rng=first_steps.seed, replicate=2, collect=False).run()
    for name, values in own.values.items():
        np.testing.assert_array_equal(played.trajectory.values[name], values)
    assert {decided.left for decided in played.decided} == {LEFT}
    assert set(played.seats) == {"ARM", "RUS"}
    assert (played.state, list(played.paths)) == ("RUS", ["credibility"])
    assert "posture" in played.seats["ARM"].paths


def test_a_seat_beside_one_that_leaves_all_to_the_rule_plays_as_if_alone(first_steps: Scenario):
    alone = play(first_steps, "ARM", climbs, replicates=0, every=6)
    beside = play(first_steps, seats={"ARM": climbs, "KGZ": rule}, replicates=0, every=6)
    assert same_course(alone, beside)
    assert alone.decided == tuple(decided for decided in beside.decided if decided.turn.state == "ARM")
    assert not same_course(alone, play(first_steps, "ARM", stays, replicates=0, every=6))


def test_answers_of_a_turn_are_hidden_until_all_are_in(first_steps: Scenario):
    together = Barrier(2, timeout=20)  # breaks unless both are asked at the same time
    seen: dict[str, list[Turn]] = {"ARM": [], "KAZ": []}

    def decide(turn: Turn) -> str | None:
        if turn.kind == "course":
            together.wait()
            seen[turn.state].append(turn)
            return turn.options[-1] if turn.state == "KAZ" else turn.options[0]
        return None

    quiet = sim.load(FIRST_STEPS, {"drop": ["attack-2022"]})
    play(quiet, seats={"ARM": decide, "KAZ": decide}, replicates=0, every=12)
    first, second = seen["ARM"][:2]
    assert first.knows.postures["KAZ"] == "loyal"
    assert second.knows.postures["KAZ"] == "voice"


def test_who_takes_too_long_is_answered_for_by_the_rule(first_steps: Scenario):
    def sleeps(turn: Turn) -> str:
        time.sleep(0.3)
        return turn.options[0]

    def gives_up(turn: Turn) -> str:
        raise NoAnswer("nobody is there")

    given = {"branch": "as-happened", "replicates": 0, "every": 24, "seconds": 0.05}
    late = play(first_steps, "ARM", sleeps, **given)
    absent = play(first_steps, "ARM", gives_up, **given)
    left = play(first_steps, "ARM", rule, **given)
    assert [{decided.left for decided in run.decided} for run in (late, absent, left)] == [
        {LATE}, {"nobody is there"}, {LEFT},
    ]  # fmt: skip
    assert all(decided.answer is None for decided in late.decided)
    assert same_course(late, left)
    assert same_course(absent, left)


def test_an_error_of_a_seat_ends_the_game(first_steps: Scenario):
    def breaks(turn: Turn) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        play(first_steps, seats={"ARM": breaks, "KGZ": rule}, replicates=0)
    with pytest.raises(InputError, match="either a state"):
        play(first_steps, "ARM", replicates=0)
    with pytest.raises(InputError, match="either a state"):
        play(first_steps, "ARM", rule, seats={"KGZ": rule}, replicates=0)
    with pytest.raises(InputError, match="no seat without a state"):
        play(first_steps, seats={}, replicates=0)


# what a seat may know


@pytest.mark.parametrize("code", ["ARM", "KAZ", "RUS"])
def test_what_is_private_to_others_is_in_no_turn(first_steps: Scenario, code: str):
    model = EngineModel(prepare(first_steps, "as-happened"), seed=3)
    for _ in range(24):
        model.step()
    here = model.setup.codes.index(code)
    before = knowledge(model, here, ())
    others = np.arange(len(model.setup.codes)) != here
    private = [
        name for name, values in model.world._asdict().items()
        if isinstance(values, np.ndarray) and values.dtype == np.float64 and len(values) == len(others)
        and name not in ("ledger", "owed_lately", "failed_lately")
    ]  # fmt: skip
    assert {"threat", "learnt_log_odds", "prior_log_odds", "opinion", "approval", "exit_support", "offer", "portfolio",
            "government_line", "pressure", "reliability", "coercion", "overstretch"} <= set(private)  # fmt: skip
    for name in private:
        values = getattr(model.world, name)
        values[others] = values[others] * 0.37 + 0.11
    assert knowledge(model, here, ()) == before
    model.world.threat[here] = 0.123
    assert knowledge(model, here, ()) != before


def test_a_turn_leads_to_nothing_else(first_steps: Scenario):
    turns: list[Turn] = []
    play(first_steps, seats={"ARM": turns.append, "RUS": turns.append}, replicates=0)  # type: ignore[dict-item]
    reached, waiting = set(), [turn for turn in turns if turn.kind in ("appeal", "answer", "course")]
    assert len({turn.kind for turn in waiting}) == 3
    while waiting:
        held = waiting.pop()
        if id(held) in reached or isinstance(held, type):
            continue
        reached.add(id(held))
        assert not isinstance(held, EngineModel | World | Setup | Scenario | np.ndarray)
        waiting += gc.get_referents(held)


def test_nothing_after_its_date_changes_a_turn(first_steps: Scenario):
    def turns(scenario: Scenario) -> list[Turn]:
        played = play(scenario, seats={"ARM": climbs, "RUS": stays}, branch="as-happened", replicates=0)
        return [decided.turn for decided in played.decided]

    other = load(FIRST_STEPS, ["events.attack-2022.severity=0.1", "events.attack-2022.note='later: Armenia froze'"])
    until = first_steps.events["attack-2022"].date.replace(day=1)
    before, after = turns(first_steps), turns(other)
    early = [turn for turn in before if turn.date < until]
    assert early == [turn for turn in after if turn.date < until]
    assert len(early) > 10
    assert before != after


def test_notes_and_sources_of_a_scenario_are_in_no_turn(first_steps: Scenario):
    played = play(first_steps, seats={"ARM": rule, "RUS": rule}, branch="as-happened", replicates=0)
    said = repr([decided.turn for decided in played.decided])
    hidden = [text for event in first_steps.events.values() for text in (event.note, event.source) if text]
    assert hidden
    assert not [text for text in hidden if text in said]


# fewer turns


@pytest.mark.parametrize(("code", "path"), [("ARM", KARABAKH), ("RUS", KARABAKH), ("KGZ", FIRST_STEPS)])
def test_a_limit_on_turns_is_kept_with_crises_first(code: str, path: Path):
    asked: list[Turn] = []
    held = load(path)
    play(held, code, asked.append, replicates=0, turns=15, every=6)  # type: ignore[arg-type]
    years = (held.end - held.start).days / 365.25
    assert 0 < len(asked) <= 15 * years / 5 + 1e-6 + 0.1
    if code == "ARM":
        assert {"appeal", "course"} <= {turn.kind for turn in asked}


# a file that is played again


def test_a_saved_run_is_played_again_to_the_same_bytes(first_steps: Scenario, tmp_path: Path):
    def sometimes(turn: Turn) -> str | None:
        if turn.kind == "renewal":
            raise NoAnswer("asleep")
        return turn.options[len(turn.knows.news) % len(turn.options)] if turn.date.month % 2 else None

    played = play(
        first_steps, seats={"ARM": climbs, "RUS": sometimes}, replicate=3, replicates=0, parameters="posterior-full"
    )
    again = replay(played.save(tmp_path / "played.json"))
    assert same_course(played, again)
    assert again.decided == played.decided
    assert again.save(tmp_path / "again.json").read_bytes() == (tmp_path / "played.json").read_bytes()
    with pytest.raises(InputError, match=r"ends with \.json"):
        played.save(tmp_path / "played.toml")


def test_a_file_that_does_not_fit_is_refused(first_steps: Scenario, tmp_path: Path):
    file = play(first_steps, "ARM", climbs, replicates=0, every=6).save(tmp_path / "played.json")
    held = json.loads(file.read_text("utf-8"))

    def changed(**values: object) -> Path:
        other = tmp_path / "other.json"
        other.write_text(json.dumps({**held, **values}), "utf-8")
        return other

    with pytest.raises(InputError, match="takes another course now"):
        replay(changed(course="0" * 64))
    with pytest.raises(InputError, match="the file has no answer more"):
        replay(changed(answers=held["answers"][:2]))
    with pytest.raises(InputError, match="the file has the answer to"):
        replay(changed(answers=held["answers"][1:]))
    parameters = held["parameters"]
    for wrong in (
        {"version": 9}, {"what": ""}, {"seats": 3}, {"scenario": {}}, {"parameters": {}}, {"answers": [1]},
        {"parameters": {**parameters, "reach": 10**400}}, {"parameters": {**parameters, "reach": -1}},
        {"parameters": {**parameters, "reach": float("nan")}}, {"answers": [{**held["answers"][0], "date": 10}]},
        {"answers": [{**held["answers"][0], "answer": 1}]},
    ):  # fmt: skip
        with pytest.raises(InputError, match="is not a played run of this version"):
            replay(changed(**wrong))
    with pytest.raises(InputError, match=r"other\.json: seed is inf \(float\); allowed: whole numbers from 0 to "):
        replay(changed(seed=1e400))
    (tmp_path / "other.json").write_text("[", "utf-8")
    with pytest.raises(InputError, match="is not a played run"):
        replay(tmp_path / "other.json")
    with pytest.raises(InputError, match="cannot be read"):
        replay(tmp_path / "missing.json")


def test_a_prepared_branch_without_a_file_can_be_saved_too(first_steps: Scenario, tmp_path: Path):
    setup = replace(prepare(first_steps, "as-happened"), attacks_on=(False,) * 48)
    played = play_setup(setup, "ARM", climbs, seed=1, replicates=0, every=12)
    assert same_course(played, replay(played.save(tmp_path / "played.json")))


def test_injects_are_read_by_the_seats(first_steps: Scenario, tmp_path: Path):
    file = tmp_path / "lesson.csv"
    file.write_text(
        "date,kind,states,value,note\n"
        '2021-03-10,attack,AZE ARM,0.6,"shells fall on a border village, at dawn"\n'
        "2021-06-02,offer,FRA ARM,0.4,a minister visits Yerevan\n",
        "utf-8",
    )
    played = play(first_steps, seats={"ARM": rule, "RUS": rule}, injects=file, replicates=0)
    arm = [decided.turn for decided in played.decided if decided.turn.state == "ARM"]
    appeal = next(turn for turn in arm if turn.kind == "appeal")
    assert (appeal.date.isoformat(), appeal.about) == ("2021-03-01", "inject-2")
    assert "Azerbaijan attacks Armenia (shells fall on a border village, at dawn)" in appeal.question
    told = [line for turn in arm for line in turn.knows.news if "a minister visits" in line]
    (line,) = told
    assert re.fullmatch(r"2021-06-02: France .*Armenia.* \(a minister visits Yerevan\)", line)
    later = next(turn for turn in arm if turn.date.isoformat() > "2021-06-02")
    assert later.knows.offers["FRA"] == pytest.approx(0.4)
    saved = played.save(tmp_path / "played.json")
    assert replay(saved).decided == played.decided
