from dataclasses import replace

import pytest

from sim.output.formatting import about, amount, amounts, percent, percents, points
from sim.report.wording import clause, course_words, noun, plain
from sim.result import Result
from sim.scenario.expressions import Compare, parse_metric
from tests.report.conftest import by_hand


@pytest.fixture(scope="module")
def result() -> Result:
    return by_hand({"as-happened": [0, 1], "other": [0, 1]})


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("first(ARM.posture >= freeze) <= 2024-12", "Armenia has reached freeze or beyond by Dec 2024"),
        ("first(ARM.posture >= out) < 2024-12", "Armenia has reached out before Dec 2024"),
        ("first(ARM.posture > reduce) > 2024-12",
         "Armenia has reached a rung beyond reduce after Dec 2024, not earlier"),
        ("ARM.posture@2024-12 >= freeze", "Armenia stands at freeze or beyond in Dec 2024"),
        ("ARM.posture@2024-12 == loyal", "Armenia stands at loyal in Dec 2024"),
        ("BLR.posture@end < reduce", "Belarus stands at a rung below reduce at the end (Dec 2026)"),
        ("ARM.trust[RUS]@2023-12 < 0.5", "Armenia's trust in Russia in Dec 2023 is below 0.5"),
        ("first(ARM.trust[RUS] < 0.5) <= 2023-12", "Armenia's trust in Russia has been below 0.5 by Dec 2023"),
        ("mean(CSTO.credibility, 2021-01..2021-12) >= 0.6",
         "mean of the mean trust of CSTO's members in Russia from Jan 2021 to Dec 2021 is at least 0.6"),
    ],
)  # fmt: skip
def test_what_a_metric_claims(result: Result, metric: str, said: str):
    parsed = parse_metric(metric)
    assert isinstance(parsed, Compare)
    assert clause(result, parsed) == said
    assert noun(result, parsed) == f"chance that {said}"


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("first(ARM.posture >= freeze)", "the month in which Armenia first reaches freeze or beyond"),
        ("first(ARM.trust[RUS] < 0.5)", "the month in which Armenia's trust in Russia first is below 0.5"),
        ("ARM.exit_support@2024-12", "public support for leaving CSTO in Armenia in Dec 2024"),
        ("ARM.approval@start", "public approval of CSTO in Armenia at the start (Jan 2020)"),
        ("ARM.reliability@end", "how reliable Armenia finds Russia at the end (Dec 2026)"),
        ("ARM.dependence[RUS]@end", "Armenia's dependence (Russia) at the end (Dec 2026)"),
        ("RUS.overstretch@end", "Russia's overstretch at the end (Dec 2026)"),
        ("max(ARM.posture, 2021-01..2022-12)", "highest value of Armenia's posture from Jan 2021 to Dec 2022"),
    ],
)
def test_what_a_metric_is(result: Result, metric: str, said: str):
    assert noun(result, parse_metric(metric)) == said


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("ARM.trust[RUS]@end", "Armenia's trust in Russia"),
        ("ARM.posture@2024-12 >= freeze", "chance that Armenia stands at freeze or beyond"),
        ("ARM.trust[RUS]@end < 0.5", "chance that Armenia's trust in Russia is below 0.5"),
        ("first(ARM.posture >= freeze) <= 2024-12", "chance that Armenia has reached freeze or beyond by then"),
        ("first(ARM.trust[RUS] < 0.5)", "chance that Armenia's trust in Russia has been below 0.5 by then"),
    ],
)
def test_the_time_series_behind_a_metric(result: Result, metric: str, said: str):
    assert course_words(result, parse_metric(metric)) == said


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("ARM.trust[RUS]@2023-12", "the Philippines' trust in Russia in Dec 2023"),
        ("ARM.posture@2023-12", "the Philippines' posture in Dec 2023"),
        ("ARM.dependence[RUS]@2023-12", "the Philippines' dependence (Russia) in Dec 2023"),
    ],
)
def test_a_plural_has_no_second_s(result: Result, metric: str, said: str):
    states = dict(result.scenario.states)
    states["ARM"] = states["ARM"].model_copy(update={"name": "the Philippines"})
    renamed = replace(result, scenario=result.scenario.model_copy(update={"states": states}))
    assert noun(renamed, parse_metric(metric)) == said


def test_shares_are_never_rounded_to_all_or_none():
    assert [percent(share) for share in (0.0, 0.001, 0.005, 0.5, 0.996, 1.0)] == [
        "0 %", "<1 %", "1 %", "50 %", ">99 %", "100 %",
    ]  # fmt: skip
    assert percents(0.001, 0.999) == "<1 to >99 %"


def test_differences_have_signs_and_units():
    assert [points(value) for value in (-0.425, 0.014, 0.0049, 0.0)] == [
        "43 percentage points", "1 percentage point", "less than 1 percentage point", "0 percentage points",
    ]  # fmt: skip
    assert amount(-0.415, "chance") == "\N{MINUS SIGN}42 points"
    assert amounts(-1.25, 0.0, "date") == "\N{MINUS SIGN}1.3 to 0.0 months"
    assert about(999) == "1,000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("moved by -0.7 logits (-1)", "moved by \N{MINUS SIGN}0.7 log odds (\N{MINUS SIGN}1)"),
        ("USD 250-400 m in 2022-09", "USD 250-400 m in 2022-09"),
        ("in logits, see example.org/-7", "in log odds, see example.org/-7"),
    ],
)
def test_plain_words_have_log_odds_and_minus_signs(text: str, said: str):
    assert plain(text) == said
