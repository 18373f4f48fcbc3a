"""Posterior predictive checks of a few patterns, with few draws."""

import numpy as np
import pytest

from sim.evidence.calibration.checks import PatternChecks, verdict
from sim.evidence.calibration.patterns import Pattern, load_patterns
from sim.experiments.parameters.priors import prior_draws, with_values
from sim.scenario import load
from tests.docs.play import ROOT

KEPT = ("honoured-lenient", "recurrence", "kazakhstan-keeps-to-it", "kazakhstan-appeals-2022", "deterrence")


@pytest.fixture(scope="module")
def checks() -> PatternChecks:
    patterns = [one for one in load_patterns() if one.name in KEPT]
    return PatternChecks(load(ROOT / "scenarios" / "csto-history.toml"), patterns)


def test_each_pattern_has_a_value_and_a_verdict_in_each_column(checks: PatternChecks):
    sets = prior_draws(4, seed=1)
    silent = with_values(sets, {"call_base": -6.0, "call_hope": 0.0})
    table = checks.table({"prior": sets, "silent": silent}, runs=2).set_index("pattern")
    assert set(table.index) == set(KEPT)
    assert table.columns[-6:].tolist() == ["prior", "prior verdict", "silent", "silent verdict", "null", "null verdict"]
    for name in ("prior", "silent", "null"):
        inside = (table[name] >= table["low"]) & (table[name] <= table["high"])
        assert ((table[f"{name} verdict"] == "pass") == inside).all()
    appeals = table.loc["kazakhstan-appeals-2022"]
    assert appeals["silent"] < appeals["prior"]
    assert (appeals["null"], appeals["null verdict"]) == (0.0, "miss")
    assert table.loc["recurrence", "null verdict"] == "-"
    assert table.loc["kazakhstan-keeps-to-it", "null"] == 0.0


def test_means_depend_on_the_seed_and_not_on_threads(checks: PatternChecks):
    sets = prior_draws(3, seed=1)
    one = checks.means(sets, runs=2, seed=1)
    assert np.array_equal(one, checks.means(sets, runs=2, seed=1, threads=2), equal_nan=True)
    assert not np.array_equal(one, checks.means(sets, runs=2, seed=2), equal_nan=True)


def test_statistics_of_the_reference_class_are_on_common_numbers_unless_told_otherwise(checks: PatternChecks):
    twice = np.repeat(prior_draws(1, seed=1), 2, axis=0)
    common = checks._reference.statistics(twice)
    apart = checks._reference.statistics(twice, common=False)
    assert np.array_equal(common[0], common[1], equal_nan=True)
    assert not np.array_equal(apart[0], apart[1], equal_nan=True)


def test_both_ends_of_an_interval_are_accepted():
    one = Pattern("a", "A1", "panel", "call", "x", 0.2, 0.4, 0.0, "ARM")
    verdicts = [verdict(one, value) for value in (0.19, 0.2, 0.4, 0.41, np.nan)]
    assert verdicts == ["miss", "pass", "pass", "miss", "-"]
