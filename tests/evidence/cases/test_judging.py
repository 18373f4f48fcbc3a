"""Judgement of cases: paired differences over clusters, the screen, near misses, and tables."""

import numpy as np
import pandas as pd
import pytest

from sim.evidence.cases.baselines import BASE_RATE, BEST_CONSTANT, best_constant, stays
from sim.evidence.cases.features import features_of
from sim.evidence.cases.judging import (
    SORTED,
    NearMisses,
    by_family,
    by_horizon,
    compare,
    judge_near_misses,
    near_misses,
    resampled_weights,
    screen,
)
from sim.evidence.cases.scores import CaseForecasts, Outcomes, coded_outcomes
from tests.evidence.cases.scored import case, certain, library

CASES = library()
OUTCOMES = coded_outcomes(CASES)
FEATURES = features_of(CASES)
GIVEN = FEATURES["given"].to_numpy()
NEAR = NearMisses(pd.DataFrame(), 0.2, 0.5, -0.3, -0.4, -0.2)
LAST = [entry["max_rung_within_5y"] for entry in CASES]


def one(table: pd.DataFrame, score: str, rival: str) -> pd.Series:
    return table[(table["score"] == score) & (table["rival"] == rival)].iloc[0]


def test_a_forecast_against_itself_differs_by_nothing() -> None:
    model = best_constant(OUTCOMES)
    found = compare(OUTCOMES, model, {"itself": model}, GIVEN)
    own = found[found["rival"] == "itself"]
    assert own["score"].tolist() == ["rps", "log", "brier"]
    assert (own[["difference", "low", "high"]] == 0.0).all(axis=None)


def test_differences_are_of_the_means_and_change_sign_with_the_sides() -> None:
    first, second = certain(LAST), best_constant(OUTCOMES)
    there = one(compare(OUTCOMES, first, {"other": second}, GIVEN), "rps", "other")
    back = one(compare(OUTCOMES, second, {"other": first}, GIVEN), "rps", "other")
    assert there["difference"] == pytest.approx(there["model"] - there["against"])
    assert there["low"] < there["difference"] < there["high"] < 0.0
    assert (back["difference"], back["low"], back["high"]) == pytest.approx(
        (-there["difference"], -there["high"], -there["low"])
    )


def test_the_same_intervals_come_twice_and_a_case_entered_twice_in_its_cluster_moves_none() -> None:
    model, rival = certain(LAST), best_constant(OUTCOMES)
    once = compare(OUTCOMES, model, {"other": rival}, GIVEN)
    pd.testing.assert_frame_equal(compare(OUTCOMES, model, {"other": rival}, GIVEN), once)
    again = np.array([*range(len(CASES)), 3])
    twice = Outcomes(OUTCOMES.rungs[again], OUTCOMES.exits[again], OUTCOMES.clusters[again])
    model, rival = (CaseForecasts(each.rungs[again], each.exits[again]) for each in (model, rival))
    found = compare(twice, model, {"other": rival}, GIVEN[again])
    pd.testing.assert_frame_equal(found, once, check_exact=False)


def test_intervals_are_as_wide_as_clusters_are_few() -> None:
    model, rival = certain(LAST), stays(np.zeros(len(CASES)))
    apart = compare(OUTCOMES, model, {"other": rival}, GIVEN)
    pooled = Outcomes(OUTCOMES.rungs, OUTCOMES.exits, (OUTCOMES.exits == 1).astype(np.int64))
    together = compare(pooled, model, {"other": rival}, GIVEN)
    wide, narrow = (row["high"] - row["low"] for row in (one(t, "brier", "other") for t in (together, apart)))
    assert wide > 2 * narrow


def test_clusters_are_drawn_whole() -> None:
    weights = resampled_weights(OUTCOMES)
    first, second = np.flatnonzero(OUTCOMES.clusters == OUTCOMES.clusters[0])
    np.testing.assert_array_equal(weights[:, first], weights[:, second])
    sizes = len(np.unique(OUTCOMES.clusters))
    np.testing.assert_allclose(weights.sum(axis=1), sizes)


def test_sorting_by_what_was_given_is_a_rival_of_ranks_alone() -> None:
    model = CaseForecasts(best_constant(OUTCOMES).rungs, 1.0 - GIVEN)
    found = compare(OUTCOMES, model, {BASE_RATE: model}, GIVEN)
    ranked = found[found["score"] == "auc"]
    assert ranked["rival"].tolist() == [SORTED]
    assert (ranked[["difference", "low", "high"]] == 0.0).all(axis=None)
    assert screen(found, NEAR).iloc[1]["verdict"] == "met"  # not below


