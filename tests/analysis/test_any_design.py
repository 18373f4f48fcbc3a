from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from SALib.analyze import rbd_fast
from scipy.stats import ks_2samp

from sim.analysis import given_data, open_sweep
from sim.analysis.any_design import FEWEST, GivenDataIndices
from sim.analysis.outcome import outcome
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from tests.analysis.making import (
    AWAY,
    ISHIGAMI,
    MEMORY,
    SEVERITY,
    TRUST,
    VOICED,
    cube_design,
    grid_design,
    ishigami,
    morris_design,
    write_sweep,
)

FIRST_ORDER = {MEMORY: 0.3139, SEVERITY: 0.4424, AWAY: 0.0}
"""Of Ishigami's function with a = 7 and b = 0.1."""

ANSWER, DAY = "events.answer.response", "events.raid.date"


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> StoredSweep:
    folder = tmp_path_factory.mktemp("sampled") / "s"
    return open_sweep(write_sweep(folder, cube_design(ISHIGAMI, 500), {TRUST: ishigami}))


@pytest.fixture(scope="module")
def found(sampled: StoredSweep) -> GivenDataIndices:
    return given_data(sampled, TRUST)


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> StoredSweep:
    """Return a grid over words, dates and a number without effect; words are listed against their effect's order."""
    design = grid_design(
        {
            ANSWER: ["none", "forces", "mission"],
            DAY: ["2021-03-01", "2021-05-01", "2021-09-01"],
            AWAY: np.linspace(0, 0.5, 15).tolist(),
        }
    )

    def moved(factors, generator):
        late = np.where(factors[DAY] == "2021-09-01", 0.7, 0.0)
        return np.where(factors[ANSWER] == "forces", 1.0, 0.0) + late + generator.normal(0, 0.2, (135, 4))

    folder = tmp_path_factory.mktemp("worded") / "s"
    return open_sweep(write_sweep(folder, design, {TRUST: moved}, replicates=4, common_draws=False))


@pytest.fixture(scope="module")
def of_words(worded: StoredSweep) -> GivenDataIndices:
    return given_data(worded, TRUST)


def test_rbd_fast_finds_the_published_first_order_indices_of_ishigami(found: GivenDataIndices) -> None:
    rows = found.indices.set_index("factor")
    for factor, share in FIRST_ORDER.items():
        assert rows.loc[factor, "rbd_fast"] == pytest.approx(share, abs=0.06)
        assert rows.loc[factor, "rbd_fast_low"] < share < rows.loc[factor, "rbd_fast_high"]
    assert rows.loc[AWAY, "rbd_fast_low"] < rows.loc[AWAY, "rbd_fast_dummy"]


@pytest.mark.slow
def test_more_points_bring_rbd_fast_nearer_to_the_published_indices(tmp_path: Path) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", cube_design(ISHIGAMI, 2000), {TRUST: ishigami}))
    rows = given_data(sweep, TRUST).indices.set_index("factor")
    for factor, share in FIRST_ORDER.items():
        assert rows.loc[factor, "rbd_fast"] == pytest.approx(share, abs=0.03)


def test_delta_and_pawn_are_those_of_the_distributions(found: GivenDataIndices) -> None:
    """Both from their definitions and many points: delta for the five classes that 500 points have, PAWN for ten."""
    generator = np.random.default_rng(1)
    cells = {factor: generator.uniform(-np.pi, np.pi, 200_000) for factor in ISHIGAMI}
    values = ishigami(cells, generator)
    edges = np.linspace(values.min(), values.max(), 61)
    whole = np.histogram(values, edges)[0] / values.size
    rows = found.indices.set_index("factor")
    for factor, cell in cells.items():
        ordered = values[np.argsort(cell)]
        shifts = [abs(np.histogram(each, edges)[0] / each.size - whole).sum() / 2 for each in ordered.reshape(5, -1)]
        assert rows.loc[factor, "delta"] == pytest.approx(np.mean(shifts), abs=0.04)
        distances = [ks_2samp(each, values, method="asymp").statistic for each in ordered.reshape(10, -1)]
        least = 0.05 if factor != AWAY else 0.0  # small distances are overrated, those of a dummy factor too
        assert np.median(distances) - least < rows.loc[factor, "pawn"] < np.median(distances) + 0.06


