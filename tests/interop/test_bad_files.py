"""Files that are not what they should be are refused with file, place and what is allowed."""

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.interop.capabilities import capabilities
from sim.interop.codes import state_codes, states_named
from sim.interop.reading import read_file, spans
from tests.interop.files import NMC, written

RUS = states_named("RUS")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (NMC.splitlines()[0] + "\n", "has no rows below its head"),
        ("\n\n", "is empty"),
        (NMC.replace("cinc", "share"), "no column cinc in line 1, taken for the head ('stateabb,ccode,"),
        ("one line of words\n", "no column ccode, year, cinc, tpop"),
        (NMC.replace("365,2015", "365,2016"), "RUS 2016 stands there twice, in lines 2 and 3; allowed: once"),
        (NMC.replace(".0400789", "much"), ":3: cinc: 'much' cannot be read; allowed: a number"),
        (NMC.replace(".0400789", "4.00789"), ":3: cinc of RUS (COW 365) is 4.00789; allowed: 0..1"),
        (NMC.replace(".0400789", "nan"), ":3: cinc: 'nan' cannot be read; allowed: a number"),
        (NMC.replace(".0400789", "-9"), "cinc is missing in 2016: RUS (has 2015); allowed: "),
        (NMC.replace("365,2016", "365,2014"), "no row in 2016: RUS (has 2014-2015); allowed: "),
        (NMC.replace("365,", "366,"), "no row in 2016: RUS (COW 365, has none)"),
        (NMC.replace("version", "cinc"), "the column 'cinc' stands there twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, "NMC.csv", text)
    with pytest.raises(InputError) as refused:
        capabilities(path, RUS, [2016])
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_other_kinds_of_file_are_named(tmp_path: Path) -> None:
    packed = tmp_path / "NMC.zip"
    packed.write_bytes(b"PK\x03\x04rest")
    for path, said in (
        (packed, "a zip archive"),
        (tmp_path, "is a directory"),
        (tmp_path / "none.csv", "no such file"),
        (written(tmp_path, "lfs.csv", "version https://git-lfs.github.com/spec/v1\nsize 9\n"), "is a Git LFS pointer"),
        (written(tmp_path, "page.csv", "\n<!DOCTYPE html>\n<html>"), "is a web page"),
    ):
        with pytest.raises(InputError, match=said):
            capabilities(path, RUS, [2016])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NMC.replace(".0400789", "#REF!"), ":3: cinc: '#REF!' cannot be read (an error of a spreadsheet); "),
        (NMC.replace(",", ";").replace(".0400789", "0,04"), "'0,04' cannot be read (a decimal comma, as"),
        (NMC.replace(".0400789", "4. Jan"), ":3: cinc: '4. Jan' cannot be read; allowed"),
        (NMC.replace(".0400789", "04-Jan"), "'04-Jan' cannot be read (a date that a spreadsheet has made of it)"),
        (NMC.replace("version\r", "version;;;\r").replace("2021\r", "2021;;\r"), "line 1, taken for the head, ends in"),
        (NMC.replace("version\r", "cinc;;;\r"), "a spreadsheet has split the lines and saved them"),
        (NMC.replace("RUS,365,2016", "RUS,Russia,365,2016"), ":3: has 12 cells, and the head in line 1 has 11"),
        (NMC.replace("RUS,365,2016", 'RUS,"365,2016'), "cannot be read as a table"),
    ],
)  # fmt: skip
def test_what_spreadsheets_have_broken_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        capabilities(written(tmp_path, "NMC.csv", text), RUS, [2016])
    assert said in str(refused.value)


def test_empty_cells_at_the_end_of_a_line_do_no_harm(tmp_path: Path) -> None:
    text = NMC.replace("2021\r", "2021,,\r").replace("tpop", '"tpop"')
    assert "capability" in capabilities(written(tmp_path, "NMC.csv", text), RUS, [2016]).text()


def test_the_line_taken_for_the_head_is_named(tmp_path: Path) -> None:
    notes = "A note, with a comma\n\nAnother one; longer, with more of them, and so on\n"
    text = notes + NMC.replace("cinc", "share")
    with pytest.raises(InputError, match=r"no column cinc in line 4, taken for the head \('stateabb,ccode"):
        capabilities(written(tmp_path, "NMC.csv", text), RUS, [2016])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_make_no_difference(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    lines = ["notes é", "", "Country_text_ID,b,Year,V2X_polyarchy", "é, 2 ,2016,.5", "", "RUS,,2017,"]
    path = written(tmp_path, "file.csv", end.join(lines).replace(",", separator) + end, encoding)
    rows = [(row.line, row["iso3"], row["year"], row["democracy"]) for row in read_file(path, "v-dem").rows()]
    assert rows == [(4, "é", "2016", ".5"), (6, "RUS", "2017", "")]


def test_states_are_refused_by_name() -> None:
    for given, said in (
        ("", "no state given"),
        ("ARMM", "unknown state 'ARMM'.*did you mean 'ARM'"),
        ("Armenia", "did you mean 'ARM'"),
        ("ARM,ARM", "twice"),
    ):
        with pytest.raises(InputError, match=said):
            states_named(given)


def test_codes_agree_with_what_is_known_of_them() -> None:
    codes = state_codes()
    known = {
        "RUS": 365, "BLR": 370, "ARM": 371, "GEO": 372, "AZE": 373, "UKR": 369, "MDA": 359, "TKM": 701, "TJK": 702,
        "KGZ": 703, "UZB": 704, "KAZ": 705, "AFG": 700, "TUR": 640, "IRN": 630, "CHN": 710, "USA": 2,
    }  # fmt: skip
    assert {code: codes[code].cow for code in known} == known
    assert {code: codes[code].gw for code in known} == known
    assert (codes["DEU"].cow, codes["DEU"].gw) == (255, 260)
    assert (codes["SRB"].cow, codes["SRB"].gw) == (345, 340)
    assert (codes["SVN"].cow, codes["SLV"].cow) == (349, 92)
    for scheme in ("cow", "gw", "name", "sipri"):
        values = [getattr(state, scheme) for state in codes.values()]
        assert len(set(values)) == len(values) == 195


def test_years_are_written_shortly() -> None:
    assert spans([2016]) == "2016"
    assert spans([2014, 2015, 2018]) == "2014-2015, 2018"
