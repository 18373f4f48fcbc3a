import warnings
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.variables import MEMBER_SERIES
from sim.output.quantiles import COLUMNS, QUANTILES, date_quantiles, known_mean
from sim.output.store import save
from sim.result import Result

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)
SHAPES = arrays.array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=7)
PROBABILITIES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4)


@given(SHAPES.flatmap(lambda shape: arrays.arrays(np.float64, shape, elements=NUMBERS)), PROBABILITIES)
def test_quantiles_are_those_of_numpy(values, probabilities):
    expected = np.quantile(values, probabilities, axis=0, method="linear")
    np.testing.assert_array_equal(date_quantiles(values, probabilities), expected)


@given(
    SHAPES.flatmap(lambda shape: arrays.arrays(np.float64, shape, elements=NUMBERS | st.just(np.nan))), PROBABILITIES
)
def test_what_is_missing_is_left_out(values, probabilities):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy warns of columns without any number
        quantiles, mean = np.nanquantile(values, probabilities, axis=0), np.nanmean(values, axis=0)
    np.testing.assert_array_equal(date_quantiles(values, probabilities), quantiles)
    np.testing.assert_allclose(known_mean(values), mean, rtol=1e-12, atol=1e-9)


def test_large_ensembles_with_columns_that_never_vary():
    values = np.random.default_rng(1).random((400, 9, 30))
    values[:, :, ::3] = 0.25
    values[:, 4] = np.nan
    quantiles = date_quantiles(values, [0.05, 0.5])
    assert np.isnan(quantiles[:, 4]).all()
    there = [day for day in range(9) if day != 4]
    np.testing.assert_array_equal(quantiles[:, there], np.quantile(values[:, there], [0.05, 0.5], axis=0))
    assert np.isnan(date_quantiles(np.empty((0, 2)), [0.5])).all()


def test_many_numbers_are_shared_out_among_threads():
    values = np.random.default_rng(2).random((600, 9, 120))
    values[7, 2, ::4] = np.nan
    expected = np.nanquantile(values, [0.05, 0.5], axis=0)
    np.testing.assert_allclose(date_quantiles(values, [0.05, 0.5]), expected, rtol=1e-14)


def test_means_of_what_is_known_are_summed_in_the_order_of_replicates():
    values = np.random.default_rng(3).random((1000, 5, 2))
    values[::3, 4, 1] = np.nan
    values[:, 0, 0] = np.nan
    for strided in (values, np.concatenate([values, values], axis=2)[:, :, 1:3]):
        means = known_mean(strided)
        for day, column in np.ndindex(means.shape):
            known = [value for value in strided[:, day, column].tolist() if not np.isnan(value)]
            total = 0.0
            for value in known:
                total += value
            assert means[day, column] == total / len(known) if known else np.isnan(means[day, column])


def test_the_table_has_every_variable_that_is_recorded(result: Result):
    table = result.quantiles()
    assert list(table.columns) == list(COLUMNS)
    assert set(table["variable"]) == {"trust", "credibility", *MEMBER_SERIES}
    assert not table.isna().any(axis=None)
    assert not table.duplicated(["branch", "date", "variable", "state", "other"]).any()
    members, dates = len(result.members), 3 * len(result.dates)
    counts = table["variable"].value_counts()
    assert counts["approval"] == members * dates
    assert counts["trust"] == members * (members - 1) * dates  # the challenger owes nobody help
    assert counts["credibility"] == dates
    assert (table.query("variable == 'credibility'")["state"] == result.focus).all()
    assert set(table.query("variable == 'pressure'")["other"]) == {result.focus}


@pytest.mark.parametrize(
    ("place", "name", "labels"),
    [
        ("variable == 'trust' and state == 'BBB' and other == 'AAA'", "trust", {"truster": "BBB", "trustee": "AAA"}),
        ("variable == 'approval' and state == 'CCC'", "approval", {"state": "CCC"}),
        ("variable == 'credibility'", "credibility", {}),
    ],
)
def test_the_stored_table_holds_quantiles_over_replicates(result: Result, tmp_path: Path, place, name, labels):
    table = pq.read_table(save(result, tmp_path / "stored") / "quantiles.parquet").to_pandas()
    rows = table.query(f"branch == 'they-decide' and {place}")
    values = result.data[name].sel(branch="they-decide", **labels).values
    assert [str(day) for day in rows["date"]] == [day.isoformat() for day in result.days]
    np.testing.assert_array_equal(rows[list(QUANTILES)].T, np.quantile(values, list(QUANTILES.values()), axis=0))
    np.testing.assert_allclose(rows["mean"], values.mean(axis=0), rtol=1e-14)
