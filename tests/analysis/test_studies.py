from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis import open_sweep, study
from sim.analysis.printing import rules, study_tables
from sim.analysis.stored import StoredSweep
from sim.analysis.studies import report
from sim.analysis.writing import pieces, save_study, short_names
from sim.errors import InputError
from tests.analysis.making import (
    AWAY,
    FIRST,
    MEMORY,
    SEVERITY,
    TRUST,
    VOICED,
    cube_design,
    grid_design,
    morris_design,
    write_sweep,
)


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> StoredSweep:
    design = morris_design({MEMORY: (6.0, 120.0), SEVERITY: (0.0, 1.0), AWAY: (0.0, 0.9)}, 12)
    folder = tmp_path_factory.mktemp("screened") / "s"
    return open_sweep(write_sweep(folder, design, {TRUST: lambda f, _: f[SEVERITY] * f[AWAY]}))


def methods(found) -> dict[str, list[str]]:
    return {
        metric: [each.method for each in found.findings if each.metric == metric]
        for metric in dict.fromkeys(each.metric for each in found.findings)
    }


def test_each_design_gets_the_methods_that_suit_it(
    ishigamis: StoredSweep, screened: StoredSweep, cube: StoredSweep, grid: StoredSweep
) -> None:
    every = ["response", "tornado", "heatmap"]
    assert methods(study(ishigamis)) == {TRUST: ["sobol", *every]}
    assert methods(study(screened)) == {TRUST: ["morris", *every]}
    assert methods(study(grid)) == {TRUST: every}
    assert methods(study(cube)) == {VOICED: [*every, "discovery"], TRUST: every}


def test_what_is_left_out_is_told_once_with_the_reason(cube: StoredSweep) -> None:
    skipped = study(cube).skipped
    assert sum("Sobol indices need a sobol design; this sweep is a latin-hypercube" in text for text in skipped) == 1
    assert sum("Morris effects need a morris design" in text for text in skipped) == 1
    assert sum("is a date" in text and "compare it with a month" in text for text in skipped) == 1


def test_names_that_are_not_of_the_sweep_are_refused(cube: StoredSweep) -> None:
    for asked, said in (
        ({"metrics": [FIRST]}, "is a date"),
        ({"metrics": ["BBB.trust[AAA]@emd"]}, "did you mean"),
        ({"case": "BBB.posture@end >= freeze"}, "is not in this sweep"),
        ({"branch": "nope"}, "branch 'nope' is not in this sweep"),
        ({"pairs": [(MEMORY, "parameters.memory_half_live")]}, "did you mean 'parameters.memory_half_life'"),
    ):
        with pytest.raises(InputError, match=said):
            study(cube, **asked)


def test_a_case_is_looked_for_beside_the_metrics(cube: StoredSweep) -> None:
    found = study(cube, [TRUST], case=f"{TRUST} > 0.5")
    assert [(each.method, each.metric) for each in found.findings][-1] == ("discovery", f"{TRUST} > 0.5")
    (rule,) = rules(found)
    assert "raid.severity >= " in rule


def test_pairs_asked_for_have_a_heat_map_each(cube: StoredSweep) -> None:
    found = study(cube, [TRUST], pairs=[(MEMORY, AWAY), (AWAY, SEVERITY)])
    maps = [each for each in found.findings if each.method == "heatmap"]
    assert [(each.stem, each.found.x.key, each.found.y.key) for each in maps] == [
        ("heatmap-pair-1", MEMORY, AWAY),
        ("heatmap-pair-2", AWAY, SEVERITY),
    ]


def test_a_sweep_about_which_nothing_can_be_said_is_refused(tmp_path: Path) -> None:
    dates = {FIRST: lambda factors, _: np.full(factors[MEMORY].shape, np.nan)}
    sweep = open_sweep(write_sweep(tmp_path / "s", cube_design({MEMORY: (0.0, 1.0)}, 30), dates))
    with pytest.raises(InputError, match="is a date"):
        study(sweep)


@pytest.mark.slow
def test_a_table_lies_beside_every_figure_and_says_the_same_each_time(
    cube: StoredSweep, ishigamis: StoredSweep, screened: StoredSweep, tmp_path: Path
) -> None:
    for sweep in (cube, ishigamis, screened):
        folders = [save_study(study(sweep, sweep.metrics[:1]), tmp_path / f"{sweep.kind}-{name}") for name in "ab"]
        names = {path.name for path in folders[0].iterdir()}
        assert all(f"{name.removesuffix('.png')}.csv" in names for name in names if name.endswith(".png"))
        assert {path.name for path in folders[1].iterdir()} == names
        for name in names:
            assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_tables_hold_what_was_found(cube: StoredSweep, tmp_path: Path) -> None:
    found = study(cube, [VOICED])
    folder = save_study(found, tmp_path / "out", ["svg", "pdf"])
    table = pd.read_csv(folder / "tornado.csv")
    assert list(table["factor"])[:2] == [each["factor"] for each in report(found)["metrics"][VOICED]["tornado"]][:2]
    assert pd.read_csv(folder / "discovery-limits.csv")["factor"].tolist() == [MEMORY, AWAY]
    assert pd.read_csv(folder / "discovery-halves.csv")["half"].tolist() == ["learned", "held-out"]
    assert {path.suffix for path in folder.iterdir()} == {".csv", ".json", ".svg", ".pdf"}


def test_nothing_is_left_of_an_analysis_that_fails(
    cube: StoredSweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.analysis.writing.tornado_bars", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_study(study(cube), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_summary_has_a_row_for_each_factor(ishigamis: StoredSweep, screened: StoredSweep) -> None:
    first, second = study_tables(study(ishigamis))
    assert "Sobol indices" in first.title
    assert [row[0] for row in first.rows] == ["memory_half_life", "raid.severity", "away.value"]
    assert first.rows[1][1] == f"{study(ishigamis).findings[0].found.indices['first'][1]:.3f}"
    assert "from the low to the high end" in second.title
    effects = study_tables(study(screened))[0]
    assert "elementary effects" in effects.title
    assert len(effects.rows) == 3


def test_short_names_stay_apart() -> None:
    assert short_names(["parameters.x", "events.x"]) == {"parameters.x": "parameters.x", "events.x": "events.x"}
    assert short_names(["parameters.x", "events.x.y"]) == {"parameters.x": "x", "events.x.y": "x.y"}


def test_every_figure_of_a_grid_over_words_can_be_drawn(tmp_path: Path) -> None:
    design = grid_design({"events.answer.response": ["none", "forces"], "events.raid.kind": ["a", "b"]})
    sweep = open_sweep(write_sweep(tmp_path / "s", design, {TRUST: lambda f, _: f["events.raid.kind"] == "a"}))
    found = study(sweep)
    assert methods(found) == {TRUST: ["response", "heatmap"]}
    assert [piece.draw().get_label() for piece in pieces(found)] == [
        "How does the outcome move along each factor?",
        "Where is the outcome high, and where low?",
    ]
