from pathlib import Path

import numpy as np
import pytest

from sim.analysis import open_sweep, robust
from sim.analysis.printing import rules, study_tables
from sim.analysis.stored import StoredSweep
from sim.analysis.studies import rank_branches, report
from sim.analysis.writing import pieces, save_study
from sim.errors import InputError
from tests.analysis.making import AWAY, BOX, FIRST, MEMORY, SEVERITY, TRUST, cube_design, grid_design, write_sweep

CONFIDENCE = "BBB.confidence[AAA]@end"
BRANCHES = ("as-it-was", "help-comes", "never")


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> StoredSweep:
    """Return a sweep in which help is better unless the guarantor is much away, and one branch is always worst."""
    means = {
        "as-it-was": lambda f, g: 0.5 + 0 * f[AWAY] + g.normal(0, 0.01, (200, 3)),
        "help-comes": lambda f, g: 0.8 - f[AWAY] / 1.5 + g.normal(0, 0.01, (200, 3)),
        "never": lambda f, _: 0.1 + 0 * f[AWAY],
    }
    folder = tmp_path_factory.mktemp("ranked") / "s"
    return open_sweep(write_sweep(folder, cube_design(BOX, 200), {TRUST: means}, replicates=3, branches=BRANCHES))


def test_values_regret_and_shares_are_those_of_a_table_by_hand(tmp_path: Path) -> None:
    """Four points: a is 1, 2, 3, 4, b is 2, 2, 2, 2: b is better at the first, equal at the second, worse after."""
    values = {"a": lambda f, _: f[AWAY], "b": lambda f, _: 0 * f[AWAY] + 2}
    design = grid_design({AWAY: [1.0, 2.0, 3.0, 4.0]})
    found = robust(open_sweep(write_sweep(tmp_path / "s", design, {TRUST: values}, branches=("a", "b"))), TRUST)
    rows = found.ranking.set_index("branch")
    assert found.better == "higher"
    assert list(rows.index) == ["a", "b"]
    assert rows["mean"].tolist() == [2.5, 2.0]
    assert rows["regret"].tolist() == [0.25, 0.75]
    assert rows["regret_most"].tolist() == [1.0, 2.0]
    assert rows["best"].tolist() == [0.75, 0.5]
    assert rows["alone"].tolist() == [0.5, 0.25]
    assert rows["clear"].isna().all()
    assert (found.first, found.second, found.turned) == ("a", "b", 0.25)
    assert found.turning is None
    assert found.by_point[["point", "branch", "value", "regret"]].to_numpy().tolist()[:2] == [
        [0, "a", 1.0, 1.0],
        [0, "b", 2.0, 0.0],
    ]
    assert found.sentences[1] == (
        "'b' is better at 25 % of the points; 1 point of one kind are too few to say where (20 are needed)."
    )


def test_the_region_in_which_the_order_turns_is_found(ranked: StoredSweep) -> None:
    found = robust(ranked, TRUST, method="cart")
    assert (found.first, found.second) == ("help-comes", "as-it-was")
    assert found.turned == pytest.approx(0.5, abs=0.02)
    assert found.turning is not None
    (limit,) = found.turning.limits.to_dict("records")
    assert limit["factor"] == AWAY
    assert limit["low"] == pytest.approx(0.45, abs=0.03)
    assert "as-it-was better than help-comes when away.value >= 0.4" in found.turning.text
    assert "of such points" in found.turning.text
    rows = found.ranking.set_index("branch")
    assert rows.loc["never", "best"] == 0
    assert 0.8 < rows["clear"].sum() < rows["alone"].sum() == 1


def test_a_comparison_turns_the_direction(ranked: StoredSweep) -> None:
    assert robust(ranked, f"{TRUST} < 0.45", method="cart").better == "lower"
    assert robust(ranked, TRUST, "lower", "cart").first == "never"


def test_what_cannot_be_ranked_is_refused(ranked: StoredSweep, cube: StoredSweep, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs two or more; there is as-it-was alone"):
        robust(cube, TRUST)
    with pytest.raises(InputError, match="better 'more' is not known; allowed: higher, lower"):
        robust(ranked, TRUST, "more")
    design = grid_design({AWAY: [0.0, 0.5]})
    metrics = {CONFIDENCE: lambda f, _: f[AWAY], FIRST: lambda f, _: np.full(f[AWAY].shape, np.nan)}
    sweep = open_sweep(write_sweep(tmp_path / "s", design, metrics, branches=("a", "b")))
    with pytest.raises(InputError, match="has no direction that is better for the alliance; give --better"):
        rank_branches(sweep)
    assert robust(sweep, CONFIDENCE, "higher").ranking["best"].tolist() == [1.0, 1.0]


def test_the_report_has_a_table_figures_and_the_rule(ranked: StoredSweep, tmp_path: Path) -> None:
    found = rank_branches(ranked, [TRUST], method="cart")
    (table,) = study_tables(found)
    assert table.heads == ("branch", "mean", "5 to 95 %", "regret", "95 % below", "best", "clearly")
    assert [row[0] for row in table.rows] == ["help-comes", "as-it-was", "never"]
    assert rules(found)
    assert report(found)["metrics"][TRUST]["robust"]["better"] == "higher"
    folder = save_study(found, tmp_path / "out", ["svg"])
    assert {path.name for path in folder.iterdir()} == {
        "analysis.json", "robust.csv", "robust.svg", "robust-points.csv", "turning.csv", "turning.svg",
        "turning-limits.csv", "turning-halves.csv",
    }  # fmt: skip
    assert next(piece.stem for piece in pieces(found)) == "robust"


def test_words_alone_have_no_region(tmp_path: Path) -> None:
    design = grid_design({"events.answer.response": ["none", "forces"], MEMORY: np.linspace(6, 60, 30).tolist()})
    better = {"a": lambda f, _: f["events.answer.response"] == "forces", "b": lambda f, _: 0 * f[MEMORY] + 0.5}
    found = robust(open_sweep(write_sweep(tmp_path / "s", design, {TRUST: better}, branches=("a", "b"))), TRUST)
    assert found.turning is None
    assert "scenario discovery needs two factors that are numbers" in found.sentences[1]
    assert SEVERITY not in found.by_point
