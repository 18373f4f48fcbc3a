from pathlib import Path

import numpy as np
import pytest

from sim.analysis import open_sweep, sobol
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from tests.analysis.making import (
    AWAY,
    FIRST,
    ISHIGAMI,
    MEMORY,
    SEVERITY,
    TRUST,
    ishigami,
    sobol_design,
    write_sweep,
)

FIRST_ORDER = {MEMORY: 0.3139, SEVERITY: 0.4424, AWAY: 0.0}
TOTAL = {MEMORY: 0.5576, SEVERITY: 0.4424, AWAY: 0.2437}
"""Of Ishigami's function with a = 7 and b = 0.1 (Saltelli et al. 2008, Global Sensitivity Analysis: The Primer)."""


def test_ishigamis_indices_are_the_published_ones(ishigamis: StoredSweep) -> None:
    found = sobol(ishigamis, TRUST)
    rows = found.indices.set_index("factor")
    for factor in ISHIGAMI:
        assert rows.loc[factor, "first"] == pytest.approx(FIRST_ORDER[factor], abs=0.02)
        assert rows.loc[factor, "total"] == pytest.approx(TOTAL[factor], abs=0.02)
        assert rows.loc[factor, "first_low"] < FIRST_ORDER[factor] < rows.loc[factor, "first_high"]
        assert rows.loc[factor, "total_low"] < TOTAL[factor] < rows.loc[factor, "total_high"]
    assert list(found.indices["factor"]) == [MEMORY, SEVERITY, AWAY]
    best = found.pairs.iloc[0]
    assert (best["factor_a"], best["factor_b"]) == (MEMORY, AWAY)
    assert best["second"] == pytest.approx(0.2437, abs=0.02)
    assert len(found.pairs) == 3


def test_indices_do_not_change_between_calls(ishigamis: StoredSweep) -> None:
    first, second = sobol(ishigamis, TRUST), sobol(ishigamis, TRUST)
    np.testing.assert_array_equal(first.indices.drop(columns="factor"), second.indices.drop(columns="factor"))


def test_a_design_without_second_order_has_no_pairs(tmp_path: Path) -> None:
    design = sobol_design(ISHIGAMI, 512, second_order=False)
    found = sobol(open_sweep(write_sweep(tmp_path / "s", design, {TRUST: ishigami})), TRUST)
    assert found.pairs is None
    rows = found.indices.set_index("factor")
    assert rows.loc[MEMORY, "total"] == pytest.approx(TOTAL[MEMORY], abs=0.05)


def test_groups_share_the_indices_of_their_factors_and_need_fewer_points(tmp_path: Path) -> None:
    """First order of x1 with x3: both by themselves and together, 0.3139 + 0 + 0.2437."""
    design = sobol_design(ISHIGAMI, 512, second_order=False, groups=["waves", "hills", "waves"])
    assert len(design[1]) == (2 + 2) * 512
    found = sobol(open_sweep(write_sweep(tmp_path / "s", design, {TRUST: ishigami})), TRUST)
    rows = found.indices.set_index("factor")
    assert rows.loc["waves", ["first", "total"]].tolist() == pytest.approx([0.5576, 0.5576], abs=0.05)
    assert rows.loc["hills", ["first", "total"]].tolist() == pytest.approx([0.4424, 0.4424], abs=0.05)
    total, first = found.salib.to_df()
    assert total["ST"]["waves"] == rows.loc["waves", "total"]
    assert first["S1"]["hills"] == rows.loc["hills", "first"]


def test_a_negative_or_unsettled_index_is_told_in_a_sentence(tmp_path: Path) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", sobol_design(ISHIGAMI, 32), {TRUST: ishigami}))
    found = sobol(sweep, TRUST)
    low = found.indices[found.indices["first"] < 0]["factor"].tolist()
    assert low
    assert any(said.startswith(f"The first-order index of {low[0]} is below zero") for said in found.sentences)
    assert any("total index of " in said and "is unsettled" in said for said in found.sentences)


def test_few_samples_are_called_few(tmp_path: Path) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", sobol_design(ISHIGAMI, 32), {TRUST: ishigami}))
    (warning,) = [text for text in sobol(sweep, TRUST).warnings if "are few" in text]
    assert "32 samples are few: intervals reach ±" in warning


def test_a_large_sample_gives_no_warning_but_of_the_single_replicate(ishigamis: StoredSweep) -> None:
    (warning,) = sobol(ishigamis, TRUST).warnings
    assert "one replicate" in warning


def test_samples_that_are_no_power_of_two_are_named(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="balance"):
        design = sobol_design(ISHIGAMI, 100)
    sweep = open_sweep(write_sweep(tmp_path / "s", design, {TRUST: ishigami}))
    assert any("100 samples are not a power of two" in text for text in sobol(sweep, TRUST).warnings)


def test_first_order_indices_that_add_up_to_more_than_all_are_named(tmp_path: Path) -> None:
    def impossible(factors, generator):
        """Give each mixed point what the second base point has, as if every factor did everything."""
        first, second = generator.normal(size=(2, len(factors[MEMORY]) // 5))
        return np.column_stack([first, *[second] * 4]).reshape(-1, 1)

    design = sobol_design(ISHIGAMI, 256, second_order=False)
    found = sobol(open_sweep(write_sweep(tmp_path / "s", design, {TRUST: impossible})), TRUST)
    assert found.indices["first"].sum() == pytest.approx(3, abs=0.4)
    assert any("first-order indices add up to" in text for text in found.warnings)


def test_chance_of_the_replicates_is_told_with_what_it_does(tmp_path: Path) -> None:
    def noisy(factors, generator):
        values = ishigami(factors, generator)
        return values + generator.normal(0, 6, (len(values), 4))

    sweep = open_sweep(
        write_sweep(tmp_path / "s", sobol_design(ISHIGAMI, 1024), {TRUST: noisy}, replicates=4, common_draws=False)
    )
    found = sobol(sweep, TRUST)
    assert found.noise == pytest.approx(9 / (13.84 + 9), abs=0.02)
    assert any("39 % of the variance" in text or "40 % of the variance" in text for text in found.warnings)
    rows = found.indices.set_index("factor")
    assert rows.loc[SEVERITY, "first"] == pytest.approx(FIRST_ORDER[SEVERITY] * (1 - found.noise), abs=0.05)
    assert rows.loc[AWAY, "total"] > TOTAL[AWAY] * (1 - found.noise) + 0.2


def test_other_designs_and_metrics_without_a_mean_are_refused(cube: StoredSweep, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="need a sobol design; this sweep is a latin-hypercube"):
        sobol(cube, TRUST)
    metrics = {
        FIRST: lambda factors, _: np.where(factors[MEMORY] > 0, 738002.0, np.nan),
        TRUST: lambda factors, _: np.ones_like(factors[MEMORY]),
    }
    sweep = open_sweep(write_sweep(tmp_path / "s", sobol_design(ISHIGAMI, 64), metrics))
    with pytest.raises(InputError, match="is a date"):
        sobol(sweep, FIRST)
    with pytest.raises(InputError, match="nothing to explain"):
        sobol(sweep, TRUST)
    rows = sobol(sweep, f"{FIRST} <= 2021-12").indices
    assert rows["factor"].iloc[0] == MEMORY
