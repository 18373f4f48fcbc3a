"""The whole scorecard on a few runs: what is asked, what came, and that it repeats."""

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.evidence.hindcast.draws import draws_of
from sim.evidence.hindcast.questions import COURSES, NAMES
from sim.evidence.hindcast.rankings import CONTESTS
from sim.evidence.hindcast.running import asked, happened
from sim.evidence.hindcast.scorecard import HEADLINE, Scorecard, score
from sim.evidence.hindcast.scores import brier, rps
from sim.model.parameters import PARAMETERS
from sim.scenario import Scenario, with_overrides
from sim.words import POSTURES

RUNS = 12


@pytest.fixture(scope="module")
def card(scenario: Scenario) -> Scorecard:
    return score(scenario, draws_of("prior", RUNS, 1), splits=["tune", "test"], seed=1, threads=2)


def test_the_headline_has_every_score_horizon_and_forecaster(card: Scorecard) -> None:
    found = card.headline()
    assert list(found) == ["tune", "test"]
    for split in found.values():
        assert list(split) == ["rps", "brier", "log"]
        for horizons in split.values():
            assert list(horizons) == ["6", "12", "24"]
            for values in horizons.values():
                assert list(values) == list(NAMES)
                assert all(0.0 <= value <= 6.0 for value in values.values())


def test_the_headline_follows_from_the_forecasts(card: Scorecard) -> None:
    table = card.forecasts[(card.forecasts["split"] == "test") & (card.forecasts["horizon"] == 12)]
    courses = table[(table["mode"] == "simulated") & (table["target"] != "help")]
    answers = table[(table["mode"] == "observed") & (table["target"] == "help")]
    for name, stand_in in (("model", "model"), ("never-helps", "persistence"), ("base-rate", "hazard")):
        means = [brier(group[stand_in], group["outcome"]).mean() for _, group in courses.groupby("target")]
        means.append(brier(answers[name], answers["outcome"]).mean())
        assert card.headline()["test"]["brier"]["12"][name] == pytest.approx(np.mean(means))
    rows = card.rungs[
        (card.rungs["split"] == "test") & (card.rungs["horizon"] == 12) & (card.rungs["mode"] == "simulated")
    ]
    for name, group in rows.groupby("name"):
        mean = rps(group[list(POSTURES)], group["outcome"].astype(int)).mean()
        assert card.headline()["test"]["rps"]["12"][name] == pytest.approx(mean)


