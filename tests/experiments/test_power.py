from pathlib import Path

import numpy as np
import pytest

from sim.experiments import power
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
