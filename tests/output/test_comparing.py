import json
from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.output.comparing import Difference, course_of, reach_of, worse_direction
from sim.output.intervals import mean_interval, unpaired_bootstrap, unseen
from sim.output.store import read, save, save_comparison
from sim.result import Result, run
from sim.scenario.expressions import parse_metric

TRUST = "BBB.trust[AAA]@end"
VOICED = "BBB.posture@2021-12 >= voice"
REDUCED = "BBB.posture@2021-12 >= reduce"
ENDS = ("as-it-was", "help-comes")


def of(metric, first, second, **options):
    values = (np.array(side, dtype=float) for side in (first, second))
    return Difference(metric, *values, **{"reach": 1.0, "certain": False, **options})


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("A.posture@end", 1),
        ("A.trust[B]@end", -1),
        ("A.trust[B]@end < 0.4", 1),
        ("A.trust[B]@end >= 0.4", -1),
        ("A.trust[B]@end == 0.4", 0),
        ("first(A.posture >= freeze)", -1),
        ("first(A.posture >= freeze) <= 2024-12", 1),
        ("first(A.posture >= freeze) > 2024-12", -1),
        ("first(A.trust[B] < 0.4) <= 2024-12", 1),
        ("mean(A.approval, 2021-01..2021-02)", -1),
        ("A.threat[B]@end", 0),
    ],
)
def test_what_is_worse_for_the_alliance(metric, direction):
    assert worse_direction(parse_metric(metric)) == direction


def test_pairs_that_end_worse_better_and_the_same_by_hand():
    found = of("A.posture@end", [0, 1, 2, 3, np.nan], [1, 1, 0, 5, 2], reach=5.0)
    assert (found.worse, found.better, found.same, found.pairs) == (0.5, 0.25, 0.25, 4)
    assert found["difference"] == 0.25
    assert found["to"] == pytest.approx(9 / 5)
    neutral = of("A.threat[B]@end", [0.1, 0.2], [0.3, 0.4])
    assert (neutral.worse, neutral.better, neutral.same) == (None, None, None)


def test_a_date_that_never_comes_is_the_latest():
    day = 738000.0
    found = of("first(A.posture >= freeze)", [day, np.nan, np.nan, day], [np.nan, day, np.nan, day], reach=12.0)
    assert (found.worse, found.better, found.same, found.pairs) == (0.25, 0.25, 0.5, 1)


def test_how_much_pairing_narrows(result: Result):
    ends = ("as-it-was", "they-decide")
    found = result.compare(*ends, REDUCED)
    first, second = (result.values(branch, REDUCED) for branch in ends)
    assert found.unpaired == unpaired_bootstrap(first, second)
    assert found.narrowed == pytest.approx(1 - (second - first).std() / np.sqrt(first.var() + second.var()))
    assert found.narrowed > 0.05
    assert 0.0 < found.better == pytest.approx((second < first).mean())
    assert found.note == ""


def test_the_paired_interval_is_narrower_on_a_shipped_scenario():
    ran = run("scenarios/first-steps.toml", replicates=200)
    found = ran.compare("as-happened", "russia-sends-forces-2022", "KAZ.pressure@2023-12")
    apart = found.unpaired[1] - found.unpaired[0]
    assert found["high"] - found["low"] < 0.6 * apart
    assert found.narrowed > 0.4


def test_no_pair_that_differs_is_no_certainty():
    same = of(VOICED, [0, 1, 0, 1], [0, 1, 0, 1])
    assert same["difference"] == 0.0
    assert (same["low"], same["high"]) == pytest.approx((-unseen(4), unseen(4)))
    assert same.note.startswith("no pair differs: with 4 pairs, up to 53 % of pairs could be otherwise")
    assert "exact binomial bound" in same.note
    assert same.narrowed is None
    shifted = of("A.posture@end", [0, 1], [1, 2], reach=5.0)
    assert shifted["low"] < shifted["difference"] == 1.0 < shifted["high"]
    assert "all pairs differ by 1" in shifted.note
    unknown = of("A.capability@end", [0.1, 0.1], [0.1, 0.1], reach=None)
    assert unknown["low"] is unknown["high"] is None
    assert "no range is known" in unknown.note


def test_what_is_settled_before_branches_part_is_certain(result: Result):
    before = result.compare("as-it-was", "help-comes", "BBB.trust[AAA]@2021-03")
    assert (before["difference"], before["low"], before["high"], before.note) == (0.0, 0.0, 0.0, "")
    after = result.compare("as-it-was", "help-comes", "CCC.posture@2021-04 >= out")
    assert after["low"] < 0.0 < after["high"]


