from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine.setup import prepare
from sim.experiments.debrief import Debrief
from sim.experiments.exchange import Consequence, without
from sim.experiments.parameters.sources import parameter_draws, replicate_sets
from sim.experiments.played import Played
from sim.experiments.playing import play_again, replay
from sim.experiments.scores import GUARANTOR_PARTS, MEMBER_PARTS, score
from sim.experiments.seat import Decide
from sim.experiments.table import Game, GameTable, seated
from sim.experiments.turns import GUARANTOR_AIM, MEANINGS, MEMBER_AIM, Turn
from sim.model.parameters import Parameters
from sim.rules.coverage import dependence
from sim.rules.maths import total
from sim.rules.response import burden_terms
from sim.scenario import Scenario, load
from sim.words import CHOICES, EFFORT, POSTURES, RESPONSES
from tests.explorer.conftest import FIRST_STEPS, KARABAKH


@pytest.fixture(scope="module")
def first_steps() -> Scenario:
    return load(FIRST_STEPS)


def climbs(turn: Turn) -> str:
    return turn.options[-1] if turn.kind == "course" else turn.options[0]


def helps(turn: Turn) -> str | None:
    return {"answer": "forces", "client": "ignore"}.get(turn.kind)


def rule(turn: Turn) -> None:
    """Leaves all to the built-in rule."""


@pytest.fixture(scope="module")
def played(first_steps: Scenario) -> Played:
    return sim.play(first_steps, seats={"ARM": climbs, "RUS": helps}, branch="as-happened", replicates=20, every=12)


@pytest.fixture(scope="module")
def found(played: Played) -> Debrief:
    return sim.debrief(played)


# scores


def test_a_score_is_what_is_left_of_100():
    found = score([(0.2, 0.4, 0.0), (0.6, 0.4, 0.2)], MEMBER_PARTS)
    assert found.lost == pytest.approx({"threat": 20.0, "dependence": 10.0, "pressure": 2.5})
    assert found.points == pytest.approx(67.5)
    assert str(found) == "67.5 of 100 (lost: threat 20.0, dependence 10.0, pressure 2.5)"
    assert score([(0.1, 0.2)], GUARANTOR_PARTS).points == pytest.approx(100.0 - 30.0 - 10.0)


@pytest.mark.parametrize("every", [12, 6])
def test_what_counts_against_a_member_is_what_the_model_has(first_steps: Scenario, every: int):
    run = sim.play(first_steps, "ARM", climbs, branch="as-happened", replicates=0, every=every)
    values, here = run.trajectory.values, run.trajectory.codes.index("ARM")
    guarantor, focus = run.trajectory.codes.index("RUS"), run.trajectory.treaties.index("CSTO")
    lost = run.scores["ARM"].lost
    assert lost["dependence"] == pytest.approx(25.0 * values["dependence"][1:, here, guarantor].mean())
    assert lost["pressure"] == pytest.approx(25.0 * values["coercion"][1:, here, focus].mean())
    fears = np.delete(values["threat"][1:, here], [here, guarantor], axis=1).max(axis=1)
    inside = values["posture"][1:, here, focus] < POSTURES.index("out")
    assert inside.all() == (every == 12)
    alone = fears * np.where(inside, 1.0 - values["reliability"][1:, here, focus], 1.0)
    allied = values["pact"][1:, here, focus] > 0
    assert lost["threat"] <= 50.0 * alone.mean() + 1e-9
    assert lost["threat"] >= 50.0 * (alone * ~allied).mean() - 1e-9
    if not allied.any():
        assert lost["threat"] == pytest.approx(50.0 * alone.mean())


def test_what_counts_against_a_guarantor_is_allies_and_cost(first_steps: Scenario):
    costs: list[float] = []

    class Counting(GameTable):
        def record(self) -> None:
            for outcome in self.outcomes:
                for answer in outcome.responses:
                    if self.setup.codes[answer.ally] == "RUS":
                        terms = burden_terms(self.world, self.parameters, outcome.case, answer.ally,
                                             self.world.overstretch[answer.ally])  # fmt: skip
                        costs.append(EFFORT[answer.level] * total(terms))
            super().record()

    run = sim.play(first_steps, "RUS", helps, branch="as-happened", replicates=0)
    table = Counting(run.game, {"RUS": helps})
    table.run()
    assert len(costs) == 1
    assert costs[0] > 0.1
    lost = table.tallies["RUS"].score().lost
    assert lost["cost"] == pytest.approx(50.0 * costs[0] / 4.0)
    assert lost == run.scores["RUS"].lost
    allies = [run.trajectory.codes.index(code) for code in ("ARM", "BLR", "KAZ", "KGZ", "TJK")]
    rungs = run.trajectory.values["posture"][1:, allies, run.trajectory.treaties.index("CSTO")]
    assert lost["allies"] == pytest.approx(300.0 * (rungs / 5.0).mean())


