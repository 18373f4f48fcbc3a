"""Exported tables: figures against the result itself, codes, and each format read back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError
from sim.interop.columns import COUNTRY_MONTH, DYAD_MONTH, MEANINGS
from sim.interop.panels import country_month, dyad_month
from sim.interop.writing import TABLES, export
from sim.result import Result, run
from sim.scenario import load
from sim.words import FULFILMENT, POSTURES
from tests.interop.conftest import SMALL

SHIPPED = Path(__file__).parents[2] / "scenarios" / "first-steps.toml"


def test_countries_have_a_row_a_branch_and_month(result: Result) -> None:
    table = country_month(result)
    assert list(table.columns) == list(COUNTRY_MONTH)
    assert len(table) == len(result.branches) * len(result.members) * 12
    assert not table.duplicated(["branch", "iso3", "year", "month"]).any()
    june = table.query("branch == 'help-comes' and iso3 == 'BBB' and month == 6").iloc[0]
    runs = result.data.sel(branch="help-comes").sel(date="2021-06-30")
    assert june["trust_median"] == np.median(runs["trust"].sel(truster="BBB", trustee="AAA"))
    assert june["approval_mean"] == pytest.approx(float(runs["approval"].sel(state="BBB").mean()))
    ranks = runs["posture"].sel(state="BBB").values
    assert [june[f"share_{name}"] for name in POSTURES] == [(ranks == rank).mean() for rank in range(6)]
    shares = table[[f"share_{posture}" for posture in POSTURES]]
    assert np.allclose(shares.sum(axis=1), 1.0)
    assert np.allclose(table["share_freeze_or_more"], shares.iloc[:, 3:].sum(axis=1))
    assert table.loc[table["iso3"] == "AAA", "trust_mean"].isna().all()
    assert table.loc[table["iso3"] != "AAA", "trust_mean"].notna().all()


def test_calls_are_counted_in_their_month(result: Result) -> None:
    countries, dyads = country_month(result), dyad_month(result)
    called = countries[countries["calls"] > 0]
    assert set(zip(called["iso3"], called["month"], strict=True)) == {("BBB", 4)}
    assert (called["calls"] == 1.0).all()
    asked = dyads[dyads["calls"] > 0]
    assert set(asked["iso3_a"]) == {"BBB"}
    assert set(asked["iso3_b"]) == {"AAA", "CCC"}
    helped = asked.query("branch == 'help-comes' and iso3_b == 'AAA'").iloc[0]
    assert helped["fulfilment"] == FULFILMENT[4]
    assert dyads.loc[dyads["calls"] == 0, "fulfilment"].isna().all()


def test_dyads_are_directed_and_hold_everybody_trusted(result: Result) -> None:
    table = dyad_month(result)
    assert list(table.columns) == list(DYAD_MONTH)
    assert len(table) == len(result.branches) * 3 * 3 * 12
    assert not (table["iso3_a"] == table["iso3_b"]).any()
    row = table.query("branch == 'as-it-was' and iso3_a == 'CCC' and iso3_b == 'DDD' and month == 12").iloc[0]
    trust = result.trust.sel(branch="as-it-was", truster="CCC", trustee="DDD").isel(date=-1)
    assert row["trust_mean"] == pytest.approx(float(trust.mean()), nan_ok=True)


def test_weeks_are_taken_at_the_last_tick_that_ends_in_the_month() -> None:
    weekly = run(load(SMALL, ['step="week"']), branches=["as-it-was"], replicates=2, engine="mesa")
    table = country_month(weekly).query("iso3 == 'BBB'")
    assert list(table["month"]) == list(range(1, 13))
    for row in table.itertuples():
        last = max(day for day in weekly.days if (day.year, day.month) == (row.year, row.month))
        assert row.date.date() == last


def test_states_of_today_have_their_numbers_and_made_up_ones_none(result: Result) -> None:
    assert country_month(result)[["cow", "gw"]].isna().all(axis=None)
    real = run(load(SHIPPED), branches=["as-happened"], replicates=1, engine="mesa")
    table = dyad_month(real).drop_duplicates("iso3_b").set_index("iso3_b")
    assert table.loc["ARM", ["cow_b", "gw_b"]].tolist() == [371, 371]
    assert table.loc["EUU", ["cow_b", "gw_b"]].isna().all()


@pytest.mark.parametrize("name", TABLES)
def test_every_format_gives_the_table_back(result: Result, tmp_path: Path, name: str) -> None:
    frame = export(result, name, tmp_path / "table.csv")
    for ending in ("parquet", "dta"):
        export(result, name, tmp_path / f"table.{ending}")
    text = pd.read_csv(tmp_path / "table.csv", parse_dates=["date"])
    stata = pd.read_stata(tmp_path / "table.dta")
    parquet = pd.read_parquet(tmp_path / "table.parquet")
    for read in (text, stata, parquet):
        assert list(read.columns) == list(frame.columns)
        assert (pd.to_datetime(read["date"]) == frame["date"]).all()
        assert np.allclose(read["trust_mean"], frame["trust_mean"], equal_nan=True, rtol=1e-5)
        assert list(read.iloc[:, 1]) == list(frame.iloc[:, 1])


def test_every_column_says_what_it_is(result: Result, tmp_path: Path) -> None:
    for name, meanings in MEANINGS.items():
        export(result, name, tmp_path / f"{name}.dta")
        export(result, name, tmp_path / f"{name}.parquet")
        with pd.read_stata(tmp_path / f"{name}.dta", iterator=True) as reader:
            labels = reader.variable_labels()
            assert reader.data_label.startswith(f"csto-sim {name}")
        assert set(labels) == set(meanings)
        assert len(set(labels.values())) == len(labels)
        assert all(len(column) <= 32 and column.isidentifier() for column in meanings)
        schema = pq.read_schema(tmp_path / f"{name}.parquet")
        assert {field.name: field.metadata[b"meaning"].decode() for field in schema} == dict(meanings)


def test_unknown_tables_and_formats_are_refused_and_leave_nothing(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown table 'monad'; allowed: country-month, dyad-month"):
        export(result, "monad", tmp_path / "table.csv")
    with pytest.raises(InputError, match="unknown format 'sav'; allowed: csv, parquet, dta"):
        export(result, "dyad-month", tmp_path / "table.csv", "sav")
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        export(result, "dyad-month", tmp_path / "there.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]
    assert (tmp_path / "there.csv").read_text() == "mine"
