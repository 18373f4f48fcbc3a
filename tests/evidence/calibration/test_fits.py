"""The fits: what each is made from, and a whole calibration on a short history."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.evidence.calibration import calibrating, fits
from sim.evidence.calibration.calibrating import EARLY, FULL, REFERENCE
from sim.evidence.calibration.cube import coordinates, sets_of
from sim.evidence.calibration.fits import ETAS, PER_COORDINATE, Fit, FitSize, Fitter, Target, chosen_eta
from sim.evidence.calibration.forced_cases import ForcedCases
from sim.evidence.calibration.smc import Sample, Settings, Start
from sim.evidence.calibration.smoothing import log_mean
from sim.evidence.cases.reading import CaseFile, cases_of, load_file, outcomes_of
from sim.experiments.parameters.explanations import load_explanations
from sim.experiments.parameters.sources import GENERAL
from sim.model.world import Floats
from sim.scenario import Scenario, load
from tests.docs.play import ROOT
from tests.evidence.cases.made import entry, row

DRAWS = 6


def library() -> ForcedCases:
    """Return one case of 1950 and one of May 2017, whose five years end in 2022."""
    late = entry(
        id="late", cluster="late", key_event=entry()["key_event"] | {"date": "2017-05-20"},
        events=[row("2017-05-20", "coercion", "Patron", "Client", phase="key", part_of_key_test=True)],
        outcomes=[{"date": "2015", "rung": 1, "note": ""}, {"date": "2019-06-01", "rung": 4, "note": "left"}],
    )  # fmt: skip
    file = CaseFile("made.json", {"early": entry(id="early"), "late": late})
    return ForcedCases(cases_of(file), outcomes_of(file), {})


@pytest.fixture(scope="module")
def history() -> Scenario:
    """Return the history of the alliance up to the renewals of 1999."""
    whole = load(ROOT / "scenarios" / "csto-history.toml")
    return whole.model_copy(update={"end": date(1999, 12, 31), "metrics": []})


@pytest.fixture
def fitter(tmp_path: Path, history: Scenario) -> Fitter:
    return Fitter(history, tmp_path, FitSize(), library=library())


def points(seed: int = 1) -> Floats:
    return np.random.default_rng(seed).random((DRAWS, len(coordinates())))


def test_an_early_fit_gives_up_the_cases_that_had_not_run_their_course(fitter: Fitter):
    unit = points()
    terms = fitter.library.terms(sets_of(unit, shifted=False)) * fitter.library.weights
    early = fitter.alliance_target("early", 0.4, until=date(2019, 12, 31))
    assert early.exponents(0.7) == (0.4, 0.0, 0.7, 1.0)
    assert early.log_factors(unit)[:, :2] == pytest.approx(terms)
    factors = fitter.alliance_target("full", 0.4).log_factors(unit)
    assert factors[:, 0] == pytest.approx(terms.sum(axis=1))
    assert factors[:, 1] == pytest.approx(np.zeros(DRAWS))


def test_the_record_counts_by_the_weights_of_members(fitter: Fitter):
    unit = points()
    forced = fitter.forced()
    terms = forced.terms(sets_of(unit, shifted=True)).sum(axis=(2, 3))
    weights = fitter.member_weights(forced)
    assert weights.mean() == pytest.approx(1.0)
    assert fitter.alliance_target("full", 0.4).log_factors(unit)[:, 2] == pytest.approx(terms @ weights)


class Recorder(Fitter):
    """Keeps what it would sample instead of sampling it."""

    asked: tuple[Target, Start | None, Sequence[float]]

    def path(
        self, target: Target, start: Start | None, etas: Sequence[float] = ETAS, settings: Settings | None = None
    ) -> dict[float, Sample]:
        self.asked = target, start, etas
        return {eta: Sample(points(), np.zeros((DRAWS, 4)), 0.0, ()) for eta in etas}


def test_without_a_member_its_part_of_the_record_is_taken_away_from_the_full_fit(tmp_path: Path, history: Scenario):
    recorder = Recorder(history, tmp_path, FitSize(), library=library())
    forced = recorder.forced()
    unit = points()
    terms = forced.terms(sets_of(unit, shifted=True)).sum(axis=(2, 3)) * recorder.member_weights(forced)
    others = np.array(forced.members) != "UZB"
    recorder.without("UZB", Sample(unit, np.zeros((DRAWS, 4)), 0.0, ()), 0.4, 0.7)
    target, start, etas = recorder.asked
    factors = target.log_factors(unit)
    assert factors[:, 1] == pytest.approx(terms[:, others].sum(axis=1))
    assert factors[:, 2] == pytest.approx(terms[:, ~others].sum(axis=1))
    assert start is not None
    assert start.exponents == (0.4, 0.7, 0.7, 1.0)
    assert [target.exponents(eta) for eta in etas] == [(0.4, 0.7, 0.0, 1.0)]


def test_shifts_move_the_alliance_and_not_the_library(fitter: Fitter):
    unit = points()
    moved = unit.copy()
    moved[:, -1] = 1.0 - moved[:, -1]
    target = fitter.alliance_target("full", 0.4)
    here, there = (target.log_factors(places) for places in (unit, moved))
    assert here[:, 0] == pytest.approx(there[:, 0])
    assert not np.allclose(here[:, 2], there[:, 2])


def test_weights_without_a_member_take_its_part_of_the_likelihood_away(fitter: Fitter):
    fit = Fit(FULL, 0.5, points(), np.full(DRAWS, 1.0 / DRAWS), record=True)
    forced = fitter.forced()
    place = forced.members.index("UZB")
    terms = forced.terms(fit.sets).sum(axis=(2, 3))[:, place]
    left = fitter.left_out(fit)
    assert set(left) == set(forced.members)
    expected = np.exp(-0.5 * fitter.member_weights(forced)[place] * terms)
    assert left["UZB"].weight == pytest.approx(expected / expected.sum())  # six draws have no tail to smooth


def test_the_score_of_an_exponent_is_the_log_of_a_mean_chance():
    assert log_mean(np.log([0.5, 0.25]), np.array([0.5, 0.5])) == pytest.approx(np.log(0.375))
    assert log_mean(np.array([-2000.0, -2000.0]), np.array([0.5, 0.5])) == pytest.approx(-2000.0)


def test_the_lowest_of_the_best_exponents_is_chosen():
    assert chosen_eta({1.0: -3.0, 0.4: -2.0, 0.7: -2.0, 0.1: -5.0}) == 0.4


def test_an_explanation_fixes_its_parameters_in_the_draws():
    unit, fixed = points(), {"audience_cost": 0.0}
    fit = Fit("explanation", 1.0, unit, np.full(DRAWS, 1.0 / DRAWS), record=True, fixed=fixed)
    free = sets_of(unit, shifted=True)
    changed = (fit.sets != free).any(axis=0)
    assert changed.sum() == 1


@pytest.mark.slow
def test_a_calibration_makes_every_fit_and_the_same_ones_when_it_is_resumed(
    tmp_path: Path, history: Scenario, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fits, "MOVES", 1)
    monkeypatch.setattr(fits, "MOVES_OF_ALL", 1)
    explanations = dict(list(load_explanations().items())[:1])
    monkeypatch.setattr(calibrating, "load_explanations", lambda: explanations)
    file = load_file()
    names = list(cases_of(file))[:3]
    cases = ForcedCases(
        {name: cases_of(file)[name] for name in names}, {name: outcomes_of(file)[name] for name in names}, {}
    )
    particles = PER_COORDINATE * len(coordinates())
    size = FitSize(particles, particles)
    said: list[str] = []
    found = calibrating.calibrate(Fitter(history, tmp_path, size, library=cases, tell=said.append))
    members = {"ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "RUS", "TJK", "UZB"}
    (explained,) = (f"explanation-{name}" for name in explanations)
    assert set(found.fits) == {
        REFERENCE, GENERAL, EARLY, FULL, explained, f"{explained}-2019", *(f"without-{code}" for code in members),
    }  # fmt: skip
    assert not found.fits[GENERAL].record
    assert found.fits[FULL].record
    assert all(fit.weights.sum() == pytest.approx(1.0) for fit in found.fits.values())
    tried = found.exponents.groupby(["factor", "forecast"])["exponent"].apply(list).to_dict()
    assert tried == {
        ("library", "clusters left out"): list(ETAS), ("record", "2015-2019"): list(ETAS),
        ("record", "2020-2021"): list(ETAS),
    }  # fmt: skip
    assert set(found.members["member"]) <= members
    assert any("exponent" in line and "chosen" in line for line in said)
    again = calibrating.calibrate(Fitter(history, tmp_path, size, library=cases))
    for name, fit in found.fits.items():
        assert np.array_equal(fit.unit, again.fits[name].unit), name
        assert np.array_equal(fit.weights, again.fits[name].weights), name