def test_an_effect_stands_out_from_the_dummy_even_without_a_share_of_the_variance(found: GivenDataIndices) -> None:
    rows = found.indices.set_index("factor")
    assert (rows["delta_low"] > rows["delta_dummy"]).all()
    assert found.points == 500
    assert any("RBD-FAST index of events.away.value is below zero" in said for said in found.sentences)


@pytest.mark.slow
def test_indices_do_not_change_between_calls(worded: StoredSweep, of_words: GivenDataIndices) -> None:
    pd.testing.assert_frame_equal(given_data(worded, TRUST).indices, of_words.indices)


def test_words_and_dates_are_factors(of_words: GivenDataIndices) -> None:
    rows = of_words.indices.set_index("factor")
    assert list(of_words.indices["factor"]) == [ANSWER, DAY, AWAY]
    assert rows.loc[ANSWER, "rbd_fast"] > rows.loc[DAY, "rbd_fast"] > rows.loc[DAY, "rbd_fast_dummy"]
    assert rows.loc[ANSWER, "pawn"] > rows.loc[ANSWER, "pawn_dummy"]
    assert any(said.startswith(f"No index of {AWAY} stands out from a dummy") for said in of_words.sentences)
    assert of_words.sentences[-1].startswith("Chance of the replicates makes")


@pytest.mark.slow
def test_each_word_is_a_class_of_its_own_the_last_one_too(tmp_path: Path) -> None:
    """Slides between quantiles would leave the greatest value out."""
    design = grid_design({ANSWER: ["none", "mission", "forces"], AWAY: np.linspace(0, 0.5, 20).tolist()})
    only_last = {TRUST: lambda f, g: np.where(f[ANSWER] == "forces", 5.0, 0.0) + g.normal(0, 0.1, (60, 1))}
    rows = given_data(open_sweep(write_sweep(tmp_path / "s", design, only_last)), TRUST).indices.set_index("factor")
    assert rows.loc[ANSWER, "pawn"] == pytest.approx(1 / 3, abs=0.1)
    assert rows.loc[ANSWER, "delta"] > 0.3


def test_the_problem_and_the_inputs_are_what_salib_takes(worded: StoredSweep, sampled: StoredSweep) -> None:
    assert worded.problem() == {
        "num_vars": 3,
        "names": [ANSWER, DAY, AWAY],
        "bounds": [[0.0, 2.0], [737850.0, 738034.0], [0.0, 0.5]],
    }
    assert worded.inputs()[[0, 45, 90], 0].tolist() == [0, 1, 2]
    again = rbd_fast.analyze(sampled.problem(), sampled.inputs(), outcome(sampled, TRUST).means(), seed=1)
    assert again.to_df()["S1"][MEMORY] == pytest.approx(FIRST_ORDER[MEMORY], abs=0.06)


@pytest.mark.slow
def test_a_sweep_of_independent_trajectories_counts_these_not_points(tmp_path: Path) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", morris_design(ISHIGAMI, 20), {TRUST: ishigami}))
    found = given_data(sweep, TRUST)
    assert any("20 independent parts" in text for text in found.warnings)
    assert any("is unsettled" in said for said in found.sentences)


@pytest.mark.slow
def test_a_class_without_variation_is_told(tmp_path: Path) -> None:
    rare = {VOICED: lambda f, _: f[SEVERITY] > 0.8}
    design = cube_design({MEMORY: (6.0, 120.0), SEVERITY: (0.0, 1.0)}, 60)
    found = given_data(open_sweep(write_sweep(tmp_path / "s", design, rare)), VOICED)
    assert any("which delta leaves out" in text for text in found.warnings)
    rows = found.indices.set_index("factor")
    assert rows.loc[SEVERITY, "rbd_fast"] > rows.loc[SEVERITY, "rbd_fast_dummy"]


def test_too_few_points_and_an_outcome_without_variation_are_refused(grid: StoredSweep, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"need {FEWEST} points or more; this sweep has 12"):
        given_data(grid, TRUST)
    flat = {TRUST: lambda f, _: np.ones_like(f[MEMORY])}
    sweep = open_sweep(write_sweep(tmp_path / "s", cube_design(ISHIGAMI, 60), flat))
    with pytest.raises(InputError, match="nothing to explain"):
        given_data(sweep, TRUST)
