from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.analysis import curves, heat, open_sweep, tornado
from sim.analysis.response import by_spread
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from tests.analysis.making import AWAY, MEMORY, SEVERITY, TRUST, VOICED, cube_design, grid_design, write_sweep

ANSWER = "events.answer.response"


def test_levels_of_a_grid_have_the_means_over_all_else(grid: StoredSweep) -> None:
    table = curves(grid, TRUST)
    values = grid.column(TRUST, "as-it-was")
    rows = table[table["factor"] == MEMORY].reset_index(drop=True)
    assert rows["value"].tolist() == [24.0, 60.0, 120.0]
    for value, mean in zip(rows["value"], rows["mean"], strict=True):
        assert mean == pytest.approx(values[grid.points[MEMORY] == value].mean())
    assert rows["points"].tolist() == [4, 4, 4]
    assert rows["runs"].tolist() == [24, 24, 24]
    assert table[table["factor"] == ANSWER]["value"].tolist() == ["none", "forces"]


def test_intervals_of_a_grid_are_those_of_its_replicates(grid: StoredSweep) -> None:
    row = curves(grid, TRUST).iloc[0]
    by_replicate = grid.column(TRUST, "as-it-was")[grid.points[MEMORY] == 24.0].mean(axis=0)
    reach = stats.t.ppf(0.95, 5) * by_replicate.std(ddof=1) / np.sqrt(6)
    assert row["high"] - row["mean"] == pytest.approx(reach)


def test_sampled_factors_are_cut_in_ranges_of_equal_size(cube: StoredSweep) -> None:
    table = curves(cube, TRUST)
    rows = table[table["factor"] == SEVERITY]
    assert rows["points"].tolist() == [40] * 10
    np.testing.assert_allclose(rows["value"], np.linspace(0.05, 0.95, 10), atol=0.02)
    np.testing.assert_allclose(rows["mean"], rows["value"] - 0.25 * 0.45, atol=0.05)
    assert (rows["low"] < rows["mean"]).all()
    assert rows["to"].iloc[:-1].tolist() == rows["from"].iloc[1:].tolist()
    assert by_spread(table) == [SEVERITY, AWAY, MEMORY]


