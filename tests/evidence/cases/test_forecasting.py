"""Forecasts of cases by the compiled engine."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.engine.setup import prepare
from sim.evidence.cases.coding import scenario_of
from sim.evidence.cases.forecasting import case_runs, forecast_cases, forecast_of, write_forecasts
from sim.evidence.cases.reading import CaseFile, cases_of, load_file
from sim.evidence.cases.rungs import library_rung
from sim.experiments.alliance_model import AllianceModel
from sim.experiments.parameters.priors import prior_draws
from sim.model.parameters import Parameters
from tests.engine.test_engines import assert_same
from tests.evidence.cases.made import case_of, entry
from tests.evidence.cases.test_coding import moved, nonsense

LIBRARY = load_file()
SOME = list(LIBRARY.cases)[::15]
SETS = prior_draws(12, seed=3)


def test_shares_of_runs_by_hand() -> None:
    runs = np.zeros((2, 2, 61), dtype=np.int64)
    runs[0, 0, 12:] = 3
    runs[0, 1, 20:30] = 4
    runs[1, 1, 60] = 6
    found = forecast_of(runs)
    assert found.rungs[1] == (0.75, 0, 0, 0.25, 0, 0, 0)
    assert found.rungs[5] == (0.5, 0, 0, 0.25, 0, 0, 0.25)
    assert found.exit5 == 0.5


@pytest.mark.parametrize("rung", range(7))
def test_runs_begin_on_the_rung_at_key(rung: int) -> None:
    """The month of the key event is free, so the month before it is looked at, in a case that is not yet decided."""
    scenario = scenario_of(case_of(rung_at_key=rung))
    model = AllianceModel(prepare(scenario), rng=1)
    member = model.setup.codes.index("MEM")
    for _ in range(14):
        model.step()
        diversified, pact = model.world.diversified_to[member, 0] >= 0, model.world.pact_with[member, 0] >= 0
        assert library_rung(model.world.posture[member, 0], diversified, pact) == rung


def test_runs_have_an_end_of_month_from_the_key_event_on() -> None:
    runs = case_runs(case_of(), SETS[:3], 2, seed=1)
    assert runs.shape == (3, 2, 61)
    pinned = case_runs(replace(case_of(), rung_at_key=5), SETS[:3], 1, seed=1)
    assert pinned[:, :, 0].mean() > 4


def test_cases_share_their_random_numbers_and_nothing_else() -> None:
    whole = cases_of(LIBRARY)
    alone = forecast_cases({SOME[1]: whole[SOME[1]]}, SETS)
    among = forecast_cases({name: whole[name] for name in reversed(SOME)}, SETS, threads=2)
    assert alone[SOME[1]] == among[SOME[1]]
    twice = forecast_cases({"one": whole[SOME[0]], "other": whole[SOME[0]]}, SETS)
    assert twice["one"] == twice["other"]


@pytest.mark.parametrize("change", [nonsense, lambda raw: moved(raw, -30)])
def test_predictions_see_nothing_but_the_codings(change, tmp_path: Path) -> None:
    raw = {name: LIBRARY.cases[name] for name in SOME}
    files = [raw, {f"x{place}": change(each) for place, each in enumerate(raw.values())}]
    texts = []
    for place, cases in enumerate(files):
        write_forecasts(forecast_cases(cases_of(CaseFile("made", cases)), SETS), tmp_path / f"{place}.json")
        texts.append(list(json.loads((tmp_path / f"{place}.json").read_text()).values()))
    assert texts[0] == texts[1]


def test_the_file_of_predictions(tmp_path: Path) -> None:
    forecasts = forecast_cases(cases_of(CaseFile("made", {"one": entry()})), SETS)
    write_forecasts(forecasts, tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert list(found["one"]) == ["1", "3", "5", "exit5"]
    assert all(len(found["one"][year]) == 7 and abs(sum(found["one"][year]) - 1) < 1e-9 for year in ("1", "3", "5"))
    assert 0 <= found["one"]["exit5"] <= 1


@pytest.mark.parametrize("name", SOME[:3])
def test_both_engines_run_cases_alike(name: str) -> None:
    assert_same(prepare(scenario_of(cases_of(LIBRARY)[name])), 3, [0], Parameters(*SETS[0].tolist()))
