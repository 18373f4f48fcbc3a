from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.evidence.bank import BankSection
from sim.evidence.fits import EARLY, ESS_FLOOR, FULL, SHARES, Fit, Pool, match, planned_fits, tuned_share
from sim.evidence.influence import screen, screening_design
from sim.evidence.matching import fit_emulators
from sim.evidence.matrix import pattern_matrix
from sim.evidence.patterns import Pattern, load_patterns
from sim.evidence.recovery import posterior_widths, recovery, synthetic_patterns
from sim.experiments.parameters.priors import NAMES, prior_draws, to_unit, with_priors

PLACE = with_priors().index("record_weight")


def panel(name: str, low: float, high: float, year: int = 2000, member: str = "KAZ") -> Pattern:
    return Pattern(name, "A1", "panel", "metric", f"{member}.approval@end", low, high, 0.01, member, date(year, 12, 31))


def section(count: int = 3000, seed: int = 1, patterns: Sequence[Pattern] = (), level: float = 0.0) -> BankSection:
    """Return sets whose statistic is the place of `record_weight` in its prior, for every pattern."""
    sets = prior_draws(count, seed)
    rng = np.random.default_rng(seed)
    seen = to_unit(sets)[:, [PLACE]] + level + rng.normal(0.0, 0.02, (count, 2))
    return BankSection(sets, np.repeat(seen[:, :, None], len(patterns), axis=2), tuple(patterns))


def test_there_is_a_fit_for_everything_that_was_promised():
    names = [fit.name for fit in planned_fits(load_patterns())]
    assert names[:2] == [FULL, EARLY]
    assert {"without-ARM", "without-UZB", "without-BLR", "without-AZE"} <= set(names)


def test_matching_and_weights_find_where_the_truth_lies():
    patterns = (panel("a", 0.65, 0.75),)
    prior = section(patterns=patterns)
    emulators = fit_emulators(prior.parameters, prior.means, ["record_weight", "initial_trust"])
    fits = (Fit("mine", patterns),)
    predicted = emulators.predict(prior.parameters)
    matched = match(emulators, fits, patterns, predicted)
    kept = matched.kept(fits[0], patterns, predicted)
    places = to_unit(prior.parameters)[kept, PLACE]
    assert 0.05 <= kept.mean() < 0.4
    assert places.min() > 0.5
    assert places.max() < 0.9
    pool = Pool.of([prior, prior], [kept, np.zeros(len(prior), dtype=bool)])
    found = pool.fitted("mine", patterns, 0.2, {"seed": 1})
    table = posterior_widths(found).set_index("parameter")
    assert table.loc["record_weight", "narrowed"] < 0.3
    assert table.loc["record_weight", "median"] == pytest.approx(0.7, abs=0.03)  # its prior is uniform on 0..1
    assert table.loc["initial_trust", "narrowed"] == pytest.approx(1.0, abs=0.15)
    assert found.provenance == {"seed": 1}


def test_a_thin_fit_says_so():
    patterns = (panel("a", 0.65, 0.75),)
    thin = Pool.of([section(100, patterns=patterns)]).fitted("mine", patterns, 0.05, {})
    wide = Pool.of([section(3000, patterns=patterns)]).fitted("mine", patterns, 0.2, {})
    assert thin.diagnostics["effective_size"] < ESS_FLOOR <= wide.diagnostics["effective_size"]
    assert (thin.diagnostics["thin"], wide.diagnostics["thin"]) == (True, False)


def test_the_accepted_share_is_chosen_on_2020_and_2021_alone():
    early, later = panel("a", 0.2, 0.8), panel("b", 0.45, 0.55, year=2021)
    beyond = panel("c", 5.0, 6.0, year=2023)
    share, tried = tuned_share(Pool.of([section(patterns=(early, later, beyond))]), (early, later, beyond))
    assert list(tried) == list(SHARES)
    assert share in SHARES
    without, same = tuned_share(Pool.of([section(patterns=(early, later))]), (early, later))
    assert (without, same) == (share, tried)
    assert tuned_share(Pool.of([section(patterns=(early,))]), (early,)) == (SHARES[-1], {})


