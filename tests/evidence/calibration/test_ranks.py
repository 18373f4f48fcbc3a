"""The check by simulated records: what it measures, what it keeps, and that it finds a fault that is planted."""

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from sim.evidence.calibration.ranks import (
    DRAWS,
    Found,
    RankCheck,
    find_all,
    ranks_of,
    run_check,
    screen,
    sets_with,
    summarise,
)
from sim.evidence.calibration.simulated import Simulator
from sim.evidence.record import load_record
from sim.experiments.parameters.priors import NAMES, from_unit, prior_of, with_priors
from sim.scenario import load

SMALL = RankCheck(truths=3, particles=64, varied=3, screened=1, threads=1)


@cache
def made() -> Simulator:
    return Simulator(load("scenarios/csto-history.toml"), load_record(), date(2000, 12, 31))


def known(exponent: float = 1.0, shift: float = 0.0, truths: int = 100) -> list[Found]:
    """Posteriors of normal data, exact at an exponent of 1; the second of two parameters has no data."""
    generator = np.random.default_rng(2)
    found = []
    for _ in range(truths):
        truth = generator.standard_normal(2)
        datum = truth[0] + 0.25 * generator.standard_normal()
        columns = []
        for power in (exponent, 0.4 * exponent):
            precision = 1.0 + power * 16.0
            first = power * 16.0 * datum / precision + shift + generator.standard_normal(400) / np.sqrt(precision)
            columns.append(np.column_stack([first, generator.standard_normal(400)]))
        found.append(Found(ndtr(truth), ndtr(columns[0]), ndtr(columns[1])))
    return found


def test_exact_posteriors_have_even_ranks_stated_coverage_and_widths():
    table = summarise(["told", "untold"], known()).set_index("parameter")
    assert table["uniform"].all()
    assert table.loc["told", "width"] == pytest.approx(1.0 / np.sqrt(17.0), rel=0.05)
    assert table.loc["untold", "width"] == pytest.approx(1.0, rel=0.05)
    assert table["identified"].tolist() == [True, False]
    assert table.loc["told", "correlation"] > 0.9
    assert abs(table.loc["untold", "correlation"]) < 0.3
    assert table["coverage50"].to_numpy() == pytest.approx(0.5, abs=0.15)
    assert table["coverage90"].to_numpy() == pytest.approx(0.9, abs=0.1)
    assert table.loc["told", "coverage50_tempered"] > table.loc["told", "coverage50"]


@pytest.mark.parametrize("fault", [{"exponent": 4.0}, {"shift": 0.2}])
def test_a_likelihood_to_the_fourth_power_and_a_shifted_posterior_are_found_out(fault):
    table = summarise(["told", "untold"], known(**fault)).set_index("parameter")
    assert table["uniform"].tolist() == [False, True]
    assert table.loc["told", "coverage90"] < 0.85


def test_a_true_value_is_ranked_among_the_draws():
    draws = np.linspace(0.005, 0.995, 100)[:, None]
    found = [Found(np.array([truth]), draws, draws) for truth in (0.0, 0.5, 1.0)]
    low, middle, high = ranks_of(found)[:, 0]
    assert (low, high) == (0, DRAWS)
    assert abs(middle - DRAWS / 2) < 12


def test_parameters_that_do_not_vary_stay_at_the_middle_of_their_priors():
    (row,) = sets_with(["initial_trust"], np.array([[0.9]]))
    middle = from_unit(np.full((1, len(with_priors())), 0.5))[0]
    at = NAMES.index("initial_trust")
    assert row[at] == prior_of("initial_trust").quantile(0.9)
    assert np.array_equal(np.delete(row, at), np.delete(middle, at))


def test_the_screening_ranks_parameters_by_how_far_the_likelihood_moves():
    table = screen(made(), SMALL)
    assert sorted(table["parameter"]) == sorted(with_priors())
    assert table["change"].is_monotonic_decreasing
    assert table["change"].iloc[0] > 0.1
    idle = table.set_index("parameter").loc["excuse_veto", "change"]  # nobody votes in a simulated record
    assert idle == 0.0


def test_the_check_is_the_same_twice_and_goes_on_where_it_was_stopped(tmp_path):
    run_check(made(), SMALL, tmp_path, lambda _: None)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    first = {path: path.read_bytes() for path in files}
    assert [path.name for path in files if path.parent == tmp_path] == [
        "ranks.csv", "ranks.png", "ranks.svg", "screening.csv",
    ]  # fmt: skip
    table = pd.read_csv(tmp_path / "ranks.csv")
    assert len(table) == 3
    assert table["width"].between(0.0, 1.5).all()
    (tmp_path / "truths" / "truth-001.npz").unlink()
    done: list[str] = []
    run_check(made(), SMALL, tmp_path, done.append)
    assert [text for text in done if "fitted" in text] == ["record 2 of 3 fitted"]
    assert {path: path.read_bytes() for path in files} == first


def test_results_of_other_settings_are_refused(tmp_path: Path):
    path = tmp_path / "truth-000.npz"
    with path.open("wb") as file:
        np.savez(file, key=np.array("other"), truth=np.zeros(1), full=np.zeros((2, 1)), tempered=np.zeros((2, 1)))
    with pytest.raises(ValueError, match="other settings"):
        find_all(made(), ["initial_trust"], SMALL, tmp_path)
