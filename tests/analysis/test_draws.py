"""Runs whose replicates drew their parameters, ranked like sweeps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis import open_branches, robust
from sim.analysis.draws import KIND, StoredDraws, open_draws
from sim.analysis.printing import study_tables
from sim.analysis.studies import rank_branches
from sim.errors import InputError
from sim.scenario import load
from tests.analysis.making import FIRST, SMALL, TRUST, VOICED, grid_design, write_sweep

HALF_LIFE, WEIGHT = "parameters.memory_half_life", "parameters.evidence_weight"


def by_hand(points: dict[str, list[float]], **values: list[float]) -> StoredDraws:
    """Return a run with one metric, given by branch and replicate."""
    drawn = pd.DataFrame(points)
    return StoredDraws(
        name="small", scenario=load(SMALL), kind=KIND, design={"kind": KIND}, factors={key: {} for key in points},
        branches=tuple(values), metrics=(TRUST,), kinds={TRUST: "number"}, seed=1, replicates=1, common_draws=False,
        points=drawn, unit=pd.DataFrame(), folder=Path(), values=np.array(list(values.values()))[:, None],
    )  # fmt: skip


def test_regret_and_shares_are_those_of_a_table_by_hand() -> None:
    """Four draws: a is 1, 2, 3, 4, b is 2, 2, 2, 2: b is better at the first, equal at the second, worse after."""
    found = robust(by_hand({HALF_LIFE: [6, 7, 8, 9]}, a=[1.0, 2.0, 3.0, 4.0], b=[2.0] * 4), TRUST)
    rows = found.ranking.set_index("branch")
    assert rows["regret"].to_dict() == {"a": 0.25, "b": 0.75}
    assert rows["best"].to_dict() == {"a": 0.75, "b": 0.5}
    assert rows["alone"].to_dict() == {"a": 0.5, "b": 0.25}
    assert (found.first, found.second, found.turned) == ("a", "b", 0.25)
    assert found.by_point[HALF_LIFE].tolist() == [6, 6, 7, 7, 8, 8, 9, 9]
    assert found.sentences == (
        "'a' has the least regret on average, and is best at 75 % of the draws.",
        "'b' is better at 25 % of the draws; 1 draw of one kind are too few to say where (20 are needed).",
    )
    assert found.warnings == ("one replicate a draw: what is chance and what the factors do cannot be told apart",)


def test_the_region_of_parameters_in_which_the_order_turns_is_found() -> None:
    generator = np.random.default_rng(1)
    draws = {HALF_LIFE: generator.uniform(6, 120, 300).tolist(), WEIGHT: generator.uniform(0, 1, 300).tolist()}
    gain = np.where(np.array(draws[HALF_LIFE]) > 70, 0.1, -0.2)
    found = robust(by_hand(draws, a=(0.5 + gain).tolist(), b=[0.5] * 300), TRUST, method="cart")
    assert (found.first, found.second) == ("b", "a")
    assert found.turning is not None
    (limit,) = found.turning.limits.to_dict("records")
    assert limit["factor"] == HALF_LIFE
    assert limit["low"] == pytest.approx(70, abs=2)
    assert "a better than b when memory_half_life >= " in found.turning.text
    assert "of such draws" in found.turning.text


def test_replicates_that_drew_the_same_set_are_never_parted() -> None:
    run = by_hand({HALF_LIFE: [6, 7, 6, 8, 7], WEIGHT: [1, 1, 1, 0, 1]}, a=[0.0] * 5, b=[1.0] * 5)
    assert run.blocks.tolist() == [0, 1, 0, 2, 1]
    assert replace(run, points=run.points[[WEIGHT]]).blocks.tolist() == [0, 0, 0, 1, 0]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = load(SMALL)
    given = scenario.model_copy(update={"parameters": {**scenario.parameters, "evidence_weight": 0.5}})
    metrics = [TRUST, VOICED, FIRST]
    result = sim.run(given, replicates=40, parameters="prior", engine="compiled", metrics=metrics)
    return result.save(tmp_path_factory.mktemp("draws") / "run")


def test_a_stored_run_is_ranked_by_what_its_replicates_drew(stored: Path) -> None:
    run, result = open_branches(stored), sim.Result.read(stored)
    values = np.stack([result.values(branch, TRUST) for branch in result.branches])
    found = robust(run, TRUST, method="cart")
    rows = found.ranking.set_index("branch")
    regret = (values.max(axis=0) - values).mean(axis=1)
    assert rows.loc[list(result.branches), "regret"].to_numpy() == pytest.approx(regret)
    assert rows["regret"].iloc[0] < rows["regret"].iloc[-1]
    drawn = result.drawn
    assert drawn is not None
    assert run.points[HALF_LIFE].tolist() == drawn["memory_half_life"].tolist()
    assert WEIGHT not in run.keys  # the scenario sets it in every run
    assert all(run.points[key].nunique() > 1 for key in run.keys)
    late = result.values("as-it-was", f"{FIRST} <= 2021-12")
    table = robust(run, f"{FIRST} <= 2021-12", method="cart").ranking.set_index("branch")
    assert table.loc["as-it-was", "mean"] == late.mean()


def test_the_table_of_a_run_leaves_out_what_one_run_a_draw_cannot_say(stored: Path) -> None:
    heads = [table.heads for table in study_tables(rank_branches(open_branches(stored), [TRUST, VOICED]))]
    assert heads == [
        ("branch", "mean", "5 to 95 %", "regret", "95 % below", "best"),
        ("branch", "mean", "regret", "best"),
    ]


def test_runs_with_the_same_parameters_and_sweeps_are_told_apart(tmp_path: Path) -> None:
    alike = sim.run(load(SMALL), replicates=2, parameters="defaults", engine="mesa").save(tmp_path / "alike")
    with pytest.raises(InputError, match="all of its runs have the same parameters; run it with a fit, or sweep them"):
        open_branches(alike)
    swept = write_sweep(tmp_path / "swept", grid_design({HALF_LIFE: [6.0, 7.0]}), {TRUST: lambda f, _: f[HALF_LIFE]})
    assert open_branches(swept).kind == "grid"
    with pytest.raises(InputError, match="holds a sweep, not the result of a run"):
        open_draws(swept)
