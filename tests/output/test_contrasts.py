import numpy as np
import pytest

from sim.errors import InputError
from sim.output.comparing import Difference
from sim.output.contrasts import contrast, contrast_results, default_folder
from sim.output.intervals import unpaired_bootstrap
from sim.plots.contrasts import contrast_rows
from sim.result import Result, run
from sim.scenario import Scenario
from tests.plots.drawn import faults, whole_text

TRUST = "BBB.trust[AAA]@end"
VOICED = "BBB.posture@2021-12 >= voice"
BRANCHES = ("as-it-was", "help-comes", "they-decide")


@pytest.fixture(scope="module")
def other(scenario: Scenario) -> Result:
    """Return the small scenario on other random numbers."""
    return run(scenario, replicates=6, seed=99)


def test_every_branch_has_the_difference_that_two_branches_have(result: Result) -> None:
    found = contrast(result, "as-it-was", BRANCHES[1:], [TRUST, VOICED])
    table = found.table()
    assert table["branch"].tolist() == [*BRANCHES[1:]] * 2
    assert table["metric"].tolist() == [TRUST, TRUST, VOICED, VOICED]
    for branch in BRANCHES[1:]:
        assert found.others[branch][TRUST] == result.compare("as-it-was", branch, TRUST)
    assert found.report()["to"]["help-comes"][TRUST]["difference"] == table["difference"][0]
    assert f"{result.replicates} pairs of runs" in found.in_words()


def test_branches_that_are_not_there_or_twice_are_refused(result: Result) -> None:
    with pytest.raises(InputError, match="unknown branch 'nope'"):
        contrast(result, "as-it-was", ["nope"], [TRUST])
    with pytest.raises(InputError, match="'help-comes' is given twice"):
        contrast(result, "as-it-was", ["help-comes", "help-comes"], [TRUST])
    with pytest.raises(InputError, match="give a folder"):
        default_folder(contrast(result, "as-it-was", ["help-comes"], [TRUST]))


def test_results_of_equal_seed_are_paired_run_by_run(result: Result, scenario: Scenario) -> None:
    fewer = run(scenario, replicates=5, seed=result.seed)
    found = contrast_results(result, "as-it-was", fewer, "as-it-was", [TRUST])
    assert found.paired
    (each,) = found.others.values()
    assert (each[TRUST]["difference"], each[TRUST].pairs) == (0, 5)
    assert "5 pairs of runs on equal random numbers" in found.in_words()


def test_results_of_other_seeds_are_two_samples(result: Result, other: Result) -> None:
    found = contrast_results(result, "as-it-was", other, "help-comes", [TRUST, VOICED], "mine")
    assert not found.paired
    each = found.others["mine: help-comes"][TRUST]
    first, second = result.values("as-it-was", TRUST), other.values("help-comes", TRUST)
    assert each["difference"] == pytest.approx(second.mean() - first.mean())
    assert (each["low"], each["high"]) == unpaired_bootstrap(first, second)
    assert (each.pairs, each.worse, each.narrowed) == (0, None, None)
    assert "two samples" in found.in_words()
    figure = contrast_rows(found)
    assert "mine: help comes" in whole_text(figure).lower()
    assert faults(figure) == []


def test_chances_of_two_samples_have_the_interval_of_newcombe() -> None:
    """56 of 70 and 48 of 80, as in Newcombe (1998), table II, at 90 % instead of 95 %, by hand."""
    first, second = np.repeat([1.0, 0.0], [48, 32]), np.repeat([1.0, 0.0], [56, 14])
    found = Difference(VOICED, first, second, reach=1.0, certain=False, paired=False)
    assert found["difference"] == pytest.approx(0.2)
    assert (found["low"], found["high"]) == pytest.approx((0.0767, 0.3135), abs=5e-4)
    none = Difference(VOICED, np.zeros(40), np.zeros(30), reach=1.0, certain=False, paired=False)
    assert none["low"] < 0 < none["high"]


def test_runs_that_are_all_alike_have_no_interval() -> None:
    found = Difference(TRUST, np.full(4, 0.5), np.full(3, 0.7), reach=1.0, certain=False, paired=False)
    assert found["difference"] == pytest.approx(0.2)
    assert (found["low"], found["high"]) == (None, None)
    assert "no interval is known" in found.note