@pytest.mark.parametrize(
    ("rival", "difference", "high", "verdict"),
    [
        (BEST_CONSTANT, -0.02, -0.001, "met"),
        (BEST_CONSTANT, -0.02, 0.0, "missed"),
        (BASE_RATE, -0.02, 0.001, "missed"),
        ("ridge on given", 0.002, 0.010, "met"),
        ("ridge on given", -0.002, 0.011, "missed"),
        ("ridge on all", 0.5, 0.6, "-"),
    ],
)
def test_the_screen_says_met_or_missed(rival: str, difference: float, high: float, verdict: str) -> None:
    row = {"score": "rps", "rival": rival, "model": 0.15, "against": 0.15 - difference, "difference": difference}
    shown = screen(pd.DataFrame([row | {"low": -0.0404, "high": high}]), NEAR)
    found = shown[shown["rival"] == rival].iloc[0]
    assert found["verdict"] == verdict
    assert (found["asked"] == "no goal") == (verdict == "-")
    assert found["model"] == "0.150"
    assert found["interval"].startswith("\N{MINUS SIGN}0.040 to ")


def test_the_screen_opens_with_what_is_asked() -> None:
    found = screen(compare(OUTCOMES, certain(LAST), {"other": certain(LAST), BASE_RATE: certain(LAST)}, GIVEN), NEAR)
    assert found["rival"].tolist()[:3] == [BASE_RATE, SORTED, "breakers"]
    assert set(found["asked"][3:]) == {"no goal"}


@pytest.mark.parametrize(("high", "verdict"), [(-0.01, "met"), (0.0, "missed"), (float("nan"), "missed")])
def test_the_screen_judges_near_misses(high: float, verdict: str) -> None:
    row = screen(compare(OUTCOMES, certain(LAST), {}, GIVEN), NEAR._replace(high=high)).iloc[1]
    assert (row["model"], row["rival"], row["against"], row["difference"]) == (
        "0.200", "breakers", "0.500", "\N{MINUS SIGN}0.300",
    )  # fmt: skip
    assert row["verdict"] == verdict


def test_near_misses_are_chosen_by_what_was_owed_given_and_threatened() -> None:
    table = pd.DataFrame(
        {
            "given": [0.3, 0.31, 0.2, 0.2, 0.3],
            "shortfall": [0.6 - 0.3, 0.6 - 0.31, 0.0, 0.0, 0.0],
            "threat after": [0.0, 0.9, 0.5, 0.4, 0.9],
        }
    )
    assert near_misses(table).tolist() == [True, False, True, False, False]


def test_near_misses_by_hand() -> None:
    cases = [case(place, f"c{place // 2}", given=0.0, highest=place) for place in (1, 2, 3, 4, 5, 6)]
    cases += [case(7, "d", given=0.6, highest=6), case(8, "d", given=0.0, highest=None)]
    outcomes, features = coded_outcomes(cases), features_of(cases)
    chances = np.array([0.1, 0.2, 0.3, 0.25, 0.5, 0.9, 0.99, 0.99])
    model = CaseForecasts(np.full((8, 3, 7), 1 / 7), chances)
    found = judge_near_misses(outcomes, model, features)
    # clusters (1), (2, 3), (4, 5), (6): weights 1, .5, .5, .5, .5, 1; the last two cases are none or unknown
    assert found.stayers == pytest.approx((0.1 + 0.1 + 0.15) / 2)
    assert found.breakers == pytest.approx((0.125 + 0.25 + 0.9) / 2)
    assert found.low <= found.difference <= found.high < 0.0
    assert found.thirds["cases"].tolist() == [2, 2, 2]
    assert found.thirds["breakers"].tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.thirds["chance"], [0.15, 0.275, 0.7])


def test_equal_chances_do_not_tell_breakers_from_stayers() -> None:
    found = judge_near_misses(OUTCOMES, best_constant(OUTCOMES), FEATURES)
    assert (found.difference, found.low, found.high) == pytest.approx((0.0, 0.0, 0.0))


def test_horizons_add_up_to_the_whole_and_count_known_rungs() -> None:
    forecasts = {"constant": best_constant(OUTCOMES), "certain": certain(LAST)}
    found = by_horizon(OUTCOMES, forecasts)
    assert found["years"].tolist() == [1, 3, 5] * 2
    assert found["cases"].tolist() == [24, 24, 23] * 2
    whole = compare(OUTCOMES, forecasts["constant"], {"certain": forecasts["certain"]}, GIVEN)
    for score in ("rps", "log"):
        means = found.groupby("name")[score].mean()
        assert means["constant"] == pytest.approx(one(whole, score, "certain")["model"])
        assert means["certain"] == pytest.approx(one(whole, score, "certain")["against"])


def test_families_are_scored_alone() -> None:
    families = np.array([entry["alliance_family"] for entry in CASES])
    found = by_family(OUTCOMES, {"certain": certain(LAST)}, families)
    assert found["family"].tolist() == ["north", "south"]
    assert found["cases"].tolist() == [12, 12]
    assert found["clusters"].tolist() == [11, 12]
    south = families == "south"
    assert found["share"][1] == pytest.approx(OUTCOMES.exits[south].mean())
    assert found["chance"][1] == found["share"][1]
    assert found["brier"].tolist() == [0.0, 0.0]