def test_screening_tells_what_matters_from_what_does_not():
    unit, sets = screening_design(8, seed=1)
    assert sets.shape == (8 * (len(with_priors()) + 1), len(NAMES))
    patterns = (panel("a", 0.0, 0.5), panel("b", 0.0, 1.0, member="BLR"))
    other = with_priors().index("initial_trust")
    values = np.column_stack([unit[:, PLACE], 0.2 * unit[:, other]])
    table = screen(unit, values, patterns, seed=1).set_index("parameter")
    assert table["rank"]["record_weight"] == 1
    assert table["rank"]["initial_trust"] == 2
    assert table["influence"]["record_weight"] == pytest.approx(0.5 * 1.0 / 0.25)  # an effect of 1 on half the weight
    assert (table["influence"].drop(["record_weight", "initial_trust"]) < 1e-9).all()
    assert set(table.index[table["kept"]]) == {"record_weight"}  # it carries nine tenths and more alone
    assert table["pattern"]["initial_trust"] == "b"
    assert table["share"].sum() == pytest.approx(1.0)


def test_synthetic_patterns_follow_the_rules_of_the_record():
    chance = Pattern("x", "A1", "panel", "call", "x", 0.0, 0.35, 0.05, "KAZ")
    number, world = panel("a", 0.4, 0.6), Pattern("w", "A1", "world", "world", "x", 0.0, 0.2, 0.0)
    history = np.array([1.0, 0.3, np.nan])
    made = synthetic_patterns((chance, number, world), history, np.array([0.0, 0.0, 0.5]))
    assert [one.low for one in made] == pytest.approx([0.25, 0.2, 0.4])
    assert [one.high for one in made] == pytest.approx([1.0, 0.4, 0.6])
    made = synthetic_patterns((chance, number), np.array([0.0, np.nan]), np.zeros(2))
    assert [(one.name, one.low, one.high) for one in made] == [("x", 0.0, 0.35)]


class _Toy:
    """A bench on which one history shows the place of `record_weight`."""

    def __init__(self, shift: float = 0.0) -> None:
        self.shift = shift

    def single(self, parameters: np.ndarray, replicates: np.ndarray, seed: int, threads: int) -> np.ndarray:
        noise = np.random.default_rng(seed).normal(0.0, 0.05, (len(replicates), 1))
        return to_unit(parameters)[:, [PLACE]] + self.shift + noise


def recovered(shift: float = 0.0) -> pd.DataFrame:
    prior = section(2000, patterns=(panel("a", 0.4, 0.6),))
    return recovery(_Toy(shift), prior, 0.05, seed=1).set_index("parameter")  # type: ignore[arg-type]


def test_recovery_tells_what_can_be_known():
    table = recovered()
    assert table.loc["record_weight", "identifiable"]
    assert table.loc["record_weight", "correlation"] > 0.9
    assert table.loc["record_weight", "coverage"] >= 0.8
    assert table.loc["record_weight", "rank_p"] > 0.01
    assert table["identifiable"].sum() == 1
    assert table.drop("record_weight")["width"].between(0.85, 1.15).all()


def test_recovery_shows_a_fit_that_is_not_honest():
    table = recovered(shift=0.3)
    assert table.loc["record_weight", "coverage"] < 0.5
    assert table.loc["record_weight", "rank_p"] < 0.001


def test_the_matrix_shows_misses_as_misses():
    patterns = (panel("a", 0.4, 0.6), panel("b", 0.0, 0.1))
    prior = section(200, patterns=patterns)
    found = pattern_matrix(patterns, prior, {"mine": np.array([0.5, np.nan]), "null": np.array([0.0, 0.05])})
    assert found["mine verdict"].tolist() == ["pass", "-"]
    assert found["null verdict"].tolist() == ["miss", "pass"]
    assert found["prior_inside"].tolist() == pytest.approx([0.2, 0.1], abs=0.06)
    assert (found["prior_q05"] < found["prior_q95"]).all()