def test_reach_of_metrics(result: Result):
    reaches = {
        "BBB.posture@end": 5.0, TRUST: 1.0, VOICED: 1.0, "BBB.ties[AAA]@end": 2.0, "BBB.pressure@end": None,
        "first(BBB.posture >= voice)": 11.0,
    }  # fmt: skip
    assert {text: reach_of(parse_metric(text), result.days) for text in reaches} == reaches


def test_course_of_a_metric(result: Result):
    label, made = course_of(parse_metric("first(BBB.posture >= voice) <= 2021-06"))
    assert label == "BBB.posture >= voice, reached by then"
    assert made(np.array([[0.0, 1.0, 0.0, np.nan]])).tolist() == [[0.0, 1.0, 1.0, 1.0]]
    assert course_of(parse_metric(TRUST)) == ("BBB.trust[AAA]", None)
    assert course_of(parse_metric(VOICED))[0] == "BBB.posture >= voice"


def test_differences_over_time(result: Result):
    found = result.comparison(*ENDS, [TRUST, "BBB.trust[AAA]@2021-06", VOICED])
    table = found.over_time()
    assert list(dict.fromkeys(table["course"])) == ["BBB.trust[AAA]", "BBB.posture >= voice"]
    trust = table[table["course"] == "BBB.trust[AAA]"].reset_index(drop=True)
    values = [result.trust.sel(branch=branch, truster="BBB", trustee="AAA").values for branch in ENDS]
    differences = values[1] - values[0]
    np.testing.assert_allclose(trust["difference"].astype(float), differences.mean(axis=0))
    np.testing.assert_allclose(trust["q95"], np.quantile(differences, 0.95, axis=0))
    assert (trust.loc[:3, ["low", "high"]] == 0).all(axis=None)
    june = 6
    assert (trust["low"][june], trust["high"][june]) == pytest.approx(mean_interval(differences[:, june], 1.0)[:2])
    chances = table[table["course"] == "BBB.posture >= voice"]
    assert chances["q95"].isna().all()
    assert (chances["high"].iloc[4:] > chances["low"].iloc[4:]).all()


def test_shows_itself_in_notebooks(result: Result):
    found = result.comparison(*ENDS)
    assert found.metrics == result.expressions
    assert "From as-it-was to help-comes" in found._repr_html_()
    assert TRUST in result.compare(*ENDS, TRUST)._repr_html_()
    assert list(result.compare(*ENDS, TRUST)) == ["from", "to", "difference", "low", "high"]
    assert json.loads(json.dumps(found.report()))["metrics"][TRUST] == result.compare(*ENDS, TRUST)


def test_branches_that_are_not_there_are_refused(result: Result):
    with pytest.raises(InputError, match="unknown branch 'nope'; allowed: as-it-was"):
        result.comparison("as-it-was", "nope")


def test_a_comparison_is_stored_beside_its_result(result: Result, tmp_path):
    with pytest.raises(InputError, match="not stored"):
        save_comparison(result.comparison(*ENDS))
    stored = read(save(result, tmp_path / "mine"))
    folder = save_comparison(stored.comparison(*ENDS, [TRUST]))
    assert folder == tmp_path / "mine" / "comparisons" / "as-it-was-to-help-comes"
    assert sorted(path.name for path in folder.iterdir()) == ["comparison.csv", "over-time.csv"]
    assert (folder / "comparison.csv").read_text().splitlines()[1].startswith(TRUST)
    read(tmp_path / "mine")
    elsewhere = save_comparison(stored.comparison(*ENDS, [TRUST]), tmp_path / "there")
    assert (elsewhere / "over-time.csv").read_bytes() == (folder / "over-time.csv").read_bytes()
    with pytest.raises(InputError, match="not empty"):
        save_comparison(stored.comparison(*ENDS), tmp_path / "there")


def test_metrics_without_a_recorded_course_are_compared_all_the_same(result: Result):
    metrics = result.metrics.assign_coords(metric=[*result.expressions[:-1], "BBB.arms[AAA]@end"])
    changed = replace(result, metrics=metrics)
    found = changed.comparison(*ENDS, ["BBB.arms[AAA]@end"])
    assert found.unrecorded == ("BBB.arms[AAA]@end",)
    assert found.courses == ()
    assert found.over_time().empty
    assert found.table()["difference"].notna().all()
