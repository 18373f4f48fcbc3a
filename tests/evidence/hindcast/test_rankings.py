"""Rankings and false alarms by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.evidence.hindcast.rankings import auc, auc_interval, false_alarms, rankings


def forecasts(*rows: tuple[str, str, int, str, str, float, float]) -> pd.DataFrame:
    heads = ["mode", "origin", "horizon", "target", "state", "model", "outcome"]
    return pd.DataFrame(rows, columns=heads).assign(split="leave-one-out")


def test_auc_is_the_share_of_pairs_in_order() -> None:
    assert auc(np.array([0.9, 0.2]), np.array([0.1, 0.3])) == 0.75
    assert auc(np.array([0.1]), np.array([0.1, 0.1])) == 0.5
    assert auc(np.array([1.0, 2.0]), np.array([0.0])) == 1.0


def test_the_interval_of_an_auc_holds_it_and_needs_two_winners() -> None:
    low, high = auc_interval(np.array([0.9, 0.2, 0.4]), np.array([0.1, 0.3, 0.2, 0.0]), seed=1)
    assert 0.0 <= low <= 10.5 / 12 <= high <= 1.0
    assert low < high
    assert np.isnan(auc_interval(np.array([0.9]), np.array([0.1, 0.3]), seed=1)).all()


def test_the_leavers_of_1999_are_ranked_among_all() -> None:
    chances = {"AZE": 0.3, "GEO": 0.1, "UZB": 0.2, "ARM": 0.1, "BLR": 0.0}
    table = rankings(
        forecasts(*(("simulated", "1998-12", 6, "exit", state, chance, 0.0) for state, chance in chances.items())), 1
    )
    assert set(table["contest"]) == {"leavers of 1999"}
    assert dict(zip(table["state"], table["rank"], strict=True)) == {
        "AZE": 1,
        "UZB": 2,
        "ARM": 3.5,
        "GEO": 3.5,
        "BLR": 5,
    }
    assert table["auc"].unique().tolist() == pytest.approx([5.5 / 6])
    assert table.loc[table["won"], "state"].tolist() == ["AZE", "UZB", "GEO"]


def test_no_contest_without_its_forecasts() -> None:
    assert rankings(forecasts(("simulated", "2001-12", 6, "exit", "ARM", 0.1, 0.0)), 1).empty


def test_false_alarms_are_high_chances_that_came_to_nothing() -> None:
    rows = [
        ("simulated", "2001-12", 6, "exit", "ARM", 0.7, 0.0),
        ("simulated", "2002-06", 6, "exit", "BLR", 0.2, 0.0),
        ("simulated", "2002-06", 6, "exit", "ARM", 0.9, 1.0),
        ("observed", "2002-06", 6, "exit", "KAZ", 0.99, 0.0),
    ]
    (row,) = false_alarms(forecasts(*rows)).to_dict("records")
    assert (row["quiet"], row["alarms"], row["share"]) == (2, 1, 0.5)
    assert (row["state"], row["highest"]) == ("ARM", 0.7)
