from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis import morris, open_sweep
from sim.analysis.stored import StoredSweep
from sim.errors import InputError
from tests.analysis.making import AWAY, MEMORY, SEVERITY, TRUST, morris_design, write_sweep

UNIT = {MEMORY: (0.0, 1.0), SEVERITY: (0.0, 1.0)}


def by_hand() -> tuple[dict, pd.DataFrame]:
    """Return two trajectories on four levels (steps of 2/3), the second stepping down."""
    unit = np.array([[0, 1 / 3], [2 / 3, 1 / 3], [2 / 3, 1], [1, 1], [1, 1 / 3], [1 / 3, 1 / 3]])
    columns = {MEMORY: 100 * unit[:, 0], SEVERITY: unit[:, 1]}
    frame = pd.DataFrame({**columns, f"unit:{MEMORY}": unit[:, 0], f"unit:{SEVERITY}": unit[:, 1]})
    return {"kind": "morris", "samples": 2, "seed": 1, "levels": 4}, frame


def test_effects_are_those_of_a_hand_computed_example(tmp_path: Path) -> None:
    def product(factors, generator):
        del generator
        return 3 * (factors[MEMORY] / 100) * factors[SEVERITY]

    sweep = open_sweep(write_sweep(tmp_path / "s", by_hand(), {TRUST: product}))
    rows = morris(sweep, TRUST).effects.set_index("factor")
    # memory: slope 3 times severity, which is 1/3 in both trajectories when memory steps: 1 and 1
    # severity: slope 3 times memory, which is 2/3 and 1 when severity steps: 2 and 3
    assert rows.loc[MEMORY, ["mu", "mu_star", "sigma"]].tolist() == pytest.approx([1.0, 1.0, 0.0])
    assert rows.loc[SEVERITY, ["mu", "mu_star", "sigma"]].tolist() == pytest.approx([2.5, 2.5, np.sqrt(0.5)])
    assert rows["rank"].to_dict() == {SEVERITY: 1, MEMORY: 2}


def test_a_straight_line_has_its_slopes_and_no_spread(tmp_path: Path) -> None:
    design = morris_design({**UNIT, AWAY: (0.0, 0.9)}, 10)
    folder = write_sweep(
        tmp_path / "s", design, {TRUST: lambda factors, _: 2 * factors[MEMORY] - 3 * factors[SEVERITY]}
    )
    rows = morris(open_sweep(folder), TRUST).effects.set_index("factor")
    assert rows["mu"].to_dict() == pytest.approx({MEMORY: 2.0, SEVERITY: -3.0, AWAY: 0.0})
    assert rows["mu_star"].to_dict() == pytest.approx({MEMORY: 2.0, SEVERITY: 3.0, AWAY: 0.0})
    np.testing.assert_allclose(rows["sigma"], 0, atol=1e-9)
    np.testing.assert_allclose(rows["mu_star_high"] - rows["mu_star_low"], 0, atol=1e-9)


def test_groups_have_the_size_of_their_joint_effect_alone(tmp_path: Path) -> None:
    design = morris_design({**UNIT, AWAY: (0.0, 1.0)}, 12, groups=["pair", "pair", "single"])
    assert len(design[1]) == (2 + 1) * 12
    line = {TRUST: lambda factors, _: 2 * factors[AWAY] + 0 * factors[MEMORY]}
    found = morris(open_sweep(write_sweep(tmp_path / "s", design, line)), TRUST)
    rows = found.effects.set_index("factor")
    assert rows["mu_star"].to_dict() == pytest.approx({"single": 2.0, "pair": 0.0})
    assert rows[["mu", "sigma"]].isna().all(axis=None)
    assert found.salib.to_df()["mu_star"]["single"] == pytest.approx(2.0)


def test_few_trajectories_are_called_few(tmp_path: Path) -> None:
    found = {}
    for count in (9, 10):
        folder = write_sweep(
            tmp_path / str(count), morris_design(UNIT, count), {TRUST: lambda factors, _: factors[MEMORY]}
        )
        found[count] = " ".join(morris(open_sweep(folder), TRUST).warnings)
    assert "9 trajectories are few" in found[9]
    assert "are few" not in found[10]


def test_chance_alone_makes_the_effect_that_is_told(tmp_path: Path) -> None:
    def noisy(factors, generator):
        return factors[MEMORY] * 5 + generator.normal(0, 1, (len(factors[MEMORY]), 8))

    folder = write_sweep(tmp_path / "s", morris_design(UNIT, 400), {TRUST: noisy}, replicates=8, common_draws=False)
    found = morris(open_sweep(folder), TRUST)
    expected = 2 * np.sqrt(1 / 8 / np.pi) * 1.5
    assert found.chance_effect == pytest.approx(expected, rel=0.05)
    idle = found.effects.set_index("factor").loc[SEVERITY]
    assert idle["mu_star"] == pytest.approx(expected, rel=0.1)
    assert not found.warnings
    (said,) = found.sentences
    assert said.endswith(f"would make a mu* of {found.chance_effect:.3g}, from which {SEVERITY} cannot be told.")


def test_other_designs_are_refused(cube: StoredSweep) -> None:
    with pytest.raises(InputError, match="need a morris design; this sweep is a latin-hypercube"):
        morris(cube, TRUST)