def test_members_have_scores_of_their_own(card: Scorecard) -> None:
    here = card.members.query("split == 'test' and mode == 'simulated' and score == 'rps' and horizon == 12")
    assert set(here["state"]) == {"ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "TJK", "UZB"}
    for name in COURSES:
        mean = here.loc[here["name"] == name, "value"].mean()  # every state is asked about as often
        assert mean == pytest.approx(card.headline()["test"]["rps"]["12"][name])
    stays = here[(here["name"] == "persistence") & here["state"].isin(["AZE", "GEO", "UZB", "BLR"])]
    assert (stays["value"] == 0).all()


def test_differences_are_those_of_the_headline(card: Scorecard) -> None:
    rows = card.differences[(card.differences["mode"] == HEADLINE) & (card.differences["target"] == "all")]
    for row in rows.to_dict("records"):
        values = card.headline()[row["split"]][row["score"]][str(row["horizon"])]
        assert row["difference"] == pytest.approx(values["model"] - values[row["baseline"]])
        if row["origins"] > 1:
            assert row["low"] <= row["high"]
            assert 0.0 <= row["power"] <= 1.0


def test_outcomes_are_those_of_the_record(card: Scorecard) -> None:
    def fact(origin: str, horizon: int, state: str, target: str) -> float:
        rows = card.forecasts.query(
            "split == 'test' and mode == 'simulated' and origin == @origin and horizon == @horizon "
            "and state == @state and target == @target"
        )
        return float(rows["outcome"].item())

    assert fact("2023-12", 6, "ARM", "freeze") == 1.0
    assert fact("2022-12", 12, "ARM", "freeze") == 0.0
    assert fact("2022-12", 24, "ARM", "freeze") == 1.0
    assert fact("2022-06", 6, "KGZ", "step-up") == 1.0
    assert fact("2024-06", 12, "ARM", "exit") == 0.0


def test_who_is_out_or_frozen_is_not_asked_about_it(card: Scorecard) -> None:
    courses = card.forecasts[card.forecasts["target"] != "help"]
    assert not set(courses["state"]) & {"AZE", "GEO", "UZB"}
    frozen = courses[(courses["state"] == "ARM") & (courses["origin"] > "2024-02")]
    assert set(frozen["target"]) == {"exit", "step-up"}
    assert {"AZE", "GEO", "UZB"} <= set(card.rungs["state"])
    assert not asked(3, "freeze")
    assert asked(3, "exit")
    assert not asked(5, "step-up")


def test_an_event_has_happened_from_its_month_on() -> None:
    rungs = np.array([[1, 2, 1, 3, 1]], dtype=np.int8)
    assert happened(rungs, "step-up").tolist() == [[False, True, True, True, True]]
    assert happened(rungs, "freeze").tolist() == [[False, False, False, True, True]]
    assert not happened(rungs, "exit").any()


def test_chances_of_rungs_sum_to_one_and_chances_grow_with_the_horizon(card: Scorecard) -> None:
    np.testing.assert_allclose(card.rungs[list(POSTURES)].sum(axis=1), 1.0)
    keys = ["split", "mode", "origin", "state", "target"]
    table = card.forecasts[card.forecasts["target"] != "help"].sort_values("horizon")
    for name in COURSES:
        assert (table.groupby(keys)[name].diff().dropna() >= -1e-12).all()


def test_answers_are_asked_where_the_shocks_are_given(card: Scorecard) -> None:
    answers = card.forecasts[card.forecasts["target"] == "help"]
    assert set(answers["mode"]) == {"observed"}
    ask = answers[(answers["event"] == "kazakhstan-2022") & (answers["horizon"] == 6)]
    assert sorted(ask["state"]) == ["ARM", "BLR", "KGZ", "RUS", "TJK"]
    assert (ask["outcome"] == 1).all()
    assert (ask["base-rate"] == 0.14).all()


def test_numbers_on_record_are_scored(card: Scorecard) -> None:
    arms = card.quantities[(card.quantities["measure"] == "arms") & (card.quantities["last"] == "2024-12")]
    assert set(arms["state"]) == {"ARM", "BLR", "KAZ"}
    armenia = arms[(arms["state"] == "ARM") & (arms["horizon"] == 12) & (arms["mode"] == "simulated")]
    assert armenia["origin"].item() == "2023-12"
    assert armenia["persistence"].item() == 0.96
    assert armenia["persistence_error"].item() == pytest.approx(0.86)
    assert (card.quantities["crps"] >= 0).all()
    crps = card.scores[card.scores["score"] == "crps"]
    assert set(crps["name"]) == {"model", "persistence"}


def test_each_mode_has_its_scores_with_the_parts_of_brier(card: Scorecard) -> None:
    rows = card.scores[card.scores["score"] == "brier"].dropna(subset=["reliability"])
    whole = rows["reliability"] - rows["resolution"] + rows["uncertainty"] + rows["within"]
    np.testing.assert_allclose(whole, rows["value"])
    assert set(rows["mode"]) == {"simulated", "observed"}
    timing = card.scores[card.scores["score"] == "timing"]
    assert set(timing["target"]) == {"freeze", "exit", "step-up"}
    assert set(timing["name"]) == set(COURSES)


def test_the_number_of_threads_changes_nothing(scenario: Scenario, card: Scorecard) -> None:
    again = score(scenario, draws_of("prior", RUNS, 1), splits=["tune"], seed=1)
    for name in ("scores", "differences", "reliability", "forecasts", "rungs", "quantities"):
        table = getattr(card, name)
        pd.testing.assert_frame_equal(
            table[table["split"] == "tune"].reset_index(drop=True), getattr(again, name), check_dtype=False
        )


@pytest.mark.slow
def test_members_left_out_are_forecast_with_draws_of_their_own(scenario: Scenario) -> None:
    names = list(PARAMETERS)
    draws = {f"without-{state}": draws_of("defaults", 4, 1) for state in ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ")}
    draws |= {f"without-{state}": draws_of("defaults", 4, 1) for state in ("TJK", "UZB")}
    alike = score(scenario, draws, splits=["leave-one-out"])
    draws["without-ARM"] = draws["without-ARM"].copy()
    draws["without-ARM"][:, names.index("ladder_tempo")] = PARAMETERS["ladder_tempo"].low
    told: list[tuple[int, int]] = []
    found = score(scenario, draws, splits=["leave-one-out"], progress=lambda *each: told.append(each))
    assert told[-1] == (8 * 64 * 2 * 4,) * 2
    before, chances = (
        card.forecasts[card.forecasts["target"] == "step-up"].groupby("state")["model"].mean()
        for card in (alike, found)
    )
    assert chances["ARM"] < 0.3 * before["ARM"]
    pd.testing.assert_series_equal(chances.drop("ARM"), before.drop("ARM"))
    assert set(found.rankings["contest"]) == {contest.name for contest in CONTESTS}
    assert len(CONTESTS) == 4
    assert len(found.rankings[found.rankings["contest"] == "leavers of 1999"]) == 2 * 8


def test_parameters_that_the_scenario_gives_win_over_draws(scenario: Scenario) -> None:
    still = with_overrides(scenario, {"parameters.ladder_tempo": PARAMETERS["ladder_tempo"].low})
    chances = {}
    for name, each in (("free", scenario), ("still", still)):
        card = score(each, draws_of("prior", 16, 1), splits=["tune"])
        chances[name] = card.forecasts.query("target == 'step-up'")["model"].mean()
    assert chances["still"] < 0.5 * chances["free"]


@pytest.mark.parametrize(
    ("splits", "draws", "said"),
    [
        (["tests"], draws_of("defaults", 2, 1), "there is no split 'tests'; allowed: tune, test, leave-one-out"),
        (["test"], {"without-ARM": draws_of("defaults", 2, 1)}, "no draws for 'posterior-2019'"),
        (["test"], np.ones((2, 3)), "shape (2, 3)"),
    ],
)
def test_what_cannot_be_scored_is_refused(scenario: Scenario, splits: list[str], draws, said: str) -> None:
    with pytest.raises(InputError) as refused:
        score(scenario, draws, splits=splits)
    assert said in str(refused.value)
