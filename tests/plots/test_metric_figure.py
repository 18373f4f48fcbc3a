from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.dates import date2num

from sim.errors import InputError
from sim.output.intervals import median_interval, wilson
from sim.plots.asked import Asked, asked
from sim.plots.metric import metric
from sim.plots.postures import reached_by
from sim.result import Result
from sim.words import FREEZE
from tests.plots.drawn import faults, whole_text
from tests.plots.making import result

CHANCE = "first(ARM.posture >= freeze) <= 2024-12"
TRUST = "ARM.trust[RUS]@2023-12"


def asking(made: Result, *metrics: str) -> Result:
    return replace(made, scenario=made.scenario.model_copy(update={"metrics": list(metrics)}))


def test_a_chance_is_drawn_with_its_interval_at_each_date(made: Result) -> None:
    figure = metric(made, CHANCE, branches=("as-happened", "agents-decide"))
    axes = figure.axes[0]
    held = reached_by(made, "as-happened", "ARM", FREEZE, date(2024, 12, 31))
    line = next(each for each in axes.lines if each.get_label() == "as-happened")
    assert line.get_ydata()[made.days.index(date(2024, 12, 31))] == pytest.approx(held.mean())
    band = next(c for c in axes.collections if isinstance(c, PolyCollection) and c.get_label() == "as-happened 90 %")
    corners = band.get_paths()[0].vertices
    at = np.isclose(corners[:, 0], date2num(date(2024, 12, 31)))
    np.testing.assert_allclose((corners[at, 1].min(), corners[at, 1].max()), wilson(held.sum(), 100))
    assert axes.get_ylim() == (0, 1)
    assert figure.get_label() == (
        "Chance that Armenia has reached freeze or beyond by Dec 2024: 18 % (\u201cas happened\u201d), "
        "5 % (\u201cagents decide\u201d)"
    )


def test_the_value_named_is_the_dot_and_not_the_end_of_the_line(made: Result) -> None:
    figure = metric(made, TRUST, branches=("as-happened",))
    place = made.days.index(date(2023, 12, 31))
    median = np.median(made.trust.sel(branch="as-happened", truster="ARM", trustee="RUS").values[:, place])
    dot = next(each for each in figure.axes[0].lines if each.get_label() == "as-happened asked")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (date2num(date(2023, 12, 31)), pytest.approx(median))
    assert f"Dec 2023: {median:.2f} (" in whole_text(figure)
    assert f"in Dec 2023: {median:.2f}" in figure.get_label()


def test_what_happened_is_marked_where_it_is_on_record(made: Result) -> None:
    def marked(text: str) -> np.ndarray | None:
        lines = [each for each in metric(made, text).axes[0].lines if each.get_label() == "what happened"]
        return np.asarray(lines[0].get_ydata()) if lines else None

    froze, rungs = marked(CHANCE), marked("ARM.posture@end")
    assert set(froze) == {0.0, 1.0}
    assert (np.diff(froze) >= 0).all()
    assert list(dict.fromkeys(rungs)) == [0, 1, 2, 3]
    assert marked(TRUST) is None


def test_the_question_is_the_first_chance_asked(made: Result) -> None:
    assert [each.text for each in asked(asking(made, TRUST, CHANCE))] == [CHANCE, TRUST]
    assert [each.text for each in asked(made, (TRUST, CHANCE))] == [TRUST, CHANCE]
    assert metric(asking(made, TRUST, CHANCE)).get_label().startswith("Chance that Armenia has reached freeze")
    with pytest.raises(InputError, match="neither the scenario nor the run asks for a metric"):
        metric(made)


@pytest.mark.parametrize(
    ("text", "rung", "day"),
    [
        (CHANCE, 3, date(2024, 12, 31)),
        ("ARM.posture@2022-06 >= voice", 1, date(2022, 6, 30)),
        ("first(ARM.posture >= out)", 5, None),
        ("ARM.posture@2022-06 <= voice", None, date(2022, 6, 30)),
        (TRUST, None, date(2023, 12, 31)),
        ("ARM.posture@end", None, date(2026, 12, 31)),
    ],
)
def test_a_question_names_a_rung_and_a_day(made: Result, text: str, rung: int | None, day: date | None) -> None:
    question = Asked(made, text)
    assert (question.rung, question.day, question.member) == (rung, day, "ARM")


def test_values_have_one_form(made: Result) -> None:
    assert Asked(made, CHANCE).value("as-happened") == ("18 %", "13 to 25 %")
    assert Asked(made, "ARM.posture@start").value("as-happened") == ("loyal", "loyal to loyal")
    middle, ends = Asked(made, "first(ARM.posture >= voice)").value("as-happened")
    assert middle == "Sep 2023"
    assert ends.endswith("in 86 % of runs")
    assert Asked(made, "first(KAZ.posture >= out)").value("as-happened") == ("never", "")


def test_an_interval_of_a_median_lies_between_sorted_values() -> None:
    """With 100 values the 90 % interval runs from the 42nd to the 59th (50 less and plus 1.645 x 5, outwards)."""
    middle, low, high = median_interval(np.arange(1.0, 101.0)[:, np.newaxis])
    assert (middle[0], low[0], high[0]) == (50.5, 42.0, 59.0)
    gaps = np.array([[np.nan, np.nan], [2.0, np.nan]])
    assert [end[0] for end in median_interval(gaps)] == [2.0, 2.0, 2.0]
    assert np.isnan(median_interval(gaps)[0][1])


@pytest.mark.parametrize("text", [CHANCE, TRUST, "first(ARM.posture >= voice)", "ARM.posture@end"])
def test_nothing_overlaps(made: Result, text: str) -> None:
    assert faults(metric(made, text)) == []


def test_one_branch_alone_needs_no_name_in_the_title() -> None:
    alone = metric(result(branches=("base",), replicates=10), TRUST)
    assert "base" not in alone.get_label()
    assert faults(alone) == []
