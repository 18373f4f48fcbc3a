"""Trust in a state that never owes help is missing in results and metrics, in both engines alike."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine.setup import prepare
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.sweep_file import missing_in
from sim.output.store import save
from sim.plots.network import matrix
from sim.scenario import Scenario, load, resolve
from sim.scenario.missing import always_missing
from sim.scenario.names import owing
from tests.plots.drawn import whole_text

TEXT = """\
title = "Who owes whom?"
start = 2021-01-01
end = 2021-12-31
focus = "PACT"
metrics = [
    "BBB.trust[CCC]@end",
    "CCC.trust[AAA]@end",
    "first(CCC.trust[BBB] < 0.99)",
    "mean(CCC.trust[DDD], 2021-02..2021-05)",
]

[states]
AAA = { capability = 0.04 }
BBB = { capability = 0.001 }
CCC = { capability = 0.002 }
DDD = { capability = 0.003 }
EEE = { capability = 0.003 }

[treaties.PACT]
members = ["AAA", "BBB", "CCC"]
guarantor = "AAA"
obligors = ["AAA", "BBB"]
clauses.defence = { article = "4" }

[treaties.LATER]
members = ["BBB", "DDD"]
in_force = 2021-06-01
clauses.defence = { article = "1" }

[treaties.NEVER]
members = ["CCC", "DDD"]
in_force = 2023-06-01
clauses.defence = { article = "1" }

[treaties.OVER]
members = ["AAA", "DDD"]
expires = 2020-06-01
clauses.defence = { article = "1" }

[events.raid]
date = 2021-03-10
kind = "attack"
aggressor = "EEE"
victim = "CCC"
severity = 0.6

[branches.as-it-is]
[branches.one-more.events.joins]
date = 2021-08-01
kind = "membership"
state = "EEE"
treaty = "PACT"
action = "join"
"""
PLAIN = {("BBB", "AAA"), ("CCC", "AAA"), ("AAA", "BBB"), ("CCC", "BBB"), ("BBB", "DDD"), ("DDD", "BBB")}
JOINED = {("EEE", "AAA"), ("EEE", "BBB"), ("AAA", "EEE"), ("BBB", "EEE"), ("CCC", "EEE")}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "owing.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def scenario(file: Path) -> Scenario:
    return load(file)


def known_pairs(result: sim.Result, branch: str) -> set[tuple[str, str]]:
    trust = result.trust.sel(branch=branch)
    known = ~np.isnan(trust.values)
    assert (known.all(axis=(0, 1)) == known.any(axis=(0, 1))).all()
    return {
        (str(one), str(other))
        for i, one in enumerate(trust["truster"].values)
        for j, other in enumerate(trust["trustee"].values)
        if known[0, 0, i, j]
    }


def test_pairs_are_those_of_treaties_in_force_at_any_time_and_of_states_that_join(scenario: Scenario) -> None:
    assert owing(resolve(scenario, "as-it-is")) == PLAIN
    assert owing(resolve(scenario, "one-more")) == PLAIN | JOINED
    others = scenario.treaties["PACT"].model_copy(update={"obligors": ["BBB"]})
    told = scenario.model_copy(update={"treaties": {**scenario.treaties, "PACT": others}})
    assert ("CCC", "AAA") in owing(told)  # its help is counted on


@pytest.mark.parametrize(
    "rule",
    [
        {},
        pytest.param({"belief_rule": "beta", "outlook": "weighed"}, marks=pytest.mark.slow),
        pytest.param({"belief_rule": "types"}, marks=pytest.mark.slow),
    ],
)
def test_results_of_both_engines_have_trust_of_these_pairs_alone(scenario: Scenario, rule: dict[str, str]) -> None:
    given = scenario.model_copy(update=rule)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        mesa, compiled = (sim.run(given, replicates=3, engine=engine) for engine in ("mesa", "compiled"))
        members = {"AAA", "BBB", "CCC", "EEE"}
        for result in (mesa, compiled):
            assert known_pairs(result, "as-it-is") == {pair for pair in PLAIN if pair[0] in members}
            assert known_pairs(result, "one-more") == {pair for pair in PLAIN | JOINED if pair[0] in members}
            result.summary()
            result.plot.network()
    np.testing.assert_array_equal(mesa.trust.values, compiled.trust.values)
    for text in mesa.expressions:
        for branch in mesa.branches:
            np.testing.assert_array_equal(mesa.values(branch, text), compiled.values(branch, text))


def test_metrics_of_other_pairs_are_missing(scenario: Scenario) -> None:
    result = sim.run(scenario, replicates=3, engine="mesa", branches=["as-it-is"])
    for text in ("BBB.trust[CCC]@end", "mean(CCC.trust[DDD], 2021-02..2021-05)"):
        assert np.isnan(result.values("as-it-is", text)).all()
        row = result.summary().query("metric == @text").iloc[0]
        assert row["n"] == 0
        assert pd.isna(row["median"])
    assert not np.isnan(result.values("as-it-is", "CCC.trust[AAA]@end")).any()


def test_the_belief_stays_in_the_model(scenario: Scenario) -> None:
    model = AllianceModel(prepare(scenario, "as-it-is"), rng=1)
    model.run()
    assert 0 < model.state("CCC").trust_in("DDD") < 1
    assert not np.isnan(model.trajectory.values["trust"][:, 1, 2]).any()


def test_tables_leave_such_rows_out(scenario: Scenario, tmp_path: Path) -> None:
    result = sim.run(scenario, replicates=2, engine="mesa", branches=["as-it-is"], keep=[0])
    folder = save(result, tmp_path / "out")
    table = pd.read_csv(folder / "trust.csv")
    assert set(zip(table["truster"], table["trustee"], strict=True)) == {
        (one, other) for one, other in PLAIN if "DDD" not in (one, other)
    }
    assert not table["mean"].isna().any()
    quantiles = result.quantiles().query("variable == 'trust'")
    assert ("CCC", "DDD") not in set(zip(quantiles["state"], quantiles["other"], strict=True))
    kept = result.kept.query("variable == 'trust'")
    assert set(zip(kept["state"], kept["other"], strict=True)) == PLAIN


def test_validate_warns_of_metrics_that_are_always_missing(scenario: Scenario, file: Path) -> None:
    lines = missing_in(file)
    assert lines == [
        "metric 'BBB.trust[CCC]@end' is missing in every run: CCC never owes BBB help",
        "metric 'mean(CCC.trust[DDD], 2021-02..2021-05)' is missing in every run: DDD never owes CCC help",
    ]
    joins = ["CCC.trust[EEE]@end < 0.5"]
    assert always_missing(scenario, joins, ["as-it-is"]) != []
    assert always_missing(scenario, joins, ["as-it-is", "one-more"]) == []


def test_the_network_leaves_such_cells_empty_and_says_so(scenario: Scenario) -> None:
    result = sim.run(scenario, replicates=2, engine="mesa", branches=["as-it-is"])
    sheet = result.plot.network()
    assert "Empty where the other never owes it help." in whole_text(sheet)
    shown = matrix(result, "as-it-is", ("AAA", "BBB", "CCC"), 0)
    assert np.isnan(shown[[0, 1, 2, 0, 1], [0, 1, 2, 2, 2]]).all()
    assert not np.isnan(shown[[0, 1, 2, 2], [1, 0, 0, 1]]).any()
