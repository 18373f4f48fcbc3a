"""The command export: files that R, Stata and pandas read back."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Command


def test_a_result_becomes_a_table_that_stata_reads_or_a_crate(command: Command, place: Path) -> None:
    assert command("run", "small.toml", "--engine", "mesa", "--no-plot", "--out", "out").code == 0
    done = command("export", "out", "--table", "country-month", "--out", "table.dta", "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    table = pd.read_stata(place / "table.dta")
    assert said["rows"] == len(table) == 3 * 3 * 12
    assert said["columns"] == list(table.columns)
    done = command("export", "out", "--table", "dyad-month", "--out", "dyads", "--format", "parquet")
    assert done.out == "Table: dyads, 324 rows, 19 columns\n"
    assert len(pd.read_parquet(place / "dyads")) == 3 * 3 * 3 * 12
    done = command("export", "out", "--crate", "--out", "crate", "--json")
    assert json.loads(done.out)["files"] == len(list((place / "crate").iterdir())) - 1
    assert (place / "crate" / "ro-crate-metadata.json").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("out --table country-month --out table.xlsx", "its ending names no format; allowed: csv, parquet, dta"),
        ("out --table country-month --out small.toml --format csv", "small.toml: exists"),
        ("none --table country-month --out table.csv", "none"),
        ("out --out table.csv", "give one of --table and --crate"),
        ("out --crate --table dyad-month --out crate", "give one of --table and --crate"),
        ("out --crate --format csv --out crate", "--format goes with --table alone"),
        ("out --crate --out out", "not empty"),
    ],
)
def test_export_is_refused(command: Command, words: str, said: str) -> None:
    assert command("run", "small.toml", "--engine", "mesa", "--no-plot", "--replicates", "1", "--out", "out").code == 0
    done = command("export", *words.split())
    assert (done.code, done.out) == (2, "")
    assert said in done.err
