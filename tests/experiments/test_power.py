from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.experiments import power
from sim.experiments.chunks import RunBatch
from sim.experiments.executors import trial
from sim.experiments.plan import Plan
from sim.experiments.power import detectable
from sim.experiments.sweep_file import read_plan
from tests.experiments.swept import FREEZES, TRUSTS, sweep_file

REACH = '"parameters.reach" = { from = 1, to = 2, count = 3 }'
DATE = "first(BBB.posture >= voice)"


def plan(tmp_path: Path, head: str = "", **given) -> Plan:
    return read_plan(sweep_file(tmp_path, 'kind = "grid"', REACH, head), **given)


def told(found: Plan, monkeypatch: pytest.MonkeyPatch, values: np.ndarray) -> list[power.Detectable]:
    """Return what a trial with given values (point, branch, replicate, metric) says."""
    monkeypatch.setattr(power, "_trial", lambda _: values)
    return detectable(found)


def test_the_least_difference_is_that_of_a_test_of_two_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 90 % intervals and 80 % power it is 2.487 standard errors of the difference."""
    found = plan(tmp_path, metrics=[TRUSTS], replicates=50, common_draws=False)
    values = np.random.default_rng(1).normal(0, 0.2, (8, 1, 400, 1))
    (each,) = told(found, monkeypatch, values)
    assert each.points == pytest.approx(2.4865 * 0.2 * np.sqrt(2 / 50), rel=0.02)
    assert each.branches is None
    assert each.halves is None  # of three points


def test_common_draws_and_branches_are_paired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = plan(tmp_path, metrics=[TRUSTS], replicates=50, common_draws=True)
    generator = np.random.default_rng(1)
    shared = generator.normal(0, 1, (1, 1, 400, 1))
    values = shared + generator.normal(0, 0.1, (8, 2, 400, 1))
    (each,) = told(found, monkeypatch, values)
    assert each.points == pytest.approx(2.4865 * 0.1 * np.sqrt(2 / 50), rel=0.05)
    assert each.branches == pytest.approx(2.4865 * 0.1 * np.sqrt(2 / 50), rel=0.05)


def test_agreement_of_a_trial_is_no_certainty_of_a_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = plan(tmp_path, metrics=[FREEZES, DATE], replicates=50, common_draws=False)
    (each,) = told(found, monkeypatch, np.zeros((3, 1, 10, 2)))  # a date has no mean
    assert each.metric == FREEZES
    assert each.points == pytest.approx(2.4865 * np.sqrt((0.5 / 31) * (30.5 / 31) * 2 / 50), rel=1e-3)


def test_runs_without_a_value_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = plan(tmp_path, metrics=[TRUSTS], replicates=50)
    (each,) = told(found, monkeypatch, np.full((8, 2, 10, 1), np.nan))
    assert (each.points, each.branches, each.halves) == (None, None, None)


def test_a_trial_runs_a_few_of_the_points(tmp_path: Path) -> None:
    found = {each.metric: each for each in detectable(plan(tmp_path, "common_draws = false"))}
    assert found[TRUSTS].points > 0
    alone = detectable(plan(tmp_path, replicates=1))
    assert [each.points for each in alone if each.metric == TRUSTS] == [None]


CHANCE = 0.3


def world(generator: np.random.Generator, kind: str, points: int, replicates: int, size: float = 0.0) -> np.ndarray:
    """Return runs of a made-up sweep (point, branch, replicate), the second of two apart by a difference."""
    shape = (points, 2, replicates)
    raised = np.zeros((points, 2, 1))
    raised[{"halves": slice(points // 2, None), "branches": slice(0)}.get(kind, slice(1, None))] = size
    if kind == "branches":
        raised[:, 1] = size
    if kind == "chance":
        return (generator.random(shape) < CHANCE + raised).astype(float)
    shared = 0.0 if kind == "apart" else generator.normal(0, 1, (1, 1, replicates))
    scatter = generator.normal(0, 0.1, (points, 1, 1)) if kind == "halves" else 0.0
    return shared + scatter + raised + generator.normal(0, 0.2, shape)


def tells(kind: str, runs: np.ndarray) -> bool:
    """Return whether the 90 % interval of the difference (Student's t) leaves 0 out."""
    if kind == "halves":
        means = runs[:, 0].mean(axis=1)
        first, second = np.split(means, 2)
    else:
        first, second = runs[0, 0], (runs[0, 1] if kind == "branches" else runs[1, 0])
    paired = kind in ("common", "branches")
    test = stats.ttest_rel(second, first) if paired else stats.ttest_ind(second, first, equal_var=False)
    return bool(test.pvalue < 0.1)


@pytest.mark.parametrize("kind", ["apart", "common", "chance", "branches", "halves"])
def test_a_difference_of_the_stated_size_is_found_with_the_stated_power(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """500 sweeps, each with a trial of its own: the share that tell the difference has a standard error of 0.018."""
    path = sweep_file(tmp_path, 'kind = "grid"', REACH.replace("count = 3", "count = 40"))
    metric = FREEZES if kind == "chance" else TRUSTS
    found = read_plan(path, metrics=[metric], replicates=60, common_draws=kind in ("common", "branches", "halves"))
    generator, asked = np.random.default_rng(1), {"halves": "halves", "branches": "branches"}.get(kind, "points")
    told_apart = 0
    for _ in range(500):
        (each,) = told(found, monkeypatch, world(generator, kind, 8, 20)[..., None])
        told_apart += tells(kind, world(generator, kind, 40, 60, getattr(each, asked)))
    assert told_apart / 500 == pytest.approx(power.POWER, abs=0.06)


def test_what_a_trial_of_the_model_states_is_what_its_runs_can_tell(tmp_path: Path) -> None:
    """Pairs of the model's own runs, set apart by the stated size: 40 of them tell it in four of five samples."""
    found = plan(tmp_path, metrics=[TRUSTS], replicates=40, branches=["as-it-was", "help-comes"])
    (each,) = detectable(found)
    pieces = [RunBatch(branch, 0, 2000, found.points.point(1)) for branch in found.branches]
    runs = trial(found.job(), pieces).metrics.reshape(len(pieces), 2000)
    apart = runs[1] - runs[0]
    samples = np.random.default_rng(1).choice(apart - apart.mean() + each.branches, (1000, 40))
    told_apart = stats.ttest_1samp(samples, 0.0, axis=1).pvalue < 0.1
    assert told_apart.mean() == pytest.approx(power.POWER, abs=0.1)
