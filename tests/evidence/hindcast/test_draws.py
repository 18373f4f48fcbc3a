"""Draws of parameters: from the priors, from the table, from files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.evidence.hindcast.draws import draws_of, posteriors_of
from sim.experiments.parameters.posteriors import Posterior, load_posterior, shipped_posteriors
from sim.model.parameters import PARAMETERS

NAMES = list(PARAMETERS)


def test_draws_from_the_priors_stay_in_range_and_repeat() -> None:
    draws = draws_of("prior", 500, 3)
    assert draws.shape == (500, len(NAMES))
    for column, row in enumerate(PARAMETERS.values()):
        assert ((draws[:, column] >= row.low) & (draws[:, column] <= row.high)).all(), row.name
    np.testing.assert_array_equal(draws, draws_of("prior", 500, 3))
    assert (draws != draws_of("prior", 500, 4)).any()
    trust = draws[:, NAMES.index("initial_trust")]
    assert np.median(trust) == pytest.approx(PARAMETERS["initial_trust"].default, abs=0.02)
    silence = draws[:, NAMES.index("silence_weight")]
    assert set(silence) == {PARAMETERS["silence_weight"].default}


def test_defaults_are_those_of_the_table() -> None:
    assert (draws_of("defaults", 3, 1) == [row.default for row in PARAMETERS.values()]).all()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_gives_whole_rows(tmp_path: Path, ending: str) -> None:
    rows = pd.DataFrame({"memory_half_life": [20.0, 30.0], "initial_trust": [0.4, 0.6]})
    path = tmp_path / f"draws.{ending}"
    rows.to_csv(path, index=False) if ending == "csv" else rows.to_parquet(path)
    draws = draws_of(str(path), 50, 1)
    pairs = set(map(tuple, draws[:, [NAMES.index(name) for name in rows.columns]]))
    assert pairs == {(20.0, 0.4), (30.0, 0.6)}
    assert (draws[:, NAMES.index("record_weight")] == PARAMETERS["record_weight"].default).all()


def test_rows_are_drawn_by_their_weight(tmp_path: Path) -> None:
    path = tmp_path / "posterior.parquet"
    pd.DataFrame({"memory_half_life": [20.0, 30.0, 40.0], "weight": [0.75, 0.25, 0.0]}).to_parquet(path)
    drawn = draws_of(str(path), 2000, 1)[:, NAMES.index("memory_half_life")]
    assert (drawn == 20.0).mean() == pytest.approx(0.75, abs=0.03)
    assert 40.0 not in drawn


def test_a_posterior_in_a_file_may_hold_a_parameter_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "older.parquet"
    stored = np.array([[20.0, 7.0], [30.0, 8.0]])
    Posterior("older", stored, np.array([0.5, 0.5]), ("memory_half_life", "old_name")).save(path)
    drawn = draws_of(str(path), 50, 1)
    assert isinstance(drawn, np.ndarray)
    assert set(drawn[:, NAMES.index("memory_half_life")]) == {20.0, 30.0}
    (found,) = posteriors_of(str(path)).values()
    assert found.ignored == ("old_name",)
    assert posteriors_of("prior") == posteriors_of(str(tmp_path / "none.parquet")) == {}
    assert list(posteriors_of("without-ARM")) == ["without-ARM"]
    assert list(posteriors_of("fitted")) == list(shipped_posteriors())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("memory\n20\n", "unknown parameters memory"),
        ("memory_half_life\n9999\n", "memory_half_life has values outside 12..180"),
        ("memory_half_life\nlong\n", "memory_half_life has values outside 12..180"),
        ("memory_half_life\n", "holds no draw"),
        ("memory_half_life,weight\n20,-1\n30,2\n", "weight has values that are no weights"),
        ("memory_half_life,weight\n20,0\n", "weight has values that are no weights"),
        ("", "cannot be read as a table"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "draws.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        draws_of(str(path), 5, 1)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"nothing\.csv: no such file; allowed: fitted, prior, defaults"):
        draws_of("nothing.csv", 5, 1)


def test_each_part_of_a_hindcast_has_the_shipped_posterior_that_it_may_know() -> None:
    draws = draws_of("fitted", 20, 1)
    assert set(draws) == set(shipped_posteriors()) > {"posterior-2019", "without-ARM", "without-UZB"}
    np.testing.assert_array_equal(draws["posterior-2019"], load_posterior("posterior-2019").draws(20, 1))
    np.testing.assert_array_equal(draws_of("posterior-2019", 20, 1), draws["posterior-2019"])
    assert (draws["without-ARM"] != draws["posterior-2019"]).any()
