import numpy as np
import pytest

from sim.errors import InputError
from sim.evidence.registered.chances import Chances, chances
from sim.evidence.registered.sampling import Answers
from sim.output.intervals import wilson

HALF = {"one": 0.5, "two": 0.5}


def ask(values: object, weights: dict[str, float], counted: object = None) -> Chances:
    runs = np.array(values, dtype=np.float64)
    among = np.ones(runs.shape, dtype=bool) if counted is None else np.array(counted, dtype=bool)
    return chances("q", Answers(runs, among), ("yes", "no"), weights, (1, 0))


def test_one_branch_is_a_share_with_its_score_interval_and_one_run_added() -> None:
    found = ask([[1, 0, 0, 0, 0, 0, 0, 1, 0, 0]], {"one": 1.0})
    assert found.worth == 10.0
    assert found.probabilities == {"yes": pytest.approx(2.5 / 11, abs=1e-6), "no": pytest.approx(8.5 / 11, abs=1e-6)}
    assert found.intervals["yes"] == pytest.approx(wilson(2, 10), abs=1e-6)
    assert found.intervals["no"] == pytest.approx(wilson(8, 10), abs=1e-6)


def test_what_never_happened_is_not_impossible() -> None:
    found = ask(np.zeros((1, 99)), {"one": 1.0})
    assert found.probabilities == {"yes": 0.005, "no": 0.995}
    assert found.intervals["yes"][0] == 0.0


def test_a_mixture_weights_its_branches_and_leaves_what_ifs_out() -> None:
    found = ask([[1, 1, 1, 1], [0, 0, 1, 0], [0, 0, 0, 0]], {"one": 0.25, "two": 0.75, "if": 0.0})
    assert (found.worth * 0.4375 + 0.5) / (found.worth + 1) == pytest.approx(found.probabilities["yes"], abs=1e-3)
    assert {branch: shares["yes"] for branch, shares in found.branches.items()} == {"one": 1.0, "two": 0.25, "if": 0.0}
    # only 'two' has any spread: 0.75^2 * 0.25 * 0.75 / 4
    assert found.worth == pytest.approx(0.4375 * 0.5625 / (0.75**2 * 0.1875 / 4), abs=0.1)


def test_branches_that_go_together_are_worth_no_more_than_one() -> None:
    runs = np.random.default_rng(3).random(400) < 0.3
    together = ask([runs, runs], HALF)
    assert together.worth == pytest.approx(400.0)
    apart = ask([runs, np.roll(runs, 1)], HALF)
    assert apart.worth == pytest.approx(800.0, rel=0.25)


def test_only_runs_that_count_are_counted() -> None:
    found = ask([[1, 1, 0, 0, 0, 0]], {"one": 1.0}, [[False, True, True, True, True, False]])
    assert found.branches["one"]["yes"] == 0.25
    assert found.counted == {"one": 4}
    assert found.worth == pytest.approx(4.0)


def test_without_runs_that_count_there_is_no_chance() -> None:
    with pytest.raises(InputError, match=r"question 'q': no run of branch 'two' counts.*more --replicates"):
        ask([[1, 0], [1, 0]], HALF, [[True, True], [False, False]])
    found = ask([[1, 0], [1, 0]], {"one": 1.0, "if": 0.0}, [[True, True], [False, False]])
    assert list(found.branches) == ["one"]


def test_levels_have_a_chance_each_that_sum_to_one() -> None:
    runs = np.array([[0.0, 1.0, 1.0, np.nan, 4.0, 4.0, 4.0, np.nan]])
    options = ("none", "statement", "mission", "materiel", "forces")
    found = chances("q", Answers(runs, ~np.isnan(runs)), options, {"one": 1.0}, (0, 1, 2, 3, 4))
    assert found.worth == pytest.approx(6.0)
    assert found.probabilities["forces"] == pytest.approx((3 + 0.2) / 7, abs=1e-6)
    assert found.probabilities["mission"] == pytest.approx(0.2 / 7, abs=1e-6)
    assert sum(found.probabilities.values()) == pytest.approx(1.0, abs=1e-5)


def test_the_interval_covers_as_often_as_it_says() -> None:
    generator = np.random.default_rng(8)
    weights, truth = {"one": 0.4, "two": 0.6}, 0.4 * 0.1 + 0.6 * 0.3
    hit = 0
    for _ in range(400):
        shared = generator.random(200)
        own = np.where(generator.random(200) < 0.5, shared, generator.random(200))
        counted = generator.random((2, 200)) < 0.7
        low, high = ask([shared < 0.1, own < 0.3], weights, counted).intervals["yes"]
        hit += low <= truth <= high
    assert 0.86 <= hit / 400 <= 0.94
