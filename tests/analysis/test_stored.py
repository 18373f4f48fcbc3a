import json
from pathlib import Path

import numpy as np
import pytest

from sim.analysis import open_sweep
from sim.analysis.outcome import find_metric, outcome
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from sim.output import manifest
from tests.analysis.conftest import JULY
from tests.analysis.making import (
    AWAY,
    FIRST,
    ISHIGAMI,
    MEMORY,
    SEVERITY,
    TRUST,
    VOICED,
    cube_design,
    morris_design,
    sobol_design,
    write_sweep,
)


def test_values_stand_by_point_and_replicate_of_the_branch(tmp_path: Path) -> None:
    folder = write_sweep(
        tmp_path / "two",
        cube_design({MEMORY: (0.0, 1.0)}, 30),
        {TRUST: lambda factors, _: factors[MEMORY] * 10 + np.arange(3)},
        replicates=3,
        branches=("as-it-was", "help-comes"),
    )
    sweep = open_sweep(folder)
    expected = sweep.points[MEMORY].to_numpy()[:, None] * 10 + np.arange(3)
    np.testing.assert_array_equal(sweep.column(TRUST, "help-comes"), expected)
    assert (sweep.branch(None), sweep.branch("help-comes")) == ("as-it-was", "help-comes")
    with pytest.raises(InputError, match=r"branch 'help-came'.*did you mean 'help-comes'"):
        sweep.branch("help-came")


@pytest.mark.parametrize(
    ("design", "size"),
    [
        (sobol_design(ISHIGAMI, 8), 8),
        (sobol_design(ISHIGAMI, 8, second_order=False), 5),
        (morris_design(ISHIGAMI, 6), 4),
        (cube_design(ISHIGAMI, 12), 1),
    ],
)
def test_points_of_one_base_point_or_trajectory_are_not_independent(tmp_path: Path, design, size: int) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", design, {TRUST: lambda factors, _: factors[MEMORY]}))
    blocks, counts = np.unique(sweep.blocks, return_counts=True)
    assert blocks[0] == 0
    assert set(counts) == {size}


def test_units_are_replicates_where_points_were_listed(grid: StoredSweep, cube: StoredSweep) -> None:
    assert grid.units()[3].tolist() == [0, 1, 2, 3, 4, 5]
    assert cube.units()[3].tolist() == [3] * 5
    assert grid.numeric == (MEMORY, AWAY)


def test_folders_that_hold_no_sweep_are_refused(tmp_path: Path, ishigamis: StoredSweep) -> None:
    with pytest.raises(InputError, match="no such folder"):
        open_sweep(tmp_path / "nowhere")
    content = json.loads((ishigamis.folder / "manifest.json").read_text("utf-8"))
    old, fit = tmp_path / "old", tmp_path / "fit"
    fields = {key: value for key, value in content.items() if key not in ("kind", "created", "design", "files")}
    for folder, kind in ((old, "sweep"), (fit, "calibration")):
        folder.mkdir()
        manifest.write(folder, kind, fields)
    with pytest.raises(InputError, match="stored this sweep, without its design"):
        open_sweep(old)
    with pytest.raises(InputError, match="holds a calibration, not a sweep"):
        open_sweep(fit)


def test_trajectories_without_their_unit_scale_are_damaged(tmp_path: Path) -> None:
    described, points = morris_design(ISHIGAMI, 4)
    bare = described, points[list(ISHIGAMI)]
    folder = write_sweep(tmp_path / "s", bare, {TRUST: lambda factors, _: factors[MEMORY]})
    with pytest.raises(InputError, match="damaged"):
        open_sweep(folder)


def test_a_damaged_table_of_runs_is_named(tmp_path: Path) -> None:
    folder = write_sweep(
        tmp_path / "s", cube_design({MEMORY: (0.0, 1.0)}, 5), {TRUST: lambda factors, _: factors[MEMORY]}
    )
    sweep = open_sweep(folder)
    (folder / "runs.parquet").write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"runs\.parquet: missing or damaged"):
        sweep.column(TRUST, "as-it-was")


def test_comparisons_of_numbers_and_dates_are_made_from_the_stored_values(cube: StoredSweep) -> None:
    number = outcome(cube, f"{TRUST} > 0.2")
    assert number.chance
    np.testing.assert_array_equal(number.values, cube.column(TRUST, "as-it-was") > 0.2)
    severe = np.broadcast_to(cube.points[SEVERITY].to_numpy()[:, None] > 0.5, (400, 5))
    np.testing.assert_array_equal(outcome(cube, f"{FIRST} <= 2021-07").values, severe)
    assert not outcome(cube, f"{FIRST} < 2021-07").values.any()
    assert np.nanmax(cube.column(FIRST, "as-it-was")) == JULY


def test_spaces_do_not_matter_and_unknown_metrics_are_named_with_the_nearest(cube: StoredSweep) -> None:
    assert find_metric(cube, VOICED.replace(" ", ""))[0] == VOICED
    with pytest.raises(InputError, match=r"did you mean 'BBB\.trust\[AAA\]@end'"):
        outcome(cube, "BBB.trust[AAA]@emd")
    with pytest.raises(InputError, match="is not in this sweep"):
        outcome(cube, "CCC.posture@end >= freeze")


def test_a_date_is_refused_with_a_comparison_that_works(cube: StoredSweep) -> None:
    with pytest.raises(InputError, match=r"--metric 'first\(BBB\.posture >= voice\) <= 2021-12'"):
        outcome(cube, FIRST)
    assert outcome(cube, f"{FIRST} <= 2021-12").means().mean() == pytest.approx(0.5, abs=0.01)
