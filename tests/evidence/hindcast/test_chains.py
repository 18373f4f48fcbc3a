"""Naive forecasters by hand, and that they know neither the future nor who is left out."""

import numpy as np
import pandas as pd
import pytest

from sim.evidence.hindcast.baselines import EXIT_PER_YEAR, NAIVE, Chains, chain, moves_of, places, rate, reached
from sim.evidence.hindcast.covariates import Covariates
from sim.evidence.hindcast.helping import BASE_RATE, AllyCase, cases_of
from sim.evidence.hindcast.origins import HORIZONS, Part, origins, parts_of
from sim.evidence.hindcast.questions import Helpers
from sim.evidence.record import Record
from sim.scenario import Scenario
from sim.words import FREEZE, NOTIFY, OUT

TEST, *REST = parts_of(["test", "leave-one-out"], ["ARM", "KAZ"])
ORIGIN = pd.Period("2022-12", "M")


@pytest.fixture(scope="module")
def covariates(record: Record, history: Scenario) -> Covariates:
    return Covariates(record, history, "RUS")


def chains(panel: pd.DataFrame, covariates: Covariates, part: Part = TEST) -> Chains:
    return Chains(panel, part, covariates, 6.0)


def test_a_chain_moves_one_rung_or_leaves() -> None:
    moves = chain(up=0.1, leave=0.02, down=0.3, back=0.01, notice=4.0)
    np.testing.assert_allclose(moves.sum(axis=1), 1.0)
    np.testing.assert_allclose(moves[1], [0.3, 0.58, 0.1, 0.0, 0.0, 0.02])
    np.testing.assert_allclose(moves[NOTIFY], [0, 0, 0, 0, 0.75, 0.25])
    assert moves[0, 0] == pytest.approx(0.88)


def test_reaching_is_counted_once_though_one_may_step_back() -> None:
    moves = chain(up=0.5, leave=0.0, down=0.5, back=0.0, notice=6.0)
    np.testing.assert_allclose(reached(moves, 0, "step-up", 3), [0, 0.5, 0.75, 0.875])
    assert places(moves, 0, 2)[2, 1] < 0.75
    np.testing.assert_allclose(reached(moves, 2, "freeze", 1), [0, 0.5])
    assert reached(moves, 2, "exit", 1)[1] == 0.0


def test_moves_are_those_from_month_to_month() -> None:
    months = pd.period_range("2000-01", periods=3, freq="M")
    table = moves_of(pd.DataFrame({"A": [0, 1, 1], "B": [-1, 0, 5]}, index=months))
    assert table[["state", "before", "after"]].to_numpy().tolist() == [["A", 0, 1], ["A", 1, 1], ["B", 0, 5]]


def test_persistence_stays_and_hazards_are_counted(panel: pd.DataFrame, covariates: Covariates) -> None:
    made = chains(panel, covariates)
    np.testing.assert_array_equal(made.moves("persistence", "ARM", ORIGIN), np.eye(6))
    known = panel.loc["1994-06":"2021-12"].to_numpy()
    before, after = known[:-1], known[1:]
    member = (before >= 0) & (before <= FREEZE)
    ups = (member & (after > before) & (after < OUT)).sum()
    assert made.up == pytest.approx(rate(ups, member.sum()))
    assert ups == 5  # Armenia 2016 and 2021, Belarus 2009, Uzbekistan 2009 and 2012; each month once
    hazard = made.moves("hazard", "ARM", ORIGIN)
    assert 12 * hazard[0, OUT] == pytest.approx(EXIT_PER_YEAR, rel=0.01)


def test_last12_repeats_what_members_did(panel: pd.DataFrame, covariates: Covariates) -> None:
    made = chains(panel, covariates)
    quiet = made.moves("last12", "ARM", pd.Period("2015-12", "M"))
    np.testing.assert_array_equal(quiet, np.eye(6))
    busy = made.moves("last12", "ARM", ORIGIN)
    moved = panel.loc["2021-12":"2022-12", ["ARM", "BLR", "KAZ", "KGZ", "TJK"]].diff().iloc[1:].to_numpy()
    assert busy[1, 2] == pytest.approx((moved == 1).mean())
    assert busy[0, 0] > busy[1, 1]  # what steps down from the lowest rung stays there
    np.testing.assert_allclose(busy.sum(axis=1), 1.0)


