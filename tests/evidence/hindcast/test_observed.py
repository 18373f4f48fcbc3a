"""Hindcasts of an observed course: scores by hand, no look ahead, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError
from sim.evidence.hindcast.baselines import EXIT_PER_YEAR, chain, places
from sim.evidence.hindcast.draws import draws_of
from sim.evidence.hindcast.observed import COURSE, FORECASTERS, LEFT_OUT, origins_of, panel_of, score_course
from sim.evidence.hindcast.scorecard import Scorecard
from sim.evidence.hindcast.scores import log_score
from sim.evidence.hindcast.writing import read_card, save_card
from sim.experiments.parameters.priors import with_values
from sim.scenario import Scenario, load
from sim.words import POSTURES
from tests.scenario.small_scenario import SMALL

CALM = {"ladder_tempo": 0.0}
"""Nobody reviews its posture, so nobody moves."""


def written(folder: Path, course: str, top: str = "") -> Scenario:
    path = folder / "course.toml"
    path.write_text(f"{top}\n{SMALL}\n{course}\n")
    return load(path)


@pytest.fixture
def small(tmp_path: Path) -> Scenario:
    course = '[observed.CLA]\n2022-03-20 = "voice"\n2023-02-01 = "freeze"\n[observed.CLB]\n2023-05-01 = "out"'
    return written(tmp_path, course)


@pytest.fixture
def calm(small: Scenario) -> Scorecard:
    return score_course(small, with_values(draws_of("defaults", 3, 1), CALM), every=12)


def mean(card: Scorecard, score: str, horizon: int, name: str) -> float:
    return card.headline()[COURSE][score][str(horizon)][name]


def test_the_panel_has_the_rung_at_the_end_of_each_month(small: Scenario) -> None:
    panel = panel_of(small)
    assert (str(panel.index[0]), str(panel.index[-1]), list(panel.columns)) == ("2020-01", "2024-12", ["CLA", "CLB"])
    assert panel["CLA"].tolist() == [0] * 26 + [1] * 11 + [3] * 23
    assert panel["CLB"].tolist() == [0] * 40 + [5] * 20
    known = panel_of(small.model_copy(update={"record_end": pd.Timestamp("2022-06-30").date()}))
    assert str(known.index[-1]) == "2022-06"


def test_the_course_begins_where_members_start(tmp_path: Path) -> None:
    top_treaty = SMALL.replace('guarantor = "PAT"', 'guarantor = "PAT"\npostures = { CLA = "reduce" }')
    path = tmp_path / "start.toml"
    path.write_text(f'{top_treaty}\n[observed.CLA]\n2020-03-01 = "voice"\n')
    assert panel_of(load(path))["CLA"].tolist()[:4] == [2, 2, 1, 1]


def test_forecasts_are_made_every_so_many_months_and_end_within_the_course(small: Scenario) -> None:
    panel = panel_of(small)
    assert [str(each) for each in origins_of(panel, 12)] == ["2020-12", "2021-12", "2022-12", "2023-12"]
    assert str(origins_of(panel, 6)[-1]) == "2024-06"
    assert len(origins_of(panel, 1)) == 54


def test_scores_of_those_who_stay_by_hand(calm: Scorecard) -> None:
    """From 2020-12, 2021-12, 2022-12 and 2023-12: CLA stands at 0, 0, 1, 3, and CLB at 0, 0, 0, 5."""
    # A sure forecast misses by (rungs apart) / 5. After 12 months CLA is at 0, 1, 3, 3, and CLB at 0, 0, 5, 5.
    by_hand = (0 + 1 + 2 + 0 + 0 + 0 + 5 + 0) / 5 / 8
    assert mean(calm, "rps", 12, "persistence") == pytest.approx(by_hand)
    assert mean(calm, "rps", 12, "model") == pytest.approx(by_hand)
    # After 24 months, from the first three origins: 1, 3, 3 and 0, 5, 5.
    assert mean(calm, "rps", 24, "persistence") == pytest.approx((1 + 3 + 2 + 0 + 5 + 5) / 5 / 6)
    # Exits within 12 months: CLB from 2022-12 alone, of 7 that are asked about; CLB is out in 2023-12.
    exits = calm.forecasts.query("mode == 'simulated' and target == 'exit' and horizon == 12")
    assert exits["outcome"].tolist() == [0, 0, 0, 0, 0, 1, 0]
    rows = calm.scores.query("mode == 'simulated' and target == 'exit' and horizon == 12").set_index(["score", "name"])
    assert rows.loc[("brier", "model"), "value"] == pytest.approx(1 / 7)
    assert rows.loc[("log", "persistence"), "value"] == pytest.approx((-np.log(0.005) - 6 * np.log(0.995)) / 7)
    assert rows.loc[("brier", "base-rate"), "value"] == pytest.approx(
        (6 * EXIT_PER_YEAR**2 + (1 - EXIT_PER_YEAR) ** 2) / 7
    )
    assert rows.loc[("log", "base-rate"), "value"] == pytest.approx(
        log_score([EXIT_PER_YEAR] * 7, exits["outcome"]).mean()
    )


def test_hazards_are_counted_in_the_course_until_the_origin_by_hand(calm: Scorecard) -> None:
    rungs = calm.rungs.query("mode == 'simulated' and name == 'hazard' and horizon == 6 and state == 'CLA'")
    leave = 1 - (1 - EXIT_PER_YEAR) ** (1 / 12)
    # Until 2020-12 two members take 11 steps from month to month each, none of them upwards, and nobody is out.
    up, back = 0.5 / (22 + 12), 0.5 / 12
    moves = chain(up, leave, 0.5 / 12, back, 6.0)
    first = rungs.iloc[0]
    assert first["origin"] == "2020-12"
    np.testing.assert_allclose(first[list(POSTURES)].to_numpy(float), places(moves, 0, 6)[6])
    # Until 2022-12: 70 steps of members, one upwards, 9 of them from voice.
    moves = chain(1.5 / (70 + 12), leave, 0.5 / (9 + 12), back, 6.0)
    third = rungs.iloc[2]
    np.testing.assert_allclose(third[list(POSTURES)].to_numpy(float), places(moves, 1, 6)[6])


def test_forecasters_that_need_the_record_are_left_out_by_name(calm: Scorecard) -> None:
    assert set(calm.forecasts.columns) >= set(FORECASTERS)
    assert LEFT_OUT == ("logit", "never-helps")
    assert not set(LEFT_OUT) & set(calm.forecasts.columns)


def test_no_forecast_knows_what_comes_later(small: Scenario, tmp_path: Path) -> None:
    later = written(tmp_path, '[observed.CLA]\n2022-03-20 = "voice"\n[observed.CLB]\n2024-01-01 = "notify"')
    draws = draws_of("prior", 8, 2)
    tables = []
    for scenario in (small, later):
        card = score_course(scenario, draws, every=6)
        rungs = card.rungs[(card.rungs["origin"] <= "2022-12") & (card.rungs["mode"] == "simulated")]
        tables.append(rungs.drop(columns="outcome").reset_index(drop=True))
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert tables[0].query("name == 'model'")["voice"].nunique() > 3


def test_members_stand_where_they_were_seen_until_the_origin(small: Scenario) -> None:
    card = score_course(small, with_values(draws_of("defaults", 2, 1), CALM), every=12)
    model = card.rungs.query("name == 'model' and horizon == 24 and mode == 'simulated'")
    assert model.query("state == 'CLA' and origin == '2022-12'")["voice"].item() == 1.0


def test_weeks_are_forecast_by_months(small: Scenario, calm: Scorecard) -> None:
    weeks = score_course(
        small.model_copy(update={"step": "week"}), with_values(draws_of("defaults", 3, 1), CALM), every=12
    )
    pd.testing.assert_frame_equal(weeks.scores, calm.scores)


def test_what_is_stored_is_read_back(calm: Scorecard, tmp_path: Path) -> None:
    folder = save_card(calm, "defaults", tmp_path / "out", every=12)
    again = read_card(folder)
    assert again.headline() == {
        COURSE: {
            score: {h: pytest.approx(values, abs=1e-5) for h, values in horizons.items()}
            for score, horizons in calm.headline()[COURSE].items()
        }
    }
    assert (folder / "scorecard.csv").read_text().startswith("split,mode,target,score,horizon,name,value,n")


def test_a_course_that_is_missing_or_too_short_is_refused(small: Scenario, tmp_path: Path) -> None:
    draws = draws_of("defaults", 2, 1)
    with pytest.raises(InputError, match="'Two clients and a patron' has no observed course"):
        score_course(small.model_copy(update={"observed": {}}), draws)
    short = written(tmp_path, '[observed.CLA]\n2020-03-20 = "voice"', "record_end = 2020-10-31")
    with pytest.raises(InputError, match="the observed course has 10 months; a forecast from month 6 needs 12"):
        score_course(short, draws)