def test_pressure_costs_a_guarantor(first_steps: Scenario):
    def presses(turn: Turn) -> str:
        return {"answer": "none", "client": "coerce"}.get(turn.kind, turn.options[0])

    def sits(turn: Turn) -> str:
        return turn.options[0]

    both = {"ARM": climbs}
    hard = sim.play(first_steps, seats={"RUS": presses, **both}, replicates=0, every=6)
    soft = sim.play(first_steps, seats={"RUS": sits, **both}, replicates=0, every=6)
    asked = sum(decided.answer == "coerce" for decided in hard.decided)
    price = hard.game.parameters.coerce_cost
    overstretch = hard.trajectory.values["overstretch"][1:, hard.trajectory.codes.index("RUS")]
    extra = hard.scores["RUS"].lost["cost"] - soft.scores["RUS"].lost["cost"]
    assert asked > 0
    assert 50.0 * asked * price / 4.0 <= extra <= 50.0 * asked * price * (1.0 + overstretch.max()) / 4.0
    assert hard.scores["ARM"].lost["pressure"] > soft.scores["ARM"].lost["pressure"]


def test_dependence_counts_channels_with_data_alone(played: Played):
    world = played.game.setup.first
    here, guarantor = played.game.setup.codes.index("ARM"), played.game.setup.codes.index("RUS")
    assert dependence(world, here, guarantor) == pytest.approx(np.nanmean(world.portfolio[here, guarantor]))


# turns in words


def test_every_option_says_what_it_means_and_costs(played: Played):
    assert set(MEANINGS["course"]) == set(POSTURES)
    assert set(MEANINGS["answer"]) == set(RESPONSES)
    assert set(MEANINGS["client"]) == set(CHOICES)
    for decided in played.decided:
        turn = decided.turn
        assert tuple(turn.words) == turn.options
        assert turn.aim == (GUARANTOR_AIM if turn.state == "RUS" else MEMBER_AIM)
        assert turn.guarantor == "RUS"
        assert set(turn.figures) == ({"severity", "coverage"} if turn.kind in ("appeal", "answer") else set())


def test_odds_and_the_rules_choice_are_in_the_record_alone(played: Played):
    assert not {"usual", "odds", "rule"} & set(vars(played.decided[0].turn))
    known = [decided for decided in played.decided if decided.odds]
    assert {decided.turn.kind for decided in known} >= {"course", "answer"}
    for decided in known:
        assert sum(decided.odds.values()) == pytest.approx(1.0)


# exchanged answers


def test_a_game_without_exchange_is_the_same_game(played: Played):
    table = without(played.game, played.decided, ())
    for name, values in played.trajectory.values.items():
        assert values.tobytes() == table.trajectory.values[name].tobytes()
    left = without(played.game, played.decided, range(len(played.decided)))
    own = sim.play("first-steps", seats={"ARM": rule, "RUS": rule}, branch="as-happened", replicates=0, every=12)
    assert left.trajectory.values["trust"].tobytes() == own.trajectory.values["trust"].tobytes()


def test_each_answer_is_followed_by_what_it_did(first_steps: Scenario):
    told: list[Consequence] = []
    asked: list[int] = []

    def decide(turn: Turn) -> str:
        asked.append(len(told))
        return climbs(turn)

    run = sim.play(first_steps, "ARM", decide, branch="as-happened", replicates=0, every=12, after=told.append)
    assert [each.decided for each in told] == list(run.decided)
    assert asked[:3] == [0, 1, 2]
    first = told[0]
    assert first.dates[0] == first.decided.turn.date
    assert first.dates[-1] < run.decided[1].turn.date
    assert (first.own["posture"][-1], first.rule["posture"][-1]) == (1.0, 0.0)
    assert str(first).startswith("2021-01-01, course: you chose voice, the rule loyal; by 2021-12-31 this made posture")
    assert "posture voice and not loyal" in str(first)
    last = told[-1]
    assert last.dates[-1] == run.dates[-1]
    plain = sim.play(first_steps, "ARM", climbs, branch="as-happened", replicates=0, every=12)
    assert plain.decided == run.decided
    sim.play(first_steps, "ARM", rule, replicates=0, every=24, after=lambda each: pytest.fail("the rule answered"))


