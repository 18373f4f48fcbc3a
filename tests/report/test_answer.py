from dataclasses import replace

import pytest

from sim.output.intervals import wilson
from sim.report.answer import answer
from sim.report.question import ask
from tests.report.conftest import FROZE, by_hand, counts

A, B = "as-happened", "help-comes"


def said(frozen: dict[str, list[int]], metric: str = FROZE) -> tuple[str, str, str]:
    return answer(ask(by_hand(frozen), metrics=[metric])).sentences


def test_a_clear_difference_is_given_with_its_interval_and_is_more_than_chance():
    standing, differing, changing = said({A: counts(160, 200), B: counts(40, 200)})
    low, high = wilson(40, 200)
    assert standing == (
        "In the model it is unlikely that Armenia stands at freeze or beyond in Dec 2024 under \u201chelp comes\u201d "
        f"(20 %, 90 % interval {100 * low:.0f} to {100 * high:.0f} %), and likely under \u201cas happened\u201d "
        "(80 %, 90 % interval 75 to 84 %)."
    )
    assert "From \u201cas happened\u201d to \u201chelp comes\u201d that is 60 percentage points less" in differing
    assert "over 200 pairs of runs" in differing
    assert differing.endswith("which is more than chance alone would make.")
    assert "all parameters at their defaults" in changing


def test_the_order_of_the_branches_decides_the_sign():
    result = by_hand({A: counts(160, 200), B: counts(40, 200)})
    forth, back = (answer(ask(result, *pair)) for pair in ((A, B), (B, A)))
    assert forth.difference is not None
    assert back.difference is not None
    assert forth.difference.value == -(back.difference.value or 0.0) == pytest.approx(-0.6)
    assert "60 percentage points more" in back.sentences[1]


def test_a_difference_that_chance_could_make_is_said_to_be_one_with_the_runs_it_would_take():
    first = counts(50, 100)
    second = first.copy()
    second[0], second[1], second[99] = 0, 0, 1
    _, differing, changing = said({A: first, B: second})
    assert "1 percentage point less" in differing
    assert "these runs do not tell the two branches apart" in differing
    assert "pairs would tell a difference of this size from none" in changing


def test_no_difference_is_no_certainty():
    _, differing, changing = said({A: counts(50, 100), B: counts(50, 100)})
    assert differing == (
        "In all 100 pairs of runs that share their random draws the two branches end the same. A difference of "
        "up to 3 percentage points either way is still possible (90 % interval)."
    )
    assert "more than chance" not in differing
    assert "would tell a difference" not in changing


def test_gains_and_losses_that_cancel_are_no_change_in_all():
    first, second = counts(10, 100), [0] * 90 + [1] * 10
    _, differing, _ = said({A: first, B: second})
    assert "that is no change in all (90 % interval" in differing
    assert "do not tell the two branches apart" in differing


def test_few_runs_are_said_to_be_few_and_their_words_are_wide():
    standing, differing, _ = said({A: [1, 0, 1, 0], B: [0, 0, 1, 0]})
    assert "anywhere from unlikely to likely under \u201cas happened\u201d" in standing
    assert "4 runs are few, and another seed can say otherwise" in differing


def test_one_run_says_hardly_anything():
    standing, differing, _ = said({A: [1], B: [0]})
    assert "anywhere from exceptionally unlikely to likely" in standing
    assert "anywhere from unlikely to virtually certain" in standing
    assert "In the one pair of runs" in differing
    assert "1 run is few" in differing


def test_all_or_none_is_bounded_by_what_the_runs_can_tell():
    standing, differing, _ = said({A: counts(100, 100), B: counts(0, 100)})
    assert "anywhere from exceptionally unlikely to very unlikely" in standing
    assert "(0 %, 90 % interval 0 to 3 %)" in standing
    assert "(100 %, 90 % interval 97 to 100 %)" in standing
    assert "differ by \N{MINUS SIGN}100 points, which leaves a 90 % interval of \N{MINUS SIGN}100 to" in differing


def test_the_same_word_for_both_is_said_once():
    standing, *_ = said({A: counts(500, 1000), B: counts(450, 1000)})
    assert standing.count("about as likely as not") == 1
    assert "both under \u201chelp comes\u201d (45 %" in standing


def test_one_branch_is_answered_without_a_comparison():
    standing, differing, _ = said({A: counts(160, 200)})
    assert standing.startswith("In the model it is likely that Armenia stands")
    assert "nothing is compared" in differing


def test_the_branch_that_moves_it_most_is_named():
    _, _, changing = said({A: counts(80, 100), B: counts(60, 100), "third": counts(70, 100), "fourth": counts(10, 100)})
    assert "\u201cfourth\u201d is furthest from \u201cas happened\u201d (10 %, 6 to 16 %)" in changing
    _, _, changing = said({A: counts(8, 10), B: counts(6, 10), "third": counts(8, 10)})
    assert "no other branch: all end as" in changing


def test_parameters_off_their_defaults_are_counted():
    result = by_hand({A: counts(1, 40), B: counts(0, 40)})
    told = result.scenario.model_copy(update={"parameters": {"memory_half_life": 24.0}})
    assert "1 parameter set by the scenario" in answer(ask(replace(result, scenario=told))).sentences[2]


def test_numbers_are_medians_with_the_spread_of_runs():
    standing, differing, _ = said({A: counts(0, 60), B: counts(60, 60)}, "ARM.trust[RUS]@2023-12")
    assert standing.startswith("In the model, Armenia's trust in Russia in Dec 2023 is 0.")
    assert "(median of 60 runs, nine in ten of them from 0." in standing
    assert "on average (90 % interval" in differing


def test_dates_are_medians_of_the_runs_that_have_one():
    result = by_hand({A: counts(40, 40), B: counts(0, 40)})
    standing, differing, _ = answer(ask(result, metrics=["first(ARM.posture >= freeze)"])).sentences
    assert "comes in no run under \u201chelp comes\u201d" in standing
    assert "(median of 40 runs" in standing
    assert differing.startswith("No pair of runs has a value under both")
