"""What a report says of the fit behind its parameters: one truth about the intervals, `not tested` where it is so."""

from dataclasses import replace

import pytest

from sim.experiments.parameters.posteriors import shipped_posteriors
from sim.report.answer import answer
from sim.report.content import content
from sim.report.fits import FITTED_TO, counted, fitted_to, is_tested, not_tested, origin
from sim.report.front import intervals
from sim.report.question import ask
from sim.result import Result
from tests.report.conftest import by_hand
from tests.report.test_content import text_of


@pytest.fixture(scope="module")
def csto() -> Result:
    return by_hand({"as-happened": [0, 1], "other": [0, 1]})


@pytest.fixture(scope="module")
def own(small: Result) -> Result:
    """An alliance of one's own, as if its parameters were drawn from the fit of another."""
    return replace(small, posterior={"name": "posterior-full", "digest": "0"})


def test_every_fit_that_ships_says_what_it_was_fitted_to():
    assert all(fitted_to(name) for name in shipped_posteriors())
    assert fitted_to("mine") == ""


def test_an_alliance_of_ones_own_is_not_tested_and_the_fit_is_named_with_its_data(own: Result):
    assert not is_tested(own)
    said = not_tested(own)
    assert said.startswith("Not tested for this alliance (")
    assert (
        "the fit \u2018posterior-full\u2019, which was fitted to the record of the CSTO to June 2026 and a library"
        in said
    )


def test_a_report_on_an_alliance_of_ones_own_holds_nothing_of_another_beside_that(own: Result):
    made = content(ask(own))
    said = text_of(made)
    assert said.count(not_tested(own)) == 2  # on the first pages, and with the limits
    assert not_tested(own) in text_of(made.short())
    rest = said.replace(not_tested(own), "")
    for word in ("CSTO", "Jun 2026", "June 2026", *shipped_posteriors(), "Mean scores", "persistence", "logit"):
        assert word not in rest


def test_the_alliance_of_the_record_has_its_scores(csto: Result):
    assert is_tested(csto)
    said = text_of(content(ask(csto)))
    assert "Not tested" not in said
    assert said.count("cover chance between runs alone") == 3  # how sure, what would change it, how far to trust it
    assert "Tested on this alliance: with parameters fitted to the record up to 2019" in said
    assert "Mean scores by part of the record" in said


@pytest.mark.parametrize(
    ("posterior", "counts", "where"),
    [
        (None, "chance between runs alone", "at their defaults"),
        (
            {"name": "prior", "digest": "0"},
            "chance between runs and the uncertainty of the priors",
            "drawn from the priors",
        ),
        (
            {"name": "posterior-full", "digest": "0"},
            "chance between runs and the uncertainty of the fit",
            f"drawn from the fit to {FITTED_TO['posterior-full']}",
        ),
    ],
)
def test_there_is_one_truth_about_the_intervals(csto: Result, posterior, counts: str, where: str):
    result = replace(csto, posterior=posterior)
    assert (counted(result), origin(result)) == (counts, where)
    said = f"{intervals(ask(result))} {answer(ask(result)).sentences[2]}"
    assert said.count(f"cover {counts}") == 2
    others = {"chance between runs alone", "uncertainty of the priors", "uncertainty of the fit"} - {
        counts.rpartition("and the ")[2]
    }
    assert not any(other in said for other in others)


def test_without_a_fit_that_is_said_too(small: Result):
    plain = replace(small, posterior=None)
    assert not_tested(plain).endswith("the parameters stand at their defaults, from the literature.")
    mine = replace(small, posterior={"name": "mine", "digest": "0"})
    assert not_tested(mine).endswith("the fit \u2018mine\u2019, which does not ship with csto-sim.")