def test_a_debrief_names_the_answers_that_mattered(played: Played, found: Debrief):
    arm = found.seats["ARM"]
    assert arm.own == played.scores["ARM"]
    places = [place for place, decided in enumerate(played.decided) if decided.turn.state == "ARM"]
    assert arm.rule == without(played.game, played.decided, places).tallies["ARM"].score()
    gains = {}
    for place in places:
        if played.decided[place].answer is not None:
            other = without(played.game, played.decided, [place]).tallies["ARM"].score()
            gains[place] = arm.own.points - other.points
    best = sorted(gains, key=lambda place: -abs(gains[place]))[:2]
    assert [point.decided for point in arm.mattered] == [played.decided[place] for place in best]
    assert [point.points for point in arm.mattered] == [gains[place] for place in best]
    text = str(found)
    assert text.startswith("ARM, run 0: ")
    assert "the rule in its seat, on the same draws" in text
    assert "in place of" in text


def test_a_debrief_shows_the_path_over_fan_and_record(found: Debrief):
    page = found._repr_html_()
    assert page.count("<svg") == 2
    assert page.count("<polygon") == 2
    arm, rus = page.split("<h3>")[1:]
    assert "Posture. Red: your path; blue: nine of ten runs of the rule, and their middle; grey: on record" in arm
    assert "Credibility. Red: your path" in rus
    assert "on record" not in rus
    assert arm.count("<polyline") == 3
    assert "<th scope='col'>lost: threat</th>" in arm
    assert found.seats["ARM"].scores_html() in arm
    assert "nan" not in page


def test_again_with_other_luck_is_the_next_replicate(first_steps: Scenario, found: Debrief, tmp_path: Path):
    again = found.again({"ARM": climbs, "RUS": helps})
    other = sim.play(first_steps, seats={"ARM": climbs, "RUS": helps}, branch="as-happened", replicates=20, every=12,
                     replicate=1)  # fmt: skip
    assert again.replicate == 1
    assert again.game.parameters == other.game.parameters
    assert again.trajectory.values["trust"].tobytes() == other.trajectory.values["trust"].tobytes()
    alone = sim.play(first_steps, "ARM", climbs, replicates=0, every=12)
    assert Debrief(alone, {}).again(climbs).replicate == 1
    stored = play_again(replay(alone.save(tmp_path / "played.json")), {"ARM": climbs})
    assert (stored.replicate, stored.game.parameters) == (1, alone.game.parameters)


def test_a_seat_that_was_never_asked_has_a_score_and_no_turning_point(first_steps: Scenario):
    quiet = load(FIRST_STEPS, {"drop": ["attack-2022"]})
    run = sim.play(quiet, "RUS", rule, replicates=0)
    found = sim.debrief(run).seats["RUS"]
    assert found.mattered == ()
    assert found.own == found.rule
    assert "no answer made a difference" in str(sim.debrief(run))


# a policy that thinks, and policies that do not


def thoughtful(turn: Turn) -> str | None:
    """Helps by how grave the attack is and how clearly the treaty covers it, and leaves wavering clients alone."""
    if turn.kind != "answer":
        return "ignore" if turn.kind == "client" else None
    owed = turn.figures["severity"] * turn.figures["coverage"]
    return "forces" if owed >= 0.5 else "materiel" if owed >= 0.3 else "mission" if owed >= 0.15 else "statement"


@pytest.mark.slow
def test_a_thoughtful_guarantor_does_better_than_those_that_always_do_alike():
    held = load(KARABAKH, ["end=2024-12-31", "metrics=[]"])
    setup = prepare(held, "as-happened")
    sets = replicate_sets(setup, parameter_draws(None, held), held.seed, np.arange(200)).tolist()
    freed = seated(setup, ("RUS",))

    def always(level: str) -> Decide:
        return lambda turn: level if turn.kind == "answer" else "ignore" if turn.kind == "client" else None

    def points(decide: Decide) -> np.ndarray:
        games = (
            Game(freed, ("RUS",), held.seed, number, Parameters(*row), every=6, turns=15)
            for number, row in enumerate(sets)
        )
        return np.array([ended(GameTable(game, {"RUS": decide})).tallies["RUS"].score().points for game in games])

    def ended(table: GameTable) -> GameTable:
        table.run()
        return table

    best = points(thoughtful)
    for level in ("none", "forces", "materiel"):
        gain = best - points(always(level))
        assert gain.mean() > 3.0 * gain.std(ddof=1) / np.sqrt(len(gain)), level
