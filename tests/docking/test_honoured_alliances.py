"""How often alliances were honoured in war (Berkemeier & Fuhrmann 2018), from their own file where it is at hand."""

import pandas as pd
import pytest

from tests.official import official_file

NAME = "BerkemeierFuhrmannRAP2018_0303.dta"


@pytest.fixture(scope="module")
def invoked() -> pd.DataFrame:
    """Return the pairs of alliance and war in which the alliance was invoked, by the authors' own coding."""
    table = pd.read_stata(official_file(NAME))
    table["honoured"] = table["honorBF"] == 1
    return table[table["honoured"] | (table["violateBF"] == 1)]


def test_half_of_all_commitments_were_honoured(invoked: pd.DataFrame):
    assert len(invoked) == 139
    assert round(100 * invoked["honoured"].mean()) == 50


def test_two_in_five_defence_pacts_were(invoked: pd.DataFrame):
    assert round(100 * invoked.loc[invoked["defense"] == 1, "honoured"].mean()) == 41


def test_fewer_were_after_the_second_world_war(invoked: pd.DataFrame):
    """The abstract has 66 % before 1945 and 22 % after; by the year in a war's name, 67 % and 18 %."""
    years = invoked["warname"].astype(str).str.extract(r"(\d{4})")[0].astype(float)
    late = invoked[years >= 1945]["honoured"]
    assert (len(late), int(late.sum())) == (49, 9)
    assert round(100 * invoked[~(years >= 1945)]["honoured"].mean()) == 67


def test_bilateral_pacts_were_honoured_more_often_than_those_of_many(invoked: pd.DataFrame):
    share = invoked[invoked["defense"] == 1].groupby("multilateral")["honoured"].mean()
    assert share[0] > 2 * share[1]