def test_few_points_are_cut_in_few_ranges(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", cube_design({MEMORY: (0.0, 1.0)}, 60), {TRUST: lambda f, _: f[MEMORY]})
    assert curves(open_sweep(folder), TRUST)["points"].tolist() == [20, 20, 20]


def test_a_tornado_pairs_the_ends_of_a_grid_run_by_run(grid: StoredSweep) -> None:
    table = tornado(grid, TRUST)
    assert table["factor"].tolist() == [MEMORY, AWAY]
    long, away = table.to_dict("records")
    assert (long["low_value"], long["high_value"]) == (24.0, 120.0)
    assert [long[name] for name in ("change", "low", "high")] == pytest.approx([0.8] * 3)
    assert [away[name] for name in ("change", "low", "high")] == pytest.approx([0.0] * 3)


def test_a_tornado_of_a_sample_goes_from_the_10_to_the_90_percent_value(cube: StoredSweep) -> None:
    severity, away, _ = tornado(cube, TRUST).to_dict("records")
    assert (severity["low_value"], severity["high_value"]) == pytest.approx((0.1, 0.9), abs=0.01)
    assert severity["low"] < 0.8 < severity["high"]
    assert severity["low"] < severity["change"] < severity["high"]
    assert away["factor"] == AWAY
    assert away["low"] < -0.25 * 0.72 < away["high"]
    assert away["high_mean"] - away["low_mean"] == pytest.approx(away["change"])


def test_many_listed_values_are_cut_in_ranges_and_a_grids_never(tmp_path: Path) -> None:
    values = {MEMORY: np.linspace(6, 120, 40), SEVERITY: [0.2, 0.4]}
    _, points = grid_design(values)
    found = {}
    for kind in ("grid", "list"):
        metric = {TRUST: lambda f, _: f[MEMORY] + f[SEVERITY]}
        sweep = open_sweep(write_sweep(tmp_path / kind, ({"kind": kind}, points), metric))
        found[kind] = curves(sweep, TRUST)["factor"].value_counts().to_dict()
    assert found == {"grid": {MEMORY: 40, SEVERITY: 2}, "list": {MEMORY: 4, SEVERITY: 2}}


def test_a_factor_that_never_changes_is_no_factor(tmp_path: Path) -> None:
    design = grid_design({MEMORY: [24.0, 60.0, 120.0], SEVERITY: [0.5]})
    sweep = open_sweep(write_sweep(tmp_path / "s", design, {TRUST: lambda f, _: f[MEMORY]}))
    assert sweep.numeric == (MEMORY,)
    assert tornado(sweep, TRUST)["factor"].tolist() == [MEMORY]


def test_words_alone_give_curves_and_no_tornado(tmp_path: Path) -> None:
    design = grid_design({ANSWER: ["none", "forces"]})
    folder = write_sweep(tmp_path / "s", design, {TRUST: lambda f, _: f[ANSWER] == "forces"})
    sweep = open_sweep(folder)
    assert curves(sweep, TRUST)["mean"].tolist() == [0.0, 1.0]
    with pytest.raises(InputError, match="a factor that is a number"):
        tornado(sweep, TRUST)


def test_true_and_false_are_two_levels_in_this_order(tmp_path: Path) -> None:
    design = grid_design({"events.x.on": [True, False], MEMORY: [1.0, 2.0]})
    sweep = open_sweep(write_sweep(tmp_path / "s", design, {TRUST: lambda f, _: f["events.x.on"] * f[MEMORY]}))
    rows = curves(sweep, TRUST)
    assert rows[rows["factor"] == "events.x.on"][["value", "mean"]].to_numpy().tolist() == [
        ["False", 0.0],
        ["True", 1.5],
    ]


def test_cells_of_a_grid_hold_the_means_over_all_else(grid: StoredSweep) -> None:
    found = heat(grid, TRUST, (MEMORY, ANSWER))
    values = grid.column(TRUST, "as-it-was")
    for row in found.cells.to_dict("records"):
        inside = (grid.points[MEMORY] == row["x"]) & (grid.points[ANSWER] == row["y"])
        assert row["mean"] == pytest.approx(values[inside].mean())
        assert row["points"] == 2
    assert len(found.cells) == 6
    assert found.warnings == ()


def test_the_two_factors_that_matter_most_are_taken(cube: StoredSweep) -> None:
    found = heat(cube, VOICED)
    assert {found.x.key, found.y.key} == {MEMORY, AWAY}
    assert found.cells["points"].sum() == 400
    corner = found.cells.iloc[-1]
    assert corner["mean"] == pytest.approx(0.9, abs=0.1)
    assert found.cells.iloc[0]["mean"] < 0.2


def test_cells_without_points_have_no_mean(tmp_path: Path) -> None:
    design, points = cube_design({MEMORY: (0.0, 1.0), SEVERITY: (0.0, 1.0)}, 200)
    kept = points[(points[MEMORY] < 0.5) | (points[SEVERITY] < 0.5)].reset_index(drop=True)
    folder = write_sweep(tmp_path / "s", (design, kept), {TRUST: lambda f, _: f[MEMORY]})
    cells = heat(open_sweep(folder), TRUST, (MEMORY, SEVERITY)).cells
    assert (cells["mean"].isna() == (cells["points"] == 0)).all()
    assert cells.iloc[-1]["points"] == 0
    assert cells["points"].sum() == len(kept)


def test_thin_cells_are_counted(tmp_path: Path) -> None:
    design = cube_design({MEMORY: (0.0, 1.0), SEVERITY: (0.0, 1.0)}, 12)
    found = heat(open_sweep(write_sweep(tmp_path / "s", design, {TRUST: lambda f, _: f[MEMORY]})), TRUST)
    thin = ((found.cells["points"] > 0) & (found.cells["points"] < 5)).sum()
    assert thin > 0
    assert f"{thin} of 4 cells" in found.warnings[0]


@pytest.mark.parametrize(
    ("pair", "said"),
    [((MEMORY, MEMORY), "twice"), ((MEMORY, "events.raid.severty"), r"did you mean 'events\.raid\.severity'")],
)
def test_pairs_that_are_none_are_refused(cube: StoredSweep, pair: tuple[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        heat(cube, TRUST, pair)


def test_one_factor_gives_no_heat_map(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", cube_design({MEMORY: (0.0, 1.0)}, 60), {TRUST: lambda f, _: f[MEMORY]})
    with pytest.raises(InputError, match=r"needs two factors; this sweep varies parameters\.memory_half_life alone"):
        heat(open_sweep(folder), TRUST)
