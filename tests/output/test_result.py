from datetime import date

import numpy as np
import pytest

from sim.errors import InputError
from sim.output.intervals import wilson
from sim.output.responses import RESPONSE_COLUMNS
from sim.result import Result
from sim.words import REDUCE

VOICED = "BBB.posture@2021-12 >= voice"


def test_arrays_carry_their_names(result: Result):
    assert result.trust.sel(branch="help-comes", truster="BBB", trustee="AAA").shape == (12, 13)
    for array in (result.posture, result.approval, result.exit_support, result.reliability, result.pressure):
        assert array.dims == ("branch", "replicate", "date", "state")
    assert result.credibility.dims == ("branch", "replicate", "date")
    assert result.metrics.dims == ("branch", "metric", "replicate")
    assert list(result.responses.columns) == list(RESPONSE_COLUMNS)
    assert len(result.days) == len(result.dates) == 13


def test_values_of_metrics_that_were_asked_for_and_of_others(result: Result):
    asked = result.values("as-it-was", "BBB.trust[AAA]@2021-06")
    june = result.trust.sel(branch="as-it-was", truster="BBB", trustee="AAA", date="2021-06-30").values
    np.testing.assert_array_equal(asked, june)
    other = result.values("as-it-was", "max(BBB.trust[AAA], 2021-05..2021-06)")
    may = result.trust.sel(branch="as-it-was", truster="BBB", trustee="AAA", date="2021-05-31").values
    np.testing.assert_array_equal(other, np.maximum(june, may))
    pact = result.values("as-it-was", "PACT.credibility@end")
    np.testing.assert_array_equal(pact, result.credibility.sel(branch="as-it-was").values[:, -1])
    spaced = result.values("as-it-was", "BBB.trust[ AAA ]@2021-06")
    np.testing.assert_array_equal(spaced, asked)


@pytest.mark.parametrize(
    ("branch", "metric", "said"),
    [
        ("as-it-wos", VOICED, "unknown branch 'as-it-wos'"),
        ("as-it-was", "DDD.posture@end", "unknown member 'DDD'"),
        ("as-it-was", "BBB.trust[ZZZ]@end", "unknown state 'ZZZ'"),
        ("as-it-was", "BBB.arms[AAA]@end", "not recorded"),
        ("as-it-was", "BBB.posture@2031-01", "no tick ends then"),
    ],
)
def test_questions_it_cannot_answer_are_refused(result: Result, branch, metric, said):
    with pytest.raises(InputError, match=said):
        result.values(branch, metric)


def test_comparison_is_paired(result: Result):
    found = result.compare("as-it-was", "help-comes", "BBB.trust[AAA]@end")
    before = result.values("as-it-was", "BBB.trust[AAA]@end")
    after = result.values("help-comes", "BBB.trust[AAA]@end")
    assert found["from"] == pytest.approx(before.mean())
    assert found["to"] == pytest.approx(after.mean())
    assert found["difference"] == pytest.approx((after - before).mean())
    assert 0.1 < found["low"] <= found["difference"] <= found["high"]
    back = result.compare("help-comes", "as-it-was", "BBB.trust[AAA]@end")
    assert back["difference"] == pytest.approx(-found["difference"])
    same = result.compare("as-it-was", "as-it-was", VOICED)
    assert (same["difference"], same["low"], same["high"]) == (0.0, 0.0, 0.0)


def test_comparison_of_dates_is_in_months(result: Result):
    metric = "first(BBB.posture >= voice)"
    found = result.compare("as-it-was", "they-decide", metric)
    ends = [result.values(branch, metric) for branch in ("as-it-was", "they-decide")]
    both = ~np.isnan(ends[0]) & ~np.isnan(ends[1])
    middle = date.fromordinal(int(np.quantile(ends[0][both], 0.5, method="inverted_cdf")))
    assert found["from"] == f"{middle:%Y-%m}"
    assert abs(found["difference"]) < 12
    nothing = result.compare("as-it-was", "help-comes", "first(CCC.posture >= out)")
    assert nothing == {"from": None, "to": None, "difference": None, "low": None, "high": None}


def test_summary_has_a_row_for_each_branch_and_metric(result: Result):
    summary = result.summary()
    assert len(summary) == len(result.branches) * len(result.expressions)
    row = summary[(summary["branch"] == "as-it-was") & (summary["metric"] == VOICED)].iloc[0]
    count = result.values("as-it-was", VOICED).sum()
    assert row["kind"] == "chance"
    assert row["mean"] == pytest.approx(count / 12)
    assert (row["low"], row["high"]) == wilson(count, 12)
    assert row["n"] == 12


def test_chance_of_a_rung_or_beyond(result: Result):
    ranks = result.posture.sel(branch="as-it-was", state="BBB")
    share, low, high = result.chance("as-it-was", "BBB", REDUCE)
    assert share == pytest.approx((ranks.values[:, -1] >= REDUCE).mean())
    assert low < share < high
    assert result.chance("as-it-was", "BBB", REDUCE, result.days[0])[0] == 0.0


def test_report_gives_the_metrics_asked_for(result: Result, tmp_path):
    report = result.as_json(tmp_path, [VOICED])
    assert list(report) == ["result", "scenario", "seed", "replicates", "seconds", "branches"]
    assert list(report["branches"]) == list(result.branches)
    assert list(report["branches"]["as-it-was"]) == [VOICED]
    assert list(report["branches"]["as-it-was"][VOICED]) == ["mean", "median", "q05", "q95", "n"]
    assert len(result.as_json(tmp_path)["branches"]["as-it-was"]) == len(result.expressions)


def test_notebooks_show_the_summary(result: Result):
    page = result._repr_html_()
    assert "A small alliance" in page
    assert "<table" in page


def test_figures_by_kind(result: Result):
    figure = result.plot.trust("BBB")
    assert figure.get_axes()
    with pytest.raises(InputError, match=r"unknown kind of figure 'truss'; .*did you mean 'trust'"):
        result.plot.truss()
