"""Tables of the validation page, from small made-up ones of a calibration."""

from pathlib import Path

import pandas as pd
import pytest

from sim.evidence import validation
from sim.evidence.calibration import files
from tests.evidence.calibration.made import NARROW, calibration, patterns

FITTED = ("reference class", "panel", "passes", "fits", "exponents", "identified", "surprises")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Store the tables of a made-up calibration where the page has them."""
    folder = tmp_path / validation.CALIBRATION
    folder.mkdir()
    checked = patterns()
    for name in ("general", "posterior-2019", "posterior-full"):
        checked[name], checked[f"{name} verdict"] = [0.05, 0.2], ["pass", "miss"]
    for name, table in files.tables(calibration(), checked).items():
        table.to_csv(folder / name, index=False)
    return tmp_path


def rows(folder: Path, part: str) -> list[list[str]]:
    """Return the cells of a part's table, without the lines of its head."""
    return [
        line.removeprefix("| ").removesuffix(" |").split(" | ")
        for line in validation.parts(folder)[part]().splitlines()[2:]
    ]


def test_patterns_show_value_and_verdict_by_column_and_tier(stored: Path):
    (honoured,) = rows(stored, "reference class")
    assert honoured == ["honoured-strict", "A2", "0 to 0.1", "0.2 **miss**", "0.05", "0.05", "0.05", ""]
    (armenia,) = rows(stored, "panel")
    assert armenia[3:] == ["0.5", *(["0.2 **miss**"] * 3), "0 **miss**"]
    assert rows(stored, "passes")[:2] == [["prior", "0 of 1", "1 of 1"], ["null", "0 of 0", "0 of 1"]]


def test_fits_and_exponents_have_a_row_each(stored: Path):
    found = calibration()
    assert [row[0] for row in rows(stored, "fits")] == list(found.fits)
    assert rows(stored, "fits")[0][1:5] == ["0.4", "400", "400", "1"]
    assert rows(stored, "exponents") == [
        ["library", "clusters left out", "0.4", "-5.250", ""], ["record", "2015-2019", "0.1", "-3.500", "-3.000"],
    ]  # fmt: skip


def test_identified_parameters_are_in_bold_in_each_fit_and_others_left_out(stored: Path):
    ((name, *cells),) = rows(stored, "identified")
    assert name == f"`{NARROW}`"
    assert len(cells) == 3
    assert all(cell.startswith("**\N{MINUS SIGN}1.0") and cell.endswith("**") for cell in cells)


def test_surprises_come_with_the_worst_first(stored: Path):
    table = rows(stored, "surprises")
    assert table[0] == ["UZB", "observations", "1999", "-4.00"]
    assert [row[0] for row in table] == ["UZB", "ARM", "KGZ"]


def test_ranks_that_are_uneven_and_widths_that_identify_are_marked(stored: Path):
    folder = stored / validation.RANKS
    folder.mkdir()
    table = pd.DataFrame(
        {
            "parameter": ["a", "b"], "evenness": [0.66, 0.04], "uniform": [True, False], "width": [0.42, 0.6],
            "coverage50": 0.5, "coverage90": 0.9, "coverage50_tempered": 0.55, "coverage90_tempered": 0.95,
            "correlation": 0.8, "identified": [True, False],
        }
    )  # fmt: skip
    table.to_csv(folder / "ranks.csv", index=False)
    assert rows(stored, "ranks") == [
        ["`a`", "0.66", "**0.420**", "0.80", "50 %", "90 %", "55 %, 95 %"],
        ["`b`", "0.04 **uneven**", "0.600", "0.80", "50 %", "90 %", "55 %, 95 %"],
    ]


def test_a_part_without_its_table_says_what_makes_it(tmp_path: Path):
    assert validation.parts(tmp_path)["ranks"]() == "`make sbc` writes `ranks.csv`."
    for name in FITTED:
        assert "`make calibration` writes `" in validation.parts(tmp_path)[name]()


def test_a_shape_of_a_tail_is_that_of_the_weights_that_count(stored: Path):
    path = stored / validation.CALIBRATION / "fits.csv"
    table = pd.read_csv(path).assign(tail=[float("nan")] * 3 + [0.65, float("nan")])
    table.to_csv(path, index=False)
    assert [row[-1] for row in rows(stored, "fits")] == ["", "", "", "0.65", ""]
