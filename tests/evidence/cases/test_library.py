"""Forecasts of the library without each case's own cluster, by hand and on a small made-up library."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.evidence.calibration.smoothing import smooth
from sim.evidence.cases.judged import TABLES, draws_of_posterior, judge
from sim.evidence.cases.library import FitDraws, JudgedLibrary, exchanged, mechanism_scores
from sim.evidence.cases.reading import CaseFile
from sim.experiments.parameters.posteriors import Posterior
from sim.experiments.parameters.priors import prior_draws
from sim.mechanisms import MECHANISMS
from tests.evidence.cases.made import Entry, entry

DRAWS = 40


def made_file() -> CaseFile:
    """Return four cases in three clusters; those who were given little have frozen."""

    def one(place: int, cluster: str, given: float, last: int) -> Entry:
        key = {"date": "1950-05-20", "description": "", "owed": 0.7, "given": given, "excuse": "none"}
        steps = [{"date": "1940", "rung": 1, "note": ""}, {"date": "1952-06-01", "rung": last, "note": ""}]
        return entry(
            id=f"case_{place}", cluster=cluster, key_event=key, outcomes=steps, alliance_family="north",
            by_years={"1": 1, "3": last, "5": last}, max_rung_within_5y=last,
        )  # fmt: skip

    cases = [one(0, "a", 0.0, 4), one(1, "a", 0.1, 4), one(2, "b", 0.9, 1), one(3, "c", 0.3, 2)]
    return CaseFile("made.json", {case["id"]: case for case in cases})


@pytest.fixture(scope="module")
def library() -> JudgedLibrary:
    return JudgedLibrary(made_file(), FitDraws(prior_draws(DRAWS, 1), np.full(DRAWS, 1.0 / DRAWS), 0.5))


def test_a_draw_has_no_credit_for_the_cluster_that_is_forecast(library):
    weights, _ = library.left_out()
    terms = library.forced.terms(library.draws.sets)
    own = terms[:, :2] @ library.forced.weights[:2]
    assert weights[0] == pytest.approx(smooth(-0.5 * own).weight)
    assert weights[0] == pytest.approx(weights[1])
    assert not np.allclose(weights[0], weights[2])
    assert weights.sum(axis=1) == pytest.approx(np.ones(4))


def test_a_variant_is_fitted_again_to_all_other_clusters(library):
    off = MECHANISMS["evidence"].off
    changed = library.terms_of(library.cases, off)
    weights, _ = library.left_out(changed)
    whole = library.forced.terms(library.draws.sets)
    pull = 0.5 * (changed[:, 2:] @ library.forced.weights[2:]) - 0.5 * (whole @ library.forced.weights)
    assert weights[0] == pytest.approx(smooth(pull).weight)


def test_scores_are_of_whole_clusters(library):
    found = library.log_scores()
    weights, _ = library.left_out()
    terms = library.forced.terms(library.draws.sets)
    assert found[2] == pytest.approx(np.log(weights[3] @ np.exp(terms[:, 3] * library.forced.weights[3])))
    assert found.shape == (3,)


def test_forecasts_use_their_own_weights(library):
    alone = np.zeros((4, DRAWS))
    alone[:, 7] = 1.0
    spread = np.full((4, DRAWS), 1.0 / DRAWS)
    one, all_ = library.forecasts(alone), library.forecasts(spread)
    assert one.rungs.sum(axis=-1) == pytest.approx(np.ones((4, 3)))
    assert set(np.unique(one.rungs * 4).round(6)) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    assert not np.allclose(one.rungs, all_.rungs)


def test_events_are_exchanged_between_clusters_and_context_stays(library):
    for seed in range(5):
        cases = exchanged(library, seed)
        assert list(cases) == list(library.cases)
        for name, case in cases.items():
            own = library.cases[name]
            assert (case.threat_after, case.defence) == (own.threat_after, own.defence)
            givers = [other for other, given in library.cases.items() if given.key == case.key]
            clusters = dict(zip(library.cases, library.forced.clusters, strict=True))
            assert clusters[name] not in {clusters[giver] for giver in givers}


def test_each_mechanism_has_a_gain_with_an_interval(library):
    table = mechanism_scores(library, ["evidence", "dependence"])
    assert set(table["mechanism"]) == {"evidence", "dependence"}
    assert (table["low"] <= table["gain"] + 1e-12).all()
    assert (table["gain"] <= table["high"] + 1e-12).all()


def test_a_judgement_has_every_table_and_is_saved(tmp_path):
    draws = Posterior.of_sets("general", prior_draws(DRAWS, 1), np.full(DRAWS, 1.0 / DRAWS), {"exponent": 0.5})
    found = judge(made_file(), draws, permutations=2)
    assert set(found.tables) == set(TABLES)
    found.save(tmp_path / "cases")
    assert {path.stem for path in (tmp_path / "cases").iterdir()} == set(TABLES)
    cases = found.tables["cases"]
    assert list(cases["exit"]) == [1.0, 1.0, 0.0, 0.0]
    assert set(found.tables["variants"]["rival"]) == {"trust frozen", "events exchanged"}


def test_a_posterior_that_is_no_fit_to_the_library_is_refused():
    other = Posterior.of_sets("mine", prior_draws(3, 1), np.full(3, 1.0 / 3.0))
    with pytest.raises(InputError, match="mine is no fit to the library"):
        draws_of_posterior(other)