@pytest.mark.parametrize("name", NAIVE)
def test_no_naive_forecaster_knows_what_comes(name: str, panel: pd.DataFrame, covariates: Covariates) -> None:
    later = panel.copy()
    later.loc["2023-01":] = 3
    before = chains(panel, covariates).moves(name, "ARM", ORIGIN)
    np.testing.assert_array_equal(chains(later, covariates).moves(name, "ARM", ORIGIN), before)


@pytest.mark.parametrize("name", ["hazard", "logit"])
def test_nothing_is_fitted_to_who_is_left_out(name: str, panel: pd.DataFrame, covariates: Covariates) -> None:
    part = REST[0]
    assert part.without == "ARM"
    other = panel.copy()
    other["ARM"] = np.arange(len(panel)) % 4
    before = chains(panel, covariates, part).moves(name, "ARM", ORIGIN)
    np.testing.assert_array_equal(chains(other, covariates, part).moves(name, "ARM", ORIGIN), before)
    assert (chains(other, covariates, TEST).moves(name, "ARM", ORIGIN) != before).any()


def test_covariates_of_armenia(covariates: Covariates) -> None:
    assert covariates.at("ARM", pd.Period("2015-12", "M"))[0] == 0.0
    assert covariates.at("ARM", pd.Period("2020-12", "M"))[0] == 1.0
    assert covariates.at("ARM", pd.Period("2018-12", "M"))[2] == 1.0
    assert covariates.at("ARM", pd.Period("2019-12", "M"))[2] == 0.0
    dependence = covariates.at("ARM", pd.Period("2019-12", "M"))[1]
    assert covariates.at("AZE", pd.Period("2019-12", "M"))[1] < dependence <= 1.0


def test_help_met_in_time_is_no_unmet_attack(covariates: Covariates) -> None:
    assert covariates.at("KAZ", pd.Period("2022-06", "M"))[0] == 0.0
    assert covariates.at("GEO", pd.Period("2008-12", "M"))[0] == 1.0  # attacked by the guarantor


def test_cases_are_answers_to_members_on_record(record: Record, history: Scenario) -> None:
    cases = cases_of(record, history)
    kazakhstan = {case.ally: case.helped for case in cases if case.event == "kazakhstan-2022"}
    assert kazakhstan == dict.fromkeys(["ARM", "BLR", "KGZ", "RUS", "TJK"], True)
    assert not any(case.helped for case in cases if case.event == "attack-2022")
    assert "ukraine-2022" not in {case.event for case in cases}
    assert [case.month for case in cases] == sorted(case.month for case in cases)


def test_naive_answers(record: Record, history: Scenario, covariates: Covariates) -> None:
    cases = cases_of(record, history)
    helpers = Helpers(cases, TEST, covariates)
    asked = AllyCase("batken-2022", pd.Period("2022-09", "M"), "KGZ", "ARM", helped=False)
    said = helpers.chances(asked, pd.Period("2022-06", "M"))
    assert said["persistence"] == 1.0  # its last answer, to Kazakhstan in January
    assert (said["never-helps"], said["base-rate"]) == (0.0, BASE_RATE)
    known = [case.helped for case in cases if case.month <= TEST.fitted]
    assert said["hazard"] == pytest.approx((sum(known) + 0.5) / (len(known) + 1))
    assert all(0.0 <= chance <= 1.0 for chance in said.values())


def test_origins_end_where_their_split_does() -> None:
    tune, test, *left = parts_of(["leave-one-out", "test", "tune"], ["ARM", "BLR"])
    assert [len(tune.origins(horizon)) for horizon in HORIZONS] == [4, 3, 1]
    assert [len(test.origins(horizon)) for horizon in HORIZONS] == [9, 8, 6]
    assert min(test.origins(6)) == pd.Period("2021-12", "M")
    assert [part.without for part in left] == ["ARM", "BLR"]
    assert left[0].origins(6)[0] == origins()[0]
    for part in (tune, test, *left):
        for horizon in HORIZONS:
            assert all(part.first <= origin and origin + horizon <= part.last for origin in part.origins(horizon))
